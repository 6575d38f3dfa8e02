package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"attune/proxy/console"
	"attune/proxy/proxytest/browser"
)

func TestReplies(t *testing.T) {
	shipped := console.ShippedReplies()
	for _, locale := range []string{"en", "de", "fr", "es"} {
		if list := shipped[locale]; len(list) != len(shipped["en"]) || list[0].Key != "hello" || !strings.Contains(list[0].Text, "{agent}") {
			t.Errorf("%s: %+v", locale, list)
		}
	}
	got, err := console.ParseReplies("r.yaml", []byte("en:\n  b: two\n  a: one\n"))
	if err != nil || !slices.Equal(got["en"], []console.Reply{{Key: "b", Text: "two"}, {Key: "a", Text: "one"}}) {
		t.Errorf("the order of the file: %+v, %v", got, err)
	}
	_, err = console.ParseReplies("r.yaml", []byte("en:\n  Bad Key: x\n  list: [a]\n  empty: \" \"\n  good: fine\n"))
	for _, want := range []string{`"Bad Key"`, "list: want a text", "empty: want 1 byte"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the faults lack %q: %v", want, err)
		}
	}
	r := openWith(t, func(c *console.Config) {
		c.Replies = console.Replies{"en": {{Key: "hi", Text: "Hi"}}, "de": {{Key: "tag", Text: "Tag"}}}
	})
	for locale, want := range map[string]string{"de-AT": "tag", "de": "tag", "it": "hi", "": "hi"} {
		if got := r.call(viewerToken, "GET", "/api/v1/replies?locale="+locale, ""); !strings.Contains(got.body, `"key":"`+want+`"`) {
			t.Errorf("%q: %s", locale, got.body)
		}
	}
}

// waiting is one who waits since some time.
func waiting(session, last string, since time.Duration) console.Conversation {
	return console.Conversation{Summary: console.Summary{
		Session: session, Desk: "support", State: "queued", Reason: "two-failures", Why: "After two failures people prefer a person, always.",
		Feelings: map[string]float64{"unfulfilled": 4}, Score: 4, Since: epoch.Add(-since), Last: last, Language: "de",
	}}
}

// TestToolsInBrowser works as an agent at night does: several conversations at
// once, mostly by keyboard.
func TestToolsInBrowser(t *testing.T) {
	chromium := browser.Start(t, 1280, 800)
	crisis := waiting("s1", "I cannot go on", time.Minute)
	crisis.Crisis, crisis.Desk, crisis.Reason, crisis.Why = true, "urgent", "self-harm", "A life outranks every flow."
	crisis.Turns = []console.Turn{{Role: "customer", Text: "I cannot go on", At: epoch}}
	second := waiting("s2", "wo ist mein Paket", 7*time.Minute)
	second.Turns = []console.Turn{
		{Role: "customer", Text: "wo ist mein Paket", At: epoch},
		{Role: "bot", Text: "Das habe ich nicht verstanden.", At: epoch},
		{Role: "customer", Text: "das Paket 4711!", At: epoch},
	}
	third := waiting("s3", "rufen Sie mich an", 3*time.Hour)
	third.Callback, third.For = true, "Mia"
	r, p := openPassing(t, crisis, second, third)
	mia := newTab(t, chromium)
	mia.logIn(r, "Mia", console.Agent)
	mia.Until(`document.querySelectorAll('.row').length === 3`)
	if got := mia.Text("#queue-list"); !strings.Contains(got, "crisis") || !strings.Contains(got, "call back") || !strings.Contains(got, "for you") {
		t.Errorf("the list says\n%s", got)
	}
	alt := func(key string) {
		t.Helper()
		mia.Do(chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierAlt)))
	}

	// Take two of them by keyboard.
	alt(kb.ArrowDown)
	mia.Until(`!document.querySelector('#take').hidden && document.querySelector('#open-state').textContent === 'crisis, waiting'`)
	mia.shoot("crisis.png")
	alt("t")
	mia.Until(`document.activeElement.id === 'words'`)
	alt(kb.ArrowDown)
	mia.Until(`!document.querySelector('#take').hidden && document.querySelector('[data-session="s2"]').getAttribute('aria-current') === 'true'`)
	alt("t")
	mia.Until(`document.activeElement.id === 'words' && document.querySelector('#open-state').textContent === 'with you'`)

	// Something said in the other one shows; a digit leads there and back.
	r.board.hear("s1", console.Turn{Role: "customer", Text: "are you there", At: epoch})
	mia.Until(`document.querySelector('[data-session="s1"] .row-new') && document.title.startsWith('(2)')`)
	alt("1")
	mia.Until(`document.querySelector('#log').innerText.includes('are you there') && !document.querySelector('.row-new')`)
	alt("2")
	mia.Until(`document.querySelector('#log').innerText.includes('das Paket 4711')`)

	// Signs of writing, both ways.
	r.board.change("s2", console.KindTyping, func(*console.Conversation) error { return nil }) //nolint:errcheck // a sign
	mia.Until(`document.querySelector('#writing').textContent === 'The customer is writing'`)
	alt("m")
	mia.Until(`document.activeElement.id === 'words'`)
	mia.keys("Ei")
	for deadline := time.Now().Add(patience); ; <-time.After(20 * time.Millisecond) {
		p.mu.Lock()
		seen := slices.Contains(p.typing, "Mia in s2")
		p.mu.Unlock()
		if seen {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the customer is not told that Mia writes")
		}
	}
	mia.keys(kb.Backspace + kb.Backspace)

	// Canned replies, in the customer's language and under the agent's name.
	mia.keys("/")
	mia.Until(`document.querySelectorAll('#replies [role=option]').length >= 6`)
	mia.shoot("replies.png")
	roles := mia.Roles()
	for _, want := range []string{"listbox Canned replies", "option /hello", "textbox Message to the customer"} {
		if !slices.ContainsFunc(roles, func(have string) bool { return strings.HasPrefix(have, want) }) {
			t.Errorf("the page has no %q:\n%s", want, strings.Join(roles, "\n"))
		}
	}
	mia.keys("mo")
	mia.Until(`document.querySelectorAll('#replies [role=option]').length === 1`)
	mia.keys(kb.Enter)
	mia.Until(`document.querySelector('#words').value.startsWith('Einen Moment bitte') && document.querySelector('#replies').hidden`)
	mia.keys(kb.Enter)
	mia.Until(`document.querySelector('#log').innerText.includes('Einen Moment bitte') && document.querySelector('#words').value === ''`)
	if browser.Value[bool](mia.Tab, `document.querySelector('#writing').textContent !== ''`) {
		r.board.hear("s2", console.Turn{Role: "customer", Text: "ja gut", At: epoch})
		mia.Until(`document.querySelector('#writing').textContent === ''`)
	}

	// Passed on, with a note; Escape leaves the dialog without doing so.
	alt("p")
	mia.Until(`document.querySelector('#pass-dialog').open`)
	mia.keys(kb.Escape)
	mia.Until(`!document.querySelector('#pass-dialog').open && document.activeElement.id === 'words' && !document.querySelector('#pass').disabled`)
	alt("p")
	mia.Until(`document.querySelector('#pass-dialog').open && document.activeElement.id === 'pass-desk'`)
	mia.Do(chromedp.SetValue(chromedp.CSS("#pass-desk"), "billing"), chromedp.SetValue(chromedp.CSS("#pass-agent"), "Noah"))
	mia.Do(chromedp.SendKeys(chromedp.CSS("#pass-note"), "wants his 12.50 back"))
	mia.shoot("passing.png")
	roles = mia.Roles()
	for _, want := range []string{"dialog Pass this conversation on", "combobox Desk", "combobox For", "textbox Note for whoever takes it", "button Pass on"} {
		if !slices.ContainsFunc(roles, func(have string) bool { return strings.HasPrefix(have, want) }) {
			t.Errorf("the dialog has no %q:\n%s", want, strings.Join(roles, "\n"))
		}
	}
	mia.click("#pass-form [value=pass]")
	mia.Until(`document.querySelector('#notice').textContent === 'Passed on, for Noah.'`)
	p.mu.Lock()
	passed := slices.Clone(p.passed)
	p.mu.Unlock()
	if want := (console.Passing{Desk: "billing", Agent: "Noah", Note: "wants his 12.50 back"}); len(passed) != 1 || passed[0] != want {
		// The board of this test lets Mia pass on only what it knows by that name.
		t.Errorf("passed on: %+v", passed)
	}
	mia.Until(`document.querySelector('[data-session="s2"]').innerText.includes('for Noah')`)
	mia.click(`[data-session="s2"]`)
	mia.Until(`document.querySelector('#card-notes').innerText.includes('wants his 12.50 back')`)

	// What assistive software finds.
	roles = mia.Roles()
	for _, want := range []string{
		"navigation Waiting", "heading Waiting", "main", "log What was said", "complementary Card", "button Keys", "button Take over", "meter unfulfilled",
		"status",
	} {
		if !slices.ContainsFunc(roles, func(have string) bool { return strings.HasPrefix(have, want) }) {
			t.Errorf("the page has no %q:\n%s", want, strings.Join(roles, "\n"))
		}
	}
	mia.Do(chromedp.Focus(chromedp.CSS(".row")))
	mia.keys("?")
	mia.Until(`document.querySelector('#help-dialog').open`)
	mia.shoot("keys.png")
	mia.keys(kb.Escape)
	mia.Until(`!document.querySelector('#help-dialog').open`)

	// A reload comes back to where it was.
	mia.Do(chromedp.Reload())
	mia.Until(`document.querySelector('#card-notes')?.innerText.includes('wants his 12.50 back')`)
}
