// Package proxytest has the peers for tests of a WebSocket proxy: a scripted backend, a scripted widget, a raw client
// that may send any bytes at all, and a clumsy bot.
//
// All of them speak over real TCP on the loopback. The comfortable ends ([Backend], [DialWidget]) are built on
// gorilla/websocket, so that Attune's own frame codec is tested against somebody else's; the [Raw] end is a net.Conn and
// frame.Decoder, for what a decent library refuses to send or hides on receipt.
//
// A test reads as a dialogue: send a line, expect a line. Everything that is expected has a deadline; when it does not
// come, the test ends with the transcript of that conn. What is started is stopped, and waited for, by t.Cleanup.
//
//	bot := proxytest.NewBackend(t, proxytest.BackendConfig{})
//	// … a proxy in front of bot.URL …
//	widget := proxytest.DialWidget(t, proxyURL, proxytest.WidgetConfig{})
//	widget.SendText(`{"text":"hello"}`)
//	conn := bot.Accept()
//	conn.ExpectText(`{"text":"hello"}`)
//	conn.SendText(`{"text":"hi"}`)
//	widget.ExpectText(`{"text":"hi"}`)
//	widget.SendClose(1000, "")
//	conn.ExpectClose(1000)
//
// Methods that take or hold a testing.TB end the test on failure and belong to the test's goroutine, one caller at a
// time for each conn.
package proxytest
