package quantity

import (
	"fmt"
	"strings"
)

// A Rounding says which amounts can be dispensed: the multiples of Step.
type Rounding struct {
	Step  Amount // a step in the unit of the dose; must be positive, but for Exact
	Down  bool   // never up: to the multiple at or below
	Up    bool   // never down, but for a maximum: to the multiple at or above
	Exact bool   // not rounded at all: cut after six decimals of the amount's unit
}

// Fits reports whether amounts in u can be rounded so.
func (r Rounding) Fits(u Unit) bool { return r.Exact || r.Step.Unit().Comparable(u) }

// A Rounded is the outcome of a rounding, with what decided it.
type Rounded struct {
	Amount Amount
	Tie    bool // exactly between two multiples, so it went down
	Capped bool // the nearest multiple passed the maximum, so it stepped down
	Raised bool // the nearest multiple was under the minimum, so it stepped up
}

// Apply rounds a to the nearest multiple of the step; a tie goes down. The result
// never passes max: if the nearest multiple does, it is the largest one that does
// not. Nor does it fall under min where a multiple lies between the two. max and
// min may be unset. The error says that no multiple fits, or that a rounds to zero.
func (r Rounding) Apply(a, min, max Amount) (Rounded, error) {
	if r.Exact {
		r.Step, r.Down = New(1, 1e6, a.unit), true
	}
	step := r.Step.In(a.unit)
	n, tie := nearest(a, step)
	switch {
	case r.Down:
		n, tie = floor(a, step), false
	case r.Up:
		n, tie = ceil(a, step), false
	}
	out := Rounded{Tie: tie}
	if max.IsSet() {
		if top := floor(max, step); n.cmp(top) > 0 {
			n, out.Capped, out.Tie = top, true, false
		}
	}
	if min.IsSet() {
		if bottom := ceil(min, step); n.cmp(bottom) < 0 {
			if max.IsSet() && bottom.cmp(floor(max, step)) > 0 {
				return Rounded{}, fmt.Errorf("no multiple of %v lies between %v and %v", r.Step, min, max)
			}
			n, out.Raised, out.Tie = bottom, true, false
		}
	}
	if n.sign() <= 0 {
		return Rounded{}, fmt.Errorf("%v rounds to nothing in steps of %v", a, r.Step)
	}
	out.Amount = Amount{n.mul(step.v), a.unit}
	return out, nil
}

// IsMultiple reports whether a can be dispensed as it is.
func (r Rounding) IsMultiple(a Amount) bool {
	return r.Exact || a.val().quo(r.Step.In(a.unit).val()).isInt()
}

func (r Rounding) String() string {
	switch {
	case r.Exact:
		return "none"
	case r.Down:
		return r.Step.String() + " down"
	case r.Up:
		return r.Step.String() + " up"
	}
	return r.Step.String()
}

// ParseRounding reads "5 mg", "5 mg down", "5 mg up", "1/4 of 100 mg" or "none".
func ParseRounding(text string) (Rounding, error) {
	var r Rounding
	if text == "none" {
		return Rounding{Exact: true}, nil
	}
	body, down := strings.CutSuffix(text, " down")
	r.Down = down
	if !down {
		body, r.Up = strings.CutSuffix(text, " up")
	}
	frac, whole, ok := strings.Cut(body, " of ")
	if !ok {
		whole = body
	}
	a, err := Parse(whole)
	if err != nil {
		return Rounding{}, err
	}
	if ok {
		n, d, slash := strings.Cut(frac, "/")
		num, err1 := ParseNumber(n)
		den, err2 := ParseNumber(d)
		if !slash || err1 != nil || err2 != nil || den.Sign() == 0 {
			return Rounding{}, &ParseError{Text: text, Reason: quote(frac) + " is not a fraction", Want: "1/4 of " + whole}
		}
		a = a.Scale(num).Div(den)
	}
	if a.Sign() <= 0 {
		return Rounding{}, &ParseError{Text: text, Reason: "a rounding step must be more than nothing"}
	}
	if a.unit.per != PerNothing {
		return Rounding{}, &ParseError{Text: text, Reason: "a rounding step is an amount, not a rate"}
	}
	r.Step = a
	return r, nil
}

// floor returns how many whole steps fit into a.
func floor(a, step Amount) ratio { return a.val().quo(step.In(a.unit).val()).floor() }

// ceil returns how many whole steps cover a.
func ceil(a, step Amount) ratio {
	q := a.val().quo(step.In(a.unit).val())
	return q.neg().floor().neg()
}

// nearest returns a ÷ step rounded to an integer, ties down, and whether it was a tie.
func nearest(a, step Amount) (n ratio, tie bool) {
	q := a.val().quo(step.In(a.unit).val())
	n = q.floor()
	switch q.add(n.neg()).cmp(half) {
	case 0:
		return n, true
	case 1:
		n = n.add(one)
	}
	return n, false
}

var half, one = newRatio(1, 2), newRatio(1, 1)
