package course_test

import (
	"os"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/course"
	"github.com/doseplan/doseplan/pkg/grammar"
)

// The reference of course files in protocols/README.md is made from the tables that read them.
// DOSEPLAN_UPDATE=1 rewrites it.
func TestReferenceIsCurrent(t *testing.T) {
	const readme = "../../protocols/README.md"
	const begin, end = "<!-- course reference: begin -->\n", "<!-- course reference: end -->\n"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the marks of the reference are missing")
	}
	want := before + begin + grammar.Markdown("Course files", course.Reference()) + "\n" + end + after
	if string(text) == want {
		return
	}
	if os.Getenv("DOSEPLAN_UPDATE") == "" {
		t.Fatal("protocols/README.md does not match the tables; run DOSEPLAN_UPDATE=1 go test ./pkg/course and review the change")
	}
	if err := os.WriteFile(readme, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
