package schedule

import (
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/protocols"
)

// passes returns a plan of a shipped protocol, a patient, and the memory of a run.
func passes(b *testing.B, id string, o Options) (*Plan, *patient.Patient, *scratch) {
	b.Helper()
	text, err := protocols.Read(id)
	if err != nil {
		b.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, nil)
	if found.HasErrors() {
		b.Fatal(found)
	}
	plan, found := NewPlan(p, o)
	if found.HasErrors() {
		b.Fatal(found)
	}
	var build patient.Builder
	for key, value := range map[string]string{"weight": "72 kg", "start": "2026-03-02", "time zone": "America/New_York"} {
		build.State(key, diag.Range{}, value)
	}
	pat, found := build.Patient()
	if found.HasErrors() {
		b.Fatal(found)
	}
	mem := &scratch{}
	mem.zone.In(pat.Zone)
	return plan, pat, mem
}

// The passes of a run one by one, on 18 months of daily doses.
func BenchmarkPasses(b *testing.B) {
	o := Options{Route: "sublingual", Until: civil.MustDate("2027-09-01")}
	plan, pat, mem := passes(b, "ketamine-daily-low-dose", o)
	reg := newRegimen(plan, pat)
	a := newAxis(plan, nil, pat.Start, nil, mem)
	doses := doseEvents(a, reg, nil)
	perDose := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(doses)), "ns/dose")
	}
	b.Run("amounts", func(b *testing.B) {
		for b.Loop() {
			newRegimen(plan, pat)
		}
	})
	b.Run("expand", func(b *testing.B) {
		own := &scratch{}
		own.zone.In(pat.Zone)
		for b.Loop() {
			newAxis(plan, nil, pat.Start, nil, own)
		}
		perDose(b)
	})
	b.Run("place", func(b *testing.B) {
		var events []Event
		for b.Loop() {
			events = append(events[:0], doses...)
			p := &placer{plan: plan, reg: reg, rec: &record{}, zone: &mem.zone}
			p.doses(a, events)
		}
		perDose(b)
	})
	placed := (&placer{plan: plan, reg: reg, rec: &record{}, zone: &mem.zone}).doses(a, append([]Event(nil), doses...))
	b.Run("judge", func(b *testing.B) {
		for b.Loop() {
			j := &judge{plan: plan, reg: reg, doses: placed, mem: mem}
			j.limits()
			j.doubles()
		}
		perDose(b)
	})
}

// Placement where there is something to move: three doses a week at a clinic that is closed on
// weekends.
func BenchmarkPlaceOffWeekends(b *testing.B) {
	o := Options{Policy: calendar.Nearest}
	o.Closed.Weekdays[time.Saturday], o.Closed.Weekdays[time.Sunday] = true, true
	plan, pat, mem := passes(b, "ketamine-iv-intensive", o)
	pat.Start = civil.MustDate("2026-03-03")
	reg := newRegimen(plan, pat)
	a := newAxis(plan, nil, pat.Start, nil, mem)
	doses := doseEvents(a, reg, nil)
	var events []Event
	for b.Loop() {
		events = append(events[:0], doses...)
		p := &placer{plan: plan, reg: reg, rec: &record{}, zone: &mem.zone}
		p.doses(a, events)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(doses)), "ns/dose")
}
