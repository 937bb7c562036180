package lint

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// neverMeasured looks for a measurement that doses follow once it is known, and that no check-in looks for by its name.
func (l *linter) neverMeasured() {
	for i := range l.p.Measurements {
		m := &l.p.Measurements[i]
		if m.Until.IsSet() && !slices.ContainsFunc(l.p.CheckIns, func(c protocol.CheckIn) bool {
			return slices.ContainsFunc(c.Measure, func(what string) bool { return condition.Same(what, m.Name) })
		}) {
			l.found.Add(diag.Undecided, m.Range, "name it under `measure` of the check-in that finds it", "doses follow “%s” once it is measured, and no check-in measures it", m.Name)
		}
	}
}

// undecided looks for visits from which it is plain that they should decide, and do not.
func (l *linter) undecided() {
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		if open := c.Before && (c.Mode != protocol.Lab || len(c.Measure) > 0) || l.ahead(c) && !c.StopsIfOverdue && len(c.Measure) > 0; open && len(c.Gates) == 0 {
			l.found.Add(diag.Undecided, c.Range, "write `gates: first dose`, or silence this if the course begins whatever it finds", "the check-in “%s” is held before the first dose, and decides nothing", c.Name)
		}
		l.unheeded(c)
		l.unguarded(c)
		l.tooSoon(c)
		l.stale(c)
		l.levelsPast(c)
		l.firstCycleAlone(c)
		l.metTooLate(c)
		l.gatesElsewhere(c)
	}
	for i := range l.p.Phases {
		t := l.p.Phases[i].Titration
		if t == nil || len(t.Tiers) < 2 {
			continue
		}
		if t.Tiers[len(t.Tiers)-1] == l.p.DefaultTier {
			l.found.Add(diag.Undecided, t.Range, "begin on the first of them", "the tier on which “%s” begins unless another is chosen, “%s”, is the last step of its titration: no check-in decides about it", l.p.Phases[i].Name, l.p.DefaultTier)
		}
	}
}

// ahead reports whether a check-in comes some time before the start or the first dose of all.
func (l *linter) ahead(c *protocol.CheckIn) bool {
	if len(c.On) != 1 || !c.On[0].Before || c.EachDose {
		return false
	}
	w := &c.On[0]
	return (w.Anchor == protocol.StartOf || w.Anchor == protocol.DoseN && w.N == 1) && (w.Phase == "" || w.Phase == l.p.Phases[0].Name)
}

// follower returns the phase of a calendar that begins only after another has ended, and of which no check-in decides; -1
// where there is none.
func (l *linter) follower(s *schedule.Schedule, of int) int {
	return slices.IndexFunc(s.Phases, func(ph schedule.PhaseInfo) bool {
		return !slices.ContainsFunc(l.p.CheckIns, func(c protocol.CheckIn) bool { return c.Decides(ph.Phase.Name) }) && l.succeeds(s, phaseIn(s, ph.Phase.Name), of)
	})
}

// succeeds reports whether a phase of a calendar begins only after another has ended.
func (l *linter) succeeds(s *schedule.Schedule, phase, other int) bool {
	at := func(i int) int {
		return slices.IndexFunc(l.p.Phases, func(ph protocol.Phase) bool { return ph.Name == s.Phases[i].Phase.Name })
	}
	return phase != other && l.p.Succeeds(at(phase), at(other))
}

// unheeded looks for a check-in that measures how one phase left the patient, after its last dose and before the first of the
// next, which begins whatever it finds.
func (l *linter) unheeded(c *protocol.CheckIn) {
	if len(c.Gates) > 0 || len(c.Measure) == 0 && c.Criterion == "" || c.Every.IsSet() || len(c.On) != 1 {
		return
	}
	for _, s := range l.r.Calendars {
		e := eventOf(s, c)
		if e == nil {
			continue
		}
		for of := range s.Phases {
			_, last := dosesOf(s, of)
			next := l.follower(s, of)
			if last == nil || next < 0 || last.At > e.At || last.Date.AddDays(1).Before(e.Date) && c.On[0].Phase != s.Phases[of].Phase.Name {
				continue
			}
			first, _ := dosesOf(s, next)
			if first == nil || first.At < e.At || l.said(diag.Undecided, c.Range) {
				continue
			}
			name := s.Phases[next].Phase.Name
			l.found.Add(diag.Undecided, c.Range, "write `gates: "+name+"`, or silence this if it begins whatever is found", "the check-in “%s” comes at the end of “%s”, and “%s” begins whatever it finds", c.Name, s.Phases[of].Phase.Name, name)
		}
	}
}

// eventOf returns the first event of a check-in in a calendar, or nil.
func eventOf(s *schedule.Schedule, c *protocol.CheckIn) *schedule.Event {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.CheckIn && s.CheckIn(e).Name == c.Name {
			return e
		}
	}
	return nil
}

// phaseIn returns the index of a phase in a calendar; -1 in that of patients who do not have it.
func phaseIn(s *schedule.Schedule, name string) int {
	return slices.IndexFunc(s.Phases, func(ph schedule.PhaseInfo) bool { return ph.Phase.Name == name })
}

// dosesOf returns the first and the last dose of a phase in a calendar, or nil.
func dosesOf(s *schedule.Schedule, phase int) (first, last *schedule.Event) {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && int(e.Phase) == phase {
			if first == nil {
				first = e
			}
			last = e
		}
	}
	return first, last
}

// tooSoon looks for a check-in that decides about a phase and is held when most of the doses before it are still to come: what
// those do is not seen.
func (l *linter) tooSoon(c *protocol.CheckIn) {
	if c.Before || len(c.On) != 1 || len(c.Measure) == 0 || len(l.r.Calendars) == 0 {
		return
	}
	s := l.r.Calendars[0]
	e := eventOf(s, c)
	if e == nil {
		return
	}
	for _, g := range c.Gates {
		decided := phaseIn(s, g.Phase)
		if decided < 0 {
			continue
		}
		for of := range s.Phases {
			if !l.succeeds(s, decided, of) || c.Decides(s.Phases[of].Phase.Name) || l.said(diag.Undecided, c.Range) {
				continue
			}
			given, rest := 0, 0
			for i := range s.Events {
				if d := &s.Events[i]; d.Kind == schedule.Dose && int(d.Phase) == of && d.At <= e.At {
					given++
				} else if d.Kind == schedule.Dose && int(d.Phase) == of {
					rest++
				}
			}
			if given > 0 && rest >= 2 && rest > given {
				l.found.Add(diag.Undecided, c.Range, "hold it on the last dose of “"+s.Phases[of].Phase.Name+"”, or after it", "the check-in “%s” decides about “%s”, and comes when %s of “%s” are still to be given before that", c.Name, g.Phase, civil.Plural(rest, "dose"), s.Phases[of].Phase.Name)
			}
		}
	}
}

// unguarded looks for a test before each dose, or with what it must find, that lets the dose be given whatever it finds.
func (l *linter) unguarded(c *protocol.CheckIn) {
	if len(c.Gates) > 0 || c.StopsIfOverdue || !c.EachDose || len(c.On) == 0 || !c.On[0].Before || c.Mode != protocol.Lab && c.Criterion == "" {
		return
	}
	l.found.Add(diag.Undecided, c.Range, "write `gates: "+c.On[0].Phase+"`, or silence this if doses are given whatever it finds", "the check-in “%s” comes before each dose of “%s”, and decides about none", c.Name, c.On[0].Phase)
}

// stale looks for a check-in that lets a course begin on what was found more than a year before.
func (l *linter) stale(c *protocol.CheckIn) {
	if c.Before && len(c.Gates) > 0 && c.Within.IsSet() && c.Within.From(someDay, 1).After(someDay.AddDays(366)) {
		l.found.Add(diag.OddFigure, c.Range, "look at the unit of `within`", "the check-in “%s” may lie up to %v before the dose that it lets begin", c.Name, c.Within)
	}
}

// partlyGated looks for phases that stand in the place of each other for different patients, of which a check-in decides
// about the one, and none about the other.
func (l *linter) partlyGated() {
	decided := func(ph *protocol.Phase) string {
		for i := range l.p.CheckIns {
			if c := &l.p.CheckIns[i]; c.Decides(ph.Name) {
				return c.Name
			}
		}
		return ""
	}
	for i := range l.p.Phases {
		for k := range l.p.Phases {
			a, b := &l.p.Phases[i], &l.p.Phases[k]
			gate := decided(a)
			if gate == "" || a.For == nil || b.For == nil || a.For.Text == b.For.Text || a.Medication != b.Medication || decided(b) != "" || !l.p.SameStart(i, k) || l.said(diag.PartlyGated, b.Range) {
				continue
			}
			l.found.Add(diag.PartlyGated, b.Range, "name “"+b.Name+"” among what it decides about too, and give it a day that these patients have; or write a check-in of their own",
				"“%s” decides about “%s”, and nothing does about “%s”, which other patients have in its place", gate, a.Name, b.Name)
		}
	}
}

// idleGates looks for check-ins that decide about a phase whose patients do not have them: the phase waits for nothing.
func (l *linter) idleGates() {
	if !l.p.Selective() {
		return
	}
	cells, ok := l.p.Cells()
	if !ok {
		return
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		for k := range l.p.Phases {
			ph := &l.p.Phases[k]
			met := slices.ContainsFunc(cells, func(q *protocol.Protocol) bool {
				_, has := q.Phase(ph.Name)
				_, held := q.CheckIn(c.Name)
				return has && held
			})
			if c.For != nil && c.Decides(ph.Name) && !met {
				l.found.Add(diag.PartlyGated, c.Range, "look at whom the check-in is for, and whom the phase", "“%s” decides about “%s”, and no patient has both: the phase waits for nothing", c.Name, ph.Name)
			}
		}
	}
}

// reLevel says that a test looks for the medicine itself.
var reLevel = lazy.MustCompile(`(?i)\b(trough|peak|(drug|plasma|serum|blood) level|level|AUC)\b`)

// levelsPast looks for a test of the medicine in the blood that comes when the course is over by a week and by half of what it
// lasts.
func (l *linter) levelsPast(c *protocol.CheckIn) {
	if !slices.ContainsFunc(c.Measure, reLevel.MatchString) || l.goesOn() || l.said(diag.OddFigure, c.Range) {
		return
	}
	for _, s := range l.r.Calendars {
		e, last := eventOf(s, c), civil.Date{}
		for i := range s.Events {
			if d := &s.Events[i]; d.Kind == schedule.Dose && d.Date.After(last) {
				last = d.Date
			}
		}
		const week = 7
		if e != nil && e.Date.Sub(last) > week && 2*e.Date.Sub(last) > last.Sub(s.Start) {
			l.found.Add(diag.OddFigure, c.Range, "look at its day: days or weeks, and of what", "the check-in “%s” measures a level on %s, and the last dose is given %s before", c.Name, c.On[0].Text, civil.Plural(e.Date.Sub(last), "day"))
			return
		}
	}
}

// firstCycleAlone looks for a test that decides about a phase of several cycles or runs, and is over with the first.
func (l *linter) firstCycleAlone(c *protocol.CheckIn) {
	if c.Mode != protocol.Lab || c.Before || c.Every.IsSet() || c.EachDose || len(l.r.Calendars) == 0 || l.said(diag.Undecided, c.Range) {
		return
	}
	s := l.r.Calendars[0]
	for at := range s.Phases {
		ph := s.Phases[at].Phase
		per := protocol.DosesOfCycle(ph)
		if per == 0 || !c.Decides(ph.Name) {
			continue
		}
		ends, goesOn, again := int64(0), false, false
		for i := range s.Events {
			switch e := &s.Events[i]; {
			case e.Kind == schedule.Dose && int(e.Phase) == at && int(e.Number) == per:
				ends = e.At
			case e.Kind == schedule.Dose && int(e.Phase) == at && int(e.Number) > per:
				goesOn = true
			case e.Kind == schedule.CheckIn && s.CheckIn(e).Name == c.Name && ends > 0 && e.At > ends:
				again = true
			}
		}
		if goesOn && !again {
			l.found.Add(diag.Undecided, c.Range, "write `on: 1 day before day 1 of each cycle of "+ph.Name+"`, or silence this if one look is enough", "the check-in “%s” decides about all of “%s”, and is not held again after the first of its cycles", c.Name, ph.Name)
			return
		}
	}
}

// metTooLate looks for a check-in that ends a phase once it finds its criterion, and comes for the first time when the phase is
// over by itself.
func (l *linter) metTooLate(c *protocol.CheckIn) {
	for _, s := range l.r.Calendars {
		e := eventOf(s, c)
		for at := range s.Phases {
			ph := s.Phases[at].Phase
			_, last := dosesOf(s, at)
			if e != nil && last != nil && ph.Course.Met == c.Name && !s.Phases[at].Open && e.At > last.At && !l.said(diag.Undecided, c.Range) {
				l.found.Add(diag.Undecided, c.Range, "hold it while the phase lasts", "the check-in “%s” ends “%s” once it finds “%s”, and comes only after its last dose", c.Name, ph.Name, c.Criterion)
			}
		}
	}
}

// gatesElsewhere looks for a test before each dose of a phase that decides about others alone, for one before the first dose that
// lets the course begin whatever it finds, and for one that looks for something of which nothing follows.
func (l *linter) gatesElsewhere(c *protocol.CheckIn) {
	if l.said(diag.Undecided, c.Range) {
		return
	}
	confirms := slices.ContainsFunc(l.p.Phases, func(ph protocol.Phase) bool {
		return ph.Course.Met == c.Name || ph.Titration != nil && ph.Titration.Confirmed == c.Name
	})
	first := slices.ContainsFunc(c.Gates, func(g protocol.Gate) bool { return g.FirstDose })
	switch {
	case c.EachDose && len(c.On) > 0 && c.On[0].Before && len(c.Gates) > 0 && !first && !c.Decides(c.On[0].Phase):
		l.found.Add(diag.Undecided, c.Range, "name “"+c.On[0].Phase+"” among what it decides about", "the check-in “%s” comes before each dose of “%s”, and decides about others alone", c.Name, c.On[0].Phase)
	case c.Before && len(c.Gates) > 0 && !first && !c.Decides(l.p.Phases[0].Name):
		l.found.Add(diag.Undecided, c.Range, "write `gates: first dose`, or silence this if the course begins whatever it finds", "the check-in “%s” is held before the first dose, and lets the course begin whatever it finds", c.Name)
	case c.Criterion != "" && len(c.Gates) == 0 && !c.StopsIfOverdue && !confirms:
		l.found.Add(diag.Undecided, c.Range, "write what it decides about, as `gates: PHASE`", "the check-in “%s” looks for “%s”, and nothing follows from it", c.Name, c.Criterion)
	}
}
