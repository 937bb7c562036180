// Package lab holds values that a laboratory measures of a patient: a number with a unit, and the
// clearance of creatinine that some doses follow from.
package lab

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Value is a bare number with one of [Units]. The zero Value is not set.
type Value struct {
	Number quantity.Amount
	Unit   string
}

// A unit is so many of the first unit of its kind.
type unit struct {
	name, kind string
	num, den   int64
}

// units are the units that values can have. Those of one kind are converted into each other; what
// a concentration in moles is in grams depends on the substance, and is not known here.
var units = [...]unit{
	{"g/L", "grams", 1, 1}, {"g/dL", "grams", 10, 1}, {"mg/dL", "grams", 1, 100}, {"mg/L", "grams", 1, 1000},
	{"mcg/mL", "grams", 1, 1000}, {"mcg/L", "grams", 1, 1_000_000}, {"ng/mL", "grams", 1, 1_000_000},
	{"mmol/L", "moles", 1, 1}, {"umol/L", "moles", 1, 1000}, {"nmol/L", "moles", 1, 1_000_000}, {"mEq/L", "equivalents", 1, 1},
	{"units/L", "units", 1, 1}, {"units/mL", "units", 1000, 1}, {"mIU/L", "units", 1, 1000}, {"mIU/mL", "units", 1, 1},
	{"mL/min", "clearance", 1, 1}, {"mL/min/1.73m2", "clearance of a surface", 1, 1},
	{"10^9/L", "cells", 1, 1}, {"cells/mcL", "cells", 1, 1000},
	{"%", "share", 1, 1}, {"mmol/mol", "share of moles", 1, 1}, {"mmHg", "pressure", 1, 1}, {"kPa", "pressure in pascal", 1, 1},
	{"points", "score", 1, 1}, {"INR", "ratio", 1, 1}, {"°C", "temperature", 1, 1},
	{"beats/min", "heart rate", 1, 1}, {"breaths/min", "breathing", 1, 1}, {"ms", "seconds", 1, 1000}, {"s", "seconds", 1, 1},
	{"days", "time", 1, 1}, {"weeks", "time", 7, 1},
	{"g", "mass", 1, 1}, {"mg", "mass", 1, 1000}, {"mcg", "mass", 1, 1_000_000}, {"units", "activity", 1, 1},
}

// Units returns the units that values can have.
func Units() []string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.name
	}
	return names
}

func find(name string) *unit {
	if i := slices.IndexFunc(units[:], func(u unit) bool { return u.name == name }); i >= 0 {
		return &units[i]
	}
	return nil
}

// ParseUnit reads a unit: one of [Units], or IU in place of units.
func ParseUnit(text string) (name string, ok bool) {
	if rest, is := strings.CutPrefix(text, "IU/"); is {
		text = "units/" + rest
	}
	return text, find(text) != nil
}

// Parse reads a value, as “1.1 mg/dL”. ok is false where the number is not plain or the unit not known.
func Parse(text string) (v Value, ok bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end <= 0 {
		return v, false
	}
	n, err := quantity.ParseNumber(text[:end])
	name, known := ParseUnit(strings.TrimSpace(text[end:]))
	if err != nil || !known {
		return v, false
	}
	return Value{n, name}, true
}

// IsSet reports whether there is a value.
func (v Value) IsSet() bool { return v.Unit != "" }

func (v Value) String() string { return v.Number.Decimal() + " " + v.Unit }

// In returns the number of v in another unit. ok is false where that is of another kind.
func (v Value) In(name string) (n quantity.Amount, ok bool) {
	from, to := find(v.Unit), find(name)
	if from == nil || to == nil || from.kind != to.kind {
		return n, false
	}
	return v.Number.Times(from.num*to.den, from.den*to.num), true
}

// Names of formulas: CockcroftGault of [Clearance], Schwartz of [Filtration].
const (
	CockcroftGault = "Cockcroft-Gault"
	Schwartz       = "Schwartz"
)

// FormulaUnit returns the unit of what a formula gives.
func FormulaUnit(formula string) string {
	if formula == Schwartz {
		return "mL/min/1.73m2"
	}
	return "mL/min"
}

// molesOfCreatinine is how many µmol/L of creatinine one mg/dL is, times 100: 88.42 of a molar mass of
// 113.12 g/mol, rounded as laboratories do to 88.4.
const molesOfCreatinine = 8840

// Creatinine returns the number of a creatinine in mg/dL, of a concentration in grams or moles.
func Creatinine(v Value) (n quantity.Amount, ok bool) {
	if n, ok = v.In("mg/dL"); ok {
		return n, true
	}
	if n, ok = v.In("umol/L"); ok {
		return n.Times(100, molesOfCreatinine), true
	}
	return n, false
}

// CreatinineIn returns the number of a creatinine in a unit, from grams into moles and back too.
func CreatinineIn(v Value, unit string) (n quantity.Amount, ok bool) {
	if n, ok = v.In(unit); ok {
		return n, true
	}
	if n, ok = Creatinine(v); !ok {
		return n, false
	}
	if to, ok := (Value{n, "mg/dL"}).In(unit); ok {
		return to, true
	}
	return Value{n.Times(molesOfCreatinine, 100), "umol/L"}.In(unit)
}

var (
	millionth = quantity.New(1, 1_000_000, quantity.None)
	factor    = quantity.New(72, 1, quantity.None)
)

// Clearance returns the clearance of creatinine in mL/min by Cockcroft and Gault (Nephron
// 1976;16:31-41), (140 − age) × weight in kg ÷ (72 × creatinine in mg/dL), and 85 % of that for
// women, cut after six decimals. ok is false where the formula says nothing: an age of 140 or more, no
// creatinine.
func Clearance(age int, weight, creatinine quantity.Amount, female bool) (mLmin quantity.Amount, ok bool) {
	if age >= 140 || creatinine.Sign() <= 0 || weight.Sign() <= 0 {
		return mLmin, false
	}
	n := weight.In(quantity.Kilogram).Number().Times(int64(140-age), 1).Div(factor.Mul(creatinine))
	if female {
		n = n.Times(85, 100)
	}
	return n.FloorTo(millionth), true
}

// Filtration returns the glomerular filtration rate of a child in mL/min/1.73m2 by the bedside formula of Schwartz
// and others (J Am Soc Nephrol 2009;20:629-637), 0.413 × height in cm ÷ creatinine in mg/dL, cut after six decimals.
// ok is false where there is no height or creatinine.
func Filtration(height, creatinine quantity.Amount) (n quantity.Amount, ok bool) {
	if creatinine.Sign() <= 0 || height.Sign() <= 0 {
		return n, false
	}
	return height.In(quantity.Centimetre).Number().Times(413, 1000).Div(creatinine).FloorTo(millionth), true
}

// Calvert returns the dose of carboplatin in mg for a target exposure in mg/mL × min, by Calvert
// (J Clin Oncol 1989;7:1748-1756): AUC × (clearance in mL/min + 25).
func Calvert(auc, clearance quantity.Amount) quantity.Amount {
	return auc.Mul(clearance.Add(quantity.New(25, 1, quantity.None)))
}
