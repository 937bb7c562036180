package lint

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A medicine is what the lint knows of one: what its label, or common practice where it has
// none for the use, calls for.
type medicine struct {
	name     string
	rxnorm   string // the ingredient's concept identifier, where it was checked; or ""
	driving  bool   // no driving after a dose
	clinic   bool   // given under direct observation only
	escorted bool   // at home: somebody who can be reached; in an intensive course a sitter and a cuff
	spaced   bool   // a shortest time between doses belongs into its limits
	weekly   bool   // once a week, never daily
}

// medicines are those that the lint knows.
var medicines = []medicine{
	// The label of the nasal spray (Spravato): observed, and no driving until the next day.
	{name: "esketamine", rxnorm: "2119365", driving: true, clinic: true, spaced: true},
	// Common practice, in the words of that label; at home by the programmes that publish theirs.
	{name: "ketamine", rxnorm: "6130", driving: true, escorted: true, spaced: true},
	// The label (Trexall): for rheumatoid arthritis and psoriasis once a week; taken daily by
	// mistake it has killed.
	{name: "methotrexate", weekly: true},
}

// known returns what is known of a medicine; the zero medicine where nothing is.
func known(name string) medicine {
	for _, m := range medicines {
		if strings.EqualFold(m.name, name) {
			return m
		}
	}
	return medicine{}
}

// OnceAWeek reports whether a medicine is one that is given once a week, and does great harm where
// it is taken daily by mistake.
func OnceAWeek(name string) bool { return known(name).weekly }

// codes looks for a medicine whose RxNorm code is that of another.
func (l *linter) codes() {
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		if m.RxNorm == "" {
			continue
		}
		own := known(m.Name).rxnorm
		at := slices.IndexFunc(medicines, func(x medicine) bool { return x.rxnorm == m.RxNorm })
		switch {
		case at >= 0 && !strings.EqualFold(medicines[at].name, m.Name):
			l.found.Add(diag.MedicineCode, m.Range, "correct the name or the code", "the RxNorm code %s is that of %s, and the medicine is called %s", m.RxNorm, medicines[at].name, m.Name)
		case at < 0 && own != "":
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
		ph := &l.p.Phases[e.Phase]
		if last := before[ph.Medication]; last != nil && known(l.medication(ph)).weekly {
			if apart := e.Date.Sub(last.Date); apart > 0 && apart < 6 && !l.said(diag.TooOften, ph.Range) {
				l.found.Add(diag.TooOften, ph.Range, "write `weekly`, or say why with `# doseplan: ignore DP327 because …`", "%s is a medicine of once a week, and “%s” gives it %d days apart", l.medication(ph), ph.Name, apart)
			}
		}
		before[ph.Medication] = e
	}
}
