// Package fhir reads HL7 FHIR R4 (4.0.1): it makes of a MedicationRequest, or of a Bundle of
// some, a protocol of the language, which is then run like any other.
//
//	order, found := fhir.Read("request.json", data, fhir.Settings{Start: start})
//	plan, _ := schedule.NewPlan(order.Protocol, schedule.Options{})
//
// So there is one meaning of a calendar: limits, changes of the clocks, months, derivations and
// views are those of package schedule.
//
// # The way of an instruction
//
//	json.go    text        → nodes      each with its path and its line
//	read.go    nodes       → requests   what stands, for which patient, in which zone
//	dose.go    instruction → amount     its route, limits and place in the sequence
//	timing.go  Timing      → pattern    a rule in the words of the language, or moments
//	span.go    pattern     → stretches  with a beginning and an end
//	order.go   stretches   → protocol   one phase for each
//
// # What is read, what is chosen, what is refused
//
// Nothing in an instruction that says when or how much is passed over. It is read; or it is
// open in FHIR, and then the reading is a finding with the path ([diag.LeftOpen]); or it is a
// range, from which somebody must choose ([diag.ToChoose]); or it is refused with the reason
// ([diag.NotExpanded]). That holds for keys that R4 does not have, for values of another type,
// and for modifier extensions. A dose as needed is a budget ([diag.AsNeeded]) and no event.
//
// Findings travel to places where a patient's data must not go: words of the file that are about
// the patient stand in their Private part.
//
// The cases of testdata/fhir-timing say all of this as data.
package fhir
