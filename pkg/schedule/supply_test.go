package schedule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

const supplied = `routes: { oral: { form: tablet } }
phases: { daily: { dose: 50 mg, frequency: %s, course: %s } }
supply: { fill: 2 weeks, lead time: 3 days }
`

func fills(s *schedule.Schedule) string {
	var out []string
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Supply {
			out = append(out, fmt.Sprintf("%v %v %s", e.Date, e.Status, view.Contents(s, e)))
		}
	}
	return strings.Join(out, "\n")
}

// From Monday 2 March on, 14 doses of 50 mg are 700 mg; the second fill is for 16 to 29 March
// and is sent on Friday the 13th. A fill begins at its first dose: for one every 5 days, 2, 7 and
// 12 March, and then 17 March.
func TestFills(t *testing.T) {
	home := strings.Replace(head, "clinic", "home", 1)
	for _, c := range []struct {
		frequency, course string
		o                 schedule.Options
		want              string
	}{
		{"daily", "4 weeks", schedule.Options{}, "2026-02-27 planned 14 doses, 700 mg examplamine oral (tablet), from 2026-03-02 to 2026-03-15\n2026-03-13 planned 14 doses, 700 mg examplamine oral (tablet), from 2026-03-16 to 2026-03-29"},
		{"daily", "15 doses", schedule.Options{}, "2026-02-27 planned 14 doses, 700 mg examplamine oral (tablet), from 2026-03-02 to 2026-03-15\n2026-03-13 planned 1 dose, 50 mg examplamine oral (tablet), from 2026-03-16 to 2026-03-16"},
		{"every 5 days", "5 doses", schedule.Options{}, "2026-02-27 planned 3 doses, 150 mg examplamine oral (tablet), from 2026-03-02 to 2026-03-12\n2026-03-14 planned 2 doses, 100 mg examplamine oral (tablet), from 2026-03-17 to 2026-03-22"},
		{"every 5 days", "5 doses", schedule.Options{Closed: calendar.Closed{Weekdays: [7]bool{0: true, 6: true}}}, "2026-02-27 planned 3 doses, 150 mg examplamine oral (tablet), from 2026-03-02 to 2026-03-12\n2026-03-13 planned 2 doses, 100 mg examplamine oral (tablet), from 2026-03-17 to 2026-03-22"},
		{"daily", "open-ended", schedule.Options{Until: civil.MustDate("2026-03-20")}, "2026-02-27 planned 14 doses, 700 mg examplamine oral (tablet), from 2026-03-02 to 2026-03-15\n2026-03-13 planned 5 doses, 250 mg examplamine oral (tablet), from 2026-03-16 to 2026-03-20, as far as shown"},
	} {
		s := mustCompute(t, decode(t, home+fmt.Sprintf(supplied, c.frequency, c.course)), c.o, person(t, "start: 2026-03-02"))
		if got := fills(s); got != c.want {
			t.Errorf("%s, %s:\n%s\nwant\n%s", c.frequency, c.course, got, c.want)
		}
	}
}

// Doses that wait for a gate wait with their fill.
func TestFillsWait(t *testing.T) {
	s := mustCompute(t, decode(t, strings.Replace(head, "clinic", "home", 1)+fmt.Sprintf(supplied, "daily", "1 week")+"check-ins: { evaluation: { before: first dose, within: 1 week, mode: telehealth, gates: first dose } }\n"), schedule.Options{}, person(t, "start: 2026-03-02"))
	if got := fills(s); got != "2026-02-27 provisional 7 doses, 350 mg examplamine oral (tablet), from 2026-03-02 to 2026-03-08" {
		t.Error(got)
	}
}
