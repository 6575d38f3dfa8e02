package console_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"attune/proxy/console"
	"attune/proxy/proxytest/browser"
)

// tab is one page of a browser.
type tab struct {
	*browser.Tab
	t *testing.T
}

// newTab opens a page whose scripts must not throw and must not do what the
// content security policy forbids.
func newTab(t *testing.T, chromium context.Context) *tab {
	t.Helper()
	b := &tab{Tab: browser.Open(t, chromium), t: t}
	b.Strict()
	b.Failed = func() { b.shoot("failed.png") }
	return b
}

// logIn follows a log-in link.
func (b *tab) logIn(r *room, name string, role console.Role) {
	b.t.Helper()
	ticket, err := r.NewTicket(name, role, time.Minute)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Do(chromedp.Navigate(r.url + "/console/login?ticket=" + ticket))
	b.Until(`document.querySelector('#line').dataset.state === 'live'`)
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.Do(chromedp.Click(chromedp.CSS(selector)))
}

func (b *tab) keys(keys string) {
	b.t.Helper()
	b.Do(chromedp.KeyEvent(keys))
}

// shoot keeps a picture of the page.
func (b *tab) shoot(name string) {
	b.t.Helper()
	png := b.Picture()
	path := filepath.Join(b.t.ArtifactDir(), name)
	if err := os.WriteFile(path, png, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("picture: %s (%d bytes)", path, len(png))
}

func TestBrowser(t *testing.T) {
	chromium := browser.Start(t, 1280, 800)

	t.Run("an agent takes, talks and returns", func(t *testing.T) {
		waiting := console.Conversation{Summary: console.Summary{
			Session: "s2", Desk: "support", State: "queued", Reason: "two-failures", Why: "After two failures people prefer a person, always.",
			Feelings: map[string]float64{"unfulfilled": 4, "frustrated": 1}, Score: 5, Since: epoch.Add(-40 * time.Second), Last: "no, the other card",
		}}
		long := parcel("s1")
		long.Since = epoch.Add(-7 * time.Minute)
		r := open(t, long, waiting)
		mia := newTab(t, chromium)
		mia.logIn(r, "Mia", console.Agent)
		mia.Until(`document.querySelectorAll('.row').length === 2`)
		mia.shoot("list.png")
		if got := mia.Text("#queue-list"); !strings.Contains(got, "7 min") || strings.Index(got, "human") > strings.Index(got, "other card") {
			t.Errorf("list: %s", got)
		}
		// By keyboard: Tab to the list, arrows, Enter.
		mia.Do(chromedp.Focus(chromedp.CSS(".row")))
		mia.keys(kb.ArrowDown)
		mia.Until(`document.activeElement.dataset.session === 's2'`)
		mia.keys(kb.ArrowUp + kb.Enter)
		mia.Until(`!document.querySelector('#take').hidden && document.querySelector('#open-title').textContent === 'Asks for person'`)
		mia.Until(`document.activeElement.dataset.session === 's1'`) // the focus stayed
		for _, want := range []string{"The bot wrote: Sorry, I did not get that.", "soften-fallback", "too late: not sent", "Came back"} {
			if got := mia.Text("#log"); !strings.Contains(got, want) {
				t.Errorf("transcript lacks %q:\n%s", want, got)
			}
		}
		for _, want := range []string{"A refused exit", "asks-for-person", "dominated", "third time", "order number twice", "order 4711", "A person within"} {
			if got := mia.Text(".card"); !strings.Contains(got, want) {
				t.Errorf("card lacks %q:\n%s", want, got)
			}
		}
		mia.shoot("reading.png")

		mia.click("#take")
		mia.Until(`document.activeElement.id === 'words'`) // ready to type
		mia.Do(chromedp.SendKeys(chromedp.CSS("#words"), "Hi, Mia here. I see your parcel."))
		mia.keys(kb.Enter)
		mia.Until(`document.querySelector('#log').innerText.includes('I see your parcel.') && document.querySelector('#words').value === ''`)
		r.board.hear("s1", console.Turn{Role: "customer", Text: "finally, thank you!", At: epoch})
		mia.Until(`document.querySelector('#log').innerText.includes('finally, thank you!')`) // over the socket
		mia.shoot("talking.png")

		// A reload loses nothing, not even a draft.
		mia.Do(chromedp.SendKeys(chromedp.CSS("#words"), "half a sent"))
		mia.Do(chromedp.Reload())
		mia.Until(`!document.querySelector('#composer').hidden && document.querySelector('#words').value === 'half a sent'`)

		mia.click("#return")
		mia.Until(`document.querySelector('#notice').textContent === 'Back with the bot.' && document.querySelectorAll('.row').length === 1`)
		if _, err := r.board.Conversation(t.Context(), "s1"); err == nil {
			t.Error("not returned")
		}

		// The other one: closed with one tap.
		mia.click(".row")
		mia.Until(`!document.querySelector('#take').hidden`)
		mia.click("#take")
		mia.Until(`!document.querySelector('#close').hidden`)
		mia.click(`[data-verdict="too-early"]`)
		mia.Until(`!document.querySelector('#queue-empty').hidden`)
		if got := r.board.verdict("s2"); got != console.TooEarly {
			t.Errorf("verdict %q", got)
		}
		mia.shoot("empty.png")
	})

	t.Run("two agents race", func(t *testing.T) {
		r := open(t, parcel("s1"))
		mia, noah := newTab(t, chromium), newTab(t, chromium)
		for _, who := range []struct {
			tab  *tab
			name string
		}{{mia, "Mia"}, {noah, "Noah"}} {
			who.tab.logIn(r, who.name, console.Agent)
			who.tab.Until(`document.querySelector('.row')`)
			who.tab.click(".row")
			who.tab.Until(`!document.querySelector('#take').hidden`)
		}
		// Noah's page does not know yet that Mia was faster.
		browser.Value[chromedp.Void](noah.Tab, `window.held = []; window.fetch = ((f) => (u, o) =>
			(o?.method === 'POST' ? f(u, o) : new Promise((go) => { window.held.push(() => go(f(u, o))); })))(window.fetch)`)
		mia.click("#take")
		mia.Until(`!document.querySelector('#composer').hidden`)
		noah.click("#take")
		noah.Until(`document.querySelector('#take').disabled`)
		browser.Value[chromedp.Void](noah.Tab, `setInterval(() => window.held.splice(0).forEach((go) => go()), 10)`)
		noah.Until(`document.querySelector('#alert').textContent === 'Mia has this conversation.'`)
		noah.Until(`document.querySelector('#open-state').textContent === 'with Mia' && document.querySelector('#composer').hidden`)
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
		vera := newTab(t, chromium)
		vera.logIn(r, `</script><b id="evil">`, console.Viewer)
		vera.Until(`document.querySelector('.row')`)
		vera.click(".row")
		vera.Until(`document.querySelectorAll('.turn').length > 10`)
		if !browser.Value[bool](vera.Tab, `window.owned === undefined && document.querySelector('#evil, #talk script, #log img, .queue img') === null`) {
			t.Error("markup of a customer became part of the page")
		}
		if got := vera.Text("#log"); !strings.Contains(got, evil) {
			t.Errorf("the text is not shown as it is:\n%s", got)
		}
	})

	t.Run("a diff loses no word", func(t *testing.T) {
		r := open(t)
		vera := newTab(t, chromium)
		vera.logIn(r, "Vera", console.Viewer)
		got := browser.Value[[]string](vera.Tab, `(async () => {
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
		})()`)
		if len(got) > 0 {
			t.Error(got)
		}
	})

	t.Run("on a narrow screen", func(t *testing.T) {
		r := open(t, parcel("s1"))
		b := newTab(t, chromium)
		b.Do(chromedp.EmulateViewport(420, 800))
		b.logIn(r, "Mia", console.Agent)
		b.Until(`document.querySelector('.row')`)
		b.shoot("narrow-list.png")
		b.click(".row")
		b.Until(`!document.querySelector('#take').hidden`)
		b.click("#take")
		b.Until(`!document.querySelector('#composer').hidden`)
		if browser.Value[bool](b.Tab, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than the screen")
		}
		b.shoot("narrow.png")
		b.click("#back")
		b.Until(`document.querySelector('.queue').offsetWidth > 0 && document.activeElement.classList.contains('row')`)
		b.Do(chromedp.NavigateBack())
		b.Until(`document.querySelector('.queue').offsetWidth === 0 && !document.querySelector('#composer').hidden`)
	})

	t.Run("the log-in form", func(t *testing.T) {
		r := open(t)
		b := newTab(t, chromium)
		b.Do(chromedp.Navigate(r.url + "/"))
		b.Do(chromedp.SendKeys(chromedp.CSS("#token"), "wrong-0123456789"))
		b.keys(kb.Enter)
		b.Until(`document.querySelector('#fault')`)
		b.shoot("login.png")
		b.Do(chromedp.SendKeys(chromedp.CSS("#token"), miaToken))
		b.keys(kb.Enter)
		b.Until(`document.querySelector('#line')?.dataset.state === 'live'`)
		// The console restarts: the page says so, and finds back by itself.
		r.board.hangUp()
		b.Until(`document.querySelector('#line').dataset.state === 'lost'`)
		b.Until(`document.querySelector('#line').dataset.state === 'live'`)
		b.click("#logout button")
		b.Until(`document.querySelector('#token')`)
	})
}
