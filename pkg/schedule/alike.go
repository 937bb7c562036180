package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// measures are what the amounts of a plan follow from in a patient: two who are alike in them have
// the same doses. What the rules of the plan do not look at is left out.
type measures struct {
	weight, height, surface quantity.Amount
	sex                     patient.Sex
	age                     civil.Age
	aged, ageExact          bool
	measured                string // every value that was measured
}

// looksAt says which measures beside the weight and a stated surface the rules of a plan look at.
type looksAt struct{ build, age, months, measured bool }

// maxAlike is how many regimens are kept for patients to come.
const maxAlike = 2048

// looks finds what the rules of a protocol look at.
func looks(p *protocol.Protocol) (at looksAt) {
	at.measured = len(p.Measurements) > 0
	at.build = at.measured || p.UsesSurface()
	at.age = at.measured
	for _, ph := range p.Rules() {
		at.age, at.months = at.age || p.Follows(ph.Dose, protocol.ByAge), at.months || p.InMonths(ph.Dose)
		for _, r := range p.RoutesOf(ph) {
			p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				at.build = at.build || a.Weight.Kind != protocol.Actual || a.Weight.Changes()
			})
		}
	}
	return at
}

// measure returns what the amounts of the plan follow from in a patient.
func (pl *Plan) measure(pat *patient.Patient) measures {
	m := measures{weight: pat.Weight, surface: pat.Surface}
	if pl.looks.build {
		m.height, m.sex = pat.Height, pat.Sex
	}
	if pl.looks.age {
		if m.age, m.ageExact, m.aged = pat.Age(pat.Start); !pl.looks.months { // whoever is as old in years
			m.age, m.ageExact = civil.Years(m.age.Years()), false
		}
	}
	if pl.looks.measured {
		for _, v := range pat.Measured {
			m.measured += fmt.Sprintf("%q %v;", v.Name, v.Value)
		}
	}
	return m
}

// like returns somebody who measures like a patient, of whom nothing else is known: amounts that are
// computed for them cannot follow from anything else.
func (m *measures) like(pat *patient.Patient) *patient.Patient {
	p := &patient.Patient{Weight: m.weight, Height: m.height, Surface: m.surface, Sex: m.sex, StatedAge: m.age, AgeStated: m.aged, AgeInMonths: m.ageExact}
	if m.measured != "" {
		p.Measured = pat.Measured
	}
	return p
}

// regimenOf is newRegimen that computes the amounts of patients who are alike once.
func (pl *Plan) regimenOf(pat *patient.Patient) *regimen {
	if t := &pl.options.Timeline; t.Lived || len(t.Changes) > 0 {
		return newRegimen(pl, pat)
	}
	m := pl.measure(pat)
	known := pl.regimens.find(m)
	if known == nil {
		known = newRegimen(pl, m.like(pat))
		known.makeUp()
		known.selection = known.chosen()
		pl.regimens.keep(m, known, 1, maxAlike)
	}
	own := *known
	own.doses, own.scaled, own.found = slices.Clip(own.doses), slices.Clip(own.scaled), slices.Clip(own.found)
	own.parts = slices.Clone(own.parts)
	own.parts[0].patient = pat
	return &own
}
