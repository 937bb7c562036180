package protocol

import (
	"strings"

	"github.com/doseplan/doseplan/pkg/grammar"
)

// Reference documents every key of the language, from the tables that read them. The
// example of a key is a piece of a file; put on top of a small protocol, it is valid.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{
		protocolObject.Describe(), surfaceObject.Describe(), medicationObject.Describe(), routeObject.Describe(), populationObject.Describe(), measurementObject.Describe(),
		phaseObject.Describe(), asNeededObject.Describe(), subsetObject.Describe(), doseObject.Describe(), titrationObject.Describe(), checkInObject.Describe(), missedObject.Describe(), interruptionsObject.Describe(), supplyObject.Describe(),
		requirementObject.Describe(), contraindicationsObject.Describe(), limitsObject.Describe(), evidenceObject.Describe(), exampleObject.Describe(),
	}
}

// Schema returns the JSON Schema (2020-12) of protocol files, for editors and other tools. It
// takes what the parser takes, and refuses every fault of shape that the parser refuses; what
// the parts mean together (names that are used and not defined, days that do not rise), only
// the parser knows. A file that extends another may leave out what its base has.
func Schema() map[string]any {
	docs := Reference()
	s := grammar.Schema("urn:doseplan:schema:protocol:1", "doseplan protocol", docs)
	defs := s["$defs"].(map[string]any)
	whole := map[string]any{"type": "object", "required": s["required"]}
	delete(s, "required")

	oneOf := func(names ...string) []any {
		var list []any
		for _, name := range names {
			list = append(list, map[string]any{"required": []any{name}})
		}
		return list
	}
	var forms []string
	for _, k := range doseObject.Names() {
		if k == "amount" || k == "start" || k == "AUC" || strings.HasPrefix(k, "by ") {
			forms = append(forms, k)
		}
	}
	defs["evidence"].(map[string]any)["anyOf"] = oneOf("cite", "label", "note")
	defs["example"].(map[string]any)["anyOf"] = oneOf(outcomeKeys...)
	defs["check-in"].(map[string]any)["oneOf"] = oneOf("on", "every", "before", "around each dose")
	defs["for"].(map[string]any)["minProperties"] = 1
	defs["dose"].(map[string]any)["oneOf"] = oneOf(forms...)
	defs["dose"].(map[string]any)["dependentRequired"] = map[string]any{"start": []any{"every", "to"}}
	defs["dose"].(map[string]any)["dependentRequired"].(map[string]any)["AUC"] = []any{"clearance"}
	defs["titration"].(map[string]any)["oneOf"] = oneOf("steps", "start")
	defs["titration"].(map[string]any)["dependentRequired"] = map[string]any{"start": []any{"increase", "to"}}

	some := map[string]any{"minProperties": 1}
	whole["properties"] = map[string]any{
		"medication":  map[string]any{"required": []any{"name"}},
		"medications": map[string]any{"minProperties": 1, "additionalProperties": map[string]any{"required": []any{"routes"}, "properties": map[string]any{"routes": some}}},
		"routes":      some,
		"phases":      some,
	}
	whole["oneOf"] = []any{
		map[string]any{"required": []any{"medication", "routes"}},
		map[string]any{"required": []any{"medications"}},
	}
	whole["anyOf"] = oneOf("phases", "as needed")
	return grammar.Partial(s, "extends", whole)
}
