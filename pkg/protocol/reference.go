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

// Schema returns the JSON Schema (2020-12) of protocol files, for editors. It knows the keys,
// the shapes of their values and their words; what the parts mean together, only the parser
// knows. A file that extends another is complete only with its base.
func Schema() map[string]any {
	docs := Reference()
	s := grammar.Schema("urn:doseplan:schema:protocol:1", "doseplan protocol", docs)
	// A file that extends another leaves out what its base has.
	s["if"] = map[string]any{"not": map[string]any{"required": []any{"extends"}}}
	s["then"] = map[string]any{"required": s["required"]}
	delete(s, "required")
	return s
}
