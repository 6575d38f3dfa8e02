package session_test

import (
	"context"
	"fmt"

	"attune/proxy/session"
)

func Example() {
	ctx := context.Background()
	// No URL: the store is in this process. A program also runs store.Run.
	store, err := session.Open(session.Config{Node: "one"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()

	key := session.Key{Profile: "json", External: "chat-17", Binding: "cookie:p3K…"}
	sess := store.Attach(key.ID(), false)
	defer store.Detach(sess)
	found, err := store.Load(ctx, sess)
	fmt.Println("known:", found, err)

	sess.Do(func(b *session.Book) {
		b.Append(session.Turn{Role: "customer", Text: "charge 4111 1111 1111 1111 again"})
	})
	epoch, err := store.SetFloor(ctx, sess.ID(), session.Agent, "ann", "claim-1")
	fmt.Println("epoch:", epoch, err)

	turns, err := store.History(ctx, sess.ID())
	fmt.Println(turns[0].Text, err)
	// Output:
	// known: false <nil>
	// epoch: 1 <nil>
	// charge [card] again <nil>
}

func ExampleRedact() {
	fmt.Println(session.Redact("I am ann@example.org, +49 30 1234567, order 48213"))
	// Output: I am [email], [phone], order 48213
}
