// Package compare says what changed in meaning between two protocols: the facts that each
// states, whatever its spelling, and the calendars that patients get from each.
package compare

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A Fact is one thing that a protocol states.
type Fact struct {
	Path string // where it belongs, as "phases › induction › dose"
	Text string // what is stated, as it is written
	At   diag.Range
	same string // the spelling that all texts of one meaning share
}

// A Change is one difference. Before or After is the zero Fact where the other is new or gone.
type Change struct {
	Before, After Fact
}

// Path returns what the change concerns.
func (c *Change) Path() string {
	if c.Before.Path != "" {
		return c.Before.Path
	}
	return c.After.Path
}

// Protocols returns the differences between two protocols that were decoded without errors,
// in the order of the first, with what is new after what it follows.
func Protocols(a, b *protocol.Protocol) []Change {
	before, after := Facts(a), Facts(b)
	at := make(map[string]int, len(after))
	for i, f := range after {
		at[f.Path] = i
	}
	var list []Change
	next := 0 // of after
	fresh := func(to int) {
		for ; next < to; next++ {
			if f := after[next]; !slices.ContainsFunc(before, func(g Fact) bool { return g.Path == f.Path }) {
				list = append(list, Change{After: f})
			}
		}
	}
	for _, f := range before {
		i, ok := at[f.Path]
		if !ok {
			list = append(list, Change{Before: f})
			continue
		}
		fresh(i)
		if after[i].same != f.same {
			list = append(list, Change{f, after[i]})
		}
	}
	fresh(len(after))
	return list
}
