package lint

import (
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// codes looks for a medicine whose RxNorm code is that of another, or that is of another schedule of controlled
// substances.
func (l *linter) codes() {
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		if is := medicine.Of(m.Name).Schedule; is != "" && m.Schedule != is && strings.HasPrefix(m.Schedule, is[:3]) { // of the same country
			l.found.Add(diag.MedicineCode, m.Range, "write `schedule: "+is+"`", "%s is of the schedule %s, not %s", m.Name, is, m.Schedule)
		}
		if m.RxNorm == "" {
			continue
		}
		own, coded := medicine.Named(m.Name).RxNorm, medicine.OfCode(m.RxNorm).Name
		switch {
		case coded != "" && !strings.EqualFold(coded, m.Name):
			l.found.Add(diag.MedicineCode, m.Range, "correct the name or the code", "the RxNorm code %s is that of %s, and the medicine is called %s", m.RxNorm, coded, m.Name)
		case coded == "" && own != "":
			l.found.Add(diag.MedicineCode, m.Range, "write `rxnorm: "+own+"`", "the RxNorm code of %s is %s, not %s", m.Name, own, m.RxNorm)
		}
	}
}

// weekly looks for a medicine of once a week that a calendar gives on two days of one week.
func (l *linter) weekly(s *schedule.Schedule) {
	before := map[int]*schedule.Event{} // the last dose of each medicine
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		ph := s.Phases[e.Phase].Phase
		if last := before[ph.Medication]; last != nil && medicine.Of(l.medication(ph)).Weekly {
			if apart := e.Date.Sub(last.Date); apart > 0 && apart < 6 && !l.said(diag.TooOften, ph.Range) {
				l.found.Add(diag.TooOften, ph.Range, "write `weekly`, or say why with `# doseplan: ignore DP327 because …`", "%s is a medicine of once a week, and a dose of “%s” comes %s after the one before", l.medication(ph), ph.Name, civil.Plural(apart, "day"))
			}
		}
		before[ph.Medication] = e
	}
}
