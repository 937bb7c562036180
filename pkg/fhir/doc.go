// Package fhir holds what doseplan and HL7 FHIR R4 (4.0.1) have words for in common: codes of
// routes, units and days.
//
// It reads and writes nothing; the view that writes resources is package view/fhir.
package fhir
