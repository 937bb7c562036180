package ledger

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// guards say what an order may do that others may not, and what it may not beside what none may.
type guards struct {
	fact    bool                      // it follows from what took place, which stands all the same: it is not carried out, and that is said
	rises   bool                      // amounts of a phase whose steps wait for a check-in may rise, as where another route has other amounts
	against func() (help, why string) // what else speaks against the calendar that the order leads to; nil for nothing
}

// try carries out an order on a leg, unless the calendar that it leads to may not be: one that
// cannot be made, in which more doses break a limit, or in which a dose rises whose steps wait for
// a check-in. It reports whether the order stands.
func (s *state) try(l *leg, may guards, do func()) bool {
	s.compute(l, false)
	was, before, held, wrong, early := *l, l.Schedule, s.heldByLimits(), l.wrongSided(), l.beforeGates()
	do()
	found := s.run(l, false)
	revert := func(help, format string, args ...any) bool {
		if *l = was; may.fact {
			s.say(diag.OddEntry, help, "the step that it confirms is not taken: "+format, args...)
		} else {
			s.refuse(help, format, args...)
		}
		return false
	}
	if l.Schedule == nil {
		d := worst(found)
		return revert(d.Help, "%s", d.Message)
	}
	if l.wrongSided() > wrong {
		return revert("order a time before it, or after it, as the protocol has it", "doses would stand on the other side of the dose from which they are counted")
	}
	if now := l.beforeGates(); len(now) > len(early) {
		return revert("hold the check-in before it, or move that first", "a dose would stand before the check-in that decides about it: %s", now[0].Message)
	}
	if now := s.heldByLimits(); now.doses > held.doses {
		return revert("order a smaller dose, a longer interval or another day", "doses would break a limit of the protocol%s", now.beside(held))
	}
	if name, from, to, risen := l.risen(before); !may.rises && before != nil && risen && s.entry != nil && !isCheckIn(s.entry) {
		return revert("record the check-in with the decision to confirm", "the dose %s would rise from %v to %v, and its steps wait for a check-in", name, from, to)
	}
	if i := slices.IndexFunc(l.confirmers, l.saidNo); i >= 0 && !may.rises && s.entry != nil && !isCheckIn(s.entry) {
		if name, from, to, larger := l.larger(before, anyPhase); larger {
			return revert("record the check-in with the decision to confirm, if its step is meant", "the dose %s would rise from %v to %v, and the check-in “%s” declined a step", name, from, to, l.confirmers[i])
		}
	}
	if may.against != nil {
		if help, why := may.against(); why != "" {
			return revert(help, "%s", why)
		}
	}
	return true
}

// beforeGates returns what is found of doses that stand before a check-in which decides about them.
func (l *leg) beforeGates() (found diag.List) {
	if l.Schedule == nil {
		return nil
	}
	for _, d := range l.Schedule.Findings {
		if d.Code == diag.BeforeGate {
			found = append(found, d)
		}
	}
	return found
}

// wrongSided returns how many doses still to be given, of what goes before or after each dose of another phase, stand on
// the other side of theirs.
func (l *leg) wrongSided() (n int) {
	if l.Schedule == nil {
		return 0
	}
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose || e.Number == 0 || e.Status > schedule.Provisional {
			continue
		}
		w := &l.protocol.Phases[e.Phase].Starts
		if w.Anchor != protocol.EachDose || !w.Offset.IsSet() {
			continue
		}
		of := l.dose(schedule.DoseName{Phase: w.Phase, Number: int(e.Run)})
		if of != nil && (w.Before && e.At >= of.At || !w.Before && e.At < of.At) {
			n++
		}
	}
	return n
}

func isCheckIn(e *Entry) bool {
	_, ok := e.Act.(*CheckedIn)
	return ok
}

func isStrike(e *Entry) bool {
	_, ok := e.Act.(*Strike)
	return ok
}

// worst returns the finding for which a calendar could not be made.
func worst(found diag.List) diag.Diagnostic {
	for _, d := range found {
		if d.Severity >= diag.Error {
			return d
		}
	}
	return diag.Diagnostic{Message: "the calendar cannot be made"}
}

// A limited is what limits hold of a course: how many doses, and which, in words.
type limited struct {
	doses int
	words []string
}

// beside returns, in words, the first that is held now and was not before.
func (n limited) beside(before limited) string {
	if i := slices.IndexFunc(n.words, func(text string) bool { return !slices.Contains(before.words, text) }); i >= 0 {
		return n.words[i]
	}
	if len(n.words) > 0 {
		return n.words[0]
	}
	return ", with those of another protocol"
}

// heldByLimits returns what limits hold of the doses of the course.
func (s *state) heldByLimits() (n limited) {
	for _, l := range s.legs {
		if s.compute(l, false); l.Schedule == nil {
			continue
		}
		n.doses += l.held
		for _, d := range l.Schedule.Findings {
			if d.Code == diag.HeldByLimit {
				n.words = append(n.words, ": "+strings.TrimPrefix(d.Message, schedule.HeldSince))
			}
		}
	}
	for _, c := range s.together() {
		if n.doses++; !c.taken {
			others := "another protocol"
			if c.again() {
				others = "the run before it"
			}
			n.words = append(n.words, fmt.Sprintf(", with those of %s: the limit “%s” of “%s”, by %s of “%s” on %v", others, c.name, c.of.protocol.ID, c.leg.Schedule.DoseName(c.event), c.leg.protocol.ID, c.event.Date))
		}
	}
	return n
}

// risen returns a dose of a gated titration that is larger than it was planned to be before.
func (l *leg) risen(before *schedule.Schedule) (name schedule.DoseName, from, to quantity.Amount, risen bool) {
	if !slices.ContainsFunc(l.protocol.Phases, func(ph protocol.Phase) bool { return ph.Titration != nil }) {
		return name, from, to, false
	}
	return l.larger(before, l.gated)
}

// larger returns a dose of some phases, of which nothing is recorded, that is larger than it was planned to be before.
func (l *leg) larger(before *schedule.Schedule, of func(phase int16) bool) (name schedule.DoseName, from, to quantity.Amount, larger bool) {
	return l.differs(before, of, 1)
}

// differs returns a dose of some phases, of which nothing is recorded, that is larger, for a sign of 1, or smaller, for -1, than it
// was planned to be before.
func (l *leg) differs(before *schedule.Schedule, of func(phase int16) bool, sign int) (name schedule.DoseName, from, to quantity.Amount, differs bool) {
	if before == nil {
		return name, from, to, false
	}
	was := map[schedule.DoseName]quantity.Amount{}
	for i := range before.Events {
		if e := &before.Events[i]; e.Kind == schedule.Dose && e.Status != schedule.Taken && e.Status != schedule.Missed {
			was[before.DoseName(e)] = before.Dose(e).Amount
		}
	}
	for i := range l.Schedule.Events {
		e := &l.Schedule.Events[i]
		if e.Kind != schedule.Dose || e.Status == schedule.Taken || e.Status == schedule.Missed || !of(e.Phase) {
			continue
		}
		name, to = l.Schedule.DoseName(e), l.Schedule.Dose(e).Amount
		from, ok := was[name]
		if ok && from.IsSet() && to.Unit().Comparable(from.Unit()) && sign*to.Cmp(from) > 0 {
			return name, from, to, true
		}
	}
	return name, from, to, false
}

// gated reports whether the amounts of a phase rise by steps that wait for a check-in: by its own,
// or by tiers that are the steps of some phase.
func (l *leg) gated(phase int16) bool {
	ph := &l.protocol.Phases[phase]
	if ph.Titration != nil {
		return true
	}
	return dosesByTier(ph) && l.tiersAreSteps()
}

// tiersAreSteps reports whether the tiers are the steps of a phase, which wait for a check-in: of one that the leg
// has, or left out by beginning with a later one.
func (l *leg) tiersAreSteps() bool {
	return slices.ContainsFunc(slices.Concat(l.protocol.Phases, l.whole.Phases), func(ph protocol.Phase) bool { return ph.Titration != nil && len(ph.Titration.Tiers) > 0 })
}

// tierMayRise reports whether an order, or the start of the protocol again, may set a tier: none
// higher than the present one, where the tiers are steps.
func (l *leg) tierMayRise(tier string, day civil.Date) bool {
	return !l.tiersAreSteps() || l.rank(tier) <= l.rank(l.tierOn(day))
}

func (l *leg) rank(tier string) int {
	return slices.IndexFunc(l.protocol.Tiers, func(t protocol.Tier) bool { return t.Name == tier })
}
