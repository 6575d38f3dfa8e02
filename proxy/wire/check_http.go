package wire

import (
	"bytes"
	"strconv"
	"strings"
)

// beside is one HTTP request of a recording that waits for its answer; x is nil where the profile has no route for it.
type beside struct{ x *Exchange }

// http replays a request or an answer beside the socket. Answers come in the order of their requests.
func (c *checking) http(ev Event) {
	head, body, _ := bytes.Cut(ev.Data, []byte("\n\n"))
	line, _, _ := strings.Cut(string(head), "\n")
	first, rest, _ := strings.Cut(line, " ")
	if ev.Dir == Up {
		path, _, _ := strings.Cut(rest, "?")
		r, ok := c.profile.Route(first, path)
		if !ok {
			c.asked = append(c.asked, beside{})
			if c.profile.framing.name != "socketio" || !strings.Contains(rest, "transport=polling") {
				c.beside++
			}
			return
		}
		x := r.Open(Upgrade{Path: path})
		for _, it := range x.Request(body) {
			if it.Role == Customer {
				c.report.Counts.HTTP += len(it.Texts)
			}
		}
		c.asked = append(c.asked, beside{x})
		return
	}
	if len(c.asked) == 0 {
		c.find(ev.Line, "an HTTP answer without a request")
		return
	}
	x := c.asked[0].x
	c.asked = c.asked[1:]
	if status, err := strconv.Atoi(first); x == nil || err != nil || status >= 300 {
		return
	}
	c.answer(x, ev.Line, body)
}

// answer replays an answer: left alone it keeps its bytes, and so it does with every text replaced and put back.
func (c *checking) answer(x *Exchange, line int, body []byte) {
	r := x.route
	if !r.ReadsAnswer() {
		return
	}
	items := x.Answer(body)
	if same := x.Splice(nil, body, nil); !bytes.Equal(same, body) {
		c.find(line, "the answer is not left as it came")
	}
	switch {
	case r.id != nil && x.ID() == "":
		c.find(line, "the answer has no id where the route looks for it")
	case len(r.urls) > 0 && (len(items) == 0 || items[0].Kind != Control):
		c.find(line, "the answer has no address where the route looks for it")
	case r.answer != nil && len(r.urls) == 0:
		c.edit(&checkedConn{x.answer, r.answer.Open(Upgrade{})}, Event{Line: line, Dir: Down, Data: body}, items)
	}
}
