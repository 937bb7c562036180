package quantity

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// The arithmetic in 64 bits and beyond them agrees with math/big, and numbers that fit are
// never kept the long way, so that equal numbers are equal values.
func TestRatioAgreesWithBig(t *testing.T) {
	edge := rapid.SampledFrom([]int64{0, 1, -1, 2, 3, 7, 10, 1e9, -1e9, 45359237, 1 << 31, 1 << 32, 1 << 62, math.MaxInt64, -math.MaxInt64, math.MinInt64, math.MaxInt64 - 1})
	number := rapid.OneOf(edge, rapid.Int64(), rapid.Int64Range(-1000, 1000))
	draw := func(t *rapid.T, label string) ratio {
		den := number.Draw(t, label+" den")
		if den == 0 {
			den = 1
		}
		r := newRatio(number.Draw(t, label+" num"), den)
		if rapid.Bool().Draw(t, label+" long") {
			r = r.mul(newRatio(math.MaxInt64, 3)) // beyond 64 bits, more often than not
		}
		return r
	}
	same := func(t *rapid.T, what string, got ratio, want *big.Rat) {
		t.Helper()
		if got.rat().Cmp(want) != 0 {
			t.Fatalf("%s is %v, want %v", what, got.rat(), want)
		}
		if got != fromBig(want) && got.big == nil {
			t.Fatalf("%s is %+v, not in lowest terms", what, got)
		}
		if got.big != nil && fromBig(want).big == nil {
			t.Fatalf("%s is kept the long way: %v", what, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		x, y := a.rat(), b.rat()
		same(t, "a + b", a.add(b), new(big.Rat).Add(x, y))
		same(t, "a × b", a.mul(b), new(big.Rat).Mul(x, y))
		same(t, "−a", a.neg(), new(big.Rat).Neg(x))
		if y.Sign() != 0 {
			same(t, "a ÷ b", a.quo(b), new(big.Rat).Quo(x, y))
		}
		same(t, "⌊a⌋", a.floor(), new(big.Rat).SetInt(new(big.Int).Div(x.Num(), x.Denom())))
		if got, want := a.cmp(b), x.Cmp(y); got != want {
			t.Fatalf("comparing %v and %v gives %d", x, y, got)
		}
		if a.sign() != x.Sign() || a.isInt() != x.IsInt() {
			t.Fatalf("the sign or the wholeness of %v is wrong", x)
		}
	})
}

// Numbers are printed as package math/big prints them.
func TestFixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		num, den := rapid.Int64().Draw(t, "num"), rapid.OneOf(rapid.Int64Range(1, 1000), rapid.SampledFrom([]int64{1, 10, 1e6, 1e12, 1e13, 1 << 40, math.MaxInt64})).Draw(t, "den")
		if rapid.Bool().Draw(t, "small") {
			num %= 100000
		}
		r, want := newRatio(num, den), big.NewRat(num, den)
		n, exact := want.FloatPrec()
		if got, ok := r.decimals(12); ok != (exact && n <= 12) || ok && got != n {
			t.Fatalf("%d/%d has %d decimals, %v; want %d, %v", num, den, got, ok, n, exact)
		}
		for _, k := range []int{0, 4, 12, n % 13} {
			if got := r.fixed(k); got != want.FloatString(k) {
				t.Fatalf("%d/%d to %d decimals: %s, want %s", num, den, k, got, want.FloatString(k))
			}
		}
	})
}
