package fhir_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	core "github.com/doseplan/doseplan/pkg/fhir"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/protocols"
)

// back reads what was written, and runs it.
func back(t *testing.T, text []byte) (*schedule.Schedule, *core.Order) {
	t.Helper()
	o, found := core.Read("written.json", text, core.Settings{})
	if o == nil {
		t.Fatal(found)
	}
	plan, found := schedule.NewPlan(o.Protocol, schedule.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	s, found := plan.Run(&patient.Patient{ID: o.Patient, Start: o.Start, Zone: o.Zone, TimeZone: o.Zone.String()})
	if s == nil {
		t.Fatalf("%v\n%s", found, o.Text)
	}
	return s, o
}

// What is written and read back has the same instants and amounts, for every shipped protocol,
// and what a calendar has beside its doses is named as lost.
func TestRoundTrip(t *testing.T) {
	weekends := schedule.Options{Closed: calendar.Closed{Weekdays: [7]bool{time.Saturday: true, time.Sunday: true}}, Policy: calendar.Keep}
	n := 0
	for _, id := range protocols.IDs() {
		p, _ := shipped(t, id)
		for _, zone := range []string{"UTC", "America/New_York", "Australia/Lord_Howe"} {
			for _, o := range []schedule.Options{{}, weekends, {Times: []civil.Clock{2*60 + 15}, Until: civil.MustDate("2026-11-20")}} {
				s := compute(t, p, o, person+"start: 2026-03-06\ntime zone: "+zone)
				if s == nil {
					continue
				}
				n++
				again, order := back(t, write(t, s))
				if got, want := append(planned(again), lengths(again)...), append(planned(s), lengths(s)...); !slices.Equal(got, want) {
					t.Errorf("%s in %s: read back\n%s\nwant\n%s", id, zone, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				if again.Patient.ID != s.Patient.ID || again.Zone.String() != s.Zone.String() {
					t.Errorf("%s: the patient %s in %v was read back as %s in %v", id, s.Patient.ID, s.Zone, again.Patient.ID, again.Zone)
				}
				lost(t, s, order)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d calendars are too few", n)
	}
}

// lengths returns how long each dose takes.
func lengths(s *schedule.Schedule) (list []string) {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			over, _ := s.Dose(e).Route.Over.Elapsed()
			list = append(list, fmt.Sprintf("%d takes %v", e.At, over))
		}
	}
	slices.Sort(list)
	return list
}

func lost(t *testing.T, s *schedule.Schedule, o *core.Order) {
	t.Helper()
	said := ""
	for _, d := range o.Findings {
		if d.Code == diag.NotKept {
			said += d.Message + " " + d.Private + "\n"
		}
	}
	for i := range s.Events {
		switch e := &s.Events[i]; {
		case e.Kind == schedule.Supply && !strings.Contains(said, "SupplyRequest"):
			t.Fatalf("%s: the loss of fills is not said: %s", s.Protocol.ID, said)
		case (e.Kind == schedule.CheckIn || e.Kind == schedule.Observation) && !strings.Contains(said, "ServiceRequest"):
			t.Fatalf("%s: the loss of check-ins is not said: %s", s.Protocol.ID, said)
		case e.Kind == schedule.Dose && e.Status == schedule.Provisional && !strings.Contains(said, "provisional"):
			t.Fatalf("%s: that a dose waits is not said: %s", s.Protocol.ID, said)
		}
	}
	for _, d := range s.Findings {
		if !strings.Contains(said, core.Clean(d.Message)) {
			t.Fatalf("%s: the finding “%s” is lost: %s", s.Protocol.ID, d.Message, said)
		}
	}
}
