package calendar

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/limit"
)

// A search looks for the least placement that keeps limits on totals as well. It tries to do
// with what the placement without totals costs, then with the least that was too much, and so
// on. What the rest costs at least is known for each day from that placement, and what cannot
// be completed from one set of recent days is remembered.
type search struct {
	items  []Item
	layers [][]state
	rules  *limit.Rules
	least  []int64 // seconds after the neighbour before
	path   []int
	needs  map[string]int // what it takes at least, where less has failed; math.MaxInt for no way at all
	came   reach
}

// A reach is how far a search came.
type reach struct {
	steps int
	over  int // the least by which something was too much
	deep  int // the furthest item that could be placed
}

// maxSteps bounds the search to a fraction of a second. Far smaller searches place the courses
// of a year; beyond it a schedule is refused, never placed somehow.
const maxSteps = 20_000

// run reports whether there is a placement, which is then in path.
func (s *search) run(relaxed int) bool {
	for budget := s.layers[0][relaxed].cost; s.came.steps < maxSteps; budget += s.came.over {
		s.came.over = math.MaxInt
		if s.place(0, budget) {
			return true
		}
		if s.came.over == math.MaxInt {
			return false // nothing was too much: there is none at all
		}
	}
	return false
}

// place puts the items from i on within a budget, the earliest days first.
func (s *search) place(i, budget int) bool {
	if i == len(s.items) {
		return true
	}
	key := s.key(i)
	if needs := s.needs[key]; needs > budget {
		if needs != math.MaxInt {
			s.came.over = min(s.came.over, needs-budget)
		}
		return false
	}
	outside := s.came.over
	s.came.over = math.MaxInt
	for k := range s.layers[i] {
		c := &s.layers[i][k]
		if c.next == -1 {
			continue
		}
		if i > 0 && c.at-s.at(i-1) < s.least[i] {
			continue
		}
		if c.cost > budget {
			s.came.over = min(s.came.over, c.cost-budget)
			continue
		}
		if s.came.steps++; s.came.steps >= maxSteps {
			return false
		}
		s.path[i] = k
		if s.keeps(i+1) && s.place(i+1, budget-c.own) {
			return true
		}
		s.came.deep = max(s.came.deep, i)
	}
	if s.needs[key] = s.came.over; s.came.over != math.MaxInt {
		s.needs[key] = budget + s.came.over
	}
	s.came.over = min(s.came.over, outside)
	return false
}

func (s *search) at(i int) int64 { return s.layers[i][s.path[i]].at }

// keeps reports whether the item before n keeps the totals with those before it. What happened
// is as it is: only where something can still move does a total bind.
func (s *search) keeps(n int) bool {
	from := n - 1
	if n == len(s.items) && s.came.steps == 0 {
		from = 0 // the whole placement, once
	}
	for i := from; i < n; i++ {
		rules := s.rules
		if own := s.items[i].Totals; own != nil {
			rules = own
		}
		for _, r := range rules.Rolling {
			earliest := s.at(i) - int64(r.Within/time.Second)
			if !s.within(i, r.Total, whole, func(k int) bool { return s.at(k) > earliest }) {
				return false
			}
		}
		for k := range rules.Days {
			r := &rules.Days[k]
			after := s.day(i).AddDays(-int(r.Days))
			if !s.within(i, r.Total, r.Of, func(k int) bool { return s.day(k).After(after) }) {
				return false
			}
		}
	}
	return true
}

// whole is what an amount adds to a total of amounts.
func whole(amount int64) int64 { return amount }

// day returns the day on which an item falls where it is placed.
func (s *search) day(i int) civil.Date {
	d := s.items[i].Target.AddDays(s.layers[i][s.path[i]].shift)
	if s.items[i].Day != nil {
		return s.items[i].Day(d)
	}
	return d
}

// within reports whether an item and those before it that count with it come to no more than a
// total, or all happened.
func (s *search) within(i int, most int64, of func(int64) int64, counts func(k int) bool) bool {
	total, past := int64(0), true
	for k := i; k >= 0 && counts(k); k-- {
		total += of(s.items[k].Amount)
		past = past && s.items[k].Past
	}
	return total <= most || past
}

// key names what of the items before i the rest depends on: the days of those that can still
// count together with one of the rest, and the last.
func (s *search) key(i int) string {
	within := int64(2 * 86400) // a day of the longest change of the clocks
	for _, r := range s.rules.Rolling {
		within = max(within, int64(r.Within/time.Second))
	}
	for _, r := range s.rules.Days {
		within = max(within, int64(r.Days+1)*86400)
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
	tired := s.came.steps >= maxSteps
	if tired {
		reason = "too many placements of the events around %v had to be looked at for the limits on totals"
	}
	return &Conflict{Item: s.came.deep, totals: true, tired: tired, Reason: fmt.Sprintf(reason, s.items[s.came.deep].Target)}
}
