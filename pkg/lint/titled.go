package lint

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// figuresTitled looks in titles for figures that are those of no rule, and nearly those of one: people read the title.
func (l *linter) figuresTitled() {
	f := l.ownFigures()
	maps.Copy(f.words, f.lasts)
	l.daysOf(f)
	l.figuresIn(f, l.p.Title, l.p.Range)
	l.routeAndWeightTitled()
	for i := range l.p.Phases {
		l.figuresIn(f, l.p.Phases[i].Title, l.p.Phases[i].Range)
	}
	for i := range l.p.CheckIns {
		l.figuresIn(f, l.p.CheckIns[i].Title, l.p.CheckIns[i].Range)
	}
}

// daysOf takes in on which days, weeks and months doses fall, counted from 0 and from 1, and how long cycles are.
func (l *linter) daysOf(f *ownFigures) {
	add := func(n int) { f.plain[strconv.Itoa(n)] = true }
	for i := range l.p.Phases {
		for _, c := range l.p.Phases[i].Frequencies {
			if length, cycles := c.Frequency.CycleLength(); cycles {
				add(length)
				add(len(c.Frequency.CycleDays()))
				for _, day := range c.Frequency.CycleDays() {
					add(day)
				}
			}
		}
	}
	for _, s := range l.r.Calendars {
		for k := range s.Events {
			if e := &s.Events[k]; e.Kind == schedule.Dose {
				day := e.Date.Sub(s.Start)
				add(day)
				add(day + 1)
				add(day / 7)
				add(day/7 + 1)
			}
		}
	}
}

var (
	// reGroup matches numbers that a title lists, of days or of amounts.
	reGroup = lazy.MustCompile(`(?i)(?:\b(days?|weeks?|months?) )?(\d+(?:\.\d+)?(?:(?:, and |, | and | to | of |(?: days)? of )\d+(?:\.\d+)?)+)(?: ?(days?|weeks?|months?|cycles?|mcg|mg|g)\b)?`)
	// rePartOfTime matches a length of time with a fraction.
	rePartOfTime = lazy.MustCompile(`(\d+\.\d+) ?(minute|min|hour|h|day|week|month|year)s?(?:\W|$)`)
)

// figuresIn compares the figures of one title with those of the rules.
func (l *linter) figuresIn(f *ownFigures, title string, at diag.Range) {
	tenfold := func(what any) {
		l.odd(at, "correct the title or the rule", "the title “%s” says %v, which is ten times a figure of the rules or a tenth of one, and is none of them", title, what)
	}
	unit := func(what any) {
		l.odd(at, "correct the unit in the title, or in the rule", "the title “%s” says %v, and the rules have the figure with another unit alone", title, what)
	}
	f.compare(rePartOfTime.ReplaceAllString(title, "–"), 2, tenfold, unit)
	f.amountsTitled(title, func(q quantity.Amount) {
		l.odd(at, "correct the title or the rule", "the title “%s” says %v, and no rule does", title, q)
	})
	for _, m := range rePartOfTime.FindAllStringSubmatch(title, -1) {
		whole := strings.TrimLeft(strings.Replace(m[1], ".", "", 1), "0") // ten times as much, where it has one decimal
		if s, ok := spanOf(whole, m[2]); ok && f.times[s] {
			tenfold(strings.TrimRight(m[0], " ,;:)"))
		}
	}
	for _, m := range reGroup.FindAllStringSubmatch(title, -1) {
		if m[1] == "" && m[3] == "" {
			continue
		}
		own, other := 0, ""
		for _, n := range numberIn.FindAllStringSubmatch(m[2], -1) {
			if f.plain[n[0]] {
				own++
			} else {
				other = n[0]
			}
		}
		if own > 0 && other != "" {
			l.odd(at, "correct the title or the rule", "the title “%s” says %s, and no rule has %s", title, m[0], other)
		}
	}
}

// amountsTitled looks for a title whose amounts are none of the rules', nor what several doses of a day or a week come to, nor one of
// as many parts. Where one is, the others may be of what else is in the medicine.
func (f *ownFigures) amountsTitled(title string, odd func(quantity.Amount)) {
	const most = 7
	var other quantity.Amount
	for _, m := range amountIn.FindAllStringSubmatch(title, -1) {
		per, _ := strings.CutSuffix(m[3], "/day")
		q, err := quantity.Parse(strings.ReplaceAll(m[1], ",", "") + " " + m[2] + per)
		if err != nil || !slices.ContainsFunc(f.all, func(o quantity.Amount) bool { return o.IsSet() && o.Unit().Comparable(q.Unit()) }) {
			continue
		}
		for k := int64(1); k <= most; k++ {
			if is(q, f.all, k, 1) || is(q, f.all, 1, k) {
				return
			}
		}
		other = q
	}
	if other.IsSet() {
		odd(other)
	}
}

// What a title of the file can name of the weight by which doses go.
var (
	reIdeal    = lazy.MustCompile(`(?i)\bideal (body )?weight\b`)
	reAdjusted = lazy.MustCompile(`(?i)\badjusted (body )?weight\b`)
)

// routeAndWeightTitled looks for a title of the file that names a route by which nothing is given, or a weight by which no dose
// goes.
func (l *linter) routeAndWeightTitled() {
	var routes []string
	weights := map[protocol.WeightKind]bool{}
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			routes = append(routes, r.Name)
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) { weights[a.Weight.Kind], weights[a.Weight.Above] = true, true })
		}
	}
	slices.Sort(routes)
	routes = slices.Compact(routes)
	for _, w := range routeWords {
		if w.words.MatchString(l.p.Title) && !slices.ContainsFunc(routes, func(name string) bool { return slices.Contains(w.routes, name) }) {
			l.odd(l.p.Range, "correct the route or the title", "the title “%s” names a route by which nothing is given: the file has %s", l.p.Title, strings.Join(routes, ", "))
		}
	}
	if reIdeal.MatchString(l.p.Title) && !weights[protocol.Ideal] && !weights[protocol.Lower] || reAdjusted.MatchString(l.p.Title) && !weights[protocol.Adjusted] {
		l.odd(l.p.Range, "correct the title, or the `weight` of the dose", "the title “%s” names a weight by which no dose goes", l.p.Title)
	}
}
