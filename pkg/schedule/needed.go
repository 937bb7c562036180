package schedule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Needed is what the patient may take as needed, and how much: a budget, which has no place on the calendar.
type Needed struct {
	Rule     *protocol.AsNeeded
	Dose     DoseInfo
	Requires []string                    // what must be so each time, and for the first
	Values   []protocol.RequirementValue // what Requires says of each time, as data
	First    []protocol.RequirementValue // and of the first time, where nothing stands on a day
	By       string                      // the measurements that the dose follows, as known when it was computed; "" for none
	Held     *Hold                       // of a course: when nothing of it is taken, now or later; nil for never
	Begins   civil.Date                  // of a course: the day from which it may be taken, where that is still to come
	Ends     civil.Date                  // of a course that has an end: from this day on nothing of it is taken
	Taken    []NeededDose                // of a course: what was, in order of time
}

// A NeededDose is a dose that was taken as needed.
type NeededDose struct {
	At     int64 // seconds after the Unix epoch
	On     civil.Moment
	Amount quantity.Amount
}

// Measured says what is drawn up or poured out of a solution, as “13.5 mL of 24 mg/mL”, or "".
func (d *DoseInfo) Measured() string {
	if !d.Volume.IsSet() {
		return ""
	}
	text := d.Volume.String()
	if c := d.Route.Concentration; c.IsSet() {
		text += " of " + c.String()
	}
	return text
}

// NeededEvent is a dose that was taken as needed as an event of a course, beside those of its calendar.
type NeededEvent struct {
	Event
	Of     *Needed
	Amount quantity.Amount
}

// TakenAsNeeded returns the doses that were taken as needed, in order of time.
func (s *Schedule) TakenAsNeeded() []NeededEvent {
	var list []NeededEvent
	for i := range s.Needed {
		n := &s.Needed[i]
		for _, t := range n.Taken {
			_, offset := t.time(s.Zone).Zone()
			e := Event{At: t.At, Offset: int32(offset), Date: t.On.Date, Target: t.On.Date, Day: int32(t.On.Date.Sub(s.Start) + s.Protocol.CountFrom),
				Clock: t.On.Clock, Wanted: t.On.Clock, Dose: None, Of: None, Phase: None, Rule: None, Slot: None, Kind: Dose, Status: Taken}
			list = append(list, NeededEvent{e, n, t.Amount})
		}
	}
	slices.SortStableFunc(list, func(a, b NeededEvent) int { return cmp.Compare(a.At, b.At) })
	return list
}

func (t *NeededDose) time(z civil.Zone) time.Time { return time.Unix(t.At, 0).In(z.Location()) }

// String says what is taken, for what, and within which budget.
func (n *Needed) String() string { return n.Words("") }

// Words is String with the units that make the dose up, where somebody has put them into words.
func (n *Needed) Words(made string) string {
	d := &n.Dose
	if made != "" {
		made = " = " + made
	} else if measured := d.Measured(); measured != "" {
		made = " = " + measured
	}
	by := ""
	if n.By != "" {
		by = " (for " + n.By + ", and for no other)"
	}
	over := ""
	if d.Route.Over.IsSet() {
		over = " over " + d.Route.Over.String()
	}
	text := fmt.Sprintf("%s, for %s: %v %s %s%s%s%s, %s", n.Rule.Rule.Title, n.Rule.Reason, d.Amount, d.Medication.Name, d.Route.Words(), over, made, by, n.Rule.Words())
	for i, r := range n.Requires {
		join := "; each time: "
		if i > 0 || strings.HasPrefix(r, firstTime) {
			join = "; "
		}
		text += join + strings.TrimSuffix(r, ".")
	}
	if !n.Begins.IsZero() {
		text += fmt.Sprintf("; NOT BEFORE %v", n.Begins)
	}
	if h := n.Held; h != nil {
		text += fmt.Sprintf("; ON HOLD from %v", h.From)
		if !h.Until.IsZero() {
			text += fmt.Sprintf(" to %v", h.Until.AddDays(-1))
		}
		text += ": nothing of it is taken"
	}
	return text
}

// firstTime begins what must be so for the first dose alone.
const firstTime = "the first time: "

// Next returns the first time, in seconds after the Unix epoch, at which another dose keeps the budget together with those that
// were taken; false where none was.
func (n *Needed) Next() (at int64, ok bool) {
	if len(n.Taken) == 0 {
		return 0, false
	}
	at = n.Taken[len(n.Taken)-1].At + int64(limit.Elapsed(n.Rule.Apart).Seconds())
	for {
		free := at
		for _, b := range n.Rule.AtMost {
			within := int64(limit.Elapsed(b.Within).Seconds())
			first := slices.IndexFunc(n.Taken, func(x NeededDose) bool { return x.At > at-within })
			if first < 0 {
				continue
			}
			total := n.Dose.Amount
			for _, x := range n.Taken[first:] {
				total = total.Add(x.Amount.In(total.Unit()))
			}
			if b.Doses > 0 && len(n.Taken)-first+1 > b.Doses || b.Total.IsSet() && total.Cmp(b.Total.In(total.Unit())) > 0 {
				free = max(free, n.Taken[first].At+within)
			}
		}
		if free == at {
			return at, true
		}
		at = free
	}
}

// TakenWords says what was taken, and when.
func (n *Needed) TakenWords() string {
	var list []string
	for _, t := range n.Taken {
		list = append(list, fmt.Sprintf("%v on %v at %v", t.Amount, t.On.Date, t.On.Clock))
	}
	return strings.Join(list, "; ")
}

// The forms of the note on what is taken as needed. The operands are the *Needed, and the day on which the course
// ends.
const (
	AsNeeded      = "As needed: %v."
	AsNeededUntil = "As needed: %v; nothing of it from %v on."
	AsNeededTaken = "Taken as needed, “%s”: %s."
)

// heldNow returns the hold of all doses that stands on the present day, or else the next to come; nil for none.
func (pl *Plan) heldNow() *Hold {
	t := &pl.options.Timeline
	var next *Hold
	see := func(h Hold) {
		if (h.Until.IsZero() || h.Until.After(t.Now)) && (next == nil || h.From.Before(next.From)) {
			next = &h
		}
	}
	for _, h := range t.Holds {
		see(h)
	}
	for _, w := range t.Waiting {
		if _, some := pl.stopped(w); !some {
			see(Hold{From: w.From, Until: w.Until})
		}
	}
	return next
}

// requires sets what must be so for a medicine that is taken as needed. The first dose of a course is one of its
// phases, where it has some.
func (n *Needed) requires(p *protocol.Protocol) {
	for i := range p.Requirements {
		r := &p.Requirements[i]
		switch {
		case r.Phase != "" && r.Phase != n.Rule.Rule.Name:
		case !r.First:
			n.Requires, n.Values = append(n.Requires, r.Texts...), append(n.Values, r.Values...)
		case len(p.Phases) == 0:
			n.First = append(n.First, r.Values...)
			for _, text := range r.Texts {
				n.Requires = append(n.Requires, firstTime+text)
			}
		}
	}
}

// need computes what may be taken as needed in one stretch, and holds the budget against the limits of its
// medicine: the most that the budget lets into any stretch of time counts.
func (r *regimen) need(s *stretch) []Needed {
	p := r.plan.protocol
	var list []Needed
	for i := range p.AsNeeded {
		a := &p.AsNeeded[i]
		rule, med := &a.Rule, &p.Medications[a.Rule.Medication]
		name := rule.Route
		if name == "" {
			name = med.Routes[0].Name
		}
		reg, found := dose.Resolve(p, rule, s.patient, dose.Choice{Tier: s.tier, Route: name, First: 1})
		for k := range found {
			if d := &found[k]; d.Code == diag.NotGiven && len(p.Phases) > 0 { // to this patient: what else the protocol gives stands
				d.Severity, d.Message, d.Help = diag.Note, fmt.Sprintf("“%s” is not for this patient: a case of its dose says so", rule.Title), ""
			}
		}
		r.found = append(r.found, found...)
		route, ok := med.Route(name)
		if found.HasErrors() || !ok || len(reg.Doses) == 0 {
			continue
		}
		if a.PerWeight() && !s.patient.Weight.IsSet() {
			r.found.Add(diag.MissingPatient, diag.Range{}, "", "the most of “%s”, as needed, depends on the patient's weight, which is not stated", rule.Name).Asks = "weight"
			continue
		}
		n := Needed{Rule: a.Weighed(s.patient.Weight), Ends: r.plan.options.Timeline.Stop, Dose: DoseInfo{Dose: reg.Doses[reg.At(dose.Place{Number: 1, Day: 1, CycleDay: 1})], Medication: med, Route: route}}
		n.Dose.Route = route.Taking(n.Dose.Over)
		if _, tiered := rule.Dose.(protocol.TierDose); tiered {
			n.Dose.Tier = s.tier
		}
		made, err := route.MakeUp(n.Dose.Amount)
		if n.Dose.Made = made; err != nil {
			d := r.found.Add(diag.CannotMake, route.Range, "choose an amount that the strengths make up", "a dose of %v %s cannot be made up of the strengths of the route “%s”", n.Dose.Amount, med.Name, route.Name)
			if route.Round != nil || r.plan.options.Timeline.Lived {
				d.Severity = diag.Warning
			}
		}
		n.By = measuredFor(p, rule.Dose, s.patient)
		n.requires(p)
		n.Held = r.plan.heldNow()
		if t := &r.plan.options.Timeline; t.Lived && s.patient.Start.After(t.Now) {
			n.Begins = s.patient.Start
		}
		r.budget(s, &n)
		list = append(list, n)
	}
	return list
}

// measuredFor says by which measurements a dose goes, with what they are.
func measuredFor(p *protocol.Protocol, d protocol.Dose, pat *patient.Patient) string {
	used := p.MeasuredBy(d)
	var list []string
	for i := range p.Measurements {
		if name := p.Measurements[i].Name; used[name] {
			list = append(list, fmt.Sprintf("%s of %v", name, pat.Measurement(name)))
		}
	}
	return strings.Join(list, " and ")
}

// budget refuses a budget that could break a limit of its medicine.
func (r *regimen) budget(s *stretch, n *Needed) {
	m, l := n.Rule.Rule.Medication, &n.Dose.Medication.Limits
	amount := r.scale(n.Dose.Amount, &phasePlan{Phase: &n.Rule.Rule})
	rules, found := r.rules(m, s.patient)
	r.found = append(r.found, found...)
	refuse := func(code diag.Code, at diag.Range, format string, args ...any) {
		d := r.found.Add(code, at, "take less, or further apart", format, args...)
		if d.Severity = diag.Refusal; r.plan.options.Timeline.Lived {
			d.Severity = diag.Warning
		}
	}
	for _, b := range n.Rule.AtMost {
		if b.In(n.Dose.Amount) < 1 {
			refuse(diag.SingleDoseLimit, b.Range, "a dose of %v as needed, “%s”, is more than its budget of %v", n.Dose.Amount, n.Rule.Rule.Name, b)
			return
		}
	}
	for i, most := range rules.Single {
		if amount > most {
			refuse(diag.SingleDoseLimit, l.SingleAt[i], "%v as needed, “%s”, is more than the largest single dose of %v%s", n.Dose.Amount, n.Rule.Rule.Name, l.SingleDose[i], r.plan.inAll(l.SingleDose[i], s.patient))
		}
	}
	within := func(stretch time.Duration, most int64, key limit.Key, bound quantity.Amount, at diag.Range) {
		doses := n.Rule.Most(n.Dose.Amount, stretch)
		if int64(doses) > most/max(amount, 1) {
			refuse(diag.RollingLimit, at, "the budget of “%s”, as needed, leaves room for %s of %v in %v, more than %v (`%s`)%s", n.Rule.Rule.Name, civil.Plural(doses, "dose"), n.Dose.Amount, civil.Period{N: int(stretch / time.Hour), Unit: civil.Hour}, bound, key, r.plan.inAll(bound, s.patient))
		}
	}
	for i, x := range rules.Rolling {
		within(x.Within, x.Total, limit.KeyAny(l.Rolling[i].Within), l.Rolling[i].Total, l.Rolling[i].Range)
	}
}
