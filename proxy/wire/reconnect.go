package wire

import (
	"bytes"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Bounds of what a conn keeps to say again. Beyond them the backend could only be brought up to date in part, which
// is worse than not at all.
const (
	maxKept      = 16      // messages
	maxKeptBytes = 8 << 10 // of all of them
	maxSwallow   = 32      // entries of swallow; they are a bit set
)

// reconnection is how a backend that came back under a living widget is brought up to date.
type reconnection struct {
	replay  []replayed
	swallow []pattern
}

// pattern recognises a message by a condition on its document, or by how it begins.
type pattern struct {
	when   *condition
	prefix string
}

// replayed is one step towards a backend that came back: to say again what the widget said and the pattern fits, to
// say words of the profile's own, or to wait for an answer that the pattern fits.
type replayed struct {
	pattern
	say   *template
	await bool
}

// kept is what a conn remembers for a backend that comes back.
type kept struct {
	messages [][]byte // by the widget, in order, no two the same
	size     int
	overflow bool

	rejoining bool
	step      int    // of the profile's replay, the next one
	due       uint32 // answers that the widget must not see: bits of the profile's swallow
}

// reconnect reads the section: replay and swallow, or the word unsupported.
func (r *reading) reconnect(n ast.Node, p *Profile) {
	if s, ok := n.(*ast.StringNode); ok && s.Value == "unsupported" {
		return
	}
	re := &reconnection{}
	r.mapping(n, "reconnect", fields{
		"replay": func(n ast.Node) {
			r.list(n, func(n ast.Node) {
				switch n.(type) {
				case *ast.MappingNode, *ast.MappingValueNode:
					r.mapping(n, "an entry of replay", fields{
						"say": func(n ast.Node) {
							if t := r.template(n, p); t != nil {
								re.replay = append(re.replay, replayed{say: t})
							}
						},
						"await": func(n ast.Node) {
							re.replay = append(re.replay, replayed{pattern: r.pattern(n, p), await: true})
						},
					})
				default:
					re.replay = append(re.replay, replayed{pattern: r.pattern(n, p)})
				}
			})
		},
		"swallow": func(n ast.Node) {
			r.list(n, func(n ast.Node) { re.swallow = append(re.swallow, r.pattern(n, p)) })
			if len(re.swallow) > maxSwallow {
				r.fault(n, "fewer entries", "swallow has more than %d entries", maxSwallow)
			}
		},
	})
	p.reconnect = re
}

// pattern reads a condition, which starts with $, or the beginning of a message.
func (r *reading) pattern(n ast.Node, p *Profile) (out pattern) {
	s, ok := r.text(n)
	switch {
	case !ok:
	case strings.HasPrefix(s, "$"):
		if out.when = r.condition(n, rootItem, rootFrame); !p.framing.raw() {
			r.fault(n, `with the first characters of the message, as in "40"`, "with framing %s a message to say again is told by how it begins", p.Framing())
		}
	case s == "":
		r.fault(n, "", "every message begins with nothing")
	default:
		out.prefix = s
	}
	return out
}

// fits reports whether a message is one of the pattern's; r holds its document, nil when it has none.
func (p *pattern) fits(r *reader, msg []byte) bool {
	if p.when == nil {
		return p.prefix != "" && bytes.HasPrefix(msg, []byte(p.prefix))
	}
	return r != nil && r.holds(p.when, ref{}, nil)
}

// Reconnects reports whether a backend that is lost may be replaced by another conn to it, without the widget
// noticing.
func (p *Profile) Reconnects() bool { return p.reconnect != nil }

// keep remembers a message of the widget that a backend must hear again when it comes back.
func (t *Translator) keep(r *reader, msg []byte) {
	for i := range t.profile.reconnect.replay {
		if p := &t.profile.reconnect.replay[i]; p.say == nil && !p.await && p.fits(r, msg) {
			t.remember(msg)
			return
		}
	}
}

func (t *Translator) remember(msg []byte) {
	k := t.again()
	same := slices.IndexFunc(k.messages, func(m []byte) bool { return bytes.Equal(m, msg) })
	switch {
	case same >= 0:
	case len(k.messages) == maxKept || k.size+len(msg) > maxKeptBytes:
		k.overflow = true
	default:
		k.messages, k.size = append(k.messages, bytes.Clone(msg)), k.size+len(msg)
	}
}

func (t *Translator) again() *kept {
	if t.kept == nil {
		t.kept = new(kept)
	}
	return t.kept
}

// Rejoin begins to bring a backend that came back up to date. It calls say with text messages for the backend: what
// the profile says of its own, and what the widget said when it joined, in the order of the profile's replay and up to
// the first answer that must be waited for; [Translator.Swallow] goes on from there. Words of the profile's own that
// need what was not seen, such as the session id, are left out. ErrNotReady when the widget said more than is kept.
func (t *Translator) Rejoin(say func(msg []byte)) error {
	k := t.again()
	if k.overflow {
		return ErrNotReady
	}
	k.rejoining, k.step, k.due = true, 0, 1<<len(t.profile.reconnect.swallow)-1
	t.replay(say, true)
	return nil
}

// replay takes the steps that are next, and with patience stops where an answer must be waited for.
func (t *Translator) replay(say func(msg []byte), patience bool) {
	k, steps := t.kept, t.profile.reconnect.replay
	for ; k.step < len(steps); k.step++ {
		switch p := &steps[k.step]; {
		case p.await:
			if patience {
				return
			}
		case p.say != nil:
			msg, err := t.framing.wrap(nil, Up, func(dst []byte) ([]byte, error) { return t.fillFor(dst, p.say, &Values{}) })
			if err == nil {
				say(msg)
			}
		default:
			for _, msg := range k.messages {
				if p.fits(t.loaded(msg), msg) {
					say(msg)
				}
			}
		}
	}
	k.rejoining = k.due != 0
}

// loaded is the document of a message of which conditions are asked outside Read, which is seldom.
func (t *Translator) loaded(msg []byte) *reader {
	r := new(reader)
	if !t.profile.framing.raw() {
		return nil
	}
	if _, why := r.load(piece{msg, nowhere}, 0, len(msg)); why != ReadWhole {
		return nil
	}
	return r
}

// Swallow reports whether a text message of a backend that came back is an answer that the widget must not see, since
// it has seen it from the one before. Each entry of the profile's swallow takes one message. It calls say with what the
// backend must hear next.
func (t *Translator) Swallow(msg []byte, say func(msg []byte)) bool {
	if t.Rejoined() {
		return false
	}
	re, k, r := t.profile.reconnect, t.kept, t.loaded(msg)
	if k.step < len(re.replay) && re.replay[k.step].fits(r, msg) {
		k.step++
		t.replay(say, true)
		return true
	}
	for i := range re.swallow {
		if k.due&(1<<i) != 0 && re.swallow[i].fits(r, msg) {
			k.due &^= 1 << i
			k.rejoining = k.due != 0 || k.step < len(re.replay)
			return true
		}
	}
	return false
}

// Rejoined reports whether all that must be said again is said and all answers have come.
func (t *Translator) Rejoined() bool { return t.kept == nil || !t.kept.rejoining }

// Resign says what is left to say without waiting for answers, and swallows nothing more.
func (t *Translator) Resign(say func(msg []byte)) {
	if !t.Rejoined() {
		t.kept.due = 0
		t.replay(say, false)
	}
}
