package lint

import (
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// published looks for what a published protocol promises: a source, or a note, for every part,
// and a worked example.
func (l *linter) published() {
	for _, part := range l.p.Unstated() {
		l.found.Add(diag.NotCited, part.Range, "write it, or take “"+part.Name+"” out of `for`", "the evidence is for the %s of the protocol, and the protocol states none", part.Name)
	}
	if l.p.Status != protocol.Published {
		return
	}
	for _, part := range l.p.Uncited() {
		l.found.Add(diag.NotCited, part.Range, "name “"+part.Name+"” in `for` of the entry that supports it, or say in a `note` that it is this file's own",
			"the protocol is published, and no entry of `evidence` is for its %s", part.Name)
	}
	if len(l.p.Examples) == 0 {
		l.found.Add(diag.NoExample, l.p.Range, "add `examples:` with a patient, and what comes of it", "the protocol is published, and has no worked example")
	}
}

// givenOnce reports whether a course has no more than one dose of a medicine.
func (l *linter) givenOnce(medication int) bool {
	doses := 0
	for i := range l.p.Phases {
		if ph := &l.p.Phases[i]; ph.Medication == medication {
			n := l.p.MostDoses(ph)
			if ph.Course.Doses == 0 || n == 0 {
				return false
			}
			doses += n
		}
	}
	return doses == 1
}
