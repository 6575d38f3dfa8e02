package peers

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Gorilla relays messages to the backend at a host and port until ctx ends:
// two goroutines a conversation, with the library's defaults, as its
// documentation shows. It reads and changes nothing.
func Gorilla(ctx context.Context, l net.Listener, backend string) error {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bot, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+backend+r.URL.Path, nil)
		if err != nil {
			http.Error(w, "backend", http.StatusBadGateway)
			return
		}
		_ = resp.Body.Close()
		widget, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			_ = bot.Close()
			return
		}
		defer context.AfterFunc(ctx, func() { _, _ = widget.Close(), bot.Close() })()
		var wg sync.WaitGroup
		wg.Go(func() { relay(bot, widget) })
		relay(widget, bot)
		wg.Wait()
	})}
	stopped := make(chan struct{})
	defer context.AfterFunc(ctx, func() { defer close(stopped); _ = server.Close() })()
	if err := server.Serve(l); err != http.ErrServerClosed { //nolint:errorlint // it is returned as it is
		return err
	}
	<-stopped
	return nil
}

// relay passes messages on until either end fails, then closes both.
func relay(to, from *websocket.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	for {
		op, p, err := from.ReadMessage()
		if err != nil {
			return
		}
		if err := to.WriteMessage(op, p); err != nil {
			return
		}
	}
}
