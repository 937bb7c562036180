package schedule

import (
	"strings"

	"github.com/doseplan/doseplan/pkg/protocol"
)

// A Part names some of what a protocol gives, in words.
type Part string

func (p Part) String() string { return string(p) }

// PartOf names phases of a protocol: by their titles, and by their medicines where the protocol gives several.
func PartOf(p *protocol.Protocol, phases []*protocol.Phase) Part {
	words := make([]string, len(phases))
	for i, ph := range phases {
		words[i] = "“" + ph.Title + "”"
		if len(p.Medications) > 1 {
			words[i] += " (" + p.Medications[ph.Medication].Name + ")"
		}
	}
	return Part(strings.Join(words, ", "))
}
