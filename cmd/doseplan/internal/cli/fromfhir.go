package cli

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/fhir"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// maxFHIR is how large a FHIR file may be: bundles are wordy.
const maxFHIR = 16 << 20

// A fhirFile is a file that asks for doses, and what the clinician chooses from its ranges.
type fhirFile struct {
	name    string
	choices []string
}

// runFromFHIR prints the calendar that a FHIR file asks for. The file holds a patient's data:
// its text is not kept for findings, which go to stderr.
func (a *app) runFromFHIR(from *fhirFile) error {
	set := a.settings
	format, err := outputFormat(set)
	if err != nil {
		return err
	}
	data, err := a.readFile(from.name, maxFHIR)
	if err != nil {
		return unreadable(from.name, err)
	}
	if len(data) > maxFHIR {
		return usage("give fewer resources at a time", "%s is larger than %d MiB", from.name, maxFHIR>>20)
	}
	files := a.files()
	pat, patientFound, err := a.readPatient(set, files)
	if err != nil {
		return err
	}
	options, err := planOptions(set)
	if err != nil {
		return err
	}
	settings, err := fhirSettings(set, pat, &options, from.choices)
	if err != nil {
		return err
	}
	order, read := fhir.Read(from.name, data, settings)
	found := append(slices.Clone(patientFound), read...)
	if err := a.verdict(found, files.text); err != nil {
		return err
	}
	other := asked(pat, order)
	found = append(found, other...)
	plan, planFound := schedule.NewPlan(order.Protocol, options)
	found = append(found, planFound...)
	if err := a.verdict(found, files.text); err != nil {
		return err
	}
	result, runFound := plan.Run(pat)
	found = append(found, runFound...)
	if err := a.verdict(found, files.text); err != nil {
		return err
	}
	result.Findings = slices.Concat(patientFound, other, order.Findings, result.Findings)
	a.nameInPerson(result)
	if err := a.writeDocument(format, view.Of(result, a.viewOptions())); err != nil {
		return err
	}
	a.report(found, files.text)
	return nil
}

// asked puts what the file says of the patient where nothing else is stated. The first of the
// days on which something begins is day 1.
func asked(pat *patient.Patient, o *fhir.Order) (found diag.List) {
	pat.Start = o.Start
	switch {
	case pat.ID == "":
		pat.ID = o.Patient
	case o.Patient != "" && o.Patient != pat.ID:
		found.Add(diag.NotKept, diag.Range{}, "make sure that both are one patient",
			"the FHIR file is for the patient “%s”, and “%s” is stated", o.Patient, pat.ID)
	}
	if pat.TimeZone == "" && o.HasZone {
		pat.TimeZone, pat.Zone = o.Zone.String(), o.Zone
	}
	return found
}

// fhirSettings are what the settings say of what FHIR leaves open. The times of doses are used up
// by it: those that the file states stay.
func fhirSettings(set *Settings, pat *patient.Patient, o *schedule.Options, choices []string) (fhir.Settings, error) {
	out := fhir.Settings{Route: o.Route, Times: o.Times, DoseTime: o.DoseTime, Clocks: map[string]civil.Clock{}}
	if pat != nil {
		out.Start, out.Zone, out.HasZone = pat.Start, pat.Zone, pat.TimeZone != ""
	}
	o.Route, o.Times, o.DoseTime = "", nil, civil.OptionalClock{}
	for _, t := range fhir.ClockNames() {
		c, err := civil.ParseClock(set.Text(t.Name))
		if err != nil {
			return out, usage("", "--%s: %v", t.Name, err)
		}
		out.Clocks[t.Name] = c
	}
	for _, text := range choices {
		name, value, ok := strings.Cut(text, "=")
		switch {
		case ok && name != "" && value != "":
			out.Choices = append(out.Choices, fhir.Choice{Name: name, Value: value})
		case text == fhir.Least || text == fhir.Most:
			out.Choices = append(out.Choices, fhir.Choice{Value: text})
		default:
			return out, usage("write least, most, or a name and a value as dose=1", "--choose: “%s” is not a choice", text)
		}
	}
	return out, nil
}
