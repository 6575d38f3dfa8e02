package lab_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/rules/lab"
)

// Any bytes are read to their end, with an error for each bad line; a good one survives being written and read again.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		parcel, parcel + "\n" + parcel, "\ufeff{}", "{\n}", `{"turns":[{"role":"event","event":"silence","at":"0000-01-01T00:00:00-23:59"}]}`,
		`{"turns":[{"role":"bot","Text":1,"label":[null]}],"x":{"y":"\ud800"}}`, `{"turns":[null]}`, `null`, "\xff\xfe",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := lab.NewReader(bytes.NewReader(data))
		for range len(data) + 2 {
			d, err := r.Next()
			if errors.Is(err, io.EOF) {
				if r.Bytes() != int64(len(data)) {
					t.Fatalf("%d bytes read of %d", r.Bytes(), len(data))
				}
				return
			}
			var line *lab.LineError
			switch {
			case errors.As(err, &line):
				if line.Line != r.Line() || line.Line < 1 {
					t.Fatalf("error of line %d in line %d", line.Line, r.Line())
				}
				continue
			case err != nil:
				t.Fatal(err)
			}
			again, err := lab.NewReader(bytes.NewReader(appendJSON(t, d))).Next()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(d, again, compact); diff != "" {
				t.Fatalf("written and read again (-before +after):\n%s", diff)
			}
		}
		t.Fatal("the reader does not come to an end")
	})
}
