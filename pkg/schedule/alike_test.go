package schedule

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Doses that were computed for somebody who measures alike are those of the patient, whatever of a
// patient the rules look at.
func TestAlike(t *testing.T) {
	files, err := filepath.Glob("../../testdata/cookbook/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(len(files), err)
	}
	shipped, _ := filepath.Glob("../../protocols/*.yaml")
	var people []*patient.Patient
	for _, weight := range []string{"9 kg", "31 kg", "72 kg", "158 lb", "131 kg"} {
		for _, height := range []string{"90 cm", "165 cm", "190 cm"} {
			for k, sex := range []patient.Sex{patient.Female, patient.Male} {
				for _, age := range []int{2, 9, 40, 70} {
					p, found := patient.New(patient.Patient{ID: "P", Weight: quantity.MustParse(weight), Height: quantity.MustParse(height), Sex: sex,
						StatedAge: civil.Years(age), AgeStated: true, Surface: quantity.MustParse([]string{"1.2 m2", "1.9 m2"}[k]), Measured: []patient.Measured{{Name: "creatinine", Value: lab.Value{Number: quantity.New(int64(1+2*k), 1, quantity.None), Unit: "mg/dL"}}}, Start: civil.MustDate("2026-03-02")})
					if found.HasErrors() {
						t.Fatal(found)
					}
					people = append(people, p)
				}
			}
		}
	}
	differ := 0
	const byAge = `doseplan: 1
kind: protocol
id: by-age
title: By age
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { a: { dose: { by age: { from 2: 10 mg, from 18: 20 mg, from 65: 15 mg } }, frequency: daily, course: 3 doses } }
`
	const byClearance = `doseplan: 1
kind: protocol
id: by-clearance
title: By clearance
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
measurements: { creatinine: 0.2..15 mg/dL, creatinine clearance: { formula: Cockcroft-Gault, range: 1..500 mL/min } }
routes: { oral: { round: 5 mg } }
phases: { a: { dose: { by measurement: { creatinine clearance: { under 30 mL/min: 10 mg, from 30 mL/min: 1 mg/kg } } }, frequency: daily, course: 3 doses } }
`
	texts := map[string][]byte{"by-age.yaml": []byte(byAge), "by-clearance.yaml": []byte(byClearance)}
	for _, name := range append(files, shipped...) {
		if texts[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range texts {
		p, found := protocol.Decode(name, text, nil)
		if found.HasErrors() && strings.Contains(string(text), "extends:") {
			continue
		}
		used, found := NewPlan(p, Options{})
		if found.HasErrors() {
			continue // a choice is wanted
		}
		seen := map[string]bool{}
		for k := range people {
			for _, pat := range []*patient.Patient{people[k], people[len(people)-1-k]} {
				got, want := inWords(used.regimenOf(pat)), inWords(newRegimen(used, pat))
				if got != want {
					t.Fatalf("%s, %v %v %s %d years:\n%s\nand for the patient alone\n%s", name, pat.Weight, pat.Height, pat.Sex, pat.StatedAge.Years(), got, want)
				}
				seen[got] = true
			}
		}
		if len(seen) > 2 {
			differ++
		}
	}
	if differ < 10 {
		t.Errorf("only %d protocols tell these patients apart", differ)
	}
}

// inWords is what the doses of a regimen are, and how they came about.
func inWords(r *regimen) string {
	r.makeUp()
	var b strings.Builder
	for i := range r.doses {
		fmt.Fprintln(&b, r.doses[i].Amount, r.doses[i].Made, r.doses[i].Derivation(), r.scaled[i])
	}
	return b.String() + r.found.Error()
}
