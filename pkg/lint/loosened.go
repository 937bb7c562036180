package lint

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// loosened names every limit, gate, contraindication and end of the population of an extended protocol that the
// one that extends it leaves out or makes wider: whoever reads the file sees the new figure alone.
func (l *linter) loosened() {
	base := l.p.Extended
	if base == nil {
		return
	}
	for i := range base.Medications {
		if m := l.sameMedicine(&base.Medications[i]); m != nil {
			l.looserLimits(&base.Medications[i], m)
		}
	}
	l.looserGates(base)
	l.fewerContraindications(base)
	l.widerPopulation(base)
	l.looserCourse(base)
}

// loosens takes down one thing that is looser than in the extended protocol. Where the protocol is published, its
// evidence still speaks of what the other one states.
func (l *linter) loosens(at diag.Range, format string, args ...any) {
	if !at.IsSet() || at.File != l.p.Range.File { // what is left out stands in the other file
		at = l.p.Range
	}
	d := l.found.Add(diag.Loosened, at, "restore it, or silence this with the reason", format, args...)
	if l.p.Status == protocol.Published {
		d.Severity = diag.Error
	}
}

// sameMedicine returns the medicine that a protocol gives in place of one of the protocol that it extends.
func (l *linter) sameMedicine(m *protocol.Medication) *protocol.Medication {
	i := slices.IndexFunc(l.p.Medications, func(o protocol.Medication) bool {
		return strings.EqualFold(o.Name, m.Name) || o.RxNorm != "" && o.RxNorm == m.RxNorm
	})
	if i < 0 {
		return nil
	}
	return &l.p.Medications[i]
}

func (l *linter) looserLimits(was, now *protocol.Medication) {
	for _, b := range was.Limits.Bounds() {
		same := slices.DeleteFunc(now.Limits.Bounds(), func(o protocol.Bound) bool {
			return o.Key != b.Key || o.Amount.Unit().Per() != b.Amount.Unit().Per() || !o.Amount.Unit().Comparable(b.Amount.Unit())
		})
		kept := slices.ContainsFunc(same, func(o protocol.Bound) bool { return o.Amount.Cmp(b.Amount) <= 0 })
		switch {
		case kept:
		case len(same) > 0:
			l.loosens(same[0].Range, "the limit “%s” of %s is %v, and %v in “%s”, which this protocol extends", b.Key, now.Name, same[0].Amount, b.Amount, l.p.Extended.ID)
		default:
			l.loosens(now.Limits.Range, "the limit “%s” of %s, %v in “%s”, which this protocol extends, is left out", b.Key, now.Name, b.Amount, l.p.Extended.ID)
		}
	}
	a, b := &was.Limits, &now.Limits
	if a.Interval > b.Interval && b.Apart == 0 || a.Apart > b.Apart && b.Interval == 0 || a.Interval > 0 && b.Interval < a.Interval && b.Apart > 0 && 24*b.Apart < int(a.Interval.Hours()) {
		l.loosens(b.IntervalAt, "the shortest interval between doses of %s is shorter than in “%s”, which this protocol extends, or left out", now.Name, l.p.Extended.ID)
	}
	for _, g := range a.Gaps {
		if !slices.ContainsFunc(b.Gaps, func(o protocol.Gap) bool { return o.Name == g.Name && o.Least >= g.Least }) {
			l.loosens(b.Range, "the shortest interval from %s to %s is shorter than in “%s”, which this protocol extends, or left out", now.Name, g.Name, l.p.Extended.ID)
		}
	}
	if a.Doses > 0 && (b.Doses == 0 || b.Doses > a.Doses) {
		l.loosens(b.DosesAt, "the limit “%s” of %s is more than in “%s”, which this protocol extends, or left out", limit.KeyDoses, now.Name, l.p.Extended.ID)
	}
	if a.Reassess.IsSet() && (!b.Reassess.IsSet() || b.Reassess.From(someDay, 1).After(a.Reassess.From(someDay, 1))) {
		l.loosens(b.ReassessAt, "the reassessment of “%s”, which this protocol extends, comes later, or is left out", l.p.Extended.ID)
	}
}

// looserGates looks for gates that are gone: check-ins that decide about the first dose, a phase, or the steps of a
// titration.
func (l *linter) looserGates(base *protocol.Protocol) {
	for i := range base.CheckIns {
		was := &base.CheckIns[i]
		for _, g := range was.Gates {
			if _, stays := l.p.Phase(g.Phase); !stays && !g.FirstDose {
				continue
			}
			gated := func(c protocol.CheckIn) bool {
				return slices.ContainsFunc(c.Gates, func(o protocol.Gate) bool { return o.Phase == g.Phase && o.FirstDose == g.FirstDose })
			}
			now := slices.IndexFunc(l.p.CheckIns, gated)
			what := "the phase “" + g.Phase + "”"
			if g.FirstDose {
				what = "the first dose"
			}
			switch {
			case now < 0:
				l.loosens(l.p.Range, "%s waits for a check-in in “%s”, which this protocol extends, and for none here", what, base.ID)
			case was.Within.IsSet() && l.p.CheckIns[now].Within.IsSet() && l.p.CheckIns[now].Within.From(someDay, 1).After(was.Within.From(someDay, 1)):
				l.loosens(l.p.CheckIns[now].Range, "the check-in that decides about %s may be held longer before it than in “%s”, which this protocol extends", what, base.ID)
			}
		}
	}
	for i := range base.Phases {
		was := &base.Phases[i]
		if now, ok := l.p.Phase(was.Name); ok && was.Titration != nil && now.Titration == nil {
			l.loosens(now.Range, "the steps of the phase “%s” wait for a check-in in “%s”, which this protocol extends, and for none here", was.Name, base.ID)
		}
	}
}

func (l *linter) fewerContraindications(base *protocol.Protocol) {
	for _, was := range base.Contraindication {
		now := slices.IndexFunc(l.p.Contraindication, func(k protocol.Contraindication) bool { return strings.EqualFold(k.Term, was.Term) })
		kind := "a relative"
		if was.Absolute {
			kind = "an absolute"
		}
		switch {
		case now < 0:
			l.loosens(l.p.Range, "“%s”, %s contraindication of “%s”, which this protocol extends, is left out", was.Term, kind, base.ID)
		case was.Absolute && !l.p.Contraindication[now].Absolute:
			l.loosens(l.p.Contraindication[now].Range, "“%s” is an absolute contraindication of “%s”, which this protocol extends, and a relative one here", was.Term, base.ID)
		default:
			less := slices.DeleteFunc(slices.Clone(was.Also), func(word string) bool {
				return slices.ContainsFunc(l.p.Contraindication[now].Also, func(o string) bool { return strings.EqualFold(o, word) })
			})
			if len(less) > 0 {
				l.loosens(l.p.Contraindication[now].Range, "other words or codes for “%s” in “%s”, which this protocol extends, are left out: %s", was.Term, base.ID, strings.Join(less, ", "))
			}
		}
	}
}

func (l *linter) widerPopulation(base *protocol.Protocol) {
	was, now := &base.Population, &l.p.Population
	for _, x := range []struct {
		what     string
		was, now grammar.Bounded
	}{{"ages", was.Age, now.Age}, {"weights", was.Weight, now.Weight}, {"heights", was.Height, now.Height}, {"body mass indices", was.BMI, now.BMI}, {"body surfaces", was.Surface, now.Surface}} {
		low := x.was.Min.IsSet() && (!x.now.Min.IsSet() || x.now.Min.Cmp(x.was.Min) < 0)
		high := x.was.Max.IsSet() && (!x.now.Max.IsSet() || x.now.Max.Cmp(x.was.Max) > 0)
		if low || high {
			l.loosens(x.now.Range, "the population has %s that it does not have in “%s”, which this protocol extends", x.what, base.ID)
		}
	}
	if was.Sex != "" && now.Sex != was.Sex {
		l.loosens(now.SexAt, "the population is of another sex than in “%s”, which this protocol extends", base.ID)
	}
}
