package frame_test

import (
	"errors"
	"fmt"

	"attune/proxy/frame"
)

// A conn's bytes come as the network cuts them; messages come out whole.
func Example() {
	key := [4]byte{1, 2, 3, 4}
	sent := frame.AppendMasked(nil, frame.Text, key, []byte(`{"text":"where is my parcel"}`))
	sent = frame.AppendMasked(sent, frame.Ping, key, nil)
	sent = frame.AppendMasked(sent, frame.Close, key, frame.AppendClosePayload(nil, 1001, "page closed"))

	dec := frame.NewDecoder(true, frame.Limits{Message: 64 << 10})
	for _, read := range [][]byte{sent[:10], sent[10:]} {
		dec.Feed(read)
		for {
			msg, ok, err := dec.Next()
			if err != nil {
				fmt.Println(err)
				return
			}
			if !ok {
				break
			}
			if msg.Op == frame.Close {
				code, reason, _ := frame.ParseClose(msg.Payload)
				fmt.Println(msg.Op, code, reason)
				continue
			}
			fmt.Printf("%v %q\n", msg.Op, msg.Payload)
		}
	}
	// Output:
	// text "{\"text\":\"where is my parcel\"}"
	// ping ""
	// close 1001 page closed
}

// A broken rule is an *Error with the code to close with; a claim alone is enough.
func ExampleError() {
	dec := frame.NewDecoder(false, frame.Limits{Message: 1024})
	dec.Feed(frame.AppendHeader(nil, frame.Binary, true, 1<<40))
	_, _, err := dec.Next()
	if fault, ok := errors.AsType[*frame.Error](err); ok {
		fmt.Println(fault.Code, err)
	}
	// Output: 1009 frame: 1009 message too big
}
