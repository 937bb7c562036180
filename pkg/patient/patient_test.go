package patient

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

func read(t testing.TB, text string) (*Patient, diag.List) {
	t.Helper()
	node, found := source.Parse("patient.yaml", []byte(text))
	p, more := Decode(node)
	return p, append(found, more...)
}

func must(t testing.TB, text string) *Patient {
	t.Helper()
	p, found := read(t, text)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return p
}

// Every key's example is a patient file that can be read.
func TestExamples(t *testing.T) {
	for _, k := range slices.Concat(patientObject.Keys, conditionsObject.Keys) {
		if _, found := read(t, k.Example+"\n"); len(found) > 0 {
			t.Errorf("%s: %v", k.Example, found)
		}
	}
}

// The figures were computed by hand from the formulas as published.
func TestFormulas(t *testing.T) {
	// Mosteller: √(180 × 80 ÷ 3600) = √4 = 2 m².
	p := must(t, "weight: 80 kg\nheight: 180 cm\nsex: male\n")
	if a, _, err := p.BodySurface(&body.Surface{}); err != nil || a.String() != "2 m2" {
		t.Errorf("the body surface is %v, %v", a, err)
	}
	// 80 ÷ 1.8² = 24.6914 kg/m².
	if bmi, err := p.BMI(); err != nil || bmi.String() != "≈24.6914" {
		t.Errorf("the body mass index is %v, %v", bmi, err)
	}
	// Devine: 70 in is ten inches over five feet: 50 + 23 = 73 kg, and 45.5 + 23 = 68.5 kg.
	p = must(t, "weight: 100 kg\nheight: 70 in\nsex: male\n")
	if w, err := p.IdealWeight(); err != nil || w.String() != "73 kg" {
		t.Errorf("the ideal weight is %v, %v", w, err)
	}
	// 73 + 0.4 × (100 − 73) = 83.8 kg.
	if w, err := p.AdjustedWeight(); err != nil || w.String() != "83.8 kg" {
		t.Errorf("the adjusted weight is %v, %v", w, err)
	}
	p = must(t, "height: 5 ft 10 in\nsex: female\n")
	if w, err := p.IdealWeight(); err != nil || w.String() != "68.5 kg" {
		t.Errorf("the ideal weight is %v, %v", w, err)
	}
	// At five feet exactly the formula begins.
	p = must(t, "height: 152.4 cm\nsex: female\n")
	if w, err := p.IdealWeight(); err != nil || w.String() != "45.5 kg" {
		t.Errorf("at 5 ft: %v, %v", w, err)
	}
}

func TestFormulasRefuse(t *testing.T) {
	var missing *Missing
	var undefined *Undefined
	for text, want := range map[string]string{"sex: male\n": "height", "height: 180 cm\n": "sex"} {
		if _, err := must(t, text).IdealWeight(); !errors.As(err, &missing) || missing.Key != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := must(t, "height: 152 cm\nsex: male\n").IdealWeight(); !errors.As(err, &undefined) {
		t.Errorf("under 5 ft: %v", err)
	}
	if _, err := must(t, "height: 180 cm\nsex: male\n").AdjustedWeight(); !errors.As(err, &missing) || missing.Key != "weight" {
		t.Errorf("no weight: %v", err)
	}
	for _, text := range []string{"weight: 80 kg\n", "height: 180 cm\n"} {
		if _, _, err := must(t, text).BodySurface(&body.Surface{}); !errors.As(err, &missing) {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := must(t, text).BMI(); !errors.As(err, &missing) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"weight: 72":              "has no unit",
		"weight: 72 cm":           "cannot be in cm",
		"weight: 7200 kg":         "not that of a person",
		"weight: 72000000 mg":     "cannot be in mg",
		"weight: 72 kgs":          "easily misread",
		"weight: 0 kg":            "not that of a person",
		"height: 18 m":            "not that of a person",
		"height: 5 ft 14 in":      "not a height in feet",
		"birth date: 12/05/1980":  "ISO form",
		"birth date: 1980-02-30":  "no such day",
		"age: -4":                 "not an age that",
		"age: 200":                "not an age that",
		"sex: M":                  "neither",
		"time zone: Mars/Phobos":  "unknown time zone",
		"wieght: 72 kg":           "no key “wieght”",
		"weight: [72 kg, 80 kg]":  "must be a single value",
		"kind: protocol":          "is not a kind of file",
		"conditions: [psychosis]": "must be a mapping",
		"acuity: severe":          "neither",
		"start: tomorrow":         "not a date",
	} {
		_, found := read(t, text+"\n")
		if len(found) == 0 || !strings.Contains(found[0].Message, want) {
			t.Errorf("%s: %v; want %q", text, found, want)
		}
	}
	for _, secret := range []string{"weight: 77", "weight: 7777 kg", "height: 7 ft 77 in", "weight: 7,7 kg", "birth date: 07/07/1977", "age: 777", "height: 77", "weight: 77 stone", "weight: .77 kg", "weight: 77 kgs"} {
		if _, found := read(t, secret+"\n"); len(found) == 0 || strings.Contains(found.Error(), "7") && !strings.Contains(found[0].Message, "280") {
			t.Errorf("%s: the finding repeats it: %v", secret, found)
		}
	}
	if _, found := read(t, "time zone: New York\n"); !strings.Contains(found[0].Help, "America/New_York") {
		t.Errorf("the help for New York is %q", found[0].Help)
	}
}

func TestAge(t *testing.T) {
	on := civil.MustDate("2026-03-02")
	if a, exact, ok := must(t, "birth date: 1984-03-03\n").Age(on); !ok || !exact || a != civil.Years(41)+11 {
		t.Errorf("%d, %v", a, ok)
	}
	if a, exact, ok := must(t, "age: 7 months\n").Age(on); !ok || !exact || a != 7 {
		t.Errorf("%d, %v", a, ok)
	}
	if a, exact, ok := must(t, "age: 41 years\n").Age(on); !ok || exact || a != civil.Years(41) {
		t.Errorf("%d, %v", a, ok)
	}
	if _, _, ok := must(t, "weight: 72 kg\n").Age(on); ok {
		t.Error("an age that nobody stated")
	}
	if p := must(t, "weight: 158.7lb\nconditions: { present: [asthma], absent: [psychosis] }\nmedications: lamotrigine\nacuity: high\n"); p.Weight.In(quantity.Kilogram).String() != "71.985109119 kg" || !p.HighAcuity || p.Medications[0] != "lamotrigine" || p.Absent[0] != "psychosis" {
		t.Errorf("%+v", p)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"weight: 72 kg\nstart: 2026-03-02\n", "{\"weight\": \"158lb\", \"height\": \"5ft10in\"}", "conditions: { present: [x] }", "age: 41"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		node, found := source.Parse("x", text)
		if found.HasErrors() {
			return
		}
		p, _ := Decode(node)
		_, _, _ = p.BodySurface(&body.Surface{})
		_, _ = p.AdjustedWeight()
		p.Age(civil.MustDate("2026-03-02"))
	})
}
