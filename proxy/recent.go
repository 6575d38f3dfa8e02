package proxy

import "sync"

// recent is a memory with a bound: what is put in pushes out what was put in
// first. It may be used by any goroutine.
type recent[K comparable, V any] struct {
	bound int // of the sum of costs

	mu    sync.Mutex
	known map[K]kept[V]
	order []K // oldest first, from head on
	head  int
	cost  int
}

type kept[V any] struct {
	value V
	cost  int
}

// keptCost is about what an entry costs beside its words, in bytes.
const keptCost = 128

func newRecent[K comparable, V any](bound int) *recent[K, V] {
	return &recent[K, V]{bound: bound, known: map[K]kept[V]{}}
}

// put remembers a value; size is how many bytes it holds on to. A key that is
// known keeps its place in the order.
func (m *recent[K, V]) put(key K, value V, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, again := m.known[key]
	m.known[key] = kept[V]{value, size + keptCost}
	m.cost += size + keptCost - before.cost
	if !again {
		m.order = append(m.order, key)
	}
	for m.cost > m.bound && m.head < len(m.order) {
		oldest := m.order[m.head]
		m.head++
		m.cost -= m.known[oldest].cost
		delete(m.known, oldest)
	}
	if m.head > len(m.order)/2 {
		n := copy(m.order, m.order[m.head:])
		clear(m.order[n:])
		m.order, m.head = m.order[:n], 0
	}
}

// get returns what is remembered under a key.
func (m *recent[K, V]) get(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.known[key]
	return k.value, ok
}
