package proof

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/protocols"
)

func shipped(t testing.TB, id string) *protocol.Protocol {
	t.Helper()
	resolve := func(name, _ string) (string, []byte, error) {
		text, err := protocols.Read(name)
		return name + ".yaml", text, err
	}
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, resolve)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

func TestShippedProtocolsAreProved(t *testing.T) {
	for _, id := range protocols.IDs() {
		r := Check(shipped(t, id))
		for _, d := range r.Found {
			t.Errorf("%s: %v\n%s", id, d, d.Help)
		}
		if len(r.Rows) == 0 {
			t.Errorf("%s has no worst case", id)
		}
	}
}

// Worst cases worked out by hand. 0.5 mg/kg from 40 to 160 kg is 20 to 80 mg; rounded to 5 mg
// the most for its weight is 25 mg from just over 45 kg on: 22.5 mg is a tie, and goes down.
func TestWorstCases(t *testing.T) {
	p, found := protocol.Decode("x.yaml", []byte(head+`population: { weight: 40..160 kg }
routes: { iv: { round: 5 mg } }
phases: { a: { dose: 0.5 mg/kg, frequency: weekly, course: 3 doses } }
`), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	r := Check(p)
	if len(r.Rows) != 1 || r.Rows[0].Least.String() != "20 mg" || r.Rows[0].Most.String() != "80 mg" {
		t.Fatalf("%+v", r.Rows)
	}
	// 25 mg ÷ 45.000001 kg.
	want := quantity.MustParse("25 mg").Div(quantity.MustParse("45.000001 kg").Number())
	if got := r.Rows[0].MostPerKg.Number(); got.Cmp(want.Number()) != 0 {
		t.Errorf("the most per kg is %v, want %v", r.Rows[0].MostPerKg, want)
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, id := range []string{"ketamine-iv-intensive", "ketamine-daily-low-dose", "esketamine-nasal-trd"} {
		b.Run(id, func(b *testing.B) {
			p := shipped(b, id)
			for b.Loop() {
				Check(p)
			}
		})
	}
}
