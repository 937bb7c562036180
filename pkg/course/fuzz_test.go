package course_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

const mine = `doseplan: 1
kind: protocol
id: mine
title: Mine
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
population: { weight: 40..150 kg }
routes: { iv: { round: 1 mg } }
tiers: { low: 0.5 mg/kg, mid: 0.75 mg/kg }
default tier: low
phases:
  induction: { dose: tier, frequency: every 3 days, course: 6 doses, window: +1 day, titration: { steps: [low, mid], confirmed at: review } }
  maintenance: { dose: tier, frequency: weekly, course: open-ended }
check-ins:
  review: { every: 1 week, window: ±1 day, mode: phone }
  response: { on: last dose of induction, mode: in person, gates: maintenance }
missed doses: { then: shift }
interruptions: { clock: stops, restart after: 3 weeks }
limits: { single dose: 120 mg, interval: 20 h, reassess: every 8 weeks }
supply: { fill: 4 weeks, lead time: 1 week }
`

// Whatever a course file says, it can be opened: there is a calendar, or a reason.
func FuzzFold(f *testing.F) {
	f.Add([]byte(written(bodies...)))
	for i := range bodies {
		f.Add([]byte(written(bodies[i], bodies[(i*7+3)%len(bodies)], bodies[(i*11+5)%len(bodies)])))
	}
	p, found := protocol.Decode("mine.yaml", []byte(mine), nil)
	if found.HasErrors() {
		f.Fatal(found)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, found := source.Parse("c.yaml", text)
		if found.HasErrors() || root == nil {
			return
		}
		c, found := course.Decode(root)
		if found.HasErrors() || len(c.Entries) > 40 {
			return
		}
		cal, found := ledger.Fold(c, func(ledger.Pin) (*protocol.Protocol, diag.List) { return p, nil }, ledger.Options{})
		if cal == nil && !found.HasErrors() {
			t.Error("there is no calendar, and no reason")
		}
		for i := range c.Entries {
			if c.Entries[i].Act != nil && c.Entries[i].Words() == "" {
				t.Error("an entry has no words")
			}
		}
	})
}
