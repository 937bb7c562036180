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

// fiveYears returns what makes five years of a dose a day.
func fiveYears(b *testing.B) (*schedule.Plan, *patient.Patient) {
	b.Helper()
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
	return plan, pat
}

// What it takes to compute the calendar that BenchmarkWrite writes.
func BenchmarkRun(b *testing.B) {
	plan, pat := fiveYears(b)
	b.ReportAllocs()
	for b.Loop() {
		if s, found := plan.Run(pat); s == nil {
			b.Fatal(found)
		}
	}
}

func BenchmarkWrite(b *testing.B) { benchmarkWrite(b, false) }

func BenchmarkWriteCompact(b *testing.B) { benchmarkWrite(b, true) }

func benchmarkWrite(b *testing.B, compact bool) {
	plan, pat := fiveYears(b)
	s, found := plan.Run(pat)
	if s == nil {
		b.Fatal(found)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}, Compact: compact})); err != nil {
			b.Fatal(err)
		}
	}
}
