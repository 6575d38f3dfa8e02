package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"attune/rules"
)

const slotsKey = "attune:{rules}:slots"

func bundleKey(digest string) string { return "attune:{rules}:bundle:" + digest }

var (
	// ErrMissing says that Redis does not have a bundle that a slot refers to.
	ErrMissing = errors.New("bundle: not in Redis")
	// ErrFaulty says that a bundle is no sound set: it does not compile here, or
	// is not what was pushed.
	ErrFaulty = errors.New("bundle: not a sound rule set")
	// ErrEmpty says that there is nothing in the slot, or nothing to go back to.
	ErrEmpty = errors.New("bundle: nothing there")
	// ErrRaced says that somebody else changed the slots again and again.
	ErrRaced = errors.New("bundle: the slots were changed by somebody else at the same time")
)

// Shelf keeps bundles and slots in Redis.
type Shelf struct{ client redis.UniversalClient }

// NewShelf returns the shelf in a Redis. The client stays the caller's.
func NewShelf(client redis.UniversalClient) *Shelf { return &Shelf{client} }

// Slots reads what is in force where. No slots at all are no error.
func (s *Shelf) Slots(ctx context.Context) (Slots, error) {
	stored, err := s.client.Get(ctx, slotsKey).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return Slots{}, fmt.Errorf("bundle: read the slots: %w", err)
	}
	return decodeSlots(stored)
}

// pack is one file of a stored bundle.
type pack struct {
	Name string `json:"name"`
	Data []byte `json:"data"`
}

// Load reads and compiles a bundle: ErrMissing when it is not there, ErrFaulty
// (with what was found) when it cannot be used.
func (s *Shelf) Load(ctx context.Context, digest string) (*rules.Set, rules.Diagnostics, error) {
	data, err := s.client.Get(ctx, bundleKey(digest)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil, fmt.Errorf("%w: %s", ErrMissing, digest)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("bundle: read %s: %w", digest, err)
	}
	var packs []pack
	if json.Unmarshal(data, &packs) != nil {
		return nil, nil, fmt.Errorf("%w: %s cannot be decoded", ErrFaulty, digest)
	}
	files := make([]rules.File, len(packs))
	for i, p := range packs {
		files[i] = rules.File(p)
	}
	set, found := rules.Compile(files)
	if set == nil {
		return nil, found, fmt.Errorf("%w: %s does not compile", ErrFaulty, digest)
	}
	if set.Digest() != digest {
		return nil, found, fmt.Errorf("%w: what is stored as %s is %s", ErrFaulty, digest, set.Digest())
	}
	return set, found, nil
}

// Push stores packs as a bundle and puts it into a slot; p says by whom and when,
// and the share of a canary. The digest is worked out here. Packs that do not
// compile are ErrFaulty, and nothing changes.
func (s *Shelf) Push(ctx context.Context, files []rules.File, slot Slot, p Placed) (Slots, error) {
	set, _ := rules.Compile(files)
	if set == nil {
		return Slots{}, ErrFaulty
	}
	p.Digest = set.Digest()
	if (slot == Canary) != (p.Share > 0) || p.Share >= 100 {
		return Slots{}, fmt.Errorf("bundle: a share of %v %% for %s: want one between 0 and 100 for a canary, and none for others", p.Share, slot)
	}
	packs := make([]pack, len(files))
	for i, f := range files {
		packs[i] = pack(f)
	}
	data, err := json.Marshal(packs)
	if err != nil {
		return Slots{}, fmt.Errorf("bundle: encode: %w", err)
	}
	return s.change(ctx, p.Digest, data, func(slots *Slots) error {
		slots.put(slot, &p)
		return nil
	})
}

// Promote makes the bundle of another slot the active one and empties its slot;
// p says by whom and when. ErrEmpty when there is none.
func (s *Shelf) Promote(ctx context.Context, from Slot, p Placed) (Slots, error) {
	return s.change(ctx, "", nil, func(slots *Slots) error {
		candidate := slots.In(from)
		if candidate == nil || from == Active {
			return fmt.Errorf("%w: slot %s", ErrEmpty, from)
		}
		p.Digest, p.Share = candidate.Digest, 0
		slots.put(from, nil)
		slots.put(Active, &p)
		return nil
	})
}

// Rollback makes the bundle that was active before the active one again; p says
// by whom and when. The one it replaces is forgotten, so that going back twice
// goes back further. ErrEmpty when there was none.
func (s *Shelf) Rollback(ctx context.Context, p Placed) (Slots, error) {
	return s.change(ctx, "", nil, func(slots *Slots) error {
		if len(slots.Before) == 0 {
			return fmt.Errorf("%w: no bundle was active before", ErrEmpty)
		}
		p.Digest, p.Share = slots.Before[0].Digest, 0
		slots.Before = slots.Before[1:]
		slots.Active = &p
		return nil
	})
}

// Empty takes the bundle out of the canary or shadow slot. ErrEmpty when there is
// none. The active slot is never empty again once it was filled.
func (s *Shelf) Empty(ctx context.Context, slot Slot) (Slots, error) {
	return s.change(ctx, "", nil, func(slots *Slots) error {
		if slots.In(slot) == nil || slot == Active {
			return fmt.Errorf("%w: slot %s", ErrEmpty, slot)
		}
		slots.put(slot, nil)
		return nil
	})
}

// changeScript changes the slots if they are still what they were.
//
// KEYS: the slots, then the bundle that is written when there is one, then the
// bundles to remove. ARGV: the slots as they were, as they will be, the bundle
// ("" = none is written). Run twice, it changes them once.
var changeScript = redis.NewScript(`
local now = redis.call('GET', KEYS[1]) or ''
if now == ARGV[2] then return 1 end
if now ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
local first = 2
if ARGV[3] ~= '' then
  redis.call('SET', KEYS[2], ARGV[3])
  first = 3
end
for k = first, #KEYS do redis.call('DEL', KEYS[k]) end
return 1
`)

// change decides on a change of the slots and carries it out, together with the
// bundle it brings, if any.
func (s *Shelf) change(ctx context.Context, digest string, data []byte, decide func(*Slots) error) (Slots, error) {
	for range 10 {
		before, err := s.Slots(ctx)
		if err != nil {
			return Slots{}, err
		}
		after := before
		after.Before = slices.Clone(before.Before)
		if err := decide(&after); err != nil {
			return Slots{}, err
		}
		encoded, err := json.Marshal(after)
		if err != nil {
			return Slots{}, fmt.Errorf("bundle: encode the slots: %w", err)
		}
		after.stored = string(encoded)
		keys := []string{slotsKey}
		if data != nil {
			keys = append(keys, bundleKey(digest))
		}
		kept := after.digests()
		for _, d := range before.digests() {
			if !slices.Contains(kept, d) {
				keys = append(keys, bundleKey(d))
			}
		}
		done, err := changeScript.Run(ctx, s.client, keys, before.stored, after.stored, data).Int()
		if err != nil {
			return Slots{}, fmt.Errorf("bundle: change the slots: %w", err)
		}
		if done == 1 {
			return after, nil
		}
	}
	return Slots{}, ErrRaced
}
