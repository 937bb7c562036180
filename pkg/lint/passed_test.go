package lint_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
)

// What a rule goes through without a dose is said, whatever the frequency, and what has a dose for each is not.
func TestPassedOver(t *testing.T) {
	for _, c := range []struct {
		phase string
		code  diag.Code // "" for none
		says  string
	}{
		{"dose: { start: 10 mg, increase: 10 mg, every: 1 week, to: 60 mg }, frequency: monthly, course: 6 doses", diag.OddFigure, "has 20 mg: 10 mg is followed by 50 mg"},
		{"dose: { start: 10 mg, increase: 10 mg, every: 1 week, to: 60 mg }, frequency: days 1-5 of 28, course: 3 cycles", diag.OddFigure, "10 mg is followed by 50 mg"},
		{"dose: { start: 10 mg, increase: 10 mg, every: 1 week, to: 60 mg }, frequency: first monday of each month, course: 6 doses", diag.OddFigure, "has 20 mg"},
		{"dose: { start: 10 mg, increase: 10 mg, every: 1 doses, to: 60 mg }, frequency: monthly, course: 6 doses", "", ""},
		{"dose: { start: 10 mg, increase: 10 mg, every: 1 week, to: 60 mg }, frequency: weekly, course: 8 doses", "", ""},
		{"dose: { by week: { from 1: 20 mg, from 2: 40 mg, from 3: 60 mg } }, frequency: every 2 weeks, course: 4 doses", diag.Unused, "has 40 mg: 20 mg is followed by 60 mg"},
		{"dose: { by week: { from 1: 20 mg, from 3: 40 mg, from 5: 60 mg } }, frequency: every 2 weeks, course: 4 doses", "", ""},
		{"dose: { by day of cycle: { from 1: 60 mg, from 5: 20 mg, from 8: 10 mg } }, frequency: days 1 and 8 of 21, course: 2 cycles", diag.Unused, "has 20 mg"},
		{"dose: { by day: { from 1: 60 mg, from 8: 30 mg } }, frequency: \"days 1, 8 and 15 of 28\", course: 2 cycles", diag.OddFigure, "comes to its last amount in the first"},
		{"dose: { by day: { from 1: 60 mg, from 8: 30 mg } }, frequency: \"days 1, 8 and 15 of 28\", course: 1 cycle", "", ""},
		{"dose: { by day of cycle: { from 1: 60 mg, from 8: 30 mg } }, frequency: \"days 1, 8 and 15 of 28\", course: 2 cycles", "", ""},
		{"dose: { start: 20 mg, increase: 20 mg, every: 1 day, to: 60 mg }, frequency: days 1-5 of 28, course: 3 cycles", diag.OddFigure, "comes to its last amount in the first"},
		{"dose: { start: 20 mg, increase: 20 mg, every: 4 weeks, to: 60 mg }, frequency: days 1-5 of 28, course: 3 cycles", "", ""},
		{"dose: { by dose: { from 1: 20 mg, from 2: 40 mg, from 3: 60 mg } }, frequency: days 1-3 of 28, course: 3 cycles", diag.OddFigure, "comes to its last amount in the first"},
		{"dose: { by dose: { from 1: 20 mg, from 3: 60 mg } }, frequency: \"days 1, 2, 8, 9, 15 and 16 of 28\", course: 3 cycles", "", ""}, // carfilzomib
		{"dose: { by route: { oral: { by day: { from 1: 60 mg, from 8: 30 mg } } } }, frequency: \"days 1, 8 and 15 of 28\", course: 2 cycles", diag.OddFigure, "comes to its last amount in the first"},
		{"dose: { by route: { oral: { by week: { from 1: 20 mg, from 2: 40 mg, from 3: 60 mg } } } }, frequency: every 2 weeks, course: 4 doses", diag.Unused, "has 40 mg: 20 mg is followed by 60 mg"},
		{"dose: { by day: { from 1: 20 mg, from 3: 60 mg } }, frequency: days 1 to 6 of each month, course: 18 doses", diag.OddFigure, "comes to its last amount in the first"},
		{"dose: { by day of cycle: { from 1: { start: 20 mg, increase: 20 mg, every: 1 day, to: 60 mg } } }, frequency: days 1-5 of 28, course: 3 cycles", "", ""},
		{"dose: { by day of cycle: { from 1: { by day: { from 1: 20 mg, from 2: 40 mg, from 5: 60 mg } } } }, frequency: days 1-5 of 28, course: 3 cycles", diag.OddFigure, "does not begin again with the day of the cycle"},
		{"dose: { by day of cycle: { from 1: { by dose: { from 1: 20 mg, from 2: 60 mg } }, from 8: 40 mg } }, frequency: days 1 and 8 of 21, course: 3 cycles", "", ""},
		{"dose: { by day of cycle: { from 1: { by week: { from 1: 20 mg, from 4: 60 mg } }, from 8: 40 mg } }, frequency: days 1 and 8 of 21, course: 3 cycles", "", ""},
		{"dose: { amount: 60 mg, max: 50 mg }, frequency: weekly, course: 3 doses", diag.OddFigure, "the amount is 60 mg, more than the maximum of 50 mg"},
		{"dose: { start: 20 mg, increase: 20 mg, every: 1 week, to: 60 mg, max: 40 mg }, frequency: weekly, course: 3 doses", diag.OddFigure, "the amount is 60 mg, more than the maximum of 40 mg"},
		{"dose: { by dose: { from 1: 20 mg, from 2: 40 mg }, max: 40 mg }, frequency: weekly, course: 3 doses", "", ""},
	} {
		found := everything(strings.Replace(small, "dose: 50 mg, frequency: every 3 days, course: 10 doses", c.phase, 1) + "limits: { single dose: 60 mg }\n")
		if found.HasErrors() {
			t.Fatalf("%s: %v", c.phase, found)
		}
		said := ""
		for _, d := range found {
			if d.Code == diag.OddFigure || d.Code == diag.Unused {
				said += string(d.Code) + " " + d.Message + "\n"
			}
		}
		if c.code == "" && said != "" || c.code != "" && (!strings.Contains(said, string(c.code)) || !strings.Contains(said, c.says)) {
			t.Errorf("%s: want %s “%s”, and said is\n%s", c.phase, c.code, c.says, said)
		}
	}
}

// A fixed dose after a titration that may not have come so far is said, and the last step in it is not.
func TestAfterTitration(t *testing.T) {
	const head = "routes: { oral: { round: 1 mg } }\nlimits: { single dose: 300 mg }\ncheck-ins: { visit: { every: 2 weeks, during: course, mode: in person } }\n"
	file := func(keep string) string {
		return strings.Replace(small, "phases: { course: { dose: 50 mg, frequency: every 3 days, course: 10 doses } }\n", "", 1) + head +
			"phases:\n  course: { dose: titration, titration: { steps: [3 mg, 6 mg, 12 mg], confirmed at: visit }, frequency: daily, course: 8 weeks }\n  keep: { dose: " + keep + ", frequency: daily, course: 4 weeks }\n"
	}
	file2 := func(keep string) string {
		return strings.Replace(file(keep), "routes: { oral: { round: 5 mg } }\n", "", 1)
	}
	for keep, odd := range map[string]bool{"300 mg": true, "4 mg": true, "3 mg": false, "2 mg": false} {
		if found := everything(file2(keep)); has(found, diag.OddFigure) != odd || found.HasErrors() {
			t.Errorf("then %s: %v", keep, found)
		}
	}
}

// A total stands for all of the doses among which it is divided.
func TestCutTotals(t *testing.T) {
	for phase, cut := range map[string]bool{
		"times: [morning, evening], dose: { by time: { morning: { amount: 40 mg, total of: a day }, evening: 20 mg } }, frequency: twice daily, course: 10 days": true,
		"dose: { by weekday: { \"mon, fri\": { amount: 35 mg, total of: a week }, other: 10 mg } }, frequency: daily, course: 2 weeks":                           true,
		"dose: { by weekday: { \"mon, fri\": { amount: 40 mg, total of: a day }, other: 10 mg } }, frequency: twice daily, course: 2 weeks":                      false,
		"dose: { by day: { from 1: 10 mg, from 4: { amount: 70 mg, total of: a week } } }, frequency: daily, course: 2 weeks":                                    true,
		"dose: { by day: { from 1: 10 mg, from 8: { amount: 70 mg, total of: a week } } }, frequency: daily, course: 2 weeks":                                    false,
		"dose: { by dose: { from 1: 10 mg, from 2: { amount: 40 mg, total of: a day } } }, frequency: twice daily, course: 10 days":                              true,
		"dose: { by dose: { from 1: 10 mg, from 3: { amount: 40 mg, total of: a day } } }, frequency: twice daily, course: 10 days":                              false,
	} {
		found := everything(strings.Replace(small, "dose: 50 mg, frequency: every 3 days, course: 10 doses", phase, 1))
		if got := has(found, diag.BadDose); got != cut {
			t.Errorf("%s: %v", phase, found)
		}
	}
}

// Whoever extends a protocol and does with less care what it does is told so.
func TestLooserCourse(t *testing.T) {
	const child = "doseplan: 1\nkind: protocol\nid: ours\ntitle: Ours\nversion: 1.0.0\nextends: ketamine-home-intensive\n"
	for change, says := range map[string]string{
		"check-ins: { evaluation: { mode: message } }\n":                                           "is by telehealth in",
		"check-ins: { evaluation: { measure: [PHQ-9] } }\n":                                        "blood pressure is measured, and not here",
		"phases: { induction: { course: 60 doses } }\n":                                            "has 60 doses, and 6 in",
		"requirements: { each dose: { instructions: [none] } }\n":                                  "is left out: instructions: A guide",
		"default tier: high\n":                                                                     "begins on the tier “low” in",
		"interruptions: { restart after: 80 weeks }\n":                                             "later or never here",
		"phases: { induction: { titration: { steps: [low, high] } } }\n":                           "the step “mid” between “low” and “high”",
		"check-ins: { evaluation: { measure: [PHQ-9, GAD-7, blood pressure, C-SSRS, weight] } }\n": "",
	} {
		said := ""
		for _, d := range everything(child + change) {
			if d.Code == diag.Loosened {
				said += d.Message + "\n"
			}
		}
		if says == "" && said != "" || !strings.Contains(said, says) {
			t.Errorf("%swant “%s”, and said is\n%s", change, says, said)
		}
	}
}

// Doses of which one is per kg and another is not are not compared, and the file is read through.
func TestRatesBesideAmounts(t *testing.T) {
	const file = small + "population: { weight: 40..160 kg }\nlimits: { single dose: 300 mg }\n"
	for _, dose := range []string{"{ by dose: { from 1: 1 mg/kg, from 2: 100 mg } }", "{ by week: { from 1: 100 mg, from 2: 1 mg/kg } }", "{ by day: { from 1: 1 mg/kg, from 4: 100 mg, from 7: 1 mg/kg } }"} {
		if found := everything(strings.Replace(file, "dose: 50 mg", "dose: "+dose, 1)); found.HasErrors() {
			t.Errorf("%s: %v", dose, found)
		}
	}
}
