// Package patient holds the parameters of one person that a calculation needs, and what
// follows from them: age, body mass index, body surface, ideal and adjusted weight.
//
// Nothing is taken to be absent because it is not stated: an unset field means "not known".
//
// Findings say what is wrong with a parameter and where it stands, but do not repeat it: they
// travel to places where a patient's data must not go.
package patient

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Sex is the one that a formula was derived for.
type Sex string

// The values of Sex. The empty Sex is not known.
const (
	Female Sex = "female"
	Male   Sex = "male"
)

// A Patient is the parameters of one person. The zero Patient states nothing. Decode and New
// make patients whose parameters a person can have; Check says whether those of a Patient that
// was made, or changed, in another way are.
type Patient struct {
	ID          string
	Weight      quantity.Amount // as stated, in kg or lb
	Height      quantity.Amount // as stated, in cm, m, in or ft; 5 ft 10 in is 70 in
	BirthDate   civil.Date
	AgeYears    int // completed years on the first day, if stated in place of a birth date
	AgeStated   bool
	Sex         Sex
	Start       civil.Date
	TimeZone    string     // an IANA name, "" if not stated
	Zone        civil.Zone // the zone of that name
	Present     []string
	Absent      []string
	Medications []string
	HighAcuity  bool
}

// Bounds of what any person can have, against slips of the keys. They are wider than any
// record, and no statement about whom a protocol suits.
var (
	minWeight, maxWeight = quantity.MustParse("0.2 kg"), quantity.MustParse("650 kg")
	minHeight, maxHeight = quantity.MustParse("20 cm"), quantity.MustParse("280 cm")
)

const maxAge = 130

type decoder struct{ grammar.Reader }

type key = grammar.Key[*decoder, Patient]

var patientObject = grammar.Object[*decoder, Patient]{
	Name: "patient",
	Doc:  "A patient file.",
	Keys: []key{
		{Name: "doseplan", Shape: grammar.Words("1"), Doc: "The version of the language, 1.", Example: "doseplan: 1",
			Read: func(d *decoder, p *Patient, n *source.Node) { d.Word(n, "version of the language", []string{"1"}) }},
		{Name: "kind", Shape: grammar.Words("patient"), Doc: "What the file is.", Example: "kind: patient",
			Read: func(d *decoder, p *Patient, n *source.Node) { d.Word(n, "kind of file", []string{"patient"}) }},
		{Name: "id", Shape: grammar.Text, Doc: "A name or number that identifies the patient in outputs.", Example: "id: P-0042",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				p.ID = d.Text(n, "an id")
				if strings.ContainsFunc(p.ID, func(r rune) bool { return r < ' ' }) || len(p.ID) > 200 {
					d.Add(diag.BadPatient, n.Range, "use one short line of text", "the id cannot be used")
				}
			}},
		{Name: "weight", Shape: grammar.Pattern("a weight, as 72 kg or 158 lb", grammar.PatternNumber+` *(kg|lbs?|g)`), Doc: "Body weight in kg or lb.", Example: "weight: 72 kg",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				p.Weight = d.within(n, "a weight", "as 72kg or 158lb", quantity.Mass, minWeight, maxWeight, quantity.Kilogram, quantity.Pound, quantity.Gram)
			}},
		{Name: "height", Shape: grammar.Pattern("a height, as 178 cm or 5 ft 10 in", grammar.PatternNumber+` *(cm|m|in|ft)|`+grammar.PatternNumber+` *ft *`+grammar.PatternNumber+` *in`), Doc: "Height in cm, m, in, or ft and in.", Example: "height: 5 ft 10 in",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				p.Height = d.height(n)
			}},
		{Name: "birth date", Shape: grammar.Text, Doc: "The date of birth.", Example: "birth date: 1984-02-29",
			Read: func(d *decoder, p *Patient, n *source.Node) { p.BirthDate = d.date(n) }},
		{Name: "age", Shape: grammar.Number("completed years, as 41 or 41 years", `[0-9]{1,3}( years?)?`), Doc: "Completed years on the first day, where the birth date is not known.", Example: "age: 41 years",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				text := d.Text(n, "an age")
				if !strings.Contains(text, " ") {
					text += " years"
				}
				a, err := grammar.Years(text)
				p.AgeYears, p.AgeStated = 0, err == nil
				if err == nil {
					p.AgeYears, _ = a.Int()
				}
				if err != nil || p.AgeYears > maxAge {
					d.Add(diag.BadPatient, n.Range, "write completed years, as 41", "this is not an age in years that a person can have (0 to %d)", maxAge)
				}
			}},
		{Name: "sex", Shape: grammar.Words("female", "male"), Doc: "For formulas that were derived for one (ideal weight).", Example: "sex: female",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				if p.Sex = Sex(d.Text(n, "a sex")); p.Sex != Female && p.Sex != Male {
					d.Add(diag.BadWord, n.Range, "write female or male", "formulas were derived for female and male patients, and this is neither")
					p.Sex = ""
				}
			}},
		{Name: "start", Shape: grammar.Text, Doc: "The start: the date of day 1, on which the first dose falls unless the protocol puts it later.", Example: "start: 2026-03-02",
			Read: func(d *decoder, p *Patient, n *source.Node) { p.Start = d.date(n) }},
		{Name: "time zone", Shape: grammar.Text, Doc: "The patient's IANA time zone.", Example: "time zone: America/New_York",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				p.TimeZone = d.Text(n, "a time zone")
				zone, err := civil.LoadZone(p.TimeZone)
				p.Zone = zone
				if err != nil {
					d.Add(diag.BadPatient, n.Range, diag.DidYouMean(p.TimeZone, nearZones(p.TimeZone)), "%v", err)
				}
			}},
		{Name: "conditions", Shape: grammar.Mapping("conditions"), Doc: "Conditions that are known to be present, and known to be absent.", Example: "conditions: { present: [asthma], absent: [psychosis] }",
			Read: func(d *decoder, p *Patient, n *source.Node) { conditionsObject.Decode(&d.Reader, d, n, p) }},
		{Name: "medications", Shape: grammar.List(grammar.Text), Doc: "Medicines that the patient takes.", Example: "medications: [lamotrigine]",
			Read: func(d *decoder, p *Patient, n *source.Node) { p.Medications = d.Texts(n, "a medicine") }},
		{Name: "acuity", Shape: grammar.Words("high", "usual"), Doc: "`high` for severe, escalating or suicidal symptoms.", Example: "acuity: usual",
			Read: func(d *decoder, p *Patient, n *source.Node) {
				text := d.Text(n, "the acuity")
				if p.HighAcuity = text == "high"; text != "high" && text != "usual" {
					d.Add(diag.BadWord, n.Range, "write high or usual", "the acuity is high or usual, and this is neither")
				}
			}},
	},
}

var conditionsObject = grammar.Object[*decoder, Patient]{
	Name: "conditions",
	Doc:  "What is known of the patient's conditions.",
	Keys: []key{
		{Name: "present", Shape: grammar.List(grammar.Text), Doc: "Known to be present.", Example: "conditions: { present: [asthma] }",
			Read: func(d *decoder, p *Patient, n *source.Node) { p.Present = d.Texts(n, "a condition") }},
		{Name: "absent", Shape: grammar.List(grammar.Text), Doc: "Known to be absent.", Example: "conditions: { absent: [psychosis] }",
			Read: func(d *decoder, p *Patient, n *source.Node) { p.Absent = d.Texts(n, "a condition") }},
	},
}

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
		found.Add(diag.BadPatient, diag.Range{}, "check the number and the unit", format, args...).Asks = key
	}
	if w := p.Weight; w.IsSet() && !within(w, quantity.Mass, minWeight, maxWeight) {
		bad("weight", "a weight is not that of a person (%v to %v)", minWeight, maxWeight)
	}
	if h := p.Height; h.IsSet() && !within(h, quantity.Length, minHeight, maxHeight) {
		bad("height", "a height is not that of a person (%v to %v)", minHeight, maxHeight)
	}
	if p.AgeYears < 0 || p.AgeYears > maxAge {
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
	}
	return found
}

// within reports whether an amount is of a dimension and between two others.
func within(a quantity.Amount, dim quantity.Dimension, min, max quantity.Amount) bool {
	return grammar.In(dim)(a.Unit()) && a.Cmp(min) >= 0 && a.Cmp(max) <= 0
}

// Reference documents every key of a patient file, from the tables that read it.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{patientObject.Describe(), conditionsObject.Describe()}
}

// Schema returns the JSON Schema (2020-12) of patient files, for editors.
func Schema() map[string]any {
	return grammar.Schema("urn:doseplan:schema:patient:1", "doseplan patient", Reference())
}

// Decode reads a patient from a tree: a file, the values of flags, or one on top of the
// other. A nil tree states nothing.
func Decode(n *source.Node) (*Patient, diag.List) {
	p := &Patient{}
	var found diag.List
	if n != nil {
		d := &decoder{grammar.Reader{Found: &found}}
		patientObject.Decode(&d.Reader, d, n, p)
		if age := n.Get("age"); age != nil && n.Get("birth date") != nil {
			d.Add(diag.BadPatient, age.Range, "state the birth date alone", "an age and a birth date are both stated")
		}
		for _, s := range p.Present {
			if slices.ContainsFunc(p.Absent, func(a string) bool { return strings.EqualFold(a, s) }) {
				d.Add(diag.BadPatient, n.Range, "state it once", "a condition is stated as present and as absent")
			}
		}
	}
	return p, found.Sort()
}

func (d *decoder) within(n *source.Node, what, want string, dim quantity.Dimension, min, max quantity.Amount, units ...quantity.Unit) quantity.Amount {
	if !d.Want(n, source.Scalar, what) {
		return quantity.Amount{}
	}
	a, err := quantity.Parse(n.Value)
	var pe *quantity.ParseError
	switch {
	case errors.As(err, &pe):
		help := "write it " + want
		if near, ok := diag.Nearest(pe.Unit, quantity.UnitNames()); pe.Unit != "" && ok {
			help = "did you mean “" + near + "”?"
		}
		reason := pe.Reason
		if pe.Unit == "" || strings.ContainsAny(pe.Text, "0123456789") { // a unit alone says nothing of the patient
			reason = strings.ReplaceAll(reason, " in “"+pe.Text+"”", "")
			reason = strings.ReplaceAll(reason, "the number “"+pe.Text+"”", "the number")
			reason = strings.ReplaceAll(strings.ReplaceAll(reason, " “"+pe.Text+"”", ""), "“"+pe.Text+"”", "it")
		}
		d.Add(diag.BadAmount, n.Range, help, "%s: %s", what, reason)
	case !grammar.In(dim)(a.Unit()) || !slices.Contains(units, a.Unit()):
		d.Add(diag.BadPatient, n.Range, "write it "+want, "%s cannot be in %v", what, a.Unit())
	case a.Cmp(min) < 0 || a.Cmp(max) > 0:
		d.Add(diag.BadPatient, n.Range, "check the number and the unit", "%s is not that of a person (%v to %v)", what, min, max)
	default:
		return a
	}
	return quantity.Amount{}
}

// height also reads feet and inches: "5 ft 10 in".
func (d *decoder) height(n *source.Node) quantity.Amount {
	const want = "as 178cm or 5ft10in"
	if n.Kind == source.Scalar {
		if ft, in, ok := strings.Cut(n.Value, "ft"); ok && strings.TrimSpace(in) != "" {
			f, err1 := quantity.Parse(strings.TrimSpace(ft) + " ft")
			i, err2 := quantity.Parse(strings.TrimSpace(in))
			if err1 == nil && err2 == nil && i.Unit() == quantity.Inch && i.Cmp(quantity.New(12, 1, quantity.Inch)) < 0 {
				h := f.In(quantity.Inch).Add(i)
				c := *n
				c.Value = h.String()
				return d.within(&c, "a height", want, quantity.Length, minHeight, maxHeight, quantity.Inch)
			}
			d.Add(diag.BadPatient, n.Range, "write it "+want, "this is not a height in feet and inches")
			return quantity.Amount{}
		}
	}
	return d.within(n, "a height", want, quantity.Length, minHeight, maxHeight, quantity.Centimetre, quantity.Inch, quantity.Foot, metre)
}

var metre = quantity.MustParse("1 m").Unit()

func (d *decoder) date(n *source.Node) civil.Date {
	text := d.Text(n, "a date")
	date, err := civil.ParseDate(text)
	if err != nil {
		help := "write year-month-day, as 2026-03-02"
		if strings.EqualFold(text, "today") {
			help += ": the same line then gives the same page on any day"
		}
		d.Add(diag.BadTime, n.Range, help, "this is not a date in ISO form, or there is no such day")
	}
	return date
}

// nearZones returns the zones whose last part is like the last part of name.
func nearZones(name string) []string {
	city := name[strings.LastIndexByte(name, '/')+1:]
	for _, z := range civil.ZoneNames() {
		if strings.EqualFold(z[strings.LastIndexByte(z, '/')+1:], strings.ReplaceAll(city, " ", "_")) {
			return []string{z}
		}
	}
	if near, ok := diag.Nearest(name, civil.ZoneNames()); ok {
		return []string{near}
	}
	return []string{"America/New_York", "Europe/London", "UTC"}
}

// Age returns the completed years on a date, if they are known.
func (p *Patient) Age(on civil.Date) (int, bool) {
	if !p.BirthDate.IsZero() {
		return p.BirthDate.Age(on), true
	}
	return p.AgeYears, p.AgeStated
}

// A Missing error names a parameter that a formula needs.
type Missing struct{ Key string }

func (e *Missing) Error() string { return "the patient's " + e.Key + " is not stated" }

// An Undefined error says that a formula does not hold for the patient.
type Undefined struct{ Reason string }

func (e *Undefined) Error() string { return e.Reason }

func (p *Patient) need(weight, height bool) error {
	if weight && !p.Weight.IsSet() {
		return &Missing{"weight"}
	}
	if height && !p.Height.IsSet() {
		return &Missing{"height"}
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

// surfaceDecimals is where BodySurface cuts the square root: far below what any rounding
// of a dose can see, and never above the true value.
const surfaceDecimals = 6

// BodySurface returns the body surface in m² by Mosteller's formula (N Engl J Med
// 1987;317:1098): √(height in cm × weight in kg ÷ 3600), cut after six decimals.
func (p *Patient) BodySurface() (quantity.Amount, error) {
	if err := p.need(true, true); err != nil {
		return quantity.Amount{}, err
	}
	product := p.Height.In(quantity.Centimetre).Number().Mul(p.Weight.In(quantity.Kilogram).Number())
	return product.Div(quantity.New(3600, 1, quantity.None)).SqrtFloor(surfaceDecimals).With(quantity.SquareM), nil
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
		return quantity.Amount{}, &Missing{"sex"}
	}
	over := p.Height.In(quantity.Inch).Sub(fiveFeet)
	if over.Sign() < 0 {
		return quantity.Amount{}, &Undefined{fmt.Sprintf("the ideal body weight (Devine 1974) is not defined below 5 ft, and the height is %v", p.Height)}
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
