package protocol

import "github.com/doseplan/doseplan/pkg/grammar"

// Reference documents every key of the language, from the tables that read them. The
// example of a key is a piece of a file; put on top of a small protocol, it is valid.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{
		protocolObject.Describe(), medicationObject.Describe(), routeObject.Describe(), populationObject.Describe(),
		phaseObject.Describe(), doseObject.Describe(), titrationObject.Describe(), checkInObject.Describe(),
		requirementObject.Describe(), contraindicationsObject.Describe(), limitsObject.Describe(), evidenceObject.Describe(),
	}
}
