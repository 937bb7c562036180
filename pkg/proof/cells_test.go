package proof

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// Each part of the population is proved with the phases that it has, and with no others.
func TestPartsOfThePopulation(t *testing.T) {
	const file = head + `population: { age: 18..90 years, weight: 50..100 kg }
routes: { oral: { round: 5 mg } }
phases:
  young: { for: { age: under 65 }, dose: 30 mg, frequency: daily, course: 10 doses }
  old: { for: { age: from 65 }, dose: 30 mg, frequency: daily, course: 10 doses }
  heavy: { for: { weight: above 80 kg }, dose: 50 mg, frequency: daily, course: 2 doses }
limits: { LIMIT }
`
	for limit, broken := range map[string]string{
		"single dose: 50 mg, in the course: 400 mg": "",
		"single dose: 50 mg, in the course: 395 mg": "--weight 80.000001kg --age 18",
		"single dose: 45 mg":                        "--weight 80.000001kg",
		"in the course: 399 mg, doses: 12":          "80.000001kg",
		"doses: 11":                                 "80.000001kg",
		"doses: 12, any 7 days: 280 mg":             "",
	} {
		p, found := protocol.Decode("test.yaml", []byte(strings.Replace(file, "LIMIT", limit, 1)), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		r := Check(p)
		got := ""
		for _, d := range r.Found {
			if d.Code == diag.CanBreakLimit {
				got = d.Help
			} else {
				t.Errorf("%s: %v", limit, d)
			}
		}
		if (got == "") != (broken == "") || !strings.Contains(got, broken) {
			t.Errorf("%s: witness %q, want one with %q", limit, got, broken)
		}
	}
}
