package schedule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A placer moves doses off closed days, and gives every event its instant.
type placer struct {
	plan  *Plan
	reg   *regimen
	rec   *record
	zone  *civil.Cursor
	notes []string // what the policy for closed days left out or left standing
	found diag.List
}

// doses places the doses of an axis: what can still move is moved off closed days, and each
// gets the instant of its clock time on its day. Doses that the policy leaves out are removed.
func (p *placer) doses(a *axis, events []Event) []Event {
	if closed := p.plan.closed(p.plan.protocol.Setting == protocol.Clinic); !closed.IsEmpty() {
		for m := range p.plan.protocol.Medications {
			p.medication(a, events, m, closed)
		}
		events = slices.DeleteFunc(events, func(e Event) bool { return e.Status != Taken && p.plan.leavesOut(e.Target) })
	}
	for i := range events {
		p.settle(&events[i])
	}
	return events
}

// closed returns the closed days: of what takes place at the clinic, those without hours too.
func (pl *Plan) closed(clinic bool) *calendar.Closed {
	closed := &pl.options.Closed
	if clinic {
		closed = closed.With(&pl.options.Hours)
	}
	return closed
}

// leavesOut reports whether the policy for closed days leaves out a dose that is planned for a day.
func (pl *Plan) leavesOut(day civil.Date) bool {
	if pl.options.Policy != calendar.Skip {
		return false
	}
	_, shut := pl.closed(pl.protocol.Setting == protocol.Clinic).On(day)
	return shut
}

// fitted returns the time of a dose on a day: its usual one, or the nearest inside the
// clinic's hours at which it can be given and observed. What happened has the time it had.
func (p *placer) fitted(e *Event, d civil.Date) civil.Clock {
	hours := &p.plan.options.Hours
	if e.Status == Taken || p.plan.protocol.Setting != protocol.Clinic || !hours.IsSet() || hours[d.Weekday()].To == 0 {
		return e.Wanted
	}
	return hours.Within(d, e.Wanted, p.plan.phases[e.Phase].stay)
}

// settle gives a dose its instant on its date.
func (p *placer) settle(e *Event) {
	if e.Slot == None && !p.rec.dated(p.plan, e) { // elapsed time: the instant is known, the clock follows
		if e.Date == e.Target {
			p.atInstant(e, e.At)
		} else { // on another day it keeps the clock time
			p.atClock(e, e.Wanted)
		}
		return
	}
	clock := p.fitted(e, e.Date)
	switch {
	case p.exact(e, e.Date, clock):
		p.atInstant(e, e.At)
		return
	case clock != e.Wanted:
		e.Fit = InsideHours
	}
	p.atClock(e, clock)
}

// atClock puts e at a clock time on its date.
func (p *placer) atClock(e *Event, clock civil.Clock) {
	e.Wanted, e.Clock = clock, clock
	e.At, e.Shift = p.zone.At(e.Date, clock)
	if e.Shift == civil.Skipped {
		m, offset := p.zone.Local(e.At)
		e.Date, e.Clock, e.Offset = m.Date, m.Clock, int32(offset)
		return
	}
	e.Offset = int32(e.Date.Unix(clock) - e.At)
}

// atInstant puts e at an instant, from which its date and clock time follow.
func (p *placer) atInstant(e *Event, at int64) {
	m, offset := p.zone.Local(at)
	e.At, e.Date, e.Clock, e.Wanted, e.Offset = at, m.Date, m.Clock, m.Clock, int32(offset)
}

// exact reports whether a dose at a time of day is at the instant to which elapsed time led.
func (p *placer) exact(e *Event, d civil.Date, clock civil.Clock) bool {
	return e.At != 0 && d == e.Target && clock == e.Wanted && !p.rec.dated(p.plan, e)
}

// at returns the instant that a dose would have on a day.
func (p *placer) at(e *Event, d civil.Date) int64 {
	if e.Slot == None && !p.rec.dated(p.plan, e) {
		if d == e.Target {
			return e.At
		}
		u, _ := p.zone.At(d, e.Wanted)
		return u
	}
	clock := p.fitted(e, d)
	if p.exact(e, d, clock) {
		return e.At
	}
	u, _ := p.zone.At(d, clock)
	return u
}

// medication places the doses of one medicine, which keep its limits and intervals together.
func (p *placer) medication(a *axis, events []Event, m int, closed *calendar.Closed) {
	var index []int
	for i := range events {
		if e := &events[i]; p.plan.phases[e.Phase].Medication == m && e.Fit != LeftOut { // what is left out needs no place
			index = append(index, i)
		}
	}
	slices.SortStableFunc(index, func(i, k int) int {
		return cmp.Compare(p.at(&events[i], events[i].Date), p.at(&events[k], events[k].Date))
	})
	limits := p.limits(m)
	if p.found.HasErrors() {
		return
	}
	items := make([]calendar.Item, len(index))
	for k, i := range index {
		items[k] = p.item(&events[i], a.day1.Date(), closed, limits)
	}
	policy := p.plan.options.Policy
	shifts, conflict := calendar.Place(items, closed, policy, limits[0])
	for conflict != nil {
		// What was planned before something that was given is over: it stands in the way of nothing.
		k := over(events, index, conflict.Item)
		if k < 0 {
			break
		}
		items, index = slices.Delete(items, k, k+1), slices.Delete(index, k, k+1)
		shifts, conflict = calendar.Place(items, closed, policy, limits[0])
	}
	if conflict != nil {
		e := &events[index[conflict.Item]]
		ph := &p.plan.phases[e.Phase]
		p.found.Add(diag.NoPlacement, ph.Range, otherPolicy(items, closed, policy, true, limits[0]),
			"%s dose %d, %v, cannot be moved by the policy “%v”: %s", ph.Name, e.Number, e.Target, policy, conflict)
		return
	}
	for k, i := range index {
		e := &events[i]
		if items[k].Fixed {
			e.Date = items[k].Target
			continue
		}
		e.Date = e.Target.AddDays(shifts[k])
		if shifts[k] != 0 && p.plan.protocol.Follows(p.plan.phases[e.Phase].Dose, protocol.ByWeekday) {
			p.note(fmt.Sprintf("%s has the amount of its own day of the week, %v, and stands on a %v", p.plan.nameInWords(e), e.Target.Weekday(), e.Date.Weekday()))
		}
		if len(p.reg.parts) > 1 { // it may have moved to a day of another weight or tier
			e.Dose = p.reg.doseOn(a, &a.doses[e.Of], e.Date)
		}
	}
}

// over returns which of an event and the one before it was planned and is over, since one of a later time was
// given: -1 where neither is.
func over(events []Event, index []int, item int) int {
	last := -1 // the last that was given
	for k, i := range index {
		if events[i].Status == Taken {
			last = k
		}
	}
	for _, k := range []int{item, item - 1} {
		if k >= 0 && events[index[k]].Status <= Provisional && (k < last || last >= 0 && events[index[k]].Target == events[index[last]].Date) {
			return k
		}
	}
	return -1
}

// limits returns the limits of a medicine for each stretch, which is held to those of its own
// weight.
func (p *placer) limits(m int) []*limit.Rules {
	list := make([]*limit.Rules, len(p.reg.parts))
	for k := range p.reg.parts {
		rules, found := p.reg.rules(m, p.reg.parts[k].patient)
		p.found = append(p.found, found...)
		list[k] = &rules
	}
	return list
}

// lastHour is when an hour begins that clocks can skip up to midnight.
const lastHour = civil.Clock(23 * 60)

// item returns a dose as something to place: fixed where it happened, where a clinician put it,
// and at home where no window says that it may move.
func (p *placer) item(e *Event, first civil.Date, closed *calendar.Closed, limits []*limit.Rules) calendar.Item {
	ph := &p.plan.phases[e.Phase]
	policy := p.plan.options.Policy
	window := ph.Window(int(e.Number))
	it := calendar.Item{Target: e.Target, Before: window.Before, After: window.After, At: func(d civil.Date) int64 { return p.at(e, d) },
		Amount: p.reg.scaled[e.Dose], Totals: limits[p.reg.part(e.Target)]}
	if since := e.Target.Sub(first); since >= 0 {
		it.Before = min(it.Before, since) // none moves to before the course starts
	}
	if last, named := p.plan.dateOf(&ph.Course.Until, first); named && !ph.Course.Timed() && !e.Target.After(last) {
		it.After = min(it.After, last.Sub(e.Target)) // nor past a date that the phase lasts until
	}
	it.Before, it.After = p.plan.besideDate(&ph.Starts, first, e.Target, it.Before, it.After)
	if e.Status == Missed || e.Status == Held {
		it.Amount = 0
	}
	if e.Wanted >= lastHour {
		it.Day = func(d civil.Date) civil.Date {
			m, _ := p.zone.Local(p.at(e, d))
			return m.Date
		}
	}
	if p.plan.protocol.Setting == protocol.Clinic {
		it.Fits = func(d civil.Date) bool { return p.plan.options.Hours.Fits(d, ph.stay) }
	}
	if p.rec.dated(p.plan, e) {
		it.Target, it.Fixed, it.Past = e.Date, true, e.Status == Taken || e.Status == Missed
		return it
	}
	reason, shut := closed.On(e.Target)
	it.Before = closed.Ahead(e.Target, it.Before)
	switch {
	case !shut:
	case p.plan.protocol.Setting == protocol.Home && window == (protocol.Window{}) && policy <= calendar.Nearest:
		it.Fixed = true
		p.note(ph.Title + ": given at home without a window, its doses stand on closed days too, and on days on which the patient is away; leave out or hold those that are not to be given")
	case policy == calendar.Keep:
		p.note(p.plan.nameInWords(e) + " stands on " + e.Target.String() + ", " + reason)
	case policy == calendar.Skip:
		p.note(p.plan.nameInWords(e) + " is left out: it falls on " + e.Target.String() + ", " + reason)
	}
	return it
}

// dateOf returns the day that is counted from a date of the patient's file, in a course that starts on a day.
func (pl *Plan) dateOf(w *protocol.When, start civil.Date) (civil.Date, bool) {
	if w.Named == "" || w.Anchor != protocol.DayN {
		return civil.Date{}, false
	}
	day := w.On(civil.AnchorAt(start, pl.protocol.ShortMonths), pl.protocol.CountFrom)
	if w.Offset.IsSet() {
		day = day.Add(w.Offset, w.Sign())
	}
	return day.Date(), true
}

// besideDate bounds by how many days what stands some time before or after a date of the patient's file can be moved: it
// stays on its side of it.
func (pl *Plan) besideDate(w *protocol.When, start, target civil.Date, before, after int) (int, int) {
	if _, named := pl.dateOf(w, start); !named || !w.Offset.IsSet() && !w.First.Set {
		return before, after
	}
	date := start.AddDays(pl.protocol.Days()[w.Named])
	if w.Before && target.Before(date) {
		after = min(after, date.Sub(target)-1)
	} else if !w.Before && target.After(date) {
		before = min(before, target.Sub(date)-1)
	}
	return before, after
}

// note takes down a sentence once.
func (p *placer) note(text string) {
	if !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
	}
}

// otherPolicy says what can be done where events cannot be moved off closed days: it names a policy that
// finds a day for each, if the policy was chosen and there is one.
func otherPolicy(items []calendar.Item, closed *calendar.Closed, policy calendar.Policy, chosen bool, rules *limit.Rules) string {
	for _, other := range []calendar.Policy{calendar.Nearest, calendar.Previous, calendar.Next} {
		if !chosen || other == policy {
			continue
		}
		if _, conflict := calendar.Place(items, closed, other, rules); conflict == nil {
			return "the policy “" + other.String() + "” for closed days finds a day; or widen the window, choose another start, or open a day"
		}
	}
	return "widen the window, choose another start, or open a day"
}
