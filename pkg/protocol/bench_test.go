package protocol_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/protocols"
)

// A shipped protocol from its text to a tree, and from there to what is checked.
func BenchmarkDecode(b *testing.B) {
	text, err := protocols.Read("ketamine-iv-intensive")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("tree", func(b *testing.B) {
		for b.Loop() {
			source.Parse("p.yaml", text)
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			if _, found := protocol.Decode("p.yaml", text, nil); found.HasErrors() {
				b.Fatal(found)
			}
		}
	})
}
