// Package session keeps the conversations: the rules' state, who has the floor,
// and what was said. The node that has the widget holds a conversation in
// memory; Redis is the memory that all nodes share.
//
// It owns the floor's epochs, the redaction of what is stored, and the events
// between nodes. It never judges, never talks to a widget or a backend, and
// knows nothing of rules: their state is opaque here.
//
// A message never waits for Redis. Session.Do and Book.Append touch memory
// only; what changed is written by Run at least once a second, one script call
// for each shard with a change. Floors are written at once (Store.SetFloor), the
// record of a session is read once (Store.Load), with the caller's deadline.
// Without Redis the conversations go on in memory (Store.Degraded), and within a
// second of its return everything that this node holds is written again.
//
// Stores and sessions may be used from any goroutine. The book of a session is
// under the session's lock.
//
// # A conversation
//
//	sess := store.Attach(key.ID(), false)      // one more bridge
//	defer store.Detach(sess)
//	found, err := store.Load(ctx, sess)        // 50 ms at most
//	sess.Do(func(b *session.Book) {
//		set.Judge(b.State.(*rules.State), …)
//		b.Append(session.Turn{Role: "customer", Text: text})
//	})
//
// # Keys in Redis
//
// A session id is a hash (Key.ID); it belongs to one of 256 shards, and all keys
// of a shard begin with the same tag, so that a Cluster keeps them in one slot:
//
//	attune:{s042}:s:ID   hash, the record, until IdleTTL after the last turn, or a
//	                     sixteenth longer: the TTL is not renewed with each
//	    v   version of the encoding; readers take the fields they know
//	    g   generation: which conversation of this customer key, from 1
//	    n   version of the record, i the instance that wrote it
//	    st  the rules' state, mt meta (JSON: p profile, l locale, a path,
//	        c channel, s started, t seen), tc number of turns
//	    fl  floor, ep epoch, ho holder, ft the latest floor tokens and their epochs
//	    en  how it ended; absent while it goes on
//	    nd  who holds it: a version that grows, then instances, the owner first;
//	        absent while only the instance in i ever held it. Whoever reads the
//	        record joins them in the same trip (join.go)
//	    wX  number of the last turn written by instance X: a repeated flush
//	        appends nothing twice
//	attune:{s042}:t:ID   list, the latest 200 turns (JSON, see Turn) and up to 50 that
//	                     nobody reads any more, as long
//	attune:{s042}:u:ID   hash, messages of Attune's and of agents that the widget has
//	                     not confirmed, by id: AES-256-GCM, key from Config.Secret
//	                     by HKDF, nonce first; for 5 minutes
//	attune:{s042}:x:ID   tombstone of an erased session: the generation that must
//	                     not come back, for a day
//	attune:node:X        lease of instance X, 5 s, renewed every second (JSON: v
//	                     version, n the node's name, o the instance)
//	attune:node:probe    written by a node to see whether Redis takes anything, 5 s
//	attune:bus           pub/sub channel of the events between nodes (JSON, see Event)
//
// Each of these keys has a TTL. Every script touches one shard and may be sent twice.
// Whoever reads takes the fields it knows and leaves the others as they are, so
// that nodes of two versions can share a Redis: an older one, which has no lease,
// counts as one that holds nothing.
//
// # Two nodes
//
// A session may be held by several nodes at once (two tabs, a reconnect). One owns
// it: the node of the latest bridge, which gets it from the owner until then, or
// when that one's lease has run out (hold.go). The owner judges what the customer
// says anywhere (Session.Owner, Store.Ask) and its state is stored; turns are
// stored by every node. The floor is changed by a script, epochs only grow, and
// the greater epoch stands; Store.Applied waits until every holder knows, or has
// no lease, those too that do not know yet whose the session is. A node without a
// lease may not know who has the floor: there Book.BotMaySpeak says no where
// somebody was promised a person.
//
// Whose a session is can be in doubt: Redis is gone, or the owner does not answer
// and has a lease for some seconds more, or two nodes took it for theirs before
// either had stored it, which their flushes find out. Then every holder judges for itself. The
// record has a version: a flush that does not continue the stored version stores
// its turns, takes the other's state, joins the two (Config.Merge) and stores the
// result with the next flush.
//
// # What can be lost
//
// With a node that is killed: the changes since its last flush, never a floor
// that SetFloor returned without an error. With Redis: what Redis itself loses;
// the nodes write back what they hold, a few turns of each conversation. While
// Redis is gone the waiting turns are bounded (200 of a session, Config.MaxWaiting
// of all), the oldest are dropped and counted (Store.Dropped).
package session
