package protocol

import "testing"

func TestMatches(t *testing.T) {
	psychosis := Contraindication{Term: "psychosis", Also: []string{"psychotic disorder", "ICD-10 F20-F29", "ICD-10 F30.2", "SNOMED CT 69322001"}}
	for statement, want := range map[string]bool{
		"Psychosis": true, "psychotic-disorders": true, "psychotic": false, "neurosis": false,
		"ICD-10 F20": true, "ICD-10 F20.9": true, "f29": true, "icd10 F25.1": true, "ICD-10-CM F20.81": true, "ICD-10 F30": true, "F30.2": true,
		"ICD-10 F19.5": false, "F30.1": false, "ICD-10 F31": false, "ICD-10 F10-F19": false, "ICD-10 F28-F31": true,
		"SNOMED CT 69322001": true, "SNOMED 69322001": true, "SNOMED CT 6932200": false, "RxNorm 69322001": false, "69322001": false,
	} {
		if got := psychosis.Matches(statement); got != want {
			t.Errorf("%q matches: %v", statement, got)
		}
	}
	for statement, want := range map[string]bool{"psychoses": false, "no psychosis": false, "Psychosis": true, "ICD-10 F20": false, "ICD-10 F20-F29": false, "psychotic disorder": false} {
		if got := psychosis.AnsweredBy(statement); got != want {
			t.Errorf("%q answers: %v", statement, got)
		}
	}
}
