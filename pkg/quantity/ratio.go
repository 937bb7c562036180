package quantity

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// A ratio is an exact rational number. Numbers whose lowest terms fit 64 bits, which are
// nearly all there are, are num/den; others are in big. The zero ratio is not set.
type ratio struct {
	num, den int64 // lowest terms, den > 0; den = 0 where big is used
	big      *big.Rat
}

func (r ratio) isSet() bool { return r.den != 0 || r.big != nil }

// newRatio returns num/den for a den that is not zero.
func newRatio(num, den int64) ratio {
	if num == math.MinInt64 || den == math.MinInt64 {
		return fromBig(big.NewRat(num, den))
	}
	if den < 0 {
		num, den = -num, -den
	}
	g := gcd(abs(num), uint64(den))
	return ratio{num: num / int64(g), den: den / int64(g)}
}

// fromBig takes v over, which must not be changed afterwards.
func fromBig(v *big.Rat) ratio {
	if v.Num().IsInt64() && v.Denom().IsInt64() && v.Num().Int64() != math.MinInt64 {
		return ratio{num: v.Num().Int64(), den: v.Denom().Int64()}
	}
	return ratio{big: v}
}

// rat returns r as a number that must not be changed.
func (r ratio) rat() *big.Rat {
	if r.big != nil {
		return r.big
	}
	if r.den == 0 {
		return new(big.Rat)
	}
	return big.NewRat(r.num, r.den)
}

func (r ratio) sign() int {
	if r.big != nil {
		return r.big.Sign()
	}
	return cmp.Compare(r.num, 0)
}

func abs(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}

// times returns a × b, and false where it does not fit. Neither is math.MinInt64.
func times(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(abs(a), abs(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func (r ratio) mul(s ratio) ratio {
	if r.den != 0 && s.den != 0 {
		g, h := int64(gcd(abs(r.num), uint64(s.den))), int64(gcd(abs(s.num), uint64(r.den)))
		num, ok1 := times(r.num/g, s.num/h)
		den, ok2 := times(r.den/h, s.den/g)
		if ok1 && ok2 {
			return ratio{num: num, den: den}
		}
	}
	return fromBig(new(big.Rat).Mul(r.rat(), s.rat()))
}

// quo returns r ÷ s; it panics if s is zero.
func (r ratio) quo(s ratio) ratio {
	if s.den != 0 && s.num != 0 {
		inverse := ratio{num: s.den, den: s.num}
		if s.num < 0 {
			inverse = ratio{num: -s.den, den: -s.num}
		}
		return r.mul(inverse)
	}
	return fromBig(new(big.Rat).Quo(r.rat(), s.rat()))
}

func (r ratio) neg() ratio {
	if r.den != 0 {
		return ratio{num: -r.num, den: r.den}
	}
	return fromBig(new(big.Rat).Neg(r.rat()))
}

func (r ratio) add(s ratio) ratio {
	if r.den != 0 && s.den != 0 {
		g := int64(gcd(uint64(r.den), uint64(s.den)))
		a, ok1 := times(r.num, s.den/g)
		b, ok2 := times(s.num, r.den/g)
		den, ok3 := times(r.den/g, s.den)
		if sum := a + b; ok1 && ok2 && ok3 && sum != math.MinInt64 && ((a < 0) != (b < 0) || (sum < 0) == (a < 0)) {
			return newRatio(sum, den)
		}
	}
	return fromBig(new(big.Rat).Add(r.rat(), s.rat()))
}

func (r ratio) cmp(s ratio) int {
	if r.den == 0 || s.den == 0 {
		return r.rat().Cmp(s.rat())
	}
	a, b := r.sign(), s.sign()
	if a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	h1, l1 := bits.Mul64(abs(r.num), uint64(s.den))
	h2, l2 := bits.Mul64(abs(s.num), uint64(r.den))
	if h1 != h2 {
		return a * cmp.Compare(h1, h2)
	}
	return a * cmp.Compare(l1, l2)
}

func (r ratio) isInt() bool {
	if r.big != nil {
		return r.big.IsInt()
	}
	return r.den == 1 || r.num == 0
}

// floor returns the largest integer that is not above r.
func (r ratio) floor() ratio {
	if r.den != 0 {
		n := r.num / r.den
		if r.num < 0 && n*r.den != r.num {
			n--
		}
		return ratio{num: n, den: 1}
	}
	v := r.rat()
	return fromBig(new(big.Rat).SetInt(new(big.Int).Div(v.Num(), v.Denom())))
}

// int64 returns r, if it is an integer that fits.
func (r ratio) int64() (int64, bool) {
	if r.den == 1 {
		return r.num, true
	}
	return 0, false
}

// decimals returns how many decimals r has, if they end after most of them.
func (r ratio) decimals(most int) (n int, exact bool) {
	if r.big != nil {
		n, exact = r.big.FloatPrec()
		return n, exact && n <= most
	}
	for power := uint64(1); n <= most; n++ {
		if power%uint64(r.den) == 0 {
			return n, true
		}
		power *= 10 // at most 10¹³
	}
	return n, false
}

// fixed returns r with so many decimals, at most maxDecimals, rounded half away from zero.
func (r ratio) fixed(decimals int) string {
	if r.big == nil && decimals == 0 && r.den == 1 {
		return strconv.FormatInt(r.num, 10)
	}
	power := int64(1)
	for range decimals {
		power *= 10
	}
	if r.big == nil && r.num >= 0 && power%r.den == 0 {
		if n, fits := times(r.num, power/r.den); fits {
			text := strconv.FormatInt(n, 10)
			if zeros := decimals + 1 - len(text); zeros > 0 {
				text = strings.Repeat("0", zeros) + text
			}
			return text[:len(text)-decimals] + "." + text[len(text)-decimals:]
		}
	}
	return r.rat().FloatString(decimals)
}
