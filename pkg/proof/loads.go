package proof

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A bound is one limit, or a figure that is shown beside the limits.
type bound struct {
	medicine int
	kind     limit.Kind
	rule     int // an index into the limits of its kind, or noLimit
	code     diag.Code
	at       diag.Range
	within   time.Duration   // of limit.InRolling, and the days of limit.InDays
	limit    quantity.Amount // as written, for amounts
	name     limit.Key
}

const noLimit = -1

// days is how many days of the calendar a bound is on.
func (b *bound) days() int { return int(b.within / (24 * time.Hour)) }

// counts reports whether a bound counts doses, and not what they come to: that of an interval in days.
func (b *bound) counts() bool { return b.kind == limit.InDays && b.name == limit.KeyInterval }

// between reports whether a bound is on the time between two doses.
func (b *bound) between() bool { return b.kind == limit.Interval || b.kind == limit.Gap }

// bounds lists the limits of every medicine; with all, also the totals and the spacing that
// a reader wants to see where there is no limit on them.
func bounds(p *protocol.Protocol, all bool) []bound {
	var list []bound
	for m := range p.Medications {
		l := &p.Medications[m].Limits
		for k, a := range l.SingleDose {
			list = append(list, bound{m, limit.Single, k, diag.SingleDoseLimit, l.SingleAt[k], 0, a, limit.KeySingle})
		}
		for k, r := range l.OnDays {
			list = append(list, bound{m, limit.InDays, k, diag.RollingLimit, r.Range, time.Duration(r.Days) * 24 * time.Hour, r.Total, limit.KeyEach(r.Days)})
		}
		for k, r := range l.Rolling {
			list = append(list, bound{m, limit.InRolling, k, diag.RollingLimit, r.Range, limit.Elapsed(r.Within), r.Total, limit.KeyAny(r.Within)})
		}
		for _, p := range limit.Stretches() {
			within := limit.Elapsed(p)
			if all && !slices.ContainsFunc(l.Rolling, func(r protocol.Rolling) bool { return limit.Elapsed(r.Within) == within }) {
				list = append(list, bound{m, limit.InRolling, noLimit, "", diag.Range{}, within, quantity.Amount{}, limit.KeyAny(p)})
			}
		}
		if l.Course.IsSet() {
			list = append(list, bound{m, limit.InCourse, 0, diag.RollingLimit, l.CourseAt, 0, l.Course, limit.KeyCourse})
		}
		if l.Lifetime.IsSet() {
			list = append(list, bound{m, limit.InLifetime, 0, diag.RollingLimit, l.LifetimeAt, 0, l.Lifetime, limit.KeyLifetime})
		}
		if l.Interval > 0 {
			list = append(list, bound{m, limit.Interval, 0, diag.IntervalLimit, l.IntervalAt, 0, quantity.Amount{}, limit.KeyInterval})
		} else if l.Apart > 0 {
			list = append(list, bound{m, limit.InDays, len(l.OnDays), diag.IntervalLimit, l.IntervalAt, time.Duration(l.Apart) * 24 * time.Hour, quantity.Amount{}, limit.KeyInterval})
		} else if all {
			list = append(list, bound{m, limit.Interval, noLimit, "", diag.Range{}, 0, quantity.Amount{}, limit.KeyInterval})
		}
		for k, g := range l.Gaps {
			list = append(list, bound{m, limit.Gap, k, diag.IntervalLimit, g.Range, 0, quantity.Amount{}, limit.KeyGap})
		}
		if l.Doses > 0 {
			list = append(list, bound{m, limit.Count, 0, diag.CountLimit, l.DosesAt, 0, quantity.Amount{}, limit.KeyDoses})
		}
	}
	return list
}

// A load is a set of doses that count together against one bound, whoever the patient is.
type load struct {
	bound   int // an index into checker.bounds
	phase   int
	doses   []int32 // pairs: an index into Schedule.Doses, and how many doses have it
	n       int     // how many doses there are
	elapsed int64   // of intervals: seconds
	ways    []way   // in which they can come together
	kept    [2]int  // how many of ways need closed days, and how many do not
	follows bool    // some of them are doses that move with another from which they are counted
	endless bool    // of a number of doses: the course goes on past what was looked at
}

// words says what the doses of a load are.
func (c *checker) words(l *load) string {
	b := &c.bounds[l.bound]
	doses, phase := civil.Plural(l.n, "dose"), c.p.Phases[l.phase].Name
	switch b.kind {
	case limit.Single:
		return "a single dose of the phase “" + phase + "”"
	case limit.InDays:
		if b.counts() {
			return fmt.Sprintf("%s of the phase “%s” can stand on less than %s, the shortest interval", doses, phase, civil.Plural(b.days(), "day"))
		} else if b.days() == 1 {
			return doses + " on one day"
		}
		return fmt.Sprintf("%s on %d days", doses, b.days())
	case limit.InRolling:
		return doses + " within " + string(b.name)
	case limit.Gap:
		g := &c.p.Medications[b.medicine].Limits.Gaps[b.rule]
		return fmt.Sprintf("a dose of the phase “%s” can come %s after one of the other medicine, and %s and %s are kept %s apart", phase, civil.Elapsed(l.elapsed), c.p.Medications[b.medicine].Name, g.Name, civil.Elapsed(int64(g.Least.Seconds())))
	case limit.Interval:
		return fmt.Sprintf("a dose of the phase “%s” can come %s after the one before it, sooner than the shortest interval of %s", phase, civil.Elapsed(l.elapsed), civil.Elapsed(int64(c.p.Medications[b.medicine].Limits.Interval.Seconds())))
	}
	if whole(b) && l.endless {
		return "the course is open-ended, and its doses"
	} else if whole(b) {
		return "the " + doses + " of the course"
	}
	if l.endless {
		return fmt.Sprintf("the course is open-ended, and the limit of %d doses ends it", c.p.Medications[b.medicine].Limits.Doses)
	}
	return fmt.Sprintf("the course has %s or more, and the limit is %d", doses, c.p.Medications[b.medicine].Limits.Doses)
}

// whole reports whether a bound is on the total of the whole course.
func whole(b *bound) bool { return b.kind == limit.InCourse || b.kind == limit.InLifetime }

// A way is the start, the zone and the closed days of a witness.
type way struct {
	start  civil.Date
	own    civil.Date // the start of the calendar that was looked at, of which start is so many days away
	zone   string
	closed map[civil.Date]string
}

// maxWays is how many ways are kept of each load, for the first that the engine refuses.
const maxWays = 12

// newFinder returns a finder without any load.
func (c *checker) newFinder() *finder {
	return &finder{checker: c, known: map[string]int{}, alike: map[string]int{}}
}

// look finds every load of a calendar that is not known.
func (f *finder) look(s *schedule.Schedule) {
	key := f.spacing(s)
	if f.alike[key]++; f.alike[key] > maxWays {
		return // there are enough ways to all of its loads
	}
	for m := range f.p.Medications {
		b := f.builder(s, &f.p.Medications[m].Limits, m)
		for k := range f.bounds {
			switch bound := &f.bounds[k]; {
			case bound.medicine != m:
			case bound.kind == limit.Gap: // which windows may close to nothing: no placement looks at it
				f.builder(s, &protocol.Limits{}, m, f.p.Medications[m].Limits.Gaps[bound.rule].Medication).gaps(k)
			default:
				b.build(k, bound)
			}
		}
	}
}

// builder returns a builder of the doses of some medicines in a calendar.
func (f *finder) builder(s *schedule.Schedule, l *protocol.Limits, medicines ...int) *builder {
	b := &builder{finder: f, s: s, l: l, weekly: f.reads.Weekday, counts: make([]int32, len(s.Doses))}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && slices.Contains(medicines, s.Phases[e.Phase].Phase.Medication) {
			b.events = append(b.events, e)
			b.moves = b.moves || b.window(e) != protocol.Window{}
		}
	}
	return b
}

// spacing is the same for calendars with the same doses at the same distances, in time and in days; and on the same
// days of the week at the same time of day, where a change of the clocks is put on its own day of the week; and with the
// change at the same place, where doses can be moved.
func (f *finder) spacing(s *schedule.Schedule) string {
	key := []byte(s.Zone.String())
	last, day, offset := int64(0), civil.Date{}, int32(0)
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		if last == 0 && f.reads.Weekday {
			key = append(key, byte(e.Date.Weekday()))
			key = binary.AppendVarint(key, int64(e.Clock))
		}
		if last != 0 { // on elapsed time a change of the clocks can bring a dose to another day
			key = binary.AppendVarint(key, e.At-last)
			key = binary.AppendVarint(key, int64(e.Date.Sub(day)))
			if e.Offset != offset && s.Phases[e.Phase].Phase.Movable() { // one that is moved keeps its clock time across it
				key = binary.AppendVarint(key, int64(e.Offset-offset))
			}
		}
		key = binary.AppendVarint(key, int64(e.Dose))
		last, day, offset = e.At, e.Date, e.Offset
	}
	return string(key)
}

// A finder collects loads. Those that come to the same for every patient are one load, with
// several ways to it.
type finder struct {
	*checker
	list  []load
	alike map[string]int // how many calendars had the same spacing
	known map[string]int
	key   []byte
	zone  civil.Cursor // of the calendar that was looked at last
}

// add adds a load of a run of doses, unless it is known with enough ways, and returns its index.
func (b *builder) add(bound, i, j int, elapsed int64, a *arrangement) int {
	f := b.finder
	f.key = binary.AppendVarint(f.key[:0], int64(bound))
	f.key = binary.AppendVarint(f.key, elapsed)
	lo, hi, n := len(b.counts), 0, 0
	for _, k := range a.run(i, j) {
		e := b.events[k]
		b.counts[e.Dose]++
		lo, hi, n = min(lo, int(e.Dose)), max(hi, int(e.Dose)), n+1
	}
	for d := lo; d <= hi; d++ {
		if n := b.counts[d]; n > 0 {
			f.key = binary.AppendVarint(f.key, int64(d))
			f.key = binary.AppendVarint(f.key, int64(n))
		}
	}
	at, ok := f.known[string(f.key)]
	if !ok {
		at = len(f.list)
		l := load{bound: bound, phase: int(b.events[j].Phase), n: n, elapsed: elapsed}
		for d := lo; d <= hi; d++ {
			if n := b.counts[d]; n > 0 {
				l.doses = append(l.doses, int32(d), n)
			}
		}
		f.list = append(f.list, l)
		f.known[string(f.key)] = at
	}
	if f.bounds[bound].kind == limit.InDays && b.s.Zone == civil.UTC { // no change of the clocks brings days nearer
		own := *a
		own.zone, own.shift = "UTC", 0
		a = &own
	}
	// Ways on open days are kept beside those that need closed ones, which alone do not show a breach: placement moves
	// nothing so that a limit breaks.
	l, open := &f.list[at], b.onOwnDays(a)
	if l.kept[open] < maxWays {
		l.kept[open]++
		l.ways = append(l.ways, b.way(a))
		l.follows = l.follows || b.follows(a)
	}
	clear(b.counts[lo : hi+1])
	return at
}

// A builder finds the loads of one medicine in one calendar.
type builder struct {
	*finder
	s      *schedule.Schedule
	l      *protocol.Limits
	events []*schedule.Event
	moves  bool // some dose has a window
	weekly bool // the calendar can be shifted by whole weeks only
	counts []int32
	dates  []civil.Date

	anchors [][]*schedule.Event // by phase: the dose that it is counted from, or those of its runs; nil until somebody asks
}

func (b *builder) build(k int, bound *bound) {
	plain := arrangement{zone: b.s.Zone.String()}
	switch bound.kind {
	case limit.Single:
		for i := range b.events {
			b.add(k, i, i, 0, &plain)
		}
	case limit.InDays:
		b.together(k, func(a *arrangement) bool { return a.to.Sub(a.from) < bound.days() })
	case limit.InRolling:
		within := int64(bound.within / time.Second)
		b.together(k, func(a *arrangement) bool { return a.elapsed < within })
	case limit.Interval:
		b.intervals(k)
	case limit.Count, limit.InCourse, limit.InLifetime:
		if n := len(b.events); n > 0 {
			if at := b.add(k, 0, n-1, 0, &plain); b.open() {
				b.list[at].endless = true
			}
		}
	}
}

// open reports whether the medicine is given past what is shown.
func (b *builder) open() bool {
	return slices.ContainsFunc(b.s.Phases, func(ph schedule.PhaseInfo) bool {
		return ph.Open && ph.Phase.Medication == int(b.s.Phases[b.events[0].Phase].Phase.Medication)
	})
}

// intervals looks at neighbours on their target days and as near to each other as windows
// allow, and at any two of which one moves with another dose, past what stands between. Moving events off closed days never brings
// them closer than a limit on the interval, but a change of the clocks may.
func (b *builder) intervals(k int) {
	meet := b.meet(b.l.Interval)
	for j := 2; j < len(b.events) && b.moves; j++ {
		for i := j - 2; i >= 0 && b.events[j].Target.Sub(b.events[i].Target) <= meet; i-- {
			if b.anchor(b.events[i]) == nil && b.anchor(b.events[j]) == nil || b.rigid(b.events[i], b.events[j]) {
				continue
			}
			if a, ok := b.nearest(i, j); ok {
				b.add(k, j, j, a.elapsed, &a)
			}
		}
	}
	for i := 1; i < len(b.events); i++ {
		a := b.plain(i-1, i)
		b.add(k, i, i, a.elapsed, &a)
		if !b.moves {
			continue
		}
		if a, ok := b.closest(i-1, i); ok && a.dates != nil {
			least := int64(b.l.Interval / time.Second)
			if b.follows(&a) {
				least = 0
			}
			// What placement never does, though the clocks change.
			b.add(k, i, i, max(a.elapsed, least), &a)
		}
	}
}

// meet returns how many days apart two doses can be meant to stand that windows may bring nearer to each other than so long.
func (b *builder) meet(least time.Duration) int {
	reach := 0 // of the widest window
	for _, e := range b.events {
		w := b.window(e)
		reach = max(reach, w.Before, w.After)
	}
	return 2*reach + 1 + int((least+24*time.Hour-1)/(24*time.Hour))
}

// gaps is intervals for doses of two medicines: neighbours, and with windows any two that these can bring past each
// other, or nearer than the gap, whatever stands between them.
func (b *builder) gaps(k int) {
	medicine := func(i int) int { return b.s.Phases[b.events[i].Phase].Phase.Medication }
	meet := b.meet(b.p.Medications[b.bounds[k].medicine].Limits.Gaps[b.bounds[k].rule].Least)
	for j := 1; j < len(b.events); j++ {
		for i := j - 1; i >= 0; i-- {
			neighbour := i == j-1
			if !neighbour && (!b.moves || b.events[j].Target.Sub(b.events[i].Target) > meet) {
				break
			}
			if medicine(i) == medicine(j) {
				continue
			}
			if neighbour {
				a := b.plain(i, j)
				b.add(k, j, j, a.elapsed, &a)
			}
			if a, ok := b.nearest(i, j); ok {
				b.add(k, j, j, a.elapsed, &a)
			}
		}
	}
}

// nearest is the arrangement in which two doses stand as near to each other as their windows and a change of the clocks let
// them: each may move past the other.
func (b *builder) nearest(i, j int) (a arrangement, ok bool) {
	first, last := b.events[i], b.events[j]
	v, w := b.window(first), b.window(last)
	with, tied := b.tied(first, last)
	for x := -v.Before; x <= v.After; x++ {
		for y := -w.Before; y <= w.After; y++ {
			if x == 0 && y == 0 { // which is no move
				continue
			}
			if tied && (x-y < -with.Before || x-y > with.After) {
				continue
			}
			if b.spent(1) {
				return a, false
			}
			from, to := first.Target.AddDays(x), last.Target.AddDays(y)
			p, q, dates := i, j, []civil.Date{from, to}
			if wall(last, to) < wall(first, from) {
				p, q, dates = j, i, []civil.Date{to, from}
			}
			here := b.arranged(p, q, dates[0], dates[1])
			here.elapsed = max(here.elapsed, -here.elapsed)
			if !ok || here.elapsed < a.elapsed {
				a, ok = here, true
				a.dates, a.pair, a.second = dates, true, q
			}
		}
	}
	return a, ok
}

// maxRun is how many doses that can be moved are looked at together.
const maxRun = 100

// together adds, for each dose, the longest run of doses that ends with it and counts
// together on its target days; and where doses can be moved, every longer run that windows
// let come together. A shorter run may be reached where a longer one, which must close more
// days, is not.
func (b *builder) together(k int, counts func(*arrangement) bool) {
	jumps := slices.ContainsFunc(b.events, func(e *schedule.Event) bool { return b.anchor(e) != nil })
	first := 0
	for j := range b.events {
		longest := b.plain(j, j)
		for ; first < j && !b.spent(j-first); first++ {
			if a := b.plain(first, j); counts(&a) {
				longest = a
				break
			}
		}
		b.add(k, first, j, 0, &longest)
		for i := j - 1; b.moves && i >= max(0, j-maxRun) && !b.spent(j-i); i-- {
			a, ok := b.closest(i, j)
			if !ok || !counts(&a) {
				break
			}
			if a.dates != nil {
				b.add(k, i, j, 0, &a)
			}
			if i == j-maxRun {
				b.long[k] = true
			}
		}
		if jumps {
			b.beside(k, j, counts)
		}
	}
}

// beside adds the doses that can count together with one where some of them have moved past others, which stay behind, or
// others have moved out of their way: each that can come near enough by itself is taken to do so.
func (b *builder) beside(k, j int, counts func(*arrangement) bool) {
	w := b.window(b.events[j])
	for shift := -w.Before; shift <= w.After; shift++ {
		here := arrangement{}
		for i := range b.events {
			if b.spent(1) {
				return
			}
			a, date, ok := b.near(i, j, shift, counts)
			if !ok {
				continue
			}
			if here.members == nil || a.elapsed > here.elapsed {
				here.elapsed, here.from, here.to, here.zone, here.shift = a.elapsed, a.from, a.to, a.zone, a.shift
			}
			here.members, here.dates = append(here.members, i), append(here.dates, date)
		}
		if len(here.members) > 1 && (b.follows(&here) || b.gone(here.members)) {
			b.add(k, j, j, 0, &here)
		}
	}
}

// gone reports whether a dose that moves with another stands between some doses, and is none of them: it may be out of their way.
func (b *builder) gone(members []int) bool {
	for n := 1; n < len(members); n++ {
		for i := members[n-1] + 1; i < members[n]; i++ {
			if b.anchor(b.events[i]) != nil {
				return true
			}
		}
	}
	return false
}

// near is the arrangement of a dose that counts together with a later one, which has moved so far, on the day nearest to
// its own on which it does. ok is false where there is none.
func (b *builder) near(i, j, shift int, counts func(*arrangement) bool) (a arrangement, date civil.Date, ok bool) {
	e, last := b.events[i], b.events[j]
	to := last.Target.AddDays(shift)
	if i == j {
		return b.arranged(j, j, to, to), to, true
	}
	with, tied := b.tied(e, last)
	for _, d := range nearestFirst(b.window(e)) {
		if tied && (d-shift < -with.Before || d-shift > with.After) {
			continue
		}
		date = e.Target.AddDays(d)
		if wall(e, date) > wall(last, to) {
			continue
		}
		if a = b.arranged(i, j, date, to); counts(&a) {
			return a, date, true
		}
	}
	return a, date, false
}

// nearestFirst returns the days by which a dose can be moved, the least first.
func nearestFirst(w protocol.Window) []int {
	days := []int{0}
	for d := 1; d <= max(w.Before, w.After); d++ {
		if d <= w.Before {
			days = append(days, -d)
		}
		if d <= w.After {
			days = append(days, d)
		}
	}
	return days
}

// An arrangement is a way in which a run of doses can fall.
type arrangement struct {
	elapsed  int64 // seconds from the first to the last
	from, to civil.Date
	zone     string
	shift    int          // days by which the calendar is shifted, for a change of the clocks
	first    int          // the first of the doses
	dates    []civil.Date // of the doses, where some are moved
	pair     bool         // it is of two doses, with others between them perhaps
	second   int          // the second of them
	members  []int        // the doses, where they do not follow each other; nil where they do
}

// run returns the indices of the doses of an arrangement, which are those from one to another unless it says others.
func (a *arrangement) run(i, j int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		if a.members == nil {
			for k := i; k <= j && yield(k-i, k); k++ {
			}
			return
		}
		for k, m := range a.members {
			if !yield(k, m) {
				return
			}
		}
	}
}

// dose returns the index of a dose of an arrangement, by its place among them.
func (a *arrangement) dose(k int) int {
	if a.members != nil {
		return a.members[k]
	}
	if a.pair && k == 1 {
		return a.second
	}
	return a.first + k
}

// wall is the time that clocks show at an event on a day, in seconds of an arbitrary epoch.
func wall(e *schedule.Event, d civil.Date) int64 { return d.Unix(e.Wanted) }

// plain is the arrangement of a run on its target days, across a change of the clocks if one
// can be had.
func (b *builder) plain(i, j int) arrangement {
	return b.arranged(i, j, b.events[i].Target, b.events[j].Target)
}

// closest is the arrangement in which a run of doses is as short as windows and the shortest interval allow, by where
// its last stands. ok is false where the doses cannot all keep their windows so. Its dates hold until the next call.
func (b *builder) closest(i, j int) (a arrangement, ok bool) {
	last := b.events[j]
	w := b.window(last)
	var best []civil.Date
	for shift := -w.Before; shift <= w.After; shift++ {
		if b.spent(j - i) {
			return arrangement{}, false
		}
		moved, fits := b.fit(i, j, shift)
		if !fits {
			continue
		}
		here := b.arranged(i, j, b.dates[0], b.dates[j-i])
		if moved {
			here.dates = b.dates
		}
		if b.anchor(last) == nil { // each day later only takes the others farther from it
			return here, true
		}
		if !ok || here.elapsed < a.elapsed {
			a, ok = here, true
			best = append(best[:0], b.dates...)
		}
	}
	if ok && a.dates != nil {
		a.dates = append(b.dates[:0], best...)
	}
	return a, ok
}

// fit puts the last dose of a run so many days from its target, and each before it as near to the next as it can be,
// on the dates of the builder. It reports whether a dose is not on its own day, and whether all keep their windows.
func (b *builder) fit(i, j, shift int) (moved, fits bool) {
	gap := max(int64(b.l.Interval/time.Second), 1)
	last := b.events[j]
	b.dates = slices.Grow(b.dates[:0], j-i+1)[:j-i+1]
	date := last.Target.AddDays(shift)
	b.dates[j-i] = date
	next, moved := wall(last, date), shift != 0
	for k := j - 1; k >= i; k-- {
		e := b.events[k]
		v, found, near := b.window(e), false, int64(0)
		with, tied := b.tied(e, last)
		by, gap := 0, gap
		if after := b.events[k+1]; wall(e, e.Target) == wall(after, after.Target) {
			gap = 0 // they are meant for one time, and stand so wherever they are moved
		}
		for d := v.After; d >= -v.Before; d-- {
			// On its own days a run may be closer than the interval; that is the business of intervals, and a
			// move never makes it so. A dose that moves with another moves whatever is in its way, and past it too.
			at := wall(e, e.Target.AddDays(d))
			free := d != 0 && b.anchor(e) != nil || d == 0 && shift != 0 && b.anchor(last) != nil
			if tied && (d-shift < -with.Before || d-shift > with.After) { // the two move with one dose
				continue
			}
			free = free || tied && with == protocol.Window{}
			if !free && next-at < gap && (d != 0 || next <= at || v != (protocol.Window{})) {
				continue
			}
			if apart := max(next-at, at-next); !found || apart < near {
				found, near, by = true, apart, d
			}
		}
		if !found {
			return moved, false
		}
		b.dates[k-i] = e.Target.AddDays(by)
		next = min(next, wall(e, b.dates[k-i]))
		moved = moved || by != 0
	}
	return moved, true
}

// rigid reports whether two doses move with the same dose alone, or the one with the other.
func (b *builder) rigid(e, o *schedule.Event) bool {
	w, tied := b.tied(e, o)
	return tied && w == protocol.Window{}
}

// tied returns by how many days less, and by how many more, a dose can be moved than another that moves with the same dose, or
// with which it moves itself: what the two have in common moves both. It is false where nothing ties them.
func (b *builder) tied(e, o *schedule.Event) (w protocol.Window, ok bool) {
	for x, own := e, (protocol.Window{}); x != nil; x = b.anchor(x) {
		for y, other := o, (protocol.Window{}); y != nil; y = b.anchor(y) {
			if x == y {
				return protocol.Window{Before: own.Before + other.After, After: own.After + other.Before}, x != e || x != o
			}
			v := b.own(y)
			other.Before, other.After = other.Before+v.Before, other.After+v.After
		}
		v := b.own(x)
		own.Before, own.After = own.Before+v.Before, own.After+v.After
	}
	return w, false
}

// window returns how far a dose can be moved: by its own window, and with the dose that its phase is
// counted from.
func (b *builder) window(e *schedule.Event) protocol.Window {
	w := b.own(e)
	if from := b.anchor(e); from != nil {
		v := b.window(from)
		w.Before, w.After = w.Before+v.Before, w.After+v.After
	}
	return w
}

// own is the window of a dose itself.
func (b *builder) own(e *schedule.Event) protocol.Window {
	return b.s.Phases[e.Phase].Phase.Window(int(e.Number))
}

// anchor returns the dose with which the phase of a dose moves, or nil: the one from which it is counted, or with which
// the phase moves that it follows.
func (b *builder) anchor(e *schedule.Event) *schedule.Event {
	if b.anchors == nil {
		b.anchors = make([][]*schedule.Event, len(b.s.Phases))
		for i := range b.s.Phases {
			for k, next := i, -1; k >= 0; k, next = b.p.StartsAfter(k), k {
				phase, number, ok := b.p.CountsFrom(k)
				if !ok {
					continue
				}
				if number == 0 && next >= 0 { // it follows the last of the runs, or is counted from the first
					number = 1
					if by := b.p.Phases[next].Starts.Anchor; by == protocol.After || by == protocol.EndOf || by == protocol.LastDose {
						number = -1
					}
				}
				b.anchors[i] = dosesOf(b.s, phase, number)
				break
			}
		}
		for i, from := range b.anchors { // what cannot be moved moves nothing
			if len(from) > 0 && !slices.ContainsFunc(from, func(e *schedule.Event) bool { return b.window(e) != protocol.Window{} }) {
				b.anchors[i] = nil
			}
		}
	}
	switch from := b.anchors[e.Phase]; {
	case len(from) == 0:
		return nil
	case len(from) == 1 || int(e.Run) > len(from):
		return from[0]
	default:
		return from[e.Run-1]
	}
}

// dosesOf returns the dose of a number of a phase, the last for -1, and all of them for 0.
func dosesOf(s *schedule.Schedule, phase, number int) (doses []*schedule.Event) {
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose || int(e.Phase) != phase || number > 0 && int(e.Number) != number {
			continue
		}
		if number < 0 {
			doses = doses[:0]
		}
		doses = append(doses, e)
	}
	return doses
}

// follows reports whether an arrangement has a dose on another day than its own that moves with another.
func (b *builder) follows(a *arrangement) bool {
	for k, date := range a.dates {
		if e := b.events[a.dose(k)]; date != e.Target && b.anchor(e) != nil {
			return true
		}
	}
	return false
}

// arranged measures an arrangement of doses from one day to another.
func (b *builder) arranged(i, j int, from, to civil.Date) arrangement {
	first, last := b.events[i], b.events[j]
	if wall(last, to) < wall(first, from) { // the one has moved past the other
		first, last, from, to = last, first, to, from
	}
	a := arrangement{from: b.day(first, from), to: b.day(last, to), first: i, zone: "UTC"}
	a.elapsed = wall(last, to) - wall(first, from)
	switch {
	case first.Slot == schedule.None && last.Slot == schedule.None && b.rigid(first, last) && from.Sub(first.Target) == to.Sub(last.Target): // on elapsed time from one dose
		a.elapsed = last.At - first.At
		if b.s.Zone != civil.UTC {
			a.zone = b.s.Zone.String()
		}
	case b.s.Zone != civil.UTC: // the change is already in the calendar
		a.elapsed, a.zone = b.at(last, to)-b.at(first, from), b.s.Zone.String()
	case first.Slot == schedule.None && last.Slot == schedule.None:
		a.elapsed = b.at(last, to) - b.at(first, from)
	default:
		b.spring(&a, wall(first, from), wall(last, to))
	}
	return a
}

// at is the instant of an event on a day: off its own it keeps the clock time.
func (b *builder) at(e *schedule.Event, on civil.Date) int64 {
	if on == e.Target {
		return e.At
	}
	b.zone.In(b.s.Zone)
	at, _ := b.zone.At(on, e.Wanted)
	return at
}

// day returns the day on which an event falls that is put on one, which is the next where clocks skip
// its time up to midnight.
func (b *builder) day(e *schedule.Event, on civil.Date) civil.Date {
	if b.s.Zone == civil.UTC {
		return on
	}
	if on == e.Target {
		return e.Date
	}
	b.zone.In(b.s.Zone)
	at, _ := b.zone.At(on, e.Wanted)
	m, _ := b.zone.Local(at)
	return m.Date
}

// spring puts the change of the clocks between two doses that brings them closest, of all that
// any zone has, and says by how many days the calendar must be shifted for it. Where the days
// do not depend on the weekday of the start, every change can fall on every day of it.
func (b *builder) spring(a *arrangement, first, last int64) {
	best := int64(0)
	for n := range b.changes {
		c := &b.changes[n]
		if int64(c.Seconds) <= best {
			break // they come in the order of their size
		}
		for d := a.from; !d.After(a.to); d = d.AddDays(1) {
			if b.weekly && d.Weekday() != c.Weekday {
				continue
			}
			if less := shortening(first, last, d.Unix(c.Clock), int64(c.Seconds)); less > best {
				best, a.zone, a.shift = less, c.Zone, c.Date.Sub(d)
			}
			if best == int64(c.Seconds) {
				break
			}
		}
	}
	a.elapsed -= best
}

// shortening returns by how much a change of the clocks brings two doses closer: clocks that
// show change are put forward by so much, and a time that is skipped is the end of the gap.
func shortening(first, last, change, forward int64) int64 {
	at := func(wall int64) int64 {
		switch {
		case wall < change:
			return wall
		case wall < change+forward:
			return change
		}
		return wall - forward
	}
	return last - first - (at(last) - at(first))
}

// onOwnDays returns 1 for an arrangement in which every dose stands on its own day, and else 0.
func (b *builder) onOwnDays(a *arrangement) int {
	for k, date := range a.dates {
		if date != b.events[a.dose(k)].Target {
			return 0
		}
	}
	return 1
}

// way returns the start, the zone and the closed days of a witness of an arrangement.
func (b *builder) way(a *arrangement) way {
	w := way{start: b.s.Patient.Start.AddDays(a.shift), own: b.s.Patient.Start, zone: a.zone}
	for k, date := range a.dates {
		if e := b.events[a.dose(k)]; date != e.Target {
			b.close(&w, a, e, date.Sub(e.Target))
		}
	}
	return w
}

// close closes the days by which a dose comes to move so far: those of the dose with which it moves, and
// its own.
func (b *builder) close(w *way, a *arrangement, e *schedule.Event, shift int) {
	target := e.Target
	if from := b.anchor(e); from != nil {
		v := b.window(from)
		by := max(-v.Before, min(v.After, shift))
		if by != 0 {
			b.close(w, a, from, by)
		}
		target, shift = target.AddDays(by), shift-by
	}
	if shift == 0 {
		return
	}
	v := b.own(e)
	for d := -v.Before; d <= v.After; d++ {
		if day := target.AddDays(d); d != shift && !slices.Contains(a.dates, day) {
			if w.closed == nil {
				w.closed = map[civil.Date]string{}
			}
			w.closed[day.AddDays(a.shift)] = "closed"
		}
	}
}

// limits compares the loads with what this patient gets.
func (c *checker) limits(o schedule.Options, plan *schedule.Plan, pat *patient.Patient, sh *shape, k *schedule.Reckoning) {
	c.asNeeded(pat, k)
	for i := range sh.loads {
		l := &sh.loads[i]
		b := &c.bounds[l.bound]
		w := worst{load: l, patient: pat, most: c.limitOf(&k.Rules[b.medicine], b), unit: k.Units[b.medicine]}
		switch b.kind {
		case limit.Interval, limit.Gap:
			w.value = l.elapsed
		case limit.InDays:
			if b.counts() {
				w.value = int64(l.n)
				break
			}
			for d := 0; d < len(l.doses); d += 2 {
				w.value += k.Amounts[l.doses[d]] * int64(l.doses[d+1])
			}
			if total, ends := k.Total(plan, b.medicine); ends {
				w.value = min(w.value, total)
			}
		case limit.Count:
			if w.value = int64(l.n); l.endless {
				w.value = math.MaxInt64
			}
		default:
			for d := 0; d < len(l.doses); d += 2 {
				w.value += k.Amounts[l.doses[d]] * int64(l.doses[d+1])
			}
			if total, ends := k.Total(plan, b.medicine); ends && b.kind != limit.Single {
				w.value = min(w.value, total) // the last dose has what is left
			}
			if w.total = w.value; l.endless && w.value > 0 {
				w.value = math.MaxInt64
			}
		}
		// Placement never moves doses so that a limit breaks, but where they move with another.
		shows := func(by way) bool { return l.follows || by.closed == nil || b.kind == limit.Gap }
		reached := slices.ContainsFunc(l.ways, shows)
		_, open := c.open[b.key()]
		if breaks := b.rule != noLimit && w.breaks(b); !breaks || c.reported[b.key()] || open && b.kind == limit.Count { // which is the same for every patient
			if !breaks || reached {
				c.record(&w, b)
			}
			continue
		}
		if !reached {
			continue
		}
		text := c.words(l)
		if b.limit.IsSet() && l.endless {
			text += fmt.Sprintf(" come to more than %v in the end", b.limit)
		} else if b.limit.IsSet() {
			text += fmt.Sprintf(" can come to %v, more than %v", quantity.FromScaled(w.value, w.unit), b.limit)
			if pat.Weight.IsSet() {
				text += fmt.Sprintf(" (a patient of %v)", pat.Weight)
			}
			if c.roundsUp(b, l) {
				text += ": it is rounded up past the rate that the dose and the limit have in common, which `round: … down` never does"
			}
		}
		ways := l.ways
		if b.kind == limit.Count {
			ways = ways[:1] // no start has more doses than another
		}
		c.record(&w, b)
		if !slices.ContainsFunc(ways, func(by way) bool { return shows(by) && c.shown(o, &w, sh, l, &by, text) }) {
			c.unproved(b, text)
		}
	}
}

// roundsUp reports whether a single dose has the very rate of its limit, and its rounding alone brings it past that.
func (c *checker) roundsUp(b *bound, l *load) (rounded bool) {
	if b.kind != limit.Single || b.limit.Unit().Per() == quantity.PerNothing {
		return false
	}
	ph := &c.p.Phases[l.phase]
	for _, r := range c.p.RoutesOf(ph) {
		c.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
			round := cmp.Or(a.Round, r.Round)
			rounded = rounded || round != nil && !round.Down && a.Quantity.Unit() == b.limit.Unit() && a.Quantity.Cmp(b.limit) == 0
		})
	}
	return rounded
}

// asNeeded takes down the single doses that may be taken as needed of a medicine that is planned too: they stand on no
// calendar. What they break is told where they are computed.
func (c *checker) asNeeded(pat *patient.Patient, k *schedule.Reckoning) {
	for i := range k.Needed {
		for at := range c.bounds {
			b := &c.bounds[at]
			planned := slices.ContainsFunc(c.p.Phases, func(ph protocol.Phase) bool { return ph.Medication == b.medicine })
			if b.kind != limit.Single || !planned || k.Needed[i].Rule.Rule.Medication != b.medicine || !k.Needed[i].Dose.Amount.Unit().Comparable(k.Units[b.medicine]) {
				continue
			}
			if n, ok := k.Needed[i].Dose.Amount.In(k.Units[b.medicine]).Scaled(); ok {
				c.record(&worst{load: &load{bound: at, n: 1}, patient: pat, value: n, most: c.limitOf(&k.Rules[b.medicine], b), unit: k.Units[b.medicine]}, b)
			}
		}
	}
}

// limitOf returns the number that a bound sets, in the numbers of a reckoning.
func (c *checker) limitOf(r *limit.Rules, b *bound) int64 {
	switch {
	case b.kind == limit.Gap:
		return int64(c.p.Medications[b.medicine].Limits.Gaps[b.rule].Least / time.Second)
	case b.rule == noLimit:
		return 0
	case b.kind == limit.Single:
		return r.Single[b.rule]
	case b.kind == limit.InRolling:
		return r.Rolling[b.rule].Total
	case b.kind == limit.InDays:
		return r.Days[b.rule].Total
	case b.kind == limit.InCourse:
		return r.Course
	case b.kind == limit.InLifetime:
		return r.Lifetime.Total
	case b.kind == limit.Interval:
		return int64(r.Interval / time.Second)
	}
	return int64(r.Doses)
}

// A worst is what one load comes to for one patient.
type worst struct {
	load    *load
	patient *patient.Patient
	value   int64 // an amount, seconds, or a number of doses
	total   int64 // of an endless total: what was looked at
	most    int64 // the limit; the least for intervals; 0 for none
	unit    quantity.Unit
}

func (w *worst) breaks(b *bound) bool {
	if b.between() {
		return w.value < w.most
	}
	return w.value > w.most
}

// worse reports whether w uses up more of its limit than v, or is more where there is none.
func (w *worst) worse(v *worst, b *bound) bool {
	switch {
	case v.load == nil:
		return true
	case b.between():
		return w.value < v.value
	case w.most == v.most || b.rule == noLimit:
		return w.value > v.value
	}
	// w.value ÷ w.most > v.value ÷ v.most, without dividing.
	h1, l1 := bits.Mul64(uint64(w.value), uint64(v.most))
	h2, l2 := bits.Mul64(uint64(v.value), uint64(w.most))
	return h1 > h2 || h1 == h2 && l1 > l2
}

// record keeps the worst case of each bound, for the choice that is looked at and for all.
func (c *checker) record(w *worst, b *bound) {
	for _, best := range []*worst{&c.worst[w.load.bound], &c.closest[w.load.bound]} {
		if w.worse(best, b) {
			*best = *w
		}
	}
}

// shown reports a load that breaks its limit, if the engine refuses one way to it. Where the
// calendar counts months it cannot be shifted, and the same day of other years is tried.
func (c *checker) shown(o schedule.Options, bad *worst, sh *shape, l *load, by *way, text string) bool {
	starts := []civil.Date{by.start}
	if c.reads.Months && by.zone != "UTC" && c.bounds[l.bound].kind != limit.Count {
		_, month, day := by.own.Parts()
		for year := schedule.FirstYear; year <= schedule.LastYear; year++ {
			if d := civil.NewDate(year, month, day); d != by.start {
				starts = append(starts, d)
			}
		}
	}
	b := &c.bounds[l.bound]
	for _, start := range starts {
		w := witness(o, bad.patient, start)
		w.Patient.TimeZone = by.zone
		if zone, err := civil.LoadZone(by.zone); err == nil {
			w.Patient.Zone = zone
		}
		if len(by.closed) > 0 {
			w.Options.Closed, w.Options.Policy = calendar.Closed{Dates: by.closed}, calendar.Nearest
		}
		w.Options.Until = sh.last.AddDays(start.Sub(sh.start) + 31)
		if l.endless {
			w.Options.Until = c.until(sh, bad, start)
		}
		if c.breach(b, w, text) {
			return true
		}
	}
	return false
}

// until returns a day by which an open-ended course has passed its limit on doses, or on all
// that they come to.
func (c *checker) until(sh *shape, w *worst, start civil.Date) civil.Date {
	most := int64(c.p.Medications[c.bounds[w.load.bound].medicine].Limits.Doses)
	seen := int64(w.load.n)
	if w.total > 0 {
		most, seen = w.most, w.total
	}
	times := int(min(most/max(seen, 1), 1_000_000)) + 2
	days := (sh.last.Sub(sh.start) + 1) * times
	days += days/max(w.load.n-1, 1) + 62 // of so many doses, that is the time from the first to the last, and not to the next
	return start.AddDays(min(days, 365*(schedule.MaxYears-1)))
}
