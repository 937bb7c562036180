package eligibility

import (
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A Verdict says whether a protocol admits a patient. It weighs nothing: a protocol that admits
// a patient is not one that suits.
type Verdict uint8

// The verdicts.
const (
	Admitted  Verdict = iota
	ToConfirm         // something is not answered, or is the clinician's to weigh
	Refused           // a rule of the protocol refuses
)

func (v Verdict) String() string { return [...]string{"admitted", "to confirm", "refused"}[v] }

// An Admission is a verdict with what it rests on.
type Admission struct {
	Verdict   Verdict
	Refusals  diag.List  // the rules that refuse, at their lines
	Warnings  diag.List  // what the clinician weighs, and what must be answered first
	Questions []Question // what the patient's parameters do not answer
}

// Admit judges a patient by the population and the contraindications of a protocol, as Check does
// before a calendar is made. Without a start, an age that follows from a birth date is not known.
func Admit(p *protocol.Protocol, pat *patient.Patient) Admission {
	found, questions := Check(p, pat, pat.Start, nil)
	a := Admission{Questions: questions}
	for _, d := range found {
		switch {
		case d.Code == diag.Unmatched && d.Severity == diag.Refusal:
			a.Warnings = append(a.Warnings, d) // it refuses until it is answered
		case d.Severity >= diag.Error:
			a.Refusals = append(a.Refusals, d)
		case d.Code == diag.RelativeContra, d.Code == diag.HighAcuity && d.Range.IsSet(), d.Code == diag.Unmatched && d.Severity == diag.Warning:
			a.Warnings = append(a.Warnings, d)
		}
	}
	switch {
	case len(a.Refusals) > 0:
		a.Verdict = Refused
	case len(a.Warnings)+len(a.Questions) > 0:
		a.Verdict = ToConfirm
	}
	return a
}
