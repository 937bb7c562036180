package schedule

import "sync"

// A memo holds what was computed for patients before and is the same for some to come, up to a size. It may be used by
// several goroutines, which must not change what it holds.
type memo[K comparable, V any] struct {
	lock  sync.RWMutex
	known map[K]kept[V]
	size  int // of all that is known
}

// A kept value and its size, in the measure of the memo.
type kept[V any] struct {
	value *V
	size  int
}

// find returns what is known of a key, or nil.
func (m *memo[K, V]) find(key K) *V {
	m.lock.RLock()
	defer m.lock.RUnlock()
	return m.known[key].value
}

// keep takes down what a key comes to. As much else is forgotten, whatever it is, as makes room for it.
func (m *memo[K, V]) keep(key K, v *V, size, most int) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.known == nil {
		m.known = map[K]kept[V]{}
	}
	for k, old := range m.known {
		if m.size+size <= most {
			break
		}
		m.size -= old.size
		delete(m.known, k)
	}
	m.size += size - m.known[key].size
	m.known[key] = kept[V]{v, size}
}
