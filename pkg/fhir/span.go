package fhir

import (
	"fmt"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// span puts a beginning and an end to a pattern: a stretch, or two where the first day has not
// all its times. begins is the day from which it runs where it states none.
func (r *reader) span(p *pattern, rep *repeat, begins civil.Date) ([]stretch, bool) {
	if len(p.moments) > 0 {
		return r.listed(p, rep.node)
	}
	start := rep.start
	if start.isZero() {
		start.date = begins
	}
	switch {
	case start.isZero():
		r.ask(rep.node, "start", "the file does not say when it starts")
		return nil, false
	case rep.end.date.Before(start.date) && !rep.end.isZero():
		r.refuse(rep.node, "", "its bounds end before they begin")
		return nil, false
	}
	if p.once && start.hasClock {
		p.times = []civil.Clock{start.clock}
	}
	from, day1 := start, start.date
	for p.weekday != nil && day1.Weekday() != *p.weekday {
		day1 = day1.AddDays(1)
		start = bound{date: day1}
	}
	if r.allBefore(p, start) {
		day1 = day1.AddDays(1)
		r.open(rep.node, "its times lie before its start on %v; it begins the day after", start.date)
		start = bound{date: day1}
	}
	next := r.doses(p, day1)
	first := civil.Moment{}
	for first = next(); start.hasClock && first.Before(civil.Moment{Date: start.date, Clock: start.clock}); {
		first = next()
	}
	n, after, ends, ok := r.number(p, rep, from, first, next)
	if !ok {
		return nil, false
	}
	course := "open-ended"
	if n > 0 {
		course = fmt.Sprintf("%d doses", n)
	}
	if ends.wholeDays && rep.count == 0 && day1 == from.date && p.minutes == 0 && !p.once {
		course = fmt.Sprintf("%d days", ends.date.Sub(day1))
		after = ends.date
	}
	return r.split(p, start, day1, stretch{start: day1, next: after, frequency: p.frequency, times: p.times, course: course}, n), true
}

// allBefore reports whether all times of a dosing day lie before a start on it.
func (r *reader) allBefore(p *pattern, start bound) bool {
	return start.hasClock && p.minutes == 0 && p.times[len(p.times)-1] < start.clock
}

// split gives the first day a stretch of its own where it begins in the middle of its times.
func (r *reader) split(p *pattern, start bound, day1 civil.Date, s stretch, n int) []stretch {
	var late []civil.Clock
	for _, c := range p.times {
		if c >= start.clock {
			late = append(late, c)
		}
	}
	if !start.hasClock || p.minutes > 0 || len(late) == len(p.times) {
		return []stretch{s}
	}
	next := r.doses(p, day1)
	if d := next().Date; d != day1 { // no dose falls on it
		return []stretch{s}
	}
	second := civil.Date{}
	for second = next().Date; second == day1; {
		second = next().Date
	}
	one := stretch{start: day1, next: second, frequency: "daily", times: late, course: fmt.Sprintf("%d doses", len(late))}
	if n > 0 && n <= len(late) {
		one.course = fmt.Sprintf("%d doses", n)
		return []stretch{one}
	}
	s.start = second
	if n > 0 {
		s.course = fmt.Sprintf("%d doses", n-len(late))
	}
	return []stretch{one, s}
}

// doses returns the doses of a pattern from a day on, one after the other.
func (r *reader) doses(p *pattern, day1 civil.Date) func() civil.Moment {
	i := -1
	if p.minutes > 0 && !p.keepsClock() {
		at, _ := r.set.Zone.At(day1, p.times[0])
		return func() civil.Moment {
			i++
			d, c := r.set.Zone.DateClock(at.Unix() + int64(i*p.minutes)*60)
			return civil.Moment{Date: d, Clock: c}
		}
	}
	if p.minutes > 0 {
		return func() civil.Moment {
			i++
			at := int(p.times[0]) + i*p.minutes
			return civil.Moment{Date: day1.AddDays(at / (24 * 60)), Clock: civil.Clock(at % (24 * 60))}
		}
	}
	f, _, _ := frequency.Parse(p.frequency)
	cursor := f.From(civil.AnchorAt(day1, civil.Back))
	var date civil.Date
	return func() civil.Moment {
		i++
		if i%len(p.times) == 0 {
			if d, ok := cursor.Next(); ok {
				date = d
			} else {
				date = date.AddDays(1) // where a dose after the last one could be
			}
		}
		return civil.Moment{Date: date, Clock: p.times[i%len(p.times)]}
	}
}

// An end is the first moment after a stretch.
type end struct {
	civil.Moment
	date      civil.Date
	wholeDays bool
}

// number returns how many doses a stretch has, 0 for no end, and from which day on something
// after it could run.
func (r *reader) number(p *pattern, rep *repeat, start bound, first civil.Moment, next func() civil.Moment) (n int, after civil.Date, e end, ok bool) {
	e = r.endOf(p, rep, start)
	if rep.count > 0 && rep.frequency > 1 {
		r.open(rep.node, "FHIR does not say whether the count is one of doses or of periods; %d doses are taken", rep.count)
	}
	if e.Moment.IsZero() && rep.count == 0 && !p.once {
		return 0, civil.Date{}, e, true
	}
	most := rep.count
	if p.once {
		most = 1
	}
	at := first
	for ; (most == 0 || n < most) && (e.Moment.IsZero() || at.Before(e.Moment)); at = next() {
		if n++; n > schedule.MaxEvents {
			r.refuse(rep.node, "", "it has more than %d doses", schedule.MaxEvents)
			return 0, after, e, false
		}
	}
	if n == 0 {
		r.refuse(rep.node, "", "no dose falls between its bounds")
		return 0, after, e, false
	}
	return n, at.Date, e, true
}

// endOf returns where the bounds of a repeat end.
func (r *reader) endOf(p *pattern, rep *repeat, start bound) (e end) {
	switch {
	case rep.end.hasClock:
		e.Moment = civil.Moment{Date: rep.end.date, Clock: rep.end.clock}.Next() // the end belongs to it
	case !rep.end.isZero():
		e.Moment, e.wholeDays = civil.Moment{Date: rep.end.date.AddDays(1)}, true
	case rep.length.IsSet():
		clock := start.clock
		if !start.hasClock && p.minutes > 0 {
			clock = p.times[0]
		}
		if d, ok := rep.length.Elapsed(); ok {
			if !start.hasClock {
				clock = p.times[0]
			}
			at := int(clock) + int(d/time.Minute)
			e.Moment = civil.Moment{Date: start.date.AddDays(at / (24 * 60)), Clock: civil.Clock(at % (24 * 60))}
			break
		}
		e.Moment = civil.Moment{Date: rep.length.From(start.date, 1), Clock: clock}
		e.wholeDays = !start.hasClock
	}
	e.date = e.Moment.Date
	return e
}

// listed makes stretches of moments: one for each clock time.
func (r *reader) listed(p *pattern, n *node) (list []stretch, ok bool) {
	const most = 3660
	at := map[civil.Clock][]civil.Date{}
	var order []civil.Clock
	for _, m := range p.moments {
		if at[m.Clock] == nil {
			order = append(order, m.Clock)
		}
		at[m.Clock] = append(at[m.Clock], m.Date)
	}
	for _, c := range order {
		dates := at[c]
		s := stretch{start: dates[0], next: dates[len(dates)-1].AddDays(1), frequency: "once", times: []civil.Clock{c}, course: fmt.Sprintf("%d doses", len(dates))}
		if len(dates) > 1 {
			words := make([]string, len(dates))
			for i, d := range dates {
				words[i] = fmt.Sprint(d.Sub(dates[0]) + 1)
			}
			s.frequency = "on days " + strings.Join(words, ", ")
		}
		if dates[len(dates)-1].Sub(dates[0]) >= most {
			r.refuse(n, "give it in several instructions", "its instants reach over more than %d days", most)
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}
