package quantity

import (
	"slices"
	"strings"
)

// A Dimension says what kind of thing a unit measures. Only units of one
// dimension can be added, compared or converted into each other.
type Dimension uint8

// The dimensions. Activity is counted in international or other biological
// "units"; Count is a number of dosage forms.
const (
	Dimensionless Dimension = iota
	Mass
	Volume
	Length
	Area
	Activity
	Moles
	Equivalents
	Count
	Ratio         // per cent
	Radioactivity // of a radiopharmaceutical: decays in a second
)

// A Per is the denominator of a compound unit.
type Per uint8

// The denominators of compound units.
const (
	PerNothing     Per = iota
	PerKilogram        // of body weight
	PerSquareMetre     // of body surface
	PerMillilitre      // a concentration
)

var perNames = [...]string{"", "/kg", "/m2", "/mL"}

// A Unit is a unit of measurement with an optional denominator, such as mg,
// mg/kg or mg/mL. Units are comparable with ==; the zero Unit is a bare number.
type Unit struct {
	base uint8
	per  Per
}

type baseUnit struct {
	name string // as printed
	dim  Dimension
	// One of this unit is num/den of its dimension's base unit.
	num, den int64
	also     []string // other accepted spellings
}

// Dimension bases: mg, mL, cm, m2, MBq. Sources of the exact conversions: the
// international pound is 0.45359237 kg, the inch 2.54 cm and the curie 3.7e10 Bq by definition.
var baseUnits = [...]baseUnit{
	{"", Dimensionless, 1, 1, nil},
	{"mg", Mass, 1, 1, nil},
	{"g", Mass, 1000, 1, nil},
	{"mcg", Mass, 1, 1000, nil},
	{"ng", Mass, 1, 1000000, nil},
	{"kg", Mass, 1000000, 1, nil},
	{"lb", Mass, 45359237, 100, []string{"lbs"}},
	{"oz", Mass, 45359237, 1600, nil},
	{"mL", Volume, 1, 1, []string{"ml"}},
	{"L", Volume, 1000, 1, nil},
	{"cm", Length, 1, 1, nil},
	{"m", Length, 100, 1, nil},
	{"in", Length, 254, 100, nil},
	{"ft", Length, 3048, 100, nil},
	{"m2", Area, 1, 1, nil},
	{"units", Activity, 1, 1, []string{"unit", "IU"}}, // IU is read, as labels print it, and never printed
	{"mmol", Moles, 1, 1, nil},
	{"mEq", Equivalents, 1, 1, nil},
	{"MBq", Radioactivity, 1, 1, nil},
	{"kBq", Radioactivity, 1, 1000, nil},
	{"GBq", Radioactivity, 1000, 1, nil},
	{"mCi", Radioactivity, 37, 1, nil},
	{"tablets", Count, 1, 1, []string{"tablet"}},
	{"capsules", Count, 1, 1, []string{"capsule"}},
	{"puffs", Count, 1, 1, []string{"puff"}},
	{"sprays", Count, 1, 1, []string{"spray"}},
	{"drops", Count, 1, 1, []string{"drop"}},
	{"patches", Count, 1, 1, []string{"patch"}},
	{"vials", Count, 1, 1, []string{"vial"}},
	{"ampoules", Count, 1, 1, []string{"ampoule"}},
	{"sachets", Count, 1, 1, []string{"sachet"}},
	{"suppositories", Count, 1, 1, []string{"suppository"}},
	{"lozenges", Count, 1, 1, []string{"lozenge"}},
	{"%", Ratio, 1, 100, nil},
}

// Units that the rest of doseplan names.
var (
	None       = Unit{}
	Milligram  = mustUnit("mg")
	Gram       = mustUnit("g")
	Kilogram   = mustUnit("kg")
	Pound      = mustUnit("lb")
	Millilitre = mustUnit("mL")
	Centimetre = mustUnit("cm")
	Inch       = mustUnit("in")
	Foot       = mustUnit("ft")
	SquareM    = mustUnit("m2")
	Percent    = mustUnit("%")
)

// dangerous lists spellings that are refused because they have been misread
// (ISMP's list of error-prone abbreviations), with the wording to use.
var dangerous = map[string]string{
	"µg": "mcg", "μg": "mcg", "ug": "mcg", "u": "units", "U": "units",
	"iu": "units", "cc": "mL", "gm": "g", "Mg": "mg",
	"MG": "mg", "mgs": "mg", "Kg": "kg", "KG": "kg", "kgs": "kg",
}

// String returns the unit as it is printed: "mg", "mg/kg", "mg/m2".
func (u Unit) String() string { return baseUnits[u.base].name + perNames[u.per] }

// Dimension returns what the numerator of u measures.
func (u Unit) Dimension() Dimension { return baseUnits[u.base].dim }

// Per returns the denominator of u.
func (u Unit) Per() Per { return u.per }

// WithPer returns u with the denominator p: mg becomes mg/kg.
func (u Unit) WithPer(p Per) Unit { u.per = p; return u }

// Comparable reports whether amounts in u and v can be compared and added.
func (u Unit) Comparable(v Unit) bool {
	if u.per != v.per || u.Dimension() != v.Dimension() {
		return false
	}
	// Two counts of different dosage forms are not the same thing.
	return u.Dimension() != Count || u.base == v.base
}

func (u Unit) factor() ratio {
	b := &baseUnits[u.base]
	return newRatio(b.num, b.den)
}

// UnitNames returns every unit name that ParseUnit accepts without a
// denominator, in the order of the table of units: of some dimensions, or of all.
func UnitNames(dims ...Dimension) []string {
	var names []string
	for i := range baseUnits[1:] {
		b := &baseUnits[1+i]
		if len(dims) > 0 && !slices.Contains(dims, b.dim) {
			continue
		}
		names = append(names, b.name)
		names = append(names, b.also...)
	}
	return names
}

// ParseUnit reads a unit such as "mg", "mcg/kg" or "mg/m2". The error names
// the safe spelling where the text is one that has been misread.
func ParseUnit(text string) (Unit, error) {
	base, per, slash := strings.Cut(text, "/")
	var u Unit
	i := slices.IndexFunc(baseUnits[:], func(b baseUnit) bool {
		return b.name != "" && (b.name == base || slices.Contains(b.also, base))
	})
	if i < 0 {
		if safe, ok := dangerous[base]; ok {
			return Unit{}, &ParseError{Text: text, Reason: "the unit " + quote(base) + " is easily misread", Want: safe}
		}
		return Unit{}, &ParseError{Text: text, Reason: "unknown unit " + quote(text), Unit: base}
	}
	u.base = uint8(i)
	if !slash {
		return u, nil
	}
	switch per {
	case "kg":
		u.per = PerKilogram
	case "m2", "m²":
		u.per = PerSquareMetre
	case "mL", "ml":
		u.per = PerMillilitre
	default:
		return Unit{}, &ParseError{Text: text, Reason: "unknown unit " + quote(text) + ": an amount can be per kg, per m2 or per mL"}
	}
	return u, nil
}

func mustUnit(text string) Unit {
	u, err := ParseUnit(text)
	if err != nil {
		panic(err)
	}
	return u
}

func quote(s string) string { return "“" + s + "”" }
