package quantity

import (
	"math/big"
	"sync"
)

// powerBits is how many binary places the logarithms of TimesPowers have: far more than any
// result keeps, so that cutting never sees their last places.
const powerBits = 128

// TimesPowers returns the bare number a × xᵖ × yᵠ of bare numbers, of which x and y are more than
// nothing, cut after some decimals. It works on whole numbers alone.
func (a Amount) TimesPowers(x, p, y, q Amount, decimals int) Amount {
	power := new(big.Int).Add(timesFixed(logarithm(x.val().rat()), p), timesFixed(logarithm(y.val().rat()), q))
	n := exponential(power)
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	c := a.val().rat()
	n.Mul(n, c.Num()).Mul(n, scale).Quo(n, c.Denom()).Rsh(n, powerBits)
	return Amount{v: fromBig(new(big.Rat).SetFrac(n, scale))}
}

// timesFixed returns a fixed-point number times a bare number.
func timesFixed(f *big.Int, by Amount) *big.Int {
	r := by.val().rat()
	out := new(big.Int).Mul(f, r.Num())
	return out.Quo(out, r.Denom())
}

// ln2 is the logarithm of 2 in fixed point: 2 artanh(1/3).
var ln2 = sync.OnceValue(func() *big.Int { return artanhTwice(big.NewInt(1), big.NewInt(3)) })

// artanhTwice returns 2 artanh(n/d), which is the logarithm of (d+n)/(d−n), in fixed point.
func artanhTwice(n, d *big.Int) *big.Int {
	z := new(big.Int).Lsh(new(big.Int).Abs(n), powerBits)
	z.Quo(z, d)
	square := new(big.Int).Mul(z, z)
	square.Rsh(square, powerBits)
	sum, term := new(big.Int), new(big.Int).Set(z)
	for i := int64(1); term.Sign() != 0; i += 2 {
		sum.Add(sum, new(big.Int).Quo(term, big.NewInt(i)))
		term.Mul(term, square).Rsh(term, powerBits)
	}
	sum.Lsh(sum, 1)
	if n.Sign() < 0 {
		sum.Neg(sum)
	}
	return sum
}

// logarithm returns the natural logarithm of a number in fixed point.
func logarithm(v *big.Rat) *big.Int {
	num, den := new(big.Int).Set(v.Num()), new(big.Int).Set(v.Denom())
	twos := num.BitLen() - den.BitLen()
	if twos > 0 {
		den.Lsh(den, uint(twos))
	} else {
		num.Lsh(num, uint(-twos))
	}
	// The logarithm of num/den, which lies between a half and two.
	out := artanhTwice(new(big.Int).Sub(num, den), new(big.Int).Add(num, den))
	return out.Add(out, new(big.Int).Mul(ln2(), big.NewInt(int64(twos))))
}

// exponential returns e to a power, both in fixed point.
func exponential(power *big.Int) *big.Int {
	twos, rest := new(big.Int).DivMod(power, ln2(), new(big.Int))
	sum := new(big.Int).Lsh(big.NewInt(1), powerBits)
	term := new(big.Int).Set(sum)
	for i := int64(1); term.Sign() != 0; i++ {
		term.Mul(term, rest).Rsh(term, powerBits).Quo(term, big.NewInt(i))
		sum.Add(sum, term)
	}
	if n := twos.Int64(); n >= 0 {
		return sum.Lsh(sum, uint(n))
	}
	return sum.Rsh(sum, uint(-twos.Int64()))
}
