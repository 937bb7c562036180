package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Whatever is held, put off, missed or moved, no dose is planned long after the check-in that last let it through, where that
// comes at intervals: half as long again as those, or as its windows let two lie apart. Those still to come stand
// once each, in order of their numbers.
func TestFreshGates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom([]int{5, 7, 14, 21}).Draw(t, "every")
		window := rapid.IntRange(0, 2).Draw(t, "window")
		rules := strings.Replace(base, "limits: {", fmt.Sprintf("  echo: { every: %d days, window: ±%d days, mode: lab, gates: induction }\n%slimits: {", every, window,
			rapid.SampledFrom([]string{"missed doses: { then: shift }\n", "missed doses: { then: skip }\n", ""}).Draw(t, "missed")+"interruptions: { clock: stops }\n"), 1)
		rules = strings.Replace(rules, "course: 6 doses", "course: 20 doses", 1)
		rules = strings.Replace(rules, "±0 days", "0 days", 1)
		var entries []string
		day := civil.MustDate("2026-03-01")
		for range rapid.IntRange(3, 25).Draw(t, "entries") {
			day = day.AddDays(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 9, 30}).Draw(t, "later"))
			before, _ := foldRapid(t, rules, written(entries...), ledger.Options{Now: day})
			next := fmt.Sprintf("  - { on: %v, entered: %v, by: Dr. Adams, %s }\n", day, day, drawPut(t, before, day))
			after, found := foldRapid(t, rules, written(append(entries[:len(entries):len(entries)], next)...), ledger.Options{Now: day})
			if after == nil || refused(found, len(entries)+1) {
				continue
			}
			entries = append(entries, next)
			most := every + max(every/2, 2*window) + 2*window + every // one held on the day on which doses go on stands for its own turn
			for i := range after.Legs {
				keepsFresh(t, after.Legs[i].Schedule, day, most, entries)
			}
		}
	})
}

// drawPut draws an entry that puts something off, or that records what is next.
func drawPut(t *rapid.T, c *ledger.Calendar, day civil.Date) string {
	s := c.Legs[0].Schedule
	var dose, visit string
	for i := range s.Events {
		e := &s.Events[i]
		switch {
		case e.Kind == schedule.Dose && e.Status <= schedule.Provisional && dose == "":
			dose = s.DoseName(e).String()
		case e.Kind == schedule.CheckIn && e.Status <= schedule.Provisional && s.CheckIn(e).Name == "echo" && visit == "":
			visit = fmt.Sprintf("echo %d", e.Number)
		}
	}
	list := []string{"hold: doses", "resume: doses", fmt.Sprintf("start: %v", day.AddDays(4))}
	if dose != "" {
		list = append(list, "given: "+dose, "given: "+dose, "given: "+dose, "missed: "+dose, fmt.Sprintf("delay: %s, to: %v", dose, day.AddDays(rapid.SampledFrom([]int{1, 3, 20, 70}).Draw(t, "by"))))
	}
	if visit != "" {
		list = append(list, "check-in: "+visit+", decision: confirm", "check-in: "+visit+", decision: confirm", "check-in: "+visit+", decision: confirm", "check-in: "+visit+", decision: decline",
			fmt.Sprintf("move: %s, to: %v", visit, day.AddDays(1)))
	}
	return rapid.SampledFrom(list).Draw(t, "entry")
}

func keepsFresh(t *rapid.T, s *schedule.Schedule, today civil.Date, most int, entries []string) {
	number := int32(0)
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind == schedule.CheckIn && s.CheckIn(e).Name == "echo" && e.Status <= schedule.Provisional {
			if e.Number <= number {
				t.Fatalf("echo %d of %v stands after %d\n%s", e.Number, e.Date, number, strings.Join(entries, ""))
			}
			number = e.Number
		}
		if e.Kind != schedule.Dose || e.Status != schedule.Planned || e.Date.Before(today) || s.PhaseName(e) != "induction" {
			continue
		}
		var last civil.Date
		for _, d := range s.Decided {
			if d.Name == "echo" && !d.Declined && !d.Date.After(e.Date) {
				last = civil.Later(last, d.Date)
			}
		}
		if last.IsZero() || e.Date.Sub(last) > most {
			t.Fatalf("%s of %v is planned, and the echo before it was of %v, more than %d days\n%s", s.DoseName(e), e.Date, last, most, strings.Join(entries, ""))
		}
	}
}
