package quantity

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// An Amount is an exact number with a unit. It is immutable. The zero Amount
// stands for "not stated": [Amount.IsSet] reports false for it.
type Amount struct {
	v    ratio
	unit Unit
}

// Limits of what a literal may hold. They bound every later computation.
const (
	maxIntegerDigits  = 9
	maxFractionDigits = 6
)

// A ParseError says why a text is not an amount.
type ParseError struct {
	Text   string
	Reason string // lower-case clause, without a final point
	Want   string // the spelling to use, if there is one
	Unit   string // the unknown unit, if that is what is wrong
}

func (e *ParseError) Error() string {
	if e.Want != "" {
		return e.Reason + "; write " + quote(e.Want)
	}
	return e.Reason
}

// Parse reads an amount such as "0.5 mg/kg", "72kg" or "30 %". The unit must be there.
func Parse(text string) (Amount, error) {
	num, rest := splitNumber(ungrouped(text))
	v, err := parseDecimal(text, num)
	if err != nil {
		return Amount{}, err
	}
	unit := strings.TrimLeft(rest, " ")
	if unit == "" {
		return Amount{}, &ParseError{Text: text, Reason: "the number " + quote(text) + " has no unit"}
	}
	u, err := ParseUnit(unit)
	if err != nil {
		if pe, ok := err.(*ParseError); ok && pe.Want != "" {
			pe.Want = num + " " + pe.Want + strings.TrimPrefix(unit, strings.SplitN(unit, "/", 2)[0])
		}
		return Amount{}, err
	}
	return Amount{v, u}, nil
}

// MustParse is Parse for literals in code; it panics on an error.
func MustParse(text string) Amount {
	a, err := Parse(text)
	if err != nil {
		panic(fmt.Sprintf("quantity.MustParse(%q): %v", text, err))
	}
	return a
}

// ParseNumber reads a plain decimal without a unit.
func ParseNumber(text string) (Amount, error) {
	num, rest := splitNumber(text)
	v, err := parseDecimal(text, num)
	if err != nil {
		return Amount{}, err
	}
	if rest != "" {
		return Amount{}, &ParseError{Text: text, Reason: quote(text) + " is not a plain number"}
	}
	return Amount{v: v}, nil
}

func splitNumber(text string) (num, rest string) {
	i := 0
	for i < len(text) && strings.IndexByte("0123456789.,-+_eE", text[i]) >= 0 {
		// "e" belongs to a number only between digits: 1e3 is refused, 5 each is not a number.
		if (text[i] == 'e' || text[i] == 'E') && (i+1 >= len(text) || strings.IndexByte("0123456789+-", text[i+1]) < 0) {
			break
		}
		i++
	}
	return text[:i], text[i:]
}

func parseDecimal(text, num string) (ratio, error) {
	fail := func(reason, want string) (ratio, error) {
		return ratio{}, &ParseError{Text: text, Reason: reason, Want: want}
	}
	whole, frac, point := strings.Cut(num, ".")
	switch {
	case num == "":
		return fail(quote(text)+" does not start with a number", "")
	case strings.ContainsAny(num, "-+"):
		return fail("the number in "+quote(text)+" has a sign; amounts are never negative", "")
	case strings.ContainsAny(num, "eE_"):
		return fail("the number in "+quote(text)+" is not a plain decimal", "")
	case strings.Contains(num, ","):
		return fail("the number in "+quote(text)+" has a comma, which some read as a decimal point and some as thousands", "")
	case strings.Contains(frac, "."):
		return fail("the number in "+quote(text)+" has two decimal points", "")
	case whole == "":
		return fail("the number in "+quote(text)+" has no digit before the point", "0"+text)
	case point && frac == "":
		return fail("the number in "+quote(text)+" has no digit after the point", whole+strings.TrimPrefix(text, num))
	case len(whole) > 1 && whole[0] == '0':
		return fail("the number in "+quote(text)+" has a leading zero", "")
	case len(whole) > maxIntegerDigits || len(frac) > maxFractionDigits:
		return fail(fmt.Sprintf("the number in %s has more than %d digits before or %d after the point", quote(text), maxIntegerDigits, maxFractionDigits), "")
	}
	// The digits fit 64 bits by the limit on them.
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil {
		return fail(quote(text)+" is not a number", "")
	}
	den := int64(1)
	for range frac {
		den *= 10
	}
	return newRatio(n, den), nil
}

// New returns n/d in the unit u.
func New(n, d int64, u Unit) Amount { return Amount{newRatio(n, d), u} }

// Zero returns none of the unit u.
func Zero(u Unit) Amount { return Amount{newRatio(0, 1), u} }

// IsSet reports whether a holds a number at all, zero included.
func (a Amount) IsSet() bool { return a.v.isSet() }

// Unit returns the unit of a.
func (a Amount) Unit() Unit { return a.unit }

// Sign returns 0 for an amount that is zero or not set, and 1 or -1 otherwise.
func (a Amount) Sign() int { return a.val().sign() }

// val is the number of a: zero where it is not set.
func (a Amount) val() ratio {
	if !a.v.isSet() {
		return ratio{den: 1}
	}
	return a.v
}

// In returns a converted to the unit u, exactly. It panics if the two cannot be compared.
func (a Amount) In(u Unit) Amount {
	if a.unit == u {
		return a
	}
	if !a.unit.Comparable(u) {
		panic("quantity: " + a.unit.String() + " does not convert to " + u.String())
	}
	return Amount{a.val().mul(a.unit.factor()).quo(u.factor()), u}
}

// Cmp compares a and b, which must have comparable units: -1, 0 or 1.
func (a Amount) Cmp(b Amount) int { return a.val().cmp(b.In(a.unit).val()) }

// Add returns a + b in the unit of a.
func (a Amount) Add(b Amount) Amount {
	return Amount{a.val().add(b.In(a.unit).val()), a.unit}
}

// Sub returns a − b in the unit of a. The result may be negative.
func (a Amount) Sub(b Amount) Amount {
	return Amount{a.val().add(b.In(a.unit).val().neg()), a.unit}
}

// Times returns n/d × a.
func (a Amount) Times(n, d int64) Amount {
	return Amount{a.val().mul(newRatio(n, d)), a.unit}
}

// Scale returns a × f, where f is a bare number or a percentage.
func (a Amount) Scale(f Amount) Amount {
	if d := f.unit.Dimension(); d != Dimensionless && d != Ratio {
		panic("quantity: cannot scale by " + f.unit.String())
	}
	return Amount{f.val().mul(f.unit.factor()).mul(a.val()), a.unit}
}

// Resolve multiplies a rate by its denominator: 0.5 mg/kg × 72 kg is 36 mg. The
// unit of by must be a mass for a rate per kg, an area for one per m2, and a
// volume for one per mL; otherwise it panics.
func (a Amount) Resolve(by Amount) Amount {
	var want Unit
	switch a.unit.per {
	case PerKilogram:
		want = Kilogram
	case PerSquareMetre:
		want = SquareM
	case PerMillilitre:
		want = Millilitre
	default:
		panic("quantity: " + a.unit.String() + " is not a rate")
	}
	return Amount{a.val().mul(by.In(want).val()), a.unit.WithPer(PerNothing)}
}

// Quo returns the exact quotient a ÷ b of two comparable amounts as a bare number.
// It panics if b is zero.
func (a Amount) Quo(b Amount) Amount {
	return Amount{v: a.val().quo(b.In(a.unit).val())}
}

// Div returns a ÷ b, keeping a's unit, for b a bare number. It panics if b is zero.
func (a Amount) Div(b Amount) Amount {
	return Amount{a.val().quo(b.val()), a.unit}
}

// Number returns the number of a in its own unit, without the unit.
func (a Amount) Number() Amount { return Amount{v: a.v} }

// With returns the number of a in the unit u, without any conversion.
func (a Amount) With(u Unit) Amount { return Amount{a.v, u} }

// Mul returns the product of two bare numbers.
func (a Amount) Mul(b Amount) Amount {
	return Amount{v: a.val().mul(b.val())}
}

// SqrtFloor returns the square root of a bare number, cut (not rounded) after
// the given number of decimals, so that the result never exceeds the true root.
func (a Amount) SqrtFloor(decimals int) Amount {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	v := a.val().rat()
	n := new(big.Int).Mul(v.Num(), new(big.Int).Mul(scale, scale))
	n.Quo(n, v.Denom()).Sqrt(n)
	return Amount{v: fromBig(new(big.Rat).SetFrac(n, scale))}
}

// Min returns the smaller of two comparable amounts, the first if they are equal.
func Min(a, b Amount) Amount {
	if b.Cmp(a) < 0 {
		return b
	}
	return a
}

// Max returns the larger of two comparable amounts, the first if they are equal.
func Max(a, b Amount) Amount {
	if b.Cmp(a) > 0 {
		return b
	}
	return a
}

// Int returns the number of a as an integer, if it is one that fits.
func (a Amount) Int() (int, bool) {
	n, ok := a.v.int64()
	return int(n), ok && int64(int(n)) == n
}

var million = newRatio(1e6, 1)

// Scaled returns a × 10⁶ as an integer, for sums over long calendars. ok is false where
// a is not a multiple of 10⁻⁶ or does not fit.
func (a Amount) Scaled() (n int64, ok bool) { return a.val().mul(million).int64() }

// FromScaled is the inverse of Scaled.
func FromScaled(n int64, u Unit) Amount { return New(n, 1e6, u) }

// printDecimals is how many decimals String prints of a number that goes on.
const printDecimals = 4

// maxDecimals is how many decimals are printed of a number that ends.
const maxDecimals = 12

// Exact reports whether Decimal prints all of a.
func (a Amount) Exact() bool {
	_, exact := a.val().decimals(maxDecimals)
	return exact
}

// Decimal returns the number of a without its unit: exactly if it has at most
// twelve decimals, otherwise rounded half away from zero to four.
func (a Amount) Decimal() string {
	v := a.val()
	if n, exact := v.decimals(maxDecimals); exact {
		return v.fixed(n)
	}
	s := v.fixed(printDecimals)
	s = strings.TrimRight(s, "0")
	return strings.TrimSuffix(s, ".")
}

// String returns the amount as people read it, such as "0.5 mg/kg": a number of five digits or more is
// grouped in thousands by no-break spaces, which [Parse] reads; one that is not printed in full starts with "≈".
// Counts of one drop the plural.
func (a Amount) String() string { return a.text(grouped) }

// Text returns the amount as files and flags hold it: like String, but for the groups.
func (a Amount) Text() string { return a.text(func(number string) string { return number }) }

// groupSpace parts thousands: no comma, which some read as a decimal point.
const groupSpace = "\u00a0"

// grouped parts the thousands of a decimal number of five digits or more, as ISO 80000-1 has it.
func grouped(number string) string {
	whole, _, _ := strings.Cut(number, ".")
	if len(whole) < 5 {
		return number
	}
	out := whole[:(len(whole)-1)%3+1]
	for at := len(out); at < len(whole); at += 3 {
		out += groupSpace + whole[at:at+3]
	}
	return out + number[len(whole):]
}

// ungrouped takes the spaces out between the thousands with which a text begins.
func ungrouped(text string) string {
	digits := func(s string) bool { return len(s) >= 3 && strings.Trim(s[:3], "0123456789") == "" }
	for at := strings.Index(text, groupSpace); at > 0 && strings.Trim(text[:at], "0123456789") == "" && digits(text[at+len(groupSpace):]); at = strings.Index(text, groupSpace) {
		text = text[:at] + text[at+len(groupSpace):]
	}
	return text
}

func (a Amount) text(number func(string) string) string {
	if !a.v.isSet() {
		return "not stated"
	}
	s := number(a.Decimal())
	if a.unit.Dimension() == Ratio {
		s += " %"
	} else if a.unit != None {
		name := a.unit.String()
		if a.unit.Dimension() == Count && s == "1" {
			name = baseUnits[a.unit.base].also[0]
		}
		s += " " + name
	}
	if !a.Exact() {
		s = "≈" + s
	}
	return s
}

// ScaledFloor is Scaled for a bound: what does not come out even is cut, so that no sum
// under the result passes a.
func (a Amount) ScaledFloor() (n int64, ok bool) { return a.val().mul(million).floor().int64() }

// FloorTo returns the largest multiple of a step that is not above a.
func (a Amount) FloorTo(step Amount) Amount {
	step = step.In(a.unit)
	return Amount{floor(a, step).mul(step.val()), a.unit}
}
