package course_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/course"
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
	var b strings.Builder
	for _, o := range course.Reference() {
		fmt.Fprintf(&b, "\n### Course files: %s\n\n%s\n\n| key | value | meaning | example |\n| --- | --- | --- | --- |\n", o.Name, o.Doc)
		for _, k := range o.Keys {
			required := ""
			if k.Required {
				required = " (required)"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s | `%s` |\n", k.Name, required, k.Shape.Text, k.Doc, strings.ReplaceAll(k.Example, "|", "\\|"))
		}
	}
	want := before + begin + b.String() + "\n" + end + after
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
