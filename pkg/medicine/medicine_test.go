package medicine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/source"
)

func TestOf(t *testing.T) {
	if m := medicine.Known().Of("Methotrexate"); !m.Weekly() || m.Calls(medicine.NoDriving) {
		t.Errorf("methotrexate is %+v", m)
	}
	for _, text := range []string{"MTX", "methotrexate sodium", "Methotrexate (oral)", "methotrexat", "Trexall 2.5 mg"} {
		if m := medicine.Known().Of(text); m.Name != "methotrexate" {
			t.Errorf("%s is %+v", text, m)
		}
	}
	if m := medicine.Known().Named("methotrexate sodium"); m.Name != "" {
		t.Errorf("methotrexate sodium stands alone: %+v", m)
	}
	if m := medicine.Known().OfCode("6130"); m.Name != "ketamine" {
		t.Errorf("6130 is %+v", m)
	}
	if m := medicine.Known().OfCode(""); m.Name != "" {
		t.Errorf("no code is %+v", m)
	}
	if m := medicine.Known().Of("examplamine"); m.Name != "" {
		t.Errorf("examplamine is %+v", m)
	}
}

func TestRelated(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"ketamine", "esketamine", true}, {"Esketamine", "Ketamine", true}, {"ketamine", "ketamine", false}, {"ketamine", "methotrexate", false}, {"", "", false}} {
		if got := medicine.Known().Related(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

// Every entry of the table that comes with doseplan names its source, and no name means two medicines.
func TestKnown(t *testing.T) {
	seen := map[string]string{}
	for _, m := range medicine.Known() {
		if m.Source == "" {
			t.Errorf("%s has no source", m.Name)
		}
		for _, name := range append([]string{m.Name}, m.Also...) {
			if other := seen[strings.ToLower(name)]; other != "" {
				t.Errorf("%s means %s and %s", name, other, m.Name)
			}
			seen[strings.ToLower(name)] = m.Name
		}
		if m.PartOf != "" && medicine.Known().Named(m.PartOf).Name == "" {
			t.Errorf("%s is part of %s, of which nothing is known", m.Name, m.PartOf)
		}
	}
}

// A clinic's file adds medicines, and its figures take the place of those that are known: nobody who adds a name loses a guard.
func TestWith(t *testing.T) {
	read := func(text string) (medicine.Table, int) {
		root, found := source.Parse("own.yaml", []byte(text))
		own, more := medicine.Decode(root)
		return own, len(append(found, more...))
	}
	const head = "doseplan: 1\nkind: medicines\nmedicines:\n"
	own, wrong := read(head + "  - { name: Albiglutide, also: [Tanzeum], apart: 7 days, source: the label }\n  - { name: ketamine, single dose: { IV: 0.5 mg/kg }, source: our rules }\n")
	if wrong > 0 {
		t.Fatal("a right file has findings")
	}
	all := medicine.Known().With(own)
	if m := all.Of("Tanzeum 1.5 mg pen"); m.Name != "Albiglutide" || m.DaysApart() != 7 || !m.Weekly() {
		t.Errorf("albiglutide is %+v", m)
	}
	if m := all.Named("ketamine"); !m.Calls(medicine.NoDriving) || len(m.Single) != 6 || m.Single[5].Route != "iv" || m.Single[5].Amount.String() != "0.5 mg/kg" || m.Schedule != "us-c3" {
		t.Errorf("ketamine is %+v", m)
	}
	if len(all) != len(medicine.Known())+1 || !slices.ContainsFunc(medicine.Known(), func(m medicine.Medicine) bool {
		return m.Name == "ketamine" && m.Single[0].Amount.String() == "1.4 mg/kg"
	}) {
		t.Error("the table that comes with doseplan has changed")
	}
	for _, text := range []string{
		"  - { name: a }\n", "  - { source: x }\n", "  - { name: a, source: x }\n  - { name: A, source: x }\n", "  - { name: a, source: x, apart: 1 month }\n",
		"  - { name: a, source: x, routes: [by owl] }\n", "  - { name: a, source: x, single dose: { oral: 5 mg/m2 } }\n", "  - { name: a, source: x, asks for: [luck] }\n", "  - { name: a, source: x, single dose: 5 mg }\n",
	} {
		if own, wrong := read(head + text); wrong == 0 || own != nil {
			t.Errorf("no finding in\n%s", text)
		}
	}
}
