package wire

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNoInject is returned for something the profile has no template for.
var ErrNoInject = errors.New("wire: the profile has no template for this")

// ErrNotReady is returned when the protocol does not allow a message of ours yet, or the template needs the session
// id and it was not seen.
var ErrNotReady = errors.New("wire: not ready to inject")

// Injection says which template of the profile is meant.
type Injection uint8

// The templates of a profile's inject section.
const (
	InjectBot            Injection = iota // a reply, to the widget
	InjectAgent                           // an agent's words, to the widget
	InjectTyping                          // somebody is writing, to the widget
	InjectToBackend                       // an utterance, to the backend
	InjectHandoff                         // asks the platform for a person, to the widget
	InjectAckWidget                       // confirms a message that is kept from the backend
	InjectAckBackend                      // confirms a message that is kept from the widget
	InjectHandoffBackend                  // asks the backend for a person
	InjectNote                            // something the backend is to know and not to answer
	InjectEcho                            // the customer's own words coming back, to the widget
)

var injectionNames = [...]string{
	InjectBot: "bot", InjectAgent: "agent", InjectTyping: "typing", InjectToBackend: "to_backend",
	InjectHandoff: "handoff", InjectHandoffBackend: "handoff_backend", InjectAckWidget: "ack_widget", InjectAckBackend: "ack_backend", InjectNote: "note", InjectEcho: "echo",
}

// String returns the word of the profile format, such as "to_backend".
func (i Injection) String() string { return name(injectionNames[:], int(i)) }

// injections holds the templates of a profile or a frame; nil where there is none.
type injections [len(injectionNames)]*template

// Ready reports whether the widget can take a message of ours now: with socket.io after its namespace is connected
// and not between a binary event and its attachments, with signalr after the handshake, and so on. False for ever where
// the profile cannot inject.
func (t *Translator) Ready() bool {
	return t.framing.ready() && t.profile.Injects()
}

// Handoff says by which template the profile asks for a person in its protocol's own way: [InjectHandoff], which goes to the
// widget (an IVR platform), or [InjectHandoffBackend]. ok is false where it has neither.
func (p *Profile) Handoff() (what Injection, ok bool) {
	for _, what := range [...]Injection{InjectHandoff, InjectHandoffBackend} {
		if p.template(what) {
			return what, true
		}
	}
	return 0, false
}

// HandoffNeedsAddress reports whether the profile's request for a person must name the address that the conversation is
// transferred to, such as a telephone number.
func (p *Profile) HandoffNeedsAddress() bool {
	what, ok := p.Handoff()
	return ok && p.inject[what] != nil && slices.Contains(p.inject[what].words, "target")
}

// TellsAgents reports whether a person's words can be told from the bot's where both come from the backend.
func (p *Profile) TellsAgents() bool {
	return slices.ContainsFunc(p.frames[Down], func(f *frame) bool { return f.role == Agent || f.sender != nil })
}

// ToBackend reports whether the profile can say something to a backend in the customer's place.
func (p *Profile) ToBackend() bool { return p.template(InjectToBackend) }

// Confirms reports whether the profile has a confirmation of its own for what is kept from the widget.
func (p *Profile) Confirms() bool {
	for _, f := range p.frames[Down] {
		if f.inject != nil && f.inject[InjectAckBackend] != nil {
			return true
		}
	}
	return p.inject[InjectAckBackend] != nil
}

// Inject appends the text of a whole message made from a template. ErrNoInject, ErrNotReady.
func (t *Translator) Inject(dst []byte, what Injection, v Values) ([]byte, error) {
	tmpl := t.template(what)
	if tmpl == nil {
		return dst, fmt.Errorf("%w (%s)", ErrNoInject, what)
	}
	dir := Down
	if what == InjectToBackend || what == InjectAckBackend || what == InjectHandoffBackend || what == InjectNote {
		dir = Up
	}
	return t.framing.wrap(dst, dir, func(dst []byte) ([]byte, error) { return t.fillFor(dst, tmpl, &v) })
}

// template is the one to use: that of the shape the bot last spoke in, else the profile's.
func (t *Translator) template(what Injection) *template {
	if int(what) >= len(injectionNames) {
		return nil
	}
	if t.shape != nil && t.shape[what] != nil {
		return t.shape[what]
	}
	return t.profile.inject[what]
}

// SayBot appends the text of a whole message by which the widget shows a reply. ErrNoInject, ErrNotReady.
func (t *Translator) SayBot(dst []byte, text string) ([]byte, error) {
	return t.Inject(dst, InjectBot, Values{Text: text})
}

// SayAgent appends the text of a whole message by which the widget shows an agent's words, under the agent's name
// where the protocol has room for it; where it has no message for agents, as a reply. ErrNoInject, ErrNotReady.
func (t *Translator) SayAgent(dst []byte, agent, text string) ([]byte, error) {
	if t.template(InjectAgent) == nil {
		return t.SayBot(dst, text)
	}
	return t.Inject(dst, InjectAgent, Values{Text: text, Agent: agent})
}

// SayEcho appends the text of a whole message that says the customer's words back, for a message last read upstream
// that is kept from the backend. ErrNotReady on a conn on which the backend has said none back, unless the profile says
// that it always does: there the widget shows them by itself. ErrNoInject.
func (t *Translator) SayEcho(dst []byte, text string) ([]byte, error) {
	if !t.echoes {
		return dst, ErrNotReady
	}
	return t.Inject(dst, InjectEcho, Values{Text: text})
}

// AckWidget appends the confirmation that the widget waits for when the message last read upstream is kept from the
// backend; false when it waits for none.
func (t *Translator) AckWidget(dst []byte) ([]byte, bool) {
	return t.acknowledge(dst, Up, InjectAckWidget)
}

// AckBackend is the same for the message last read downstream, when it is kept from the widget.
func (t *Translator) AckBackend(dst []byte) ([]byte, bool) {
	return t.acknowledge(dst, Down, InjectAckBackend)
}

func (t *Translator) acknowledge(dst []byte, dir Direction, what Injection) ([]byte, bool) {
	tmpl := t.template(what)
	if !t.profile.framing.acks && (tmpl == nil || t.dir != dir || len(t.items) == 0) {
		return dst, false
	}
	var document writer
	if tmpl != nil && t.answers(tmpl, dir) {
		document = func(dst []byte) ([]byte, error) { return t.fillFor(dst, tmpl, &Values{}) }
	}
	return t.framing.confirm(dst, dir, document)
}

// answers reports whether a template speaks of the message last read in a direction: what it wants remembered must
// come from there, for a confirmation of another message does harm.
func (t *Translator) answers(tmpl *template, dir Direction) bool {
	for i := range t.profile.remember {
		if slices.Contains(tmpl.words, t.profile.remember[i].name) && (t.dir != dir || t.fresh&(1<<i) == 0) {
			return false
		}
	}
	return true
}
