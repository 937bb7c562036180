package proof

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Every step of a dose by body surface has a candidate that gets the larger dose and is so
// near to the step that no patient between the two could be stated with five decimals.
func TestStepsOfBodySurface(t *testing.T) {
	p, found := protocol.Decode("x.yaml", []byte(head+`population: { weight: 40..120 kg, height: 150..200 cm }
routes: { iv: { round: 5 mg } }
phases: { a: { dose: 75 mg/m2, frequency: every 3 weeks, course: 4 doses } }
`), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	c := newChecker(p, false)
	people, _ := c.candidates()
	plan, _ := schedule.NewPlan(p, schedule.Options{})
	doseOf := func(pat *patient.Patient) int64 {
		k, found := plan.Reckon(pat)
		if found.HasErrors() {
			t.Fatal(found)
		}
		return k.Amounts[0]
	}
	steps := 0
	var a *patient.Patient
	for _, b := range people {
		before := a
		a = b
		if before == nil || before.Height.Cmp(b.Height) != 0 {
			continue
		}
		if doseOf(before) == doseOf(b) {
			continue
		}
		steps++
		if gap := b.Weight.Sub(before.Weight); gap.Cmp(quantity.MustParse("0.0002 kg")) > 0 {
			t.Errorf("the dose changes between %v and %v (%v), where no candidate is near", before.Weight, b.Weight, a.Height)
		}
	}
	if steps < 10 {
		t.Errorf("only %d steps were seen", steps)
	}
}
