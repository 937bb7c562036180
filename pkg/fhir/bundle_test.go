package fhir_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/fhir"
)

const dosage = `"dosageInstruction": [{"timing": {"repeat": {"timeOfDay": ["09:00:00"], "count": 2}}, "route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}]}]`

// order reads resources as a Bundle, or one alone.
func order(t *testing.T, resources ...string) (*fhir.Order, diag.List) {
	t.Helper()
	text := resources[0]
	if len(resources) > 1 {
		text = `{"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "http://example.org/fhir/Patient/1", "resource": ` + strings.Join(resources, `}, {"resource": `) + `}]}`
	}
	return fhir.Read("a.json", []byte(text), fhir.Settings{Start: civil.MustDate("2026-03-02")})
}

func request(fields string) string {
	if !strings.Contains(fields, `"status"`) {
		fields = `"status": "active", ` + fields
	}
	return `{"resourceType": "MedicationRequest", "intent": "order", ` + fields + `, ` + dosage + `}`
}

// Where a request names its medicine, and its patient.
func TestNames(t *testing.T) {
	const patient = `{"resourceType": "Patient", "id": "1", "identifier": [{"value": "P-7"}]}`
	const medication = `{"resourceType": "Medication", "id": "m", "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "6130", "display": "ketamine"}]}}`
	for _, c := range []struct {
		name, medicine, patient string
		resources               []string
	}{
		{"a concept", "examplamine", "9", []string{request(`"medicationCodeableConcept": {"text": " examplamine "}, "subject": {"reference": "Patient/9"}`)}},
		{"a code alone", "6130", "", []string{request(`"medicationCodeableConcept": {"coding": [{"code": "6130"}]}`)}},
		{"what is contained", "ketamine", "", []string{request(`"contained": [` + medication + `], "medicationReference": {"reference": "#m"}`)}},
		{"in the bundle, by kind and id", "ketamine", "P-7", []string{patient, medication, request(`"medicationReference": {"reference": "Medication/m"}, "subject": {"reference": "Patient/1"}`)}},
		{"in the bundle, by its URL", "examplamine", "P-7", []string{patient, request(`"medicationCodeableConcept": {"text": "examplamine"}, "subject": {"reference": "http://example.org/fhir/Patient/1"}`)}},
		{"by the words of the reference", "examplamine 5 mg", "", []string{request(`"medicationReference": {"reference": "Medication/elsewhere", "display": "examplamine 5 mg"}`)}},
	} {
		o, found := order(t, c.resources...)
		if o == nil {
			t.Errorf("%s: %v", c.name, found)
		} else if got := o.Protocol.Medications[0].Name; got != c.medicine || o.Patient != c.patient {
			t.Errorf("%s: %q for %q, want %q for %q", c.name, got, o.Patient, c.medicine, c.patient)
		}
	}
}

// What cannot be one calendar of one patient is refused.
func TestRefusesRequests(t *testing.T) {
	const a = `"medicationCodeableConcept": {"text": "a"}`
	for _, c := range []struct {
		want      string
		resources []string
	}{
		{"elsewhere", []string{request(`"medicationReference": {"reference": "Medication/x"}`)}},
		{"has no name", []string{request(`"contained": [{"resourceType": "Medication", "id": "m"}], "medicationReference": {"reference": "#m"}`)}},
		{"names no medicine", []string{request(`"subject": {}`)}},
		{"another patient", []string{request(a + `, "subject": {"reference": "Patient/1"}`), request(a + `, "subject": {"reference": "Patient/2"}`)}},
		{"different codes", []string{request(a), request(`"medicationCodeableConcept": {"text": "A", "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1"}]}`)}},
		{"“cancelled”: nothing of it is to be given", []string{request(a + `, "status": "cancelled"`)}},
		{"no status of a request", []string{request(a + `, "status": "planned"`)}},
		{"no dosageInstruction", []string{`{"resourceType": "MedicationRequest", "status": "active", "medicationCodeableConcept": {"text": "a"}}`}},
		{"no resource of the Bundle", []string{`{"resourceType": "Patient"}`, `{"resourceType": "Observation"}`}},
		{"no resourceType", []string{`{"status": "active"}`}},
		{"not JSON", []string{`<MedicationRequest/>`}},
		{"comes twice", []string{`{"resourceType": "MedicationRequest", "resourceType": "Bundle"}`}},
		{"more than one value", []string{`{"resourceType": "Bundle"} {}`}},
		{"deep", []string{strings.Repeat("[", 100)}},
		{"UTF-8", []string{"\xff"}},
		{"planned", []string{request(a + `, "status": "stopped"`), request(a + `, "status": "completed"`)}},
	} {
		if o, found := order(t, c.resources...); o != nil || !strings.Contains(found.Error(), c.want) {
			t.Errorf("want “%s”: %v", c.want, found)
		}
	}
}

// Beside a request that stands, others are left out and named; what the bundle says of the
// patient goes to the patient's page alone.
func TestBundle(t *testing.T) {
	const a = `"medicationCodeableConcept": {"text": "a"}, "note": [{"text": "with water"}]`
	o, found := order(t, request(a), request(`"medicationCodeableConcept": {"text": "b"}, "status": "completed"`), `{"resourceType": "DetectedIssue", "detail": "secret"}`, `{"resourceType": "Observation"}`, `{"resourceType": "Observation"}`)
	if o == nil {
		t.Fatal(found)
	}
	if n := len(o.Protocol.Phases); n != 1 || strings.Join(o.Protocol.Notes, "") != "with water" {
		t.Errorf("%d phases, notes %q", n, o.Protocol.Notes)
	}
	text := o.Findings.Error()
	for _, want := range []string{"“completed”: nothing of it is on the calendar", "2 Observation"} {
		if !strings.Contains(text, want) {
			t.Errorf("“%s” is not in %s", want, text)
		}
	}
	private := ""
	for _, d := range o.Findings {
		private += d.Private
	}
	if strings.Contains(text, "secret") || private != "secret" {
		t.Errorf("private %q, public %s", private, text)
	}
	two, _ := order(t, request(a), request(`"medicationCodeableConcept": {"text": "b: {c}"}`))
	if two == nil || len(two.Protocol.Medications) != 2 || two.Protocol.Medications[1].Name != "b: {c}" {
		t.Errorf("%+v", two)
	}
}

// Amounts, routes and rates that FHIR says in other ways, or does not say.
func TestDoses(t *testing.T) {
	const d, oral = `"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}]`, `"route": {"text": "oral"}`
	for _, c := range []struct{ from, to, want string }{
		{d, `"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "TAB"}}]`, "2 tablets"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 75, "unit": "whatever", "system": "http://unitsofmeasure.org", "code": "ug"}}]`, "75 mcg"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "ml", "system": "http://unitsofmeasure.org", "code": "ml"}}]`, "5 mL"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 12, "code": "[iU]", "system": "http://unitsofmeasure.org"}}]`, "12 units"},
		{d, `"doseAndRate": [{"type": {"coding": [{"code": "ordered"}]}, "doseQuantity": {"value": 5, "unit": "mg/kg"}}, {"type": {"coding": [{"code": "calculated"}]}, "doseQuantity": {"value": 340, "unit": "mg"}}]`, "340 mg"},
		{oral, `"route": {"coding": [{"system": "http://snomed.info/sct", "code": "255560000", "display": "Intravenous (qualifier value)"}]}`, "5 mg"},
		{d, `"doseAndRate": [{"rateQuantity": {"value": 5, "unit": "mg/h"}}]`, "no amount of a dose"},
		{d, `"doseAndRate": []`, "no amount of a dose"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg/kg"}}]`, "still to be calculated"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "ea", "code": "OINT"}}]`, "is not known"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 0, "unit": "mg"}}]`, "not an amount"},
		{d, `"doseAndRate": [{"doseRange": {"low": {"value": 5, "unit": "mg"}}}]`, "open at one end"},
		{d, `"doseAndRate": [{"doseRange": {"low": {"value": 5, "unit": "mg"}, "high": {"value": 4, "unit": "mg"}}}]`, "is no range"},
		{d, `"doseAndRate": [{"doseRange": {"low": {"value": 5, "unit": "mg"}, "high": {"value": 1, "unit": "g"}}}]`, "is no range"},
		{d, d + `, "maxDosePerPeriod": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 2, "code": "mo"}}`, "not one of so many days"},
		{d, d + `, "maxDosePerPeriod": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 2}}`, "no unit of time"},
		{d, d + `, "maxDosePerLifetime": {"value": 5, "unit": "mg"}`, "a lifetime is not checked"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}, "rateRatio": {"numerator": {"value": 50, "unit": "mL"}, "denominator": {"value": 1, "code": "h"}}}]`, "the rate is not on the calendar"},
		{d, `"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}, "rateRatio": {"numerator": {"value": 50, "unit": "mL"}}}]`, "no numerator or no denominator"},
		{`"repeat": {`, `"_repeat": {"extension": [{"url": "http://example.org/e"}]}, "repeat": {`, "extension http://example.org/e is not read"},
		{d, `"asNeededBoolean": true, "timing": {"code": {"text": "BID"}}, ` + d, "comes twice"},
	} {
		text := strings.Replace(request(`"medicationCodeableConcept": {"text": "a"}`), c.from, c.to, 1)
		o, found := order(t, text)
		got := found.Error()
		if o != nil {
			if s, _ := tryRun(o); s != nil {
				got += s.Doses[0].Amount.String()
			}
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: want “%s”: %s", c.to, c.want, got)
		}
	}
}
