package proxy

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"attune/metrics"
	"attune/proxy/session"
	"attune/proxy/transport"
	"attune/proxy/wire"
	"attune/rules"
)

// A conversation may have bridges on several nodes, and a request by HTTP may
// come to a node that has none. One node owns the conversation (session.Store),
// and what the customer says anywhere else is brought to the oldest bridge there,
// which judges it as if it had come over its own socket. The message waits for
// that verdict, at most hearWait; then it is judged where it is, as it also is
// when nobody owns the conversation for certain. What the bot says is judged
// where it is, since nothing must wait, and told to the owner.

// The kinds of events between the nodes that hold a conversation. Their Data is
// JSON: a letter, a finding as the answer, texts, a remark, tokens.
const (
	kindHear   = "hear"   // to the owner: judge this
	kindWords  = "words"  // Attune's words, for the bridges elsewhere
	kindRemark = "remark" // to the owner: the bot said this to the customer
	kindLeft   = "left"   // the owner has no bridge any more
	kindJudged = "judged" // to the owner: this was judged without it
)

// letter is what a customer said elsewhere: utterances, or a request by HTTP that
// may be one.
type letter struct {
	Token    string   `json:"token"` // of what was said: it is judged once under it
	Said     []spoken `json:"said,omitempty"`
	Method   string   `json:"method,omitempty"`
	Path     string   `json:"path,omitempty"`
	Body     []byte   `json:"body,omitempty"`
	External string   `json:"external,omitempty"`
	// Counts: whoever asks counts what the rules made of it, heard or not.
	Counts bool `json:"counts,omitempty"`
}

// parts are the tokens of what was said, one each.
func (l *letter) parts() []string {
	parts := make([]string, max(1, len(l.Said)))
	for i := range parts {
		parts[i] = partOf(l.Token, i)
	}
	return parts
}

// partOf is the token of the n-th thing that was said under a token.
func partOf(token string, n int) string {
	if token == "" {
		return ""
	}
	return fmt.Sprint(token, ".", n)
}

type spoken struct {
	Text       string  `json:"text"`
	Click      bool    `json:"click,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
}

// finding is what the owner makes of a letter.
type finding struct {
	Heard bool   `json:"heard,omitempty"`
	Busy  bool   `json:"busy,omitempty"`
	Hush  bool   `json:"hush,omitempty"`  // the bot has not the floor
	Kept  []bool `json:"kept,omitempty"`  // of each utterance, whether it stays here
	Body  []byte `json:"body,omitempty"`  // the answer to a request that does
	State []byte `json:"state,omitempty"` // of the conversation, behind it
	// Tallies are what there is to count, where whoever asked does that.
	Tallies []*tally `json:"tallies,omitempty"`
}

// consulting is a message that waits for the owner of its conversation.
type consulting struct {
	sess  *session.Session
	token string
	said  []spoken
	found atomic.Pointer[finding]
}

// consult asks the owner of the conversation, if that is another node, and holds
// the message and all behind it meanwhile.
func (b *bridge) consult(p []byte, items []wire.Item, now time.Time) (asked bool) {
	owner := b.sess.Owner()
	if owner == "" {
		return false
	}
	c := &consulting{sess: b.sess, token: rand.Text()}
	for _, item := range items {
		if utters(item) {
			c.said = append(c.said, spoken{item.Texts[0].Value, item.Click || b.wire.Offered(item.Texts[0].Value), item.Confidence})
		}
	}
	p = bytes.Clone(p)
	b.consulting, b.holding = c, instantOf(now.Add(b.s.stretch(hearWait)))
	b.held = append(b.held, held{
		at: now, posted: b.posted, onSocket: b.onSocket,
		then: func(now time.Time, out *transport.Output) { b.consulted(c, p, now, out) },
	})
	b.heldBytes += len(p) + heldCost
	b.s.later(func() {
		c.found.Store(b.s.ask(c.sess, owner, letter{Token: c.token, Said: c.said}))
		b.link.Tell(c)
	})
	return true
}

// consulted goes on with a message for which the owner was asked.
func (b *bridge) consulted(c *consulting, p []byte, now time.Time, out *transport.Output) {
	b.consulting = nil
	if b.sess != c.sess { // it has ended meanwhile
		b.upstream(p, now, out)
		return
	}
	found := c.found.Load()
	if found != nil && len(found.Kept) == len(c.said) {
		b.sess.Do(func(book *session.Book) {
			if book.Owner() != "" {
				_ = book.State.UnmarshalBinary(found.State) // as it was, if it cannot be read
			}
		})
		b.s.countAll(b.sess.ID(), found.Tallies)
	} else {
		found = nil
		b.s.metrics.FailOpen(metrics.FailOwner)
	}
	b.utterances(p, b.wire.Read(wire.Up, p), found, c.token, now, out)
}

// ask brings a letter to the owner of a conversation; nil when nobody has read it
// in time. Then it is in doubt who that is, and the letter is judged here: the owner is
// told, and where it has judged it all the same nothing of what follows happens twice. Where the bot has lost the floor it is
// silent here when ask returns.
func (s *Server) ask(sess *session.Session, owner string, l letter) *finding {
	ctx, cancel := s.within(context.Background(), hearWait)
	defer cancel()
	l.Counts = true
	found, err := s.write(ctx, sess.ID(), owner, l)
	if err == nil && found.Heard {
		if found.Hush {
			sess.Do((*session.Book).Hush)
		}
		return &found
	}
	if err != nil { // it may come to read it yet
		if parts, err := json.Marshal(l.parts()); err == nil {
			s.desk.post(session.Event{Session: sess.ID(), Kind: kindJudged, To: owner, Data: parts})
		}
	}
	s.later(func() {
		ctx, cancel := s.within(context.Background(), storeWait)
		defer cancel()
		_ = s.cfg.Store.Doubt(ctx, sess) // tried again
	})
	return nil
}

func (s *Server) write(ctx context.Context, id, owner string, l letter) (found finding, err error) {
	data, err := json.Marshal(l)
	if err != nil {
		return found, err
	}
	answer, err := s.cfg.Store.Ask(ctx, session.Event{Session: id, Kind: kindHear, To: owner, Data: data})
	if err == nil {
		err = json.Unmarshal(answer.Data, &found)
	}
	return found, err
}

// hearElsewhere brings what a visitor said by HTTP to the node that owns the
// conversation.
func (s *Server) hearElsewhere(ctx context.Context, v visitor, l letter) verdict {
	if s.cfg.Store.Degraded() {
		return verdict{}
	}
	ctx, cancel := s.within(ctx, hearWait)
	defer cancel()
	own := v.own()
	for _, id := range s.ties.sessions(v) {
		owner, err := s.cfg.Store.Holder(ctx, id)
		if err != nil || owner == "" && slices.Contains(own, id) {
			continue // else there is a socket, but nothing was stored yet: all are asked
		}
		found, err := s.write(ctx, id, owner, l)
		if err == nil && found.Heard {
			return found.verdict()
		}
		if owner == "" { // the socket is gone; the next echo shows another one
			s.ties.untie(own, id)
		}
	}
	return verdict{}
}

// verdict is the finding about a request.
func (f *finding) verdict() verdict {
	return verdict{heard: f.Heard, busy: f.Busy, kept: len(f.Kept) > 0 && f.Kept[0], body: f.Body}
}

// read lets a bridge of this node judge what was said on another one, and answers.
func (s *Server) read(e session.Event) {
	var l letter
	var found finding
	if json.Unmarshal(e.Data, &l) == nil {
		found = s.find(e.Session, l)
	}
	if e.To == "" && !found.Heard { // another node may have heard it
		return
	}
	data, err := json.Marshal(found)
	if err == nil {
		err = s.cfg.Store.Answer(e, session.Event{Data: data})
	}
	if err != nil {
		s.log.Warn("another node was not answered", "error", err)
	}
}

func (s *Server) find(id string, l letter) (found finding) {
	sess, here := s.cfg.Store.Live(id)
	b := s.oldest(id)
	if !here || b == nil || sess.Owner() != "" {
		return found
	}
	hearings := s.hearings(b, l)
	ctx, cancel := s.within(context.Background(), hearWait)
	defer cancel()
	for _, h := range hearings {
		answer := h.at(ctx, b.link, s.stretch(hearWait))
		if !answer.heard {
			return finding{}
		}
		found.Heard, found.Busy, found.Body = true, found.Busy || answer.busy, answer.body
		found.Kept = append(found.Kept, answer.kept)
		if l.Counts {
			found.Tallies = append(found.Tallies, answer.tally)
		}
	}
	sess.Do(func(book *session.Book) {
		found.Hush = book.Floor != session.Bot
		found.State, _ = book.State.MarshalBinary() // without one the guest keeps its own
	})
	return found
}

// hearings are what there is to judge in a letter.
func (s *Server) hearings(b *bridge, l letter) []*hearing {
	var list []*hearing
	for i, said := range l.Said {
		list = append(list, &hearing{token: partOf(l.Token, i), asked: l.Counts, answer: make(chan verdict, 1), said: wire.Item{
			Kind: wire.Message, Role: wire.Customer, Texts: []wire.Text{{Value: said.Text}}, Click: said.Click, Confidence: said.Confidence,
		}})
	}
	if route, ok := b.route.Profile.Route(l.Method, l.Path); ok {
		x := route.Open(wire.Upgrade{Path: l.Path})
		if said, found := utterance(x.Request(l.Body)); found {
			list = append(list, &hearing{
				token: partOf(l.Token, 0), asked: l.Counts, x: x, said: said, external: l.External, answer: make(chan verdict, 1),
			})
		}
	}
	return list
}

// remark tells the owner of the conversation what was judged here without it.
// Called in Session.Do, behind the judgement.
func (b *bridge) remark(sc *scratch, book *session.Book) {
	owner := book.Owner()
	if owner == "" || sc.turn.Role == rules.Customer {
		return
	}
	id, turn := b.sess.ID(), sc.turn
	b.s.later(func() {
		if data, err := json.Marshal(turn); err == nil {
			b.s.desk.post(session.Event{Session: id, Kind: kindRemark, To: owner, Token: rand.Text(), Data: data})
		}
	})
}

// remarked takes note of what another node has judged.
func (b *bridge) remarked(turn rules.Turn) {
	if b.sess == nil {
		return
	}
	sc := b.s.scratch()
	defer b.s.putScratch(sc)
	sc.turn, sc.elsewhere = turn, true
	b.sess.Do(func(book *session.Book) {
		if book.Floor == session.Bot {
			b.judge(sc, book)
			book.Mark()
		}
	})
}

// saidHere is something that Attune says, with the id that it is kept under.
type saidHere struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// spread hands Attune's words to the bridges of a conversation on other nodes.
func (s *Server) spread(sess *session.Session, said []speech) {
	if !sess.Shared() || len(said) == 0 {
		return
	}
	words := make([]saidHere, len(said))
	for i, say := range said {
		words[i] = saidHere{say.id, say.text}
	}
	if data, err := json.Marshal(words); err == nil {
		s.desk.post(session.Event{Session: sess.ID(), Kind: kindWords, Data: data})
	}
}

// fromElsewhere carries out what another node asks for. It reports false for an
// event of another kind.
func (s *Server) fromElsewhere(e session.Event) bool {
	switch e.Kind {
	case kindHear:
		if !s.judged.again(e.Token) { // it was published twice
			s.later(func() { s.read(e) })
		}
	case kindJudged:
		var parts []string
		if json.Unmarshal(e.Data, &parts) == nil {
			for _, token := range parts {
				s.judged.again(token)
			}
		}
	case kindWords:
		var words []saidHere
		if e.Node == s.cfg.Store.Instance() || json.Unmarshal(e.Data, &words) != nil {
			break
		}
		words = slices.DeleteFunc(words, func(w saidHere) bool { return s.desk.told.again(w.ID) })
		s.later(func() {
			for _, w := range words {
				s.tell(e.Session, nil, speech{id: w.ID, by: "attune", text: w.Text})
			}
		})
	case kindRemark:
		var turn rules.Turn
		if b := s.oldest(e.Session); b != nil && json.Unmarshal(e.Data, &turn) == nil && !s.judged.again(e.Token) {
			s.later(func() { b.link.Tell(turn) })
		}
	case kindLeft:
		// Somebody must write down what is said where the customer is now.
		if sess, here := s.cfg.Store.Live(e.Session); here && sess.Owner() == e.Node && s.oldest(e.Session) != nil {
			s.later(func() {
				ctx, cancel := s.within(context.Background(), storeWait)
				defer cancel()
				_ = s.cfg.Store.Doubt(ctx, sess) // tried again
			})
		}
	default:
		return false
	}
	return true
}
