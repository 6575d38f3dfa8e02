package proxy_test

import (
	"testing"

	"attune/proxy/proxytest"
)

// several is a protocol with several messages a frame, each with several texts.
const several = `
profile: several
framing: signalr
session: "$.session"
frames:
  - {dir: up, kind: message, role: customer, when: ["$.type == 1"], text: ["$.said"]}
  - {dir: down, kind: message, role: bot, when: ["$.type == 1"], text: ["$.text", "$.cards[*].title", {path: "$.speak", follow: "$.text"}]}
inject: {bot: '{"type":1,"text":{{text}}}'}
`

// tones is a pack with two rewrites, an offer after two failures, and a way to a
// person.
const tones = `
pack: tones
version: 1
locale: en
scoring: {half_life: 4, flag: 2, offer: {score: 50}, escalate: {score: 80}, rearm_below: 3, bands: {calm: 0}}
always: {asks-for-person: escalate}
signals:
  - id: asks-for-person
    what: The customer asks for a person.
    why: A refused exit is what people remember.
    from: customer
    match: {text: "a human"}
    feels: [dominated]
    examples: {fires: ["a human"], silent: ["is a human body mostly water"]}
  - id: bot-fallback
    what: The bot says that it did not understand.
    why: After two such failures people prefer a person.
    from: bot
    match: {text: "The input is unclear"}
    points: 2
    failure: true
    feels: [unfulfilled]
    examples: {fires: ["The input is unclear."], silent: ["Got it."]}
rewrites:
  - id: fallback
    what: The bot takes the misunderstanding upon itself.
    why: Nobody wants to be at fault for a machine.
    move: own
    match: {text: "The input is unclear"}
    steps: [{say: ["That is on me."]}]
    examples: [{in: "The input is unclear.", out: "That is on me."}, {in: "Got it.", unchanged: true}]
  - id: denied
    what: A denial takes the bot's part.
    why: A passive denial feels like a wall.
    move: own
    match: {text: "Your request has been denied"}
    steps: [{say: ["I could not get that approved."], adds: [fact]}]
    examples: [{in: "Your request has been denied.", out: "I could not get that approved."}, {in: "Your request has been approved.", unchanged: true}]
  - id: cancelled
    what: The bot says who cancelled.
    why: Nobody likes to hear that something was done to them by nobody.
    move: own
    match: {text: "Your order was cancelled"}
    steps: [{say: ["We cancelled your order."]}]
    examples: [{in: "Your order was cancelled.", out: "We cancelled your order."}, {in: "Your order was sent.", unchanged: true}]
messages:
  handoff.requested: ["One moment, I am fetching somebody."]
`

const end = "\x1e"

// TestEveryTextIsReworded: a reply may be spelled in several texts and a frame
// may hold several replies; each is judged once, as the reply it is.
func TestEveryTextIsReworded(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, several), pack(t, tones))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(`{"type":1,"session":"s1","said":"hello"}` + end)
	c.ExpectText(`{"type":1,"session":"s1","said":"hello"}` + end)
	c.SendText(`{"type":1,"text":"The input is unclear.","cards":[{"title":"Hours"},{"title":"Your request has been denied."},{"title":"The input is unclear."}],"speak":"The input is unclear."}` + end +
		`{"type":6}` + end + `{"type":1,"text":"Your order was cancelled."}` + end)
	w.ExpectText(`{"type":1,"text":"That is on me.","cards":[{"title":"Hours"},{"title":"I could not get that approved."},{"title":"That is on me."}],"speak":"That is on me."}` + end +
		`{"type":6}` + end + `{"type":1,"text":"We cancelled your order."}` + end)
	h.eventually(`attune_signals_total{rule="bot-fallback"} 1`)
	h.eventually(`attune_rewrites_total{outcome="applied",rule="cancelled"} 1`)
}

// TestUtterancesBesideOneAnother: a request for a person is kept from the bot,
// and so is what follows it; what went before is the bot's.
func TestUtterancesBesideOneAnother(t *testing.T) {
	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
	h := open(t, bot, ownProfile(t, several), pack(t, tones))
	w := h.widget(proxytest.WidgetConfig{})
	c := bot.Accept()
	w.SendText(`{"protocol":"json","version":1}` + end)
	c.ExpectText(`{"protocol":"json","version":1}` + end)
	c.SendText(`{}` + end)
	w.ExpectText(`{}` + end)
	w.SendText(`{"type":1,"session":"s1","said":"hello"}` + end + `{"type":1,"session":"s1","said":"a human"}` + end + `{"type":6}` + end + `{"type":1,"session":"s1","said":"now"}` + end)
	c.ExpectText(`{"type":1,"session":"s1","said":"hello"}` + end + `{"type":6}` + end)
	w.ExpectText(`{"type":1,"text":"One moment, I am fetching somebody."}` + end)
}
