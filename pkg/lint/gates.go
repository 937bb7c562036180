package lint

import (
	"slices"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// undecided looks for visits from which it is plain that they should decide, and do not.
func (l *linter) undecided() {
	for i := range l.p.CheckIns {
		if c := &l.p.CheckIns[i]; c.Before && len(c.Gates) == 0 && c.Mode != protocol.Lab {
			l.found.Add(diag.Undecided, c.Range, "write `gates: first dose`, or silence this if the course begins whatever it finds", "the check-in “%s” is held before the first dose, and decides nothing", c.Name)
		}
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		l.unheeded(c)
		l.tooSoon(c)
		l.stale(c)
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

// follower returns a phase that begins only after another has ended, and of which no check-in decides.
func (l *linter) follower(of int) *protocol.Phase {
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		if l.p.Succeeds(i, of) && !slices.ContainsFunc(l.p.CheckIns, func(c protocol.CheckIn) bool { return c.Decides(ph.Name) }) {
			return ph
		}
	}
	return nil
}

// unheeded looks for a check-in that measures how the last dose of a phase left the patient, and lets the next phase begin
// whatever it finds.
func (l *linter) unheeded(c *protocol.CheckIn) {
	if len(c.Gates) > 0 || len(c.Measure) == 0 && c.Criterion == "" || c.Mode == protocol.Lab || c.Every.IsSet() {
		return
	}
	for k := range c.On {
		w := &c.On[k]
		of := slices.IndexFunc(l.p.Phases, func(ph protocol.Phase) bool { return ph.Name == w.Phase })
		if of < 0 || w.Before || len(c.On) > 1 {
			continue
		}
		ends := w.Anchor == protocol.LastDose || w.Anchor == protocol.EndOf || w.Anchor == protocol.DoseN && w.N == l.p.MostDoses(&l.p.Phases[of])
		if next := l.follower(of); ends && next != nil {
			l.found.Add(diag.Undecided, c.Range, "write `gates: "+next.Name+"`, or silence this if it begins whatever is found", "the check-in “%s” comes at the end of “%s”, and “%s” begins whatever it finds", c.Name, w.Phase, next.Name)
			return
		}
	}
}

// tooSoon looks for a check-in that decides about a phase and is held as one of several doses before it begins: what those
// do is not seen.
func (l *linter) tooSoon(c *protocol.CheckIn) {
	if c.Before || len(c.On) != 1 || len(c.Measure) == 0 {
		return
	}
	w := &c.On[0]
	of := slices.IndexFunc(l.p.Phases, func(ph protocol.Phase) bool { return ph.Name == w.Phase })
	if of < 0 || w.Anchor != protocol.DoseN || w.N != 1 || w.Offset.IsSet() || l.p.MostDoses(&l.p.Phases[of]) < 3 {
		return
	}
	for _, g := range c.Gates {
		k := slices.IndexFunc(l.p.Phases, func(ph protocol.Phase) bool { return ph.Name == g.Phase })
		if k >= 0 && l.p.Succeeds(k, of) && !c.Decides(w.Phase) {
			l.found.Add(diag.Undecided, c.Range, "hold it on the last dose of “"+w.Phase+"”, or after it", "the check-in “%s” decides about “%s”, and comes with the first of the doses of “%s” that are given before that", c.Name, g.Phase, w.Phase)
		}
	}
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
