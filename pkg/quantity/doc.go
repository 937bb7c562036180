// Package quantity holds exact amounts with a unit, and the arithmetic of doses.
//
// An [Amount] is an exact rational number with a [Unit]. No operation rounds
// except those whose purpose it is ([Rounding.Apply], [Amount.SqrtFloor], [Amount.FloorTo], [Amount.ScaledFloor]) and printing:
// 158.7 lb is exactly 71.985109119 kg, and 0.5 mg/kg of that is exactly
// 35.9925545595 mg until a rounding rule says what can be dispensed.
//
// # Text form
//
// Amounts are read as a plain decimal, an optional space and a unit: "0.5 mg/kg",
// "72kg". Refused are a missing unit, a missing digit before or after the point
// (".5", "5."), exponents, digit separators, leading zeros, and spellings of units
// that have been misread in practice. They print without trailing zeros and with
// a leading zero, as the lists of error-prone abbreviations of ISMP and the Joint
// Commission ask: "5 mg", never "5.0 mg"; "0.5 mg", never ".5 mg".
package quantity
