package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// A Units is how many whole units of one strength are taken.
type Units struct {
	N        int
	Strength quantity.Amount
}

// Bounds of the search for units: an amount in steps of what all strengths share, and units in
// one dose.
const (
	maxSteps = 20_000
	maxUnits = 30
)

// UnitsOf returns the fewest whole units of a route's strengths that make an amount exactly, the
// largest first; nil where no number of them does, or where the route names no strength.
func UnitsOf(r *protocol.Route, amount quantity.Amount) []Units {
	var sizes []int64
	var strengths []quantity.Amount
	total, ok := amount.Scaled()
	if !ok || total <= 0 {
		return nil
	}
	step := total
	for _, s := range r.Strengths {
		if !s.Unit().Comparable(amount.Unit()) {
			return nil
		}
		n, ok := s.In(amount.Unit()).Scaled()
		if !ok || n <= 0 {
			return nil
		}
		sizes, strengths, step = append(sizes, n), append(strengths, s), gcd(step, n)
	}
	steps := total / step
	if len(sizes) == 0 || steps > maxSteps {
		return nil
	}
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	// fewest[k] is how many units make k steps, and last[k] one of them: the largest, where several do.
	fewest, last := make([]int, steps+1), make([]int, steps+1)
	for k := int64(1); k <= steps; k++ {
		last[k] = -1
		for _, i := range order {
			if n := sizes[i] / step; n <= k && (k == n || last[k-n] >= 0) && (last[k] < 0 || fewest[k-n]+1 < fewest[k]) {
				fewest[k], last[k] = fewest[k-n]+1, i
			}
		}
	}
	if last[steps] < 0 || fewest[steps] > maxUnits {
		return nil
	}
	counts := make([]int, len(sizes))
	for k := steps; k > 0; k -= sizes[last[k]] / step {
		counts[last[k]]++
	}
	var list []Units
	for _, i := range order {
		if counts[i] > 0 {
			list = append(list, Units{counts[i], strengths[i]})
		}
	}
	return list
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// formNouns are the words for what is counted in formulations as protocols name them.
var formNouns = []string{"tablet", "capsule", "troche", "lozenge", "spray", "device", "puff", "film", "patch", "sachet", "suppository", "ampoule", "vial", "syringe", "pen", "drop", "caplet", "wafer", "pastille", "injection", "cartridge"}

// units says units in words: "1 troche of 25 mg", "2 rapid-dissolve tablets of 100 mg".
func (c *course) units(r *protocol.Route, list []Units) phrase.Words {
	var parts []phrase.Words
	for _, u := range list {
		form := bare(r.Form, u.Strength)
		if u.N > 1 && c.Lang == "en" {
			form = plural(form)
		}
		parts = append(parts, c.Count("units", u.N, phrase.V("form", phrase.Quote(form)), phrase.V("strength", c.Amount(u.Strength))))
	}
	return c.And(parts)
}

// bare returns a formulation without the strength that it names.
func bare(form string, strength quantity.Amount) string {
	return strings.TrimSuffix(form, " of "+strength.String())
}

// plural puts the noun of a formulation into the plural. One whose noun is not known is left as
// it is.
func plural(form string) string {
	words := strings.Split(form, " ")
	for i, w := range words {
		if slices.Contains(formNouns, w) {
			switch {
			case strings.HasSuffix(w, "y") && !strings.HasSuffix(w, "ay"):
				words[i] = strings.TrimSuffix(w, "y") + "ies"
			case strings.HasSuffix(w, "ch"):
				words[i] = w + "es"
			default:
				words[i] = w + "s"
			}
			break
		}
		if w == "of" {
			break
		}
	}
	// "nasal spray device" is counted in devices, not in sprays.
	if i := slices.Index(words, "sprays"); i >= 0 && i+1 < len(words) && slices.Contains(formNouns, words[i+1]) {
		words[i], words[i+1] = "spray", words[i+1]+"s"
	}
	return strings.Join(words, " ")
}

// dose says a dose in the words of the hand, with medicine and route: what to count or measure,
// and the amount where that does not say it.
func (c *course) dose(d *schedule.DoseInfo) phrase.Words {
	amount := c.Amount(d.Amount)
	key, hand := "take.dose", phrase.Text(amount)
	if list := UnitsOf(d.Route, d.Amount); list != nil && d.Route.Form != "" {
		hand = c.units(d.Route, list)
		if len(list) > 1 || list[0].N > 1 {
			key = "take.dose.total"
		}
	} else if d.Volume.IsSet() {
		key, hand = "take.dose.total", phrase.Text(c.Amount(d.Volume))
	}
	text := c.Say(key, phrase.V("hand", hand), phrase.V("medicine", phrase.Quote(d.Medication.Name)), phrase.V("route", c.route(d.Route.Name)), phrase.V("amount", amount))
	if d.Route.Over.IsSet() {
		text = phrase.Join([]phrase.Words{text, c.Say("over", phrase.V("time", c.Period(d.Route.Over)))}, " ")
	}
	return text
}

// count says what to count or measure, for a line that begins with the amount; nil where there
// is nothing.
func (c *course) count(d *schedule.DoseInfo) phrase.Words {
	if list := UnitsOf(d.Route, d.Amount); list != nil && d.Route.Form != "" {
		if len(list) == 1 && list[0].N == 1 { // its strength is the amount, which the line begins with
			return c.Say("unit", phrase.V("form", phrase.Quote(bare(d.Route.Form, list[0].Strength))))
		}
		return c.units(d.Route, list)
	}
	if d.Volume.IsSet() {
		return phrase.Text(c.Amount(d.Volume))
	}
	return nil
}

func (c *course) route(name string) phrase.Words {
	if key := "route." + name; c.Has(key) {
		return c.Say(key)
	}
	return phrase.Quote(protocol.RouteWords(name))
}
