package handoff_test

import (
	"fmt"

	"attune/proxy/handoff"
)

func ExampleState_May() {
	fmt.Println(handoff.Queued.May(handoff.Accepted))   // an agent claims
	fmt.Println(handoff.Accepted.May(handoff.Accepted)) // a second one does not
	fmt.Println(handoff.Resolved.Open())                // and what is over stays over
	// Output:
	// true
	// false
	// false
}
