package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for one thing on a busy machine.
const patience = 30 * time.Second

// chromium starts a headless browser for the test, or skips it loudly.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("ATTUNE_TEST_FULL") == "1" {
			t.Fatal("chromium is not installed, and ATTUNE_TEST_FULL=1 asks for it")
		}
		t.Skip("SKIPPED: chromium is not installed; the demo's page is not tested in a browser")
	}
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), // clean-ups run after its end
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true),
		chromedp.WindowSize(1200, 860),
	)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("browser did not stop well: %v", err)
		}
	})
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	return ctx
}

// tab is one page of a browser, with its own cookies and storage.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func open(t *testing.T, browser context.Context, url string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.Navigate(url))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits until a JavaScript expression holds.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if ok && err == nil {
			return
		}
		select {
		case <-ask.C:
		case <-ctx.Done():
			b.shot("failed")
			b.t.Fatalf("never became true: %s\nlast error: %v\nthe page reads:\n%s", expression, err, b.text("body"))
		}
	}
}

// text is what a part of the page reads.
func (b *tab) text(selector string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector('"+selector+"')?.innerText ?? ''"))
	if err != nil {
		b.t.Log(err)
	}
	return v
}

// shot keeps a picture of the page in the folder that ATTUNE_TEST_SHOTS
// names, if it does.
func (b *tab) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("ATTUNE_TEST_SHOTS")
	if dir == "" {
		return
	}
	const still = `document.getAnimations().every(a => a.playState !== 'running' || a.effect.getTiming().iterations === Infinity)`
	for range 50 {
		if ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](still)); ok || err != nil {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Log(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		b.t.Log(err)
	}
}

// The page alone, with the bot right behind it: it plays, it can be typed
// into, it comes back after the bot was away, and keeps what was said.
func TestDemoPageInBrowser(t *testing.T) {
	browser := chromium(t)
	play, err := parseScript(demoScript)
	if err != nil {
		t.Fatal(err)
	}
	bot, err := startDemoBot(t.Context(), play, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bot.stop)
	bot.bot.pause = 0
	page := &demoPage{script: play, port: port(bot.listener.net), console: func(string) (string, error) { return "", nil }}
	handler, err := page.handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	w := open(t, browser, server.URL)
	w.until(`document.querySelector('#state').textContent === 'Connected'`)
	w.until(`document.querySelectorAll('.bot').length === 1`) // the greeting
	w.do(chromedp.Click(chromedp.CSS("#play-double-charge")))
	w.until(`document.querySelectorAll('.you').length === 6`)
	w.until(`document.querySelectorAll('.bot').length === 7`)
	if log := w.text("#log"); !strings.Contains(log, "As I already said, you must enter your invoice number.") {
		t.Errorf("the log reads:\n%s", log)
	}
	w.until(`!document.querySelector('[aria-pressed=true]')`)
	if own := w.text(".own"); own != "" {
		t.Errorf("the bot's own words are shown though nothing was reworded: %q", own)
	}
	w.shot("demo-page")

	// A reload keeps the conversation and is greeted no second time.
	w.do(chromedp.Reload())
	w.until(`document.querySelectorAll('.you').length === 6 && document.querySelector('#state').textContent === 'Connected'`)
	w.do(chromedp.SendKeys(chromedp.CSS("#say"), "Are you sure?\r"))
	w.until(`document.querySelectorAll('.bot').length === 8`)

	// Labels for those who listen rather than look.
	for _, expression := range []string{
		`document.querySelector('#log').getAttribute('role') === 'log'`,
		`document.querySelector('.you .who').textContent === 'You'`,
		`document.querySelector('.bot .who').textContent === 'Bot'`,
		`[...document.querySelectorAll('button, a, input')].every(e => e.textContent.trim() || e.labels?.length)`,
	} {
		w.until(expression)
	}

	w.do(chromedp.Click(chromedp.CSS("#afresh")))
	w.until(`document.querySelectorAll('.you').length === 0 && document.querySelectorAll('.bot').length === 1`)
}
