package dispense_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/quantity"
)

func mg(n, d int64) quantity.Amount { return quantity.New(n, d, quantity.Milligram) }

func amounts(list ...int64) []quantity.Amount {
	var out []quantity.Amount
	for _, n := range list {
		out = append(out, mg(n, 1))
	}
	return out
}

func words(m dispense.Made) string {
	text := ""
	for _, p := range m.Pieces {
		text += fmt.Sprintf("%d+%d/%d of %v; ", p.Whole, p.Part, p.Parts, p.Strength)
	}
	return fmt.Sprintf("%s%d units, rest %v", text, m.Units, m.Rest)
}

// Worked by hand.
func TestMake(t *testing.T) {
	for _, c := range []struct {
		form   dispense.Form
		amount quantity.Amount
		want   string
	}{
		{dispense.Form{Strengths: amounts(20)}, mg(60, 1), "3+0/1 of 20 mg; 3 units, rest 0 mg"},
		{dispense.Form{Strengths: amounts(30, 60)}, mg(180, 1), "3+0/1 of 60 mg; 3 units, rest 0 mg"},
		{dispense.Form{Strengths: amounts(30, 60)}, mg(150, 1), "2+0/1 of 60 mg; 1+0/1 of 30 mg; 3 units, rest 0 mg"},
		// The largest first would take 1 of 50 and no way on; two of 30 are right.
		{dispense.Form{Strengths: amounts(50, 30)}, mg(60, 1), "2+0/1 of 30 mg; 2 units, rest 0 mg"},
		{dispense.Form{Strengths: amounts(100), Parts: 4}, mg(75, 1), "0+3/4 of 100 mg; 1 units, rest 25 mg"},
		{dispense.Form{Strengths: amounts(100), Parts: 4}, mg(225, 1), "2+1/4 of 100 mg; 3 units, rest 75 mg"},
		// One unit either way: half of 50 leaves less over than a quarter of 100.
		{dispense.Form{Strengths: amounts(100, 50), Parts: 4}, mg(25, 1), "0+2/4 of 50 mg; 1 units, rest 25 mg"},
		{dispense.Form{Strengths: amounts(25), Parts: 2}, mg(75, 2), "1+1/2 of 25 mg; 2 units, rest 12.5 mg"},
		{dispense.Form{Strengths: amounts(500), Drawn: true}, mg(36, 1), "1+0/1 of 500 mg; 1 units, rest 464 mg"},
		{dispense.Form{Strengths: amounts(500, 200), Drawn: true}, mg(36, 1), "1+0/1 of 200 mg; 1 units, rest 164 mg"},
		{dispense.Form{Strengths: amounts(100, 400), Drawn: true}, mg(450, 1), "1+0/1 of 400 mg; 1+0/1 of 100 mg; 2 units, rest 50 mg"},
		{dispense.Form{Strengths: []quantity.Amount{quantity.New(1, 2, quantity.Milligram.WithPer(quantity.PerNothing)), mg(5, 2)}}, mg(3, 1), "1+0/1 of 2.5 mg; 1+0/1 of 0.5 mg; 2 units, rest 0 mg"},
	} {
		m, err := c.form.Make(c.amount)
		if err != nil || words(m) != c.want {
			t.Errorf("%v of %v: %s, %v, want %s", c.amount, c.form, words(m), err, c.want)
		}
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	for _, c := range []struct {
		form         dispense.Form
		amount       quantity.Amount
		err          error
		below, above string
	}{
		{dispense.Form{Strengths: amounts(20)}, mg(50, 1), dispense.ErrCannot, "40 mg", "60 mg"},
		{dispense.Form{Strengths: amounts(28)}, mg(60, 1), dispense.ErrCannot, "56 mg", "84 mg"},
		{dispense.Form{Strengths: amounts(20)}, mg(5, 1), dispense.ErrCannot, "", "20 mg"},
		{dispense.Form{Strengths: amounts(100), Parts: 4}, mg(60, 1), dispense.ErrCannot, "50 mg", "75 mg"},
		{dispense.Form{Strengths: amounts(50, 30)}, mg(70, 1), dispense.ErrCannot, "60 mg", "80 mg"},
		{dispense.Form{Strengths: amounts(20)}, mg(1, 3), dispense.ErrCannot, "", "20 mg"},
		{dispense.Form{}, mg(5, 1), dispense.ErrCannot, "", ""},
		{dispense.Form{Strengths: []quantity.Amount{mg(1, 1_000_000)}}, mg(1000, 1), dispense.ErrFine, "", ""},
	} {
		_, err := c.form.Make(c.amount)
		below, above := c.form.Near(c.amount)
		if !errors.Is(err, c.err) || text(below) != c.below || text(above) != c.above {
			t.Errorf("%v of %v: %v, below %s, above %s", c.amount, c.form, err, text(below), text(above))
		}
	}
}

func text(a quantity.Amount) string {
	if !a.IsSet() {
		return ""
	}
	return a.String()
}

// brute tries every number of parts of every strength, in plain whole numbers, and returns the
// fewest units and the least left over, or false. Sizes are in parts.
func brute(sizes []int, parts, amount int) (units, rest int, ok bool) {
	var try func(i, left, units, rest int)
	best := [2]int{1 << 30, 0}
	try = func(i, left, n, over int) {
		if left == 0 && (n < best[0] || n == best[0] && over < best[1]) {
			best, ok = [2]int{n, over}, true
		}
		if i == len(sizes) || left <= 0 {
			return
		}
		for k := 0; k*sizes[i] <= left; k++ {
			opened := (k + parts - 1) / parts
			try(i+1, left-k*sizes[i], n+opened, over+(opened*parts-k)*sizes[i])
		}
	}
	try(0, amount, 0, 0)
	return best[0], best[1], ok
}

// Every amount of every drawn form is made up as trying everything says: as few units, as little
// left over, and to the milligram.
func TestMakeAgainstEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "parts")
		sizes := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 1, 3, rapid.ID[int]).Draw(t, "sizes")
		amount := rapid.IntRange(1, 60).Draw(t, "amount")
		form := dispense.Form{Parts: parts}
		for _, s := range sizes {
			form.Strengths = append(form.Strengths, mg(int64(s*parts), 1))
		}
		m, err := form.Make(mg(int64(amount), 1))
		units, rest, ok := brute(sizes, parts, amount)
		if ok != (err == nil) {
			t.Fatalf("it can be made: %v, but %v", ok, err)
		}
		if !ok {
			return
		}
		sum := mg(0, 1)
		for _, p := range m.Pieces {
			sum = sum.Add(p.Strength.Times(int64(p.Whole), 1)).Add(p.Strength.Times(int64(p.Part), int64(p.Parts)))
		}
		if m.Units != units || m.Rest.Cmp(mg(int64(rest), 1)) != 0 || sum.Cmp(mg(int64(amount), 1)) != 0 {
			t.Fatalf("%s, come to %v; want %d units, rest %d", words(m), sum, units, rest)
		}
	})
}

// Drawn amounts take the fewest whole units that hold them, and then the smallest.
func TestDrawnAgainstEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfNDistinct(rapid.IntRange(1, 20), 1, 3, rapid.ID[int]).Draw(t, "sizes")
		amount := rapid.IntRange(1, 60).Draw(t, "amount")
		form := dispense.Form{Drawn: true}
		for _, s := range sizes {
			form.Strengths = append(form.Strengths, mg(int64(s), 1))
		}
		m, err := form.Make(mg(int64(amount), 1))
		units, rest := 1<<30, 0
		for held := amount; held <= amount+20; held++ {
			if n, _, ok := brute(sizes, 1, held); ok && n < units {
				units, rest = n, held-amount
			}
		}
		if err != nil || m.Units != units || m.Rest.Cmp(mg(int64(rest), 1)) != 0 {
			t.Fatalf("%s, %v; want %d units, rest %d", words(m), err, units, rest)
		}
	})
}
