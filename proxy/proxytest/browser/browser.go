// Package browser lets tests look at pages in a real, headless Chromium.
package browser

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for one thing on a busy machine.
const patience = 2 * time.Minute

// Start starts a browser with windows of that size in pixels, until the test
// ends. Where none is installed the test is skipped, loudly; under
// ATTUNE_TEST_FULL=1 it fails.
func Start(t *testing.T, width, height int) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("ATTUNE_TEST_FULL") == "1" {
			t.Fatal("chromium is not installed, and ATTUNE_TEST_FULL=1 asks for it")
		}
		t.Skip("SKIPPED: chromium is not installed; pages are not tested in a browser")
	}
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), // clean-ups run after its end
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true),
		chromedp.WindowSize(width, height), chromedp.WSURLReadTimeout(patience),
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

// Tab is one page of a browser, with its own cookies and storage. It belongs to
// one test.
type Tab struct {
	t     *testing.T
	ctx   context.Context
	close context.CancelFunc
	// Failed, if set, is called before the test fails for something that never
	// came, to take a picture, say.
	Failed func()
}

// Open opens an empty page, until the test ends.
func Open(t *testing.T, browser context.Context) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return &Tab{t: t, ctx: ctx, close: cancel}
}

// Strict makes the test fail for scripts of the page that throw, and for what
// its content security policy forbids. It is to be called before the page goes
// anywhere.
func (b *Tab) Strict() {
	messages := chromedp.Console(b.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Source == "security" {
				b.t.Errorf("the page complains: %s (%s:%d)", m, m.URL, m.Line+1)
			}
		}
	}()
	b.t.Cleanup(func() {
		b.close()
		<-done
	})
}

// Do takes steps, one after another.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// Until waits until a JavaScript expression holds. It asks again when the page
// went away meanwhile, as it does when a form is sent.
func (b *Tab) Until(expression string) {
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
			if b.Failed != nil {
				b.Failed()
			}
			b.t.Fatalf("never became true: %s\nlast error: %v\nthe page reads:\n%s", expression, err, b.Text("body"))
		}
	}
}

// Text is what a part of the page reads, "" when there is none.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return Value[string](b, "document.querySelector('"+selector+"')?.innerText ?? ''")
}

// Picture is the page as a PNG.
func (b *Tab) Picture() []byte {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	return png
}

// Value is what a JavaScript expression comes to; a promise is waited for.
func Value[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Roles are the parts of the page as assistive software finds them: "role name",
// in order, those without a name only by their role.
func (b *Tab) Roles() []string {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, n := range tree.Nodes {
		if n.Ignored || n.Role == nil {
			continue
		}
		word := func(v *accessibility.Value) string {
			var s string
			if v != nil {
				_ = json.Unmarshal(v.Value, &s) // what is no text has no name
			}
			return s
		}
		out = append(out, strings.TrimSpace(word(n.Role)+" "+word(n.Name)))
	}
	return out
}
