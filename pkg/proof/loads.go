package proof

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A load is a set of doses that count together against one limit, whoever the patient is.
type load struct {
	code  diag.Code
	at    diag.Range
	limit quantity.Amount // unset for limits on time and number, which are broken already
	words string          // what the doses are
	doses []int           // indices into Schedule.Doses, one for each dose
	ways  []way           // in which they can come together
}

// A way is the start, the zone and the closed days of a witness.
type way struct {
	start  civil.Date
	zone   string
	closed map[civil.Date]string
}

// maxWays is how many ways are kept of each load, for the first that the engine refuses.
const maxWays = 12

// newYork is the zone of the witnesses that need a change of the clocks.
const newYork = "America/New_York"

// springs are the nights on which clocks in New York go forward in the years around start.
var springs = []civil.Date{civil.MustDate("2027-03-14"), civil.MustDate("2028-03-12")}

// loads finds every load of the calendars, each once.
func (c *checker) loads(calendars []*schedule.Schedule) []load {
	var list []load
	seen := map[string]int{}
	for _, s := range calendars {
		for m := range c.p.Medications {
			b := &builder{s: s, l: &c.p.Medications[m].Limits, weekly: onWeekdays(s)}
			for i := range s.Events {
				if e := &s.Events[i]; e.Kind == schedule.Dose && s.Phases[e.Phase].Phase.Medication == m {
					b.events = append(b.events, e)
				}
			}
			b.build()
			for _, l := range b.list {
				slices.Sort(l.doses)
				key := l.key()
				if i, known := seen[key]; known {
					if ways := &list[i].ways; len(*ways) < maxWays {
						*ways = append(*ways, l.ways...)
					}
					continue
				}
				seen[key] = len(list)
				list = append(list, l)
			}
		}
	}
	return list
}

// key is the same for loads that come to the same for every patient.
func (l *load) key() string {
	key := fmt.Appendf(nil, "%s %v", l.code, l.at)
	for i := 0; i < len(l.doses); {
		n := 1
		for i+n < len(l.doses) && l.doses[i+n] == l.doses[i] {
			n++
		}
		key = fmt.Appendf(key, " %d×%d", n, l.doses[i])
		i += n
	}
	return string(key)
}

// onWeekdays reports whether the days of a schedule depend on the weekday of its start, so
// that it can be shifted by whole weeks only. One that counts months is shifted too, and the
// engine then says whether its doses still come together.
func onWeekdays(s *schedule.Schedule) bool {
	return slices.ContainsFunc(s.Phases, func(ph schedule.PhaseInfo) bool {
		return ph.Frequency.Frequency.Kind() == frequency.Weekdays
	})
}

// A builder finds the loads of one medicine in one calendar.
type builder struct {
	s      *schedule.Schedule
	l      *protocol.Limits
	events []*schedule.Event
	weekly bool // the calendar can be shifted by whole weeks only
	list   []load
}

func (b *builder) build() {
	b.singles()
	for _, r := range b.l.Rolling {
		within, ok := r.Within.Elapsed()
		if !ok {
			_, days, _ := r.Within.Calendar()
			within = time.Duration(days) * 24 * time.Hour
		}
		b.together(diag.RollingLimit, r.Range, r.Total, func(a *arrangement) bool { return a.elapsed < int64(within/time.Second) },
			"within any "+r.Within.String())
	}
	if b.l.EachDay.IsSet() {
		b.together(diag.RollingLimit, b.l.EachRange, b.l.EachDay, func(a *arrangement) bool { return a.from == a.to }, "on one day")
	}
	b.intervals()
	if b.l.Doses > 0 && len(b.events) > b.l.Doses {
		b.list = append(b.list, load{code: diag.CountLimit, at: b.l.DosesAt, ways: []way{{start: b.s.Patient.Start, zone: "UTC"}},
			words: fmt.Sprintf("the course has %s or more, and the limit is %d", civil.Plural(len(b.events), "dose"), b.l.Doses)})
	}
}

func (b *builder) singles() {
	for _, e := range b.events {
		for k, a := range b.l.SingleDose {
			b.list = append(b.list, load{code: diag.SingleDoseLimit, at: b.l.SingleAt[k], limit: a, doses: []int{int(e.Dose)}, ways: []way{{start: b.s.Patient.Start, zone: "UTC"}},
				words: "a single dose of the phase “" + b.s.PhaseName(e) + "”"})
		}
	}
}

// intervals looks at neighbours on their target days: moving events off closed days never
// brings them closer than the shortest interval, but a change of the clocks may.
func (b *builder) intervals() {
	for i := 1; i < len(b.events) && b.l.Interval > 0; i++ {
		a := b.plain(i-1, i)
		if a.elapsed < int64(b.l.Interval/time.Second) {
			b.list = append(b.list, load{code: diag.IntervalLimit, at: b.l.IntervalAt, ways: []way{a.way},
				words: fmt.Sprintf("two doses of the phase “%s” can come %.1f hours apart, sooner than the shortest interval of %.1f hours", b.s.PhaseName(b.events[i]), float64(a.elapsed)/3600, b.l.Interval.Hours())})
			return
		}
	}
}

// maxRun is how many doses that can be moved are looked at together.
const maxRun = 100

// together adds, for each dose, the longest run of doses that ends with it and counts
// together on its target days; and where doses can be moved, every longer run that windows
// let come together. A shorter run may be reached where a longer one, which must close more
// days, is not.
func (b *builder) together(code diag.Code, at diag.Range, limit quantity.Amount, counts func(*arrangement) bool, words string) {
	add := func(i, j int, w way) {
		doses := make([]int, 0, j-i+1)
		for _, e := range b.events[i : j+1] {
			doses = append(doses, int(e.Dose))
		}
		b.list = append(b.list, load{code: code, at: at, limit: limit, doses: doses, ways: []way{w},
			words: fmt.Sprintf("%s %s", civil.Plural(len(doses), "dose"), words)})
	}
	moves := slices.ContainsFunc(b.events, func(e *schedule.Event) bool { return b.window(e) != protocol.Window{} })
	first := 0
	for j := range b.events {
		longest := b.plain(j, j)
		for ; first < j; first++ {
			if a := b.plain(first, j); counts(a) {
				longest = a
				break
			}
		}
		add(first, j, longest.way)
		for i := j - 1; moves && i >= max(0, j-maxRun); i-- {
			a := b.closest(i, j)
			if a == nil || !counts(a) {
				break
			}
			if len(a.closed) > 0 {
				add(i, j, a.way)
			}
		}
	}
}

// An arrangement is a way in which a run of doses can fall.
type arrangement struct {
	elapsed  int64 // seconds from the first to the last
	from, to civil.Date
	way
}

// wall is the time that clocks show at an event on a day, in seconds of an arbitrary epoch.
func wall(e *schedule.Event, d civil.Date) int64 { return d.Unix(e.Wanted) }

// plain is the arrangement of a run on its target days, across a change of the clocks if one
// can be had.
func (b *builder) plain(i, j int) *arrangement {
	return b.arranged(i, j, nil, b.events[i].Target, b.events[j].Target)
}

// closest is the arrangement in which a run of doses is as short as windows and the shortest
// interval allow: the last on its earliest day, and each before it as late as it can be. It is
// nil where the doses cannot all keep their windows so.
func (b *builder) closest(i, j int) *arrangement {
	gap := max(int64(b.l.Interval/time.Second), 1)
	last := b.events[j]
	w := b.window(last)
	for shift := -w.Before; shift <= w.After; shift++ {
		dates := make([]civil.Date, j-i+1)
		dates[j-i] = last.Target.AddDays(shift)
		next, fits := wall(last, dates[j-i]), true
		for k := j - 1; k >= i && fits; k-- {
			e := b.events[k]
			v := b.window(e)
			fits = false
			for d := v.After; d >= -v.Before; d-- {
				date := e.Target.AddDays(d)
				// On its own days a run may be closer than the interval; that is the
				// business of intervals, and a move never makes it so.
				if at := wall(e, date); next-at >= gap || d == 0 && next > at && v == (protocol.Window{}) {
					dates[k-i], next, fits = date, at, true
					break
				}
			}
		}
		if fits {
			return b.arranged(i, j, dates, dates[0], dates[j-i])
		}
	}
	return nil
}

func (b *builder) window(e *schedule.Event) protocol.Window {
	if e.Slot == schedule.None {
		return protocol.Window{}
	}
	return b.s.Phases[e.Phase].Phase.Window
}

// arranged completes an arrangement of doses from one day to another: its length, and the
// start, the zone and the closed days of its witness. dates are the days of all doses, or nil
// where each is on its target day.
func (b *builder) arranged(i, j int, dates []civil.Date, from, to civil.Date) *arrangement {
	first, last := b.events[i], b.events[j]
	a := &arrangement{from: from, to: to, way: way{start: b.s.Patient.Start, zone: "UTC"}}
	a.elapsed = wall(last, to) - wall(first, from)
	shift := 0
	if b.s.Zone != civil.UTC { // the change is already in the calendar
		moved := to.Sub(last.Target) - from.Sub(first.Target)
		a.elapsed, a.zone = last.At-first.At+int64(moved)*86400, newYork
	} else if first.Slot == schedule.None && last.Slot == schedule.None {
		a.elapsed = last.At - first.At
	} else if days, ok := b.spring(first, last, from, to); ok {
		a.elapsed -= 3600
		a.zone, shift = newYork, days
		a.start = a.start.AddDays(days)
	}
	a.close(b, i, dates, shift)
	return a
}

// spring finds a night between two doses on which the clocks can go forward, and by how many
// days the calendar must be shifted for it.
func (b *builder) spring(first, last *schedule.Event, from, to civil.Date) (shift int, ok bool) {
	two, three := civil.MustClock("02:00"), civil.MustClock("03:00")
	for d := from; !d.After(to); d = d.AddDays(1) {
		if d == from && first.Wanted >= two || d == to && last.Wanted < three {
			continue
		}
		for _, night := range springs {
			if shift := night.Sub(d); !b.weekly || shift%7 == 0 {
				return shift, true
			}
		}
	}
	return 0, false
}

// close closes the days that drive the doses of an arrangement to where they are.
func (a *arrangement) close(b *builder, i int, dates []civil.Date, shift int) {
	for k, date := range dates {
		e := b.events[i+k]
		if date == e.Target {
			continue
		}
		w := b.window(e)
		for d := -w.Before; d <= w.After; d++ {
			if day := e.Target.AddDays(d); !slices.Contains(dates, day) {
				if a.closed == nil {
					a.closed = map[civil.Date]string{}
				}
				a.closed[day.AddDays(shift)] = "closed"
			}
		}
	}
}

// limits compares the loads with what this patient gets.
func (c *checker) limits(o schedule.Options, pat *patient.Patient, sh *shape, doses []schedule.DoseInfo) {
	for i := range sh.loads {
		l := &sh.loads[i]
		if c.reported[string(l.code)+l.at.String()] {
			continue
		}
		text := l.words
		if l.limit.IsSet() {
			total := quantity.Zero(doses[l.doses[0]].Amount.Unit())
			for _, d := range l.doses {
				total = total.Add(doses[d].Amount)
			}
			limit := l.limit
			if limit.Unit().Per() == quantity.PerKilogram {
				limit = limit.Resolve(pat.Weight)
			}
			if total.Cmp(limit) <= 0 {
				continue
			}
			text = fmt.Sprintf("%s can come to %v, more than %v", l.words, total, l.limit)
			if pat.Weight.IsSet() {
				text += fmt.Sprintf(" (a patient of %v)", pat.Weight)
			}
		}
		for k := range l.ways {
			if c.shown(o, pat, sh, l, &l.ways[k], strings.TrimSpace(text)) {
				break
			}
		}
	}
}

// shown reports a load that breaks its limit, if the engine refuses one way to it.
func (c *checker) shown(o schedule.Options, pat *patient.Patient, sh *shape, l *load, by *way, text string) bool {
	w := witness(o, pat, by.start)
	w.Patient.TimeZone = by.zone
	if zone, err := civil.LoadZone(by.zone); err == nil {
		w.Patient.Zone = zone
	}
	if len(by.closed) > 0 {
		w.Options.Closed, w.Options.Policy = calendar.Closed{Dates: by.closed}, calendar.Nearest
	}
	w.Options.Until = sh.last.AddDays(by.start.Sub(sh.start) + 31)
	return c.breach(l.code, l.at, w, "%s", text)
}
