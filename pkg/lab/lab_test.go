package lab

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/quantity"
)

// Worked examples of the formula as teaching pages print them, to one decimal.
func TestClearance(t *testing.T) {
	for _, x := range []struct {
		age                int
		weight, creatinine string
		female             bool
		want               string
	}{
		{60, "80 kg", "1.2", false, "74.1"},
		{45, "65 kg", "0.9", true, "81"},
		{50, "80 kg", "1", false, "100"},
		{70, "75 kg", "1", false, "72.9"},
		{65, "70 kg", "1.4", false, "52.1"},
		{45, "60 kg", "0.9", true, "74.8"},
	} {
		creatinine, _ := quantity.ParseNumber(x.creatinine)
		got, ok := Clearance(x.age, quantity.MustParse(x.weight), creatinine, x.female)
		tenth := quantity.New(1, 10, quantity.None)
		rounded := got.Add(quantity.New(1, 20, quantity.None)).FloorTo(tenth)
		if !ok || rounded.Decimal() != x.want {
			t.Errorf("%d years, %s, %s mg/dL: %v, want %s", x.age, x.weight, x.creatinine, got, x.want)
		}
	}
	one := quantity.New(1, 1, quantity.None)
	for _, x := range []struct {
		age        int
		creatinine quantity.Amount
	}{{140, one}, {40, quantity.New(0, 1, quantity.None)}} {
		if _, ok := Clearance(x.age, quantity.MustParse("70 kg"), x.creatinine, false); ok {
			t.Errorf("%d years, %v", x.age, x.creatinine)
		}
	}
}

// The published table of doses by target and clearance.
func TestCalvert(t *testing.T) {
	for _, x := range []struct{ auc, clearance, mg int64 }{
		{4, 50, 300}, {5, 50, 375}, {6, 50, 450}, {4, 75, 400}, {5, 75, 500}, {6, 75, 600},
		{4, 100, 500}, {5, 100, 625}, {6, 100, 750}, {4, 125, 600}, {5, 125, 750}, {6, 125, 900}, {5, 90, 575},
	} {
		if got := Calvert(quantity.New(x.auc, 1, quantity.None), quantity.New(x.clearance, 1, quantity.None)); got.Cmp(quantity.New(x.mg, 1, quantity.None)) != 0 {
			t.Errorf("AUC %d at %d mL/min: %v, want %d mg", x.auc, x.clearance, got, x.mg)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"1.1 mg/dL": "1.1 mg/dL", "1.1mg/dL": "1.1 mg/dL", "30 IU/mL": "30 units/mL", "80 mL/min/1.73m2": "80 mL/min/1.73m2", "4 10^9/L": "4 10^9/L", "7.5 %": "7.5 %",
	} {
		if v, ok := Parse(text); !ok || v.String() != want {
			t.Errorf("%q: %v, want %s", text, v, want)
		}
	}
	for _, text := range []string{"", "1.1", "mg/dL", "1,1 mg/dL", ".5 mg/dL", "1e3 mg/dL", "-1 mg/dL", "1.1 mgs", "1.1 mg/dl", "1 2 mg/dL"} {
		if v, ok := Parse(text); ok {
			t.Errorf("%q: %v", text, v)
		}
	}
}

// Values of one kind are converted exactly, and others not at all.
func TestIn(t *testing.T) {
	for _, x := range []struct{ value, unit, want string }{
		{"1.1 mg/dL", "mg/L", "11"}, {"12.5 g/dL", "g/L", "125"}, {"300 units/L", "units/mL", "0.3"}, {"0.09 mmol/L", "umol/L", "90"}, {"5 mcg/mL", "ng/mL", "5000"},
		{"1.1 mg/dL", "umol/L", ""}, {"90 mL/min", "mL/min/1.73m2", ""}, {"1 %", "points", ""},
	} {
		v, _ := Parse(x.value)
		if got, ok := v.In(x.unit); ok != (x.want != "") || ok && got.Decimal() != x.want {
			t.Errorf("%s in %s: %v, want %s", x.value, x.unit, got, x.want)
		}
	}
	for _, x := range []struct{ value, unit, want string }{{"1 mg/dL", "umol/L", "88.4"}, {"44.2 umol/L", "mg/L", "5"}, {"2 mg/dL", "mg/dL", "2"}, {"1 mg/dL", "mL/min", ""}} {
		v, _ := Parse(x.value)
		if got, ok := CreatinineIn(v, x.unit); ok != (x.want != "") || ok && got.Decimal() != x.want {
			t.Errorf("a creatinine of %s in %s: %v, want %s", x.value, x.unit, got, x.want)
		}
	}
	for text, want := range map[string]string{"88.4 umol/L": "1", "1.1 mg/dL": "1.1", "0.0884 mmol/L": "1"} {
		v, _ := Parse(text)
		if got, ok := Creatinine(v); !ok || got.Decimal() != want {
			t.Errorf("%s: %v mg/dL, want %s", text, got, want)
		}
	}
}
