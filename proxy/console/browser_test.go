package console_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"attune/proxy/console"
)

// chromium starts a headless browser for the test, or skips it loudly.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("ATTUNE_TEST_FULL") == "1" {
			t.Fatal("chromium is not installed, and ATTUNE_TEST_FULL=1 asks for it")
		}
		t.Skip("SKIPPED: chromium is not installed; the console's pages are not tested in a browser")
	}
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), // clean-ups run after its end
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true),
		chromedp.WindowSize(1280, 800),
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

// tab is one page of a browser, with its own cookies.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// newTab opens a page whose scripts must not throw and must not do what the
// content security policy forbids.
func newTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	messages := chromedp.Console(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Source == "security" {
				t.Errorf("the page complains: %s (%s:%d)", m, m.URL, m.Line+1)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return &tab{t: t, ctx: ctx}
}

// logIn follows a log-in link.
func (b *tab) logIn(r *room, name string, role console.Role) {
	b.t.Helper()
	ticket, err := r.NewTicket(name, role, time.Minute)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate(r.url + "/console/login?ticket=" + ticket))
	b.until(`document.querySelector('#line').dataset.state === 'live'`)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits until a JavaScript expression holds. It asks again when the
// page went away meanwhile, as it does when a form is sent.
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
			b.shoot("failed.png")
			b.t.Fatalf("never became true: %s: %v\n%s", expression, err, b.text("body"))
		}
	}
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

func (b *tab) keys(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	return js[string](b, `document.querySelector('`+selector+`').innerText`)
}

func js[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// shoot keeps a picture of the page.
func (b *tab) shoot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(b.t.ArtifactDir(), name)
	if err := os.WriteFile(path, png, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("picture: %s (%d bytes)", path, len(png))
}

func TestBrowser(t *testing.T) {
	browser := chromium(t)

	t.Run("an agent takes, talks and returns", func(t *testing.T) {
		waiting := console.Conversation{Summary: console.Summary{
			Session: "s2", Desk: "support", State: "queued", Reason: "two-failures", Why: "After two failures people prefer a person, always.",
			Feelings: map[string]float64{"unfulfilled": 4, "frustrated": 1}, Score: 5, Since: epoch.Add(-40 * time.Second), Last: "no, the other card",
		}}
		long := parcel("s1")
		long.Since = epoch.Add(-7 * time.Minute)
		r := open(t, long, waiting)
		mia := newTab(t, browser)
		mia.logIn(r, "Mia", console.Agent)
		mia.until(`document.querySelectorAll('.row').length === 2`)
		mia.shoot("list.png")
		if got := mia.text("#queue-list"); !strings.Contains(got, "7 min") || strings.Index(got, "human") > strings.Index(got, "other card") {
			t.Errorf("list: %s", got)
		}
		// By keyboard: Tab to the list, arrows, Enter.
		mia.do(chromedp.Focus(chromedp.CSS(".row")))
		mia.keys(kb.ArrowDown)
		mia.until(`document.activeElement.dataset.session === 's2'`)
		mia.keys(kb.ArrowUp + kb.Enter)
		mia.until(`!document.querySelector('#take').hidden && document.querySelector('#open-title').textContent === 'Asks for person'`)
		mia.until(`document.activeElement.dataset.session === 's1'`) // the focus stayed
		for _, want := range []string{"The bot wrote: Sorry, I did not get that.", "soften-fallback", "too late: not sent", "Came back"} {
			if got := mia.text("#log"); !strings.Contains(got, want) {
				t.Errorf("transcript lacks %q:\n%s", want, got)
			}
		}
		for _, want := range []string{"A refused exit", "asks-for-person", "dominated", "third time", "order number twice", "order 4711", "A person within"} {
			if got := mia.text(".card"); !strings.Contains(got, want) {
				t.Errorf("card lacks %q:\n%s", want, got)
			}
		}
		mia.shoot("reading.png")

		mia.click("#take")
		mia.until(`document.activeElement.id === 'words'`) // ready to type
		mia.do(chromedp.SendKeys(chromedp.CSS("#words"), "Hi, Mia here. I see your parcel."))
		mia.keys(kb.Enter)
		mia.until(`document.querySelector('#log').innerText.includes('I see your parcel.') && document.querySelector('#words').value === ''`)
		r.board.hear("s1", console.Turn{Role: "customer", Text: "finally, thank you!", At: epoch})
		mia.until(`document.querySelector('#log').innerText.includes('finally, thank you!')`) // over the socket
		mia.shoot("talking.png")

		// A reload loses nothing, not even a draft.
		mia.do(chromedp.SendKeys(chromedp.CSS("#words"), "half a sent"))
		mia.do(chromedp.Reload())
		mia.until(`!document.querySelector('#composer').hidden && document.querySelector('#words').value === 'half a sent'`)

		mia.click("#return")
		mia.until(`document.querySelector('#notice').textContent === 'Back with the bot.' && document.querySelectorAll('.row').length === 1`)
		if _, err := r.board.Conversation(t.Context(), "s1"); err == nil {
			t.Error("not returned")
		}

		// The other one: closed with one tap.
		mia.click(".row")
		mia.until(`!document.querySelector('#take').hidden`)
		mia.click("#take")
		mia.until(`!document.querySelector('#close').hidden`)
		mia.click(`[data-verdict="too-early"]`)
		mia.until(`!document.querySelector('#queue-empty').hidden`)
		if got := r.board.verdict("s2"); got != console.TooEarly {
			t.Errorf("verdict %q", got)
		}
		mia.shoot("empty.png")
	})

	t.Run("two agents race", func(t *testing.T) {
		r := open(t, parcel("s1"))
		mia, noah := newTab(t, browser), newTab(t, browser)
		for _, who := range []struct {
			tab  *tab
			name string
		}{{mia, "Mia"}, {noah, "Noah"}} {
			who.tab.logIn(r, who.name, console.Agent)
			who.tab.until(`document.querySelector('.row')`)
			who.tab.click(".row")
			who.tab.until(`!document.querySelector('#take').hidden`)
		}
		// Noah's page does not know yet that Mia was faster.
		js[chromedp.Void](noah, `window.held = []; window.fetch = ((f) => (u, o) =>
			(o?.method === 'POST' ? f(u, o) : new Promise((go) => { window.held.push(() => go(f(u, o))); })))(window.fetch)`)
		mia.click("#take")
		mia.until(`!document.querySelector('#composer').hidden`)
		noah.click("#take")
		noah.until(`document.querySelector('#take').disabled`)
		js[chromedp.Void](noah, `setInterval(() => window.held.splice(0).forEach((go) => go()), 10)`)
		noah.until(`document.querySelector('#alert').textContent === 'Mia has this conversation.'`)
		noah.until(`document.querySelector('#open-state').textContent === 'with Mia' && document.querySelector('#composer').hidden`)
		noah.shoot("lost.png")
	})

	t.Run("hostile text stays text", func(t *testing.T) {
		const evil = `<img src=x onerror="window.owned=1"><script>window.owned=1</script><b id="evil">bold</b>`
		conv := parcel("s1")
		conv.Reason, conv.Why, conv.Goal, conv.Last, conv.Desk, conv.Language = evil, evil, evil, evil, evil, `"><b id=evil>`
		conv.Words, conv.Tried, conv.Facts = []string{evil, "(", "["}, []string{evil}, []string{evil}
		conv.Promises = []console.Promise{{Text: evil}}
		conv.Feelings = map[string]float64{evil: 3, "angry": 2}
		for i := range conv.Turns {
			conv.Turns[i].Text = evil
			conv.Turns[i].Rules, conv.Turns[i].Signals = []string{evil}, []string{evil}
			conv.Turns[i].Event = evil
		}
		conv.Turns = append(conv.Turns, console.Turn{Role: evil, Text: evil}, console.Turn{Role: "agent", Agent: evil, Text: evil}, console.Turn{Role: "bot", Text: "x", Sent: evil})
		r := open(t, conv)
		vera := newTab(t, browser)
		vera.logIn(r, `</script><b id="evil">`, console.Viewer)
		vera.until(`document.querySelector('.row')`)
		vera.click(".row")
		vera.until(`document.querySelectorAll('.turn').length > 10`)
		if !js[bool](vera, `window.owned === undefined && document.querySelector('#evil, #talk script, #log img, .queue img') === null`) {
			t.Error("markup of a customer became part of the page")
		}
		if got := vera.text("#log"); !strings.Contains(got, evil) {
			t.Errorf("the text is not shown as it is:\n%s", got)
		}
	})

	t.Run("a diff loses no word", func(t *testing.T) {
		r := open(t)
		vera := newTab(t, browser)
		vera.logIn(r, "Vera", console.Viewer)
		got, err := chromedp.Run(vera.ctx, chromedp.Evaluate[[]string](`(async () => {
			const base = document.querySelector('script').src.replace('app.js', '');
			const { diff, spot } = await import(base + 'diff.js');
			const texts = ['', ' ', 'a', 'a b c', 'a  c\nb', 'Great! Your parcel 4711 is lost.', 'Your parcel 4711 is lost. I am sorry.', 'x '.repeat(800), 'y '.repeat(800)];
			const faults = [];
			const side = (parts, kind) => parts.filter((p) => p.kind === 'same' || p.kind === kind).map((p) => p.text).join('');
			for (const a of texts) for (const b of texts) {
				const parts = diff(a, b);
				if (side(parts, 'gone') !== a || side(parts, 'new') !== b) faults.push(JSON.stringify([a.slice(0, 40), b.slice(0, 40), parts.slice(0, 9)]));
			}
			const same = diff(texts[5], texts[6]).filter((p) => p.kind === 'same').map((p) => p.text).join('');
			if (same !== 'Your parcel 4711 is lost.' && same !== 'Your parcel 4711 is ') faults.push('common part: ' + same);
			for (const words of [[], ['lost.', 'PARCEL'], ['(', '[a-', '', '\\', '*']]) {
				const text = 'Your parcel ([a- is * lost. \\';
				if (spot(text, words).map((p) => p.text).join('') !== text) faults.push('spot ' + words);
			}
			return faults;
		})()`, chromedp.EvalAwaitPromise))
		if err != nil || len(got) > 0 {
			t.Errorf("%v %v", got, err)
		}
	})

	t.Run("on a narrow screen", func(t *testing.T) {
		r := open(t, parcel("s1"))
		b := newTab(t, browser)
		b.do(chromedp.EmulateViewport(420, 800))
		b.logIn(r, "Mia", console.Agent)
		b.until(`document.querySelector('.row')`)
		b.shoot("narrow-list.png")
		b.click(".row")
		b.until(`!document.querySelector('#take').hidden`)
		b.click("#take")
		b.until(`!document.querySelector('#composer').hidden`)
		if js[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than the screen")
		}
		b.shoot("narrow.png")
		b.click("#back")
		b.until(`document.querySelector('.queue').offsetWidth > 0 && document.activeElement.classList.contains('row')`)
		b.do(chromedp.NavigateBack())
		b.until(`document.querySelector('.queue').offsetWidth === 0 && !document.querySelector('#composer').hidden`)
	})

	t.Run("the log-in form", func(t *testing.T) {
		r := open(t)
		b := newTab(t, browser)
		b.do(chromedp.Navigate(r.url + "/"))
		b.do(chromedp.SendKeys(chromedp.CSS("#token"), "wrong-0123456789"))
		b.keys(kb.Enter)
		b.until(`document.querySelector('#fault')`)
		b.shoot("login.png")
		b.do(chromedp.SendKeys(chromedp.CSS("#token"), miaToken))
		b.keys(kb.Enter)
		b.until(`document.querySelector('#line')?.dataset.state === 'live'`)
		// The console restarts: the page says so, and finds back by itself.
		r.board.hangUp()
		b.until(`document.querySelector('#line').dataset.state === 'lost'`)
		b.until(`document.querySelector('#line').dataset.state === 'live'`)
		b.click("#logout button")
		b.until(`document.querySelector('#token')`)
	})
}
