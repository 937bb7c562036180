package protocol

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Measurement is a value of the patient that doses depend on, as a laboratory prints it, or as a
// formula computes it where the patient's file does not state it.
type Measurement struct {
	Name    string
	Unit    string          // of the numbers below
	Within  grammar.Bounded // the values of the population, bare numbers, both ends set
	Formula string          // lab.CockcroftGault, lab.Schwartz, or "" where it is stated alone
	Weight  WeightRule      // that the formula uses
	Max     quantity.Amount // a higher value counts as this one; unset for none
	Until   quantity.Amount // that doses follow until the first is known; unset where they wait for it
	Range   diag.Range
}

// counted returns the values that doses can see: those of the population, up to the highest that
// counts.
func (m *Measurement) counted() grammar.Bounded {
	b := m.Within
	if m.Max.IsSet() && b.Max.IsSet() {
		b.Min, b.Max = quantity.Min(b.Min, m.Max), quantity.Min(b.Max, m.Max)
	}
	return b
}

// creatinine is the measurement that the formula of the clearance needs.
const creatinine = "creatinine"

// Measurement returns the measurement of a name.
func (p *Protocol) Measurement(name string) (*Measurement, bool) {
	for i := range p.Measurements {
		if p.Measurements[i].Name == name {
			return &p.Measurements[i], true
		}
	}
	return nil, false
}

// Creatinine returns the measurement from which the clearance is computed.
func (p *Protocol) Creatinine() (*Measurement, bool) { return p.Measurement(creatinine) }

// A Measured is a dose that rises with a measurement: a share of an amount that the patient's file gives, or
// carboplatin for a target exposure (see [lab.Calvert]).
type Measured struct {
	Of    string          // the measurement: an amount, or of AUC a clearance in mL/min
	Share quantity.Amount // a percentage of the amount; unset with AUC
	AUC   quantity.Amount // mg/mL × min, as a bare number; unset with Share
	like  Amount          // with the bounds and the rounding; its unit is the dose's
}

func (*Measured) dose() {}

// Amount returns the dose at a value of the measurement, in its unit.
func (m *Measured) Amount(value quantity.Amount) *Amount {
	unit := m.like.Quantity.Unit()
	if m.AUC.IsSet() {
		return m.like.at(lab.Calvert(m.AUC, value).With(unit), m.like.Range)
	}
	return m.like.at(value.With(unit).Scale(m.Share), m.like.Range)
}

// Reaching returns the value of the measurement at which the dose, before it is rounded, is an amount in its unit.
func (m *Measured) Reaching(amount quantity.Amount) quantity.Amount {
	number := amount.In(m.like.Quantity.Unit()).Number()
	if m.AUC.IsSet() {
		return number.Div(m.AUC).Sub(quantity.New(25, 1, quantity.None))
	}
	return number.Times(100, 1).Div(m.Share.Number())
}

// RoundedBy returns how the dose is rounded by a route; nil for not at all.
func (m *Measured) RoundedBy(route *Route) *quantity.Rounding { return m.like.RoundedBy(route) }

var milligram = quantity.MustParse("1 mg").Unit()

// reShare matches a share of a measured amount.
var reShare = lazy.MustCompile(`^` + patternShare + `$`)

const patternShare = `([0-9]+(?:\.[0-9]+)?) ?% of (` + patternMeasurement + `)`

var reMeasurement = lazy.MustCompile(`^` + patternMeasurement + `$`)

const (
	patternMeasurement = `[A-Za-z][A-Za-z0-9]*([ -][A-Za-z0-9]+)*`
	patternUpTo        = ` *\.\. *`
)

// patternUnit matches the units of a measurement.
var patternUnit = func() string {
	var list []string
	for _, u := range lab.Units() {
		list = append(list, regexp.QuoteMeta(u))
	}
	return "(" + strings.Join(list, "|") + "|IU/mL|IU/L)"
}()

var (
	shapeMeasured    = grammar.Pattern("a value with its unit, as 1.1 mg/dL", grammar.PatternNumber+` *`+patternUnit)
	shapeWithin      = grammar.Pattern("a range with its unit, as 0.3..15 mg/dL", grammar.PatternNumber+patternUpTo+grammar.PatternNumber+` *`+patternUnit)
	shapeMeasurement = grammar.Shape{Text: "a range with its unit, or a mapping (see “measurement”)", Schema: map[string]any{"anyOf": []any{shapeWithin.Schema, grammar.Ref("measurement")}}}
)

var formulas = []string{lab.CockcroftGault, lab.Schwartz}

// asMeasurement says how to write a key that is the name of a measurement of the file, where `by` or `for` stands before it.
func (d *decoder) asMeasurement(name, key string) string {
	if _, is := d.protocol.Measurement(name); !is {
		return ""
	}
	return fmt.Sprintf("“%s” is a measurement: write `%s: { %[1]s: … }`", name, key)
}

var measurementObject = object[Measurement]{
	Name: "measurement",
	Doc:  "A value that is computed where the patient's file does not state it, or counts up to some value only. One that is stated alone is written as its range: `creatinine: 0.3..15 mg/dL`.",
	Keys: []key[Measurement]{
		{Name: "range", Required: true, Shape: shapeWithin, Doc: "The values of the population, with their unit. A patient outside is refused.",
			Example: "measurements: { GFR: { range: 10..200 mL/min } }\nphases: { course: { dose: { AUC: 5, clearance: GFR, round: 1 mg } } }",
			Read:    func(d *decoder, m *Measurement, n *source.Node) { d.within(m, n) }},
		{Name: "formula", Shape: grammar.Words(formulas...), Doc: "How it is computed: `Cockcroft-Gault` gives the clearance of creatinine in mL/min, (140 − age) × weight in kg ÷ (72 × creatinine in mg/dL), and 85 % of that for women, from the measurement `creatinine` in mg/dL or umol/L (88.4 to the mg/dL). `Schwartz` gives the glomerular filtration rate of a child in mL/min/1.73m2, 0.413 × height in cm ÷ creatinine in mg/dL. The result is cut after six decimals.",
			Example: "measurements: { creatinine: 0.3..15 mg/dL, creatinine clearance: { formula: Cockcroft-Gault, range: 1..250 mL/min } }\nphases: { course: { dose: { AUC: 5, clearance: creatinine clearance, round: 1 mg } } }",
			Read: func(d *decoder, m *Measurement, n *source.Node) {
				m.Formula = d.Word(n, "formula", formulas)
			}},
		{Name: "weight", Shape: shapeWeight, Doc: "The weight that the formula uses. Default: actual weight.",
			Example: "measurements: { creatinine: 0.3..15 mg/dL, creatinine clearance: { formula: Cockcroft-Gault, weight: ideal weight, range: 1..250 mL/min } }\nphases: { course: { dose: { AUC: 5, clearance: creatinine clearance, round: 1 mg } } }",
			Read:    func(d *decoder, m *Measurement, n *source.Node) { m.Weight = d.weightRule(n) }},
		{Name: "max", Shape: shapeMeasured, Doc: "The highest value that counts: a higher one is taken as this.",
			Example: "measurements: { creatinine: 0.3..15 mg/dL, creatinine clearance: { formula: Cockcroft-Gault, range: 1..250 mL/min, max: 125 mL/min } }\nphases: { course: { dose: { AUC: 5, clearance: creatinine clearance, round: 1 mg } } }",
			Read: func(d *decoder, m *Measurement, n *source.Node) {
				m.Max, _ = d.measured(n, m.Unit)
			}},
		{Name: "until measured", Shape: shapeMeasured, Doc: "The value that doses follow as long as none is known, as where a level is found only after the first doses: a course then goes on by what a check-in finds. Default: none, and a patient without the value has no calendar.",
			Example: "measurements: { trough: { range: 1..40 mg/L, until measured: 15 mg/L } }\nphases: { course: { dose: { by measurement: { trough: { under 10 mg/L: 60 mg, from 10 mg/L: 50 mg, above 20 mg/L: 40 mg } } }, frequency: daily, course: 5 days } }\ncheck-ins: { level: { on: day 3, mode: lab, measure: [trough] } }",
			Read: func(d *decoder, m *Measurement, n *source.Node) {
				var ok bool
				if m.Until, ok = d.measured(n, m.Unit); ok && m.Within.IsSet() && !m.Within.Contains(m.Until) {
					d.Add(diag.BadAmount, n.Range, "write a value of the range", "until “%s” is measured, nobody counts as %v %s: the range is %s", m.Name, m.Until, m.Unit, m.Within.Words(" "+m.Unit))
				}
			}},
	},
}

// measurements reads what is measured of the patient.
func (d *decoder) measurements(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`measurements`") {
		return
	}
	for _, f := range n.Fields {
		m := Measurement{Name: f.Key.Value, Range: f.Key.Range}
		if !reMeasurement.MatchString(m.Name) || len(m.Name) > 64 {
			d.Add(diag.BadWord, f.Key.Range, "write letters, digits and single spaces, as: creatinine clearance", "“%s” is not the name of a measurement", m.Name)
			continue
		}
		if f.Value.Kind == source.Scalar {
			d.within(&m, f.Value)
		} else {
			measurementObject.Decode(&d.Reader, d, f.Value, &m)
		}
		p.Measurements = append(p.Measurements, m)
	}
	for i := range p.Measurements {
		d.checkFormula(p, &p.Measurements[i])
	}
}

// checkFormula wants what a formula needs.
func (d *decoder) checkFormula(p *Protocol, m *Measurement) {
	if m.Formula == "" {
		if m.Weight != (WeightRule{}) {
			d.Add(diag.Unused, m.Range, "add `formula: Cockcroft-Gault`, or leave `weight` out", "no formula uses the weight of “%s”", m.Name)
		}
		return
	}
	if m.Until.IsSet() {
		d.Add(diag.KeysExclude, m.Range, "leave `until measured` out: the creatinine is asked for", "“%s” is computed", m.Name)
	}
	if unit := lab.FormulaUnit(m.Formula); m.Unit != "" && m.Unit != unit {
		d.Add(diag.BadAmount, m.Range, "give its range in "+unit, "%s gives %s, and “%s” is in %s", m.Formula, unit, m.Name, m.Unit)
	}
	if m.Formula == lab.Schwartz && m.Weight != (WeightRule{}) {
		d.Add(diag.Unused, m.Range, "leave `weight` out", "%s does not follow from the weight", m.Formula)
	}
	c, ok := p.Creatinine()
	switch {
	case !ok:
		d.Add(diag.UnknownName, m.Range, "add `creatinine: 0.3..15 mg/dL` to `measurements`", "%s needs the measurement “%s”, which is not there", m.Formula, creatinine)
	case c == m:
		d.Add(diag.UnknownName, m.Range, "name the measurement `creatinine clearance`", "“%s” cannot be computed from itself", m.Name)
	default:
		if _, ok := lab.Creatinine(lab.Value{Number: c.Within.Min, Unit: c.Unit}); c.Unit != "" && !ok {
			d.Add(diag.BadAmount, c.Range, "give its range in mg/dL or umol/L", "a creatinine cannot be in %s", c.Unit)
		}
	}
}

// within reads the range of a measurement, with its unit.
func (d *decoder) within(m *Measurement, n *source.Node) {
	const want = "0.3..15 mg/dL"
	unit := ""
	m.Within = d.Range(n, "a measurement", want, func(text string) (quantity.Amount, error) {
		v, ok := lab.Parse(text)
		if !ok {
			return quantity.Amount{}, &quantity.ParseError{Text: text, Reason: "“" + text + "” is not a value with a unit, which is one of " + strings.Join(lab.Units(), ", ")}
		}
		unit = v.Unit
		return v.Number, nil
	})
	if m.Unit = unit; m.Within.IsSet() && !(m.Within.Min.IsSet() && m.Within.Max.IsSet()) {
		d.Add(diag.BadAmount, n.Range, "write both ends, as "+want, "the range of “%s” has one end", m.Name)
	}
}

// measured reads a value in the unit of a measurement.
func (d *decoder) measured(n *source.Node, unit string) (quantity.Amount, bool) {
	text := d.Text(n, "a value")
	v, ok := lab.Parse(text)
	if !ok {
		d.Add(diag.BadAmount, n.Range, strings.TrimSpace("write it as 30 "+unit), "“%s” is not a value with a unit", text)
		return quantity.Amount{}, false
	}
	number, ok := v.In(unit)
	if !ok {
		d.Add(diag.BadAmount, n.Range, "write it as 30 "+unit, "“%s” cannot be compared with a value in %s", text, unit)
	}
	return number, ok
}

// byMeasurement reads the cases of a dose by one measurement.
func (d *decoder) byMeasurement(n *source.Node, m modifiers, depth int) Dose {
	if !d.Want(n, source.Mapping, "`"+ByMeasurement.String()+"`") {
		return nil
	}
	if len(n.Fields) != 1 {
		d.Add(diag.BadDose, n.Range, "nest them: the case of one is again a dose by the other", "`%s` names one measurement, and this has %d", ByMeasurement, len(n.Fields))
		return nil
	}
	f := n.Fields[0]
	if of := d.measurement(f.Key); of == nil {
		return nil
	}
	return d.byCase(ByMeasurement, f.Key.Value, f.Value, m, depth)
}

// measurement returns the measurement that a text names, or nil.
func (d *decoder) measurement(n *source.Node) *Measurement {
	text := d.Text(n, "the name of a measurement")
	of, ok := d.protocol.Measurement(text)
	if !ok {
		names := make([]string, len(d.protocol.Measurements))
		for i := range names {
			names[i] = d.protocol.Measurements[i].Name
		}
		d.unknown(n, "measurement", text, names)
		if i := len(*d.Found) - 1; len(names) == 0 {
			(*d.Found)[i].Help = "add `measurements: { " + text + ": 1..250 mL/min }`, with its unit and its range"
		}
		return nil
	}
	return of
}

// calvert reads a dose for a target exposure.
func (d *decoder) calvert(f doseFields) Dose {
	if f.divided != nil {
		d.Add(diag.KeysExclude, f.divided.Range, "leave it out", "Calvert's dose is one dose, and no total")
	}
	if f.min.per+f.max.per > 0 {
		d.Add(diag.KeysExclude, f.auc.Range, "write the bound of the whole dose", "Calvert's dose is a whole one, and no dose per hour or minute")
		return nil
	}
	c := &Measured{like: Amount{Quantity: quantity.New(1, 1, milligram), Weight: f.weight, Min: f.min.Amount, Max: f.max.Amount, Round: f.round, Over: f.over, Range: f.auc.Range}}
	text := d.Text(f.auc, "an exposure")
	var err error
	if c.AUC, err = quantity.ParseNumber(text); err != nil || c.AUC.Sign() == 0 || c.AUC.Cmp(quantity.New(20, 1, quantity.None)) > 0 {
		d.Add(diag.BadAmount, f.auc.Range, "write the target in mg/mL × min without its unit, as AUC: 5", "“%s” is not a target exposure", text)
		return nil
	}
	if f.clearance == nil {
		d.Add(diag.MissingKey, f.node.Range, "add `clearance: creatinine clearance`, a measurement in mL/min", "a dose with `AUC` needs `clearance`")
		return nil
	}
	m := d.measurement(f.clearance)
	if m == nil {
		return nil
	}
	if m.Unit != "" && m.Unit != "mL/min" {
		d.Add(diag.BadAmount, f.clearance.Range, "name a measurement in mL/min", "a clearance cannot be in %s", m.Unit)
	}
	c.Of = m.Name
	return d.comparable(c, f.node.Range)
}

// share reads a share of a measured amount, as reShare matches it.
func (d *decoder) share(n *source.Node, m modifiers) Dose {
	text := reShare.FindStringSubmatch(n.Value)
	share, err := quantity.Parse(text[1] + " %")
	if err != nil || share.Sign() == 0 || share.Cmp(quantity.New(1000, 1, quantity.Percent)) > 0 {
		d.Add(diag.BadAmount, n.Range, "write a percentage above 0 and up to 1000, as 50 % of "+text[2], "%s %% is not a share of a dose", text[1])
		return nil
	}
	name := *n
	name.Value = text[2]
	of := d.measurement(&name)
	if of == nil || of.Unit == "" {
		return nil
	}
	unit, err := quantity.Parse("1 " + of.Unit)
	switch {
	case err != nil || !plainDose(unit.Unit()):
		d.Add(diag.BadAmount, n.Range, "name a measurement in mg, mcg, g or units", "a dose cannot be a share of “%s”, which is in %s", of.Name, of.Unit)
		return nil
	case m.min.per+m.max.per > 0:
		d.Add(diag.KeysExclude, n.Range, "write the bound of the whole dose", "a share of an amount is a whole dose, and no dose per hour or minute")
		return nil
	case m.divided != nil:
		d.Add(diag.KeysExclude, m.divided.Range, "write the share that one dose is", "a share of an amount is one dose, and no total")
		return nil
	}
	like := Amount{Quantity: quantity.New(1, 1, unit.Unit()), Weight: m.weight, Min: m.min.Amount, Max: m.max.Amount, Round: m.round, Over: m.over, Range: n.Range}
	return d.comparable(&Measured{Of: of.Name, Share: share, like: like}, n.Range)
}

// comparable returns a dose whose bounds and rounding are in its unit; nil where one is not.
func (d *decoder) comparable(m *Measured, at diag.Range) Dose {
	unit := m.like.Quantity.Unit()
	for _, b := range []quantity.Amount{m.like.Min, m.like.Max} {
		if b.IsSet() && !b.Unit().WithPer(quantity.PerNothing).Comparable(unit) {
			d.Add(diag.LimitUnit, at, "", "the bound %v cannot be compared with a dose in %v", b, unit)
			return nil
		}
	}
	if r := m.like.Round; r != nil && !r.Fits(unit) {
		d.Add(diag.LimitUnit, at, "", "a dose in %v cannot be rounded in steps of %v", unit, r.Step)
		return nil
	}
	return m
}

// ends returns the least and the largest dose of the population.
func (c *Measured) ends(p *Protocol) []*Amount {
	m, ok := p.Measurement(c.Of)
	if !ok || !m.Within.Min.IsSet() || !m.Within.Max.IsSet() {
		return nil
	}
	b := m.counted()
	return []*Amount{c.Amount(b.Min), c.Amount(b.Max)}
}

// checkMeasured finds measurements that no dose follows from, and that have no range which refuses some patient.
func (d *decoder) checkMeasured(p *Protocol) {
	used := map[string]bool{}
	for i := range d.protocol.Phases { // of all patients
		ph := &d.protocol.Phases[i]
		measuredBy(ph.Dose, used)
		if ph.For != nil {
			for _, m := range ph.For.Measured {
				used[m.Name] = true
			}
		}
	}
	for i := range d.protocol.AsNeeded {
		measuredBy(d.protocol.AsNeeded[i].Rule.Dose, used)
	}
	for i := range p.Tiers {
		for _, dose := range p.Tiers[i].Doses {
			measuredBy(dose, used)
		}
	}
	for i := range p.Measurements {
		if m := &p.Measurements[i]; m.Formula != "" && used[m.Name] {
			used[creatinine] = true
		}
	}
	d.pastHighest()
	for i := range p.Measurements {
		if m := &p.Measurements[i]; m.Within.IsSet() && !used[m.Name] { // who is in the range is treated, and who is not, is not
			used[m.Name] = true
			if m.Formula != "" {
				used[creatinine] = true
			}
		}
	}
	for i := range p.Measurements {
		if m := &p.Measurements[i]; !used[m.Name] {
			d.Add(diag.Unused, m.Range, "write a dose `by measurement` or a phase `for` some, or leave it out", "no dose follows from the measurement “%s”", m.Name)
		}
	}
}

// pastHighest refuses cases and phases of values above the highest that counts of a measurement, which nobody has.
func (d *decoder) pastHighest() {
	p := d.protocol
	see := func(of string, low quantity.Amount, within bool, text string, at diag.Range) {
		m, ok := p.Measurement(of)
		if !ok || !m.Max.IsSet() || !low.IsSet() {
			return
		}
		if over := low.Cmp(m.Max); over > 0 || over == 0 && !within {
			d.Add(diag.NeverReached, at, "leave it out, or the `max` of the measurement", "“%s” is of nobody: a higher “%s” than %v %s counts as that", text, of, m.Max, m.Unit)
		}
	}
	for _, ph := range p.Rules() {
		p.Any(ph.Dose, func(dose Dose) bool {
			if by, ok := dose.(*ByCase); ok && by.By == ByMeasurement {
				for i := range by.Cases {
					k := &by.Cases[i]
					see(by.Of, k.From, !k.Above, k.Text, k.Range)
				}
			}
			return false
		})
		if ph.For != nil {
			for _, m := range ph.For.Measured {
				see(m.Name, m.Band.Low.At, m.Band.Low.Within, ph.For.Text, ph.For.Range)
			}
		}
	}
}

// MeasuredBy returns the names of the measurements that a dose follows from, in any tier.
func (p *Protocol) MeasuredBy(d Dose) map[string]bool {
	used := map[string]bool{}
	measuredBy(p.Plain(d), used)
	return used
}

// measuredBy takes down the measurements that a dose follows from.
func measuredBy(dose Dose, used map[string]bool) {
	switch dose := dose.(type) {
	case *Measured:
		used[dose.Of] = true
	case *ByCase:
		if dose.Of != "" {
			used[dose.Of] = true
		}
		for _, k := range dose.Cases {
			measuredBy(k.Dose, used)
		}
	}
}
