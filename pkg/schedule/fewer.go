package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// fewer gives doses whose amount goes by their number, their day or their week no more than the doses before them allow
// that were given or may yet be: where the first was missed, held or left out, or half of it was given at most, the next is
// no second one, and a week without a dose is none of the weeks of a step. A dose that would be larger for it stays what was planned. With held, doses
// that are held have no more either: somebody may give one all the same.
func (c *calculation) fewer(l *layout, events []Event, held bool, said []bool) {
	for _, b := range c.behind(l.axis, events, held) {
		c.noLarger(l, &b, said)
	}
}

// A behind is a dose that is to be given after others of its run that are not.
type behind struct {
	*Event
	own, place dose.Place // that it has in its phase, and that it would have without those
	lost       int        // how many they are
	halved     bool       // of some, half was given at most
}

// behind finds the doses that others before them are wanting to.
func (c *calculation) behind(a *axis, events []Event, held bool) (list []behind) {
	at := a.eventOf(events)
	var lost lostDoses
	halved := false
	for i := range a.doses {
		d, e := &a.doses[i], at[i]
		if i == 0 || d.phase != a.doses[i-1].phase || d.run != a.doses[i-1].run && !c.plan.phases[d.phase].GoesOn {
			lost, halved = lostDoses{first: d.place.Day}, false
		}
		switch gone := c.isLost(e); {
		case gone && (e == nil || e.Status != Held || !held):
			lost.add(d)
			continue
		case !gone && c.isHalf(d, e):
			halved = true
			lost.add(d)
			continue
		case !gone:
			lost.end(d)
		}
		if lost.doses > 0 && (e.Status <= Provisional || e.Status == Held) {
			b := behind{e, d.place, d.place, lost.doses, halved}
			b.place.Number -= lost.doses
			b.place.Day = max(b.place.Day-lost.daysBefore(d, c.reg.daysOf(e.Phase, d.date)), lost.first)
			list = append(list, b)
		}
		if e.Status == Held {
			lost.add(d)
		}
	}
	return list
}

// eventOf returns the event of each dose of the axis; nil for those that are left out.
func (a *axis) eventOf(events []Event) []*Event {
	at := make([]*Event, len(a.doses))
	for i := range events {
		if e := &events[i]; e.Of != None && (at[e.Of] == nil || e.Status != Missed) { // of one that is planned again, that
			at[e.Of] = e
		}
	}
	return at
}

// isLost reports whether a dose of the axis is not given, and is not to be given any more.
func (c *calculation) isLost(e *Event) bool {
	now := c.plan.options.Timeline.Now
	return e == nil || !e.Counts() || e.Status == Provisional && e.Date.Before(now) // that waited, and its day has passed
}

// isHalf reports whether of a dose half was given at most.
func (c *calculation) isHalf(d *plannedDose, e *Event) bool {
	return e.Status == Taken && e.Dose != None && 2*c.reg.scaled[e.Dose] <= c.reg.scaled[c.reg.doseAt(d.phase, d.place, d.date)]
}

// A lead is what was given of the doses that lead up to one: those of the phases before it, or of its cycle.
type lead struct {
	given, planned int64 // the largest that was given or may yet be, and the largest of those that are lost or had less
	least          int64 // of those that are lost
	lost, less     int
}

// add takes in a dose that has an amount in the place of its own.
func (u *lead) add(scaled, own int64, lost bool) {
	switch {
	case lost:
		if u.lost++; u.lost == 1 || own < u.least {
			u.least = own
		}
		u.planned = max(u.planned, own)
	case 10*scaled <= 9*own: // a tenth is what rounding and a syringe leave
		u.less++
		u.planned = max(u.planned, own)
		fallthrough
	default:
		u.given = max(u.given, scaled)
	}
}

// shortOf reports whether a dose is larger than all that was given to lead up to it, since larger and smaller ones were not,
// or had less.
func (u *lead) shortOf(scaled int64) bool {
	return (u.lost > 0 && u.least < scaled || u.less > 0) && u.given < scaled && u.given < u.planned
}

// wanting says how many of the doses were not given, and how many had less.
func (u *lead) wanting() string {
	switch {
	case u.less == 0:
		return were(u.lost, fmt.Sprint(u.lost)) + " not given"
	case u.lost == 0:
		return fmt.Sprintf("%d had less than planned", u.less)
	}
	return fmt.Sprintf("%s not given, %d had less than planned", were(u.lost, fmt.Sprint(u.lost)), u.less)
}

// unloaded reports whether nothing was given before a dose, since larger ones were not.
func (u *lead) unloaded(scaled int64) bool { return u.lost > 0 && u.given == 0 && scaled < u.planned }

// unled says of phases and cycles that rise past what was given to lead up to them, and of phases that go on after a first,
// larger dose that was not given. Their amounts stay: no number and no step tells what else to give.
func (c *calculation) unled(l *layout, events []Event) {
	at, doses := l.axis.eventOf(events), l.axis.doses
	own := func(i int) int32 { return c.reg.doseAt(doses[i].phase, doses[i].place, doses[i].date) }
	amount := func(i int) int32 {
		if e := at[i]; !c.isLost(e) && e.Dose != None {
			return e.Dose
		}
		return own(i)
	}
	add := func(u *lead, i int) { u.add(c.reg.scaled[amount(i)], c.reg.scaled[own(i)], c.isLost(at[i])) }
	cycle, phase, said := lead{}, lead{}, int16(None)
	before, begun := lead{}, false // what leads up to the phase, and whether a dose of it was given, or may be, as it stands in the protocol
	falls := make([]descent, len(c.plan.protocol.Medications))
	for i := range doses {
		d, e, k := &doses[i], at[i], amount(i)
		if e != nil && c.plan.stopsBefore(e) {
			continue
		}
		ph := &c.plan.phases[d.phase]
		first := i == 0 || doses[i-1].phase != d.phase
		if first {
			before, begun = lead{}, false
			for j := range doses { // phases can run beside each other
				if b := &doses[j]; b.phase != d.phase && c.plan.phases[b.phase].Medication == ph.Medication && b.date.Before(d.date) {
					add(&before, j)
				}
			}
		}
		if first {
			phase = lead{}
		}
		if first || d.place.CycleDay < doses[i-1].place.CycleDay {
			cycle = lead{}
		}
		up, of := &cycle, "its cycle"
		if first || !begun && before.shortOf(c.reg.scaled[k]) {
			up, of = &before, "the phases before it"
		}
		lost := c.isLost(e)
		if !begun && !lost && e.Status <= Provisional && !before.shortOf(c.reg.scaled[k]) && before.unloaded(c.reg.scaled[k]) {
			l.found.Add(diag.Unled, ph.Range, "begin again with the larger doses, if they are meant to come first", "%s has %v: of the doses of the phases before it, of %v at most, none was given",
				c.plan.nameInWords(e), c.reg.doses[k].Amount, quantity.FromScaled(before.planned, c.reg.units[ph.Medication]))
		}
		if !lost && e.Status <= Provisional && said != d.phase && (up == &before || d.place.CycleDay > 0) && up.shortOf(c.reg.scaled[k]) {
			said = d.phase
			most := "there was no other"
			if up.given > 0 {
				most = "the others come to " + quantity.FromScaled(up.given, c.reg.units[ph.Medication]).String() + " at most"
			}
			l.found.Add(diag.Unled, ph.Range, "order less, or begin again with what leads up to it, if it is too much at once", "%s has %v: of the doses of %s, %s, and %s",
				c.plan.nameInWords(e), c.reg.doses[k].Amount, of, up.wanting(), most)
		}
		if !lost && e.Status <= Provisional && phase.unloaded(c.reg.scaled[k]) {
			l.found.Add(diag.Unled, ph.Range, "begin again with the larger dose, if it is meant to come first", "%s has %v, and is the first planned dose of its phase that is given: before it, %s not given, of %v at most",
				c.plan.nameInWords(e), c.reg.doses[k].Amount, were(phase.lost, fmt.Sprint(phase.lost)), quantity.FromScaled(phase.planned, c.reg.units[ph.Medication]))
		}
		if step, from := falls[ph.Medication].past(c.reg.scaled[k], c.reg.scaled[own(i)], lost); step > 0 && e.Status <= Provisional && d.place.CycleDay == 0 {
			unit := c.reg.units[ph.Medication]
			l.found.Add(diag.Unled, ph.Range, "order what is to come between, if it falls too far at once", "%s has %v, and the last before it %v: what falls between them, as %v, was not given",
				c.plan.nameInWords(e), c.reg.doses[k].Amount, quantity.FromScaled(from, unit), quantity.FromScaled(step, unit))
		}
		if !lost {
			before.given = max(before.given, c.reg.scaled[k])
			begun = begun || 10*c.reg.scaled[k] > 9*c.reg.scaled[own(i)]
		}
		add(&cycle, i)
		add(&phase, i)
	}
}

// A descent is how far the doses of a medicine have come down, and what was lost of the way since the last that was given.
type descent struct {
	given int64
	lost  []int64
	said  bool
}

// past takes in a dose, and returns the first step between it and the last before it that was lost, with that last; 0 where
// there is none, or where one was returned before.
func (d *descent) past(scaled, own int64, lost bool) (step, from int64) {
	if lost {
		d.lost = append(d.lost, own)
		return 0, 0
	}
	if i := slices.IndexFunc(d.lost, func(x int64) bool { return x < d.given && x > scaled }); i >= 0 && !d.said {
		step, from, d.said = d.lost[i], d.given, true
	}
	d.given, d.lost = scaled, d.lost[:0]
	return step, from
}

// lostDoses are the doses of a run that are not given, and the time from each stretch of them to the dose after it.
type lostDoses struct {
	first int // the day of the first dose of the run
	doses int
	since int // the day of the first of those that follow each other
	open  bool
	days  int // of the stretches that are over,
	weeks int // those of a week or longer in weeks, begun ones too,
	rest  int // and the others in days
}

func (l *lostDoses) add(d *plannedDose) {
	if l.doses++; !l.open {
		l.since, l.open = d.place.Day, true
	}
}

// end says that a dose is given.
func (l *lostDoses) end(d *plannedDose) {
	if l.open {
		l.stretch(d.place.Day - l.since)
	}
	l.open = false
}

func (l *lostDoses) stretch(days int) {
	if l.days += days; days < 7 {
		l.rest += days
	} else {
		l.weeks += (days + 6) / 7
	}
}

// daysBefore returns by how many days a dose is behind, where amounts go on in steps of days: 7 where they go by weeks, of
// which a few days without a dose are none, 0 where they do not look at days.
func (l lostDoses) daysBefore(d *plannedDose, unit int) int {
	l.end(d)
	switch unit {
	case 0:
		return 0
	case 7:
		return 7 * (l.weeks + l.rest/7)
	}
	return l.days / unit * unit
}

// noLarger gives a dose the amount of the place that it would have without those that are not given, unless that is larger.
func (c *calculation) noLarger(l *layout, b *behind, said []bool) {
	k := c.reg.doseAt(b.Phase, b.place, b.Date)
	less, slower := c.reg.scaled[k] < c.reg.scaled[b.Dose], c.slower(k, b.Dose)
	if !less && !slower {
		return
	}
	instead := c.reg.scaled[k] <= c.reg.scaled[b.Dose] // a larger one stays what was planned
	if ph := &c.plan.phases[b.Phase]; !said[b.Phase] && b.Status != Held && !c.plan.stopsBefore(b.Event) {
		said[b.Phase] = true
		planned, lower := c.reg.doses[b.Dose].given(), c.reg.doses[k].given()
		as, of := fmt.Sprintf("as dose %d", b.place.Number), "number"
		if b.place.Day < b.own.Day {
			as, of = fmt.Sprintf("as on day %d of the phase", b.place.Day), "day"
		}
		form, help := "%[1]s has %[4]s, and not the %[2]s, %[3]s: %[5]s not given%[7]s", "look at how long it is to take"
		if instead {
			form, help = "%[1]s has %[2]s, %[3]s, and not the %[4]s of its own %[6]s: %[5]s not given%[7]s", "if the clinician decides otherwise, write down what was given with its amount"
		}
		l.found.Add(diag.FewerGiven, ph.Range, help, form, c.plan.nameInWords(b.Event), lower, as, planned, were(b.lost, civil.Plural(b.lost, "dose")+" before it"), of, map[bool]string{true: ", or half at most"}[b.halved])
	}
	if instead {
		b.Dose = k
	}
}

// daysOf returns in which steps of days the doses of a phase go on at a date: 7 where they go by weeks, 0 where they do
// not look at days.
func (r *regimen) daysOf(phase int16, date civil.Date) int {
	return r.parts[r.part(date)].phases[phase].Days()
}

// given says how much a dose is, and where it is known how long giving it takes.
func (d *DoseInfo) given() string {
	if d.Route.Over.IsSet() {
		return fmt.Sprintf("%v over %v", d.Amount, d.Route.Over)
	}
	return d.Amount.String()
}

// slower reports whether giving a dose takes longer than giving another does.
func (c *calculation) slower(a, b int32) bool {
	x, _ := c.reg.doses[a].Route.Over.Elapsed()
	y, _ := c.reg.doses[b].Route.Over.Elapsed()
	return x > y
}

// were says of how many doses something was, or were.
func were(n int, doses string) string {
	if n == 1 {
		return doses + " was"
	}
	return doses + " were"
}
