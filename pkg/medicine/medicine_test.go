package medicine_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/medicine"
)

func TestOf(t *testing.T) {
	if m := medicine.Of("Methotrexate"); !m.Weekly || m.Driving {
		t.Errorf("methotrexate is %+v", m)
	}
	for _, text := range []string{"MTX", "methotrexate sodium", "Methotrexate (oral)", "methotrexat", "Trexall 2.5 mg"} {
		if m := medicine.Of(text); m.Name != "methotrexate" {
			t.Errorf("%s is %+v", text, m)
		}
	}
	if m := medicine.Named("methotrexate sodium"); m.Name != "" {
		t.Errorf("methotrexate sodium stands alone: %+v", m)
	}
	if m := medicine.OfCode("6130"); m.Name != "ketamine" {
		t.Errorf("6130 is %+v", m)
	}
	if m := medicine.OfCode(""); m.Name != "" {
		t.Errorf("no code is %+v", m)
	}
	if m := medicine.Of("examplamine"); m.Name != "" {
		t.Errorf("examplamine is %+v", m)
	}
}

func TestRelated(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"ketamine", "esketamine", true}, {"Esketamine", "Ketamine", true}, {"ketamine", "ketamine", false}, {"ketamine", "methotrexate", false}, {"", "", false}} {
		if got := medicine.Related(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}
