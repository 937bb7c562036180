package markdown

import (
	"regexp"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

const text = `doseplan: 1
kind: protocol
id: test
title: "A <b>test</b> | *of* [a](http://example.org)"
version: 1.0.0
status: template
model: other
setting: home
medication: { name: "pipe|line" }
routes: { oral: {} }
phases: { x: { dose: 50 mg, frequency: daily, course: 3 doses } }
check-ins: { intake: { before: first dose, within: 7 days, mode: phone, gates: first dose }, signs: { around each dose: [0 min, 40 min], mode: in person } }
requirements: { each dose: { instructions: ["1. Sit\n2. <script>alert(1)</script>"] } }
`

func TestWrite(t *testing.T) {
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte("id: P-1\nstart: 2026-03-02"))
	pat, _ := patient.Decode(node)
	plan, _ := schedule.NewPlan(p, schedule.Options{})
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	var b strings.Builder
	if err := Write(&b, view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}, Explain: true})); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, want := range []string{
		"# A \\<b\\>test\\</b\\> \\| \\*of\\* \\[a\\](http\\://example.org)\n", "- **Patient:** P-1\n", "- **Warning:** TEMPLATE",
		"| 1 | 2 | Tue 2026-03-03 | 09:00 | x dose 2 | 50 mg pipe\\|line oral | provisional: intake |\n",
		"  - 1\\. Sit 2. \\<script\\>alert(1)\\</script\\>\n", "  - signs after 40 minutes: in person\n", "| phone; decides about the first dose |", "  - x: daily, from 2026-03-02, dose 2 (test.yaml:", "- x: 3 doses, 150 mg pipe\\|line in all\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	// Every row of the table has its seven cells.
	bare := regexp.MustCompile(`\\.`).ReplaceAllString(out, "")
	rows := 0
	for _, line := range strings.Split(bare, "\n") {
		if strings.HasPrefix(line, "|") {
			if rows++; strings.Count(line, "|") != 8 {
				t.Errorf("the row %q has %d cells", line, strings.Count(line, "|")-1)
			}
		}
	}
	if rows != 6 {
		t.Errorf("the table has %d lines", rows)
	}
}

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"36 mg ketamine": "36 mg ketamine", "a.b": "a.b", "# x": `\# x`, "- x": `\- x`, "12. x": `12\. x`, "12) x": `12\) x`, "1.0.0": "1.0.0", "3.": `3\.`, "www.example.org": `www\.example.org`,
		"a@example.org": `a\@example.org`, "&lt;": `\&lt;`, "`x`": "\\`x\\`", "a\\b": `a\\b`, "a\nb": "a b", "\u202ex": "\ufffdx", "": "",
	} {
		if got := Escape(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
