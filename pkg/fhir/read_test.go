package fhir_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/fhir"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A slip in the type of a value is never passed over: each of these would change when or how
// much is given.
func TestSlips(t *testing.T) {
	const good = `{"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "examplamine"}, "subject": {"reference": "Patient/a"},
"dosageInstruction": [{"sequence": 1, "asNeededBoolean": false, "timing": {"repeat": {"timeOfDay": ["09:00:00"], "count": 2}}, "route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}]}]}`
	set := fhir.Settings{Start: civil.MustDate("2026-03-02")}
	if o, found := fhir.Read("a.json", []byte(good), set); o == nil {
		t.Fatal(found)
	}
	for from, to := range map[string]string{
		`"timeOfDay": ["09:00:00"]`:  `"timeOfDay": "09:00:00"`,
		`"count": 2`:                 `"count": "2"`,
		`"count": 2}`:                `"count": 2, "when": "HS"}`,
		`"timing": {`:                `"timing": [{`,
		`"asNeededBoolean": false`:   `"asNeededBoolean": "true"`,
		`"sequence": 1`:              `"sequence": "1"`,
		`"value": 5`:                 `"value": "5"`,
		`"value": 5,`:                `"value": 5, "comparator": "<",`,
		`"unit": "mg"`:               `"unit": "mcg", "code": "mg", "system": "http://example.org"`,
		`"status": "active"`:         `"status": "entered-in-error"`,
		`"intent": "order"`:          `"intent": "order", "doNotPerform": true`,
		`"doseAndRate": [{`:          `"doseAndRate": [{"doseQuantity": {"value": 6, "unit": "mg"}}, {`,
		`"route": {"text": "oral"}`:  `"route": {"text": "somehow"}`,
		`"repeat": {`:                `"repeat": {"dayOfweek": ["mon"], `,
		`"repeat": {"timeOfDay"`:     `"repeat": {"timeOfDay": ["10:00:00"], "timeOfDay"`,
		`"dosageInstruction": [{`:    `"modifierExtension": [{"url": "http://example.org/x"}], "dosageInstruction": [{`,
		`{"resourceType": "Medicati`: `{"resourceType": "Nutriti`,
		`"text": "examplamine"`:      `"id": "examplamine"`,
	} {
		text := strings.Replace(good, from, to, 1)
		if strings.HasPrefix(to, `"timing": [`) {
			text = strings.Replace(text, `}}, "route"`, `}}], "route"`, 1)
		}
		if text == good {
			t.Fatalf("%s is not there", from)
		}
		if o, found := fhir.Read("a.json", []byte(text), set); o != nil || !found.HasErrors() {
			t.Errorf("%s is read: %v", to, found)
		}
	}
}

// A unit and a code that contradict each other are no amount.
func TestUnitAgainstCode(t *testing.T) {
	const text = `{"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "examplamine"}, "subject": {"identifier": {"value": "P-1"}},
"dosageInstruction": [{"timing": {"repeat": {"timeOfDay": ["09:00:00"], "count": 4}}, "route": {"coding": [{"system": "http://snomed.info/sct", "code": "37839007"}]}, "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "UNIT", "system": "http://unitsofmeasure.org", "code": "CODE"}}]}]}`
	for pair, reads := range map[[2]string]bool{{"mg", "mg"}: true, {"milligram", "mg"}: true, {"mcg", "ug"}: true, {"mg", "g"}: false, {"tablet", "mg"}: false, {"g", "mg"}: false} {
		o, found := fhir.Read("a.json", []byte(strings.NewReplacer("UNIT", pair[0], "CODE", pair[1]).Replace(text)), fhir.Settings{Start: civil.MustDate("2026-03-02")})
		if (o != nil) != reads {
			t.Errorf("unit and code %q: %v", pair, found)
		}
	}
}

// A limit of the file holds on its calendar, whatever its stretch of time.
func TestLimits(t *testing.T) {
	text := `{"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "examplamine", "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "6130"}]}, "subject": {"identifier": {"value": "P-1"}},
"dosageInstruction": [{"timing": {"repeat": {"timeOfDay": ["09:00:00", "12:00:00"], "count": 4}}, "route": {"coding": [{"system": "http://snomed.info/sct", "code": "37839007"}]}, "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}, "rateRatio": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 20, "code": "min"}}}],
"maxDosePerPeriod": {"numerator": {"value": 10, "unit": "mg"}, "denominator": {"value": 4, "code": "h"}}, "maxDosePerAdministration": {"value": 6, "unit": "mg"}}]}`
	o, found := fhir.Read("a.json", []byte(text), fhir.Settings{Start: civil.MustDate("2026-03-02")})
	if o == nil {
		t.Fatal(found)
	}
	m := o.Protocol.Medications[0]
	if o.Patient != "P-1" || m.RxNorm != "6130" || m.Routes[0].Name != "sublingual" || o.Protocol.Phases[0].Dose.(*protocol.Amount).Over.String() != "20 minutes" {
		t.Errorf("read as %q, %+v", o.Patient, m)
	}
	if l := m.Limits; len(l.SingleDose) != 1 || len(l.Rolling) != 1 || l.Rolling[0].Within.String() != "4 hours" {
		t.Errorf("limits %+v", l)
	}
	run(t, o, "")
	o, _ = fhir.Read("a.json", []byte(strings.Replace(text, `"value": 10`, `"value": 9`, 1)), fhir.Settings{Start: civil.MustDate("2026-03-02")})
	if s, found := tryRun(o); s != nil || found.Worst() != diag.Refusal || !strings.Contains(found.Error(), "4 hours") {
		t.Errorf("10 mg in 3 hours pass a limit of 9 mg in 4: %v", found)
	}
}

// The routes and units that are written are those that are read, and all are the language's.
func TestCodes(t *testing.T) {
	known := 0
	for _, name := range protocol.RouteNames() {
		c, ok := fhir.CodeOfRoute(name)
		if !ok {
			continue
		}
		known++
		if back, _ := fhir.RouteOfCode(c.Code); back.Route != name {
			t.Errorf("%s is written as %s and read as %s", name, c.Code, back.Route)
		}
	}
	if known != len(protocol.RouteNames()) {
		t.Errorf("%d routes have a code", known)
	}
	for _, unit := range []string{"mg", "mcg", "mL", "mEq", "g"} {
		if fhir.UnitOfCode(fhir.CodeOfUnit(unit)) != unit {
			t.Errorf("%s is written as %s", unit, fhir.CodeOfUnit(unit))
		}
	}
	if fhir.UnitOfCode("mmol") != "mmol" || fhir.UnitOfCode("ml") != "mL" || fhir.CodeOfUnit("units") != "" {
		t.Error("units")
	}
}

// Whatever a file holds, it is read or refused.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/fhir-timing/*.json")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var all struct{ Cases []Case }
		if err := json.Unmarshal(text, &all); err != nil {
			f.Fatal(err)
		}
		for i := range all.Cases {
			if list := all.Cases[i].DosageInstruction; len(list) > 0 {
				f.Add([]byte(list[0]))
			} else {
				f.Add([]byte(`{"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}], "timing": ` + string(all.Cases[i].Timing) + `}`))
			}
		}
	}
	f.Fuzz(func(t *testing.T, instruction []byte) {
		text := `{"resourceType": "MedicationRequest", "status": "active", "medicationCodeableConcept": {"text": "x"}, "dosageInstruction": [` + string(instruction) + `]}`
		o, found := fhir.Read("a.json", []byte(text), fhir.Settings{Start: civil.MustDate("2026-03-02"), Route: "oral", Choices: []fhir.Choice{{Value: fhir.Most}}})
		if (o == nil) != found.HasErrors() {
			t.Fatalf("%v\n%s", found, text)
		}
		if o != nil {
			tryRun(o)
		}
	})
}
