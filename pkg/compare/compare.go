// Package compare says what changed in meaning between two protocols: the facts that each
// states, whatever its spelling, and the calendars that patients get from each.
package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Fact is one thing that a protocol states.
type Fact struct {
	Path string // where it belongs, as "phases › induction › dose"
	Text string // what is stated, in one spelling for one meaning
	At   diag.Range
}

// A Change is one difference. Before or After is the zero Fact where the other is new or gone.
type Change struct {
	Before, After Fact
}

// Path returns what the change concerns.
func (c *Change) Path() string {
	if c.Before.Path != "" {
		return c.Before.Path
	}
	return c.After.Path
}

// Protocols returns the differences between two protocols that were decoded without errors,
// in the order of the first, with what is new after what it follows.
func Protocols(a, b *protocol.Protocol) []Change {
	before, after := Facts(a), Facts(b)
	at := make(map[string]int, len(after))
	for i, f := range after {
		at[f.Path] = i
	}
	var list []Change
	next := 0 // of after
	fresh := func(to int) {
		for ; next < to; next++ {
			if f := after[next]; !slices.ContainsFunc(before, func(g Fact) bool { return g.Path == f.Path }) {
				list = append(list, Change{After: f})
			}
		}
	}
	for _, f := range before {
		i, ok := at[f.Path]
		if !ok {
			list = append(list, Change{Before: f})
			continue
		}
		fresh(i)
		if after[i].Text != f.Text {
			list = append(list, Change{f, after[i]})
		}
	}
	fresh(len(after))
	return list
}

// Facts returns everything that a protocol states, in the order of the language.
func Facts(p *protocol.Protocol) []Fact {
	w := &writer{}
	w.add(p.Range, p.ID, "id")
	w.add(p.Range, p.Title, "title")
	w.add(p.Range, p.Version, "version")
	w.add(p.Range, string(p.Status), "status")
	w.add(p.Range, string(p.Model), "model")
	w.add(p.Range, string(p.Setting), "setting")
	w.add(p.Range, fmt.Sprintf("day %d", p.CountFrom), "count from")
	pop := &p.Population
	for _, b := range []struct {
		name, unit string
		min, max   quantity.Amount
		at         diag.Range
	}{{"age", " years", pop.Age.Min, pop.Age.Max, pop.Age.Range}, {"weight", "", pop.Weight.Min, pop.Weight.Max, pop.Weight.Range}, {"height", "", pop.Height.Min, pop.Height.Max, pop.Height.Range}, {"BMI", "", pop.BMI.Min, pop.BMI.Max, pop.BMI.Range}} {
		if b.min.IsSet() || b.max.IsSet() {
			w.add(b.at, bounds(b.min, b.max)+b.unit, "population", b.name)
		}
	}
	for i := range p.Medications {
		w.medication(p, &p.Medications[i])
	}
	w.add(p.Range, p.DefaultRoute, "default route")
	for i := range p.Tiers {
		t := &p.Tiers[i]
		w.add(t.Range, fmt.Sprintf("place %d", i+1), "tiers", t.Name, "order")
		for _, r := range append([]string{""}, protocol.RouteNames()...) {
			if d, ok := t.Doses[r]; ok {
				w.dose(t.Range, d, "tiers", t.Name, r)
			}
		}
	}
	w.add(p.Range, p.DefaultTier, "default tier")
	for i := range p.Phases {
		w.phase(p, i)
	}
	for i := range p.CheckIns {
		w.checkIn(&p.CheckIns[i])
	}
	if p.Missed.Then != protocol.NoRule {
		w.add(p.Range, [...]string{"", "skip", "shift", "extend"}[p.Missed.Then], "missed doses", "then")
	}
	if p.Missed.Within.IsSet() {
		w.add(p.Range, p.Missed.Within.String(), "missed doses", "take within")
	}
	if p.StopsClock {
		w.add(p.Range, "stops", "interruptions", "clock")
	}
	if p.RestartAfter.IsSet() {
		w.add(p.Range, p.RestartAfter.String(), "interruptions", "restart after")
	}
	if p.Supply.Fill.IsSet() {
		w.add(p.Supply.Range, p.Supply.Fill.String(), "supply", "fill")
	}
	if p.Supply.Lead.IsSet() {
		w.add(p.Supply.Range, p.Supply.Lead.String(), "supply", "lead time")
	}
	for i := range p.Requirements {
		r := &p.Requirements[i]
		scope := "each dose"
		if r.First {
			scope = "first dose"
		}
		if r.Phase != "" {
			scope += " of " + r.Phase
		}
		for _, text := range r.Texts {
			w.add(r.Range, text, "requirements", scope, text)
		}
	}
	for i := range p.Contraindication {
		c := &p.Contraindication[i]
		kind := "relative"
		if c.Absolute {
			kind = "absolute"
		}
		w.add(c.Range, kind, "contraindications", c.Term)
		for _, also := range c.Also {
			w.add(c.Range, "counts as “"+c.Term+"”", "contraindications", c.Term, also)
		}
	}
	for i := range p.Evidence {
		e := &p.Evidence[i]
		name := e.Cite + e.Label
		if name == "" {
			name = e.Note
		}
		text := strings.Join(e.For, ", ")
		if e.Verify {
			text += " (to verify)"
		}
		w.add(e.Range, strings.TrimSpace("for "+text+" "+e.DOI), "evidence", name)
	}
	for _, n := range p.Notes {
		w.add(p.Range, n, "notes", n)
	}
	return w.list
}

type writer struct{ list []Fact }

// add takes down a fact that is stated.
func (w *writer) add(at diag.Range, text string, path ...string) {
	if text == "" {
		return
	}
	path = slices.DeleteFunc(path, func(s string) bool { return s == "" })
	w.list = append(w.list, Fact{strings.Join(path, " › "), text, at})
}

// amount writes an amount in one way: masses in mg.
func amount(a quantity.Amount) string {
	if !a.IsSet() {
		return ""
	}
	if a.Unit().Dimension() == quantity.Mass && a.Unit().Per() == quantity.PerNothing && a.Cmp(quantity.New(1000, 1, quantity.Kilogram)) < 0 && a.Unit() != quantity.Kilogram && a.Unit() != quantity.Pound {
		a = a.In(quantity.Milligram)
	} else if per := a.Unit().Per(); per != quantity.PerNothing && a.Unit().Dimension() == quantity.Mass {
		a = a.In(quantity.Milligram.WithPer(per))
	}
	return a.String()
}

func bounds(min, max quantity.Amount) string {
	switch {
	case !max.IsSet():
		return "from " + amount(min)
	case !min.IsSet():
		return "to " + amount(max)
	}
	return amount(min) + " to " + amount(max)
}

func rounding(r *quantity.Rounding) string {
	if r == nil {
		return ""
	}
	text := "steps of " + amount(r.Step)
	if r.Down {
		text += ", down"
	}
	return text
}

func (w *writer) medication(p *protocol.Protocol, m *protocol.Medication) {
	top := ""
	if len(p.Medications) > 1 {
		top = m.Name
	} else {
		w.add(m.Range, m.Name, "medication", "name")
	}
	w.add(m.Range, m.RxNorm, "medication", top, "rxnorm")
	w.add(m.Range, m.Schedule, "medication", top, "schedule")
	for i := range m.Routes {
		r := &m.Routes[i]
		var strengths []string
		for _, s := range r.Strengths {
			strengths = append(strengths, amount(s))
		}
		w.add(r.Range, "given", top, "routes", r.Name)
		for _, f := range [][2]string{{"form", r.Form}, {"strengths", strings.Join(strengths, ", ")}, {"concentration", amount(r.Concentration)}, {"bioavailability", amount(r.Bioavailability)}, {"round", rounding(r.Round)}} {
			w.add(r.Range, f[1], top, "routes", r.Name, f[0])
		}
		if r.Onset.IsSet() {
			w.add(r.Range, r.Onset.String(), top, "routes", r.Name, "onset")
		}
		if r.Duration.IsSet() {
			w.add(r.Range, r.Duration.String(), top, "routes", r.Name, "duration")
		}
		if r.Over.IsSet() {
			w.add(r.Range, r.Over.String(), top, "routes", r.Name, "over")
		}
	}
	l := &m.Limits
	for i, a := range l.SingleDose {
		kind := ""
		if a.Unit().Per() != quantity.PerNothing {
			kind = "by weight"
		}
		w.add(l.SingleAt[i], amount(a), top, "limits", "single dose", kind)
	}
	w.add(l.EachRange, amount(l.EachDay), top, "limits", "each day")
	for _, r := range l.Rolling {
		w.add(r.Range, amount(r.Total), top, "limits", "any "+r.Within.String())
	}
	if l.Interval > 0 {
		w.add(l.IntervalAt, fmt.Sprintf("%g h", l.Interval.Hours()), top, "limits", "interval")
	}
	if l.Doses > 0 {
		w.add(l.DosesAt, fmt.Sprint(l.Doses), top, "limits", "doses")
	}
	if l.Reassess.IsSet() {
		w.add(l.ReassessAt, "every "+l.Reassess.String(), top, "limits", "reassess")
	}
}

func (w *writer) phase(p *protocol.Protocol, i int) {
	ph := &p.Phases[i]
	add := func(text string, path ...string) {
		w.add(ph.Range, text, append([]string{"phases", ph.Name}, path...)...)
	}
	add(fmt.Sprintf("place %d", i+1), "order")
	add(ph.Title, "title")
	if len(p.Medications) > 1 {
		add(p.Medications[ph.Medication].Name, "medication")
	}
	add(ph.Route, "route")
	w.dose(ph.Range, ph.Dose, "phases", ph.Name, "dose")
	var choices []string
	for _, c := range ph.Frequencies {
		choices = append(choices, c.Frequency.String())
	}
	add(strings.Join(choices, ", or "), "frequency")
	var times []string
	for _, t := range ph.Times {
		times = append(times, t.String())
	}
	add(strings.Join(times, ", "), "times")
	add(ph.Course.String(), "course")
	add(ph.Starts.Text, "starts")
	if ph.Repeat > 1 {
		add(fmt.Sprintf("%d times", ph.Repeat), "repeat")
	}
	if ph.Rest.IsSet() {
		add(ph.Rest.String(), "rest")
	}
	add(window(ph.Window), "window")
	if t := ph.Titration; t != nil {
		add(t.Confirmed, "titration", "confirmed at")
		steps := slices.Clone(t.Tiers)
		for _, a := range t.Amounts {
			steps = append(steps, amount(a.Quantity))
		}
		add(strings.Join(steps, ", "), "titration", "steps")
	}
}

func window(v protocol.Window) string {
	if v == (protocol.Window{}) {
		return ""
	}
	return fmt.Sprintf("%d days before to %d days after", v.Before, v.After)
}

func (w *writer) dose(at diag.Range, d protocol.Dose, path ...string) {
	switch d := d.(type) {
	case *protocol.Amount:
		text := amount(d.Quantity)
		if d.Basis() == protocol.PerWeight {
			text += " of " + d.Weight.Kind.String() + " weight"
			if d.Weight.FromBMI.IsSet() {
				text += fmt.Sprintf(", %v weight from a BMI of %v", d.Weight.Above, d.Weight.FromBMI)
			}
		}
		for _, part := range [][2]string{{"at least ", amount(d.Min)}, {"at most ", amount(d.Max)}, {"in ", rounding(d.Round)}} {
			if part[1] != "" {
				text += ", " + part[0] + part[1]
			}
		}
		w.add(d.Range, text, path...)
	case *protocol.Stepped:
		verb := "up"
		if d.Falls {
			verb = "down"
		}
		every := d.Every.String()
		if d.Doses > 0 {
			every = fmt.Sprintf("%d doses", d.Doses)
		}
		of := ""
		if d.OfStart {
			of = " of the start"
		}
		w.add(d.Range, fmt.Sprintf("%s, %s by %s%s every %s, to %s", amount(d.Start.Quantity), verb, amount(d.Change), of, every, amount(d.To)), path...)
	case *protocol.ByCase:
		for _, c := range d.Cases {
			w.dose(at, c.Dose, append(slices.Clone(path), d.By.String()+" "+caseName(d.By, &c))...)
		}
	case protocol.TierDose:
		w.add(at, "of the tier", path...)
	case protocol.TitrationDose:
		w.add(at, "of the titration", path...)
	}
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func caseName(by protocol.By, c *protocol.Case) string {
	switch by {
	case protocol.ByRoute, protocol.ByTier:
		return strings.Join(c.Names, ", ")
	case protocol.ByWeekday:
		if c.Other {
			return "other"
		}
		var days []string
		for i, on := range c.Weekdays {
			if on {
				days = append(days, weekdays[i])
			}
		}
		return strings.Join(days, ", ")
	case protocol.ByTime:
		return c.Time.String()
	}
	return "from " + c.From.String()
}

func (w *writer) checkIn(c *protocol.CheckIn) {
	add := func(text string, path ...string) {
		w.add(c.Range, text, append([]string{"check-ins", c.Name}, path...)...)
	}
	add(c.Title, "title")
	var on []string
	for _, v := range c.On {
		on = append(on, v.Text)
	}
	add(strings.Join(on, ", "), "on")
	if c.Every.IsSet() {
		add(c.Every.String(), "every")
	}
	add(c.From.Text, "from")
	add(c.Until.Text, "until")
	if c.Before {
		add("the first dose", "before")
		if c.Within.IsSet() {
			add(c.Within.String(), "within")
		}
	}
	var around []string
	for _, v := range c.Around {
		around = append(around, v.String())
	}
	add(strings.Join(around, ", "), "around each dose")
	add(strings.Join(c.During, ", "), "during")
	add(window(c.Window), "window")
	add(string(c.Mode), "mode")
	add(strings.Join(c.Measure, ", "), "measure")
	if c.StopsIfOverdue {
		add("stop", "overdue")
	}
	if c.Time != nil {
		add(c.Time.String(), "time")
	}
	var gates []string
	for _, g := range c.Gates {
		if g.FirstDose {
			gates = append(gates, "first dose")
		} else {
			gates = append(gates, g.Phase)
		}
	}
	add(strings.Join(gates, ", "), "gates")
}
