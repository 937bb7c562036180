// Package dose computes the amount of a dose: the protocol's rule, the patient's tier,
// route and weight, the bounds, and the rounding to what can be dispensed, with every step
// of the arithmetic in words.
package dose

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Step is one step of a derivation as data: what was done, with its operands, and the rule
// that asked for it. It is put into words when somebody reads it.
type Step struct {
	Form string // the English sentence, with a verb of package fmt for each operand
	Args []any
	Rule diag.Range // unset where the step follows from no line of a file
}

// String returns the step in words.
func (s Step) String() string { return string(s.Append(nil)) }

// Append appends the step in words to b, as package fmt would print it.
func (s Step) Append(b []byte) []byte {
	if len(s.Args) == 0 {
		return append(b, s.Form...)
	}
	begin, form, args := len(b), s.Form, s.Args
	for {
		before, after, ok := strings.Cut(form, "%")
		b = append(b, before...)
		switch {
		case !ok:
			return b
		case after != "" && after[0] == '%':
			b = append(b, '%')
		case after != "" && strings.IndexByte("svd", after[0]) >= 0 && len(args) > 0:
			b, args = appendOperand(b, args[0]), args[1:]
		default: // a verb that says more
			return fmt.Appendf(b[:begin], s.Form, s.Args...)
		}
		form = after[1:]
	}
}

// appendOperand appends an operand of a step.
func appendOperand(b []byte, x any) []byte {
	switch x := x.(type) {
	case string:
		return append(b, x...)
	case int:
		return strconv.AppendInt(b, int64(x), 10)
	case int32:
		return strconv.AppendInt(b, int64(x), 10)
	case civil.Date:
		return x.Append(b)
	case fmt.Stringer:
		return append(b, x.String()...)
	}
	return fmt.Append(b, x)
}

// step returns a step of a derivation.
func step(rule diag.Range, form string, args ...any) Step { return Step{form, args, rule} }

// A working is the steps of an arithmetic as they are made, where somebody reads them.
type working struct {
	read  bool
	steps []Step
}

// note adds a step, which is not made where nobody reads it.
func (w *working) note(make func() Step) {
	if w.read {
		w.steps = append(w.steps, make())
	}
}

// A Dose is one amount, and knows how it came about.
type Dose struct {
	Amount  quantity.Amount
	Volume  quantity.Amount // in mL, where the route states a concentration
	Over    civil.Period    // how long giving it takes, where the rule says so; else as the phase or the route says
	PerTime int             // minutes: 60 where the rule says it per hour, 1 where per minute; 0 where it says the whole
	Step    quantity.Amount // in which it can be measured out; unset where nothing says it
	from    *Regimen        // whose arithmetic it is; nil where it follows from no rule
	index   int             // in from.Doses
	then    []Step          // what was done about it since
}

// Span returns the least and the most that doses of a regimen come to, wherever they stand.
func (r *Regimen) Span() (least, most quantity.Amount) {
	for i := range r.Doses {
		a := r.Doses[i].Amount
		if i == 0 {
			least, most = a, a
		}
		least, most = quantity.Min(least, a), quantity.Max(most, a)
	}
	return least, most
}

// Derivation returns how the dose came about: the arithmetic of its rule, done again to be read,
// and what was done about it since.
func (d *Dose) Derivation() []Step {
	if d.from == nil {
		return d.then
	}
	return append(slices.Clip(d.from.derivation(d.index)), d.then...)
}

// Rate says what is given per hour or minute, where the rule says the dose so: "25 mg/h"; "" where it does not.
func (d *Dose) Rate() string {
	elapsed, ok := d.Over.Elapsed()
	if d.PerTime == 0 || !ok || elapsed < time.Minute {
		return ""
	}
	return protocol.Hourly(d.Amount.Times(int64(d.PerTime), int64(elapsed.Minutes())), d.PerTime)
}

// Ordered returns the dose with an amount in place of its own that follows from no rule.
func (d *Dose) Ordered(amount quantity.Amount, why ...Step) Dose {
	o := d.Instead(amount)
	o.from, o.index, o.then = nil, 0, why
	return o
}

// Instead returns the dose with another amount in place of its own, given as the dose is: in a volume of the same
// concentration, over the same time.
func (d *Dose) Instead(amount quantity.Amount, why ...Step) Dose {
	o := Dose{Amount: amount, Over: d.Over, PerTime: d.PerTime, Step: d.Step, from: d.from, index: d.index, then: append(slices.Clip(d.then), why...)}
	if d.Volume.IsSet() && amount.IsSet() && d.Amount.Sign() > 0 && amount.Unit().Comparable(d.Amount.Unit()) {
		o.Volume = d.Volume.Scale(amount.Quo(d.Amount))
	}
	return o
}

// A Choice is what the clinician has chosen for a patient.
type Choice struct {
	Tier  string
	Route string
	Step  int // how many steps of a titration by amounts have been confirmed
	First int // the number of the first day of the phase, from which days are counted

	Frequency frequency.Frequency // of the phase, which divides totals
}

// A Regimen gives the dose of every event of one phase, for one patient. It is immutable.
type Regimen struct {
	Doses []Dose
	Ends  []End // of the doses that change in steps
	root  node
	rule  rule

	once        sync.Once
	derivations [][]Step // of Doses, once somebody has read one
}

// derivation returns the steps of the arithmetic of a dose. The first who asks has all of them done
// again: most doses are never asked about.
func (r *Regimen) derivation(i int) []Step {
	r.once.Do(func() {
		again := resolver{rule: r.rule, read: true, out: &Regimen{}}
		again.run()
		r.derivations = again.derivations
	})
	return r.derivations[i]
}

// An End is the last step of a dose that changes in steps.
type End struct {
	Dose int // an index into Doses
	Rule diag.Range
}

// A node selects among its children by one property of an event, or is a leaf.
type node struct {
	by       protocol.By
	from     []int   // of counts: the first count of each child, ascending
	weekday  [7]int8 // of ByWeekday: the child of each day
	children []node  // of a time: by the index of the dose in its day
	leaf     int     // an index into Doses, where there are no children
	every    int     // of steps: how many days or doses each child lasts
	base     int     // of steps: the number of the day or dose at which they begin
}

// Selection names the way in which r chooses: regimens of one phase with the same selection have the dose
// of the same index at every place, whatever their amounts.
func (r *Regimen) Selection() string {
	b := r.root.append(nil)
	for _, e := range r.Ends {
		b = binary.AppendVarint(b, int64(e.Dose))
	}
	return string(b)
}

// append appends how a node and those below it choose.
func (n *node) append(b []byte) []byte {
	for _, x := range [...]int{int(n.by), n.leaf, n.every, n.base, len(n.from), len(n.children)} {
		b = binary.AppendVarint(b, int64(x))
	}
	for _, x := range n.from {
		b = binary.AppendVarint(b, int64(x))
	}
	for _, x := range n.weekday {
		b = append(b, byte(x))
	}
	for i := range n.children {
		b = n.children[i].append(b)
	}
	return b
}

// A Place says where in its phase a dose falls. Counts begin with 1, but for Slot, and for
// Day where the course counts from another number.
type Place struct {
	Number   int // of the dose
	Day      int // of the phase
	Weekday  time.Weekday
	Slot     int // the index of the dose within its day
	CycleDay int // the day of its cycle, or 0 where the frequency has no cycles
}

// At returns the index in Doses of the dose at a place.
func (r *Regimen) At(p Place) int {
	n := &r.root
	for len(n.children) > 0 {
		var i int
		switch n.by {
		case protocol.ByWeekday:
			i = int(n.weekday[p.Weekday])
		case protocol.ByTime:
			i = min(p.Slot, len(n.children)-1)
		default:
			count := p.Number
			switch n.by {
			case protocol.ByDay:
				count = p.Day
			case protocol.ByCycleDay:
				count = p.CycleDay
			case protocol.ByWeek:
				count = (p.Day-r.rule.choice.First)/7 + 1
			}
			if n.every > 0 {
				i = min(max(count-n.base, 0)/n.every, len(n.children)-1)
				break
			}
			for i+1 < len(n.from) && n.from[i+1] <= count {
				i++
			}
		}
		n = &n.children[i]
	}
	return n.leaf
}

// Days returns in which steps of days r goes on from one dose to another: 7 where it looks at weeks alone, 1 where it looks
// at days, 0 where it looks at neither. Days of a cycle and of the week come again, and are none of them.
func (r *Regimen) Days() int { return r.root.days(r.rule.choice.First) }

func (n *node) days(first int) (unit int) {
	weeks := func(days ...int) bool {
		return !slices.ContainsFunc(days, func(d int) bool { return d%7 != 0 })
	}
	switch {
	case n.by == protocol.ByWeek && len(n.children) > 0:
		unit = 7
	case n.by == protocol.ByDay && n.every > 0:
		if unit = 1; weeks(n.every, n.base-first) {
			unit = 7
		}
	case n.by == protocol.ByDay && len(n.children) > 0:
		unit = 7
		for _, from := range n.from {
			if !weeks(from - n.from[0]) {
				unit = 1
			}
		}
	}
	for i := range n.children {
		if below := n.children[i].days(first); below > 0 && (unit == 0 || below < unit) {
			unit = below
		}
	}
	return unit
}

// A rule is what the doses of a phase follow from.
type rule struct {
	p       *protocol.Protocol
	phase   *protocol.Phase
	patient *patient.Patient
	choice  Choice
}

// A resolver builds a Regimen.
type resolver struct {
	rule
	route       *protocol.Route
	out         *Regimen
	found       diag.List
	read        bool     // derivations are made
	path        []Step   // the steps that lead to the case that is looked at
	derivations [][]Step // of out.Doses
}

// A base is the day and the dose of a phase at which a rule begins to hold, or the day of each of its cycles.
type base struct {
	day, number int
	cycle       bool
}

// Resolve computes the doses of a phase for a patient. choice.Route must be a route of the
// phase's medicine. The findings say which parameter is missing, or which dose cannot be
// given.
func Resolve(p *protocol.Protocol, phase *protocol.Phase, pat *patient.Patient, choice Choice) (*Regimen, diag.List) {
	from := rule{p, phase, pat, choice}
	r := resolver{rule: from, out: &Regimen{rule: from}}
	r.run()
	return r.out, r.found.Sort()
}

func (r *resolver) run() {
	route, ok := r.p.Medications[r.phase.Medication].Route(r.choice.Route)
	if !ok {
		r.found.Add(diag.UnknownName, r.phase.Range, "", "the medication has no route “%s”", r.choice.Route)
		return
	}
	r.route = route
	r.out.root = r.resolve(r.phase.Dose, base{day: r.choice.First, number: 1})
}

func (r *resolver) resolve(d protocol.Dose, at base) node {
	switch d := d.(type) {
	case *protocol.Amount:
		return r.leaf(d, nothing)
	case *protocol.Stepped:
		return r.stepped(d, at)
	case *protocol.Measured:
		return r.ofMeasurement(d)
	case *protocol.ByCase:
		return r.byCase(d, at)
	case protocol.TierDose:
		t, ok := r.p.Tier(r.choice.Tier)
		if !ok {
			r.found.Add(diag.UnknownName, r.phase.Range, "", "no tier is called “%s”", r.choice.Tier)
			return node{}
		}
		td, ok := t.Dose(r.choice.Route)
		if !ok {
			r.found.Add(diag.UnknownName, t.Range, "", "the tier “%s” has no dose by the route “%s”", t.Name, r.choice.Route)
			return node{}
		}
		return r.under(td, at, func() Step { return step(t.Range, "tier %s, %s", t.Name, r.choice.Route) })
	case protocol.NotGiven:
		r.found.Add(diag.NotGiven, d.Range, "use another protocol for this patient", "the protocol is not given to this patient: a case of the dose of “%s” says so", r.phase.Name)
		return node{}
	case protocol.TitrationDose:
		steps := r.phase.Titration.Amounts
		k := min(r.choice.Step, len(steps)-1)
		return r.leaf(steps[k], func() Step { return step(r.phase.Titration.Range, "titration step %d", k+1) })
	}
	r.found.Add(diag.NoDose, r.phase.Range, "", "the phase “%s” has no dose", r.phase.Name)
	return node{}
}

// under resolves a rule that steps lead to.
func (r *resolver) under(d protocol.Dose, at base, why ...func() Step) node {
	if !r.read {
		return r.resolve(d, at)
	}
	path := len(r.path)
	for _, step := range why {
		r.path = append(r.path, step())
	}
	n := r.resolve(d, at)
	r.path = r.path[:path]
	return n
}

func (r *resolver) byCase(c *protocol.ByCase, at base) node {
	if c.By.Fixed() {
		k, why := r.fixedCase(c)
		if k == nil {
			return node{}
		}
		return r.under(k.Dose, at, why...)
	}
	n := node{by: c.By}
	for i := range c.Cases {
		k := &c.Cases[i]
		switch c.By {
		case protocol.ByWeekday:
			for day, on := range k.Weekdays {
				if on {
					n.weekday[day] = int8(i)
				}
			}
		case protocol.ByTime:
		default:
			count, _ := k.From.Int()
			n.from = append(n.from, count)
		}
		n.children = append(n.children, r.under(k.Dose, r.beginsAt(c.By, k, at), func() Step { return inWords(c.By, k) }))
	}
	switch c.By {
	case protocol.ByWeekday:
		n.otherDays(c)
	case protocol.ByTime:
		// In the order of the phase's times, which is that of the doses of a day.
		ordered := make([]node, 0, len(n.children))
		for _, t := range r.phase.TimesOf(r.choice.Frequency) {
			if i := slices.IndexFunc(c.Cases, func(k protocol.Case) bool { return k.Time == t }); i >= 0 {
				ordered = append(ordered, n.children[i])
			}
		}
		n.children = ordered
	}
	return n
}

// beginsAt returns where steps inside a case begin.
func (r *resolver) beginsAt(by protocol.By, k *protocol.Case, at base) base {
	count, _ := k.From.Int()
	if at.cycle && (by == protocol.ByDay || by == protocol.ByWeek) {
		at.day, at.cycle = r.choice.First, false
	}
	switch by {
	case protocol.ByDay:
		at.day = max(at.day, count)
	case protocol.ByWeek:
		at.day = max(at.day, r.choice.First+7*(count-1))
	case protocol.ByCycleDay:
		at.day, at.cycle = count, true
	case protocol.ByDoseNumber:
		at.number = max(at.number, count)
	}
	return at
}

// inWords says in a derivation which case a dose falls under.
func inWords(by protocol.By, k *protocol.Case) Step {
	count, _ := k.From.Int()
	switch {
	case by == protocol.ByWeekday && k.Other:
		return step(k.Range, "any other day of the week")
	case by == protocol.ByWeekday:
		var days []string
		for day, on := range k.Weekdays {
			if on {
				days = append(days, time.Weekday(day).String())
			}
		}
		return step(k.Range, "%s", strings.Join(days, ", "))
	case by == protocol.ByTime:
		return step(k.Range, "the dose at %v", k.Time)
	case by == protocol.ByCycleDay:
		return step(k.Range, "from day %d of the cycle", count)
	}
	return step(k.Range, "from %s %d of the phase", strings.TrimPrefix(by.String(), "by "), count)
}

// otherDays sets the child of the days of the week that no case names.
func (n *node) otherDays(c *protocol.ByCase) {
	named := [7]bool{}
	for _, k := range c.Cases {
		for day, on := range k.Weekdays {
			named[day] = named[day] || on
		}
	}
	for i, k := range c.Cases {
		for day := range named {
			if k.Other && !named[day] {
				n.weekday[day] = int8(i)
			}
		}
	}
}

// fixedCase picks the case that is known once the patient is.
func (r *resolver) fixedCase(c *protocol.ByCase) (k *protocol.Case, why []func() Step) {
	var value quantity.Amount
	unit := ""
	switch c.By {
	case protocol.ByRoute, protocol.ByTier, protocol.ByFrequency:
		want, what := r.choice.Route, "route"
		switch c.By {
		case protocol.ByTier:
			want, what = r.choice.Tier, "tier"
		case protocol.ByFrequency:
			want, what = r.choice.Frequency.String(), "frequency"
		}
		for i := range c.Cases {
			if slices.Contains(c.Cases[i].Names, want) {
				return &c.Cases[i], []func() Step{func() Step { return step(c.Cases[i].Range, "%s %s", what, want) }}
			}
		}
		r.found.Add(diag.NoDose, c.Range, "", "there is no dose for the %s “%s”", what, want)
		return nil, nil
	case protocol.ByAge:
		var missing *patient.Missing
		if value, missing = r.patient.AgeAmong(r.patient.Start, c.Changes()...); missing != nil {
			r.missing(missing, c.Range)
			return nil, nil
		}
	case protocol.ByWeight:
		if !r.patient.Weight.IsSet() {
			r.missing(&patient.Missing{Key: "weight"}, c.Range)
			return nil, nil
		}
		value = r.patient.Weight
	case protocol.BySurface:
		var err error
		if value, _, err = r.patient.BodySurface(&r.p.Surface); err != nil {
			r.cannot(err, c.Range)
			return nil, nil
		}
	case protocol.ByMeasurement:
		var steps []Step
		var ok bool
		if value, unit, steps, ok = r.measurementValue(c); !ok {
			return nil, nil
		}
		for _, s := range steps {
			why = append(why, func() Step { return s })
		}
	}
	what := strings.TrimPrefix(c.By.String(), "by ")
	if c.Of != "" {
		what = c.Of
	}
	best := c.CaseOf(value)
	if best == nil {
		where, end := "under", c.Cases[0].From
		if !end.IsSet() || value.Cmp(end) > 0 {
			where, end = "over", c.To
		}
		if c.By == protocol.ByAge {
			if months, ok := end.Int(); ok && where == "over" {
				r.found.Add(diag.NoDose, c.Range, "", "there is no dose from the age of %v on", civil.Age(months+1))
			} else {
				r.found.Add(diag.NoDose, c.Range, "", "there is no dose under the age of %v", civil.Age(months))
			}
			return nil, nil
		}
		r.found.Add(diag.NoDose, c.Range, "", "there is no dose %s %s %v%s", where, what, end, unit)
		return nil, nil
	}
	return best, append(why, func() Step {
		if c.By == protocol.ByAge {
			text := best.Text
			if !strings.HasSuffix(text, "s") && !strings.HasSuffix(text, "year") && !strings.HasSuffix(text, "month") {
				text += " years"
			}
			return step(best.Range, "age %s: the dose %s", r.patient.AgeInWords(r.patient.Start), text)
		}
		return step(best.Range, what+" %v%s: the dose %s", value, unit, best.Text)
	})
}

// stepped computes a dose that changes in steps from where it begins to hold.
func (r *resolver) stepped(s *protocol.Stepped, at base) node {
	n := node{by: protocol.ByDay, every: s.Doses, base: at.day}
	every := any(s.Every)
	if s.Doses > 0 {
		n.by, n.base, every = protocol.ByDoseNumber, at.number, civil.Plural(s.Doses, "dose")
	} else {
		_, n.every, _ = s.Every.Calendar()
		if at.cycle {
			n.by = protocol.ByCycleDay
		}
	}
	verb, of := "increase", ""
	if s.Falls {
		verb = "decrease"
	}
	if s.OfStart {
		of = " of the start"
	}
	if s.OfGiven() {
		n.children = r.ofGiven(s, verb, every)
	} else {
		for i, a := range s.Amounts() {
			n.children = append(n.children, r.leaf(a, func() Step {
				if i == 0 {
					return step(s.Range, "start %v", s.Start.Quantity)
				}
				return step(s.Range, "start %v, %s %v%s every %v, to %v: step %d is %v", s.Start.Quantity, verb, s.Change, of, every, s.To, i+1, a.Quantity)
			}))
		}
	}
	r.out.Ends = append(r.out.Ends, End{len(r.out.Doses) - 1, s.Range})
	return n
}

// ofGiven computes steps of a percentage, each of the dose as given at the step before.
func (r *resolver) ofGiven(s *protocol.Stepped, verb string, every any) []node {
	list := []node{r.leaf(s.Start, func() Step { return step(s.Range, "start %v", s.Start.Quantity) })}
	before := r.out.Doses[len(r.out.Doses)-1].Amount
	var last Dose
	to := *s.Start
	to.Quantity = s.To
	if r.found.HasErrors() || compute(&last, &working{}, &to, 1, r.route, r.patient, &r.p.Surface) != nil {
		r.leaf(&to, nothing) // to say why
		return list
	}
	for len(list) <= protocol.MaxSteps && before.Cmp(last.Amount) != 0 {
		change := before.Scale(s.Change)
		if s.Falls {
			change = change.Times(-1, 1)
		}
		a := to
		a.Quantity = before.Add(change)
		if s.Passes(a.Quantity, last.Amount) {
			return append(list, r.leaf(&to, func() Step {
				return step(s.Range, "%s %v of %v every %v, to %v: step %d, the last", verb, s.Change, before, every, s.To, len(list)+1)
			}))
		}
		list = append(list, r.leaf(&a, func() Step {
			return step(s.Range, "%s %v of the dose as given, %v, every %v, to %v: step %d", verb, s.Change, before, every, s.To, len(list)+1)
		}))
		now := r.out.Doses[len(r.out.Doses)-1].Amount
		if r.found.HasErrors() || now.Cmp(before) == 0 {
			break
		}
		before = now
	}
	if !r.found.HasErrors() && before.Cmp(last.Amount) != 0 {
		r.found.Add(diag.NeverReached, s.Range, "change the percentage, the rounding or `to`", "the steps stop at %v, since %v of it rounds to nothing, and never reach %v", before, s.Change, s.To)
	}
	return list
}

// nothing is the step of a dose that nothing leads to but the cases above it.
func nothing() Step { return Step{} }

// leaf adds the dose of an amount, to which a step leads: of a total, one of its equal parts, or those that differ
// by the time of day.
func (r *resolver) leaf(a *protocol.Amount, why func() Step) node {
	if a.Divided == nil {
		return r.part(a, 1, why, func(*Dose, *working) error { return nil })
	}
	n, ok := a.Divided.Among(r.choice.Frequency)
	if !ok {
		r.found.Add(diag.NoDose, a.Divided.Range, "", "the frequency does not say among how many doses the total of %v is divided", a.Divided)
		return node{}
	}
	larger := slices.IndexFunc(r.phase.TimesOf(r.choice.Frequency), func(t protocol.Time) bool { return a.Divided.Larger != nil && t == *a.Divided.Larger })
	if larger < 0 {
		return r.part(a, n, why, func(*Dose, *working) error { return nil })
	}
	least := r.part(a, 1, why, func(d *Dose, w *working) error { return r.share(d, w, a, n, false) })
	most := r.part(a, 1, why, func(d *Dose, w *working) error { return r.share(d, w, a, n, true) })
	out := node{by: protocol.ByTime, children: slices.Repeat([]node{least}, n)}
	out.children[min(larger, n-1)] = most
	return out
}

// share replaces a total of n doses by one of them: the share of each, rounded down, or what these leave of it.
func (r *resolver) share(d *Dose, w *working, a *protocol.Amount, n int, larger bool) error {
	if !d.Step.IsSet() || !d.Step.Unit().Comparable(d.Amount.Unit()) {
		return fmt.Errorf("a total of %v cannot be divided with a larger part: no `round` says in what steps it can be measured out", d.Amount)
	}
	total := d.Amount
	each := total.Times(1, int64(n)).FloorTo(d.Step)
	if each.Sign() == 0 {
		return fmt.Errorf("a total of %v is less than %d doses of %v", total, n, d.Step)
	}
	rest := total.Sub(each.Times(int64(n-1), 1))
	w.note(func() Step {
		return step(a.Divided.Range, "%v %s in %d doses: %v each, and %v at %v", total, a.Divided, n, each, rest, *a.Divided.Larger)
	})
	value := each
	if larger {
		value = rest
	}
	d.give(value, w, r.route)
	return nil
}

// part adds one of n equal doses of an amount, with what is done about it then.
func (r *resolver) part(a *protocol.Amount, n int, why func() Step, then func(*Dose, *working) error) node {
	d := Dose{from: r.out, index: len(r.out.Doses)}
	w := working{read: r.read}
	if r.read {
		w.steps = slices.Clone(r.path)
		if first := why(); first.Form != "" {
			w.steps = append(w.steps, first)
		}
	}
	err := compute(&d, &w, a, n, r.route, r.patient, &r.p.Surface)
	if err == nil {
		err = then(&d, &w)
	}
	if r.read {
		r.derivations = append(r.derivations, w.steps)
	}
	if err != nil {
		r.cannot(err, a.Range)
	}
	r.out.Doses = append(r.out.Doses, d)
	return node{leaf: d.index}
}

// cannot says why a patient has no dose.
func (r *resolver) cannot(err error, at diag.Range) {
	var missing *patient.Missing
	var undefined *patient.Undefined
	switch {
	case errors.As(err, &missing):
		r.missing(missing, at)
	case errors.As(err, &undefined):
		r.found.Add(diag.FormulaUndefined, at, cmp.Or(undefined.Help, "use a protocol that doses by another weight"), "%v", err)
	default:
		r.found.Add(diag.NoDose, at, "", "%v", err)
	}
}

func (r *resolver) missing(m *patient.Missing, at diag.Range) {
	d := r.found.Add(diag.MissingPatient, diag.Range{}, "", "the dose depends on the patient's %s, which is not stated", m.What())
	d.Asks = m.Asks()
	if at.IsSet() {
		d.Related = []diag.Related{{Range: at, Message: "the rule that needs it"}}
	}
}

// Compute computes one amount for a patient. The error is a *patient.Missing, a
// *patient.Undefined, or says why no amount can be dispensed.
func Compute(a *protocol.Amount, route *protocol.Route, pat *patient.Patient, surface *body.Surface) (Dose, error) {
	var d Dose
	err := compute(&d, &working{}, a, 1, route, pat, surface)
	return d, err
}

// compute is Compute that notes how it goes on, for one of n equal parts of the amount.
func compute(d *Dose, w *working, a *protocol.Amount, n int, route *protocol.Route, pat *patient.Patient, surface *body.Surface) error {
	c := &computation{working: w, a: a, patient: pat, surface: surface}
	if a.PerTime > 0 {
		c.note(func() Step {
			return step(a.Range, "%v for %v = %v", protocol.Hourly(a.Stated, a.PerTime), a.Over, a.Quantity)
		})
	}
	value, err := c.resolve(a.Quantity, a.Range)
	if err != nil {
		return err
	}
	if protocol.BasisOf(a.Quantity) == protocol.Fixed && a.PerTime == 0 {
		w.note(func() Step { return step(a.Range, "%v", value) })
	}
	most, least, err := c.bounds()
	if err != nil {
		return err
	}
	if most.IsSet() && value.Cmp(most) > 0 {
		over := value
		w.note(func() Step { return step(a.Range, "more than the maximum: %v → %v", over, most) })
		value = most.In(value.Unit())
	}
	if least.IsSet() && value.Cmp(least) < 0 {
		under := value
		w.note(func() Step { return step(a.Range, "less than the minimum: %v → %v", under, least) })
		value = least.In(value.Unit())
	}
	if n > 1 {
		total := value
		for _, q := range []*quantity.Amount{&value, &least, &most} {
			if q.IsSet() {
				*q = q.Times(1, int64(n))
			}
		}
		w.note(func() Step {
			return step(a.Divided.Range, "%v %s ÷ %d doses = %v", total, a.Divided, n, value)
		})
	}
	value, err = round(w, a, route, value, least, most)
	if err != nil {
		return err
	}
	d.Over, d.PerTime, d.Step = a.Over, a.PerTime, stepOf(a, route)
	d.give(value, w, route)
	return nil
}

// give sets the amount, and the volume that holds it.
func (d *Dose) give(value quantity.Amount, w *working, route *protocol.Route) {
	d.Amount = value
	if d.Volume = VolumeOf(value, route); d.Volume.IsSet() {
		volume := d.Volume
		w.note(func() Step { return step(route.Range, "%v ÷ %v = %v", value, route.Concentration, volume) })
	}
}

// VolumeOf returns the volume in mL that holds an amount, where the route states a concentration; unset where it does not.
func VolumeOf(amount quantity.Amount, route *protocol.Route) quantity.Amount {
	c := route.Concentration
	if !c.IsSet() || !amount.IsSet() || !c.Unit().WithPer(quantity.PerNothing).Comparable(amount.Unit()) {
		return quantity.Amount{}
	}
	return amount.Quo(c.With(c.Unit().WithPer(quantity.PerNothing))).With(quantity.Millilitre)
}

// A computation resolves the rates of one amount, each weight and surface said once.
type computation struct {
	*working
	a            *protocol.Amount
	patient      *patient.Patient
	surface      *body.Surface
	weight, area quantity.Amount
}

// resolve returns what an amount or a rate comes to.
func (c *computation) resolve(q quantity.Amount, at diag.Range) (quantity.Amount, error) {
	var err error
	by := &c.weight
	switch protocol.BasisOf(q) {
	case protocol.Fixed:
		return q, nil
	case protocol.PerWeight:
		if !c.weight.IsSet() {
			c.weight, err = weigh(c.working, c.a, c.patient)
		}
	case protocol.PerSurface:
		if by = &c.area; !c.area.IsSet() {
			c.area, err = c.bodySurface()
		}
	}
	if err != nil {
		return quantity.Amount{}, err
	}
	value := q.Resolve(*by)
	c.note(func() Step { return step(at, "%v × %v = %v", q, *by, value) })
	return value, nil
}

// bodySurface returns the surface that rates per m2 use, with how it came about.
func (c *computation) bodySurface() (quantity.Amount, error) {
	final, exact, err := c.patient.BodySurface(c.surface)
	if err != nil {
		return final, err
	}
	if c.surface.Formula == body.Stated {
		c.note(func() Step { return step(diag.Range{}, "body surface as stated = %v", exact) })
	} else {
		c.note(func() Step {
			return step(diag.Range{}, c.surface.InWords(), c.patient.Height.In(quantity.Centimetre), c.patient.Weight.In(quantity.Kilogram), exact)
		})
	}
	before := exact
	if rounded, _ := (&body.Surface{Round: c.surface.Round}).Final(exact); rounded.Cmp(exact) != 0 {
		c.note(func() Step {
			return step(diag.Range{}, "surface %v → %v in steps of %v", exact, rounded, *c.surface.Round)
		})
		before = rounded
	}
	if final.Cmp(before) != 0 {
		c.note(func() Step { return step(diag.Range{}, "more than the largest surface: %v → %v", before, final) })
	}
	return final, nil
}

// bounds returns what the maximum and the minimum come to. The highest that steps may reach is a maximum too.
func (c *computation) bounds() (most, least quantity.Amount, err error) {
	if c.a.Max.IsSet() {
		if most, err = c.resolve(c.a.Max, c.a.Range); err != nil {
			return most, least, err
		}
	}
	if c.a.Top.IsSet() {
		quiet := &computation{working: &working{}, a: c.a, patient: c.patient, surface: c.surface}
		top, err := quiet.resolve(c.a.Top, c.a.Range)
		if err != nil {
			return most, least, err
		}
		if !most.IsSet() || top.Cmp(most) < 0 {
			most = top
		}
	}
	if c.a.Min.IsSet() {
		if least, err = c.resolve(c.a.Min, c.a.Range); err != nil {
			return most, least, err
		}
	}
	if most.IsSet() && least.IsSet() && most.Cmp(least) < 0 {
		return most, least, fmt.Errorf("the minimum of the dose, %v, lies above its maximum, %v", least, most)
	}
	return most, least, nil
}

// stepOf returns the step in which an amount can be measured out by a route, or an unset one.
func stepOf(a *protocol.Amount, route *protocol.Route) quantity.Amount {
	if rule := a.RoundedBy(route); rule != nil && !rule.Exact {
		return rule.Step
	}
	return quantity.Amount{}
}

// round brings a value to what can be dispensed.
func round(w *working, a *protocol.Amount, route *protocol.Route, value, least, most quantity.Amount) (quantity.Amount, error) {
	rule, at := a.RoundedBy(route), a.Range
	if rule == nil {
		return value, nil
	}
	if a.Round == nil {
		at = route.Range
	}
	rounded, err := rule.Apply(value, least, most)
	if err != nil {
		return value, err
	}
	same, out := rounded.Amount.Cmp(value) == 0, rounded.Amount
	if !rule.Exact {
		out = out.In(rule.Step.Unit()) // what is dispensed is named in its own unit
	}
	if same {
		return out, nil
	}
	w.note(func() Step {
		form, args := "%v → %v in steps of %v", []any{value, out, *rule}
		if rule.Exact {
			form, args = "%v → %v, not rounded: cut after six decimals", args[:2]
		}
		switch {
		case rounded.Capped:
			form, args = form+", not past the maximum of %v", append(args, most)
		case rounded.Raised:
			form, args = form+", not under the minimum of %v", append(args, least)
		case rounded.Tie:
			form += ", a tie goes down"
		}
		return Step{form, args, at}
	})
	return out, nil
}

// weigh returns the weight in kg that a rate uses.
func weigh(w *working, a *protocol.Amount, pat *patient.Patient) (quantity.Amount, error) {
	kind := a.Weight.Kind
	if from := a.Weight.FromBMI; from.IsSet() {
		bmi, err := pat.BMI()
		if err != nil {
			return quantity.Amount{}, err
		}
		word := "under"
		if bmi.Cmp(from) >= 0 {
			kind, word = a.Weight.Above, "not under"
		}
		w.note(func() Step { return step(a.Range, "body mass index %v, %s %v: %v weight", bmi, word, from, kind) })
	}
	if share := a.Weight.FromIdeal; share.IsSet() {
		ideal, actual, err := idealAndActual(pat)
		if err != nil {
			return ideal, err
		}
		turn, word := ideal.Scale(share), "no more than"
		over := actual.Cmp(turn)
		switch {
		case over > 0 || over == 0 && !a.Weight.Strictly:
			kind, word = a.Weight.Above, "above"
			if over == 0 {
				word = "just"
			}
		case !a.Weight.Strictly:
			word = "under"
		}
		w.note(func() Step {
			return step(a.Range, "%v is %s %v of ideal weight (Devine, %s, %v: %v), %v: %v weight", actual, word, share, pat.Sex, pat.Height, ideal, turn, kind)
		})
	}
	switch kind {
	case protocol.Ideal:
		kg, err := pat.IdealWeight()
		if err == nil {
			w.note(func() Step { return step(diag.Range{}, "ideal weight (Devine, %s, %v) = %v", pat.Sex, pat.Height, kg) })
		}
		return kg, err
	case protocol.Lower:
		kg, actual, err := idealAndActual(pat)
		if err != nil {
			return kg, err
		}
		w.note(func() Step {
			return step(diag.Range{}, "the lower of actual weight, %v, and ideal weight (Devine, %s, %v), %v", actual, pat.Sex, pat.Height, kg)
		})
		return quantity.Min(actual, kg), nil
	case protocol.Adjusted:
		return adjusted(w, a.Weight.Raises, pat)
	}
	if !pat.Weight.IsSet() {
		return quantity.Amount{}, &patient.Missing{Key: "weight"}
	}
	kg := pat.Weight.In(quantity.Kilogram)
	if pat.Weight.Unit() != quantity.Kilogram {
		w.note(func() Step { return step(diag.Range{}, "weight %v = %v", pat.Weight, kg) })
	}
	return kg, nil
}

// idealAndActual returns both weights in kg, or says which of the parameters for them is missing.
func idealAndActual(pat *patient.Patient) (ideal, actual quantity.Amount, err error) {
	if ideal, err = pat.IdealWeight(); err != nil {
		return ideal, actual, err
	}
	if !pat.Weight.IsSet() {
		return ideal, actual, &patient.Missing{Key: "weight"}
	}
	return ideal, pat.Weight.In(quantity.Kilogram), nil
}

// adjusted returns the adjusted weight in kg, or the actual one where that is lower and the adjusted
// one must not raise a dose above it.
func adjusted(w *working, raises bool, pat *patient.Patient) (quantity.Amount, error) {
	kg, err := pat.AdjustedWeight()
	if err != nil {
		return kg, err
	}
	actual := pat.Weight.In(quantity.Kilogram)
	if !raises && kg.Cmp(actual) > 0 {
		w.note(func() Step {
			return step(diag.Range{}, "adjusted weight %v, and the actual weight is lower: %v", kg, actual)
		})
		return actual, nil
	}
	w.note(func() Step {
		ideal, _ := pat.IdealWeight()
		return step(diag.Range{}, "ideal weight (Devine, %s, %v) = %v; adjusted weight %v + 0.4 × (%v − %v) = %v", pat.Sex, pat.Height, ideal, ideal, actual, ideal, kg)
	})
	return kg, nil
}
