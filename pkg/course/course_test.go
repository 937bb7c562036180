package course_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/source"
)

var zeros = strings.Repeat("0", 64)

var head = `doseplan: 1
kind: course
id: C-1
patient: { weight: 80 kg, time zone: America/New_York }
protocol: { id: mine, version: 1.0.0, sha256: ` + zeros + ` }
start: 2026-03-02
`

func written(bodies ...string) string {
	text := head + "ledger:\n"
	for _, body := range bodies {
		text += "  - { on: 2026-03-09, by: Dr. Adams, " + body + " }\n"
	}
	return text
}

var next = "{ protocol: { id: other, version: 1.0.0, sha256: " + zeros + " }, tier: mid, route: iv, frequency: { induction: weekly } }"

// bodies are entries of every kind.
var bodies = []string{
	"given: induction 1", "given: induction, at: 10:30, amount: 35 mg", "missed: induction 3, again: 2026-03-12",
	"check-in: review 1, at: 09:00, where: the family doctor, decision: confirm, amount: 60 mg, results: { PHQ-9: '12' }", "check-in: review",
	"weight: 158 lb, results: { height: 178 cm }", "measured: { blood pressure: 128/82 }", "found: pregnancy", "resolved: pregnancy", "medicine started: lithium", "medicine stopped: lithium",
	"observation: slept", "adverse event: vomiting", "sent: 2, medicine: ketamine, doses: 28, amount: 700 mg, first: 2026-03-02, last: 2026-03-29", "received: 2", "lost: 2",
	"tier: low", "dose: { induction: 40 mg }", "frequency: { induction: weekly }", "times: { induction: 08:00 and 20:00 }", "route: oral", "skip: induction 5", "move: induction 5, to: 2026-03-12, at: 10:30", "away: 2026-04-01..2026-04-10", "start: 2026-03-16",
	"hold: doses", "resume: doses", "stop: course", "stop: mine, taper: { from: 2026-03-09, every: 1 week, doses: [40 mg, 20 mg], phase: induction }",
	"switch: " + next + ", after: response 1, last day: 2026-03-12", "add: " + next, "restart: mine, from phase: maintenance, with tier: low", "protocol: { id: mine, version: 1.1.0, sha256: " + zeros + " }",
	"why: wrong file, strike: 1", "strike: 1..3", "replaces: 1, entered: 2026-03-12, of: mine, weight: 72 kg",
}

func decode(t *testing.T, text string) (*ledger.Course, diag.List) {
	t.Helper()
	root, found := source.Parse("c.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	return course.Decode(root)
}

// An entry is the same when it is written and read again.
func TestNode(t *testing.T) {
	c, found := decode(t, written(bodies...))
	if found.HasErrors() {
		t.Fatal(found)
	}
	for i := range c.Entries {
		e := c.Entries[i]
		again, found := course.DecodeEntry(course.Node(&e), e.Number)
		if found.HasErrors() {
			t.Errorf("%s: %v", bodies[i], found)
			continue
		}
		if a, b := e.Words(), again.Words(); a != b {
			t.Errorf("%s: %q, read again %q", bodies[i], a, b)
		}
		if a, b := course.Node(&e), course.Node(&again); !reflect.DeepEqual(a, b) {
			t.Errorf("%s is written anew as %s", source.Print(a), source.Print(b))
		}
		e.Range, again.Range = diag.Range{}, diag.Range{}
		if e.On != again.On || e.Entered != again.Entered || e.By != again.By || e.Of != again.Of || e.Replaces != again.Replaces || reflect.TypeOf(e.Act) != reflect.TypeOf(again.Act) {
			t.Errorf("%s: %+v, read again %+v", bodies[i], e, again)
		}
	}
}

// An entry with an error says nothing, and the finding says what is wrong.
func TestFaults(t *testing.T) {
	for body, want := range map[string]string{
		"tier: low, weight: 70 kg":       "says one thing",
		"why: nothing":                   "says one thing",
		"tier: low, amount: 30 mg":       "does not go with",
		"missed: induction 3, at: 10:30": "does not go with",
		"given: First Dose":              "is not a phase and its number",
		"missed: induction":              "is not a phase and its number",
		"given: induction 0":             "is not a phase and its number",
		"strike: 5..3":                   "not a number of the list",
		"replaces: 9, weight: 70 kg":     "does not stand before it",
		"hold: 2026-03-10":               "doses",
		"away: 2026-04-01..soon":         "is not a date",
		"dose: { induction: 33 }":        "no unit",
		"sent: 2, doses: 28":             "stated in part",
		"stop: course, taper: { every: 1 week, doses: [20 mg, 20 mg] }": "doses of a taper fall",
	} {
		c, found := decode(t, written(body))
		if text := found.Error(); !strings.Contains(text, want) {
			t.Errorf("%s: found %q, want %q", body, text, want)
		}
		if len(c.Entries) != 1 || c.Entries[0].Act != nil {
			t.Errorf("%s: it says something", body)
		}
	}
}
