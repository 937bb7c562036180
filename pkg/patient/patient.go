// Package patient holds the parameters of one person that a calculation needs, and what
// follows from them: age, body mass index, body surface, ideal and adjusted weight.
//
// Nothing is taken to be absent because it is not stated: an unset field means "not known".
//
// Findings say what is wrong with a parameter and where it stands, but do not repeat it: they
// travel to places where a patient's data must not go.
package patient

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Sex is the one that a formula was derived for.
type Sex string

// The values of Sex. The empty Sex is not known.
const (
	Female Sex = "female"
	Male   Sex = "male"
)

// A Patient is the parameters of one person. The zero Patient states nothing. A [Builder] (and
// what reads files and tables by one) and New make patients whose parameters a person can have;
// Check says whether those of a Patient that was made, or changed, in another way are.
type Patient struct {
	ID          string
	Weight      quantity.Amount // as stated, in kg or lb
	Surface     quantity.Amount // the body surface in m2, if it is stated
	Height      quantity.Amount // as stated, in cm, m, in or ft; 5 ft 10 in is 70 in
	BirthDate   civil.Date
	StatedAge   civil.Age // on the first day, if stated in place of a birth date
	AgeStated   bool
	AgeInMonths bool // it is stated to the month; else in completed years
	Sex         Sex
	Start       civil.Date
	TimeZone    string     // an IANA name, "" if not stated
	Zone        civil.Zone // the zone of that name
	Present     []string
	Absent      []string
	Medications []string
	Received    []Received // of medicines, before the start
	Measured    []Measured
	Dates       []Named // that protocols count days from
	HighAcuity  bool
}

// Received is what the patient had of a medicine before the start: an amount, or a rate per m2
// or kg, as totals of some medicines are counted.
type Received struct {
	Medicine string // a name, or an RxNorm identifier
	Total    quantity.Amount
}

// Named is a date of a name, as of a departure or an operation.
type Named struct {
	Name string
	On   civil.Date
	At   civil.OptionalClock // where the file states it
}

// String returns the date as a file writes it: 2026-07-01, or 2026-07-01 09:00.
func (n Named) String() string {
	if n.At.IsSet() {
		return n.On.String() + " " + n.At.Or(0).String()
	}
	return n.On.String()
}

// Date returns the date of a name. ok is false where it is not stated.
func (p *Patient) Date(name string) (on civil.Date, ok bool) {
	for _, d := range p.Dates {
		if strings.EqualFold(d.Name, name) {
			return d.On, true
		}
	}
	return on, false
}

// ClockOf returns the time of day that is stated with the date of a name; none where it is not.
func (p *Patient) ClockOf(name string) (at civil.OptionalClock) {
	for _, d := range p.Dates {
		if strings.EqualFold(d.Name, name) {
			return d.At
		}
	}
	return at
}

// Measured is a value that was measured of the patient.
type Measured struct {
	Name  string
	Value lab.Value
}

// Measurement returns the value of a name, whatever its case; the zero Value where none is stated.
func (p *Patient) Measurement(name string) lab.Value {
	for _, m := range p.Measured {
		if strings.EqualFold(m.Name, name) {
			return m.Value
		}
	}
	return lab.Value{}
}

// With returns what was measured of the patient with a newer value of a name.
func (p *Patient) With(name string, v lab.Value) []Measured {
	list := slices.Clone(p.Measured)
	for i := range list {
		if strings.EqualFold(list[i].Name, name) {
			list[i].Value = v
			return list
		}
	}
	return append(list, Measured{name, v})
}

// Without returns what was measured but for a measurement, whatever its case.
func (p *Patient) Without(name string) []Measured {
	return slices.DeleteFunc(slices.Clone(p.Measured), func(m Measured) bool { return strings.EqualFold(m.Name, name) })
}

// ReceivedOf returns what was received before of the medicine of an RxNorm identifier, or of a name,
// whatever its case: everything that is stated of it, which counts together. It is empty where
// nothing is.
func (p *Patient) ReceivedOf(name, rxnorm string) (totals []quantity.Amount) {
	for _, r := range p.Received {
		if rxnorm != "" && r.Medicine == rxnorm || strings.EqualFold(r.Medicine, name) {
			totals = append(totals, r.Total)
		}
	}
	return totals
}

// Bounds of what any person can have, against slips of the keys. They are wider than any
// record, and no statement about whom a protocol suits.
var (
	minWeight, maxWeight = quantity.MustParse("0.2 kg"), quantity.MustParse("650 kg")
	minHeight, maxHeight = quantity.MustParse("20 cm"), quantity.MustParse("280 cm")

	minSurface, maxSurface = quantity.MustParse("0.05 m2"), quantity.MustParse("4 m2")
)

const (
	maxAge     = 130
	ageMessage = "this is not an age that a person can have (0 to 130 years)"
)

// New returns a patient of parameters that a person can have, with the zone of its time zone.
// The findings name those that nobody can.
func New(p Patient) (*Patient, diag.List) {
	if zone, err := civil.LoadZone(p.TimeZone); p.TimeZone != "" && err == nil {
		p.Zone = zone
	}
	return &p, p.Check()
}

// Check reports parameters that no person can have, and a time zone and a zone that disagree.
func (p *Patient) Check() diag.List {
	var found diag.List
	bad := func(key, format string, args ...any) {
		d := found.Add(diag.BadPatient, diag.Range{}, "check the number and the unit", format, args...)
		d.Asks, d.Field = key, key
	}
	if w := p.Weight; w.IsSet() && !within(w, quantity.Mass, minWeight, maxWeight) {
		bad("weight", "a weight is not that of a person (%v to %v)", minWeight, maxWeight)
	}
	if h := p.Height; h.IsSet() && !within(h, quantity.Length, minHeight, maxHeight) {
		bad("height", "a height is not that of a person (%v to %v)", minHeight, maxHeight)
	}
	if s := p.Surface; s.IsSet() && !within(s, quantity.Area, minSurface, maxSurface) {
		bad("body surface", "a body surface is not that of a person (%v to %v)", minSurface, maxSurface)
	}
	if p.StatedAge < 0 || p.StatedAge.Years() > maxAge {
		bad("age", "an age is not that of a person (0 to %d years)", maxAge)
	}
	if p.Sex != "" && p.Sex != Female && p.Sex != Male {
		bad("sex", "formulas were derived for female and male patients, and this is neither")
	}
	switch {
	case p.TimeZone == "" && p.Zone != civil.UTC, p.TimeZone != "" && !strings.EqualFold(p.Zone.String(), p.TimeZone):
		bad("time zone", "the time zone “%s” and the zone %v are not the same", p.TimeZone, p.Zone)
	}
	if !p.BirthDate.IsZero() && !p.Start.IsZero() && p.Start.Before(p.BirthDate) {
		bad("birth date", "the birth date lies after the start")
		found[len(found)-1].Help = "check the date"
	}
	return found
}

// within reports whether an amount is of a dimension and between two others.
func within(a quantity.Amount, dim quantity.Dimension, min, max quantity.Amount) bool {
	return grammar.In(dim)(a.Unit()) && a.Cmp(min) >= 0 && a.Cmp(max) <= 0
}

var metre = quantity.MustParse("1 m").Unit()

// Age returns the age on a date, if it is known. A birth date says nothing of the zero Date. exact is false
// where it is known in completed years alone: the age is then the least that it can be.
func (p *Patient) Age(on civil.Date) (age civil.Age, exact, known bool) {
	if !p.BirthDate.IsZero() && !on.IsZero() {
		return p.BirthDate.Age(on), true, true
	}
	return p.StatedAge, p.AgeInMonths, p.AgeStated
}

// AgeInWords returns the age on a date as it is told, or "" where it is not known.
func (p *Patient) AgeInWords(on civil.Date) string {
	switch age, exact, known := p.Age(on); {
	case !known:
		return ""
	case exact:
		return age.Said()
	default:
		return civil.Plural(age.Years(), "year")
	}
}

// AgeAmong is Age where something changes with each of some ages, bare months. missing is not nil where it
// is not known, or not known to the month and one of them lies within its year.
func (p *Patient) AgeAmong(on civil.Date, changes ...quantity.Amount) (months quantity.Amount, missing *Missing) {
	age, exact, known := p.Age(on)
	if !known {
		return months, &Missing{Key: "age"}
	}
	for _, x := range changes {
		if at, ok := x.Int(); !exact && ok && civil.Age(at) > age && civil.Age(at) < age+12 {
			return months, &Missing{Key: "age", Precisely: "in months"}
		}
	}
	return Months(age), nil
}

// Months returns an age as a bare number of completed months, in which protocols bound it.
func Months(age civil.Age) quantity.Amount { return quantity.New(int64(age), 1, quantity.None) }

// A Missing error names a parameter that a formula needs.
type Missing struct {
	Key       string
	Measured  bool   // it is the name of a measurement
	Precisely string // how it must be stated, where what is stated does not do
}

// What names the parameter in a message.
func (e *Missing) What() string {
	if e.Precisely != "" {
		return e.Key + " " + e.Precisely
	}
	return e.Key
}

// Asks names it as findings do.
func (e *Missing) Asks() string {
	if e.Measured {
		return diag.AsksMeasurement + e.Key
	}
	return e.Key
}

func (e *Missing) Error() string { return "the patient's " + e.What() + " is not stated" }

// An Undefined error says that a formula does not hold for the patient.
type Undefined struct {
	Reason string
	Help   string // what to do instead; "" for another weight to dose by
}

func (e *Undefined) Error() string { return e.Reason }

func (p *Patient) need(weight, height bool) error {
	if weight && !p.Weight.IsSet() {
		return &Missing{Key: "weight"}
	}
	if height && !p.Height.IsSet() {
		return &Missing{Key: "height"}
	}
	return nil
}

// BMI returns the body mass index, kg ÷ m², as an exact bare number.
func (p *Patient) BMI() (quantity.Amount, error) {
	if err := p.need(true, true); err != nil {
		return quantity.Amount{}, err
	}
	h := p.Height.In(metre).Number()
	return p.Weight.In(quantity.Kilogram).Number().Div(h.Mul(h)), nil
}

// BodySurface returns the body surface in m² as a rule says: by its formula or as stated, rounded,
// and held to the largest that counts. exact is the surface before it was rounded.
func (p *Patient) BodySurface(rule *body.Surface) (final, exact quantity.Amount, err error) {
	if rule.Formula == body.Stated {
		if !p.Surface.IsSet() {
			return final, exact, &Missing{Key: "body surface"}
		}
		exact = p.Surface
	} else {
		if err := p.need(true, true); err != nil {
			return final, exact, err
		}
		exact = rule.Of(p.Weight, p.Height)
	}
	final, err = rule.Final(exact)
	return final, exact, err
}

// The figures of Devine's formula.
var (
	fiveFeet      = quantity.MustParse("60 in")
	devineMale    = quantity.MustParse("50 kg")
	devineFemale  = quantity.MustParse("45.5 kg")
	devinePerInch = quantity.MustParse("2.3 kg")
)

// IdealWeight returns Devine's ideal body weight (Drug Intell Clin Pharm 1974;8:650-655):
// 50 kg for men and 45.5 kg for women, plus 2.3 kg for each inch over 5 ft. Below 5 ft the
// formula is not defined, and the error says so.
func (p *Patient) IdealWeight() (quantity.Amount, error) {
	if err := p.need(false, true); err != nil {
		return quantity.Amount{}, err
	}
	base := devineMale
	switch p.Sex {
	case Female:
		base = devineFemale
	case Male:
	default:
		return quantity.Amount{}, &Missing{Key: "sex"}
	}
	over := p.Height.In(quantity.Inch).Sub(fiveFeet)
	if over.Sign() < 0 {
		return quantity.Amount{}, &Undefined{Reason: fmt.Sprintf("the ideal body weight (Devine 1974) is not defined below 5 ft, and the height is %v", p.Height)}
	}
	return base.Add(devinePerInch.Scale(over.Number())), nil
}

// AdjustedWeight returns ideal + 0.4 × (actual − ideal).
func (p *Patient) AdjustedWeight() (quantity.Amount, error) {
	ideal, err := p.IdealWeight()
	if err != nil {
		return quantity.Amount{}, err
	}
	if err := p.need(true, false); err != nil {
		return quantity.Amount{}, err
	}
	return ideal.Add(p.Weight.In(quantity.Kilogram).Sub(ideal).Times(2, 5)), nil
}
