package proof

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Starts that the proof takes to be alike have the same calendar, day by day, and the same doses before their check-ins.
func TestAlikeStarts(t *testing.T) {
	const head = "doseplan: 1\nkind: protocol\nid: x\ntitle: X\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: clinic\nmedication: { name: examplamine }\nroutes: { oral: { round: 1 mg } }\n"
	for _, text := range []string{
		"short months: skip\nphases: { a: { dose: 5 mg, frequency: monthly, course: 5 doses } }\n",
		"phases: { a: { dose: 5 mg, frequency: daily, course: 3 months }, b: { dose: 5 mg, frequency: mon and thu, course: 4 doses } }\n",
		"phases: { a: { dose: 5 mg, frequency: first monday of each month, course: 4 doses } }\n",
		"phases: { a: { dose: 5 mg, frequency: last day of each month, course: 4 doses }, b: { dose: 5 mg, frequency: weekly, course: 3 doses, starts: 2 months after last dose of a } }\n",
		"phases: { a: { dose: 5 mg, frequency: \"days 1, 15 of each month\", course: 8 doses } }\n",
		"phases: { a: { dose: 5 mg, frequency: every 2 weeks, course: 14 months } }\n",
		"phases: { a: { dose: 5 mg, frequency: daily, course: open-ended } }\nlimits: { reassess: every 3 months }\n",
		"phases: { a: { dose: 5 mg, frequency: fri, course: open-ended } }\nlimits: { reassess: every 1 months }\n",
		"phases: { a: { dose: 5 mg, frequency: weekly, course: open-ended } }\ncheck-ins: { look: { every: 2 months, mode: phone, gates: a } }\n",
		"phases: { a: { dose: 5 mg, frequency: weekly, course: 4 doses }, b: { dose: 5 mg, frequency: weekly, course: 20 doses, starts: day 80 } }\ncheck-ins: { look: { every: 2 months, from: day 20, mode: phone, gates: b } }\n",
		"phases: { a: { dose: 5 mg, frequency: weekly, course: 10 doses }, b: { dose: 5 mg, frequency: daily, course: 20 doses, starts: first sunday on or after month 4 } }\ncheck-ins: { look: { on: month 4, mode: phone, gates: b } }\n",
	} {
		p, found := protocol.Decode("x.yaml", []byte(head+text), nil)
		if found.HasErrors() {
			t.Fatal(text, found)
		}
		c := newChecker(p, false)
		people, _ := c.candidates()
		o := c.choices()[0]
		o.Horizon, o.Overrides = shortest, everyLimit(p)
		plan, found := schedule.NewPlan(p, o)
		if found.HasErrors() {
			t.Fatal(found)
		}
		c.reads = plan.Reads()
		pat := *people[0]
		k, _ := plan.Reckon(&pat)
		type first struct{ start, calendar string }
		seen, span, alike := map[string]first{}, 7, 0
		for n := range 28*365 + 7 {
			if n > 800 && n%5 != 0 { // the rest is sampled
				continue
			}
			later := pat
			later.Start = pat.Start.AddDays(n)
			key := c.monthsOf(later.Start, span)
			s, found := plan.Standing(&later, k)
			var b strings.Builder
			for i := range s.Events {
				e := &s.Events[i]
				day := e.Date.Sub(later.Start)
				span = max(span, day+1)
				fmt.Fprint(&b, day, e.Clock, e.Phase, e.Dose, " ")
			}
			for _, d := range found {
				fmt.Fprint(&b, d.Code, d.Range)
			}
			if was, ok := seen[key]; !ok {
				seen[key] = first{later.Start.String(), b.String()}
			} else if alike++; was.calendar != b.String() {
				t.Fatalf("%s: %v and %v are taken to be alike (%q), and give\n%s\n%s", text, was.start, later.Start, key, was.calendar, b.String())
			}
		}
		if alike < 200 {
			t.Errorf("%s: %d starts alike, %d others", text, alike, len(seen))
		}
	}
}
