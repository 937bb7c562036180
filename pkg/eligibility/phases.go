package eligibility

import (
	"errors"
	"slices"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Phases returns the protocol with the phases and check-ins that a patient has whose course starts on a date. What
// decides about them and is not stated is asked for; the protocol is complete only if the list has no
// errors.
func Phases(p *protocol.Protocol, pat *patient.Patient, start civil.Date) (*protocol.Protocol, diag.List) {
	var found diag.List
	if !p.Selective() {
		return dated(p, pat, start)
	}
	q := p.Having(func(of *protocol.Subset) bool {
		s := &selection{p: p, pat: pat, start: start, of: of, in: true}
		s.look()
		for _, d := range s.found {
			if !slices.ContainsFunc(found, func(x diag.Diagnostic) bool { return x.Code == d.Code && x.Message == d.Message }) {
				found = append(found, d)
			}
		}
		return s.in
	})
	if !p.Gives(q) && !found.HasErrors() {
		found.Add(diag.OutsideRange, p.Range, "use a protocol for this patient's population", "no phase of the protocol is for this patient")
	}
	q, more := dated(q, pat, start)
	return q, append(found, more...)
}

// dated returns the protocol with what is counted from the dates of a patient's file.
func dated(p *protocol.Protocol, pat *patient.Patient, start civil.Date) (*protocol.Protocol, diag.List) {
	if !p.Dated() {
		return p, nil
	}
	var found diag.List
	days := map[string]int{}
	used := p.DatesUsed()
	for i := range p.Dates {
		x := &p.Dates[i]
		if !used[x.Name] {
			continue // of phases of others
		}
		on, ok := pat.Date(x.Name)
		if !ok || start.IsZero() {
			d := found.Add(diag.MissingPatient, diag.Range{}, "", "the protocol counts from the date “%s”, which is not stated", x.Name)
			d.Asks = diag.AsksDate + x.Name
			d.Related = []diag.Related{{Range: x.Range, Message: "the rule that needs it"}}
			continue
		}
		if days[x.Name] = on.Sub(start); days[x.Name] < x.Least || days[x.Name] > x.Most {
			d := found.Add(diag.OutsideRange, x.Range, "choose another start, or look at the date", "the date “%s” lies %s after the start, and the protocol is for %d to %d days", x.Name, civil.Plural(days[x.Name], "day"), x.Least, x.Most)
			d.Severity = diag.Refusal
		}
	}
	if found.HasErrors() {
		return p, found
	}
	for i := 1; i < len(p.Dates); i++ {
		if a, b := &p.Dates[i-1], &p.Dates[i]; used[a.Name] && used[b.Name] && days[b.Name] < days[a.Name] {
			found.Add(diag.OddJoin, b.Range, "look at the two dates", "the date “%s” lies before “%s”, which the protocol lists first", b.Name, a.Name)
		}
	}
	clocks := map[string]civil.Clock{}
	for _, x := range pat.Dates {
		if declared, ok := p.Date(x.Name); ok && x.At.IsSet() && declared.Clock.IsSet() {
			clocks[declared.Name] = x.At.Or(0)
		}
	}
	return p.On(days).AtClocks(clocks), found
}

// A selection is whether a patient is one of some.
type selection struct {
	p     *protocol.Protocol
	pat   *patient.Patient
	start civil.Date
	of    *protocol.Subset
	in    bool
	found diag.List
}

func (s *selection) look() {
	if s.of.Age.IsSet() {
		if months, missing := s.pat.AgeAmong(s.start, s.of.Age.Low.At, s.of.Age.High.At); missing != nil {
			s.cannot(missing)
		} else {
			s.fits(s.of.Age, months, nil)
		}
	}
	if s.of.Weight.IsSet() {
		weight := s.pat.Weight
		if weight.IsSet() {
			weight = toMillionths(weight.In(quantity.Kilogram))
		}
		s.fits(s.of.Weight, weight, missing("weight", s.pat.Weight.IsSet()))
	}
	switch {
	case s.of.Sex == "":
	case s.pat.Sex == "":
		s.cannot(&patient.Missing{Key: "sex"})
	default:
		s.in = s.in && string(s.pat.Sex) == s.of.Sex
	}
	if k := s.of.With; k != nil {
		s.in = s.has(k) && s.in
	}
	for _, k := range s.of.Without {
		s.in = !s.has(k) && s.in
	}
	for _, m := range s.of.Measured {
		rule, _ := s.p.Measurement(m.Name)
		_, counts, err := dose.Measured(s.p, rule, s.pat)
		if err == nil {
			counts = toMillionths(counts)
		}
		s.fits(m.Band, counts, err)
	}
}

// toMillionths cuts a value to six decimals: of two bands that leave nothing between them in these, one has everybody,
// whose weight in pounds or value in another unit has more.
func toMillionths(a quantity.Amount) quantity.Amount {
	return a.FloorTo(quantity.New(1, 1_000_000, a.Unit()))
}

// has reports whether the patient has a condition, or takes a medicine. Who does not say is asked.
func (s *selection) has(k *protocol.Contraindication) bool {
	if slices.ContainsFunc(slices.Concat(s.pat.Present, s.pat.Medications), k.Matches) {
		if slices.ContainsFunc(s.pat.Absent, k.AnsweredBy) {
			s.found.Add(diag.BadPatient, k.Range, "state it once", "the patient's file states “%s” as present and as absent", k.Term)
		}
		return true
	}
	if !slices.ContainsFunc(s.pat.Absent, k.AnsweredBy) {
		d := s.found.Add(diag.MissingPatient, diag.Range{}, "", "which phases and check-ins the patient has depends on “%s”, and nobody has said whether it is present or absent", k.Term)
		d.Asks = diag.AsksCondition
		d.Related = []diag.Related{{Range: k.Range, Message: "the rule that needs it"}}
	}
	return false
}

func missing(what string, known bool) error {
	if known {
		return nil
	}
	return &patient.Missing{Key: what}
}

// fits looks at a value, where it is known.
func (s *selection) fits(b protocol.Band, value quantity.Amount, err error) {
	if err != nil {
		s.cannot(err)
		return
	}
	s.in = s.in && b.Contains(value)
}

// cannot says why nobody knows which phases the patient has.
func (s *selection) cannot(err error) {
	var missing *patient.Missing
	var undefined *patient.Undefined
	switch {
	case errors.As(err, &missing):
		d := s.found.Add(diag.MissingPatient, diag.Range{}, "", "which phases and check-ins the patient has depends on the patient's %s, which is not stated", missing.What())
		d.Asks = missing.Asks()
		d.Related = []diag.Related{{Range: s.of.Range, Message: "the rule that needs it"}}
	case errors.As(err, &undefined):
		s.found.Add(diag.FormulaUndefined, s.of.Range, undefined.Help, "%v", err)
	}
}
