package wire_test

import (
	"fmt"
	"log"
	"strings"
	"testing"

	"attune/proxy/wire"
)

// The body of a poll is edited as the messages of a WebSocket are, packet by packet, and put together again.
func ExampleSplitPolling() {
	profile, err := wire.Lookup("rasa-socketio")
	if err != nil {
		log.Fatal(err)
	}
	bridge := profile.Open(wire.Upgrade{})
	body, ok := wire.SplitPolling([]byte("2:4038:42[\"bot_uttered\",{\"text\":\"Désolé 🙂\"}]"), 3)
	if !ok {
		log.Fatal("not a list of packets: pass it on as it is")
	}
	for i, packet := range body.Packets {
		if packet.Binary {
			bridge.Binary(wire.Down)
			continue
		}
		if items := bridge.Read(wire.Down, packet.Data); len(items) > 0 {
			body.Packets[i].Data = bridge.Splice(nil, packet.Data, []wire.Edit{{With: "Voilà"}})
		}
	}
	fmt.Printf("%s\n", body.Append(nil))
	// Output: 2:4034:42["bot_uttered",{"text":"Voilà"}]
}

func TestPolling(t *testing.T) {
	marked := func(mark byte, n, data string) string {
		digits := []byte(n)
		for i := range digits {
			digits[i] -= '0'
		}
		return string(mark) + string(digits) + "\xff" + data
	}
	tests := []struct {
		name    string
		eio     int
		body    string
		packets string // joined by |, binary ones in angle brackets; "" when it is no list
	}{
		{"EIO4, one", 4, `40{"token":"jwt"}`, `40{"token":"jwt"}`},
		{"EIO4, several", 4, "2\x1e42[\"a\"]\x1ebAAEC\x1e6", `2|42["a"]|<bAAEC>|6`},
		{"EIO4, the answer to a POST", 4, "ok", ""},
		{"EIO4, JSONP", 4, "d=42%5B%22a%22%5D", ""},
		{"EIO4, JSONP answer", 4, `___eio[0]("40");`, ""},
		{"EIO4, an error page", 4, "<html>", ""},
		{"EIO4, an error", 4, `{"code":1,"message":"Session ID unknown"}`, ""},
		{"EIO4, an empty packet", 4, "2\x1e", ""},
		{"EIO4, unknown type", 4, "2\x1e7", ""},
		{"empty", 4, "", ""},
		{"other revision", 2, "1:2", ""},
		{"EIO3, one", 3, `6:42["a"`, `42["a"`},
		{"EIO3, several", 3, `1:23:42[10:b4AAECAwQF`, `2|42[|<b4AAECAwQF>`},
		{"EIO3, UTF-16 code units", 3, `5:42é🙂1:2`, `42é🙂|2`},
		{"EIO3, characters", 3, `4:42é🙂1:2`, `42é🙂|2`},
		{"EIO3, bytes", 3, `8:42é🙂6:2probe`, `42é🙂|2probe`},
		{"EIO3, half a pair", 3, `4:42é🙂`, `42é🙂`}, // so it counts characters
		{"EIO3, too long", 3, `3:42`, ""},
		{"EIO3, too short", 3, `1:42`, ""},
		{"EIO3, no length", 3, `42["a"]`, ""},
		{"EIO3, empty packet", 3, `0:`, ""},
		{"EIO3, leading zero", 3, `01:2`, ""},
		{"EIO3, huge", 3, `99999999999999999999:2`, ""},
		{"EIO3, JSONP", 3, `d=1%3A2`, ""},
		{"EIO3, with binary packets", 3, marked(0, "8", "42é🙂") + marked(1, "12", "\x04\x00\x01\xff\x02abcdefg") + marked(0, "1", "2"), "42é🙂|<\x04\x00\x01\xff\x02abcdefg>|2"},
		{"EIO3, marked, cut off", 3, marked(0, "3", "42"), ""},
		{"EIO3, marked, no end of digits", 3, "\x00\x01", ""},
		{"EIO3, marked, no digits", 3, "\x00\xff2", ""},
		{"EIO3, marked, leading zero", 3, marked(0, "01", "2"), ""},
		{"EIO3, marked, no digit", 3, "\x00\x0a\xff2", ""},
		{"EIO3, marked, other mark", 3, marked(0, "1", "2") + marked(2, "1", "2"), ""},
		{"EIO3, marked, too many digits", 3, marked(0, "1111111111", "2"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, ok := wire.SplitPolling([]byte(tt.body), tt.eio)
			var got []string
			for _, packet := range p.Packets {
				s := string(packet.Data)
				if packet.Binary {
					s = "<" + s + ">"
				}
				got = append(got, s)
			}
			if strings.Join(got, "|") != tt.packets || ok != (tt.packets != "") {
				t.Errorf("got %q (%t)", got, ok)
			}
			if same := p.Append(nil); ok && string(same) != tt.body {
				t.Errorf("put together %q, want %q", same, tt.body)
			}
		})
	}
}

// Each way of counting is kept when a packet changes.
func TestPollingCountsAsItCame(t *testing.T) {
	for body, want := range map[string]string{
		"5:42é🙂1:2":      "7:42🙂🙂x1:2",
		"4:42é🙂1:2":      "5:42🙂🙂x1:2",
		"8:42é🙂6:2probe": "11:42🙂🙂x6:2probe",
		"\x00\x08\xff42é🙂\x01\x02\xff\x04\xff": "\x00\x01\x01\xff42🙂🙂x\x01\x02\xff\x04\xff",
	} {
		p, ok := wire.SplitPolling([]byte(body), 3)
		if !ok {
			t.Fatalf("%q is no list", body)
		}
		p.Packets[0].Data = []byte("42🙂🙂x")
		if got := p.Append([]byte("head ")); string(got) != "head "+want {
			t.Errorf("%q became %q, want %q", body, got, want)
		}
	}
}

func TestRecordedPolling(t *testing.T) {
	found := 0
	for _, rec := range capture(t, "socketio_v4_rasa_polling_upgrade") {
		if rec.Opcode != "http" {
			continue
		}
		_, body, _ := strings.Cut(rec.Data, "\n\n")
		p, ok := wire.SplitPolling([]byte(body), 4)
		if ok != (body != "" && body != "ok") {
			t.Errorf("%q: a list %t", body, ok)
		}
		if ok {
			found++
			if same := p.Append(nil); string(same) != body {
				t.Errorf("%q became %q", body, same)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d lists of packets in the recording, want 3", found)
	}
}
