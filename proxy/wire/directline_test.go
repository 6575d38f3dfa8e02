package wire_test

import (
	"testing"

	"attune/proxy/wire"
)

// Direct Line tells of streams in two places, entities and channelData, and a library of bots strips the first. The first
// piece has no streamId: it is the id of that piece. A stream that answers nothing is known by it.
func TestStreamsOfDirectLine(t *testing.T) {
	profile, err := wire.Lookup("directline")
	if err != nil {
		t.Fatal(err)
	}
	const (
		delta = `delta 1 "a1" so far`
		end   = `; end 1 "a1" after 1`
	)
	for name, steps := range map[string][][2]string{
		"in channelData": {
			{`{"type":"typing","id":"a1","text":"I","channelData":{"streamType":"streaming","streamSequence":1}}`, delta},
			{`{"type":"typing","id":"a2","text":"I can","channelData":{"streamId":"a1","streamType":"streaming","streamSequence":2}}`, delta},
			{`{"type":"message","id":"a3","text":"I can.","channelData":{"streamId":"a1","streamType":"final"}}`, `final 3 "a1" final` + end},
		},
		"in entities that were stripped": {
			{`{"type":"typing","id":"a4","replyToId":"a1","text":"I","entities":[{"type":"streaminfo"}]}`, delta},
			{`{"type":"message","id":"a5","replyToId":"a1","text":"I can.","entities":[{"type":"streaminfo"}]}`, `final 2 "a1" final` + end},
		},
		"what is going on is nobody's words": {
			{`{"type":"typing","id":"a1","text":"Searching","channelData":{"streamType":"informative"}}`, "observe"},
			{`{"type":"typing","id":"a1","text":"Searching","entities":[{"type":"streaminfo","streamType":"informative"}]}`, "observe"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr := profile.Open(wire.Upgrade{})
			for _, step := range steps {
				if got := showStreams(tr, `{"activities":[`+step[0]+`]}`); got != step[1] {
					t.Errorf("%s reads %s, want %s", step[0], got, step[1])
				}
			}
		})
	}
}
