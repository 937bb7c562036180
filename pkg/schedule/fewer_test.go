package schedule_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// TestFewer misses one dose of a daily course, gives the two after it, and reads what is planned from then on. An order gives
// no more than the protocol does.
func TestFewer(t *testing.T) {
	day := func(n int) civil.Date { return civil.MustDate("2026-03-01").AddDays(n) }
	type order struct {
		from   int // the day of the phase, from 1; 0 for none
		amount string
	}
	for _, c := range []struct {
		name, dose string
		lost       int // of which 10 mg are given where it is less than 0
		order      order
		want       string // of doses 1 to 8
		said       string
	}{
		{"a flat dose", "10 mg", 3, order{}, "10 10 - 10 10 10 10 10", ""},
		{"a flat dose raised before the miss", "10 mg", 3, order{2, "20 mg"}, "10 10 - 10 10 10 10 10", ""},
		{"a flat dose raised after it", "10 mg", 3, order{6, "20 mg"}, "10 10 - 10 10 10 10 10", ""},
		{"a flat dose lowered before it", "10 mg", 3, order{2, "5 mg"}, "10 5 - 5 5 5 5 5", ""},
		{"by day", "{ by day: { from 1: 10 mg, from 7: 20 mg } }", 3, order{}, "10 10 - 10 10 10 10 20", "dose 7, Sat 2026-03-07 09:00 has 10 mg, as on day 6"},
		{"by day, ordered within a case", "{ by day: { from 1: 10 mg, from 4: 20 mg } }", 3, order{7, "30 mg"}, "10 10 - 20 20 20 20 20", ""},
		{"by dose", "{ by dose: { from 1: 10 mg, from 6: 20 mg, from 7: 30 mg } }", 2, order{}, "10 - 10 10 10 10 20 30", "dose 6, Fri 2026-03-06 09:00 has 10 mg, as dose 5"},
		{"by dose, ordered before the miss", "{ by dose: { from 1: 10 mg, from 6: 20 mg, from 7: 30 mg } }", 2, order{2, "25 mg"}, "10 - 10 10 10 10 20 25", "dose 6"},
		{"by dose, less ordered before the miss", "{ by dose: { from 1: 10 mg, from 6: 20 mg, from 7: 30 mg } }", 2, order{2, "5 mg"}, "10 - 5 5 5 5 5 5", ""},
		{"a loading dose", "{ by dose: { from 1: 40 mg, from 6: 10 mg } }", 1, order{}, "- 40 40 40 40 10 10 10", ""},
		{"by dose, half of the second", "{ by dose: { from 1: 10 mg, from 2: 20 mg, from 5: 30 mg } }", -2, order{}, "10 10 20 20 20 30 30 30", "dose 5, Thu 2026-03-05 09:00 has 20 mg, as dose 4, and not the 30 mg of its own number: 1 dose before it was not given, or half at most"},
		{"by dose, more than half of the second", "{ by dose: { from 1: 10 mg, from 2: 19 mg, from 5: 30 mg } }", -2, order{}, "10 10 19 19 30 30 30 30", ""},
		{"up and down", "{ by dose: { from 1: 10 mg, from 6: 40 mg, from 7: 20 mg } }", 1, order{}, "- 10 10 10 10 10 20 20", "dose 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(t, phases("{ a: { dose: "+c.dose+", frequency: daily, course: 8 doses } }"))
			o := schedule.Options{Timeline: schedule.Timeline{Lived: true}}
			part := c.lost < 0
			if part {
				c.lost = -c.lost
			}
			o.Timeline.Now = day(c.lost + 2)
			for n := 1; n <= c.lost+2; n++ {
				f := schedule.Fact{Phase: "a", Number: n, Status: schedule.Taken, Date: day(n - 1), Clock: 9 * 60}
				switch {
				case n == c.lost && part:
					f.Amount = quantity.MustParse("10 mg")
				case n == c.lost:
					f.Status = schedule.Missed
				}
				o.Timeline.Facts = append(o.Timeline.Facts, f)
			}
			if c.order.from > 0 {
				o.Timeline.Changes = []schedule.Change{{From: day(c.order.from - 1), Amount: map[string]quantity.Amount{"a": quantity.MustParse(c.order.amount)}, Reason: "ordered"}}
			}
			s := mustCompute(t, p, o, person(t, "start: 2026-03-01\ntime zone: UTC\nweight: 70 kg"))
			var got []string
			seen := map[int]bool{}
			for i := range s.Events {
				if e := &s.Events[i]; e.Kind == schedule.Dose && e.Status == schedule.Missed {
					got = append(got, "-")
				} else if e.Kind == schedule.Dose {
					got = append(got, s.Dose(e).Amount.Decimal())
					seen[int(e.Dose)] = true
				}
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("doses %s, want %s", got, c.want)
			}
			var said []string
			for _, d := range s.Findings {
				if d.Code == diag.FewerGiven {
					said = append(said, d.Message)
				}
			}
			switch {
			case c.said == "" && len(said) > 0 || c.said != "" && len(said) != 1:
				t.Errorf("said %q, want one that names %q", said, c.said)
			case c.said != "" && !strings.Contains(said[0], c.said):
				t.Errorf("said %q, want one that names %q", said[0], c.said)
			}
			if n := strings.Count(c.dose, "mg"); len(s.Doses) > 3*n { // in two stretches, and in place of those that were ordered
				t.Errorf("%d amounts of %d", len(s.Doses), n)
			}
		})
	}
}
