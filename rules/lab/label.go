package lab

import "encoding/json"

// Labelled reads one label of a turn or dialogue, by name: whether people said yes to it, and whether they said
// anything at all. Yes is true or a number above 0, no is false or any other number.
func Labelled(label json.RawMessage, name string) (yes, known bool) {
	if len(label) == 0 {
		return false, false
	}
	var all map[string]any
	if json.Unmarshal(label, &all) != nil {
		return false, false
	}
	switch v := all[name].(type) {
	case bool:
		return v, true
	case float64:
		return v > 0, true
	}
	return false, false
}

// Dissatisfied reads the label that Attune is tuned to.
func Dissatisfied(label json.RawMessage) (yes, known bool) {
	return Labelled(label, "dissatisfied")
}
