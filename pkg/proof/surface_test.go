package proof

import (
	"slices"
	"testing"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Every step of a dose by body surface has candidates on both sides that are so near to it that no
// surface lies between them but one.
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
	surface := func(pat *patient.Patient) quantity.Amount { return p.Surface.Of(pat.Weight, pat.Height) }
	slices.SortFunc(people, func(a, b *patient.Patient) int { return surface(a).Cmp(surface(b)) })
	for i := 1; i < len(people); i++ {
		before, b := people[i-1], people[i]
		if doseOf(before) == doseOf(b) {
			continue
		}
		steps++
		if gap := surface(b).Sub(surface(before)); gap.Cmp(quantity.MustParse("0.000002 m2")) > 0 {
			t.Errorf("the dose changes between %v and %v, where no candidate is near", surface(before), surface(b))
		}
	}
	if steps < 10 {
		t.Errorf("only %d steps were seen", steps)
	}
}
