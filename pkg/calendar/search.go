package calendar

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/doseplan/doseplan/pkg/limit"
)

// A search looks for the least placement that keeps limits on totals as well. It tries to do
// with as few days as the placement without totals, then with one more, and so on. What the
// rest costs at least is known for each day from that placement, and what cannot be completed
// from one set of recent days is remembered.
type search struct {
	items  []Item
	layers [][]state
	rules  *limit.Rules
	least  int64 // seconds between neighbours
	path   []int
	failed map[string]int // the most days that were left where it failed
	steps  int
	deep   int // the furthest item that could be placed
}

// maxSteps bounds the search. Far smaller searches place the courses of a year.
const maxSteps = 2_000_000

// run reports whether there is a placement, which is then in path.
func (s *search) run(relaxed int) bool {
	most := 0
	for _, layer := range s.layers {
		worst := 0
		for _, c := range layer {
			worst = max(worst, abs(c.shift))
		}
		most += worst
	}
	for budget := s.layers[0][relaxed].cost; budget <= most && s.steps < maxSteps; budget++ {
		if s.place(0, budget) {
			return true
		}
	}
	return false
}

// place puts the items from i on within a number of days, the earliest days first.
func (s *search) place(i, budget int) bool {
	if i == len(s.items) {
		return true
	}
	key := s.key(i)
	if left, known := s.failed[key]; known && left >= budget {
		return false
	}
	for k := range s.layers[i] {
		c := &s.layers[i][k]
		if c.next == -1 || c.cost > budget {
			continue
		}
		if i > 0 && c.at-s.at(i-1) < s.least {
			continue
		}
		if s.steps++; s.steps >= maxSteps {
			return false
		}
		s.path[i] = k
		if s.keeps(i+1) && s.place(i+1, budget-abs(c.shift)) {
			return true
		}
		s.deep = max(s.deep, i)
	}
	s.failed[key] = budget
	return false
}

func (s *search) at(i int) int64 { return s.layers[i][s.path[i]].at }

// keeps reports whether the item before n keeps the totals with those before it.
func (s *search) keeps(n int) bool {
	from := n - 1
	if n == len(s.items) && s.steps == 0 {
		from = 0 // the whole placement, once
	}
	for i := from; i < n; i++ {
		for _, r := range s.rules.Rolling {
			total := int64(0)
			for k := i; k >= 0 && s.at(k) > s.at(i)-int64(r.Within/time.Second); k-- {
				total += s.items[k].Amount
			}
			if total > r.Total {
				return false
			}
		}
		if s.rules.EachDay > 0 {
			day, total := s.items[i].Target.AddDays(s.layers[i][s.path[i]].shift), int64(0)
			for k := i; k >= 0 && s.items[k].Target.AddDays(s.layers[k][s.path[k]].shift) == day; k-- {
				total += s.items[k].Amount
			}
			if total > s.rules.EachDay {
				return false
			}
		}
	}
	return true
}

// key names what of the items before i the rest depends on: the days of those that can still
// count together with one of the rest, and the last.
func (s *search) key(i int) string {
	within := int64(86400)
	for _, r := range s.rules.Rolling {
		within = max(within, int64(r.Within/time.Second))
	}
	earliest := s.layers[i][0].at
	b := binary.AppendVarint(nil, int64(i))
	for k := i - 1; k >= 0 && (k == i-1 || s.at(k) > earliest-within); k-- {
		b = binary.AppendVarint(b, int64(s.path[k]))
	}
	return string(b)
}

func (s *search) conflict() *Conflict {
	reason := "no placement of the events up to %v keeps the limits on totals"
	if s.steps >= maxSteps {
		reason = "too many placements of the events around %v had to be looked at for the limits on totals"
	}
	return &Conflict{Item: s.deep, totals: true, Reason: fmt.Sprintf(reason, s.items[s.deep].Target)}
}
