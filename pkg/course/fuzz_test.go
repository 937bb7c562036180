package course_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

// Whatever a course file says, it is replayed or refused with a reason.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(head))
	f.Add([]byte(amended(entry("2026-03-02", "given: induction 1"), entry("2026-03-06", "hold: 2026-03-07"), entry("2026-03-12", "resume: 2026-03-12"))))
	f.Add([]byte(amended(entry("2026-03-09", "check-in: review 1, decision: confirm, results: { PHQ-9: 12 }"), entry("2026-03-12", "missed: induction 4"))))
	f.Add([]byte(amended(entry("2026-03-18", "switch: { protocol: { id: other, version: 1.0.0, sha256: "+zeros+" }, start: 2026-03-25, tier: mid }"), entry("2026-03-19", "stop: 2026-04-01"))))
	mine, found := protocol.Decode("mine.yaml", []byte(base+"missed doses: { then: shift }\ninterruptions: { clock: stops }\n"), nil)
	if found.HasErrors() {
		f.Fatal(found)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, found := source.Parse("c.yaml", text)
		if found.HasErrors() || root == nil {
			return
		}
		c, found := course.Decode(root)
		if found.HasErrors() || len(c.Amendments) > 20 {
			return
		}
		cal, found := course.Replay(c, func(course.Pin) (*protocol.Protocol, diag.List) { return mine, nil }, course.Options{})
		if cal == nil && !found.HasErrors() {
			t.Error("there is no calendar, and no reason")
		}
	})
}
