package lint

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// misread looks for words that readers take in two ways, each of them another calendar: weeks that a label counts from
// 0, a rest that is counted from a last day, one amount by frequencies of several doses a day.
func (l *linter) misread() {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		l.counted(&ph.Starts)
		l.onLastDay(&ph.Starts)
		l.rest(&ph.Starts)
		l.withCycle(ph)
		l.perDay(ph)
		l.fromDate(ph)
		l.numbered(ph, l.p.Plain(ph.Dose))
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		for k := range c.On {
			l.counted(&c.On[k])
			l.rest(&c.On[k])
		}
		l.counted(&c.From)
		l.counted(&c.Until)
		l.lastTurn(c)
	}
}

// numbered looks for doses that are counted in a case by the day of the week or by the time of day: the doses of the other
// cases count too.
func (l *linter) numbered(ph *protocol.Phase, d protocol.Dose) {
	c, ok := d.(*protocol.ByCase)
	if !ok {
		return
	}
	for i := range c.Cases {
		of, ok := c.Cases[i].Dose.(*protocol.ByCase)
		if ok && of.By == protocol.ByDoseNumber && len(of.Cases) > 1 && (c.By == protocol.ByWeekday && len(c.Cases) > 1 || c.By == protocol.ByTime) {
			l.found.Add(diag.TwoReadings, of.Range, "write a phase for each; or `by day` or `by week` in the place of `by dose`", "`by dose` in the case “%s” counts every dose of “%s”, those of the other cases too", c.Cases[i].Text, ph.Name)
		}
		l.numbered(ph, c.Cases[i].Dose)
	}
}

// lastTurn looks for a check-in at intervals whose next turn would come on the day after the last on which it is held: a visit
// at 12 weeks does not come by the end of week 12, which is the day before.
func (l *linter) lastTurn(c *protocol.CheckIn) {
	ofCourse := func(w *protocol.When) bool { return w.Dated() && w.Phase == "" && !w.Before }
	unit := map[protocol.Anchor]string{protocol.EndOfWeekN: "week", protocol.EndOfMonthN: "month"}[c.Until.Anchor]
	if !c.Every.IsSet() || unit == "" || !ofCourse(&c.Until) || c.From.Anchor != protocol.NoAnchor && !ofCourse(&c.From) || len(c.During) > 0 {
		return
	}
	day1 := civil.AnchorAt(civil.MustDate("2026-03-02"), l.p.ShortMonths)
	on := func(w *protocol.When) civil.Anchor {
		if w.Anchor == protocol.NoAnchor {
			return day1
		}
		day := w.On(day1, l.p.CountFrom)
		if w.Offset.IsSet() {
			day = day.Add(w.Offset, 1)
		}
		return day
	}
	from, until := on(&c.From), on(&c.Until).Date()
	for k := 1; ; k++ {
		switch next := from.Add(c.Every, c.Lengths(k)).Date(); {
		case next == until.AddDays(1):
			l.found.Add(diag.TwoReadings, c.Until.Range, fmt.Sprintf("write `until: %s after start`, if it is to come then too; or `until: day %d`", civil.Plural(c.Until.N, unit), until.Sub(day1.Date())+l.p.CountFrom),
				"“%s” comes every %v, and its next turn would be on the day after “%s”", c.Name, c.Every, c.Until.Text)
			return
		case next.After(until):
			return
		}
	}
}

// counted looks for a week or a month by its number, which begins one week or month before the label's that counts from
// 0. Where another phase ends with the one before it, nobody can take it so.
func (l *linter) counted(w *protocol.When) {
	unit, length := "week", civil.Period{N: w.N - 1, Unit: civil.Week}
	if w.InMonths() {
		unit, length = "month", civil.Period{N: w.N - 1, Unit: civil.Month}
	}
	if w.Anchor != protocol.WeekN && w.Anchor != protocol.MonthN || w.N < 2 || w.Offset.IsSet() || w.First.Set || l.endsBefore(w, length) {
		return
	}
	after := "start"
	if w.Phase != "" {
		after = "start of " + w.Phase
	}
	l.found.Add(diag.TwoReadings, w.Range, fmt.Sprintf("write `%s after %s` for that, or `%s after %s` for the first day of the %s of that number", civil.Plural(w.N, unit), after, length, after, unit),
		"“%s” begins %v after day 1, since %ss are counted from 1; a label that counts them from 0 means the day %s after it", w.Text, length, unit, civil.Plural(w.N, unit))
}

// onLastDay looks for a phase that begins on the last day of a week or a month, where the day after it may be meant.
func (l *linter) onLastDay(w *protocol.When) {
	unit := map[protocol.Anchor]string{protocol.EndOfWeekN: "week", protocol.EndOfMonthN: "month"}[w.Anchor]
	if unit == "" || w.Offset.IsSet() || w.First.Set {
		return
	}
	l.found.Add(diag.TwoReadings, w.Range, fmt.Sprintf("write `%s %d` for the day after it, or `1 day before %[1]s %[2]d` for the last day itself", unit, w.N+1),
		"“%s” is the last day of that %s, and the phase begins on it; after a %s that is over it begins a day later", w.Text, unit, unit)
}

// inHours says a number of days before or after a date of the patient's file in hours.
func inHours(w *protocol.When) string {
	days := 1
	if _, n, ok := w.Offset.Calendar(); ok && n > 0 {
		days = n
	}
	side := "after"
	if w.Before {
		side = "before"
	}
	return fmt.Sprintf("%d hours %s %s", 24*days, side, w.Named)
}

// fromDate looks for a last day by its number in the course where the first dose stands by a date of the patient's file:
// days are counted from the start, and a label's weeks from the first dose. A number of days from a date that has a time
// of day could end at that time.
func (l *linter) fromDate(ph *protocol.Phase) {
	w, date := &ph.Course.Until, l.p.Phases[0].Starts.Named
	if w.At.IsSet() && !ph.Course.Timed() {
		l.found.Add(diag.TwoReadings, w.Range, "write it in hours, as `until "+inHours(w)+"`, if it ends at that time", "“until %s” is to the end of that day, and “%s” has a time of day", w.Text, w.Named)
	}
	if date == "" || w.Named != "" || w.Anchor != protocol.DayN && w.Anchor != protocol.EndOfWeekN && w.Anchor != protocol.EndOfMonthN {
		return
	}
	l.found.Add(diag.TwoReadings, w.Range, "write how long it lasts, as `12 weeks`, if it is counted from the first dose", "“until %s” is counted from the start of the course, and the first dose comes by “%s”, later than that", w.Text, date)
}

// endsBefore reports whether some phase ends with the week or month before one that is named.
func (l *linter) endsBefore(w *protocol.When, length civil.Period) bool {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		until := &ph.Course.Until
		end := until.Anchor == protocol.EndOfWeekN && w.Anchor == protocol.WeekN || until.Anchor == protocol.EndOfMonthN && w.Anchor == protocol.MonthN
		if end && until.N == w.N-1 && until.Phase == w.Phase || i == 0 && sameLength(ph.Course.Duration, length) && w.Phase == "" {
			return true
		}
	}
	return false
}

// sameLength reports whether two lengths come to as many months and days: 6 weeks and 42 days.
func sameLength(a, b civil.Period) bool {
	months, days, ok := a.Calendar()
	m, d, _ := b.Calendar()
	return ok && a.IsSet() && months == m && days == d
}

// rest looks for weeks after the end of a phase, which is its last day: a day less of rest than is said.
func (l *linter) rest(w *protocol.When) {
	months, days, ok := w.Offset.Calendar()
	if w.Anchor != protocol.EndOf || w.Before || !ok || months == 0 && days < 7 {
		return
	}
	ph, named := l.p.Phase(w.Phase)
	if !named || !ph.Course.Dated() {
		return
	}
	l.found.Add(diag.TwoReadings, w.Range, fmt.Sprintf("write `1 day after` the day on which the rest is over, or count from a dose, as: 2 weeks after last dose of %s", w.Phase),
		"“%s” is counted from the last day of “%s”, so that a day less than %v lies between", w.Text, w.Phase, w.Offset)
}

// withCycle looks for cycles that begin with the first dose of another phase, which is on a later day of its own cycle: that both
// cycles begin on one day may be meant.
func (l *linter) withCycle(ph *protocol.Phase) {
	w := &ph.Starts
	other, ok := l.p.Phase(w.Phase)
	if !ok || w.Anchor != protocol.DoseN || w.N != 1 || w.Offset.IsSet() {
		return
	}
	cycle := func(list []protocol.Choice) (first int, ok bool) {
		for _, c := range list {
			if _, cyclic := c.Frequency.CycleLength(); cyclic {
				return c.Frequency.CycleDays()[0], true
			}
		}
		return 0, false
	}
	if _, own := cycle(ph.Frequencies); !own {
		return
	}
	if first, cyclic := cycle(other.Frequencies); cyclic && first > 1 {
		l.found.Add(diag.TwoReadings, w.Range, fmt.Sprintf("write `start of %s`, if both cycles are to begin on one day; or `%s after start of %[1]s`, if they are not", other.Name, civil.Plural(first-1, "day")),
			"the cycles of “%s” begin with the first dose of “%s”, which is on day %d of its own cycle", ph.Name, other.Name, first)
	}
}

// perDay looks for one amount by frequencies of several doses a day, whose totals of a day are not the same.
func (l *linter) perDay(ph *protocol.Phase) {
	if len(ph.Frequencies) < 2 || l.p.Follows(ph.Dose, protocol.ByFrequency) || l.divides(ph.Dose) {
		return
	}
	limits := &l.p.Medications[ph.Medication].Limits
	for _, x := range limits.OnDays {
		if x.Days == 1 {
			return
		}
	}
	if len(limits.Rolling) > 0 {
		return
	}
	first, _ := ph.Frequencies[0].Frequency.InADay()
	for _, f := range ph.Frequencies[1:] {
		if n, ok := f.Frequency.InADay(); ok && first > 0 && n != first {
			l.found.Add(diag.TwoReadings, f.Range, "write the dose `by frequency`, or as a `total of: a day`; or state the most under `each day`",
				"“%s” has the same amount each time, %s a day and %s a day, and so another total of the day", ph.Title, times(first), times(n))
			return
		}
	}
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// divides reports whether a dose is a part of a total.
func (l *linter) divides(d protocol.Dose) bool {
	return l.p.Any(d, func(d protocol.Dose) bool {
		switch d := d.(type) {
		case *protocol.Amount:
			return d.Divided != nil
		case *protocol.Stepped:
			return d.Start.Divided != nil
		}
		return false
	})
}
