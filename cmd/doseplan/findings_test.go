package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/cmd/doseplan/internal/cli"
)

// What the program finds about a patient, and words of it that a reader must see.
var findings = []struct {
	name  string
	args  []string
	words []string // of each, one way to say it
}{
	{"a relative contraindication", []string{"ketamine-iv-intensive", "--condition", "cirrhosis"}, []string{"severe liver disease", "cirrhosis"}},
	{"what matches nothing", []string{"ketamine-iv-intensive", "--condition", "brittle bones"}, []string{"brittle bones"}},
	{"a medicine that matches nothing", []string{"ketamine-iv-intensive", "--medication", "st john's wort"}, []string{"st john's wort"}},
	{"the protocol's own medicine", []string{"ketamine-iv-intensive", "--medication", "Spravato"}, []string{"Spravato"}},
	{"a height near one from which doses are smaller", []string{"ketamine-iv-intensive-ideal-weight", "--weight", "89kg", "--height", "172.7cm", "--sex", "female"}, []string{"near 30"}},
	{"high acuity", []string{"ketamine-iv-intensive", "--acuity", "high"}, []string{"988"}},
	{"high acuity at home", []string{"ketamine-home-intensive", "--tier", "low", "--acuity", "high"}, []string{"988", "ketamine-iv-intensive"}},
	{"what is still to be confirmed", []string{"ketamine-iv-intensive"}, []string{"pregnancy"}},
	{"a first dose after the start", []string{"LATE", "--override", "single dose: agreed with the board"}, []string{"first dose falls on"}},
	{"an override", []string{"LATE", "--override", "single dose: agreed with the board"}, []string{"agreed with the board"}},
	{"a check-in that is taken as confirmed", []string{"ketamine-home-intensive", "--tier", "low", "--confirmed", "evaluation"}, []string{"“evaluation” is taken as confirmed"}},
	{"a step that is taken as reached", []string{"ketamine-sc-titration", "--step", "course=4"}, []string{"begins at step 4 of its titration, 0.9 mg/kg"}},
	{"a tier that check-ins lead up to", []string{"ketamine-home-intensive", "--tier", "high"}, []string{"begins on the tier “high”"}},
	{"a calendar without an event", []string{"ketamine-iv-intensive", "--condition", "cirrhosis", "--acuity", "high", "--closed", "2026-12-01..2027-04-30", "--closed-policy", "skip"}, []string{"988", "severe liver disease", "no dose of the course falls on a day that is shown"}},
	{"a limit that was loosened", []string{"LOOSE"}, []string{"0.75 mg/kg"}},
	{"no time zone", []string{"ketamine-iv-intensive"}, []string{"no time zone|UTC"}},
	{"a start of which nothing is proved", []string{"ketamine-iv-intensive", "--start", "1926-12-05"}, []string{"starts in 1926"}},
	{"a template", []string{"FILE"}, []string{"TEMPLATE"}},
	{"a clinic's own figures", []string{"LOCAL"}, []string{"clinic's own"}},
	{"a measurement that no dose follows from", []string{"FILE", "--measurement", "ferritin=30ng/mL"}, []string{"ferritin"}},
	{"a file that does not pass", []string{"FILE"}, []string{"does not pass"}},
	{"a dose that is moved", []string{"ketamine-iv-intensive", "--closed", "2026-12-07"}, []string{"from Mon 2026-12-07|instead of Mon 7 December"}},
	{"what FHIR leaves open", []string{"--from-fhir", "FHIR", "--choose", "least"}, []string{"from 5 to 10", "5 is chosen", "FHIR says no time of day"}},
	{"a dose as needed of FHIR", []string{"--from-fhir", "FHIR", "--choose", "least"}, []string{"not on the calendar", "1 TAB, at most 1 in 6 h", "for a headache"}},
	{"what a FHIR file says of the patient", []string{"--from-fhir", "FHIR", "--choose", "least"}, []string{"kidney failure"}},
}

const request = `{"resourceType": "Bundle", "type": "collection", "entry": [
{"resource": {"resourceType": "DetectedIssue", "status": "final", "detail": "kidney failure"}},
{"resource": {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "examplamine"}, "subject": {"reference": "Patient/a"}, "dosageInstruction": [
{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsRange": {"low": {"value": 5, "code": "d"}, "high": {"value": 10, "code": "d"}}}}, "route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "TAB"}}]},
{"text": "for a headache", "asNeededBoolean": true, "timing": {"repeat": {"frequency": 1, "period": 6, "periodUnit": "h"}}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "TAB"}}]}]}}]}`

const unsound = `doseplan: 1
kind: protocol
id: unsound
title: Weekly
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { course: { dose: { by weekday: { sat: 25 mg, other: 50 mg } }, frequency: every 9 days, course: 1 doses, window: ±1 day },
  then: { dose: 25 mg, frequency: sat, course: 2 doses, starts: after course } }
limits: { single dose: 45 mg, any 7 days: 100 mg }
`

// Every finding about a patient stands in every format, whether or not --quiet is given.
func TestEveryFindingInEveryFormat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "unsound.yaml")
	late := filepath.Join(t.TempDir(), "late.yaml")
	fhir := filepath.Join(t.TempDir(), "request.json")
	local := filepath.Join(t.TempDir(), "local.yaml")
	loose := filepath.Join(t.TempDir(), "loose.yaml")
	const loosened = "doseplan: 1\nkind: protocol\nextends: ketamine-iv-intensive\nid: loose\ntitle: Loose\nversion: 1.0.0\nstatus: local\nlimits: { single dose: 5 mg/kg }\n"
	for name, text := range map[string]string{loose: loosened, fhir: request, local: strings.Replace(unsound, "status: template", "status: local", 1), file: unsound, late: strings.NewReplacer("every 9 days", "thu", ", starts: after course", "", "frequency: sat", "frequency: every 5 days", "other: 50", "other: 55").Replace(unsound)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range findings {
		for _, way := range ways() {
			for _, quiet := range []bool{false, true} {
				args := []string{"schedule"}
				for _, a := range f.args {
					args = append(args, strings.NewReplacer("FILE", file, "LATE", late, "FHIR", fhir, "LOCAL", local, "LOOSE", loose).Replace(a))
				}
				for _, flag := range [][]string{{"--weight", "72kg"}, {"--start", "2026-12-05"}, {"--time-zone", "America/New_York"}} {
					if !slices.Contains(f.args, flag[0]) && (f.name != "no time zone" || flag[0] != "--time-zone") {
						args = append(args, flag...)
					}
				}
				args = append(args, way...)
				if quiet {
					args = append(args, "--quiet")
				}
				var out, err bytes.Buffer
				status := cli.Main(args, &cli.Environment{In: strings.NewReader(""), Out: &out, Err: &err, Getenv: func(string) (string, bool) { return "", false },
					Now: func() time.Time { return time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC) }})
				if status != 0 {
					t.Errorf("%s, %s: status %d\n%s", f.name, way[1], status, &err)
					continue
				}
				text := words(t, out.Bytes())
				for _, w := range f.words {
					if !slices.ContainsFunc(strings.Split(w, "|"), func(w string) bool { return strings.Contains(text, w) }) {
						t.Errorf("%s, as %s (quiet: %v): “%s” is not there", f.name, way[1], quiet, w)
					}
				}
			}
		}
	}
}
