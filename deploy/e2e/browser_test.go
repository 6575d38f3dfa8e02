package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"attune/proxy/proxytest/browser"
)

// page is a web component in a real browser, on a page of another origin than
// Attune's, as pages are.
type page struct {
	name    string
	bot     string // script in npm/
	profile string
	bundle  string // of the component, below node_modules
	html    string // {{host}} is where Attune listens
	said    string // JavaScript: what the component shows, as text
	open    string // JavaScript: whether it can be written to
	say     func(b *browser.Tab, text string)
}

var pages = []page{
	{
		name: "deep-chat", bot: "deepchat-bot.js", profile: "deep-chat", bundle: "deep-chat/dist/deepChat.bundle.js",
		html: `<!doctype html><title>deep-chat</title><script type="module" src="/bundle.js"></script>
<deep-chat connect='{"url":"ws://{{host}}/?session=s1","websocket":true}'></deep-chat>`,
		said: `document.querySelector('deep-chat').shadowRoot?.textContent`,
		open: `document.querySelector('deep-chat').submitUserMessage && document.querySelector('deep-chat').shadowRoot.querySelector('#text-input')`,
		say: func(b *browser.Tab, text string) {
			b.Do(chromedp.Click(chromedp.JSPath("document.querySelector('deep-chat').shadowRoot.querySelector('#text-input')")), chromedp.KeyEvent(text+"\r"))
		},
	},
	{
		name: "web chat", bot: "directline-bot.js", profile: "directline", bundle: "botframework-webchat/dist/webchat.js",
		html: `<!doctype html><title>Web Chat</title><div id="chat" style="height:600px"></div><script src="/bundle.js"></script><script>
WebChat.renderWebChat({directLine: WebChat.createDirectLine({secret: 'secret', domain: 'http://{{host}}/v3/directline', webSocket: true}),
  userID: 'dl_user1', locale: 'en-GB'}, document.getElementById('chat'));</script>`,
		said: `document.querySelector('#chat').textContent.replaceAll('’', "'")`, // it sets apostrophes as printers do
		// Until it is connected it may put another box in the place of this one, and what was typed is gone.
		open: `document.querySelector('[data-id="webchat-sendbox-input"]') && document.querySelector('#chat').textContent.includes('Connected')`,
		say: func(b *browser.Tab, text string) {
			const box = `[data-id="webchat-sendbox-input"]`
			b.Do(chromedp.Click(chromedp.CSS(box)), chromedp.KeyEvent(text))
			b.Until("document.querySelector('" + box + "').value === " + strconv.Quote(text))
			b.Do(chromedp.KeyEvent("\r"))
		},
	},
}

// TestPages is TestPeers for widgets that live in a browser.
func TestPages(t *testing.T) {
	chromium := browser.Start(t, 900, 700)
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Run("untouched", func(t *testing.T) {
				widget, backend := p.talk(t, browser.Open(t, chromium), t.TempDir(), "I can't "+refusal)
				compare(t, widget, backend, func(message string) string { return message })
			})
			t.Run("reworded", func(t *testing.T) {
				widget, backend := p.talk(t, browser.Open(t, chromium), rulesDir(t, oneRule), reworded)
				compare(t, widget, backend, (peer{}).edited)
			})
		})
	}
}

// talk holds the conversation on a page.
func (p page) talk(t *testing.T, b *browser.Tab, rules, answer string) (widget, backend *tap) {
	t.Helper()
	backend = tapOn(t, "127.0.0.1:"+bot(t, p.bot))
	site := httptest.NewUnstartedServer(nil)
	a := serve(t, "ATTUNE_BACKEND_URL=ws://"+backend.addr, "ATTUNE_PROFILE="+p.profile, "ATTUNE_RULES="+rules,
		"ATTUNE_ORIGINS=http://"+site.Listener.Addr().String())
	widget = tapOn(t, a.widgets)
	site.Config.Handler = p.site(t, widget.addr)
	site.Start()
	t.Cleanup(site.Close)

	b.Do(chromedp.Navigate(site.URL))
	b.Until(p.open)
	p.say(b, "where is my parcel")
	b.Until(p.said + `.includes(` + strconv.Quote(sent) + `)`)
	p.say(b, "and my fee?")
	b.Until(p.said + `.includes(` + strconv.Quote(answer) + `)`)
	return widget, backend
}

// site serves the page and the component.
func (p page) site(t *testing.T, host string) http.Handler {
	t.Helper()
	bundle := filepath.Join(os.Getenv("ATTUNE_TEST_NPM"), "node_modules", filepath.FromSlash(p.bundle))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bundle.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, bundle) })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(strings.ReplaceAll(p.html, "{{host}}", host)))
	})
	return mux
}
