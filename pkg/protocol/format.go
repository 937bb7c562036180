package protocol

import (
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
)

// Format rewrites a protocol file in canonical form: see [source.Format]. Keys come in the
// order of the reference; names that the file defines stay in theirs, which means something.
func Format(file string, text []byte) ([]byte, diag.List) {
	return source.Format(file, text, keyOrder)
}

// keyOrder returns the keys of the mapping at a path of keys.
func keyOrder(path []string) []string {
	if len(path) > 2 && path[0] == "medications" {
		path = path[2:] // routes and limits, as at the top
	}
	at := func(i int) string {
		if i < len(path) {
			return path[i]
		}
		return ""
	}
	switch {
	case len(path) == 0:
		return protocolObject.Names()
	case at(0) == "medication" && len(path) == 1, at(0) == "medications" && len(path) == 2:
		return medicationObject.Names()
	case at(0) == "population" && len(path) == 1:
		return populationObject.Names()
	case at(0) == "missed doses" && len(path) == 1:
		return missedObject.Names()
	case at(0) == "interruptions" && len(path) == 1:
		return interruptionsObject.Names()
	case at(0) == "supply" && len(path) == 1:
		return supplyObject.Names()
	case at(0) == "limits" && len(path) == 1:
		return limitsObject.Names()
	case at(0) == "contraindications" && len(path) == 1:
		return contraindicationsObject.Names()
	case at(0) == "routes" && len(path) == 2:
		return routeObject.Names()
	case at(0) == "check-ins" && len(path) == 2:
		return checkInObject.Names()
	case at(0) == "requirements" && len(path) == 2:
		return requirementObject.Names()
	case at(0) == "evidence" && len(path) == 2:
		return evidenceObject.Names()
	case at(0) == "phases" && len(path) == 2:
		return phaseObject.Names()
	case at(2) == "titration" && len(path) == 3:
		return titrationObject.Names()
	case at(2) == "dose", at(0) == "tiers" && len(path) > 1:
		return doseObject.Names()
	}
	return nil
}
