package wire

// guessFraming takes the messages apart by every framing and keeps the one that finds most documents, the simpler of
// two that find as many.
func guessFraming(rec *Recording) (found *framed, docs []*heard, silent map[string]int) {
	found = &framings[len(framings)-1] // opaque
	for i := range framings {
		if got, rest := takeApart(rec, &framings[i]); len(got) > len(docs) {
			found, docs, silent = &framings[i], got, rest
		}
	}
	return found, docs, silent
}

// takeApart lays every document of the recording flat, and counts the messages that have none by what they say.
func takeApart(rec *Recording, f *framed) (docs []*heard, silent map[string]int) {
	silent = make(map[string]int)
	conns := make(map[int]framing)
	for _, ev := range rec.Events {
		if ev.Opcode != OpText {
			continue
		}
		if conns[ev.Conn] == nil {
			conns[ev.Conn] = f.open()
		}
		r := new(reader)
		r.reset()
		before := len(docs)
		conns[ev.Conn].begin(ev.Dir)
		if conns[ev.Conn].split(r, ev.Dir, piece{ev.Data, nowhere}) == ReadWhole {
			for i := range r.records {
				if h := lay(r, &r.records[i], conns[ev.Conn], f); h != nil {
					h.line, h.conn, h.dir = ev.Line, ev.Conn, ev.Dir
					docs = append(docs, h)
				}
			}
		}
		if len(docs) == before {
			silent[string(ev.Data)]++
		}
	}
	return docs, silent
}

// lay lays a record's document flat, nil when it has none.
func lay(r *reader, rec *record, f framing, of *framed) *heard {
	if rec.heartbeat {
		return nil
	}
	doc := &r.docs[rec.root.doc]
	w := walker{r: r}
	if of.has("command") { // what the framing itself says comes first
		w.out = append(w.out, leaf{path: "@command", key: "command", kind: kindString, text: string(f.meta(r, rec, "command"))})
	}
	switch {
	case doc.in == inXML:
		w.out = append(w.out, leaf{path: "@name", key: "name", kind: kindString, text: string(f.meta(r, rec, "name"))})
		for _, at := range r.find(nil, bodyPath, rec.root) {
			w.out = append(w.out, leaf{path: bodyPath.src, key: "body", kind: kindString, text: string(r.value(at))})
		}
	case doc.in == inText && len(doc.buf) == 0:
	case doc.in == inJSON && r.tape[rec.root.node].kind < kindArray:
		return nil
	default:
		w.walk(rec.root, "$", "", 0)
	}
	return &heard{doc: doc.buf, leaves: w.out}
}

// bodyPath leads to the words of an XMPP stanza.
var bodyPath = func() *path {
	p, err := parsePath("/message/body")
	if err != nil {
		panic(err)
	}
	return p
}()
