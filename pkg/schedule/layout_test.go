package schedule

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// What a plan computes for patients one after the other is what a new plan computes for each of them alone: layouts,
// amounts and questions that are kept for the next are those of no patient in particular.
func TestKeptForTheNext(t *testing.T) {
	shipped, err := filepath.Glob("../../protocols/*.yaml")
	cookbook, _ := filepath.Glob("../../testdata/cookbook/*.yaml")
	if err != nil || len(shipped) < 10 || len(cookbook) < 10 {
		t.Fatal(len(shipped), len(cookbook), err)
	}
	shared := 0
	for _, name := range append(shipped, cookbook...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p, found := protocol.Decode(name, text, nil)
		if found.HasErrors() {
			continue // it extends another
		}
		var o Options
		if len(p.Tiers) > 0 {
			o.Tier = p.Tiers[0].Name
		}
		used, found := NewPlan(p, o)
		if found.HasErrors() {
			continue // more choices are wanted
		}
		for _, start := range []string{"2026-03-02", "2026-10-24", "2027-01-31"} {
			for _, zone := range []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "Europe/Berlin"} {
				for _, weight := range []string{"48.3 kg", "72 kg", "110 kg", "72 kg"} {
					of := func(pl *Plan) string {
						z, err := civil.LoadZone(zone)
						if err != nil {
							t.Fatal(err)
						}
						pat, found := patient.New(patient.Patient{ID: "P", Weight: quantity.MustParse(weight), Height: quantity.MustParse("170 cm"), Sex: patient.Female,
							BirthDate: civil.MustDate("1986-06-15"), Start: civil.MustDate(start), TimeZone: zone, Zone: z})
						if found.HasErrors() {
							t.Fatal(found)
						}
						s, found := pl.Run(pat)
						return allOf(s, found)
					}
					fresh, _ := NewPlan(p, o)
					if got, want := of(used), of(fresh); got != want {
						t.Fatalf("%s, %s, %s, %s:\n%s\nand for the patient alone\n%s", name, start, zone, weight, got, want)
					}
				}
			}
		}
		if len(used.layouts.known) > 0 {
			shared++
		}
	}
	if shared < 10 {
		t.Errorf("only %d protocols have layouts that patients share", shared)
	}
}

// allOf is all of a schedule that anything is printed from.
func allOf(s *Schedule, found diag.List) string {
	var b strings.Builder
	fmt.Fprintln(&b, found)
	if s == nil {
		return b.String()
	}
	fmt.Fprintln(&b, s.Fills, s.Confirm, s.Until, s.Findings, s.Reined)
	for _, n := range s.Notes {
		fmt.Fprintf(&b, n.Form+"\n", n.Args...)
	}
	for i := range s.Phases {
		ph := &s.Phases[i]
		fmt.Fprintln(&b, ph.Phase.Name, ph.Frequency.Text, ph.Day1, ph.First, ph.End, ph.Open, ph.Doses, ph.Total)
	}
	for i := range s.Events {
		e := &s.Events[i]
		fmt.Fprintln(&b, *e, s.Derivation(e))
		for _, r := range s.RaisesOf(e) {
			fmt.Fprintln(&b, r.Phase)
		}
		if e.Kind == Dose {
			fmt.Fprintln(&b, s.Dose(e).Amount, s.Dose(e).Made)
		}
	}
	return b.String()
}

// A memo forgets what it has to, and no more.
func TestMemo(t *testing.T) {
	var m memo[int, string]
	for k := range 10 {
		text := fmt.Sprint(k)
		m.keep(k, &text, 2, 8)
		if got := m.find(k); got == nil || *got != text {
			t.Fatalf("%d is not known once it is kept", k)
		}
		if want := min(k+1, 4); len(m.known) != want || m.size != 2*want {
			t.Fatalf("after %d: %d of size %d, want %d", k, len(m.known), m.size, want)
		}
	}
	again := "again"
	m.keep(9, &again, 4, 8)
	if got := m.find(9); *got != again || m.size > 8 {
		t.Errorf("%s, of size %d in all", *got, m.size)
	}
}
