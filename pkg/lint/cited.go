package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// cited holds what a file says of its sources against itself: figures that are ten times those of its rules, a year that
// the DOI contradicts, and pages that run backwards.
func (l *linter) cited() {
	f := l.ownFigures()
	for i := range l.p.Evidence {
		e := &l.p.Evidence[i]
		tenfold := func(what any) {
			l.found.Add(diag.OddFigure, e.Range, "look at the source, and at the rule", "the source is said to give %v, which is ten times a figure of this file or a tenth of one, and is none of them", what)
		}
		unit := func(what any) {
			l.found.Add(diag.OddFigure, e.Range, "look at the unit in the source, and in the rule", "the source is said to give %v, and this file has the figure with another unit alone", what)
		}
		for _, text := range e.Figures {
			f.compare(text, 4, tenfold, unit)
		}
		l.bibliography(e)
	}
}

// A figure of a source is an amount with what it is per, or a time, or a number of doses.
var (
	amountIn = lazy.MustCompile(`(\d[\d,]*(?:\.\d+)?) ?(mcg|mg|g)((?:/\w+)*)(?:\W|$)`)
	timeIn   = lazy.MustCompile(`(\d+) ?(minute|min|hour|h|day|week|month|year|dose|infusion|session|injection|tablet|spray|device)s?(?:\W|$)`)
)

// perDose are the endings of a figure that leave it an amount of a dose, or of a day: what else it is per is another thing.
var perDose = map[string]string{"": "", "/day": "", "/d": "", "/dose": "", "/kg": "/kg", "/kg/day": "/kg", "/kg/d": "/kg", "/kg/dose": "/kg"}

// ownFigures are those of a file's rules.
type ownFigures struct {
	doses []quantity.Amount
	all   []quantity.Amount // and the limits
	times map[span]bool
	taken map[span]bool   // and how long they take together, which stands nowhere
	words map[span]bool   // the times as they are written
	lasts map[span]bool   // how long they take together, in weeks and in days
	plain map[string]bool // the numbers in them, and those of the amounts
}

// A span is a time in its smallest unit, or a number of doses.
type span struct {
	n    int
	unit string // minute, month or dose
}

// spanOf reads a time or a number of doses. Weeks and what is shorter are of minutes, years of months.
func spanOf(number, unit string) (span, bool) {
	n, err := strconv.Atoi(number)
	if err != nil || n == 0 || n > 1e6 {
		return span{}, false
	}
	switch unit {
	case "minute", "min":
		return span{n, "minute"}, true
	case "hour", "h":
		return span{n * 60, "minute"}, true
	case "day":
		return span{n * 24 * 60, "minute"}, true
	case "week":
		return span{n * 7 * 24 * 60, "minute"}, true
	case "month":
		return span{n, "month"}, true
	case "year":
		return span{n * 12, "month"}, true
	}
	return span{n, "dose"}, true
}

func (l *linter) ownFigures() *ownFigures {
	f := &ownFigures{times: map[span]bool{}, taken: map[span]bool{}, words: map[span]bool{}, lasts: map[span]bool{}, plain: map[string]bool{}}
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				for _, q := range []quantity.Amount{a.Quantity, a.Min, a.Max, a.Top, a.Stated} {
					if q.IsSet() {
						f.doses = append(f.doses, q)
					}
				}
			})
		}
	}
	f.all = slices.Clip(f.doses)
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		for _, b := range m.Limits.Bounds() {
			f.all = append(f.all, b.Amount)
		}
		for k := range m.Routes {
			f.say(m.Routes[k].Over)
			f.all = append(f.all, m.Routes[k].Strengths...)
		}
		f.say(civil.PeriodOf(m.Limits.Interval), m.Limits.Reassess, civil.Plural(m.Limits.Apart, "day"))
		for _, x := range m.Limits.Rolling {
			f.say(x.Within)
		}
	}
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		f.say(ph.Course.String(), ph.Starts.Text, ph.Rest)
		for _, c := range ph.Frequencies { // how long as many doses take
			minutes, ok := c.Frequency.Period()
			doses := 1 // in that time
			if kind := c.Frequency.Kind(); kind == frequency.PerWeek || kind == frequency.Weekdays {
				doses = max(c.Frequency.InWeek(), 1)
			}
			for n := ph.Course.Doses - 1; ok && n > 0 && n <= ph.Course.Doses; n++ {
				f.takes(n * minutes / doses)
			}
			f.say(c.Text)
		}
		if t := ph.Titration; t != nil {
			f.all = append(f.all, t.Increase.Min, t.Increase.Max, t.To)
		}
	}
	for _, r := range l.p.Requirements {
		for _, v := range r.Values {
			f.say(v.Value)
		}
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		f.say(c.Every, c.Within, c.From.Text, c.Until.Text)
		for k := range c.On {
			f.say(c.On[k].Text)
		}
		for _, a := range c.Around {
			f.say(a)
		}
	}
	f.say(l.p.Missed.Within, l.p.RestartAfter)
	for _, q := range f.all {
		f.plain[q.Decimal()] = true
	}
	return f
}

// numberIn matches a number in a text.
var numberIn = lazy.MustCompile(`\d+(?:\.\d+)?`)

// takes takes in that doses come to so many minutes together, and the weeks or days that these are.
func (f *ownFigures) takes(minutes int) {
	const day = 24 * 60
	f.taken[span{minutes, "minute"}] = true
	if minutes%(7*day) == 0 {
		f.lasts[span{minutes / (7 * day), "week"}] = true
	}
	if minutes%day == 0 {
		f.lasts[span{minutes / day, "day"}] = true
	}
}

// say takes in the times in some texts.
func (f *ownFigures) say(list ...any) {
	for _, x := range list {
		for _, n := range numberIn.FindAllStringSubmatch(fmt.Sprint(x), -1) {
			f.plain[n[0]] = true
		}
		for _, m := range timeIn.FindAllStringSubmatch(fmt.Sprint(x), -1) {
			if s, ok := spanOf(m[1], m[2]); ok {
				f.times[s] = true
				n, _ := strconv.Atoi(m[1])
				f.words[span{n, m[2]}] = true
			}
		}
	}
}

// is reports whether an amount is so many times one of some.
func is(q quantity.Amount, of []quantity.Amount, n, d int64) bool {
	return slices.ContainsFunc(of, func(o quantity.Amount) bool {
		return o.IsSet() && o.Unit().Comparable(q.Unit()) && o.Times(n, d).Cmp(q) == 0
	})
}

// besideUnit are the units that one of time is taken for.
var besideUnit = map[string][]string{"minute": {"hour", "h"}, "min": {"hour", "h"}, "hour": {"minute", "min", "day"}, "h": {"minute", "min", "day"}, "day": {"week"}, "week": {"day", "month"}, "month": {"week", "year"}, "year": {"month"}}

// compare looks in a text for a figure that is ten times one of the file's rules, or a tenth, or stands with another unit, and is
// none of them. Numbers under the usual stand with several units anywhere.
func (f *ownFigures) compare(text string, usual int, odd, unit func(what any)) {
	type amount struct {
		quantity.Amount
		own bool // it is an amount of a dose, or of a day
	}
	var given []amount // of which one may be the control of another
	for _, m := range amountIn.FindAllStringSubmatch(text, -1) {
		per, own := perDose[m[3]]
		if q, err := quantity.Parse(strings.ReplaceAll(m[1], ",", "") + " " + m[2] + per); err == nil {
			given = append(given, amount{q, own})
		}
	}
	for _, q := range given {
		control := slices.ContainsFunc(given, func(o amount) bool {
			return o.Unit() == q.Unit() && o.Times(1, 10).Cmp(q.Amount) == 0 && is(o.Amount, f.all, 1, 1)
		})
		if q.own && !is(q.Amount, f.all, 1, 1) && (is(q.Amount, f.all, 10, 1) || is(q.Amount, f.doses, 1, 10) && !control) {
			odd(q.Amount)
		} else if q.own && !is(q.Amount, f.all, 1, 1) && slices.ContainsFunc(f.doses, func(o quantity.Amount) bool {
			return o.IsSet() && o.Decimal() == q.Decimal() && o.Unit() != q.Unit()
		}) {
			unit(q.Amount)
		}
	}
	for _, m := range timeIn.FindAllStringSubmatch(text, -1) {
		s, ok := spanOf(m[1], m[2])
		if up, down := (span{s.n * 10, s.unit}), (span{s.n / 10, s.unit}); ok && !f.times[s] && !f.taken[s] && (f.times[up] || s.n%10 == 0 && (f.times[down] || f.taken[down])) {
			odd(strings.TrimRight(m[0], " ,;:)"))
		} else if n, _ := strconv.Atoi(m[1]); ok && n >= usual && !f.times[s] && !f.taken[s] && slices.ContainsFunc(besideUnit[m[2]], func(u string) bool { return f.words[span{n, u}] }) {
			unit(strings.TrimRight(m[0], " ,;:)"))
		}
	}
}

var (
	yearIn  = lazy.MustCompile(`(?:^|[^\d])(19[5-9]\d|20[0-4]\d)(?:[^\d]|$)`)
	pagesIn = lazy.MustCompile(`:[a-zA-Z]*(\d+)[-–][a-zA-Z]*(\d+)`)
)

// bibliography looks for what a citation says against itself. Journals number an article in the year before it is printed,
// or two.
func (l *linter) bibliography(e *protocol.Evidence) {
	const before = 2
	cite, doi := yearIn.FindStringSubmatch(e.Cite), yearIn.FindStringSubmatch(e.DOI)
	if cite != nil && doi != nil {
		a, _ := strconv.Atoi(cite[1])
		b, _ := strconv.Atoi(doi[1])
		if a-b > before || b-a > before {
			l.found.Add(diag.OddFigure, e.Range, "look at the year, and at the DOI", "the citation is of %d, and its DOI has %d", a, b)
		}
	}
	for _, m := range pagesIn.FindAllStringSubmatch(e.Cite, -1) {
		first, _ := strconv.Atoi(m[1])
		if last, _ := strconv.Atoi(m[2]); len(m[2]) >= len(m[1]) && last < first {
			l.found.Add(diag.OddFigure, e.Range, "look at the pages", "the pages of the citation run from %s to %s", m[1], m[2])
		}
	}
}
