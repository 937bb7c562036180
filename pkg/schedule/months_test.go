package schedule_test

import (
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/proof"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

const infants = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
population: { age: AGES }
routes: { oral: { round: 5 mg } }
phases: { a: { dose: { by age: { CASES } }, frequency: daily, course: 3 doses } }
`

// Ages are completed months: one that is stated in years is taken where nothing changes within that year, and
// asked for more exactly elsewhere. A figure in years ends with the next birthday.
func TestAgesInMonths(t *testing.T) {
	for _, c := range []struct{ ages, cases, patient, want string }{
		{"6..23 months", "up to 11 months: 10 mg, from 12 months: 20 mg", "age: 11 months", "10 mg"},
		{"6..23 months", "up to 11 months: 10 mg, from 12 months: 20 mg", "age: 12 months", "20 mg"},
		{"6..23 months", "up to 11 months: 10 mg, from 12 months: 20 mg", "age: 1", "20 mg"},
		{"6..23 months", "up to 11 months: 10 mg, from 12 months: 20 mg", "age: 0", "10 mg, if age 6 to 23 months"}, // six months or less
		{"6..23 months", "up to 11 months: 10 mg, above 11 months: 20 mg", "birth date: 2025-08-31", "10 mg"},       // on 2 March: six months
		{"6..23 months", "up to 11 months: 10 mg, above 11 months: 20 mg", "birth date: 2025-09-03", "outside"},
		{"6..23 months", "up to 11 months: 10 mg, above 11 months: 20 mg", "birth date: 2024-03-02", "outside"}, // two years on the day
		{"6..23 months", "up to 11 months: 10 mg, above 11 months: 20 mg", "birth date: 2024-03-03", "20 mg"},
		{"6 months..17 years", "under 2 years: 10 mg, from 2 years: 20 mg", "birth date: 2008-03-03", "20 mg"}, // eighteen tomorrow
		{"6 months..17 years", "under 2 years: 10 mg, from 2 years: 20 mg", "birth date: 2008-03-02", "outside"},
		{"6 months..17 years", "up to 1 years: 10 mg, from 2 years: 20 mg", "age: 23 months", "10 mg"},
		{"6 months..17 years", "up to 1 years: 10 mg, above 1 years: 20 mg", "age: 24 months", "20 mg"},
		{"1..17 years", "up to 30 months: 10 mg, above 30 months: 20 mg", "age: 30 months", "10 mg"},
		{"1..17 years", "up to 30 months: 10 mg, above 30 months: 20 mg", "age: 31 months", "20 mg"},
		{"1..17 years", "up to 30 months: 10 mg, above 30 months: 20 mg", "age: 2", "in months"},
		{"1..17 years", "up to 30 months: 10 mg, above 30 months: 20 mg", "age: 3", "20 mg"},
	} {
		p := decode(t, strings.NewReplacer("AGES", c.ages, "CASES", c.cases).Replace(infants))
		s, found := compute(p, schedule.Options{}, person(t, "start: 2026-03-02\n"+c.patient))
		got := ""
		if s != nil {
			got = s.Dose(&s.Events[0]).Amount.String()
			if len(s.Confirm) > 0 {
				got += ", if " + s.Confirm[0].String()
			}
		} else {
			got = found.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s, %s, %s: %s, want %s", c.ages, c.cases, c.patient, got, c.want)
		}
	}
	// What no case covers is found at the month.
	for cases, covered := range map[string]bool{"from 6 months: 10 mg": true, "from 7 months: 10 mg": false, "up to 1 years: 10 mg": true, "up to 23 months: 10 mg": true, "under 23 months: 10 mg": false} {
		_, found := protocol.Decode("x.yaml", []byte(strings.NewReplacer("AGES", "6..23 months", "CASES", cases).Replace(infants)), nil)
		if found.HasErrors() == covered {
			t.Errorf("%s: %v", cases, found)
		}
	}
	// An infant of no age is one of no months, where months decide.
	for _, ages := range []string{"0..12 years", "0 months..12 years", "0..23 months", "1..12 years"} {
		for _, cases := range []string{"under 6 months: 10 mg, from 6 months: 20 mg", "up to 18 months: 10 mg, above 18 months: 20 mg"} {
			if found := proof.Check(decode(t, strings.NewReplacer("AGES", ages, "CASES", cases).Replace(infants))).Found; found.HasErrors() {
				t.Errorf("%s, %s: %v", ages, cases, found)
			}
		}
	}
	// The proof looks at both sides of a month.
	p := decode(t, strings.NewReplacer("AGES", "6..35 months", "CASES", "up to 30 months: 10 mg, above 30 months: 20 mg").Replace(infants)+"limits: { single dose: 15 mg }\n")
	found := proof.Check(p).Found
	if len(found) != 1 || found[0].Code != diag.CanBreakLimit || !strings.Contains(found[0].Help, "--age '35 months'") {
		t.Errorf("%v\n%s", found, found[0].Help)
	}
}
