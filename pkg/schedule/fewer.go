package schedule

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// fewer gives doses whose amount goes by their number, their day or their week no more than the doses before them allow
// that were given or may yet be: where the first was missed, held or left out, the next is no second one, and a week
// without a dose is none of the weeks of a step. A dose that would be larger for it stays what was planned.
func (c *calculation) fewer(l *layout, events []Event, said []bool) {
	for _, b := range c.behind(l.axis, events) {
		c.noLarger(l, &b, said)
	}
}

// A behind is a dose that is to be given after others of its run that are not.
type behind struct {
	*Event
	own, place dose.Place // that it has in its phase, and that it would have without those
	lost       int        // how many they are
}

// behind finds the doses that others before them are wanting to.
func (c *calculation) behind(a *axis, events []Event) (list []behind) {
	at := a.eventOf(events)
	var lost lostDoses
	for i := range a.doses {
		d, e := &a.doses[i], at[i]
		if i == 0 || d.phase != a.doses[i-1].phase || d.run != a.doses[i-1].run && !c.plan.phases[d.phase].GoesOn {
			lost = lostDoses{}
		}
		if c.isLost(e) {
			lost.add(d)
			continue
		}
		lost.end(d)
		if lost.doses == 0 || e.Status > Provisional {
			continue
		}
		b := behind{e, d.place, d.place, lost.doses}
		b.place.Number -= lost.doses
		if unit := c.reg.daysOf(e.Phase, d.date); unit > 0 {
			b.place.Day -= lost.days / unit * unit
		}
		list = append(list, b)
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

// A lead is what was given of the doses that lead up to one: those of the phases before it, or of its cycle.
type lead struct {
	given, planned int64 // the largest that was given or may yet be, and the largest of those that are lost
	least          int64 // of those
	lost           int
}

func (u *lead) add(scaled int64, lost bool) {
	if !lost {
		u.given = max(u.given, scaled)
		return
	}
	if u.lost++; u.lost == 1 || scaled < u.least {
		u.least = scaled
	}
	u.planned = max(u.planned, scaled)
}

// shortOf reports whether a dose is larger than all that was given to lead up to it, since larger and smaller ones were not.
func (u *lead) shortOf(scaled int64) bool {
	return u.lost > 0 && u.given < scaled && u.given < u.planned && u.least < scaled
}

// unled says of phases and cycles that rise past what was given to lead up to them. Their amounts stay: no number and no
// step tells what else to give.
func (c *calculation) unled(l *layout, events []Event) {
	at, doses := l.axis.eventOf(events), l.axis.doses
	amount := func(i int) int32 {
		if e := at[i]; e != nil && e.Dose != None {
			return e.Dose
		}
		return c.reg.doseAt(doses[i].phase, doses[i].place, doses[i].date)
	}
	cycle, said := lead{}, int16(None)
	for i := range doses {
		d, e, k := &doses[i], at[i], amount(i)
		ph := &c.plan.phases[d.phase]
		first := i == 0 || doses[i-1].phase != d.phase
		up, of := &cycle, "its cycle"
		if first {
			up, of = &lead{}, "the phases before it"
			for j := range doses { // phases can run beside each other
				if b := &doses[j]; b.phase != d.phase && c.plan.phases[b.phase].Medication == ph.Medication && b.date.Before(d.date) {
					up.add(c.reg.scaled[amount(j)], c.isLost(at[j]))
				}
			}
		}
		if first || d.place.CycleDay < doses[i-1].place.CycleDay {
			cycle = lead{}
		}
		lost := c.isLost(e)
		if !lost && e.Status <= Provisional && said != d.phase && (first || d.place.CycleDay > 0) && up.shortOf(c.reg.scaled[k]) {
			said = d.phase
			most := "there was no other"
			if up.given > 0 {
				most = "the others come to " + quantity.FromScaled(up.given, c.reg.units[ph.Medication]).String() + " at most"
			}
			l.found.Add(diag.Unled, ph.Range, "order less, or begin again with what leads up to it, if it is too much at once", "%s has %v: of the doses of %s, %s not given, and %s",
				c.plan.nameInWords(e), c.reg.doses[k].Amount, of, were(up.lost), most)
		}
		cycle.add(c.reg.scaled[k], lost)
	}
}

// lostDoses are the doses of a run that are not given, and the time from each stretch of them to the dose after it.
type lostDoses struct {
	doses int
	days  int
	since int // the day of the first of those that follow each other
	open  bool
}

func (l *lostDoses) add(d *plannedDose) {
	if l.doses++; !l.open {
		l.since, l.open = d.place.Day, true
	}
}

// end says that a dose is given.
func (l *lostDoses) end(d *plannedDose) {
	if l.open {
		l.days += d.place.Day - l.since
	}
	l.open = false
}

// noLarger gives a dose the amount of the place that it would have without those that are not given, unless that is larger.
func (c *calculation) noLarger(l *layout, b *behind, said []bool) {
	k := c.reg.natural(b)
	less, slower := c.reg.scaled[k] < c.reg.scaled[b.Dose], c.slower(k, b.Dose)
	if !less && !slower {
		return
	}
	instead := c.reg.scaled[k] <= c.reg.scaled[b.Dose] // a larger one stays what was planned
	if ph := &c.plan.phases[b.Phase]; !said[b.Phase] {
		said[b.Phase] = true
		planned, lower := c.reg.doses[b.Dose].given(), c.reg.doses[k].given()
		as, of := fmt.Sprintf("as dose %d", b.place.Number), "number"
		if b.place.Day < b.own.Day {
			as, of = fmt.Sprintf("as on day %d of the phase", b.place.Day), "day"
		}
		form, help := "%[1]s has %[4]s, and not the %[2]s, %[3]s: %[5]s not given", "look at how long it is to take"
		if instead {
			form, help = "%[1]s has %[2]s, %[3]s, and not the %[4]s of its own %[6]s: %[5]s not given", "if the clinician decides otherwise, write down what was given with its amount"
		}
		l.found.Add(diag.FewerGiven, ph.Range, help, form, c.plan.nameInWords(b.Event), lower, as, planned, wereLost(b.lost), of)
	}
	if instead {
		b.Dose = k
	}
}

// natural returns the index of what a dose has at the place that it would have without those that are not given. Where that
// is another dose of the phase than its own, an amount that was ordered gives way to the phase's own, if that is less.
func (r *regimen) natural(b *behind) int32 {
	part := r.part(b.Date)
	s, ph := &r.parts[part], &r.plan.phases[b.Phase]
	doses := &s.phases[b.Phase]
	leaf := doses.At(b.place)
	k := int32(doses.base + leaf)
	set, ordered := s.amounts[ph.Name]
	switch {
	case !ordered || !set.amount.IsSet() || ph.Titration != nil:
		return k
	case leaf == doses.At(b.own):
		return b.Dose
	}
	own := doses.Doses[leaf]
	if !own.Amount.IsSet() || !own.Amount.Unit().Comparable(set.amount.Unit()) || own.Amount.Cmp(set.amount) >= 0 {
		return k
	}
	if known, ok := r.unordered[unordered{part, b.Phase, leaf}]; ok {
		return known
	}
	n, ok := own.Amount.In(r.units[ph.Medication]).Scaled()
	if !ok {
		return k
	}
	d := r.doses[k]
	d.Dose = own
	if r.unordered == nil {
		r.unordered = map[unordered]int32{}
	}
	k = r.add(d, n)
	r.unordered[unordered{part, b.Phase, leaf}] = k
	return k
}

// An unordered dose is one of a phase, in a stretch in which another amount is ordered.
type unordered struct {
	part  int
	phase int16
	leaf  int
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

func wereLost(n int) string {
	if n == 1 {
		return "1 dose before it was"
	}
	return fmt.Sprintf("%d doses before it were", n)
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return fmt.Sprintf("%d were", n)
}
