package session

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
)

// Shards is the number of shards that sessions are spread over. It is part of
// the key layout: every node of one Redis must agree on it.
const Shards = 256

// idBytes is how much of the hash an id keeps: 160 bits cannot be guessed nor
// met by chance, and print as 32 characters.
const idBytes = 20

// Key says which conversation a widget belongs to.
type Key struct {
	// Profile is the name of the protocol profile.
	Profile string
	// External is the session id that the protocol carries. It may be empty,
	// and it only correlates: anybody can write one.
	External string
	// Binding is what only this customer has: the value of Attune's cookie, or
	// the hash of the credential shown in the upgrade.
	Binding string
}

// ID returns the id of the session: 32 characters of base32 over a hash of the
// three parts, each preceded by its length so that no two keys run together.
// Somebody else's External without its Binding is simply another session.
func (k Key) ID() string {
	h := sha256.New()
	for _, part := range [...]string{k.Profile, k.External, k.Binding} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	sum := h.Sum(nil)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:idBytes]))
}

// Shard returns the shard of a session, from 0 to Shards-1. Any string is a
// valid id here; the same id has the same shard on every node.
func Shard(id string) int {
	// FNV-1a, 32 bits.
	h := uint32(2166136261)
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return int((h ^ h>>16) % Shards)
}

// Prefix returns what all keys of a session begin with. The braces make Redis
// Cluster keep the keys of one shard in one slot.
func Prefix(id string) string { return ShardPrefix(Shard(id)) }

// ShardPrefix returns the prefix of a shard's keys, "attune:{s042}:" for 42.
func ShardPrefix(shard int) string { return fmt.Sprintf("attune:{s%03d}:", shard) }

// The keys of one session. doc.go has the layout.
func recordKey(id string) string { return Prefix(id) + "s:" + id }
func turnsKey(id string) string  { return Prefix(id) + "t:" + id }
func tombKey(id string) string   { return Prefix(id) + "x:" + id }

func unconfirmedKey(id string) string { return Prefix(id) + "u:" + id }
