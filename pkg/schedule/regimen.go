package schedule

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A regimen holds the amounts that the doses of a course can have, for each stretch of it in
// which the choices are the same.
type regimen struct {
	plan   *Plan
	parts  []stretch       // at least one, in order of time
	doses  []DoseInfo      // of all stretches
	scaled []int64         // per entry of doses: the amount times 10⁶, in the unit of its medicine
	units  []quantity.Unit // of each medicine
	made   int             // how many of doses are made up,
	unmade []int32         // and those of them that no units make up
	needed []Needed        // what may be taken as needed, in the last stretch
	found  diag.List
	capped []capped // orders of more than the protocol gives

	selection string // how doses are chosen, where layouts follow from it; else ""
}

// A stretch is a part of a course in which amounts follow one set of choices.
type stretch struct {
	from    civil.Date // the zero Date for the first
	patient *patient.Patient
	tier    string
	route   string // of every phase whose medicine has it; "" for the plan's
	steps   map[string]int
	amounts map[string]order  // by phase: what a clinician set
	often   map[string]string // by phase: the frequency that was ordered, where it divides totals
	phases  []phaseDoses
}

// An order of an amount; an unset one lifts what was set before.
type order struct {
	amount quantity.Amount
	reason string
}

// A capped is an order that gives no more than the protocol does, and the doses that have that instead.
type capped struct {
	first, last int32
	said        diag.Diagnostic
}

// The doses of a phase in one stretch, and where they begin in regimen.doses.
type phaseDoses struct {
	*dose.Regimen
	base int
}

// newRegimen computes the amounts of every phase, which do not depend on the calendar.
func newRegimen(pl *Plan, pat *patient.Patient) *regimen {
	r := &regimen{plan: pl, units: make([]quantity.Unit, len(pl.protocol.Medications)), parts: pl.stretches(pat)}
	r.doses = make([]DoseInfo, 0, len(r.parts)*len(pl.phases))
	r.scaled = make([]int64, 0, cap(r.doses))
	for k := range r.parts {
		s := &r.parts[k]
		s.phases = make([]phaseDoses, len(pl.phases))
		for i := range pl.phases {
			r.phase(s, i)
		}
		r.needed = r.need(s)
	}
	r.totals(pat)
	r.found = r.found.Sort()
	return r
}

// stretches splits the course at every change of amounts.
func (pl *Plan) stretches(pat *patient.Patient) []stretch {
	list := []stretch{{patient: pat, tier: pl.tier, steps: pl.options.Steps}}
	for _, c := range pl.options.Timeline.Changes {
		divides := pl.dividesBy(c.Frequency)
		if c.Tier == "" && c.Route == "" && !c.Weight.IsSet() && c.Measured == nil && c.Step == nil && c.Amount == nil && !divides {
			continue
		}
		s := list[len(list)-1]
		s.from = c.From
		if c.Tier != "" {
			s.tier = c.Tier
		}
		if c.Route != "" {
			s.route = c.Route
		}
		if c.Weight.IsSet() {
			p := *s.patient
			p.Weight = c.Weight
			s.patient = &p
		}
		if c.Measured != nil {
			p := *s.patient
			p.Measured = c.Measured
			s.patient = &p
		}
		if c.Step != nil {
			s.steps = merged(s.steps, c.Step)
		}
		if c.Amount != nil {
			orders := make(map[string]order, len(c.Amount))
			for phase, amount := range c.Amount {
				orders[phase] = order{amount, c.Reason}
			}
			s.amounts = merged(s.amounts, orders)
		}
		if divides {
			s.often = merged(s.often, c.Frequency)
		}
		list = append(list, s)
	}
	return list
}

// dividesBy reports whether a total is divided otherwise by other frequencies of some phases.
func (pl *Plan) dividesBy(frequencies map[string]string) bool {
	return slices.ContainsFunc(pl.phases, func(ph phasePlan) bool {
		_, changed := frequencies[ph.Name]
		return changed && pl.protocol.ByFrequency(ph.Phase)
	})
}

func merged[V any](a, b map[string]V) map[string]V {
	out := make(map[string]V, len(a)+len(b))
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}

// phase computes the amounts of a phase in one stretch.
func (r *regimen) phase(s *stretch, i int) {
	ph := &r.plan.phases[i]
	name := r.plan.routeIn(s, ph)
	reg, found := dose.Resolve(r.plan.protocol, ph.Phase, s.patient, dose.Choice{Tier: s.tier, Route: name, Step: s.steps[ph.Name], First: ph.number, Frequency: r.plan.oftenIn(s, ph)})
	r.found = append(r.found, found...)
	base := len(r.doses)
	s.phases[i] = phaseDoses{reg, base}
	med := &r.plan.protocol.Medications[ph.Medication]
	route, _ := r.plan.protocol.RouteOf(ph.Phase, name)
	tier := ""
	if _, ok := ph.Phase.Dose.(protocol.TierDose); ok {
		tier = s.tier
	}
	for _, d := range reg.Doses {
		r.doses = append(r.doses, DoseInfo{Dose: d, Medication: med, Route: route.Taking(d.Over), Tier: tier})
	}
	r.set(s, i)
	for k := base; k < len(r.doses); k++ {
		r.scaled = append(r.scaled, r.scale(r.doses[k].Amount, ph))
	}
}

// oftenIn returns the frequency of a phase in a stretch.
func (pl *Plan) oftenIn(s *stretch, ph *phasePlan) frequency.Frequency {
	if at := ph.Offered(s.often[ph.Name]); at >= 0 {
		return ph.Frequencies[at].Frequency
	}
	return ph.choice.Frequency
}

// routeIn returns the route of a phase in a stretch: the one that was ordered, where its medicine
// has it and the phase names none of its own.
func (pl *Plan) routeIn(s *stretch, ph *phasePlan) string {
	if _, ok := pl.protocol.Medications[ph.Medication].Route(s.route); ok && ph.Route == "" {
		return s.route
	}
	return ph.route
}

// scale returns an amount of a phase's medicine as a plain number.
func (r *regimen) scale(amount quantity.Amount, ph *phasePlan) int64 {
	if !amount.IsSet() {
		return 0
	}
	unit := &r.units[ph.Medication]
	if *unit == quantity.None {
		*unit = amount.Unit()
	}
	n, ok := int64(0), amount.Unit().Comparable(*unit)
	if ok {
		n, ok = amount.In(*unit).Scaled()
	}
	if !ok || n > math.MaxInt64/MaxEvents {
		r.found.Add(diag.NoDose, ph.Range, "give the dose in a larger or a smaller unit", "a dose of %v in the phase “%s” cannot be added up exactly", amount, ph.Name)
	}
	return n
}

// set replaces the amounts of a phase by one that a clinician set, in a course where that is no more than the protocol gives: an order
// is none to pass it, and what became known of the patient since may have made it less.
func (r *regimen) set(s *stretch, i int) {
	ph := &r.plan.phases[i]
	set := s.amounts[ph.Name]
	amount := set.amount
	if !amount.IsSet() {
		return
	}
	route, _ := r.plan.protocol.RouteOf(ph.Phase, r.plan.routeIn(s, ph))
	var over *capped
	for k := s.phases[i].base; k < len(r.doses); k++ {
		d := &r.doses[k].Dose
		if d.Amount.IsSet() && !d.Amount.Unit().Comparable(amount.Unit()) {
			r.found.Add(diag.BadEntry, ph.Range, "", "the dose of “%s” cannot be in %v", ph.Name, amount.Unit()).Severity = diag.Error
			return
		}
		if route.Round != nil && route.Round.Fits(amount.Unit()) && !route.Round.IsMultiple(amount) {
			r.found.Add(diag.BadEntry, route.Range, "set a multiple", "%v cannot be dispensed: the route “%s” is given in steps of %v", amount, route.Name, route.Round.Step).Severity = diag.Error
			return
		}
		if r.plan.options.Timeline.Lived && ph.Titration == nil && d.Amount.IsSet() && d.Amount.Cmp(amount) < 0 {
			if over == nil {
				var said diag.List
				said.Add(diag.OddEntry, ph.Range, "order a smaller dose, if one is still meant", "%v of “%s” was ordered, and from %v on the protocol gives %v: it is no more than that", amount, ph.Name, s.from, d.Amount)
				r.capped = append(r.capped, capped{first: int32(k), said: said[0]})
				over = &r.capped[len(r.capped)-1]
			}
			over.last = int32(k)
			continue
		}
		*d = d.Ordered(amount, dose.Step{Form: "set to %v: %s", Args: []any{amount, set.reason}})
	}
}

// part returns the index of the stretch that holds on a day.
func (r *regimen) part(d civil.Date) int {
	for i := len(r.parts) - 1; i > 0; i-- {
		if !r.parts[i].from.After(d) {
			return i
		}
	}
	return 0
}

// doseAt returns the index in doses of what a phase gives at a place in it, by the choices of
// a day.
func (r *regimen) doseAt(phase int16, place dose.Place, day civil.Date) int32 {
	ph := &r.parts[r.part(day)].phases[phase]
	return int32(ph.base + ph.At(place))
}

// add takes in an amount that some dose was given in, and returns its index in doses.
func (r *regimen) add(d DoseInfo, scaled int64) int32 {
	r.doses, r.scaled = append(r.doses, d), append(r.scaled, scaled)
	return int32(len(r.doses) - 1)
}

// unreached returns the doses in steps whose last step no dose of a calendar has that is
// complete.
func (r *regimen) unreached(a *axis, events []Event) diag.List {
	var found diag.List
	if len(r.parts) > 1 || r.plan.options.Policy == calendar.Skip && len(events) < len(a.doses) {
		return nil // other steps are given, or a closed day left some out
	}
	part := &r.parts[0]
	for i := range r.plan.phases {
		if sp := &a.spans[i]; sp.open || sp.unshown || len(part.phases[i].Ends) == 0 {
			continue
		}
		for _, end := range part.phases[i].Ends {
			last := int32(part.phases[i].base + end.Dose)
			if slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Dose && e.Dose == last }) {
				continue
			}
			ph := &r.plan.phases[i]
			found.Add(diag.NeverReached, end.Rule, "make the course longer, the steps shorter, or `to` what the last of them comes to", "the phase “%s” ends before its steps come to %v", ph.Name, r.doses[last].Amount)
		}
	}
	return found
}

// rules turns the limits of a medicine into plain numbers, for a patient. The findings name those
// that cannot be told.
func (r *regimen) rules(m int, pat *patient.Patient) (limit.Rules, diag.List) {
	l := &r.plan.protocol.Medications[m].Limits
	earlier := r.plan.options.Timeline.Earlier[r.plan.protocol.Medications[m].Name]
	rules := limit.Rules{Interval: l.Interval, Doses: l.Doses, Earlier: limit.Earlier{Doses: earlier.Doses}}
	if r.units[m] == quantity.None {
		return rules, nil
	}
	b := bounds{plan: r.plan, limits: l, patient: pat, unit: r.units[m]}
	if n := len(l.SingleDose); n > 0 {
		rules.Single = make([]int64, n)
	}
	for i, a := range l.SingleDose {
		rules.Single[i] = b.of(a, limit.Breach{Kind: limit.Single})
	}
	if n := len(l.Rolling); n > 0 {
		rules.Rolling = make([]limit.Rolling, n)
	}
	for i, x := range l.Rolling {
		rules.Rolling[i] = limit.Rolling{Within: limit.Elapsed(x.Within), Total: b.of(x.Total, limit.Breach{Kind: limit.InRolling, Rule: i})}
	}
	for i, x := range l.OnDays {
		rules.Days = append(rules.Days, limit.Days{Days: int32(x.Days), Total: b.of(x.Total, limit.Breach{Kind: limit.InDays, Rule: i})})
	}
	if l.Apart > 0 { // the last: a breach of it is of the interval
		rules.Days = append(rules.Days, limit.Days{Days: int32(l.Apart), Total: 1, Counts: true})
	}
	if l.Course.IsSet() {
		rules.Course = b.of(l.Course, limit.Breach{Kind: limit.InCourse})
		if earlier.Total.IsSet() {
			rules.Earlier.Total = b.of(earlier.Total, limit.Breach{Kind: limit.InCourse})
		}
	}
	if l.Lifetime.IsSet() {
		life := limit.Breach{Kind: limit.InLifetime}
		rules.Lifetime.Total = b.of(l.Lifetime, life)
		for _, before := range pat.ReceivedOf(r.plan.protocol.Medications[m].Name, r.plan.protocol.Medications[m].RxNorm) {
			rules.Lifetime.Before = min(rules.Lifetime.Before, math.MaxInt64/2) + min(b.of(before, life), math.MaxInt64/2)
		}
	}
	return rules, b.found
}

// The bounds of the limits of a medicine are what they come to for a patient, as plain numbers in
// a unit.
type bounds struct {
	plan    *Plan
	limits  *protocol.Limits
	patient *patient.Patient
	unit    quantity.Unit
	found   diag.List
}

// of returns what an amount comes to, or the largest number where that cannot be told. A breach of
// its limit names it.
func (b *bounds) of(a quantity.Amount, breach limit.Breach) int64 {
	a, err := b.plan.forPatient(a, b.patient)
	switch {
	case err != nil:
		b.missing(err, a, breach)
	case !a.Unit().Comparable(b.unit):
		b.found.Add(diag.LimitUnit, b.limits.Range, "give the limit in the unit of the doses", "the limit “%s” cannot be compared with a dose in %v", LimitName(b.limits, breach), b.unit)
	default:
		if n, fits := a.In(b.unit).ScaledFloor(); fits {
			return n
		}
	}
	return math.MaxInt64
}

// missing asks for the parameter that a limit needs.
func (b *bounds) missing(err error, a quantity.Amount, breach limit.Breach) {
	var missing *patient.Missing
	if errors.As(err, &missing) {
		b.found.Add(diag.MissingPatient, diag.Range{}, "", "the limit “%s” is in %v, and the patient's %s is not stated", LimitName(b.limits, breach), a.Unit(), missing.Key).Asks = missing.Key
	}
}

// forPatient returns what a rate per kg of actual weight or per m2 comes to for a patient; an
// amount as it is. The error is a *patient.Missing.
func (pl *Plan) forPatient(a quantity.Amount, pat *patient.Patient) (quantity.Amount, error) {
	switch protocol.BasisOf(a) {
	case protocol.PerWeight:
		if !pat.Weight.IsSet() {
			return a, &patient.Missing{Key: "weight"}
		}
		return a.Resolve(pat.Weight), nil
	case protocol.PerSurface:
		area, _, err := pat.BodySurface(&pl.protocol.Surface)
		if err != nil {
			return a, err
		}
		return a.Resolve(area), nil
	}
	return a, nil
}

// inAll says what a limit that is a rate comes to for a patient.
func (pl *Plan) inAll(a quantity.Amount, pat *patient.Patient) string {
	total, err := pl.forPatient(a, pat)
	if protocol.BasisOf(a) == protocol.Fixed || err != nil {
		return ""
	}
	return fmt.Sprintf(" (%v for this patient)", total)
}
