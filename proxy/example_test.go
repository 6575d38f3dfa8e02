package proxy_test

import (
	"fmt"
	"time"

	"attune/proxy"
)

func ExampleParseDesks() {
	desks, err := proxy.ParseDesks("desks.yaml", []byte(`
support:
  kind: console
  zone: Europe/Dublin
  hours: ["Mon-Fri 08:00-18:00"]
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	fmt.Println(desks.Open("support", friday), desks.Open("support", friday.AddDate(0, 0, 1)))
	// Output: true false
}

func ExampleParseBackend() {
	backend, err := proxy.ParseBackend("ws://bot:3000/ws")
	fmt.Println(backend, err)
	_, err = proxy.ParseBackend("http://bot:3000")
	fmt.Println(err)
	// Output:
	// ws://bot:3000/ws <nil>
	// scheme "http": want ws:// or wss://
}
