// Package eligibility matches a protocol's population and contraindications with what is
// known of a patient: what refuses, what warns, and what nobody has answered.
package eligibility

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Check judges a patient whose course starts on a date. Refusals and warnings are in the
// list; the second result holds, in the order of the protocol, what is to be confirmed
// because the patient's parameters do not answer it.
//
// A contraindication matches a condition or medicine of the same words, whatever their
// case, hyphens and plural, under its own term or another that the protocol gives. One that
// shares only some words is left to be confirmed, and named.
//
// Findings travel to places where a patient's data must not go, so they name the protocol's
// rule and never the patient's own figures or words. What is to be confirmed belongs to the
// schedule, and may.
func Check(p *protocol.Protocol, pat *patient.Patient, start civil.Date) (diag.List, []string) {
	c := checker{pat: pat}
	c.population(&p.Population, start)
	for i := range p.Contraindication {
		c.contraindication(&p.Contraindication[i])
	}
	if pat.HighAcuity {
		help := "care in person with monitoring; in the United States call or text 988 at any hour"
		c.found.Add(diag.HighAcuity, diag.Range{}, help, "the patient's file states high acuity: consider monitored care in person; US crisis line: call or text 988")
		if p.Setting == protocol.Home {
			c.found.Add(diag.HighAcuity, p.Range, help, "%s is a protocol for home use, and the patient's file states high acuity", p.ID)
		}
	}
	return c.found, c.confirm
}

type checker struct {
	pat     *patient.Patient
	found   diag.List
	confirm []string
}

func (c *checker) population(p *protocol.Population, start civil.Date) {
	if p.Age.IsSet() {
		age, ok := c.pat.Age(start)
		c.bound("age", p.Age, quantity.New(int64(age), 1, quantity.None), ok, " years")
	}
	if p.Weight.IsSet() {
		c.bound("weight", p.Weight, c.pat.Weight, c.pat.Weight.IsSet(), "")
	}
	if p.Height.IsSet() {
		c.bound("height", p.Height, c.pat.Height, c.pat.Height.IsSet(), "")
	}
	if p.BMI.IsSet() {
		bmi, err := c.pat.BMI()
		c.bound("body mass index", p.BMI, bmi, err == nil, "")
	}
}

func (c *checker) bound(what string, b grammar.Bounded, value quantity.Amount, known bool, unit string) {
	switch {
	case !known:
		c.confirm = append(c.confirm, what+" "+b.Words(unit))
	case !b.Contains(value):
		c.found.Add(diag.OutsideRange, b.Range, "use a protocol for this patient's population", "the patient's %s is outside the protocol's range, %s", what, b.Words(unit))
	}
}

func (c *checker) contraindication(k *protocol.Contraindication) {
	terms := append([]string{k.Term}, k.Also...)
	for _, stated := range [][]string{c.pat.Present, c.pat.Medications} {
		for _, s := range stated {
			if !slices.ContainsFunc(terms, func(t string) bool { return slices.Equal(words(t), words(s)) }) {
				continue
			}
			if k.Absolute {
				c.found.Add(diag.Contraindicated, k.Range, "this protocol is not for this patient", "the patient's file states an absolute contraindication of the protocol, “%s”", k.Term)
			} else {
				c.found.Add(diag.RelativeContra, k.Range, "the clinician decides whether to go on", "the patient's file states a relative contraindication of the protocol, “%s”", k.Term)
			}
			return
		}
	}
	if slices.ContainsFunc(c.pat.Absent, func(s string) bool { return slices.Equal(words(k.Term), words(s)) }) {
		return
	}
	text := "no " + k.Term
	if !k.Absolute {
		text += " (relative)"
	}
	if near := c.sharing(terms); near != "" {
		text += fmt.Sprintf("; the file states “%s”", near)
	}
	c.confirm = append(c.confirm, text)
}

// sharing returns a stated condition or medicine that has a word in common with the terms.
func (c *checker) sharing(terms []string) string {
	for _, s := range append(slices.Clone(c.pat.Present), c.pat.Medications...) {
		for _, w := range words(s) {
			for _, t := range terms {
				if len(w) > 3 && slices.Contains(words(t), w) {
					return s
				}
			}
		}
	}
	return ""
}

// words splits a term so that case, hyphens and a plural s do not matter.
func words(term string) []string {
	fields := strings.FieldsFunc(strings.ToLower(term), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range fields {
		if len(w) > 4 && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "is") {
			fields[i] = strings.TrimSuffix(w, "s")
		}
	}
	return fields
}
