package lab_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules/lab"
)

// imported reads a table and returns its dialogues and faults, a line each.
func imported(t *testing.T, mapping, table string) string {
	t.Helper()
	m, err := lab.ParseImportMap([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	i, err := lab.NewImporter(m, strings.NewReader(table))
	if err != nil {
		return err.Error() + "\n"
	}
	var out strings.Builder
	for {
		d, err := i.Next()
		var row *lab.RowError
		switch {
		case errors.Is(err, io.EOF):
			if i.Empty > 0 {
				fmt.Fprintf(&out, "%d empty\n", i.Empty)
			}
			return out.String()
		case errors.As(err, &row):
			out.WriteString(err.Error() + "\n")
		case err != nil:
			t.Fatal(err)
		default:
			out.Write(appendJSON(t, d))
			out.WriteByte('\n')
		}
	}
}

const plainMap = "id: id\nrole: who\nroles: {customer: [User], bot: [assistant], agent: [admin], skip: [note]}\ntext: text\n"

func TestImport(t *testing.T) {
	for _, x := range []struct{ name, mapping, table, want string }{
		{
			"plain", plainMap, "id,who,text\nc1,user,hello\nc1,ASSISTANT,\"hi, \"\"you\"\"\"\nc1,note,secret\nc2,admin,\"two\nlines\"\n",
			`{"id":"c1","turns":[{"role":"customer","text":"hello"},{"role":"bot","text":"hi, \"you\""}]}` + "\n" + `{"id":"c2","turns":[{"role":"agent","text":"two\nlines"}]}` + "\n",
		},
		{
			"everything", plainMap + "at: when\ntime: DD/MM/YYYY HH:mm\nzone: Europe/Dublin\nlang: \"=en\"\npath: page\nseparator: ;\nlabel: {dissatisfied: {column: stars, below: 3}}\n" +
				"turn_label: {good: {column: thumb, yes: [up], no: [down]}}\nkeep: [channel]\n",
			"\ufeffwhen;channel;page;stars;thumb;id;who;text\n22/07/2026 10:00;web;/billing;;UP;c1;user;hello\n22/12/2026 10:01;;;2;?;c1;user;hello?\n;;;5;;c2;user;\n",
			`{"id":"c1","lang":"en","path":"/billing","turns":[{"role":"customer","text":"hello","at":"2026-07-22T10:00:00+01:00","label":{"good":1}},` +
				`{"role":"customer","text":"hello?","at":"2026-12-22T10:01:00Z"}],"label":{"dissatisfied":1},"channel":"web"}` + "\n" +
				`{"id":"c2","lang":"en","turns":[],"label":{"dissatisfied":0}}` + "\n1 empty\n",
		},
		{
			"several turns a row", "id: id\nturns: [{role: customer, text: q, at: asked}, {role: bot, text: a}]\ntime: unix\n", "id,q,a,asked\nc1,what,that,1.5\nc1,,and that,\n",
			`{"id":"c1","turns":[{"role":"customer","text":"what","at":"1970-01-01T00:00:01.5Z"},{"role":"bot","text":"that"},{"role":"bot","text":"and that"}]}` + "\n1 empty\n",
		},
		{
			"gathered and sorted by time", plainMap + "gather: true\nat: at\ntime: unix-ms\nseparator: tab\n", "id\twho\ttext\tat\nc1\tuser\tlast\t3000\nc2\tuser\thello\t\nc1\tuser\tfirst\t1000\n",
			`{"id":"c1","turns":[{"role":"customer","text":"first","at":"1970-01-01T00:00:01Z"},{"role":"customer","text":"last","at":"1970-01-01T00:00:03Z"}]}` + "\n" +
				`{"id":"c2","turns":[{"role":"customer","text":"hello"}]}` + "\n",
		},
		{
			"common times", plainMap + "at: at\n", "id,who,text,at\nc1,user,a,2026-11-22T10:00:00+02:00\nc1,user,b,2026-11-22 10:00:00\nc1,user,c,2026-11-22 10:00\n",
			`{"id":"c1","turns":[{"role":"customer","text":"a","at":"2026-11-22T10:00:00+02:00"},{"role":"customer","text":"b","at":"2026-11-22T10:00:00Z"},{"role":"customer","text":"c","at":"2026-11-22T10:00:00Z"}]}` + "\n",
		},
		{
			"faults", plainMap + "at: at\n",
			"id,who,text,at\nc1,user,hello,\nc1,secret,secret,\n,user,secret,\nc1,user,secret,secret\nc1,user\nc1,user,a \"secret\" word,\nc1,user,\xff,\nc1,user,bye,\nc2,user,x,\nc1,user,secret,\n",
			"line 3, column 4: the value of \"who\" is not among the roles of the map\nline 4, column 1: the row names no conversation\n" +
				"line 5, column 16: the value of \"at\" is no time as the map says\nline 6, column 1: the row has not as many cells as the first one\n" +
				"line 7, column 11: bare \" in non-quoted-field\nline 8, column 9: the cell is not valid UTF-8; save the table as UTF-8\n" +
				`{"id":"c1","turns":[{"role":"customer","text":"hello"},{"role":"customer","text":"bye"}]}` + "\n" +
				"line 11, column 1: the conversation came up before, and others since; sort the table by it, or write gather: true into the map\n" +
				`{"id":"c2","turns":[{"role":"customer","text":"x"}]}` + "\n",
		},
		{
			"HTML", plainMap + "html: true\n", "id,who,text\nc1,user,<p>it&#39;s <b>late</b></p>\nc1,user,<p> </p>\n",
			`{"id":"c1","turns":[{"role":"customer","text":"it's late"}]}` + "\n1 empty\n",
		},
		{"no row", plainMap, "id,who,text\n", ""},
		{"no table", plainMap, "", "the table is empty; its first row must name the columns\n"},
		{"other columns", plainMap, "my secret,who\n", "line 1: none of its 2 cells is id, nor text\n"},
		{"semicolons", plainMap, "id;who;text\n", "line 1: it has one cell; where semicolons stand between cells write separator: \";\" into the map\n"},
		{"tabs", plainMap, "id\twho\ttext\n", "line 1: it has one cell; where tabs stand between cells write separator: tab into the map\n"},
		{"UTF-16", plainMap, "\xff\xfei\x00d\x00,\x00w\x00h\x00o\x00", "line 1: not valid UTF-8; save the table as UTF-8\n"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if diff := cmp.Diff(x.want, imported(t, x.mapping, x.table)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestImportMapRefuses(t *testing.T) {
	for _, x := range []struct{ mapping, want string }{
		{"id: [", "line 1, column 5: "},
		{"idd: x", "line 1, column 1: "},
		{"id: x\nroles: 3", "line 2, column 8: "},
		{"role: who", "id: name the column"},
		{"id: x", "role and text: name the columns"},
		{"id: x\nrole: who\ntext: t", `roles: say which values of "who"`},
		{"id: x\nrole: who\ntext: t\nroles: {client: [a]}", `"client" is none of customer, bot, agent, skip`},
		{"id: x\nrole: who\ntext: t\nroles: {customer: [a], bot: [A]}", `"a" is both bot and customer`},
		{"id: x\ntext: t\nturns: [{role: bot, text: a}]", "turns: stands instead"},
		{"id: x\nturns: [{role: client}]", "the role of number 1 is none"},
		{"id: x\nturns: [{role: bot}]", "number 1 has no text"},
		{plainMap + "separator: ab", "separator: use one sign"},
		{plainMap + "zone: Nowhere/Else", `"Nowhere/Else" is no time zone`},
		{plainMap + "label: {bad: {column: x}}", `label "bad": name its column, and yes, no or below`},
		{plainMap + "keep: [turns]", `"turns" is a field of transcripts already`},
	} {
		_, err := lab.ParseImportMap([]byte(x.mapping))
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%q: error %v, want %q", x.mapping, err, x.want)
		}
	}
	// All at once.
	_, err := lab.ParseImportMap([]byte("role: who\nseparator: ab\nzone: Nowhere/Else"))
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != 4 {
		t.Errorf("%d faults, want 4:\n%v", n, err)
	}
}

// Whatever a table holds, it is read to its end, each dialogue can be read as a transcript, and no row is quoted.
func FuzzImport(f *testing.F) {
	everything := plainMap + "at: at\nlang: lang\nlabel: {x: {column: lang, yes: [en]}}\nkeep: [lang]\n"
	head := "id,who,text,at,lang\n"
	f.Add(everything, head+"c1,user,hello,2026-11-22T10:00:00Z,en\nc1,assistant,\"a\nb\",,\nc2,note,,x,\n")
	f.Add(everything+"gather: true\n", head+"c1,user,a,,\nc2,user,b,,\nc1,user,c,2026-01-01 00:00,en\n\"\n")
	f.Add("id: a\nturns: [{role: bot, text: b}]\ntime: unix\nat: b\nseparator: ;", "a;b\n1;99999999999999999999\n1;-1\n1;NaN\n")
	f.Fuzz(func(t *testing.T, mapping, table string) {
		m, err := lab.ParseImportMap([]byte(mapping))
		if err != nil {
			return
		}
		i, err := lab.NewImporter(m, strings.NewReader(table))
		if err != nil {
			return
		}
		for range len(table) + 2 {
			d, err := i.Next()
			var row *lab.RowError
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &row):
				if row.Line < 1 || row.Column < 1 {
					t.Fatalf("error at %d:%d", row.Line, row.Column)
				}
				continue
			case err != nil:
				t.Fatal(err)
			}
			if _, err := lab.NewReader(bytes.NewReader(appendJSON(t, d))).Next(); err != nil {
				t.Fatalf("%v in %s", err, appendJSON(t, d))
			}
		}
		t.Fatal("the table does not come to an end")
	})
}

func BenchmarkImport(b *testing.B) {
	m, err := lab.ParseImportMap([]byte(plainMap))
	if err != nil {
		b.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("id,who,text\n")
	for i := range 10_000 {
		fmt.Fprintf(&table, "c%d,user,where is my parcel number %d\n", i/10, i)
	}
	b.SetBytes(int64(table.Len()))
	b.ReportAllocs()
	for b.Loop() {
		i, err := lab.NewImporter(m, strings.NewReader(table.String()))
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := i.Next(); err != nil {
				break
			}
		}
	}
}
