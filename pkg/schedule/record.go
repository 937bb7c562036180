package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// doseEvents turns the doses of an axis into events on their planned days, with the amounts of
// a regimen. Their instants are for placement to find; what is recorded of them is not laid
// over them yet.
func doseEvents(a *axis, r *regimen, events []Event) []Event {
	events = slices.Grow(events[:0], len(a.doses))
	moved := a.plan.options.Timeline.Moved
	for i := range a.doses {
		d := &a.doses[i]
		e := Event{Kind: Dose, Target: d.date, Date: d.date, Wanted: d.clock, Clock: d.clock, Slot: d.slot, Phase: d.phase,
			Rule: None, Number: d.number, Run: d.run, Of: int32(i), At: d.at}
		if len(moved) > 0 {
			if m, ok := moved[a.plan.nameOf(&e)]; ok {
				e.Date, e.Wanted, e.Clock = m.Date, m.Clock, m.Clock
			}
		}
		e.Dose = r.doseOn(a, d, e.Date)
		events = append(events, e)
	}
	return events
}

// doseOn returns the index of what a dose of the axis has on a day, which can be another than its own. On the way to a
// total it has no more there than was counted.
func (r *regimen) doseOn(a *axis, d *plannedDose, day civil.Date) int32 {
	k, ph := r.doseAt(d.phase, d.place, day), &a.plan.phases[d.phase]
	if !ph.Course.Total.IsSet() || a.plan.options.Reach { // which looks for the most that a dose can be
		return k
	}
	if own := r.doseAt(d.phase, d.place, d.date); d.rest == 0 && r.scaled[own] < r.scaled[k] {
		return own
	}
	if d.rest > 0 && d.rest < r.scaled[k] {
		return r.remainder(k, d.rest, ph)
	}
	return k
}

// nameOf returns the name of a dose event.
func (pl *Plan) nameOf(e *Event) DoseName { return DoseName{pl.phases[e.Phase].Name, int(e.Number)} }

// A record is what is known of the doses of a course: facts by the dose that they are about.
type record struct {
	facts  map[DoseName]*Fact
	missed []Event // doses that are planned again under their numbers
	late   int     // doses that were given too late
	first  string  // what is said of the first of them
	found  diag.List

	inHold    int    // doses that were given while doses were held
	firstHeld string // the first of them
}

// newRecord gathers the facts of a timeline.
func newRecord(t *Timeline) *record {
	rec := &record{}
	if len(t.Facts) > 0 {
		rec.facts = make(map[DoseName]*Fact, len(t.Facts))
	}
	for i := range t.Facts {
		if f := &t.Facts[i]; !f.Again {
			rec.facts[DoseName{f.Phase, f.Number}] = f
		}
	}
	return rec
}

// lay puts what happened on the doses that it is about: their status, and of those that were
// given the day, the time and the amount. A dose that no plan knew is added.
func (rec *record) lay(pl *Plan, r *regimen, events []Event) []Event {
	if len(pl.options.Timeline.Facts) == 0 {
		return events
	}
	index := make(map[DoseName]int, len(events))
	for i := range events {
		index[pl.nameOf(&events[i])] = i
	}
	for i := range pl.options.Timeline.Facts {
		f := &pl.options.Timeline.Facts[i]
		at, known := index[DoseName{f.Phase, f.Number}]
		switch {
		case f.Again || f.Status == Missed && !known:
			missed := rec.extra(pl, f)
			if known { // beside the dose that is planned again
				missed = events[at]
			}
			rec.lost(pl, r, &missed, f)
			rec.missed = append(rec.missed, missed)
		case f.Status == Taken:
			if !known {
				at, events = len(events), append(events, rec.extra(pl, f))
			}
			rec.taken(pl, r, &events[at], f)
		case f.Status == Missed && !f.Date.IsZero():
			rec.lost(pl, r, &events[at], f)
		case known:
			if events[at].Status = f.Status; f.Status == Held {
				events[at].Fit = LeftOut
			}
		}
	}
	rec.sayLate()
	return events
}

// sayLate says of doses that were given later than the protocol lets a missed one be.
func (rec *record) sayLate() {
	switch {
	case rec.late == 1:
		rec.found.Add(diag.LateDose, diag.Range{}, "", "%s", rec.first)
	case rec.late > 1:
		rec.found.Add(diag.LateDose, diag.Range{}, "", "%s; and %s more after it", rec.first, civil.Plural(rec.late-1, "dose"))
	}
}

// extra returns a dose that was given or missed and that no plan knew.
func (rec *record) extra(pl *Plan, f *Fact) Event {
	phase := max(slices.IndexFunc(pl.phases, func(ph phasePlan) bool { return ph.Name == f.Phase }), 0)
	return Event{Kind: Dose, Target: f.Date, Phase: int16(phase), Rule: None, Number: int32(f.Number), Of: None, Dose: None}
}

// taken lays a dose that was given on an event.
func (rec *record) taken(pl *Plan, r *regimen, e *Event, f *Fact) {
	if within, ok := pl.protocol.Missed.Within.Elapsed(); ok && e.Of != None {
		by := f.Date.Unix(f.Clock) - e.Date.Unix(e.Clock) // on the clocks
		if by > int64(within.Seconds()) {
			if rec.late == 0 {
				rec.first = fmt.Sprintf("the dose %s was given %s after its time, and the protocol allows %v", pl.nameOf(e), words(by), pl.protocol.Missed.Within)
			}
			rec.late++
		}
	}
	e.Status, e.Date, e.Wanted = Taken, f.Date, f.Clock
	rec.amount(pl, r, e, f)
}

// lost lays a dose that was missed on an event: it stands where it was missed.
func (rec *record) lost(pl *Plan, r *regimen, e *Event, f *Fact) {
	e.Status, e.Date, e.Wanted, e.Clock, e.At = Missed, f.Date, f.Clock, f.Clock, 0
	if f.Again {
		e.Target = f.Date
	}
	rec.amount(pl, r, e, f)
}

// amount gives a dose the amount that a fact states.
func (rec *record) amount(pl *Plan, r *regimen, e *Event, f *Fact) {
	if e.Dose == None {
		e.Dose = r.doseAt(e.Phase, dose.Place{Number: 1, Day: 1}, f.Date)
		extra := r.doses[e.Dose]
		extra.Dose = dose.Dose{Volume: extra.Volume}
		e.Dose = r.add(extra, r.scaled[e.Dose])
	}
	d := r.doses[e.Dose]
	if f.As != nil || f.Route != "" && f.Route != d.Route.Name {
		route, ok := d.Medication.Route(f.Route)
		if f.As != nil {
			route = f.As
		} else if !ok {
			route = &protocol.Route{Name: f.Route, Range: d.Route.Range} // of which the protocol says nothing
		}
		d.Route, d.Volume = route, dose.VolumeOf(d.Amount, route)
		d.Over, d.PerTime = civil.Period{}, 0
		e.Dose = r.add(d, r.scaled[e.Dose])
	}
	if f.Tier != "" && d.Tier != "" && f.Tier != d.Tier { // it stays that on which it was taken
		d.Tier = f.Tier
		e.Dose = r.add(d, r.scaled[e.Dose])
	}
	switch {
	case !f.Amount.IsSet():
		return
	case d.Amount.IsSet() && !d.Amount.Unit().Comparable(f.Amount.Unit()):
		rec.found.Add(diag.BadEntry, diag.Range{}, "", "a dose of “%s” cannot be in %v", f.Phase, f.Amount.Unit())
		return
	case d.Amount.IsSet() && d.Amount.Cmp(f.Amount) == 0:
		return
	}
	if f.Status == Taken && d.Amount.IsSet() {
		d.Dose = d.Instead(f.Amount, dose.Step{Form: "planned %v, given %v", Args: []any{d.Amount, f.Amount}})
	} else {
		d.Dose = d.Instead(f.Amount)
	}
	n, ok := f.Amount.In(r.units[pl.phases[e.Phase].Medication]).Scaled()
	if !ok {
		rec.found.Add(diag.BadEntry, diag.Range{}, "", "an amount of %v cannot be added up exactly", f.Amount)
	}
	e.Dose = r.add(d, n)
}

// dated reports whether the day and the time of a dose are known from what happened, or were
// set by a clinician.
func (rec *record) dated(pl *Plan, e *Event) bool {
	if len(rec.facts) > 0 && (e.Status == Taken || e.Status == Missed) {
		return true
	}
	if len(pl.options.Timeline.Moved) == 0 {
		return false
	}
	_, moved := pl.options.Timeline.Moved[pl.nameOf(e)]
	return moved
}

// hold gives doses that are not recorded the status that holds and overdue check-ins give them.
func (rec *record) hold(pl *Plan, events []Event) {
	t := &pl.options.Timeline
	holds := t.held()
	if len(holds) == 0 && len(t.Waiting) == 0 {
		return
	}
	stopped := make([][]*protocol.Phase, len(t.Waiting)) // by each check-in that is overdue
	for k, w := range t.Waiting {
		stopped[k], _ = pl.stopped(w)
	}
	waits := func(e *Event) bool {
		for k, w := range t.Waiting {
			if w.Covers(e.Date) && slices.ContainsFunc(stopped[k], func(ph *protocol.Phase) bool { return ph.Name == pl.phases[e.Phase].Name }) {
				return true
			}
		}
		return false
	}
	for i := range events {
		e := &events[i]
		if k := slices.IndexFunc(holds, func(h Hold) bool { return h.Covers(e.Date) }); e.Status == Taken && (k >= 0 || waits(e)) {
			if f := rec.facts[pl.nameOf(e)]; k >= 0 && e.Date == holds[k].From && f != nil && f.Free {
				rec.found.Add(diag.GivenPastGate, diag.Range{}, "", "%s was given on the day from which doses are held, and written down before that was", pl.nameInWords(e)).Severity = diag.Note
				continue
			}
			if rec.inHold++; rec.inHold == 1 {
				rec.firstHeld = pl.nameInWords(e)
			}
		}
		if e.Status == Taken || rec.facts[pl.nameOf(e)] != nil {
			continue
		}
		if slices.ContainsFunc(t.Holds, func(h Hold) bool { return h.Covers(e.Date) }) || waits(e) {
			e.Status = Held
		}
	}
	rec.sayHeld()
}

// stopped returns the phases of which no dose is given while a check-in is overdue; some is false where that is all that
// the file gives.
func (pl *Plan) stopped(w Waiting) (phases []*protocol.Phase, some bool) {
	i := pl.checkInOf(w.Name)
	if i < 0 {
		return nil, true
	}
	return pl.protocol.Stops(&pl.checkIns[i])
}

// sayHeld says of doses that were given while doses were held.
func (rec *record) sayHeld() {
	switch {
	case rec.inHold == 1:
		rec.found.Add(diag.GivenPastGate, diag.Range{}, "look at why doses are held", "%s was given while doses were held", rec.firstHeld)
	case rec.inHold > 1:
		rec.found.Add(diag.GivenPastGate, diag.Range{}, "look at why doses are held", "%s was given while doses were held, and %s more after it", rec.firstHeld, civil.Plural(rec.inHold-1, "dose"))
	}
}

// checkTimeline refuses what the protocol does not have.
func (pl *Plan) checkTimeline(found *diag.List) {
	t := &pl.options.Timeline
	for _, c := range t.Changes {
		if _, ok := pl.protocol.Tier(c.Tier); c.Tier != "" && !ok {
			found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no tier “%s”", c.Tier)
		}
		for name, text := range c.Frequency {
			ph, ok := pl.protocol.Phase(name)
			switch {
			case !ok:
				found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
			case ph.Offered(text) < 0:
				pl.refuseFrequency(FrequencyChoice{name, text}, found)
			case elapsed(ph.Frequencies):
				found.Add(diag.BadEntry, diag.Range{}, "", "the phase “%s” counts elapsed hours, and its frequency cannot be changed on the way", name).Severity = diag.Error
			}
		}
		for name := range c.Times {
			ph, ok := pl.protocol.Phase(name)
			switch {
			case !ok:
				found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
			case elapsed(ph.Frequencies):
				found.Add(diag.BadEntry, diag.Range{}, "", "the phase “%s” counts elapsed hours, and has no times of day", name).Severity = diag.Error
			}
		}
		for name := range c.Amount {
			if _, ok := pl.protocol.Phase(name); !ok {
				found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
			}
		}
	}
	for i := range pl.phases {
		_, more := pl.changesOf(&pl.phases[i])
		*found = append(*found, more...)
	}
}

func elapsed(choices []protocol.Choice) bool {
	return slices.ContainsFunc(choices, func(c protocol.Choice) bool {
		_, ok := c.Frequency.Interval()
		return ok
	})
}

// Unwritten reports whether e was planned for a day before that on which a course is told, and nothing is
// written down of what became of it: it is not to be taken any more, and may have been.
func (s *Schedule) Unwritten(e *Event) bool { return e.Status <= Provisional && e.Date.Before(s.Seen) }

// A Sum is some doses together.
type Sum struct {
	Doses int
	Total quantity.Amount
}

// And returns the sum with one dose more. The total is of the doses in the unit of the first.
func (u Sum) And(amount quantity.Amount) Sum {
	if u.Doses++; !u.Total.IsSet() {
		u.Total = amount
	} else if amount.Unit().Comparable(u.Total.Unit()) {
		u.Total = u.Total.Add(amount.In(u.Total.Unit()))
	}
	return u
}

// Told returns what was given in a phase of a course, and what was planned for days that are over and is not written down;
// the rest of its doses is still to come. told is false for a calendar that is no course's.
func (s *Schedule) Told(phase int) (given, unwritten Sum, told bool) {
	for i := range s.Events {
		switch e := &s.Events[i]; {
		case e.Kind != Dose || int(e.Phase) != phase:
		case e.Status == Taken:
			given = given.And(s.Dose(e).Amount)
		case s.Unwritten(e):
			unwritten = unwritten.And(s.Dose(e).Amount)
		}
	}
	return given, unwritten, !s.Seen.IsZero()
}
