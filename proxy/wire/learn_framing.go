package wire

import "strconv"

// guessFraming takes the messages apart by every framing and keeps the one that finds most documents, the simpler of
// two that find as many. What has no document is counted by what it is.
func guessFraming(rec *Recording) (name string, docs []*heard, silent map[string]int) {
	name, docs = "opaque", nil
	for i, candidate := range framingNames {
		if candidate == "opaque" {
			continue
		}
		got, rest := takeApart(rec, framing(i))
		if len(got) > len(docs) {
			name, docs, silent = candidate, got, rest
		}
	}
	return name, docs, silent
}

// takeApart lays every document of the recording flat.
func takeApart(rec *Recording, f framing) (docs []*heard, silent map[string]int) {
	silent = make(map[string]int)
	conns := make(map[int]*Translator)
	for _, ev := range rec.Events {
		if ev.Opcode != OpText {
			continue
		}
		t := conns[ev.Conn]
		if t == nil {
			t = (&Profile{framing: f}).Open(Upgrade{})
			conns[ev.Conn] = t
		}
		base, ok := 0, true
		if f == framingSocketIO {
			base, ok = t.packet(ev.Dir, ev.Data)
		}
		r := new(reader)
		if !ok || !r.load(ev.Data[base:]) || r.tape[0].kind < kindArray {
			silent[strconv.Quote(string(ev.Data[:min(len(ev.Data), 16)]))]++
			continue
		}
		w := walker{r: r}
		w.walk(ref{}, "$", "", 0)
		docs = append(docs, &heard{line: ev.Line, conn: ev.Conn, dir: ev.Dir, doc: ev.Data[base:], leaves: w.out})
	}
	return docs, silent
}
