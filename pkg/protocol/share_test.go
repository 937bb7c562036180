package protocol

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
)

// Tiers that rise with one measurement rise with their share; nobody has a value above the highest that counts; and a
// window that begins after the day is none.
func TestMeasuredSlips(t *testing.T) {
	for text, want := range map[string]string{
		"measurements: { present dose: 20..100 mg }\ntiers: { low: 80 % of present dose, high: 30 % of present dose }\ndefault tier: low\nphases: { course: { dose: tier } }\n":                                                                                  "not more than the 80 %",
		"measurements: { present dose: 20..100 mg }\ntiers: { low: 30 % of present dose, high: 80 % of present dose }\ndefault tier: low\nphases: { course: { dose: tier } }\n":                                                                                  "",
		"measurements: { GFR: { range: 5..400 mL/min, max: 125 mL/min } }\nphases: { course: { dose: { by measurement: { GFR: { up to 125 mL/min: 5 mg, above 125 mL/min: 10 mg } } } } }\n":                                                                     "is of nobody",
		"measurements: { GFR: { range: 5..400 mL/min, max: 125 mL/min } }\nphases: { course: { for: { measurement: { GFR: up to 125 mL/min } } }, other: { for: { measurement: { GFR: above 125 mL/min } }, dose: 5 mg, frequency: daily, course: 3 doses } }\n": "is of nobody",
		"measurements: { GFR: { range: 5..400 mL/min, max: 125 mL/min } }\nphases: { course: { dose: { by measurement: { GFR: { under 125 mL/min: 5 mg, from 125 mL/min: 10 mg } } } } }\n":                                                                      "",
		"phases: { course: { window: 1 to +3 days } }\n":  "is not a window",
		"phases: { course: { window: 0 to +3 days } }\n":  "",
		"phases: { course: { window: -0 to +3 days } }\n": "",
	} {
		_, found := decodeOn(t, text)
		if want == "" && found.HasErrors() || want != "" && !strings.Contains(found.Error(), want) {
			t.Errorf("%s: want %q, got %v", text, want, found)
		}
	}
}

// What is wrong with a share of a measured amount is said at the share.
func TestShareOfMeasurement(t *testing.T) {
	const text = "measurements: { present dose: 20..100 mg, haemoglobin: 6..18 g/dL }\nphases: { course: { dose: DOSE }, later: { dose: { by measurement: { haemoglobin: { under 8 g/dL: 5 mg, from 8 g/dL: 10 mg } } }, frequency: daily, course: 1 doses } }\n"
	for _, x := range []struct{ dose, want string }{
		{"50 % of present dose", ""},
		{"{ amount: 62.5% of present dose, max: 60 mg }", ""},
		{"{ by dose: { from 1: 100 % of present dose, from 3: 50 % of present dose } }", ""},
		{"50 % of haemoglobin", "which is in g/dL"},
		{"50 % of last dose", "last dose"},
		{"0 % of present dose", "0 % is not a share"},
		{"1001 % of present dose", "1001 % is not a share"},
		{"{ amount: 50 % of present dose, total of: a day }", "is one dose, and no total"},
		{"{ amount: 50 % of present dose, max: 10 mg/h, over: 2 hours }", "no dose per hour"},
		{"{ amount: 50 % of present dose, max: 10 mL }", "cannot be compared with a dose in mg"},
		{"{ amount: 50 % of present dose, round: 1 mL }", "cannot be rounded in steps of 1 mL"},
		{"{ start: 50 % of present dose, increase: 5 mg, every: 1 week, to: 90 mg }", "present dose"},
	} {
		_, found := decodeOn(t, strings.Replace(text, "DOSE", x.dose, 1))
		said := ""
		for _, d := range found {
			if d.Severity >= diag.Error {
				said += d.Message + "\n"
			}
		}
		if x.want == "" && found.HasErrors() || x.want != "" && (!found.HasErrors() || !strings.Contains(said, x.want)) {
			t.Errorf("%s: want %q, got %v", x.dose, x.want, found)
		}
	}
}
