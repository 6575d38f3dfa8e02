package transport_test

import (
	"testing"

	"attune/proxy/transport"
)

// TestReplace: a backend that was lost is another one's place, as often as need be.
func TestReplace(t *testing.T) {
	b := &tunnel{stays: make(chan struct{}, 1)}
	b.onTell = func(event any, out *transport.Output) {
		out.Send[transport.Backend] = append(out.Send[transport.Backend], event.(string)...)
	}
	r := start(t, b, transport.Config{}, "")
	for range 3 {
		_ = r.backend.Close()
		<-b.stays
		near, far := pipe(t)
		if !r.link.Replace(transport.Backend, transport.End{Conn: far, Early: []byte("early ")}, "again ") {
			t.Fatal("not replaced")
		}
		r.backend = near
		expect(t, r.widget, "early ")
		if _, err := r.widget.Write([]byte("up")); err != nil {
			t.Fatal(err)
		}
		expect(t, near, "again up")
		if _, err := near.Write([]byte("down")); err != nil {
			t.Fatal(err)
		}
		expect(t, r.widget, "down")
	}
	unwanted, far := pipe(t)
	defer func() { _, _ = unwanted.Close(), far.Close() }()
	if r.link.Replace(transport.Backend, transport.End{Conn: far}, "") {
		t.Error("a backend that is there was replaced")
	}
}

// TestReplaceAfterTheEnd: nothing takes a socket any more when both peers are gone.
func TestReplaceAfterTheEnd(t *testing.T) {
	b := &tunnel{stays: make(chan struct{}, 1)}
	r := start(t, b, transport.Config{}, "")
	_ = r.backend.Close()
	<-b.stays
	_ = r.widget.Close()
	<-r.done
	near, far := pipe(t)
	defer func() { _, _ = near.Close(), far.Close() }()
	if r.link.Replace(transport.Backend, transport.End{Conn: far}, "") {
		t.Error("replaced")
	}
}

// TestStartWithoutABackend: a bridge may begin with its widget alone; a backend that comes is served as any other, and
// one that never comes leaves nothing behind.
func TestStartWithoutABackend(t *testing.T) {
	for _, comes := range []bool{true, false} {
		b := &tunnel{}
		b.onTell = func(any, *transport.Output) {}
		near, widget := pipe(t)
		var link transport.Link
		done := make(chan struct{})
		run(t, transport.Config{}).Start(b, transport.End{Conn: widget}, transport.End{}, func(l transport.Link) { link = l }, func() { close(done) })
		if comes {
			back, far := pipe(t)
			if !link.Replace(transport.Backend, transport.End{Conn: far, Early: []byte("early ")}, "") {
				t.Fatal("not taken")
			}
			expect(t, near, "early ")
			if _, err := near.Write([]byte("up")); err != nil {
				t.Fatal(err)
			}
			expect(t, back, "up")
			_ = back.Close()
		}
		_ = near.Close()
		<-done
	}
}
