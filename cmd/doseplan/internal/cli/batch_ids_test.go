package cli

import (
	"strconv"
	"testing"
)

// An id is new once, however many there are.
func TestIDSet(t *testing.T) {
	const n = 200_000
	s := newIDSet()
	for k := range n {
		if !s.add("P-" + strconv.Itoa(k)) {
			t.Fatalf("P-%d is known before it is added", k)
		}
	}
	for k := range n {
		if s.add("P-" + strconv.Itoa(k)) {
			t.Fatalf("P-%d is new again", k)
		}
	}
	for range 2 {
		if !s.add("") {
			t.Error("what cannot be read is taken for an id")
		}
	}
	slots := 0
	for i := range s.shares {
		slots += len(s.shares[i].slots)
	}
	if slots > 2*n {
		t.Errorf("%d slots for %d ids", slots, n)
	}
}
