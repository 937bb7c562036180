package ledger_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// drawRules draws a protocol: the one that the hand-made calendars are of, with other rules.
func drawRules(t *rapid.T) string {
	text := base + rapid.SampledFrom([]string{"", "missed doses: { then: shift }\n", "missed doses: { then: extend }\n", "missed doses: { then: skip }\n"}).Draw(t, "missed") +
		rapid.SampledFrom([]string{"", "interruptions: { clock: stops }\n", "interruptions: { restart after: 6 days }\n", "interruptions: { clock: stops, restart after: 9 days }\n"}).Draw(t, "holds") +
		"contraindications: { absolute: [pregnancy] }\n"
	if rapid.IntRange(0, 2).Draw(t, "counts") == 0 {
		text = strings.Replace(text, "check-ins:\n", "check-ins:\n  counts: { on: 1 day before each dose of induction, mode: phone, window: 0 to +2 days, gates: induction }\n"+
			rapid.SampledFrom([]string{"", "  consent: { before: first dose, within: 14 days, mode: phone, gates: induction }\n"}).Draw(t, "consent"), 1)
	}
	maintenance := []string{
		"frequency: weekly, course: 4 doses", "frequency: mon and thu, course: 3 weeks", "frequency: every 36 hours, course: 5 doses",
		"frequency: weekly, course: 4 doses, starts: 1 week after last dose of induction", "frequency: every 4 days, course: 8 days, repeat: 2, rest: 1 week",
		"frequency: daily, course: open-ended", "frequency: monthly, course: 2 doses",
	}
	if strings.Contains(text, "then: extend") { // which wants phases of so many doses
		maintenance = slices.DeleteFunc(maintenance, func(s string) bool {
			return strings.HasSuffix(s, "weeks") || strings.Contains(s, "course: 8 days")
		})
	}
	text = strings.Replace(text, "frequency: weekly, course: 4 doses", rapid.SampledFrom(maintenance).Draw(t, "maintenance"), 1)
	text = strings.Replace(text, "every: 1 week, window: ±1 day", rapid.SampledFrom([]string{"every: 1 week, window: ±1 day", "every: 1 week, window: ±1 day, overdue: stop", "on: [dose 2 of induction, dose 4 of induction]"}).Draw(t, "review"), 1)
	return strings.Replace(text, "any 7 days: 300 mg", rapid.SampledFrom([]string{"any 7 days: 300 mg", "any 30 days: 4000 mg", "any 7 days: 300 mg, reassess: every 3 weeks"}).Draw(t, "limit"), 1)
}

// drawEntry draws an entry that may or may not be carried out.
func drawEntry(t *rapid.T, entered civil.Date, number int) string {
	on := entered.AddDays(rapid.SampledFrom([]int{0, 0, 0, 0, -1, -3, 2, 9}).Draw(t, "on"))
	n := rapid.IntRange(1, 6).Draw(t, "number")
	phase := rapid.SampledFrom([]string{"induction", "induction", "maintenance"}).Draw(t, "phase")
	mg := rapid.IntRange(1, 140).Draw(t, "mg")
	body := rapid.SampledFrom([]string{
		fmt.Sprintf("weight: %d kg", rapid.SampledFrom([]int{30, 60, 72, 90, 100, 140, 300}).Draw(t, "kg")),
		"tier: low", "tier: mid", "tier: high",
		fmt.Sprintf("check-in: review %d, decision: confirm", n), fmt.Sprintf("check-in: review %d, decision: decline", n), fmt.Sprintf("check-in: counts %d, decision: confirm", n), fmt.Sprintf("check-in: counts %d, decision: confirm", n), fmt.Sprintf("check-in: counts %d, decision: decline", n), "check-in: response 1, decision: confirm", "check-in: review", fmt.Sprintf("check-in: reassessment %d, decision: confirm", min(n, 3)),
		fmt.Sprintf("dose: { %s: %d mg }", phase, mg), "frequency: { induction: every 2 days }", "frequency: { induction: every 3 days }",
		fmt.Sprintf("given: %s %d", phase, n), fmt.Sprintf("given: %s %d", phase, n), fmt.Sprintf("missed: %s %d", phase, n), fmt.Sprintf("skip: %s %d", phase, n),
		fmt.Sprintf("given: %s %d, at: 11:00, amount: %d mg", phase, n, mg), fmt.Sprintf("given: %s, at: 21:00, amount: %d mg", phase, mg),
		fmt.Sprintf("switch: { protocol: %s, tier: %s }", pin("other"), rapid.SampledFrom([]string{"low", "high"}).Draw(t, "tier")),
		fmt.Sprintf("switch: { protocol: %s, tier: %s }", pin("mine"), rapid.SampledFrom([]string{"low", "high"}).Draw(t, "tier again")),
		fmt.Sprintf("switch: { protocol: %s, tier: low }, taper: { every: 2 days, doses: [30 mg, 20 mg] }", pin("other")),
		fmt.Sprintf("add: { protocol: %s, tier: low }", pin("added")), "stop: course", "stop: added", "restart: mine", "restart: mine, with tier: high", "restart: mine, from phase: maintenance",
		"times: { induction: 15:00 }", "times: { maintenance: 08:00 }", fmt.Sprintf("move: review %d, to: %v, at: 16:00", n, on.AddDays(1)), fmt.Sprintf("move: response 1, to: %v", on.AddDays(2)),
		"hold: doses", "resume: doses", "found: pregnancy", "resolved: pregnancy", "found: asthma", "observation: well", "adverse event: vomiting",
		fmt.Sprintf("move: %s %d, to: %v", phase, n, on.AddDays(1)), fmt.Sprintf("delay: %s %d, to: %v", phase, n, on.AddDays(4)), fmt.Sprintf("away: %v..%v", on.AddDays(1), on.AddDays(4)), fmt.Sprintf("start: %v", on.AddDays(3)),
		"protocol: { id: mine, version: 2.0.0, sha256: " + zeros + " }",
		fmt.Sprintf("why: wrong, strike: %d", rapid.IntRange(1, max(number-1, 1)).Draw(t, "struck")),
	}).Draw(t, "entry")
	return fmt.Sprintf("  - { on: %v, entered: %v, by: Dr. Adams, %s }\n", on, entered, body)
}

// drawPause draws an entry of a course that is interrupted: what is held, goes on, is given all the same, or is missed.
func drawPause(t *rapid.T, entered civil.Date) string {
	on := entered.AddDays(-rapid.IntRange(0, 8).Draw(t, "late"))
	n := rapid.IntRange(1, 6).Draw(t, "which")
	body := rapid.SampledFrom([]string{
		"hold: doses", "resume: doses", "hold: doses", "resume: doses", "found: pregnancy", "resolved: pregnancy", "weight: 30 kg", "weight: 72 kg",
		fmt.Sprintf("given: induction %d", n), fmt.Sprintf("missed: induction %d", n), fmt.Sprintf("delay: induction %d, to: %v", n, entered.AddDays(5)), "restart: mine",
	}).Draw(t, "pause")
	return fmt.Sprintf("  - { on: %v, entered: %v, by: Dr. Adams, %s }\n", on, entered, body)
}

func foldRapid(t *rapid.T, protocolText, text string, o ledger.Options) (*ledger.Calendar, diag.List) {
	root, _ := source.Parse("course.yaml", []byte(text))
	c, found := course.Decode(root)
	if found.HasErrors() {
		t.Fatal(found, text)
	}
	return ledger.Fold(c, sourceOf(protocolText), o)
}

// refused reports whether the last entry of a course of n entries has no effect.
func refused(found diag.List, n int) bool {
	return slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.BadEntry && d.Entry == n })
}

// Every ledger that is drawn can be opened and gone on with; no fact is changed by a later entry; no
// order raises a dose past a gate, or lets one be planned that breaks a limit; striking the last
// entry gives the calendar before it; one by one or all at once is the same; as of a day, only what
// was written down by then counts. DOSEPLAN_LEDGERS draws that many.
func TestLedgers(t *testing.T) {
	want := 60
	if testing.Short() {
		want = 20
	}
	if n, err := strconv.Atoi(os.Getenv("DOSEPLAN_LEDGERS")); err == nil {
		want = n
	}
	drawn, carriedOut, several, opened := 0, 0, 0, 0
	for drawn < want {
		rapid.Check(t, func(t *rapid.T) {
			drawn++
			rules := drawRules(t)
			o := ledger.Options{}
			if rapid.Bool().Draw(t, "closed days") {
				o.Base.Closed.Dates = map[civil.Date]string{}
				for d := range 60 {
					if rapid.IntRange(0, 9).Draw(t, "shut") == 0 {
						o.Base.Closed.Dates[civil.MustDate("2026-03-02").AddDays(d)] = "closed"
					}
				}
			}
			var entries []string
			before, found := foldRapid(t, rules, written(), o)
			if before == nil {
				t.Fatal(found)
			}
			day := civil.MustDate("2026-03-01")
			asOf := map[civil.Date]string{}
			for range rapid.IntRange(1, 14).Draw(t, "entries") {
				day = day.AddDays(rapid.IntRange(0, 4).Draw(t, "later"))
				next := append(entries[:len(entries):len(entries)], drawEntry(t, day, len(entries)+1))
				if strings.Contains(rules, "counts:") && rapid.Bool().Draw(t, "counted") { // on a day on which it decides
					name := fmt.Sprintf("counts %d", day.Sub(civil.MustDate("2026-03-01"))/3+1)
					if strings.Contains(rules, "consent:") {
						name = rapid.SampledFrom([]string{name, name, "consent 1"}).Draw(t, "name")
					}
					next[len(next)-1] = fmt.Sprintf("  - { on: %v, entered: %[1]v, by: Dr. Adams, check-in: %s, decision: %s }\n", day, name, rapid.SampledFrom([]string{"confirm", "confirm", "decline"}).Draw(t, "decision"))
				}
				if strings.Contains(rules, "restart after:") && rapid.Bool().Draw(t, "interrupted") { // what leaves doses out
					next[len(next)-1] = drawPause(t, day)
				}
				after, found := foldRapid(t, rules, written(next...), o)
				if after == nil {
					t.Fatalf("the course is locked: %v\n%s", found, strings.Join(next, ""))
				}
				if refused(found, len(next)) && !strings.Contains(next[len(next)-1], "check-in") {
					continue // as the command line, which writes nothing
				}
				carriedOut++
				last := next[len(next)-1]
				keepsFacts(t, before, after, last, next)
				keepsRules(t, rules, before, after, last, next)
				opened += keepsGates(t, rules, after, next)
				keepsPace(t, rules, after, day, next)
				undone, _ := foldRapid(t, rules, written(append(next[:len(next):len(next)], fmt.Sprintf("  - { on: %v, by: A, why: w, strike: %d }\n", day, len(next)))...), o)
				// As far ahead as with the entry: an order that closed days leave no place for is refused where that is seen.
				ahead := o
				ahead.Reach = day
				same, _ := foldRapid(t, rules, written(entries...), ahead)
				if a, b := shape(same, day), shape(undone, day); !strings.Contains(last, "strike") && a != b {
					t.Fatalf("struck, it is not as before:\n%s\nbefore:\n%s\n%s", b, a, strings.Join(next, ""))
				}
				entries, before = next, after
				if len(after.Legs) > 1 {
					several++
				}
				dated := o
				dated.AsOf = day
				asIs, _ := foldRapid(t, rules, written(entries...), dated)
				asOf[day] = strings.Join(lines(asIs), "\n")
			}
			for day, was := range asOf {
				dated := o
				dated.AsOf = day
				is, _ := foldRapid(t, rules, written(entries...), dated)
				if text := strings.Join(lines(is), "\n"); text != was {
					t.Fatalf("as of %v it was\n%s\nand is\n%s\n%s", day, was, text, strings.Join(entries, ""))
				}
			}
		})
	}
	t.Logf("%d ledgers, %d entries carried out, %d in courses of several protocols, %d doses that check-ins of their own opened", drawn, carriedOut, several, opened)
	if carriedOut < 10 || several < 5 || drawn >= 60 && opened < 5 {
		t.Errorf("only %d entries were carried out, %d in courses of several protocols, %d doses opened", carriedOut, several, opened)
	}
}

// shape is what a calendar holds up to some weeks past a day: how far an open end is shown depends
// on the entries.
func shape(c *ledger.Calendar, day civil.Date) string {
	var list []string
	for _, line := range lines(c) {
		if line[:10] <= day.AddDays(60).String() {
			list = append(list, line)
		}
	}
	return strings.Join(list, "\n")
}

// facts are the doses that were given and the check-ins that were done.
func facts(c *ledger.Calendar) map[string]string {
	out := map[string]string{}
	for i := range c.Legs {
		s := c.Legs[i].Schedule
		for k := range s.Events {
			e := &s.Events[k]
			if e.Status != schedule.Taken {
				continue
			}
			switch e.Kind {
			case schedule.Dose:
				key := fmt.Sprintf("leg of %v: %s, at %d", s.Start, s.DoseName(e), e.At)
				for out[key] != "" { // several beside the plan at one instant
					key += ", again"
				}
				out[key] = s.Dose(e).Amount.String()
			case schedule.CheckIn:
				// Without its number: one whose dose was missed since, and comes later, took place and decides nothing more.
				out[fmt.Sprintf("leg of %v: %s, at %d", s.Start, s.CheckIn(e).Name, e.At)] = "done"
			}
		}
	}
	return out
}

// keepsFacts compares what happened before and after an entry, which may add one fact.
func keepsFacts(t *rapid.T, before, after *ledger.Calendar, last string, entries []string) {
	if strings.Contains(last, "strike") || strings.Contains(last, "start:") { // the leg is named by its start
		return
	}
	was, is := facts(before), facts(after)
	for key, text := range was {
		if is[key] != text {
			t.Fatalf("%s was %q and is %q after\n%s", key, text, is[key], strings.Join(entries, ""))
		}
	}
	if n := len(is) - len(was); n > 1 || n == 1 && !strings.Contains(last, "given:") && !strings.Contains(last, "check-in:") {
		t.Fatalf("%d facts became %d after\n%s", len(was), len(is), strings.Join(entries, ""))
	}
}

// keepsGates looks at every planned dose that waits for a check-in of its own, and for another: it is planned where they
// confirmed it last. It returns how many are.
func keepsGates(t *rapid.T, rules string, after *ledger.Calendar, entries []string) (opened int) {
	if !strings.Contains(rules, "counts:") {
		return 0
	}
	for i := range after.Legs {
		s := after.Legs[i].Schedule
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind != schedule.Dose || e.Status != schedule.Planned || s.PhaseName(e) != "induction" || s.Protocol.ID != "mine" {
				continue
			}
			opened++
			confirmed := map[string]bool{"consent": !strings.Contains(rules, "consent:")}
			for _, d := range s.Decided {
				if d.Name == "consent" || d.Name == "counts" && d.Number == int(e.Number) {
					confirmed[d.Name] = !d.Declined
				}
			}
			if !confirmed["consent"] || !confirmed["counts"] {
				t.Fatalf("%s of %v is planned, and waits for %v\n%s\n%s", s.DoseName(e), e.Date, confirmed, strings.Join(entries, ""), strings.Join(lines(after), "\n"))
			}
		}
	}
	return opened
}

// keepsPace looks at the time from dose to dose of a protocol that begins again after so long without one: where doses
// between two were missed or held, what is planned after them is the first of a run, or nobody has said yet that it is given.
func keepsPace(t *rapid.T, rules string, after *ledger.Calendar, today civil.Date, entries []string) {
	most := 6
	switch {
	case !strings.Contains(rules, "restart after:"), strings.Contains(rules, "overdue: stop"): // which holds them as of a day
		return
	case strings.Contains(rules, "restart after: 9 days"):
		most = 9
	}
	var last civil.Date
	out := false
	for i := range after.Legs {
		s := after.Legs[i].Schedule
		if s.Protocol.ID != "mine" {
			continue
		}
		first := true
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind != schedule.Dose {
				continue
			}
			switch {
			case e.Status == schedule.Missed || e.Status == schedule.Held:
				out = true
				continue
			case e.Status == schedule.Provisional && !e.Date.Before(today):
				return
			case e.Status == schedule.Planned && !e.Date.Before(today) && !first && out && !last.IsZero() && e.Date.Sub(last) > most:
				t.Fatalf("%s of %v is planned, and the dose before it was of %v\n%s\n%s", s.DoseName(e), e.Date, last, strings.Join(entries, ""), strings.Join(lines(after), "\n"))
			}
			last, out, first = e.Date, false, false
		}
	}
}

// keepsRules looks at every planned dose by itself: none is over the largest single dose, none rises
// on its day but for a check-in, a weight or a new version, and all together keep the totals of the protocol.
func keepsRules(t *rapid.T, rules string, before, after *ledger.Calendar, last string, entries []string) {
	single, steps := quantity.MustParse("120 mg"), map[string]quantity.Amount{}
	for i := range before.Legs {
		s := before.Legs[i].Schedule
		for k := range s.Events {
			if e := &s.Events[k]; e.Kind == schedule.Dose && e.Status <= schedule.Provisional {
				steps[fmt.Sprint(s.Start, s.Protocol.ID, i, s.DoseName(e), e.Date)] = s.Dose(e).Amount
			}
		}
	}
	type taken struct {
		at     int64
		amount quantity.Amount
		plan   bool
	}
	var all []taken
	for i := range after.Legs {
		s := after.Legs[i].Schedule
		for k := range s.Events {
			e := &s.Events[k]
			if e.Kind != schedule.Dose || !e.Counts() {
				continue
			}
			amount := s.Dose(e).Amount
			all = append(all, taken{e.At, amount, e.Status != schedule.Taken})
			if e.Status == schedule.Taken {
				continue
			}
			if amount.Cmp(single) > 0 {
				t.Fatalf("%s of %v is %v\n%s", s.DoseName(e), e.Date, amount, strings.Join(entries, ""))
			}
			was, ok := steps[fmt.Sprint(s.Start, s.Protocol.ID, i, s.DoseName(e), e.Date)]
			free := strings.Contains(last, "check-in:") || strings.Contains(last, "weight:") || strings.Contains(last, "protocol:") || strings.Contains(last, "strike:")
			if ok && !free && amount.Cmp(was) > 0 {
				t.Fatalf("%s of %v rises from %v to %v by\n%s", s.DoseName(e), e.Date, was, amount, strings.Join(entries, ""))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b taken) int { return int(a.at - b.at) })
	most, days := int64(300), int64(7)
	if strings.Contains(rules, "any 30 days") {
		most, days = 4000, 30
	}
	for k := range all {
		total := int64(0)
		for _, d := range all[:k+1] {
			if all[k].at-d.at < days*86400 {
				mg, _ := d.amount.Int()
				total += int64(mg)
			}
		}
		if all[k].plan && total > most {
			t.Fatalf("%d mg are planned within %d days of %d\n%s\n%s", total, days, all[k].at, strings.Join(entries, ""), strings.Join(lines(after), "\n"))
		}
		if all[k].plan && k > 0 && all[k].at-all[k-1].at < 20*3600 {
			t.Fatalf("a dose is planned %d s after another\n%s\n%s", all[k].at-all[k-1].at, strings.Join(entries, ""), strings.Join(lines(after), "\n"))
		}
	}
}
