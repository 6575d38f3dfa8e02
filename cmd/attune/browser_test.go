package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"attune/proxy/proxytest/browser"
)

// tab is one page of a browser.
type tab struct {
	*browser.Tab
	t *testing.T
}

func open(t *testing.T, chromium context.Context, url string) *tab {
	t.Helper()
	b := &tab{Tab: browser.Open(t, chromium), t: t}
	b.Failed = func() { b.shot("failed") }
	b.Do(chromedp.Navigate(url))
	return b
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
		if browser.Value[bool](b.Tab, still) {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), b.Picture(), 0o600); err != nil {
		b.t.Log(err)
	}
}

// The page alone, with the bot right behind it: it plays, it can be typed
// into, it comes back after the bot was away, and keeps what was said.
func TestDemoPageInBrowser(t *testing.T) {
	chromium := browser.Start(t, 1200, 860)
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

	w := open(t, chromium, server.URL)
	w.Until(`document.querySelector('#state').textContent === 'Connected'`)
	w.Until(`document.querySelectorAll('.bot').length === 1`) // the greeting
	w.Do(chromedp.Click(chromedp.CSS("#play-double-charge")))
	w.Until(`document.querySelectorAll('.you').length === 6`)
	w.Until(`document.querySelectorAll('.bot').length === 7`)
	if log := w.Text("#log"); !strings.Contains(log, "As I already said, you must enter your invoice number.") {
		t.Errorf("the log reads:\n%s", log)
	}
	w.Until(`!document.querySelector('[aria-pressed=true]')`)
	if own := w.Text(".own"); own != "" {
		t.Errorf("the bot's own words are shown though nothing was reworded: %q", own)
	}
	w.shot("demo-page")

	// A reload keeps the conversation and is greeted no second time.
	w.Do(chromedp.Reload())
	w.Until(`document.querySelectorAll('.you').length === 6 && document.querySelector('#state').textContent === 'Connected'`)
	w.Do(chromedp.SendKeys(chromedp.CSS("#say"), "Are you sure?\r"))
	w.Until(`document.querySelectorAll('.bot').length === 8`)

	// Labels for those who listen rather than look.
	for _, expression := range []string{
		`document.querySelector('#log').getAttribute('role') === 'log'`,
		`document.querySelector('.you .who').textContent === 'You'`,
		`document.querySelector('.bot .who').textContent === 'Bot'`,
		`[...document.querySelectorAll('button, a, input')].every(e => e.textContent.trim() || e.labels?.length)`,
	} {
		w.Until(expression)
	}

	w.Do(chromedp.Click(chromedp.CSS("#afresh")))
	w.Until(`document.querySelectorAll('.you').length === 0 && document.querySelectorAll('.bot').length === 1`)
}
