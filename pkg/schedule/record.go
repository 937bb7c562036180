package schedule

import (
	"slices"

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
	pinned := a.plan.options.Timeline.Pinned
	for i := range a.doses {
		d := &a.doses[i]
		e := Event{Kind: Dose, Target: d.date, Date: d.date, Wanted: d.clock, Clock: d.clock, Slot: d.slot, Phase: d.phase,
			Rule: None, Gate: int16(a.plan.phases[d.phase].gate), Number: d.number, Of: int32(i), At: d.at}
		day := d.date
		if len(pinned) > 0 {
			if p, ok := pinned[a.plan.nameOf(&e)]; ok {
				day = p.Amount
			}
		}
		e.Dose = r.doseAt(d.phase, d.place, day)
		events = append(events, e)
	}
	return events
}

// nameOf returns the name of a dose event.
func (pl *Plan) nameOf(e *Event) DoseName { return DoseName{pl.phases[e.Phase].Name, int(e.Number)} }

// A record is what is known of the doses of a course: facts by the dose that they are about.
type record struct {
	facts  map[DoseName]*Fact
	missed []Event // doses that are planned again under their numbers
	found  diag.List
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
// given the day, the time and the amount. What it states is never placed, moved or judged.
func (rec *record) lay(pl *Plan, r *regimen, events []Event) {
	if len(pl.options.Timeline.Facts) == 0 {
		return
	}
	index := make(map[DoseName]int, len(events))
	for i := range events {
		index[pl.nameOf(&events[i])] = i
	}
	for i := range pl.options.Timeline.Facts {
		f := &pl.options.Timeline.Facts[i]
		at, ok := index[DoseName{f.Phase, f.Number}]
		if !ok {
			rec.found.Add(diag.BadAmendment, diag.Range{}, "", "the calendar has no dose %d of “%s”", f.Number, f.Phase).Asks = diag.AsksStatus
			continue
		}
		e := &events[at]
		if f.Again {
			missed := *e
			missed.Status, missed.Gate, missed.Date, missed.Target = Missed, None, f.Date, f.Date
			rec.amount(pl, r, &missed, f)
			rec.missed = append(rec.missed, missed) // beside the dose that is planned again
			continue
		}
		if e.Status = f.Status; f.Status != Taken {
			continue
		}
		e.Gate = None
		if !f.Date.IsZero() {
			e.Date = f.Date
		}
		if f.Timed {
			e.Wanted = f.Clock
		}
		rec.amount(pl, r, e, f)
	}
}

// amount gives a dose the amount that a fact states.
func (rec *record) amount(pl *Plan, r *regimen, e *Event, f *Fact) {
	d := r.doses[e.Dose]
	switch {
	case !f.Amount.IsSet():
		return
	case !d.Amount.Unit().Comparable(f.Amount.Unit()):
		rec.found.Add(diag.BadAmendment, diag.Range{}, "", "a dose of “%s” cannot be in %v", f.Phase, f.Amount.Unit())
		return
	case d.Amount.Cmp(f.Amount) == 0:
		return
	}
	planned := d.Amount
	d.Amount, d.Volume = f.Amount, quantity.Amount{}
	if f.Status == Taken {
		d.Derivation = append(slices.Clone(d.Derivation), dose.Step{Form: "planned %v, given %v", Args: []any{planned, f.Amount}})
	}
	n, ok := f.Amount.In(r.units[pl.phases[e.Phase].Medication]).Scaled()
	if !ok {
		rec.found.Add(diag.BadAmendment, diag.Range{}, "", "an amount of %v cannot be added up exactly", f.Amount)
	}
	e.Dose = r.add(d, n)
}

// dated reports whether the day or the time of a dose is known from what happened, and not
// only that it was given as planned.
func (rec *record) dated(pl *Plan, e *Event) bool {
	if len(rec.facts) == 0 || e.Status != Taken {
		return false
	}
	f := rec.facts[pl.nameOf(e)]
	return f != nil && (!f.Date.IsZero() || f.Timed)
}

// hold gives doses that are not recorded the status that holds, overdue check-ins and declined
// gates give them.
func (rec *record) hold(pl *Plan, events []Event) {
	t := &pl.options.Timeline
	if len(t.Holds) == 0 && len(t.Waiting) == 0 && len(t.Declined) == 0 {
		return
	}
	for i := range events {
		e := &events[i]
		if rec.facts[pl.nameOf(e)] != nil {
			continue
		}
		held := slices.ContainsFunc(t.Holds, func(h Hold) bool { return h.Covers(e.Date) }) ||
			slices.ContainsFunc(t.Waiting, func(w Waiting) bool { return !e.Date.Before(w.From) && pl.waitsFor(e, w.Name) }) ||
			e.Gate != None && slices.Contains(t.Declined, pl.checkIns[e.Gate].Name)
		if held {
			e.Status = Held
		}
	}
}

// waitsFor reports whether a dose waits for a check-in that is overdue: the doses of a gate
// and of a titration wait for theirs; what no check-in of that name decides about does not.
func (pl *Plan) waitsFor(e *Event, name string) bool {
	ph := &pl.phases[e.Phase]
	return ph.Titration != nil && ph.Titration.Confirmed == name || e.Gate != None && pl.checkIns[e.Gate].Name == name
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
			case offered(ph, text) < 0:
				pl.refuseFrequency(FrequencyChoice{name, text}, found)
			case elapsed(ph.Frequencies):
				found.Add(diag.BadAmendment, diag.Range{}, "", "the phase “%s” counts elapsed hours, and its frequency cannot be changed on the way", name)
			}
		}
		for name := range c.Amount {
			if _, ok := pl.protocol.Phase(name); !ok {
				found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
			}
		}
	}
	for _, name := range t.Declined {
		if !slices.ContainsFunc(pl.checkIns, func(c protocol.CheckIn) bool { return c.Name == name }) {
			found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no check-in “%s”", name)
		}
	}
}

func elapsed(choices []protocol.Choice) bool {
	return slices.ContainsFunc(choices, func(c protocol.Choice) bool {
		_, ok := c.Frequency.Interval()
		return ok
	})
}
