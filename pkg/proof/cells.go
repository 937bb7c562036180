package proof

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// checkCells is check for a protocol whose patients do not all have the same phases: each part of the
// population is proved by itself, with the phases that it has.
func checkCells(p *protocol.Protocol, all bool) *Result {
	out := &Result{}
	cells, ok := p.Cells()
	if !ok {
		out.Found.Add(diag.Unbounded, p.Range, "split the protocol", "the phases divide the population into too many parts")
	}
	if inhabited := slices.DeleteFunc(slices.Clone(cells), nobody); len(inhabited) > 0 {
		cells = inhabited
	}
	for _, part := range cells {
		r := checkAll(part, all)
		of := patientsOf(p, part)
		for i := range r.Rows {
			r.Rows[i].Of = of
		}
		for i := range r.Totals {
			r.Totals[i].Of = of
		}
		for i := range r.Closest {
			r.Closest[i].Of = of
		}
		out.add(r)
		if endless(r) {
			break // which the other parts do not change
		}
	}
	out.Found = out.Found.Sort()
	return out
}

// endless reports whether there was more to look at than is looked at.
func endless(r *Result) bool {
	return slices.ContainsFunc(r.Found, func(d diag.Diagnostic) bool { return d.Code == diag.Unbounded })
}

// nobody reports whether no weight and height of a population have a body mass index of it.
func nobody(p *protocol.Protocol) bool {
	pop := &p.Population
	if !pop.BMI.IsSet() {
		return false
	}
	beyond := func(weight, height, end quantity.Amount, sign int) bool {
		if !weight.IsSet() || !height.IsSet() || !end.IsSet() {
			return false
		}
		bmi, err := (&patient.Patient{Weight: weight, Height: height}).BMI()
		return err == nil && bmi.Cmp(end) == sign
	}
	return beyond(pop.Weight.Min, pop.Height.Max, pop.BMI.Max, 1) || beyond(pop.Weight.Max, pop.Height.Min, pop.BMI.Min, -1)
}

// maxDates is on how many days the dates of a patient are looked at.
const maxDates = 400

// checkDates is check for a protocol that counts from dates of the patient's file: each day on which they can lie is
// proved by itself.
func checkDates(p *protocol.Protocol, all bool) *Result {
	out := &Result{}
	every, ok := p.EveryDate(maxDates)
	if !ok {
		out.Found.Add(diag.Unbounded, p.Dates[0].Range, "state smaller ranges", "the dates can lie on too many days to prove: more than %d, all of them together", maxDates)
	}
	work, somewhere := 0, map[string]map[int]bool{}
	for _, days := range every {
		if work > maxWork {
			out.Found.Add(diag.Unbounded, p.Dates[0].Range, "state smaller ranges", "the dates can lie on too many days to prove: each of them takes long")
			break
		}
		on := p.On(days)
		r := (*Result)(nil)
		if on.Selective() {
			r = checkCells(on, all)
		} else {
			r = checkAll(on, all)
		}
		work += r.work
		impossible := slices.ContainsFunc(r.Found, func(d diag.Diagnostic) bool { return d.Code == diag.NeverReached || d.Code == diag.OutsideCourse })
		if impossible && len(every) > 1 && len(r.Calendars) == 0 && !r.sometimes {
			continue // as a return before the departure: a schedule for these dates is refused
		}
		for name, n := range days {
			if somewhere[name] == nil {
				somewhere[name] = map[int]bool{}
			}
			somewhere[name][n] = true
		}
		if out.worse(r); endless(r) {
			out.Found = out.Found.Sort()
			return out
		}
	}
	if len(p.Dates) > 1 {
		out.Assumptions = append(out.Assumptions, "the dates lie in an order in which every phase ends after it begins: a schedule for others is refused")
	}
	for i := range p.Dates {
		x := &p.Dates[i]
		for n := x.Least; n <= x.Most && len(out.Calendars) > 0 && work <= maxWork; n++ {
			if !somewhere[x.Name][n] {
				out.Found.Add(diag.NeverReached, x.Range, "state the days on which it can lie", "no patient whose date “%s” lies %s after the start has a calendar", x.Name, civil.Plural(n, "day")).Severity = diag.Warning
				break
			}
		}
	}
	if len(out.Calendars) == 0 && !out.Found.HasErrors() && len(every) > 0 {
		out.Found.Add(diag.NeverReached, p.Dates[0].Range, "look at the ranges of the dates", "no patient has a calendar, wherever the dates lie")
	}
	out.Found = out.Found.Sort()
	return out
}

// patientsOf says whom a part of the population is of: those whom its phases are for.
func patientsOf(p, part *protocol.Protocol) string {
	var words []string
	for i := range p.Phases {
		ph := &p.Phases[i]
		if _, ok := part.Phase(ph.Name); ok && ph.For != nil && !slices.Contains(words, ph.For.Text) {
			words = append(words, ph.For.Text)
		}
	}
	return strings.Join(words, "; ")
}

// add takes in what was found of another part of the population.
func (r *Result) add(part *Result) {
	r.work += part.work
	r.Rows, r.Totals, r.Calendars = append(r.Rows, part.Rows...), append(r.Totals, part.Totals...), append(r.Calendars, part.Calendars...)
	for _, d := range part.Found {
		if !slices.ContainsFunc(r.Found, func(x diag.Diagnostic) bool { return sameFinding(&x, &d) }) {
			r.Found = append(r.Found, d)
		}
	}
	if r.given = r.given || part.given; part.refused.IsSet() {
		r.refused = part.refused
	}
	for _, text := range part.Assumptions {
		if !slices.Contains(r.Assumptions, text) {
			r.Assumptions = append(r.Assumptions, text)
		}
	}
	for i := range part.Closest {
		t := &part.Closest[i]
		at := slices.IndexFunc(r.Closest, func(o Total) bool { return o.At == t.At && o.Name == t.Name && o.Medication == t.Medication })
		switch {
		case at < 0:
			r.Closest = append(r.Closest, *t)
		case t.nearer(&r.Closest[at]):
			r.Closest[at] = *t
		}
	}
}

// worse takes in what was found for other dates of the same patients: of each choice the worst of them.
func (r *Result) worse(part *Result) {
	rows, totals := part.Rows, part.Totals
	rest := *part
	rest.Rows, rest.Totals = nil, nil
	r.add(&rest)
	for i := range rows {
		x := &rows[i]
		at := slices.IndexFunc(r.Rows, func(o Row) bool {
			return o.Of == x.Of && o.Phase == x.Phase && o.Tier == x.Tier && o.Route == x.Route && o.Frequency == x.Frequency && o.Step == x.Step
		})
		if at < 0 {
			r.Rows = append(r.Rows, *x)
			continue
		}
		o := &r.Rows[at]
		if x.Least.Cmp(o.Least) < 0 {
			o.Least = x.Least
		}
		if x.Most.Cmp(o.Most) > 0 {
			o.Most, o.MostPerKg = x.Most, x.MostPerKg
		}
	}
	for i := range totals {
		t := &totals[i]
		at := slices.IndexFunc(r.Totals, func(o Total) bool {
			return o.Of == t.Of && o.Tier == t.Tier && o.Route == t.Route && o.Frequency == t.Frequency && o.Step == t.Step && o.Medication == t.Medication && o.Name == t.Name && o.At == t.At
		})
		switch {
		case at < 0:
			r.Totals = append(r.Totals, *t)
		case t.nearer(&r.Totals[at]):
			r.Totals[at] = *t
		}
	}
}

// sameFinding reports whether two findings are of one thing: what breaks a limit is told once.
func sameFinding(a, b *diag.Diagnostic) bool {
	once := []diag.Code{diag.CanBreakLimit, diag.NotProved, diag.GateTooLate}
	return a.Code == b.Code && a.Range == b.Range && (a.Message == b.Message || slices.Contains(once, a.Code))
}

// nearer reports whether t comes nearer to its limit, or further past it, than another of the same limit.
func (t *Total) nearer(o *Total) bool {
	switch {
	case (t.Name == string(limit.KeyInterval) || t.Name == string(limit.KeyGap)) && t.Days == 0:
		return t.Apart < o.Apart
	case t.MostDoses > 0 || t.Days > 0:
		return t.Doses > o.Doses
	case t.Endless != o.Endless:
		return t.Endless
	case !t.Limit.IsSet() || !o.Limit.IsSet():
		return t.Amount.Cmp(o.Amount) > 0
	}
	return t.Amount.Quo(t.Limit).Cmp(o.Amount.Quo(o.Limit)) > 0
}
