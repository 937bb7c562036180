package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

func TestUnitsInWords(t *testing.T) {
	english := newCourse(view.Of(compute(t, "{ dose: 5 mg, frequency: daily, course: 1 doses }", ""), view.Options{}))
	for _, c := range []struct{ form, strengths, amount, want string }{
		{"troche", "25 mg,50 mg", "25 mg", "1 troche of 25 mg"},
		{"troche", "25 mg,50 mg", "75 mg", "1 troche of 50 mg and 1 troche of 25 mg"},
		{"spray of 10 mg", "10 mg", "30 mg", "3 sprays of 10 mg"},
		{"nasal spray device of 28 mg", "28 mg", "56 mg", "2 nasal spray devices of 28 mg"},
		{"rapid-dissolve tablet swallowed", "100 mg", "300 mg", "3 rapid-dissolve tablets swallowed of 100 mg"},
		{"patch", "5 mg", "10 mg", "2 patches of 5 mg"},
		{"troche", "25 mg", "12.5 mg", "half of 1 troche of 25 mg"},
		{"troche", "25 mg", "37.5 mg", "1 troche of 25 mg and half of 1 troche of 25 mg"},
		{"troche", "100 mg", "75 mg", "three quarters of 1 troche of 100 mg"},
		{"capsule", "25 mg", "12.5 mg", ""}, // which is not divided
		{"troche", "", "25 mg", ""},
	} {
		r := &protocol.Route{Form: c.form}
		if c.form == "troche" {
			r.Divides = "into quarters"
		}
		for _, s := range strings.Split(c.strengths, ",") {
			if s != "" {
				r.Strengths = append(r.Strengths, quantity.MustParse(s))
			}
		}
		made, _ := r.MakeUp(quantity.MustParse(c.amount))
		got := strings.ReplaceAll(english.units(&schedule.DoseInfo{Route: r, Made: made}).String(), "\u00a0", " ")
		if got != c.want {
			t.Errorf("%s of %s %s is %q, want %q", c.amount, c.strengths, c.form, got, c.want)
		}
	}
}

const head = `doseplan: 1
kind: protocol
id: example
title: Example
version: 1.0.0
status: template
model: other
setting: home
medication: { name: NAME }
routes: { oral: { form: tablet, strengths: [2.5 mg, 5 mg], round: 2.5 mg } }
phases:
  course: PHASE
`

// compute returns the calendar of one phase.
func compute(t *testing.T, phase, more string) *schedule.Schedule {
	t.Helper()
	return computeNamed(t, "examplamine", phase, more)
}

func computeNamed(t *testing.T, name, phase, more string) *schedule.Schedule {
	t.Helper()
	text := strings.NewReplacer("NAME", name, "PHASE", phase).Replace(head) + more
	p, found := protocol.Decode("example.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	plan, found := schedule.NewPlan(p, schedule.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	root, _ := source.Parse("patient.yaml", []byte("start: 2026-03-02\nweight: 80 kg\n"))
	pat, found := patient.Decode(root)
	if found.HasErrors() {
		t.Fatal(found)
	}
	s, found := plan.Run(pat)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return s
}

func text(p *Patient) string {
	var b strings.Builder
	for _, w := range p.Weekly {
		fmt.Fprintln(&b, "!", w)
	}
	for _, m := range p.Medicines {
		for _, r := range m.Runs {
			fmt.Fprintf(&b, "%v: %v %v\n", r.When, r.Text, r.If)
		}
	}
	return strings.ReplaceAll(b.String(), "\u00a0", " ")
}

// Where each occurrence of a check-in decides about the doses after it, the page names with each of them the day of its own.
func TestEachOnItsOwnReview(t *testing.T) {
	s := compute(t, "{ dose: 5 mg, frequency: daily, times: [morning], course: 3 weeks }", "check-ins: { review: { on: [day 1, day 8, day 15], mode: phone, gates: course } }\n")
	const want = `Mon 2 March to Sun 8 March: 1 tablet of 5 mg examplamine by mouth, once a day, at 8 in the morning only if your clinic confirms it: review, Mon 2 March
Mon 9 March to Sun 15 March: 1 tablet of 5 mg examplamine by mouth, once a day, at 8 in the morning only if your clinic confirms it: review, Mon 9 March
Mon 16 March to Sun 22 March: 1 tablet of 5 mg examplamine by mouth, once a day, at 8 in the morning only if your clinic confirms it: review, Mon 16 March
`
	if got := text(NewPatient(view.Of(s, view.Options{}))); got != want {
		t.Errorf("the page says\n%swant\n%s", got, want)
	}
}

// What is to be taken is told as a person would tell it.
func TestRuns(t *testing.T) {
	for phase, want := range map[string]string{
		"{ dose: 5 mg, frequency: daily, times: [morning], course: 10 days }":                 ": 1 tablet of 5 mg examplamine by mouth, once a day, at 8 in the morning",
		"{ dose: 10 mg, frequency: twice daily, times: [morning, evening], course: 10 days }": ": 2 tablets of 5 mg examplamine by mouth (10 mg in all), twice a day, at 8 in the morning and at 8 in the evening",
		"{ dose: 5 mg, frequency: every 3 days, course: 5 doses }":                            ": 1 tablet of 5 mg examplamine by mouth, every 3 days, at 9 in the morning",
		"{ dose: 5 mg, frequency: mon and thu, course: 5 doses }":                             ": 1 tablet of 5 mg examplamine by mouth, every Monday and Thursday, at 9 in the morning",
		"{ dose: 5 mg, frequency: daily except sun, course: 3 weeks }":                        ": 1 tablet of 5 mg examplamine by mouth, every day but Sunday, at 9 in the morning",
		"{ dose: 5 mg, frequency: 21 on 7 off, course: 8 weeks }":                             ": 1 tablet of 5 mg examplamine by mouth, 21 days in a row, then 7 days without, at 9 in the morning",
		"{ dose: 5 mg, frequency: monthly, course: 5 doses }":                                 ": 1 tablet of 5 mg examplamine by mouth, once a month, at 9 in the morning",
		"{ dose: 5 mg, frequency: every 8 hours elapsed, course: 9 doses }":                   "every 8 hours",
		"{ dose: 5 mg, frequency: once, course: 1 doses }":                                    ": 1 tablet of 5 mg examplamine by mouth, at 9 in the morning",
		"{ dose: { start: 15 mg, decrease: 5 mg, every: 3 days, to: 5 mg }, frequency: daily, times: [morning], course: 9 days }": "Mon 2 March to Wed 4 March: 3 tablets of 5 mg examplamine by mouth (15 mg in all), once a day, at 8 in the morning \n" +
			"Thu 5 March to Sat 7 March: 2 tablets of 5 mg examplamine by mouth (10 mg in all), once a day, at 8 in the morning \n" +
			"Sun 8 March to Tue 10 March: 1 tablet of 5 mg examplamine by mouth, once a day, at 8 in the morning",
		"{ dose: { by weekday: { mon: 5 mg, fri: 5 mg, other: 2.5 mg } }, frequency: daily, course: 4 weeks }": "Mon 2 March to Sun 29 March: 1 tablet of 5 mg examplamine by mouth, at 9 in the morning, every Monday and Friday \n" +
			": 1 tablet of 2.5 mg examplamine by mouth, at 9 in the morning, every Tuesday, Wednesday, Thursday, Saturday and Sunday",
	} {
		if got := text(NewPatient(view.Of(compute(t, phase, ""), view.Options{}))); !strings.Contains(got, want) {
			t.Errorf("%s is told as\n%swant\n%s", phase, got, want)
		}
	}
}

// How often a day stands before amounts that differ, and doses by the hour say when the first and the last of a day are.
func TestHowOften(t *testing.T) {
	for phase, want := range map[string]string{
		"{ dose: 15 mg, frequency: every 15 minutes, times: [\"08:00\"], course: 24 doses }":                                                              "every 15 minutes, the first at 8 in the morning and the last at 1:45 in the afternoon",
		"{ dose: 15 mg, frequency: every 1 hour elapsed, times: [\"08:00\"], course: 8 doses }":                                                           "every hour, the first at 8 in the morning and the last at 3 in the afternoon",
		"{ dose: { by time: { morning: 15 mg, noon: 5 mg, evening: 5 mg } }, frequency: 3 times daily, times: [morning, noon, evening], course: 8 days }": "3 times a day: 3 tablets of 5 mg methotrexate",
	} {
		if got := text(NewPatient(view.Of(computeNamed(t, "methotrexate", phase, ""), view.Options{}))); !strings.Contains(got, want) {
			t.Errorf("%s says\n%s\nand not %s", phase, got, want)
		}
	}
}

// What is taken once a week says so first, in large letters; what is not never does.
func TestOnceAWeek(t *testing.T) {
	for phase, want := range map[string]string{
		"{ dose: 15 mg, frequency: weekly, course: 6 doses }":                                             "! methotrexate: ONCE A WEEK, on Monday. Never every day.",
		"{ dose: 15 mg, frequency: wed, course: 6 doses }":                                                "! methotrexate: ONCE A WEEK, on Wednesday. Never every day.",
		"{ dose: 15 mg, frequency: every 7 days, course: 1 doses }":                                       "! methotrexate: ONCE A WEEK, on Monday.",
		"{ dose: 15 mg, frequency: 2 a week, course: 1 doses }":                                           "",
		"{ dose: 15 mg, frequency: daily, course: 1 doses }":                                              "",
		"{ dose: 15 mg, frequency: every 2 weeks, course: 6 doses }":                                      "",
		"{ dose: 15 mg, frequency: \"weekly, twice a day\", times: [morning, evening], course: 4 doses }": "",
	} {
		p := NewPatient(view.Of(computeNamed(t, "methotrexate", phase, ""), view.Options{}))
		got := text(p)
		if strings.Contains(got, "ONCE A WEEK") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%s says\n%s", phase, got)
		}
	}
}

const pair = `doseplan: 1
kind: protocol
id: pair
title: Pair
version: 1.0.0
status: template
model: other
setting: home
medications:
  methotrexate: { routes: { oral: { form: tablet, strengths: [2.5 mg], round: 2.5 mg } }, limits: { interval: 144 h } }
  folic acid: { routes: { oral: { form: tablet, strengths: [5 mg], round: 5 mg } } }
phases:
  mtx: { medication: methotrexate, dose: 15 mg, frequency: mon, times: [evening], course: 8 weeks }
  fol: { medication: folic acid, dose: 5 mg, frequency: wed, times: [morning], course: 8 weeks, starts: day 1 }
`

// Two medicines have a letter each, wherever they stand, and what is said of one names it.
func TestTwoMedicines(t *testing.T) {
	p, found := protocol.Decode("pair.yaml", []byte(pair), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	plan, found := schedule.NewPlan(p, schedule.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	pat, _ := patient.New(patient.Patient{Start: civil.MustDate("2026-03-02")})
	s, found := plan.Run(pat)
	if found.HasErrors() {
		t.Fatal(found)
	}
	page := NewPatient(view.Of(s, view.Options{WeekStart: 1}))
	got := text(page)
	for _, want := range []string{"! methotrexate: ONCE A WEEK, on Monday. Never every day.", "! folic acid: ONCE A WEEK, on Wednesday. Never every day.", "6 tablets of 2.5 mg methotrexate", "1 tablet of 5 mg folic acid"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	letters := map[string]string{}
	for _, m := range page.Months {
		for _, week := range m.Weeks {
			for _, cell := range week {
				for _, it := range cell.Items {
					letters[it.Letter] += strings.ReplaceAll(it.Head.String(), "\u00a0", " ") + ";"
				}
			}
		}
	}
	if len(letters) != 2 || letters["A"] != strings.Repeat("15 mg methotrexate;", 8) || letters["B"] != strings.Repeat("5 mg folic acid;", 8) {
		t.Errorf("the letters stand for %v", letters)
	}
	if got := page.Medicines[0].Advice[0].Lines[1].String(); got != "Leave at least 6 days between two doses." {
		t.Errorf("the interval is told as %q", got)
	}
}

// The worst of a calendar, reckoned by hand.
func TestLimitsBesideTheWorst(t *testing.T) {
	s := compute(t, "{ dose: { by weekday: { mon: 10 mg, other: 5 mg } }, frequency: daily, course: 14 days }",
		"limits: { single dose: 0.5 mg/kg, each day: 10 mg, any 7 days: 45 mg, interval: 20 h, doses: 20 }\n")
	want := []string{"single dose 0.5 mg/kg 40 mg 10 mg", "each day 10 mg 10 mg 10 mg", "any 7 days 45 mg 45 mg 40 mg", "interval 20 hours  ", "doses 20  "}
	for i, l := range view.LimitsOf(s) {
		got := fmt.Sprintf("%s %s %v %v", l.Name, l.Written, l.Allowed, l.Worst)
		if !l.Allowed.IsSet() {
			got = fmt.Sprintf("%s %s  ", l.Name, l.Written)
		}
		if got != want[i] || l.Broken {
			t.Errorf("got %q, want %q (broken: %v)", got, want[i], l.Broken)
		}
		if l.Name == "interval" && !strings.HasPrefix(l.WorstText, "24 hours: ") || l.Name == "doses" && l.WorstText != "14 doses" {
			t.Errorf("%s: %s", l.Name, l.WorstText)
		}
	}
}

// The rule for a missed dose is the protocol's, in words.
func TestMissed(t *testing.T) {
	for rule, want := range map[string]string{
		"": "Call your clinic before you take any: the plan leaves it to them. Never two at once.",
		"missed doses: { take within: 6 h, then: skip }": "Take it within 6 hours of its time. Later than that, leave it out and take the next one at its usual time. Never two at once.",
		"missed doses: { then: skip }":                   "Leave it out. Take the next one at its usual time. Never two at once.",
		"missed doses: { then: shift }":                  "Call your clinic before you take any. This dose and the rest are planned again for later days. Never two at once.",
		"missed doses: { then: extend }":                 "Leave it out, go on as planned, and tell your clinic: one dose is added at the end. Never two at once.",
	} {
		p := NewPatient(view.Of(compute(t, "{ dose: 5 mg, frequency: daily, course: 3 doses }", rule+"\n"), view.Options{}))
		advice := p.Medicines[0].Advice
		if got := advice[len(advice)-1].Lines[0].String(); got != want {
			t.Errorf("%q is told as %q, want %q", rule, got, want)
		}
	}
}
