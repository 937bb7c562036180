package schedule

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
)

// dayTimes are the clock times of the doses of a day, in order.
type dayTimes struct {
	clocks []civil.Clock
	days   *[7][]civil.Clock // by day of the week, where they differ; as many as clocks
	first  int               // the index of the first dose of a stretch that begins with its day
	stated bool              // by the file or the user; else they are merely usual
}

// on returns the times of a day.
func (t *dayTimes) on(d civil.Date) []civil.Clock {
	if t.days == nil {
		return t.clocks
	}
	return t.days[d.Weekday()]
}

// all returns every time that some day has.
func (t *dayTimes) all() []civil.Clock {
	list := slices.Clone(t.clocks)
	if t.days != nil {
		for _, clocks := range t.days {
			list = append(list, clocks...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// takeOver returns t for a stretch without times of its own that begins at a clock time. Where
// several doses a day have usual times, these are moved so that the nearest of them is that
// time: 08:00 and 20:00 become 09:00 and 21:00.
func (t dayTimes) takeOver(f frequency.Frequency, clock civil.Clock) dayTimes {
	if f.PerDay() <= 1 || f.HoursApart() > 0 {
		t.clocks, t.first = spread([]civil.Clock{clock}, f)
		return t
	}
	t.first = 0
	for i, c := range t.clocks {
		if around(clock-c) < around(clock-t.clocks[t.first]) {
			t.first = i
		}
	}
	by := clock - t.clocks[t.first]
	t.clocks = slices.Clone(t.clocks)
	for i := range t.clocks {
		t.clocks[i] = (t.clocks[i] + by + 24*60) % (24 * 60)
	}
	slices.Sort(t.clocks)
	t.first = slices.Index(t.clocks, clock)
	return t
}

// around returns how far apart two times of day are, the shorter way around the clock.
func around(c civil.Clock) civil.Clock {
	c = max(c, -c)
	return min(c, 24*60-c)
}

// shown returns the moment that clocks show at one that is written: later, where the clocks
// skip it.
func shown(m civil.Moment, zone *civil.Cursor) civil.Moment {
	at, shift := zone.At(m.Date, m.Clock)
	if shift != civil.Skipped {
		return m
	}
	m, _ = zone.Local(at)
	return m
}

// A bound is where the doses of a stretch may begin.
type bound struct {
	from  civil.Moment // none falls before it; the zero Moment for the day's first time
	after int64        // none falls at or before this instant, that of the dose before it; 0 for none
	own   bool         // from is a time that the rule itself writes: one written before it is before it, though clocks skip both
}

// A start is where a stretch of doses begins: its day 1, and what it takes over from what it
// counts from.
type start struct {
	day   civil.Anchor        // day 1; the zero Anchor where there is no such day
	bound                     // no dose falls before it
	clock civil.OptionalClock // the clock time that a stretch without times of its own takes over
	at    int64               // the instant of that clock time, where it was elapsed time that led to it
}

// A tick is one dose of a series.
type tick struct {
	day   civil.Anchor // its day, in the chain of months that it belongs to
	date  civil.Date   // the same
	clock civil.Clock
	slot  int16 // the index of the dose within its day, or None on elapsed time
	at    int64 // the instant, on elapsed time or where that led to it; else 0
}

func (t *tick) moment() civil.Moment { return civil.Moment{Date: t.date, Clock: t.clock} }

// A series yields the doses of one rule from its day 1 on, in order and without end (but for
// a rule that is finite). Where a course ends is for the axis to say: what it would yield next
// is where the next phase begins.
type series struct {
	cursor frequency.Cursor
	day1   civil.Anchor
	times  dayTimes
	zone   *civil.Cursor
	every  int64 // seconds of elapsed time, or 0
	bound        // of the first dose; its instant is 0 once there was one
	exact  tick  // the instant at which it begins, where elapsed time led to that
	next   tick  // its slot is the one to yield next; on elapsed time, all of it
}

// newSeries returns the series of a rule that begins at a start. Where none of its times lies
// after that start on its day, day 1 is the next day.
func newSeries(f frequency.Frequency, times dayTimes, s start, zone *civil.Cursor) series {
	if s.clock.IsSet() && !times.stated {
		times = times.takeOver(f, s.clock.Or(0))
		if at := (civil.Moment{Date: s.day.Date(), Clock: s.clock.Or(0)}); !shown(at, zone).Before(s.from) {
			s.from, s.own = at, true // the very instant, and none written before it on its day
		}
	}
	out := series{day1: s.day, times: times, zone: zone, bound: s.bound}
	if s.at != 0 && s.clock.IsSet() && !times.stated {
		out.exact = tick{date: s.day.Date(), clock: s.clock.Or(0), at: s.at}
	}
	if out.from.IsZero() {
		out.from, out.own = civil.Moment{Date: s.day.Date(), Clock: times.on(s.day.Date())[times.first]}, true
	}
	for !out.reaches(out.day1.Date()) {
		out.day1 = out.day1.AddDays(1)
	}
	interval, elapsed := f.Interval()
	if !elapsed {
		out.cursor = f.From(out.day1)
		out.next.slot = int16(len(times.clocks))
		return out
	}
	out.every = int64(interval.Seconds())
	out.next = tick{day: out.day1, date: out.day1.Date(), clock: times.clocks[0], slot: None, at: s.at}
	if s.at == 0 || times.stated {
		out.next.at, _ = zone.At(out.next.date, out.next.clock)
	}
	return out
}

// reaches reports whether the last time of a day does not lie before the first dose.
func (s *series) reaches(day civil.Date) bool {
	clocks := s.times.on(day)
	last := clocks[len(clocks)-1]
	return !shown(civil.Moment{Date: day, Clock: last}, s.zone).Before(s.from) && s.isAfter(day, last)
}

// isAfter reports whether a clock time of a date lies after the dose before, which a repeated
// hour can turn around.
func (s *series) isAfter(d civil.Date, c civil.Clock) bool {
	if s.after == 0 {
		return true
	}
	at, _ := s.zone.At(d, c)
	return at > s.after || s.exact.at > s.after
}

// yield returns the next dose. ok is false when a finite rule is at its end.
func (s *series) yield() (t tick, ok bool) {
	if s.every > 0 {
		t = s.next
		s.next.at += s.every
		m, _ := s.zone.Local(s.next.at)
		s.next.day, s.next.date, s.next.clock = s.day1.At(m.Date), m.Date, m.Clock
		return t, true
	}
	for {
		if int(s.next.slot) >= len(s.times.clocks) {
			if s.next.date, ok = s.cursor.Next(); !ok {
				return tick{}, false
			}
			s.next.day, s.next.slot = s.cursor.Anchor(), 0
		}
		t = s.next
		t.clock = s.times.on(t.date)[t.slot]
		s.next.slot++
		if m := t.moment(); (!m.Before(s.from) || !s.own && m.Date == s.from.Date && !shown(m, s.zone).Before(s.from)) && s.isAfter(m.Date, m.Clock) {
			s.after = 0
			if x := &s.exact; x.at != 0 && t.date == x.date && t.clock == x.clock {
				t.at, s.after, x.at = x.at, x.at, 0 // what clocks show again before it is over
			}
			return t, true
		}
	}
}
