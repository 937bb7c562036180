package schedule_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/protocols"
)

// Whatever a file says, a calendar comes out or a reason why not.
func FuzzRun(f *testing.F) {
	for _, id := range protocols.IDs() {
		if text, err := protocols.Read(id); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte(head + twoPhases + "{ on: last dose, mode: phone }\n"))
	f.Add([]byte(head + "routes: { oral: { round: 5 mg } }\nphases: { a: { dose: { start: 20 mg, increase: 20 %, every: 2 days, to: 80 mg }, frequency: every 36 hours, course: 3 doses, repeat: 2, rest: 1 week } }\n"))
	pat := person(f, "start: 2026-03-02\nweight: 72 kg\nheight: 175 cm\nsex: female\nage: 40\ntime zone: America/New_York\n")
	f.Fuzz(func(t *testing.T, text []byte) {
		p, found := protocol.Decode("x.yaml", text, nil)
		if found.HasErrors() {
			return
		}
		o := schedule.Options{Closed: calendar.Closed{Weekdays: [7]bool{0: true}}}
		if len(p.Tiers) > 0 {
			o.Tier = p.Tiers[0].Name
		}
		plan, found := schedule.NewPlan(p, o)
		if found.HasErrors() {
			return
		}
		s, found := plan.Run(pat)
		if s == nil && !found.HasErrors() {
			t.Error("no calendar, and no reason")
		}
		if s != nil {
			for i := range s.Events {
				s.Derivation(&s.Events[i])
			}
		}
	})
}
