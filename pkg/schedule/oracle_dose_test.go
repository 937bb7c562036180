package schedule_test

import (
	"math/big"
	"strings"

	"gopkg.in/yaml.v3"
)

// A standing is where in a run a part of a dose stands: steps count from there.
type standing struct {
	day  int // the number of its first day
	dose int // the number of its first dose
}

// amounts fills in the amounts of the doses of one run, which are those of s from an index on.
func (o *oracle) amounts(s *solution, from int) {
	base := standing{day: o.firstNumber(s.phase), dose: 1}
	s.counted = s.doses[from:]
	if s.phase.goesOn {
		s.counted = s.doses
	}
	for i := range s.doses[from:] {
		if d := &s.doses[from+i]; !d.rest {
			d.amount = o.amount(s, s.phase.dose, d, base)
		}
	}
	s.arrives = s.arrives || o.arrives(s, s.phase.dose, base)
}

// amount returns what a part of a dose comes to for one dose.
func (o *oracle) amount(s *solution, n *yaml.Node, d *oracleDose, base standing) *big.Rat {
	part, base := o.partOf(s, n, d, base)
	return amountOf(part, d, base)
}

// partOf returns the part of a dose that holds for one dose, and where it stands.
func (o *oracle) partOf(s *solution, n *yaml.Node, d *oracleDose, base standing) (*yaml.Node, standing) {
	keys := entries(n)
	switch {
	case keys["by weekday"] != nil:
		return o.partOf(s, ofWeekday(keys["by weekday"], d.place.day.weekday()), d, base)
	case keys["by day"] != nil:
		n, from := ofNumber(keys["by day"], d.day)
		return o.partOf(s, n, d, o.fromDay(s, from))
	case keys["by week"] != nil:
		n, from := ofNumber(keys["by week"], weekOf(d.day))
		return o.partOf(s, n, d, o.fromDay(s, 7*(from-1)+1))
	case keys["by day of cycle"] != nil:
		day := o.dayOfCycle(s, d)
		n, from := ofNumber(keys["by day of cycle"], day)
		return o.partOf(s, n, d, standing{d.day - (day - from), 1 << 30}) // anew in each cycle
	case keys["by dose"] != nil:
		n, from := ofNumber(keys["by dose"], d.counts)
		return o.partOf(s, n, d, o.fromDose(s, from))
	}
	return n, base
}

// dayOfCycle returns the day of a dose within its cycle, from 1.
func (o *oracle) dayOfCycle(s *solution, d *oracleDose) int {
	return mod(d.day-o.firstNumber(s.phase), s.phase.rule.cycle) + 1
}

// amountOf returns what a part without cases comes to for one dose.
func amountOf(n *yaml.Node, d *oracleDose, base standing) *big.Rat {
	keys := entries(n)
	switch {
	case n.Kind == yaml.ScalarNode:
		return milligrams(n.Value)
	case keys["start"] != nil:
		steps := readSteps(n)
		list := steps.amounts()
		return list[min(steps.index(d.day, d.counts, base), len(list)-1)]
	}
	in := milligrams
	if keys["over"] != nil {
		over := big.NewRat(int64(readSpan(keys["over"].Value).elapsed()), 1)
		in = func(text string) *big.Rat {
			if whole, ok := strings.CutSuffix(text, "/h"); ok {
				return new(big.Rat).Quo(new(big.Rat).Mul(milligrams(whole), over), big.NewRat(60, 1))
			}
			if whole, ok := strings.CutSuffix(text, "/min"); ok {
				return new(big.Rat).Mul(milligrams(whole), over)
			}
			return milligrams(text)
		}
	}
	amount := in(keys["amount"].Value)
	if step, down := readRound(n); step != nil {
		amount = roundedTo(amount, step, down)
	}
	if most := keys["max"]; most != nil && in(most.Value).Cmp(amount) < 0 {
		return in(most.Value)
	}
	return amount
}

// weekOf returns the week of a day: week 1 is days 1 to 7.
func weekOf(day int) int { return (day-1-mod(day-1, 7))/7 + 1 }

// fromDay is the standing of what holds from a day on.
func (o *oracle) fromDay(s *solution, day int) standing {
	for _, d := range s.counted {
		if d.day >= day {
			return standing{day, d.counts}
		}
	}
	return standing{day, 1 << 30}
}

// fromDose is the standing of what holds from a dose on.
func (o *oracle) fromDose(s *solution, dose int) standing {
	for _, d := range s.counted {
		if d.counts == dose {
			return standing{d.day, dose}
		}
	}
	return standing{1 << 30, dose}
}

// ofNumber returns the case that holds for a number, and the number from which it holds.
func ofNumber(cases *yaml.Node, n int) (*yaml.Node, int) {
	var found *yaml.Node
	from := 0
	for i := 0; i < len(cases.Content); i += 2 {
		if k := number(strings.TrimPrefix(cases.Content[i].Value, "from ")); k <= n {
			found, from = cases.Content[i+1], k
		}
	}
	if found == nil {
		refuse("no case holds for %d", n)
	}
	return found, from
}

// ofWeekday returns the case of a day of the week.
func ofWeekday(cases *yaml.Node, weekday int) *yaml.Node {
	var other *yaml.Node
	for i := 0; i < len(cases.Content); i += 2 {
		key := cases.Content[i].Value
		if key == "other" {
			other = cases.Content[i+1]
		} else if readWeekdays(strings.Split(strings.ReplaceAll(key, " ", ""), ","))[weekday] {
			return cases.Content[i+1]
		}
	}
	return other
}

// presentDose is what the patient of every course takes at its start, in mg.
const presentDose = 80

func milligrams(text string) *big.Rat {
	if share, ok := strings.CutSuffix(text, " % of present dose"); ok {
		r, _ := new(big.Rat).SetString(share)
		return r.Mul(r, big.NewRat(presentDose, 100))
	}
	r, ok := new(big.Rat).SetString(strings.TrimSuffix(text, " mg"))
	if !ok {
		panic(text)
	}
	return r
}

// Steps are a dose that rises or falls by itself.
type steps struct {
	start, change, to *big.Rat
	falls, ofGiven    bool
	every             span
	round             *big.Rat // nil for none
	down              bool
}

func readSteps(n *yaml.Node) *steps {
	keys := entries(n)
	s := &steps{start: milligrams(keys["start"].Value), to: milligrams(keys["to"].Value), every: readSpan(keys["every"].Value)}
	change := keys["increase"]
	if change == nil {
		change, s.falls = keys["decrease"], true
	}
	if text, ok := strings.CutSuffix(change.Value, " % of start"); ok {
		s.change = new(big.Rat).Mul(milligrams(text), new(big.Rat).Mul(s.start, big.NewRat(1, 100)))
	} else if text, ok := strings.CutSuffix(change.Value, " %"); ok {
		s.change, s.ofGiven = new(big.Rat).Mul(milligrams(text), big.NewRat(1, 100)), true
	} else {
		s.change = milligrams(change.Value)
	}
	s.round, s.down = readRound(n)
	return s
}

// readRound reads the step to whose multiples a part is rounded, nil for none, and whether it is down.
func readRound(n *yaml.Node) (step *big.Rat, down bool) {
	round := entries(n)["round"]
	if round == nil || round.Value == "none" {
		return nil, false
	}
	text, down := strings.CutSuffix(round.Value, " down")
	if part, whole, ok := strings.Cut(text, " of "); ok {
		share, _ := new(big.Rat).SetString(part)
		return share.Mul(share, milligrams(whole)), down
	}
	return milligrams(text), down
}

// rounded returns a step as it is given.
func (s *steps) rounded(a *big.Rat) *big.Rat {
	if s.round == nil {
		return a
	}
	return roundedTo(a, s.round, s.down)
}

// roundedTo returns the nearest multiple of a step, the lower of two as near.
func roundedTo(a, step *big.Rat, down bool) *big.Rat {
	n := new(big.Rat).Quo(a, step)
	whole := new(big.Rat).SetInt(new(big.Int).Quo(n.Num(), n.Denom()))
	if !down && new(big.Rat).Sub(n, whole).Cmp(big.NewRat(1, 2)) > 0 {
		whole.Add(whole, big.NewRat(1, 1))
	}
	return whole.Mul(whole, step)
}

// amounts lists the steps as they are given, from the first to the last. A percentage is a share
// of the dose as given; anything else is added to the exact amount, which is rounded as given.
func (s *steps) amounts() []*big.Rat {
	exact := s.start
	list := []*big.Rat{s.rounded(s.start)}
	for {
		change := s.change
		if s.ofGiven {
			exact = list[len(list)-1]
			change = new(big.Rat).Mul(exact, s.change)
		}
		if s.falls {
			change = new(big.Rat).Neg(change)
		}
		exact = new(big.Rat).Add(exact, change)
		given := s.rounded(exact)
		if s.reached(exact) || s.ofGiven && s.reached(given) {
			return append(list, s.rounded(s.to))
		}
		if given.Sign() <= 0 || s.ofGiven && given.Cmp(list[len(list)-1]) == 0 {
			refuse("steps that round to nothing")
		}
		list = append(list, given)
	}
}

func (s *steps) reached(a *big.Rat) bool {
	if s.falls {
		return a.Cmp(s.to) <= 0
	}
	return a.Cmp(s.to) >= 0
}

// index returns which of the steps holds for a dose.
func (s *steps) index(day, dose int, base standing) int {
	switch s.every.unit {
	case "dose":
		return (dose - base.dose) / s.every.n
	case "week":
		return (day - base.day) / (7 * s.every.n)
	}
	return (day - base.day) / s.every.n
}

// arrives reports whether some dose of a run has the last of the steps, where there are any.
func (o *oracle) arrives(s *solution, n *yaml.Node, base standing) bool {
	keys := entries(n)
	if keys["by day of cycle"] != nil {
		return o.arrivesInCycles(s, n, base)
	}
	for key, value := range keys {
		if !strings.HasPrefix(key, "by ") {
			continue
		}
		for i := 0; i < len(value.Content); i += 2 {
			from := base
			if text, ok := strings.CutPrefix(value.Content[i].Value, "from "); ok {
				switch key {
				case "by day":
					from = o.fromDay(s, number(text))
				case "by week":
					from = o.fromDay(s, 7*(number(text)-1)+1)
				case "by dose":
					from = o.fromDose(s, number(text))
				}
			}
			if !o.arrives(s, value.Content[i+1], from) {
				return false
			}
		}
	}
	if keys["start"] == nil {
		return true
	}
	steps, last := readSteps(n), len(s.counted)-1
	if last >= 0 && s.counted[last].rest { // which has no step's amount
		last--
	}
	return last >= 0 && steps.index(s.counted[last].day, s.counted[last].counts, base) >= len(steps.amounts())-1
}

// arrivesInCycles reports whether, of each case by the day of the cycle that has steps, some dose of a run has the last.
func (o *oracle) arrivesInCycles(s *solution, n *yaml.Node, base standing) bool {
	cases := entries(n)["by day of cycle"]
	for i := 0; i < len(cases.Content); i += 2 {
		own := cases.Content[i+1]
		if entries(own)["start"] == nil {
			continue
		}
		steps, some := readSteps(own), false
		for k := range s.counted {
			d := &s.counted[k]
			part, stands := o.partOf(s, n, d, base)
			some = some || part == own && !d.rest && steps.index(d.day, d.counts, stands) >= len(steps.amounts())-1
		}
		if !some {
			return false
		}
	}
	return true
}

// hasDays reports whether a dose is told, or steps, by days or weeks.
func hasDays(n *yaml.Node) bool {
	keys := entries(n)
	if every := keys["every"]; every != nil && !strings.Contains(every.Value, "dose") || keys["by day"] != nil || keys["by week"] != nil {
		return true
	}
	for _, inner := range keys {
		if hasDays(inner) {
			return true
		}
	}
	return false
}
