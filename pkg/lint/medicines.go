package lint

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// codes looks for a medicine whose RxNorm code is that of another, or that is of another schedule of controlled
// substances.
func (l *linter) codes() {
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		if is := l.known.Of(m.Name).Schedule; is != "" && m.Schedule != is && strings.HasPrefix(m.Schedule, is[:3]) { // of the same country
			l.found.Add(diag.MedicineCode, m.Range, "write `schedule: "+is+"`", "%s is of the schedule %s, not %s", m.Name, is, m.Schedule)
		}
		if m.RxNorm == "" {
			continue
		}
		own, coded := l.known.Named(m.Name).RxNorm, l.known.OfCode(m.RxNorm).Name
		switch {
		case coded != "" && !strings.EqualFold(coded, m.Name):
			l.found.Add(diag.MedicineCode, m.Range, "correct the name or the code", "the RxNorm code %s is that of %s, and the medicine is called %s", m.RxNorm, coded, m.Name)
		case coded == "" && own != "":
			l.found.Add(diag.MedicineCode, m.Range, "write `rxnorm: "+own+"`", "the RxNorm code of %s is %s, not %s", m.Name, own, m.RxNorm)
		}
	}
}

// tooOften looks for a medicine of once a week, or of some days, that a calendar gives sooner again.
func (l *linter) tooOften(s *schedule.Schedule) {
	for before, e := range neighbours(s) {
		ph := s.Phases[e.Phase].Phase
		m := l.known.Of(l.medication(ph))
		apart := e.Date.Sub(before.Date)
		if apart <= 0 || apart >= m.DaysApart() || l.said(diag.TooOften, ph.Range) {
			continue
		}
		what := "once a week"
		if !m.Weekly() {
			what = civil.Plural(m.DaysApart(), "day") + " and more from one dose to the next"
		}
		l.found.Add(diag.TooOften, ph.Range, "correct the frequency, or say why with `# doseplan: ignore DP327 because …`", "%s is a medicine of %s, and a dose of “%s” comes %s after the one before", l.medication(ph), what, ph.Name, civil.Plural(apart, "day"))
	}
}

// asUsual looks for what is not as it is known of a medicine: its routes, the most of a single dose and of the first, and
// the contraindications that its label states.
func (l *linter) asUsual() {
	for i := range l.p.Medications {
		med := &l.p.Medications[i]
		m := l.known.Of(med.Name)
		for _, r := range med.Routes {
			if len(m.Routes) > 0 && !slices.Contains(m.Routes, r.Name) {
				l.found.Add(diag.UnusualUse, r.Range, "correct the route", "%s is given by the route %s alone, and “%s” stands here", med.Name, strings.Join(m.Routes, ", "), r.Name)
			}
		}
		var missing []string
		for i, term := range append(slices.Clip(m.Contraindication), m.Caution...) {
			absolute := i < len(m.Contraindication)
			if !slices.ContainsFunc(l.p.Contraindication, func(k protocol.Contraindication) bool { return (k.Absolute || !absolute) && names(&k, term) }) {
				missing = append(missing, term)
			}
		}
		if len(missing) > 0 {
			l.found.Add(diag.UnusualUse, med.Range, "add them under `contraindications`, those of the label as absolute ones", "the label of %s has contraindications that this protocol does not name, or only as relative ones: %s", med.Name, strings.Join(missing, ", "))
		}
	}
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			for _, b := range l.known.Of(l.medication(ph)).Single {
				if b.Route == r.Name {
					l.p.Amounts(ph, r.Name, func(a *protocol.Amount) { l.most(ph, a, b) })
				}
			}
		}
	}
}

// names reports whether a contraindication of a protocol is one that a label states, in its words or in those that are usual
// for it.
func names(k *protocol.Contraindication, term string) bool {
	const same = 6 // of one usual condition, or of two words of their own
	return slices.ContainsFunc(k.Terms(), func(s string) bool {
		return condition.Same(s, term) || condition.Inflected(s, term) || condition.Likeness(term, s) >= same || condition.Likeness(s, term) >= same
	})
}

// most asks about an amount that is more than a medicine's largest single dose by a route.
func (l *linter) most(ph *protocol.Phase, a *protocol.Amount, b medicine.Bound) {
	dose, bound := a.Quantity, b.Amount
	if protocol.BasisOf(dose) != protocol.BasisOf(bound) { // one is per kg, and the other is not
		weight := l.p.Population.Weight.Max
		if protocol.BasisOf(dose) == protocol.PerWeight {
			weight = l.p.Population.Weight.Min // the heavier may have a case of their own
		}
		if !weight.IsSet() || protocol.BasisOf(dose) == protocol.PerSurface {
			return
		}
		dose, bound = resolved(dose, weight), resolved(bound, weight)
		if a.Max.IsSet() && a.Max.Unit().Comparable(dose.Unit()) {
			dose = quantity.Min(dose, a.Max)
		}
	}
	if dose.Unit().Comparable(bound.Unit()) && dose.Cmp(bound) > 0 && !l.said(diag.UnusualUse, a.Range) {
		l.found.Add(diag.UnusualUse, a.Range, "look at the figure and its unit, or say why with `# doseplan: ignore DP344 because …`", "“%s” gives %v %s %s, and the largest single dose that is known is %v", ph.Name, a.Quantity, l.medication(ph), b.Route, b.Amount)
	}
}

// beginning asks about courses that begin with more than a medicine is begun with.
func (l *linter) beginning(s *schedule.Schedule) {
	begun := map[int]bool{}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		ph := s.Phases[e.Phase].Phase
		if begun[ph.Medication] {
			continue
		}
		begun[ph.Medication] = true
		d := s.Dose(e)
		for _, b := range l.known.Of(l.medication(ph)).First {
			if b.Route == d.Route.Name && d.Amount.Unit().Comparable(b.Amount.Unit()) && d.Amount.Cmp(b.Amount) > 0 && !l.said(diag.UnusualUse, ph.Range) {
				l.found.Add(diag.UnusualUse, ph.Range, "look at the figure; silence this if the protocol is for patients who take it already", "a course begins with %v %s %s, and the largest beginning that is known is %v", d.Amount, l.medication(ph), b.Route, b.Amount)
			}
		}
	}
}
