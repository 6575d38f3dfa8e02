package proxytest_test

import (
	"fmt"

	"attune/proxy/proxytest"
)

// The clumsy bot, without a network. In a test: proxytest.NewBackend(t, proxytest.BackendConfig{Answer: bot}).
func ExampleClumsy() {
	bot := proxytest.JSON(proxytest.Clumsy)
	for _, text := range []string{`{"text":"where is my parcel?"}`, `{"text":"what?"}`, `{"typing":true}`} {
		fmt.Println(bot(text))
	}
	// Output:
	// [{"text":"Great news! Your parcel 4711 is delayed until Friday! 😊"}]
	// [{"text":"Sorry, I did not get that."}]
	// []
}
