package lint

import (
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// rows compares phases with those that stand beside them for other patients, and with those that come before and after them:
// what all others of a row say, one says otherwise by a slip.
func (l *linter) rows() {
	for _, group := range l.p.Places() {
		l.lengths(group)
		for _, i := range group {
			for _, k := range group {
				l.kidneys(&l.p.Phases[i], &l.p.Phases[k])
			}
		}
	}
	for i := range l.p.Phases {
		l.loading(i)
		l.named(&l.p.Phases[i])
	}
	for _, chain := range l.chains() {
		l.amid(chain)
		l.otherScale(chain)
		l.outOfRow(chain)
	}
}

// pace returns how many doses a rule gives a day; unset where it follows the months, or ends.
func pace(f frequency.Frequency) (doses quantity.Amount) {
	minutes, ok := f.Period()
	if !ok {
		return doses
	}
	days := 1
	switch f.Kind() {
	case frequency.PerWeek:
		days = f.InWeek()
	case frequency.Weekdays:
		days = 0
		for day := range time.Saturday + 1 {
			if f.FallsOn(day) {
				days++
			}
		}
	case frequency.Cycle, frequency.OnOff:
		days = len(f.CycleDays())
	}
	return quantity.New(int64(max(f.PerDay(), 1)*days)*24*60, int64(minutes), quantity.None)
}

// paceOf returns how many doses a phase of one frequency gives a day; unset where that is not known.
func paceOf(ph *protocol.Phase) (doses quantity.Amount) {
	if len(ph.Frequencies) == 1 {
		doses = pace(ph.Frequencies[0].Frequency)
	}
	return doses
}

// fixed returns the one amount of a phase, whoever the patient is and whatever day it is; nil where there is more than one.
func (l *linter) fixed(ph *protocol.Phase) *protocol.Amount {
	a, _ := l.p.Plain(ph.Dose).(*protocol.Amount)
	return a
}

// kidneys looks for a phase of those whose kidneys clear less that gives more in a day than the one in its place for those
// whose kidneys clear more.
func (l *linter) kidneys(strong, weak *protocol.Phase) {
	a, b := l.fixed(strong), l.fixed(weak)
	more, less := paceOf(strong), paceOf(weak)
	if a == nil || b == nil || !more.IsSet() || !less.IsSet() || a.Basis() != b.Basis() || !a.Quantity.Unit().Comparable(b.Quantity.Unit()) || !l.clearsMore(strong.For, weak.For) || l.said(diag.OddFigure, weak.Range) {
		return
	}
	if b.Quantity.Scale(less).Cmp(a.Quantity.Scale(more)) > 0 {
		l.found.Add(diag.OddFigure, weak.Range, "look which way round the two are", "“%s” gives %v %s, and “%s” %v %s: those whose kidneys clear less have more in a day",
			strong.Name, a.Quantity, strong.Frequencies[0].Text, weak.Name, b.Quantity, weak.Frequencies[0].Text)
	}
}

// clearsMore reports whether the patients of one phase differ from those of another by a higher clearance alone.
func (l *linter) clearsMore(s, o *protocol.Subset) bool {
	alike := s != nil && o != nil && s.Age == o.Age && s.Weight == o.Weight && s.Sex == o.Sex && s.With == nil && o.With == nil && len(s.Measured) == 1 && len(o.Measured) == 1
	if !alike || s.Measured[0].Name != o.Measured[0].Name {
		return false
	}
	m, _ := l.p.Measurement(s.Measured[0].Name)
	low, high := s.Measured[0].Band.Low.At, o.Measured[0].Band.High.At
	return m != nil && strings.HasPrefix(m.Unit, "mL/min") && low.IsSet() && high.IsSet() && low.Cmp(high) >= 0
}

// lasts returns how many days a phase lasts, by its length or by its doses; unset where that is not known.
func lasts(ph *protocol.Phase) (length quantity.Amount) {
	if months, days, ok := ph.Course.Duration.Calendar(); ok && months == 0 && ph.Course.Duration.IsSet() && ph.Course.Doses == 0 {
		return quantity.New(int64(days), 1, quantity.None)
	}
	if doses := paceOf(ph); doses.IsSet() && ph.Course.Doses > 1 && !ph.Course.Duration.IsSet() {
		length = quantity.New(int64(ph.Course.Doses), 1, quantity.None).Div(doses)
	}
	return length
}

// lengths looks for one of the phases that different patients have in each other's place that lasts another time than all
// the others; of two, one that lasts six times as long as the other.
func (l *linter) lengths(group []int) {
	const far = 6
	var of []quantity.Amount
	for _, i := range group {
		days := lasts(&l.p.Phases[i])
		if !days.IsSet() {
			return
		}
		of = append(of, days)
	}
	for n, i := range group {
		ph := &l.p.Phases[i]
		others := slices.Delete(slices.Clone(of), n, n+1)
		same := !slices.ContainsFunc(others, func(d quantity.Amount) bool { return d.Cmp(others[0]) != 0 })
		odd := same && of[n].Cmp(others[0]) != 0 && (len(others) > 1 || of[n].Cmp(others[0].Times(far, 1)) >= 0)
		if odd && !l.said(diag.OddFigure, ph.Range) {
			l.found.Add(diag.OddFigure, ph.Range, "look at its `course`", "“%s” lasts %s, and what other patients have in its place %s", ph.Name, inDays(of[n]), inDays(others[0]))
		}
	}
}

func inDays(d quantity.Amount) string {
	if n, whole := d.Int(); whole {
		return civil.Plural(n, "day")
	}
	return d.FloorTo(quantity.New(1, 10, quantity.None)).String() + " days"
}

// chains returns the phases of each medicine that all patients have one after the other.
func (l *linter) chains() (list [][]*protocol.Phase) {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		before := l.p.StartsAfter(i)
		if ph.For != nil {
			continue
		}
		at := -1
		if before >= 0 && l.p.Succeeds(i, before) {
			at = slices.IndexFunc(list, func(c []*protocol.Phase) bool { return c[len(c)-1] == &l.p.Phases[before] })
		}
		if at >= 0 && list[at][0].Medication == ph.Medication && list[at][0].Route == ph.Route {
			list[at] = append(list[at], ph)
		} else {
			list = append(list, []*protocol.Phase{ph})
		}
	}
	return list
}

// amid looks for a phase that comes half as often, or twice as often and more, as the one before it and the one after it, which
// come as often as each other.
func (l *linter) amid(chain []*protocol.Phase) {
	for i := 1; i+1 < len(chain); i++ {
		before, own, after := paceOf(chain[i-1]), paceOf(chain[i]), paceOf(chain[i+1])
		if !before.IsSet() || !own.IsSet() || !after.IsSet() || before.Cmp(after) != 0 || l.said(diag.OddFigure, chain[i].Range) {
			continue
		}
		if before.Cmp(own.Times(2, 1)) >= 0 || own.Cmp(before.Times(2, 1)) >= 0 {
			l.found.Add(diag.OddFigure, chain[i].Range, "look at its frequency", "doses of “%s” come %s, and those of the phase before it and of the one after it %s", chain[i].Name, chain[i].Frequencies[0].Text, chain[i-1].Frequencies[0].Text)
		}
	}
}

// otherScale looks for a fixed dose beside one per kg that is ten times as much, or a tenth, for every patient of the population:
// one of the two has lost its kg.
func (l *linter) otherScale(chain []*protocol.Phase) {
	w := l.p.Population.Weight
	for i := 1; i < len(chain) && w.Min.IsSet() && w.Max.IsSet(); i++ {
		fixed, rate := l.fixed(chain[i-1]), l.fixed(chain[i])
		if fixed == nil || rate == nil || l.said(diag.OddFigure, chain[i].Range) {
			continue
		}
		if fixed.Basis() == protocol.PerWeight {
			fixed, rate = rate, fixed
		}
		if fixed.Basis() != protocol.Fixed || rate.Basis() != protocol.PerWeight {
			continue
		}
		least, most := resolved(rate.Quantity, w.Min), resolved(rate.Quantity, w.Max)
		if least.Unit().Comparable(fixed.Quantity.Unit()) && (fixed.Quantity.Times(10, 1).Cmp(least) <= 0 || fixed.Quantity.Cmp(most.Times(10, 1)) >= 0) {
			l.found.Add(diag.OddFigure, chain[i].Range, "look at the units: one of the two may have lost its kg", "“%s” gives %v and “%s” %v, which comes to %v for the lightest and %v for the heaviest", chain[i-1].Name, l.fixed(chain[i-1]).Quantity, chain[i].Name, l.fixed(chain[i]).Quantity, least, most)
		}
	}
}

// A figure is an amount with where it stands.
type figure struct {
	amount quantity.Amount
	at     diag.Range
}

// outOfRow looks for two neighbours without which the doses of a course only rise, or only fall, and which do so too once
// they change places.
func (l *linter) outOfRow(chain []*protocol.Phase) {
	var row []figure
	for i, ph := range chain {
		values := l.row(l.p.Plain(ph.Dose), ph.Range)
		if values == nil || i > 0 && !alike(chain[i-1], ph) {
			return
		}
		for _, v := range values {
			if n := len(row); n > 0 && !v.amount.Unit().Comparable(row[n-1].amount.Unit()) {
				return
			} else if n == 0 || v.amount.Cmp(row[n-1].amount) != 0 {
				row = append(row, v)
			}
		}
	}
	const least = 4
	if len(row) < least || sorted(row) {
		return
	}
	for i := 1; i < len(row); i++ {
		other := slices.Clone(row)
		other[i-1], other[i] = row[i], row[i-1]
		if sorted(other) && !l.said(diag.OddFigure, row[i].at) {
			l.found.Add(diag.OddFigure, row[i].at, "look whether the two have changed places", "the dose goes from %v to %v, and all others of the course the other way", row[i-1].amount, row[i].amount)
			return
		}
	}
}

// alike reports whether two phases give as many doses a day.
func alike(a, b *protocol.Phase) bool {
	x, y := paceOf(a), paceOf(b)
	return x.IsSet() && y.IsSet() && x.Cmp(y) == 0
}

// sorted reports whether amounts only rise, or only fall.
func sorted(row []figure) bool {
	way := 0
	for i := 1; i < len(row); i++ {
		to := row[i].amount.Cmp(row[i-1].amount)
		if to == 0 || way != 0 && to != way {
			return false
		}
		way = to
	}
	return true
}

// row returns the amounts of a dose in the order of its days, weeks or doses; nil where they depend on something else.
func (l *linter) row(dose protocol.Dose, at diag.Range) (row []figure) {
	switch d := dose.(type) {
	case *protocol.Amount:
		return []figure{{d.Quantity, at}}
	case *protocol.Stepped:
		return []figure{{d.Start.Quantity, d.Range}, {d.To, d.Range}}
	case *protocol.ByCase:
		if d.By != protocol.ByDay && d.By != protocol.ByWeek && d.By != protocol.ByDoseNumber {
			return nil
		}
		for i := range d.Cases {
			a, ok := d.Cases[i].Dose.(*protocol.Amount)
			if !ok {
				return nil
			}
			row = append(row, figure{a.Quantity, a.Range})
		}
	}
	if slices.ContainsFunc(row, func(f figure) bool { return !f.amount.Unit().Comparable(row[0].amount.Unit()) }) {
		return nil
	}
	return row
}

var (
	down = lazy.MustCompile(`(?i)\b(taper|tapering|wean|weaning|withdrawal)\b`)
	up   = lazy.MustCompile(`(?i)\b(escalation|escalating|up-?titration|build-?up)\b`)
)

// named looks for a phase whose doses go the other way than its name says.
func (l *linter) named(ph *protocol.Phase) {
	row := l.row(l.p.Plain(ph.Dose), ph.Range)
	words := strings.ReplaceAll(ph.Name, "_", " ") + " " + ph.Title
	if len(row) < 2 || !sorted(row) || l.said(diag.OddFigure, ph.Range) {
		return
	}
	rises := row[1].amount.Cmp(row[0].amount) > 0
	if rises && down.MatchString(words) || !rises && up.MatchString(words) {
		l.found.Add(diag.OddFigure, ph.Range, "look which way round the doses are", "the doses of “%s” go from %v to %v", ph.Name, row[0].amount, row[len(row)-1].amount)
	}
}

// loading looks for a single loading dose that is smaller than those it is to make a beginning for, or long before them.
func (l *linter) loading(i int) {
	ph := &l.p.Phases[i]
	before := l.p.StartsAfter(i)
	if before < 0 || before == i || l.p.Phases[before].Medication != ph.Medication || l.said(diag.OddFigure, ph.Range) {
		return
	}
	load := &l.p.Phases[before]
	if l.p.MostDoses(load) != 1 || !strings.HasPrefix(strings.ToLower(load.Name), "load") && !strings.Contains(strings.ToLower(load.Title), "loading") {
		return
	}
	if a, b := l.fixed(load), l.fixed(ph); a != nil && b != nil && a.PerTime == 0 && b.PerTime == 0 && a.Basis() == b.Basis() && a.Quantity.Unit().Comparable(b.Quantity.Unit()) && a.Quantity.Cmp(b.Quantity) < 0 {
		l.found.Add(diag.OddFigure, load.Range, "look whether the two have changed places", "the loading dose “%s” is %v, less than the %v of “%s” after it", load.Name, a.Quantity, b.Quantity, ph.Name)
		return
	}
	w := &ph.Starts
	doses := paceOf(ph)
	if !w.Offset.IsSet() || w.Before || !doses.IsSet() {
		return
	}
	const far = 4 // times as long as between two of its own
	days := int64(w.Offset.From(someDay, 1).Sub(someDay))
	if doses.Times(days, 1).Cmp(quantity.New(far, 1, quantity.None)) >= 0 {
		l.found.Add(diag.OddFigure, ph.Range, "look at the unit of `starts`", "“%s” starts %s, and its doses come %s: what the loading dose has done is gone by then", ph.Name, w.Text, ph.Frequencies[0].Text)
	}
}

// grownUp looks for a population of children and adults who all get the same, whatever they weigh.
func (l *linter) grownUp() {
	age := l.p.Population.Age
	child, adult := quantity.New(12*12, 1, quantity.None), quantity.New(18*12, 1, quantity.None) // months
	if !age.Min.IsSet() || age.Min.Cmp(child) >= 0 || !age.Max.IsSet() || age.Max.Cmp(adult) < 0 || l.said(diag.OddFigure, age.Range) {
		return
	}
	youngest, _ := age.Min.Int()
	for _, ph := range l.p.Rules() {
		if ph.For != nil && (ph.For.Age.IsSet() || ph.For.Weight.IsSet()) || l.p.Follows(ph.Dose, protocol.ByAge, protocol.ByWeight, protocol.BySurface) {
			continue
		}
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				if u := a.Quantity.Unit(); a.Basis() == protocol.Fixed && u.Comparable(quantity.Milligram) && a.Quantity.Sign() > 0 && !l.said(diag.OddFigure, age.Range) {
					l.found.Add(diag.OddFigure, age.Range, "look at the ages, or give children a dose of their own; silence this where the source gives all the same", "patients of %v are of the population, and “%s” gives a child of that age the %v of an adult", civil.Age(youngest), ph.Name, a.Quantity)
				}
			})
		}
	}
}
