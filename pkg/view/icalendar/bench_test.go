package icalendar

import (
	"io"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Five years of a dose a day.
func BenchmarkWrite(b *testing.B) {
	p, found := protocol.Decode("daily.yaml", []byte(`doseplan: 1
kind: protocol
id: daily
title: Daily
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { course: { dose: 25 mg, frequency: daily, course: 1826 doses } }
limits: { single dose: 45 mg }
`), nil)
	if found.HasErrors() {
		b.Fatal(found)
	}
	plan, found := schedule.NewPlan(p, schedule.Options{})
	if found.HasErrors() {
		b.Fatal(found)
	}
	pat, found := patient.New(patient.Patient{Start: civil.MustDate("2026-12-01"), TimeZone: "America/New_York"})
	if found.HasErrors() {
		b.Fatal(found)
	}
	s, found := plan.Run(pat)
	if s == nil {
		b.Fatal(found)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}})); err != nil {
			b.Fatal(err)
		}
	}
}
