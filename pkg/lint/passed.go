package lint

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// passedOver looks in a calendar for amounts that a rule goes through in order and that no dose has, though doses before
// and after them are given: a week without a dose, a step in the rest of a cycle.
func (l *linter) passedOver(s *schedule.Schedule) {
	for i := range s.Phases {
		ph := s.Phases[i].Phase
		at, ok := l.inOrder(ph.Dose)
		if !ok {
			continue
		}
		used := amountsIn(s, i)
		for k := 1; k < len(used); k++ {
			before, after := used[k-1], used[k]
			if after == before+1 {
				continue
			}
			code, help := diag.Unused, "leave that case out, or begin it where a dose falls; write `by dose`, if doses are meant"
			if _, steps := ph.Dose.(*protocol.Stepped); steps {
				code, help = diag.OddFigure, "write `every` in doses, or as long as the rule leaves between two doses"
			}
			if !l.said(code, at) {
				l.found.Add(code, at, help, "no dose of “%s” (%s) has %v: %v is followed by %v", ph.Name, s.Phases[i].Frequency.Text, s.Doses[before+1].Amount, s.Doses[before].Amount, s.Doses[after].Amount)
			}
			break
		}
	}
}

// amountsIn returns the amounts that the doses of a phase have in a calendar, in the order of its rule.
func amountsIn(s *schedule.Schedule, phase int) (used []int32) {
	for k := range s.Events {
		if e := &s.Events[k]; e.Kind == schedule.Dose && int(e.Phase) == phase && !slices.Contains(used, e.Dose) {
			used = append(used, e.Dose)
		}
	}
	slices.Sort(used)
	return used
}

// outOfReach looks through the calendars of a protocol for cases at the end of a dose that no dose of the phase comes to,
// whatever says where the phase ends: a week of the course, a cycle, a number of doses.
func (l *linter) outOfReach(calendars []*schedule.Schedule) {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		c, ok := ph.Dose.(*protocol.ByCase)
		if _, ordered := l.inOrder(ph.Dose); !ok || c.By.Fixed() || !ordered || ph.Course.Open() || ph.Course.Met != "" {
			continue
		}
		reached, frequencies := 0, map[string]bool{}
		for _, s := range calendars {
			k := phaseIn(s, ph.Name)
			if k < 0 || s.Phases[k].Open {
				continue
			}
			if used := amountsIn(s, k); len(used) > 0 {
				frequencies[s.Phases[k].Frequency.Text] = true
				reached = max(reached, int(used[len(used)-1]-used[0])+1)
			}
		}
		if reached == 0 || len(frequencies) < len(ph.Frequencies) {
			continue
		}
		for at := range c.Cases {
			k := &c.Cases[at]
			amounts := amountsOf(k.Dose)
			if amounts == 0 {
				break // of which it is not known how many it goes through
			}
			if reached <= 0 && !l.said(diag.Unused, k.Range) && !l.said(diag.Unused, c.Range) {
				l.found.Add(diag.Unused, k.Range, "make the course longer, or leave the case out; the days and weeks of a dose are counted from the first of its phase, and those of each run anew", "no dose of “%s” comes to the case “%s”: the phase ends before it", ph.Name, k.Text)
			}
			reached -= amounts
		}
	}
}

// amountsOf returns how many amounts a dose goes through that is stated, by itself or by cases; 0 where steps are reckoned.
func amountsOf(d protocol.Dose) int {
	switch d := d.(type) {
	case *protocol.Amount:
		return 1
	case *protocol.ByCase:
		n := 0
		if d.By.Fixed() {
			return 0 // a patient has one of its cases
		}
		for i := range d.Cases {
			of := amountsOf(d.Cases[i].Dose)
			if of == 0 {
				return 0
			}
			n += of
		}
		return n
	}
	return 0
}

// inOrder reports whether a dose goes through its amounts in order of time, and where it stands.
func (l *linter) inOrder(d protocol.Dose) (at diag.Range, ok bool) {
	switch d := d.(type) {
	case *protocol.Stepped:
		return d.Range, true
	case *protocol.ByCase:
		if !d.By.Fixed() && d.By != protocol.ByDay && d.By != protocol.ByWeek && d.By != protocol.ByCycleDay && d.By != protocol.ByDoseNumber {
			return at, false
		}
		for i := range d.Cases {
			if _, amount := d.Cases[i].Dose.(*protocol.Amount); amount {
				continue
			}
			if _, ok := l.inOrder(d.Cases[i].Dose); !ok {
				return at, false
			}
		}
		return d.Range, true
	}
	return at, false
}

// daysOfCycles says of a dose that goes on from cycle to cycle, and comes to its end within the first of several, that it is
// no dose by the day of the cycle; and of what goes on so in a case of one that is.
func (l *linter) daysOfCycles(ph *protocol.Phase) {
	for _, f := range ph.Frequencies {
		days, length, ok := severalCycles(ph, f.Frequency)
		for _, dose := range l.branches(ph.Dose) {
			if ok {
				l.inCycles(ph, f, dose, days, length)
			}
		}
	}
}

// branches returns the doses that patients of a dose have: those of its cases by what is known of a patient, at any depth.
func (l *linter) branches(d protocol.Dose) (list []protocol.Dose) {
	d = l.p.Plain(d)
	c, ok := d.(*protocol.ByCase)
	if !ok || !c.By.Fixed() {
		return []protocol.Dose{d}
	}
	for i := range c.Cases {
		list = append(list, l.branches(c.Cases[i].Dose)...)
	}
	return list
}

// inCycles looks at one dose of a phase with several cycles.
func (l *linter) inCycles(ph *protocol.Phase, f protocol.Choice, dose protocol.Dose, days []int, length int) {
	if at, ends := endsInCycle(dose, days, max(f.Frequency.PerDay(), 1)); ends {
		l.odd(at, "write `by day of cycle` with an amount for each of its days, if those of each cycle are meant", "the dose of “%s” goes on from one cycle of “%s” to the next, and comes to its last amount in the first: from the second on each dose is that", ph.Name, f.Text)
		return
	}
	c, ok := dose.(*protocol.ByCase)
	if !ok || c.By != protocol.ByCycleDay {
		return
	}
	for i := range c.Cases {
		if at, goes := goesOn(c.Cases[i].Dose, length, len(days)*max(f.Frequency.PerDay(), 1)); goes {
			l.odd(at, "write an amount for each day of the cycle", "what stands in the case “%s” of “%s” is counted from its first day, and goes on from cycle to cycle: it does not begin again with the day of the cycle", c.Cases[i].Text, ph.Name)
			return
		}
	}
}

// severalCycles returns the days of a cycle on which doses fall, or of a month, and how long it is, where a phase has more
// than one of them and each has several days.
func severalCycles(ph *protocol.Phase, f frequency.Frequency) (days []int, length int, ok bool) {
	length, cyclic := f.CycleLength()
	days = f.CycleDays()
	if first, last, monthly := f.InMonth(); monthly {
		for day := first; day <= last; day++ {
			days = append(days, day)
		}
		length, cyclic = 31, true
	}
	_, lasts, timed := ph.Course.Duration.Calendar()
	several := ph.Course.Cycles > 1 || ph.Course.Open() || timed && lasts > length || ph.Course.Doses > len(days)*max(f.PerDay(), 1) && ph.Course.Cycles == 0
	return days, length, cyclic && several && len(days) > 1
}

// endsInCycle reports whether a dose that counts days, weeks or doses of the phase comes to its last amount in a first cycle
// of which doses fall on some days, and where it stands. By the number of the dose and by the week that is so only of one
// that ends with the cycle: what else begins in the first cycle is often meant for it alone.
func endsInCycle(d protocol.Dose, days []int, perDay int) (at diag.Range, ends bool) {
	end := days[len(days)-1]
	switch d := d.(type) {
	case *protocol.Stepped:
		every, steps := roughly(d.Every), len(d.Amounts())-1
		return d.Range, d.Every.IsSet() && steps > 0 && steps*every <= end-days[0]
	case *protocol.ByCase:
		last, _ := d.Cases[len(d.Cases)-1].From.Int()
		switch d.By {
		case protocol.ByDay:
			return d.Range, last <= end
		case protocol.ByDoseNumber:
			return d.Range, last > 1 && last == len(days)*perDay
		case protocol.ByWeek:
			return d.Range, last > 1 && last == (end+6)/7
		}
	}
	return at, false
}

// goesOn reports whether a dose counts days or weeks of its phase, or doses, and comes to its last amount within the first
// cycle of some length, and where it stands.
func goesOn(d protocol.Dose, length, doses int) (at diag.Range, ok bool) {
	c, ok := d.(*protocol.ByCase)
	if !ok {
		return at, false
	}
	last, _ := c.Cases[len(c.Cases)-1].From.Int()
	switch c.By {
	case protocol.ByDay:
		return c.Range, last <= length
	case protocol.ByWeek:
		return c.Range, 7*last-6 <= length
	case protocol.ByDoseNumber:
		return c.Range, len(c.Cases) > 2 && last <= doses // of two, the first is often that of the first cycle
	}
	for i := range c.Cases {
		if at, ok := goesOn(c.Cases[i].Dose, length, doses); ok {
			return at, true
		}
	}
	return at, false
}

// daysOfWeeks says of a dose by the day of the phase that no dose falls on a day on which a case begins, where doses are a
// week or more apart: the weeks may be meant.
func (l *linter) daysOfWeeks(i int) {
	for _, dose := range l.branches(l.p.Phases[i].Dose) {
		if c, ok := dose.(*protocol.ByCase); ok && c.By == protocol.ByDay {
			l.byDayOfWeeks(&l.p.Phases[i], c, l.p.FirstDay(i))
		}
	}
}

// byDayOfWeeks looks at one dose by the day of a phase, whose first day has a number.
func (l *linter) byDayOfWeeks(ph *protocol.Phase, c *protocol.ByCase, first int) {
	for _, f := range ph.Frequencies {
		if f.Frequency.Kind() == frequency.Listed {
			listed := f.Frequency.Days()
			for i := range c.Cases {
				if n, ok := c.Cases[i].From.Int(); ok && n > listed[0] && !slices.Contains(listed, n) && !l.said(diag.OddFigure, c.Range) {
					l.found.Add(diag.OddFigure, c.Range, "write the day of a dose", "the case “%s” of the dose of “%s” (%s) begins on a day of the phase on which no dose falls", c.Cases[i].Text, ph.Name, f.Text)
				}
			}
			continue
		}
		minutes, ok := f.Frequency.Period()
		days := minutes / (24 * 60)
		if _, cycles := f.Frequency.CycleLength(); !ok || cycles || days < 7 || f.Frequency.PerDay() > 1 {
			continue
		}
		for i := range c.Cases {
			if n, ok := c.Cases[i].From.Int(); ok && n > first && (n-first)%days != 0 && !l.said(diag.OddFigure, c.Range) {
				help := "write `by week`, or `by dose`, if that is meant"
				if first != 1 {
					help = "write the day of a dose, or `by dose`, if that is meant" // weeks are not counted from there
				}
				l.found.Add(diag.OddFigure, c.Range, help, "the case “%s” of the dose of “%s” (%s) begins on a day of the phase on which no dose falls", c.Cases[i].Text, ph.Name, f.Text)
			}
		}
	}
}

// afterTitration says of a phase with an amount of its own that it gives more than the first step of a titration before
// it: who declines the steps gets it all the same.
func (l *linter) afterTitration() {
	for i := range l.p.Phases {
		of := &l.p.Phases[i]
		if of.Titration == nil || len(of.Titration.Amounts) == 0 || of.Titration.Amounts[0] == nil {
			continue
		}
		first := of.Titration.Amounts[0].Quantity
		for k := range l.p.Phases {
			ph := &l.p.Phases[k]
			if ph.Titration != nil || ph.Medication != of.Medication || !l.comesAfter(k, i) || l.said(diag.OddFigure, ph.Range) {
				continue
			}
			for _, r := range l.p.RoutesOf(ph) {
				l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
					if a.Quantity.Unit().Comparable(first.Unit()) && a.Quantity.Cmp(first) > 0 && !l.said(diag.OddFigure, ph.Range) {
						l.found.Add(diag.OddFigure, ph.Range, "make it the last step of the titration, or write the steps as tiers, which go on in later phases; silence this if the source gives it whatever step was reached",
							"“%s” gives %v after a titration that begins with %v: where no step was confirmed, that is the next dose", ph.Name, a.Quantity, first)
					}
				})
			}
		}
	}
}

// comesAfter reports whether a phase begins after another, directly or with others between.
func (l *linter) comesAfter(phase, other int) bool {
	for range l.p.Phases {
		if phase = l.p.StartsAfter(phase); phase < 0 || phase == other {
			return phase == other
		}
	}
	return false
}

// looserCourse looks for what a protocol does with less care than the one that it extends: check-ins by weaker means or
// with less measured, what must be so for a dose, where the steps begin and go, how long a pause may be.
func (l *linter) looserCourse(base *protocol.Protocol) {
	near := []protocol.Mode{protocol.InPerson, protocol.Telehealth, protocol.Phone, protocol.Message, protocol.SelfReport}
	for i := range base.CheckIns {
		was := &base.CheckIns[i]
		now, ok := l.p.CheckIn(was.Name)
		switch a, b := slices.Index(near, was.Mode), -1; {
		case !ok && len(was.Gates) == 0:
			l.loosens(l.p.Range, "the check-in “%s” of “%s”, which this protocol extends, is left out", was.Name, base.ID)
		case !ok: // what it decides about is looked at by itself
		default:
			if b = slices.Index(near, now.Mode); a >= 0 && b > a {
				l.loosens(now.Range, "the check-in “%s” is by %s in “%s”, which this protocol extends, and by %s here", was.Name, was.Mode, base.ID, now.Mode)
			}
			for _, m := range was.Measure {
				if !slices.Contains(now.Measure, m) {
					l.loosens(now.Range, "at the check-in “%s” of “%s”, which this protocol extends, %s is measured, and not here", was.Name, base.ID, m)
				}
			}
		}
	}
	for i := range base.Requirements {
		for _, v := range base.Requirements[i].Values {
			if !slices.ContainsFunc(l.p.Requirements, func(r protocol.Requirement) bool {
				return slices.ContainsFunc(r.Values, func(o protocol.RequirementValue) bool {
					return o == v || v.Kind != "instructions" && o.Kind == v.Kind
				})
			}) {
				l.loosens(l.p.Range, "what must be so for a dose in “%s”, which this protocol extends, is left out: %s: %s", base.ID, v.Kind, v.Value)
			}
		}
	}
	if base.RestartAfter.IsSet() && (!l.p.RestartAfter.IsSet() || l.p.RestartAfter.From(someDay, 1).After(base.RestartAfter.From(someDay, 1))) {
		l.loosens(l.p.Range, "the course begins again after %v without a dose in “%s”, which this protocol extends, and later or never here", base.RestartAfter, base.ID)
	}
	for i := range base.Phases {
		was := &base.Phases[i]
		now, ok := l.p.Phase(was.Name)
		if !ok || was.Titration == nil || now.Titration == nil {
			continue
		}
		steps := was.Titration.Tiers
		if a, b := slices.Index(steps, base.DefaultTier), slices.Index(steps, l.p.DefaultTier); a >= 0 && b > a {
			l.loosens(now.Range, "“%s” begins on the tier “%s” in “%s”, which this protocol extends, and on “%s” here", was.Name, base.DefaultTier, base.ID, l.p.DefaultTier)
		}
		for k := 1; k < len(steps)-1; k++ {
			if has := func(name string) bool { return slices.Contains(now.Titration.Tiers, name) }; has(steps[k-1]) && has(steps[k+1]) && !has(steps[k]) {
				l.loosens(now.Titration.Range, "the step “%s” between “%s” and “%s” of “%s”, which this protocol extends, is left out", steps[k], steps[k-1], steps[k+1], base.ID)
			}
		}
		if was.Course.Doses > 0 && now.Course.Doses > 2*was.Course.Doses {
			l.loosens(now.Range, "“%s” has %d doses, and %d in “%s”, which this protocol extends", was.Name, now.Course.Doses, was.Course.Doses, base.ID)
		}
	}
}
