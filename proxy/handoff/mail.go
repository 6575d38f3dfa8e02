package handoff

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// The types of mail that are not a state: those are called handoff.STATE.
const (
	// MailRequested: a person is wanted; with the card.
	MailRequested = "handoff.requested"
	// MailSaid: the customer said something while waiting or talking to a person.
	MailSaid = "customer.said"
)

// Mail is one thing that a desk is told. It is delivered at least once, and at its desk
// in the order of its handoff unless a node dies; so it may come again, and after a
// death something newer may come first.
type Mail struct {
	// ID is the same however often it is delivered.
	ID string `json:"-"`
	// Type is handoff.requested, handoff.queued (again, after somebody had it),
	// handoff.accepted, handoff.returned, handoff.resolved, handoff.abandoned,
	// handoff.expired, handoff.moved (to another desk), or customer.said.
	Type string `json:"-"`
	// At is when it happened.
	At time.Time `json:"-"`
	// Tries is how often it was tried before, on whatever node.
	Tries int `json:"-"`

	// Token names the handoff.
	Token   string `json:"handoff"`
	Session string `json:"session"`
	Desk    string `json:"desk"`
	// Agent is who took it, gave it back or closed it.
	Agent string `json:"agent,omitempty"`
	// Text is what the customer said, redacted.
	Text string `json:"text,omitempty"`
	// Card comes with handoff.requested.
	Card *Card `json:"card,omitempty"`
	// Cut: texts were too long and are not whole.
	Cut bool `json:"cut,omitempty"`

	// shard and entry are where it lies in Redis.
	shard, entry string
}

// mailOf reads an entry of a stream; ok is false for one that says nothing.
func mailOf(shard string, e redis.XMessage) (m Mail, ok bool) {
	field := func(key string) string {
		s, _ := e.Values[key].(string)
		return s
	}
	m = Mail{
		ID: field("id"), Type: field("ty"), At: millis(field("at")), Token: field("tk"), Session: field("se"), Desk: field("dk"),
		Agent: field("ag"), Text: field("tx"), shard: shard, entry: e.ID,
	}
	if card := field("cd"); card != "" {
		m.Card = &Card{}
		if json.Unmarshal([]byte(card), m.Card) != nil {
			return m, false
		}
	}
	return m, m.ID != "" && m.Type != ""
}

// Shorten cuts the texts of a mail to half; false when there is nothing left to
// cut. The card is copied first.
func (m *Mail) Shorten() bool {
	before := m.Text
	m.Text = half(m.Text)
	cut := m.Text != before
	if m.Card != nil {
		c := *m.Card
		for _, text := range []*string{&c.Why, &c.Goal} {
			before := *text
			*text = half(before)
			cut = cut || *text != before
		}
		for _, list := range []*[]string{&c.Words, &c.Facts, &c.Tried} {
			short := make([]string, 0, len(*list))
			for _, text := range (*list)[:min(len(*list), maxShort)] {
				short = append(short, half(text))
			}
			cut = cut || !slices.Equal(short, *list)
			*list = short
		}
		m.Card = &c
	}
	m.Cut = m.Cut || cut
	return cut
}

const (
	// minHalf is how short a text is cut at most, in bytes.
	minHalf = 64
	// maxShort is how many texts of a list stay when a mail is shortened.
	maxShort = 20
)

// half returns the first half of a text, whole characters.
func half(s string) string {
	if len(s) <= minHalf {
		return s
	}
	return strings.ToValidUTF8(s[:len(s)/2], "")
}
