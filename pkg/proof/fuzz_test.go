package proof

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/protocols"
)

// Whatever a file says, the proof comes to an end, and what it reports is an error.
func FuzzCheck(f *testing.F) {
	for _, id := range []string{"esketamine-nasal-mdsi", "ketamine-er-tablets", "ketamine-sl-very-low-dose"} {
		if text, err := protocols.Read(id); err == nil {
			f.Add(text)
		}
	}
	corpus, _ := filepath.Glob("../../testdata/corpus/*.yaml")
	for _, name := range corpus {
		if filepath.Base(name) == "fifty-years.yaml" {
			continue // seconds each, and bounded: .ci/bounds.py looks at it
		}
		if text, err := os.ReadFile(name); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte(head + "population: { weight: 40..150 kg }\nroutes: { oral: { round: 5 mg } }\nphases: { a: { dose: 0.5 mg/kg, frequency: every 36 hours, course: 3 doses } }\nlimits: { any 7 days: 100 mg }\n"))
	f.Add([]byte(head + "routes: { oral: {} }\nphases: { a: { dose: 5 mg, frequency: every 1 hours, course: open-ended } }\nlimits: { any 30 days: 100 mg, any 24 hours: 100 mg, each day: 3 mg }\n"))
	f.Add([]byte(head + "routes: { oral: {} }\nphases: { a: { dose: 5 mg, frequency: monthly, course: open-ended, window: ±3 days } }\nlimits: { any 30 days: 5 mg }\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, found := protocol.Decode("x.yaml", text, nil)
		if found.HasErrors() {
			return
		}
		for _, d := range Check(p).Found {
			if d.Message == "" || !d.Range.IsSet() {
				t.Errorf("an incomplete finding: %+v", d)
			}
		}
	})
}
