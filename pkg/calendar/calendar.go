// Package calendar knows on which days events can take place, and moves events off the
// days on which they cannot.
package calendar

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/limit"
)

// Closed is a set of days on which nothing takes place. The zero Closed is empty.
type Closed struct {
	Weekdays [7]bool
	Dates    map[civil.Date]string                       // a clinic's own days, with the reason
	Holidays []func(d civil.Date) (name string, on bool) // public holidays

	// Known has, of days that were closed by an order, the day on which that was known: nothing moves off them to a day before.
	Known map[civil.Date]civil.Date

	// Preferred are the days of the week that events go to where several placements move them
	// equally far. The zero value prefers none.
	Preferred [7]bool
}

// Hours are the opening hours of each day of the week, from Sunday on. A day without hours is
// closed; the zero Hours are always open.
type Hours [7]struct{ From, To civil.Clock }

// IsSet reports whether h bounds anything.
func (h *Hours) IsSet() bool { return *h != Hours{} }

// Fits reports whether something that takes some minutes fits into the hours of a day.
func (h *Hours) Fits(d civil.Date, minutes int) bool {
	return !h.IsSet() || h[d.Weekday()].From+civil.Clock(minutes) <= h[d.Weekday()].To
}

// Within returns the clock time nearest to a wanted one at which something that takes some
// minutes fits into the hours of a day, which must be open.
func (h *Hours) Within(d civil.Date, wanted civil.Clock, minutes int) civil.Clock {
	day := h[d.Weekday()]
	return max(min(wanted, day.To-civil.Clock(minutes)), day.From)
}

// Ahead returns by how many days, of some, what stands on a day can be put before it.
func (c *Closed) Ahead(day civil.Date, before int) int {
	if known, ok := c.Known[day]; ok {
		return min(before, max(day.Sub(known), 0))
	}
	return before
}

// With returns c with the days closed that have no hours.
func (c *Closed) With(h *Hours) *Closed {
	if !h.IsSet() {
		return c
	}
	out := *c
	for d := range h {
		out.Weekdays[d] = out.Weekdays[d] || h[d].To == 0
	}
	return &out
}

// IsEmpty reports whether no day can be closed.
func (c *Closed) IsEmpty() bool {
	return c.Weekdays == [7]bool{} && len(c.Dates) == 0 && len(c.Holidays) == 0
}

// On reports whether d is closed, and why.
func (c *Closed) On(d civil.Date) (reason string, closed bool) {
	if c.Weekdays[d.Weekday()] {
		return "a " + d.Weekday().String(), true
	}
	if reason, ok := c.Dates[d]; ok {
		return reason, true
	}
	for _, holiday := range c.Holidays {
		if name, ok := holiday(d); ok {
			return name, true
		}
	}
	return "", false
}

// A Policy says which way an event is moved off a closed day.
type Policy uint8

// The policies.
const (
	Next     Policy = iota // to a later day
	Previous               // to an earlier day
	Nearest                // to whichever is less far, the earlier of two
	Keep                   // not at all
	Skip                   // the event is left out
)

var policyNames = [...]string{"next", "previous", "nearest", "keep", "skip"}

func (p Policy) String() string { return policyNames[p] }

// PolicyNames returns the words for policies.
func PolicyNames() []string { return append([]string(nil), policyNames[:]...) }

// ParsePolicy reads a policy.
func ParsePolicy(text string) (Policy, error) {
	for p, name := range policyNames {
		if name == text {
			return Policy(p), nil
		}
	}
	return 0, fmt.Errorf("“%s” is not a policy for closed days: %s", text, strings.Join(policyNames[:], ", "))
}

// An Item is an event to place.
type Item struct {
	Target        civil.Date
	Before, After int  // how many days it may be moved either way
	Fixed         bool // it stays on its target, closed or not
	Past          bool // it happened there: no rule binds it, but where what can still move comes near it
	// At returns the instant, in seconds after the Unix epoch, of the event on a day.
	At func(civil.Date) int64
	// Day returns the day on which the event then falls, which is another where clocks skip its time up to
	// midnight; nil for the day that it is put on.
	Day    func(civil.Date) civil.Date
	Fits   func(civil.Date) bool // whether it fits into an open day; nil for always
	Amount int64                 // for limits on totals, in their unit
	Totals *limit.Rules          // the limits on totals, where they are not those of all items; as many, in the same order
}

// A Conflict says why items cannot be placed.
type Conflict struct {
	Item   int      // the first item for which no day is left
	Reason string   // what stands in the way
	Rules  []string // the smallest set of rules that cannot be kept together, beside the windows
	totals bool     // only limits on totals stand in the way
	tired  bool     // there may be a placement, but too many were looked at
}

func (c *Conflict) Error() string {
	if len(c.Rules) == 0 {
		return c.Reason
	}
	return c.Reason + "; in conflict inside the windows: " + strings.Join(c.Rules, ", ")
}

// Place moves items, which are in order of time, off closed days: each stays inside its
// window, order is kept, no two neighbours come closer than rules.Interval, no stretch of time
// holds more than the totals that rules allow, and the total number of days moved is the least
// there is. Of several such placements it takes one with the most items on preferred days of
// the week, and of those the one in which the first item that differs is earliest. The result holds the days by which each item is moved. Under Keep and Skip
// nothing is moved, and Place returns all zeros.
//
// Without totals it looks at each day of each window once for each day of the window before
// it, so its time grows with the number of items and the square of the windows. Where that
// placement passes a total, the next best are looked at in turn, pruned by what the placement
// without totals still costs at least. Totals that no choice of days keeps, were none closed,
// are left to the limits that check the calendar.
func Place(items []Item, closed *Closed, policy Policy, rules *limit.Rules) ([]int, *Conflict) {
	if policy == Keep || policy == Skip || closed.IsEmpty() {
		return make([]int, len(items)), nil
	}
	shifts, conflict := place(items, closed, policy, rules)
	if conflict == nil {
		return shifts, nil
	}
	if conflict.tired {
		return shifts, conflict
	}
	conflict.Rules = core(items, closed, policy, rules)
	if conflict.totals && conflict.Rules != nil && !slices.ContainsFunc(conflict.Rules, aboutDays) {
		// The totals are passed on open days too: that is for who checks the calendar to say.
		relaxed := *rules
		relaxed.Rolling, relaxed.Days = nil, nil
		items = slices.Clone(items)
		for i := range items {
			items[i].Totals = nil
		}
		return place(items, closed, policy, &relaxed)
	}
	return shifts, conflict
}

// aboutDays reports whether a rule of a conflict is about closed days.
func aboutDays(rule string) bool {
	return strings.HasPrefix(rule, "closed ") || strings.HasPrefix(rule, "the policy ")
}

func place(items []Item, closed *Closed, policy Policy, rules *limit.Rules) ([]int, *Conflict) {
	layers := make([][]state, len(items))
	for i := range items {
		layers[i] = candidates(&items[i], closed, policy, len(items)+1)
		if len(layers[i]) == 0 {
			reason, _ := closed.On(items[i].Target)
			if reason == "" {
				reason = "its hours are too short"
			}
			return nil, &Conflict{Item: i, Reason: fmt.Sprintf("%v is closed (%s), and there is no open day %s", items[i].Target, reason, window(&items[i], policy))}
		}
	}
	least := apart(items, rules)
	if i := chain(layers, least); i >= 0 {
		return nil, &Conflict{Item: i, Reason: fmt.Sprintf("between the events of %v and %v there is no pair of open days inside their windows that are %.0f hours apart",
			items[i-1].Target, items[i].Target, rules.Interval.Hours())}
	}
	best := cheapest(layers)
	path := make([]int, len(items)) // the state of each item
	for i, k := 0, best; i < len(items); i++ {
		path[i] = k
		k = layers[i][k].next
	}
	if len(rules.Rolling) > 0 || len(rules.Days) > 0 {
		s := &search{items: items, layers: layers, rules: rules, least: least, path: path, needs: map[string]int{}}
		if !s.keeps(len(items)) && !s.run(best) {
			return nil, s.conflict()
		}
	}
	shifts := make([]int, len(items))
	for i, k := range path {
		shifts[i] = layers[i][k].shift
	}
	return shifts, nil
}

// chain finds for each day of each item the day of the next with which it and all after it cost
// the least, from the last item to the first, so that ties can be broken from the first on. It
// returns the item that cannot follow the one before it on any pair of days, or -1.
func chain(layers [][]state, least []int64) int {
	for i := len(layers) - 2; i >= 0; i-- {
		possible := false
		for k := range layers[i] {
			s := &layers[i][k]
			s.next = -1
			for j, t := range layers[i+1] {
				if t.next == -1 || t.at-s.at < least[i+1] {
					continue
				}
				if total := s.own + t.cost; s.next == -1 || total < s.cost {
					s.cost, s.next = total, j
				}
			}
			possible = possible || s.next >= 0
		}
		if !possible {
			return i + 1
		}
	}
	return -1
}

// cheapest returns the day of the first item that costs the least with all after it.
func cheapest(layers [][]state) int {
	best := -1
	for k, s := range first(layers) {
		if s.next != -1 && (best == -1 || s.cost < layers[0][best].cost) {
			best = k
		}
	}
	return best
}

// apart returns how many seconds each item must come after the one before it at least: the
// shortest interval; where there is none, later at all, unless both are meant for one instant.
// Two items that happened are as they are.
func apart(items []Item, rules *limit.Rules) []int64 {
	least := make([]int64, len(items))
	for i := 1; i < len(items); i++ {
		a, b := &items[i-1], &items[i]
		least[i] = int64(rules.Interval / time.Second)
		switch {
		case a.Past && b.Past:
			least[i] = math.MinInt64
		case least[i] == 0 && a.At(a.Target) != b.At(b.Target):
			least[i] = 1
		}
	}
	return least
}

// A rule is something that a placement has to keep, with a way to do without it.
type rule struct {
	name string
	drop func(c *Closed, p *Policy, r []*limit.Rules)
}

// rulesOf lists everything that a placement has to keep, beside the windows.
func rulesOf(closed *Closed, policy Policy, rules *limit.Rules) []rule {
	var list []rule
	for d, on := range closed.Weekdays {
		if on {
			list = append(list, rule{"closed on " + time.Weekday(d).String() + "s", func(c *Closed, _ *Policy, _ []*limit.Rules) { c.Weekdays[d] = false }})
		}
	}
	if len(closed.Holidays) > 0 {
		list = append(list, rule{"closed on public holidays", func(c *Closed, _ *Policy, _ []*limit.Rules) { c.Holidays = nil }})
	}
	if len(closed.Dates) > 0 {
		list = append(list, rule{"closed on single dates", func(c *Closed, _ *Policy, _ []*limit.Rules) { c.Dates = nil }})
	}
	if policy != Nearest {
		list = append(list, rule{"the policy “" + policy.String() + "”", func(_ *Closed, p *Policy, _ []*limit.Rules) { *p = Nearest }})
	}
	if rules.Interval > 0 {
		list = append(list, rule{fmt.Sprintf("the shortest interval of %.0f hours", rules.Interval.Hours()), func(_ *Closed, _ *Policy, r []*limit.Rules) { r[0].Interval = 0 }})
	}
	for i, x := range rules.Rolling {
		list = append(list, rule{fmt.Sprintf("the largest total within %.0f hours", x.Within.Hours()), func(_ *Closed, _ *Policy, r []*limit.Rules) {
			for _, r := range r {
				r.Rolling[i].Total = math.MaxInt64
			}
		}})
	}
	for i, x := range rules.Days {
		list = append(list, rule{daysInWords(&x), func(_ *Closed, _ *Policy, r []*limit.Rules) {
			for _, r := range r {
				r.Days[i].Total = math.MaxInt64
			}
		}})
	}
	return list
}

// daysInWords names a rule on days of the calendar.
func daysInWords(r *limit.Days) string {
	switch {
	case r.Counts:
		return fmt.Sprintf("the shortest interval of %s", civil.Plural(int(r.Days), "day"))
	case r.Days == 1:
		return "the largest total of a day"
	}
	return fmt.Sprintf("the largest total of %d days", r.Days)
}

// core returns the fewest rules that cannot be kept together inside the windows.
func core(items []Item, closed *Closed, policy Policy, rules *limit.Rules) []string {
	const most = 12 // their subsets are tried one by one
	list := rulesOf(closed, policy, rules)
	if len(list) > most {
		return nil
	}
	sets := make([]uint, 1<<len(list))
	for set := range sets {
		sets[set] = uint(set)
	}
	slices.SortStableFunc(sets, func(a, b uint) int { return bits.OnesCount(a) - bits.OnesCount(b) })
	for _, set := range sets {
		c, p := *closed, policy
		items, r := copied(items, rules)
		var names []string
		for i := range list {
			if set>>i&1 == 1 {
				names = append(names, list[i].name)
			} else {
				list[i].drop(&c, &p, r)
			}
		}
		switch _, conflict := place(items, &c, p, r[0]); {
		case conflict == nil:
		case conflict.tired:
			return nil
		default:
			return names
		}
	}
	return nil
}

// copied returns items with limits of their own that can be changed, those limits, and before
// them the limits of all items.
func copied(items []Item, rules *limit.Rules) ([]Item, []*limit.Rules) {
	all := *rules
	all.Rolling, all.Days = slices.Clone(rules.Rolling), slices.Clone(rules.Days)
	list, seen := []*limit.Rules{&all}, map[*limit.Rules]*limit.Rules{}
	items = slices.Clone(items)
	for i := range items {
		was := items[i].Totals
		if was == nil {
			continue
		}
		if seen[was] == nil {
			own := *was
			own.Rolling, own.Days = slices.Clone(was.Rolling), slices.Clone(was.Days)
			seen[was] = &own
			list = append(list, &own)
		}
		items[i].Totals = seen[was]
	}
	return items, list
}

// A state is one day that an item could take.
type state struct {
	shift int
	at    int64
	own   int // what it costs: days moved, and what a day that is not preferred adds
	cost  int // the least total of this item and all after it
	next  int // the day of the next item in that placement, or -1 if there is none
}

func first(layers [][]state) []state {
	if len(layers) == 0 {
		return nil
	}
	return layers[0]
}

// candidates returns the open days of an item's window, the earliest first.
// A day moved costs as much as all items together can cost for days that are not preferred.
func candidates(it *Item, closed *Closed, policy Policy, day int) []state {
	if it.Fixed {
		return []state{{at: it.At(it.Target)}}
	}
	from, to := -it.Before, it.After
	switch policy {
	case Next:
		from = 0
	case Previous:
		to = 0
	}
	var list []state
	for shift := from; shift <= to; shift++ {
		d := it.Target.AddDays(shift)
		if _, shut := closed.On(d); !shut && (it.Fits == nil || it.Fits(d)) {
			own := abs(shift) * day
			if closed.Preferred != [7]bool{} && !closed.Preferred[d.Weekday()] {
				own++
			}
			list = append(list, state{shift: shift, at: it.At(d), own: own, cost: own})
		}
	}
	return list
}

func window(it *Item, policy Policy) string {
	before, after := it.Before, it.After
	if policy == Next {
		before = 0
	}
	if policy == Previous {
		after = 0
	}
	if before == 0 && after == 0 {
		if it.Before+it.After > 0 {
			return fmt.Sprintf("inside its window that the policy “%v” allows", policy)
		}
		return "because it has no window to be moved in"
	}
	return fmt.Sprintf("from %v to %v", it.Target.AddDays(-before), it.Target.AddDays(after))
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
