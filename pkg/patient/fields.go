package patient

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A field is one parameter that a text can state: a value of a file, a cell of a table, a flag.
// Whoever reads patients from a new kind of input reads them by these.
type field struct {
	name    string // its key in a patient file
	what    string // it, in a finding
	shape   grammar.Shape
	doc     string
	example string
	set     func(p *Patient, text string) *fault // nil where it is a list
	list    func(p *Patient) *[]string           // nil where it is one text
	pairs   *pairs                               // of what is stated by name, as creatinine=1.2 mg/dL
}

// Pairs take in a value for each of some names.
type pairs struct {
	clear func(p *Patient)
	set   func(p *Patient, name, text string) *fault
	known func(p *Patient, name string) bool // whether it is stated of a name; nil where all that is stated counts
}

// several reports whether a field can state any number of texts.
func (f *field) several() bool { return f.list != nil || f.pairs != nil }

// A fault is what is wrong with a text, in words that do not repeat it.
type fault struct {
	code          diag.Code
	message, help string
}

// The fields that a rule about two of them names.
const (
	fieldAge       = "age"
	fieldBirthDate = "birth date"
	fieldPresent   = "present"
	fieldAbsent    = "absent"
)

var fields = [...]field{
	{name: "id", what: "an id", shape: grammar.Text, doc: "A name or number that identifies the patient in outputs.", example: "id: P-0042",
		set: setID},
	{name: "weight", what: "a weight", shape: grammar.Pattern("a weight, as 72 kg or 158 lb", grammar.PatternNumber+` *(kg|lbs?|g)`), doc: "Body weight in kg or lb.", example: "weight: 72 kg",
		set: func(p *Patient, text string) (f *fault) {
			p.Weight, f = measure(text, "a weight", "as 72kg or 158lb", quantity.Mass, minWeight, maxWeight, quantity.Kilogram, quantity.Pound, quantity.Gram)
			return f
		}},
	{name: "height", what: "a height", shape: grammar.Pattern("a height, as 178 cm or 5 ft 10 in", grammar.PatternNumber+` *(cm|m|in|ft)|`+grammar.PatternNumber+` *ft *`+grammar.PatternNumber+` *in`), doc: "Height in cm, m, in, or ft and in.", example: "height: 5 ft 10 in",
		set: setHeight},
	{name: "body surface", what: "a body surface", shape: grammar.Pattern("a body surface, as 1.73 m2", grammar.PatternNumber+` *m2`), doc: "The body surface, for protocols that take it as stated.", example: "body surface: 1.73 m2",
		set: func(p *Patient, text string) (f *fault) {
			p.Surface, f = measure(text, "a body surface", "as 1.73m2", quantity.Area, minSurface, maxSurface, quantity.SquareM)
			return f
		}},
	{name: fieldBirthDate, what: "a date", shape: grammar.Text, doc: "The date of birth.", example: "birth date: 1984-02-29",
		set: func(p *Patient, text string) (f *fault) { p.BirthDate, f = date(text); return f }},
	{name: fieldAge, what: "an age", shape: grammar.Number("completed years, as 41 or 41 years, or months, as 7 months", `[0-9]{1,3}( years?)?|[0-9]{1,4} months?`), doc: "Completed years on the first day, or months, where the birth date is not known.", example: "age: 41 years",
		set: setAge},
	{name: "sex", what: "a sex", shape: grammar.Words("female", "male"), doc: "For formulas that were derived for one (ideal weight).", example: "sex: female",
		set: setSex},
	{name: "start", what: "a date", shape: grammar.Text, doc: "The start: the date of day 1, on which the first dose falls unless the protocol puts it later.", example: "start: 2026-03-02",
		set: func(p *Patient, text string) (f *fault) { p.Start, f = date(text); return f }},
	{name: "time zone", what: "a time zone", shape: grammar.Text, doc: "The patient's IANA time zone.", example: "time zone: America/New_York",
		set: setZone},
	{name: fieldPresent, what: "a condition", shape: grammar.List(grammar.Text), doc: "Known to be present, in words or as a code: ICD-10 F20.9, SNOMED CT 77386006.", example: "conditions: { present: [asthma] }",
		list: func(p *Patient) *[]string { return &p.Present }},
	{name: fieldAbsent, what: "a condition", shape: grammar.List(grammar.Text), doc: "Known to be absent.", example: "conditions: { absent: [psychosis] }",
		list: func(p *Patient) *[]string { return &p.Absent }},
	{name: "medications", what: "a medicine", shape: grammar.List(grammar.Text), doc: "Medicines that the patient takes.", example: "medications: [lamotrigine]",
		list: func(p *Patient) *[]string { return &p.Medications }},
	{name: "received", what: "what was received", shape: pairsOf("names or RxNorm numbers of medicines", "an amount or a rate, as 400 mg or 240 mg/m2", grammar.PatternNumber+` *[A-Za-z]+(/(kg|m2|m²))?`), example: "received: { doxorubicin: 240 mg/m2 }",
		doc:   "What was received of a medicine before the start, for limits of a lifetime: an amount, or a total per m2 or kg. `0 mg` says that there was none.",
		pairs: &pairs{func(p *Patient) { p.Received = nil }, setReceived, nil}},
	{name: "measurements", what: "a measurement", shape: pairsOf("names of what was measured", "a value with its unit, as 1.1 mg/dL", grammar.PatternNumber+` *[A-Za-z%^0-9./]+`), example: "measurements: { creatinine: 1.1 mg/dL }",
		doc:   "Values that doses of a protocol depend on, each with its unit: " + strings.Join(lab.Units(), ", ") + ".",
		pairs: &pairs{func(p *Patient) { p.Measured = nil }, setMeasured, func(p *Patient, name string) bool { return p.Measurement(name).IsSet() }}},
	{name: "dates", what: "a date by its name", shape: pairsOf("names of dates", "a date, as 2026-07-01, with its time of day where hours are counted from it, as 2026-07-01 09:00", `[0-9]{4}-[0-9]{2}-[0-9]{2}( `+grammar.PatternClock+`)?`), example: "dates: { departure: 2026-07-01 }",
		doc:   "Dates that a protocol counts days from, by the names that it gives them; with a time of day (`2026-07-01 09:00`) where hours are counted from one, and it is not the time that the protocol gives.",
		pairs: &pairs{func(p *Patient) { p.Dates = nil }, setDate, func(p *Patient, name string) bool { _, ok := p.Date(name); return ok }}},
	{name: "acuity", what: "the acuity", shape: grammar.Words("high", "usual"), doc: "`high` for severe, escalating or suicidal symptoms.", example: "acuity: usual",
		set: setAcuity},
}

// fieldOf returns the index of a field, or −1.
func fieldOf(name string) int {
	for i := range fields {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

// FieldNames returns the names of the parameters that a text can state, in the order of the
// documentation. They are the columns that a table of patients can have.
func FieldNames() []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

func setID(p *Patient, text string) *fault {
	if p.ID = text; strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || len(text) > 200 {
		p.ID = "" // what cannot be seen is shown nowhere
		return &fault{diag.BadPatient, "the id cannot be used", "use one short line of text, without characters that cannot be seen"}
	}
	return nil
}

func setAge(p *Patient, text string) *fault {
	if !strings.Contains(text, " ") && !strings.HasSuffix(text, "months") && !strings.HasSuffix(text, "years") {
		text += " years"
	}
	age, inMonths, ok := grammar.Age(text)
	p.StatedAge, p.AgeInMonths, p.AgeStated = age, inMonths, ok && age.Years() <= maxAge
	if !p.AgeStated {
		p.StatedAge = 0
		message := ageMessage
		if strings.ContainsAny(text, ".,") {
			message = "an age is in completed years or months, and this one has a fraction"
		}
		return &fault{diag.BadPatient, message, "write completed years, as 41, or completed months, as 7 months; who is under a month old is 0 months"}
	}
	return nil
}

func setSex(p *Patient, text string) *fault {
	switch s := Sex(strings.ToLower(text)); s {
	case Female, Male:
		p.Sex = s
		return nil
	}
	p.Sex = ""
	return &fault{diag.BadWord, "formulas were derived for female and male patients, and this is neither", "write female or male"}
}

func setZone(p *Patient, text string) *fault {
	zone, err := civil.LoadZone(text)
	p.TimeZone, p.Zone = text, zone
	if err != nil {
		help := diag.DidYouMean(text, nearZones(text))
		if strings.ContainsAny(text, "0123456789") { // an offset that is near in letters is hours away
			help = "name a place: an offset does not know when clocks change"
		}
		return &fault{diag.BadPatient, err.Error(), help}
	}
	return nil
}

func setAcuity(p *Patient, text string) *fault {
	if p.HighAcuity = text == "high"; text != "high" && text != "usual" {
		return &fault{diag.BadWord, "the acuity is high or usual, and this is neither", "write high or usual"}
	}
	return nil
}

// pairsOf returns the shape of a mapping of names, or a list of texts such as name=value.
func pairsOf(of, text, pattern string) grammar.Shape {
	m := grammar.Map(of, grammar.Pattern(text, pattern))
	list := grammar.List(grammar.Pattern("", `[^=]+= *`+pattern))
	return grammar.Shape{Text: m.Text, Schema: map[string]any{"anyOf": []any{m.Schema, list.Schema}}}
}

func setReceived(p *Patient, name, text string) *fault {
	total, err := quantity.Parse(text)
	switch dim := total.Unit().Dimension(); {
	case err != nil, dim == quantity.Length, dim == quantity.Area, dim == quantity.Ratio, total.Unit().Per() == quantity.PerMillilitre:
		return &fault{diag.BadPatient, "what was received is not a total of a medicine", "write it as doxorubicin=400mg, or 240mg/m2"}
	}
	p.Received = append(p.Received, Received{name, total})
	return nil
}

func setMeasured(p *Patient, name, text string) *fault {
	v, ok := lab.Parse(text)
	if !ok {
		return &fault{diag.BadPatient, "a measurement has no number with a unit that is known", "write it as creatinine=1.1mg/dL; units are " + strings.Join(lab.Units(), ", ")}
	}
	if p.Measurement(name).IsSet() {
		return &fault{diag.BadPatient, "a measurement is stated twice", "state the last one"}
	}
	p.Measured = append(p.Measured, Measured{name, v})
	return nil
}

func setDate(p *Patient, name, text string) *fault {
	day, clock, timed := strings.Cut(text, " ")
	on, f := date(day)
	if f != nil {
		return f
	}
	at := civil.OptionalClock{}
	if timed {
		c, err := civil.ParseClock(clock)
		if err != nil {
			return &fault{diag.BadTime, err.Error(), "write the date with its time as 2026-07-01 09:00"}
		}
		at = civil.SomeClock(c)
	}
	if _, twice := p.Date(name); twice {
		return &fault{diag.BadPatient, "a date is stated twice", "state it once"}
	}
	p.Dates = append(p.Dates, Named{name, on, at})
	return nil
}

// measure reads an amount of a dimension between two others, in one of some units.
func measure(text, what, want string, dim quantity.Dimension, min, max quantity.Amount, units ...quantity.Unit) (quantity.Amount, *fault) {
	a, err := quantity.Parse(text)
	var pe *quantity.ParseError
	switch {
	case errors.As(err, &pe):
		help := "write it " + want
		names := make([]string, len(units))
		for i, u := range units {
			names[i] = u.String()
		}
		if near, ok := diag.Nearest(pe.Unit, names); pe.Unit != "" && ok {
			help = "did you mean “" + near + "”?"
		}
		return quantity.Amount{}, &fault{diag.BadAmount, what + ": " + withoutFigures(pe), help}
	case !grammar.In(dim)(a.Unit()) || !slices.Contains(units, a.Unit()):
		return quantity.Amount{}, &fault{diag.BadPatient, what + " cannot be in " + a.Unit().String(), "write it " + want}
	case a.Cmp(min) < 0 || a.Cmp(max) > 0:
		return quantity.Amount{}, &fault{diag.BadPatient, what + " is not that of a person (" + min.String() + " to " + max.String() + ")", "check the number and the unit"}
	}
	return a, nil
}

// withoutFigures returns the reason of an error without the text that it is about; a unit alone
// says nothing of the patient.
func withoutFigures(pe *quantity.ParseError) string {
	if pe.Unit != "" && !strings.ContainsAny(pe.Text, "0123456789") {
		return pe.Reason
	}
	text := "“" + pe.Text + "”"
	return strings.NewReplacer(" in "+text, "", "the number "+text, "the number", " "+text, "", text, "it").Replace(pe.Reason)
}

// setHeight also reads feet and inches: "5 ft 10 in".
func setHeight(p *Patient, text string) (f *fault) {
	const want = "as 178cm or 5ft10in"
	if strings.ContainsAny(text, "\"″”") {
		return &fault{diag.BadPatient, "feet and inches are written out in a height", "write it " + want + "; inches alone as 70in"}
	}
	ft, in, ok := strings.Cut(text, "ft")
	if !ok || strings.TrimSpace(in) == "" {
		p.Height, f = measure(text, "a height", want, quantity.Length, minHeight, maxHeight, quantity.Centimetre, quantity.Inch, quantity.Foot, metre)
		return f
	}
	feet, err1 := quantity.Parse(strings.TrimSpace(ft) + " ft")
	inches, err2 := quantity.Parse(strings.TrimSpace(in))
	if err1 != nil || err2 != nil || inches.Unit() != quantity.Inch || inches.Cmp(quantity.New(12, 1, quantity.Inch)) >= 0 {
		return &fault{diag.BadPatient, "this is not a height in feet and inches", "write it " + want}
	}
	p.Height, f = measure(feet.In(quantity.Inch).Add(inches).String(), "a height", want, quantity.Length, minHeight, maxHeight, quantity.Inch)
	return f
}

func date(text string) (civil.Date, *fault) {
	d, err := civil.ParseDate(text)
	if err == nil {
		return d, nil
	}
	help := "write year-month-day, as 2026-03-02"
	if strings.EqualFold(text, "today") {
		help += ": the same line then gives the same page on any day"
	}
	return d, &fault{diag.BadTime, "this is not a date in ISO form, or there is no such day", help}
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
	return nil
}
