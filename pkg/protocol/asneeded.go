package protocol

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// An AsNeeded is a medicine that the patient takes when there is a need: a budget, and no events.
type AsNeeded struct {
	Rule   Phase  // its name, title, medicine, route and dose; the rest is unset
	Reason string // what it is for
	Apart  civil.Period
	AtMost []Budget
	Beside bool // the medicine is given on days too: the budget is of what is taken as needed alone
	Range  diag.Range
}

// A Budget bounds what is taken as needed in any stretch of elapsed time: Doses or Total is set.
type Budget struct {
	Doses  int
	Total  quantity.Amount
	Rate   quantity.Amount // per kg, what Total comes to for a patient; or what it will come to, where Total is not set
	Within civil.Period
	Range  diag.Range
}

// String returns the budget as a file writes it.
func (b Budget) String() string {
	most := b.Total.String()
	switch {
	case b.Doses > 0:
		most = civil.Plural(b.Doses, "dose")
	case b.Rate.IsSet() && b.Total.IsSet():
		most = fmt.Sprintf("%v (%v)", b.Total, b.Rate)
	case b.Rate.IsSet():
		most = b.Rate.String()
	}
	return most + " in " + b.Within.String()
}

// Weighed returns a where its budgets per kg are what they come to by a weight; a itself where it has none.
func (a *AsNeeded) Weighed(weight quantity.Amount) *AsNeeded {
	if !a.PerWeight() || !weight.IsSet() {
		return a
	}
	out := *a
	out.AtMost = slices.Clone(a.AtMost)
	for i := range out.AtMost {
		if b := &out.AtMost[i]; b.Rate.IsSet() {
			b.Total = b.Rate.Resolve(weight)
		}
	}
	return &out
}

// PerWeight reports whether a budget is per kg.
func (a *AsNeeded) PerWeight() bool {
	return slices.ContainsFunc(a.AtMost, func(b Budget) bool { return b.Rate.IsSet() })
}

// In returns how many doses of an amount b allows in its stretch.
func (b Budget) In(dose quantity.Amount) int {
	if b.Doses > 0 {
		return b.Doses
	}
	n, _ := b.Total.In(dose.Unit()).Quo(dose).FloorTo(quantity.New(1, 1, quantity.None)).Int()
	return n
}

// Most returns how many doses of an amount the budget leaves room for in a stretch of elapsed time, its end left
// out: whole stretches of a bound, and what the bounds leave of the rest.
func (n *AsNeeded) Most(dose quantity.Amount, within time.Duration) int {
	if within <= 0 {
		return 0
	}
	apart := elapsedOf(n.Apart)
	most := int((within + apart - 1) / apart)
	for _, b := range n.AtMost {
		whole, rest := int(within/limit.Elapsed(b.Within)), within%limit.Elapsed(b.Within)
		if doses := b.In(dose); whole > 0 {
			most = min(most, whole*doses+min(doses, n.Most(dose, rest)))
		} else {
			most = min(most, doses)
		}
	}
	return most
}

// Words says the budget: how far apart, and how many at most.
func (n *AsNeeded) Words() string {
	list := make([]string, len(n.AtMost))
	for i, b := range n.AtMost {
		list[i] = b.String()
	}
	text := fmt.Sprintf("at least %v from one dose to the next, at most %s", n.Apart, strings.Join(list, " and "))
	if n.Beside {
		text += ", beside the planned doses, which count in neither"
	}
	return text
}

// Rules returns what says how much of a medicine is given: the phases, and what is taken as needed as phases
// without days.
func (p *Protocol) Rules() []*Phase {
	list := make([]*Phase, 0, len(p.Phases)+len(p.AsNeeded))
	for i := range p.Phases {
		list = append(list, &p.Phases[i])
	}
	for i := range p.AsNeeded {
		list = append(list, &p.AsNeeded[i].Rule)
	}
	return list
}

// patternBudget matches a budget: doses or an amount, and the stretch of time.
const patternBudget = `([1-9][0-9]{0,2}(?: doses?)?|[0-9][^ ]* ?[A-Za-z]+(?:/kg)?) in ([0-9]+ ?(?:hours?|h|days?|weeks?))`

var (
	reBudget    = lazy.MustCompile(`^` + patternBudget + `$`)
	reDoses     = lazy.MustCompile(`^([0-9]+)(?: doses?)?$`)
	shapeBudget = grammar.Pattern("doses, an amount or a rate per kg in a length of time, as 2 doses in 24 hours, 200 mg in 24 hours or 75 mg/kg in 24 hours", patternBudget)
)

var asNeededObject = object[AsNeeded]{
	Name: "as needed",
	Doc:  "What is taken when there is a need: no days, but a budget, which every output states, and which the limits of its medicine bound. Where a phase gives the medicine too, as with doses for breakthrough pain, the budget is of what is taken as needed alone, beside the planned doses: nothing can then promise a total or an interval of both, and `single dose` is the only limit that the medicine can have.",
	Keys: []key[AsNeeded]{
		{Name: "title", Shape: grammar.Text, Doc: "What outputs call it. Default: its name.",
			Example: exampleNeeded("title: Against nausea, dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Rule.Title = d.Text(n, "a title") }},
		{Name: "medication", Shape: grammar.Text, Doc: "Which of `medications` is taken. Default: the only one.",
			Example: exampleNeeded("dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Rule.Medication = d.medicationOf(n) }},
		{Name: "route", Shape: shapeRoute, Doc: "The route. Default: the only one that the medicine has.",
			Example: exampleNeeded("route: oral, dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Rule.Route = d.route(n) }},
		{Name: "dose", Required: true, Shape: shapePhaseDose, Doc: "How much each time: as the dose of a phase, but the same for each dose.",
			Example: exampleNeeded("dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Rule.Dose = d.dose(n, modifiers{}, 0) }},
		{Name: "for", Shape: grammar.Mapping("for"), Doc: "Which patients may take it. Default: all.",
			Example: exampleNeeded("for: { age: from 12 }, dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Rule.For = d.subset(n) }},
		{Name: "reason", Required: true, Shape: grammar.Text, Doc: "What it is taken for, in a word or two that follow “for”.",
			Example: exampleNeeded("dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Reason = d.Text(n, "a reason") }},
		{Name: "apart", Required: true, Shape: grammar.Elapsed, Doc: "The shortest time from one dose to the next, in minutes or hours: `120 hours` for five days.",
			Example: exampleNeeded("dose: 4 mg"),
			Read:    func(d *decoder, a *AsNeeded, n *source.Node) { a.Apart = d.Elapsed(n, "a shortest time between doses") }},
		{Name: "at most", Required: true, Shape: grammar.List(shapeBudget), Doc: "The most in any stretch of elapsed time: doses, an amount, or a rate per kg of actual weight. Of several, all hold.",
			Example: exampleNeeded("dose: 4 mg"),
			Read: func(d *decoder, a *AsNeeded, n *source.Node) {
				for _, item := range d.List(n) {
					if b, ok := d.budget(item); ok {
						a.AtMost = append(a.AtMost, b)
					}
				}
			}},
	},
}

// exampleNeeded is an example of a file with a second medicine that is taken as needed.
func exampleNeeded(keys string) string {
	return "population: { age: 0..90 years }\nmedications: { first: { routes: { oral: { round: 5 mg } } }, second: { routes: { oral: { round: 1 mg } } } }\nphases: { course: { medication: first } }\nas needed: { nausea: { medication: second, " + keys + ", reason: nausea, apart: 8 hours, at most: 2 doses in 24 hours } }"
}

// budget reads “2 doses in 24 hours”, “200 mg in 24 hours” or “75 mg/kg in 24 hours”.
func (d *decoder) budget(n *source.Node) (Budget, bool) {
	text := strings.TrimPrefix(d.Text(n, "a budget"), "at most ")
	m := reBudget.FindStringSubmatch(text)
	if m == nil {
		d.Add(diag.BadTime, n.Range, "write 2 doses in 24 hours, or 200 mg in 24 hours", "“%s” is not the most of some time", text)
		return Budget{}, false
	}
	within := *n
	within.Value = m[2]
	b := Budget{Within: d.Period(&within, "a length of time"), Range: n.Range}
	if doses := reDoses.FindStringSubmatch(m[1]); doses != nil {
		b.Doses = grammar.Atoi(doses[1])
		return b, b.Within.IsSet()
	}
	total := *n
	total.Value = m[1]
	most := d.Amount(&total, "the most", "as 50 mg or 1.5 mg/kg", doseUnit)
	if BasisOf(most) == PerWeight {
		b.Rate = most
	} else {
		b.Total = most
	}
	return b, b.Within.IsSet() && most.IsSet()
}

func (d *decoder) asNeeded(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`as needed`") {
		return
	}
	for _, f := range n.Fields {
		a := AsNeeded{Rule: Phase{Name: d.Name(f.Key, "entry"), Repeat: 1, Range: f.Key.Range}, Range: f.Key.Range}
		asNeededObject.Decode(&d.Reader, d, f.Value, &a)
		if len(p.Medications) > 1 && f.Value.Kind == source.Mapping && f.Value.Get("medication") == nil {
			d.Add(diag.MissingKey, f.Key.Range, "add `medication: …`", "with several medicines, “%s” must name its own", a.Rule.Name)
		}
		if a.Rule.Title == "" {
			a.Rule.Title = a.Rule.Name
		}
		p.AsNeeded = append(p.AsNeeded, a)
	}
}

// checkNeeded looks at what a medicine that is taken as needed means together with the rest of the file.
func (d *decoder) checkNeeded(p *Protocol, a *AsNeeded) {
	rule, m := &a.Rule, &p.Medications[a.Rule.Medication]
	if _, taken := p.Phase(rule.Name); taken {
		d.Add(diag.DuplicateKey, a.Range, "give it another name", "“%s” is the name of a phase too", rule.Name)
	}
	if rule.Route == "" && len(m.Routes) > 1 {
		d.Add(diag.MissingKey, a.Range, "add `route: …`", "%s has several routes, and “%s” names none", m.Name, rule.Name)
	}
	same := func(ph Phase) bool { return ph.Medication == rule.Medication }
	if a.Beside = slices.ContainsFunc(p.Phases, same); a.Beside {
		d.onlySingle(p, m, rule.Name)
	}
	for i := range p.AsNeeded {
		if o := &p.AsNeeded[i]; o.Range == a.Range {
			break
		} else if o.Rule.Medication == rule.Medication {
			d.Add(diag.KeysExclude, a.Range, "write one entry, with the one budget that holds for both reasons", "%s is taken as needed under “%s” too, and two budgets would add up", m.Name, o.Rule.Name)
		}
	}
	for _, r := range p.RoutesOf(rule) {
		p.Amounts(rule, r.Name, func(x *Amount) {
			for _, b := range a.AtMost {
				most := b.Total
				if b.Rate.IsSet() {
					most = b.Rate.With(b.Rate.Unit().WithPer(quantity.PerNothing))
				}
				if unit := x.Quantity.Unit().WithPer(quantity.PerNothing); most.IsSet() && !most.Unit().Comparable(unit) {
					d.Add(diag.LimitUnit, b.Range, "give the budget in "+unit.String()+", or as a number of doses", "a budget in %v cannot be compared with a dose in %v", most.Unit(), unit)
				}
			}
		})
	}
	for _, x := range m.Limits.OnDays {
		key := limit.KeyAny(civil.Period{N: x.Days, Unit: civil.Day})
		if x.Days == 1 {
			key = limit.KeyAny(civil.Period{N: 24, Unit: civil.Hour})
		}
		d.Add(diag.KeysExclude, x.Range, "write `"+string(key)+"`", "%s is taken as needed, and a day of the calendar can have 25 hours: its totals are bounded in elapsed time", m.Name)
	}
	p.divisions(rule.Dose, func(a *Amount) {
		d.Add(diag.KeysExclude, a.Divided.Range, "write the amount of one dose, and the total under `at most`", "“%s” is taken as needed, and a total cannot be divided among its doses", rule.Name)
	})
	if p.Follows(rule.Dose, ByMeasurement) {
		d.Add(diag.BadDose, a.Range, "if it is measured each time, print the scale beside the page: one dose cannot say it", "the dose of “%s” follows a measurement as it is known when the calendar is made, and not as it is when the dose is taken", rule.Name).Severity = diag.Warning
	}
	if p.varies(rule.Dose) {
		d.Add(diag.KeysExclude, a.Range, "write an amount, or cases by weight, age, tier, route or a measurement", "a dose of “%s” cannot follow from its day or number: it has none", rule.Name)
	}
	l := &m.Limits
	for _, x := range []struct {
		key string
		set bool
		at  diag.Range
	}{{string(limit.KeyCourse), l.Course.IsSet(), l.CourseAt}, {string(limit.KeyLifetime), l.Lifetime.IsSet(), l.LifetimeAt}, {string(limit.KeyDoses), l.Doses > 0, l.DosesAt}, {"reassess", l.Reassess.IsSet(), l.ReassessAt}} {
		if x.set {
			d.Add(diag.KeysExclude, x.at, "write `at most: … in 24 hours` and limits of a day, a week or a month", "%s is taken as needed, and no calendar can promise “%s” of it", m.Name, x.key)
		}
	}
	if apart, _ := a.Apart.Elapsed(); l.Interval > apart || l.Apart > 0 {
		d.Add(diag.IntervalLimit, a.Range, "write one shortest time, in hours", "“%s” may be taken every %v, sooner than the shortest interval of %s", rule.Name, a.Apart, m.Name)
	}
	for _, b := range a.AtMost {
		if b.Doses > 0 && limit.Elapsed(b.Within) <= elapsedOf(a.Apart)*time.Duration(b.Doses-1) {
			d.Add(diag.LooseLimit, b.Range, "look at both figures", "doses of “%s” that are %v apart are never more than %d in %v", rule.Name, a.Apart, (int64(limit.Elapsed(b.Within))+int64(elapsedOf(a.Apart))-1)/int64(elapsedOf(a.Apart)), b.Within).Severity = diag.Warning
		}
	}
}

// onlySingle refuses the limits of a medicine that is given both on days and as needed which no calendar can promise: all
// but that of a single dose.
func (d *decoder) onlySingle(p *Protocol, m *Medication, needed string) {
	refuse := func(key string, at diag.Range) {
		d.Add(diag.KeysExclude, at, "leave the limit out; or leave “"+needed+"” out, and say in `instructions` what may be taken beside the doses of the calendar", "%s is given on days and as needed, “%s”, and no calendar can promise `%s` of both together", m.Name, needed, key)
	}
	for _, b := range m.Limits.Bounds() {
		if b.Key != limit.KeySingle {
			refuse(string(b.Key), b.Range)
		}
	}
	if l := &m.Limits; l.Interval > 0 || l.Apart > 0 {
		refuse(string(limit.KeyInterval), l.IntervalAt)
	} else if l.Doses > 0 {
		refuse(string(limit.KeyDoses), l.DosesAt)
	}
	for i := range p.Medications {
		for _, g := range p.Medications[i].Limits.Gaps {
			if &p.Medications[i] == m || &p.Medications[g.Medication] == m {
				refuse(string(limit.KeyGap), g.Range)
			}
		}
	}
}

func elapsedOf(p civil.Period) time.Duration {
	d, _ := p.Elapsed()
	return max(d, 1)
}

// varies reports whether a dose differs from one dose to the next.
func (p *Protocol) varies(d Dose) bool {
	return p.Any(d, func(d Dose) bool {
		switch d := d.(type) {
		case *Stepped, TitrationDose:
			return true
		case *ByCase:
			return !d.By.Fixed()
		}
		return false
	})
}
