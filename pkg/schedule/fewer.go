package schedule

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
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
	lost       int        // how many they are,
	last       civil.Date // and the day of the last of them
}

// behind finds the doses that others before them are wanting to.
func (c *calculation) behind(a *axis, events []Event) (list []behind) {
	at := make([]*Event, len(a.doses))
	for i := range events {
		if e := &events[i]; e.Of != None && (at[e.Of] == nil || e.Status != Missed) { // of one that is planned again, that
			at[e.Of] = e
		}
	}
	now := c.plan.options.Timeline.Now
	var lost lostDoses
	for i := range a.doses {
		d, e := &a.doses[i], at[i]
		if i == 0 || d.phase != a.doses[i-1].phase || d.run != a.doses[i-1].run && !c.plan.phases[d.phase].GoesOn {
			lost = lostDoses{}
		}
		if e == nil || !e.Counts() || e.Status == Provisional && e.Date.Before(now) { // that waited, and its day has passed
			lost.add(d)
			continue
		}
		lost.end(d)
		if lost.doses == 0 || e.Status > Provisional {
			continue
		}
		b := behind{e, d.place, d.place, lost.doses, lost.last}
		b.place.Number -= lost.doses
		if unit := c.reg.daysOf(e.Phase, d.date); unit > 0 {
			b.place.Day -= lost.days / unit * unit
		}
		list = append(list, b)
	}
	return list
}

// lostDoses are the doses of a run that are not given, and the time from each stretch of them to the dose after it.
type lostDoses struct {
	doses int
	days  int
	last  civil.Date
	since int // the day of the first of those that follow each other
	open  bool
}

func (l *lostDoses) add(d *plannedDose) {
	if l.doses++; !l.open {
		l.since, l.open = d.place.Day, true
	}
	l.last = d.date
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
// is another dose of the phase than its own, an amount that was ordered before the last of them gives way to the phase's own,
// if that is less: who orders after it knows of it.
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
	case leaf == doses.At(b.own) || set.from.After(b.last):
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
