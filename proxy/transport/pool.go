package transport

import "sync"

// pool holds values that one call in a while needs; the zero value is ready.
type pool[T any] struct{ p sync.Pool }

// get returns a value of the pool, or a new one.
func (p *pool[T]) get() *T {
	if v, ok := p.p.Get().(*T); ok {
		return v
	}
	return new(T)
}

func (p *pool[T]) put(v *T) { p.p.Put(v) }
