package lab_test

import (
	"testing"

	"attune/rules/lab"
)

func TestLabelled(t *testing.T) {
	tests := []struct {
		label      string
		yes, known bool
	}{
		{`{"x":1}`, true, true},
		{`{"x":true,"y":[1]}`, true, true},
		{`{"x":0.5}`, true, true},
		{`{"x":0,"score":3}`, false, true},
		{`{"x":false}`, false, true},
		{`{"x":-1}`, false, true},
		{`{"x":null}`, false, false},
		{`{"x":"yes"}`, false, false},
		{`{"X":1}`, false, false},
		{`{}`, false, false},
		{`null`, false, false},
		{``, false, false},
		{`"angry"`, false, false},
		{`{"x":`, false, false},
	}
	for _, tt := range tests {
		if yes, known := lab.Labelled(raw(tt.label), "x"); yes != tt.yes || known != tt.known {
			t.Errorf("Labelled(%s) = %v, %v; want %v, %v", tt.label, yes, known, tt.yes, tt.known)
		}
	}
}
