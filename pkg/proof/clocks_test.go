package proof

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// Files that a start near a change of the clocks breaks, which an attack found and the proof did not:
// times that are taken over and lie in a skipped hour, the change in the middle of a long course, and
// a time just after a skipped hour.
func TestChangesOfTheClocks(t *testing.T) {
	for text, code := range map[string]diag.Code{
		"phases:\n  a: { dose: 50 mg, frequency: daily, times: [\"11:30\"], course: 1 doses }\n  b: { dose: 50 mg, frequency: twice daily, course: 3 days }\nlimits: { each day: 100 mg }\n":                  diag.CanBreakLimit,
		"phases:\n  a: { dose: 50 mg, frequency: daily, times: [\"11:30\"], course: 1 doses }\n  b: { dose: 50 mg, frequency: every 12 hours, course: 3 days }\nlimits: { each day: 100 mg }\n":               diag.CanBreakLimit,
		"phases: { a: { dose: 10 mg, frequency: every 8 hours elapsed, course: 38 doses } }\nlimits: { each day: 30 mg }\n":                                                                                   diag.CanBreakLimit,
		"phases: { a: { dose: { by dose: { from 1: 10 mg, from 60: 50 mg } }, frequency: every 8 hours elapsed, times: [\"00:30\"], course: 90 doses } }\nlimits: { single dose: 50 mg, each day: 150 mg }\n": diag.CanBreakLimit,
		"phases: { a: { dose: 50 mg, frequency: twice daily, times: [\"02:30\", \"03:00\"], course: 1 day } }\nlimits: { each day: 100 mg }\n":                                                                diag.DoubleDose,
		"phases: { a: { dose: 50 mg, frequency: twice daily, times: [\"03:30\", \"15:30\"], course: 1 day } }\nlimits: { each day: 100 mg }\n":                                                                "",
	} {
		p, found := protocol.Decode("test.yaml", []byte("doseplan: 1\nkind: protocol\nid: test\ntitle: A test\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: home\nmedication: { name: examplamine }\nroutes: { oral: { round: 5 mg } }\n"+text), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		var got diag.Code
		for _, d := range Check(p).Found {
			if d.Severity >= diag.Error {
				got = d.Code
			}
		}
		if got != code {
			t.Errorf("%s\nis found %q, want %q", text, got, code)
		}
	}
}
