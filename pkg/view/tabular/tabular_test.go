package tabular

import (
	"encoding/csv"
	"errors"
	"reflect"
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
title: A test
version: 1.0.0
status: template
model: other
setting: home
medication: { name: "=cmd|' /C calc'!A0" }
routes: { oral: {} }
phases: { x: { dose: 50 mg, frequency: daily, course: 3 doses } }
requirements: { each dose: { instructions: ["Take with water, \"slowly\""] } }
`

func compute(t *testing.T) *schedule.Schedule {
	t.Helper()
	return computeOf(t, text, "start: 2026-03-02")
}

func computeOf(t *testing.T, text, params string) *schedule.Schedule {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, _ := patient.Decode(node)
	plan, _ := schedule.NewPlan(p, schedule.Options{})
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return s
}

func TestWrite(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, view.Of(compute(t), view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}})); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 || strings.Join(rows[0], ",") != strings.Join(view.ColumnNames(), ",") {
		t.Fatalf("the rows are %v", rows)
	}
	at := map[string]string{}
	for i, name := range rows[0] {
		at[name] = rows[2][i]
	}
	for name, want := range map[string]string{
		"date": "2026-03-03", "utc_offset": "+00:00", "number": "2", "amount": "50", "unit": "mg", "protocol_status": "template",
		"requirements": `Take with water, "slowly"`,
		"medication":   "'=cmd|' /C calc'!A0", // a spreadsheet must not run it
	} {
		if at[name] != want {
			t.Errorf("%s is %q, want %q", name, at[name], want)
		}
	}
}

// What a check-in decides, what a fill holds and what a dose requires have columns of their own,
// and a dose has its code, its form and its strengths.
func TestColumnsHoldOneThing(t *testing.T) {
	const more = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: home
medication: { name: ketamine, rxnorm: "6130" }
routes: { sublingual: { form: troche, strengths: [20 mg], divides: into halves } }
phases: { x: { dose: 50 mg, frequency: weekly, course: 3 doses } }
requirements: { each dose: { instructions: [sit down] } }
check-ins: { intake: { before: first dose, within: 7 days, mode: phone, gates: first dose } }
supply: { fill: 4 weeks, lead time: 1 day }
`
	var b strings.Builder
	s := computeOf(t, more, "id: =1+1\nstart: 2026-03-02")
	if err := Write(&b, view.Of(s, view.Options{})); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		at := map[string]string{}
		for i, name := range rows[0] {
			at[name] = row[i]
		}
		seen[at["kind"]] = true
		var want map[string]string
		switch at["kind"] {
		case "dose":
			want = map[string]string{"requirements": "sit down", "decides": "", "contents": "", "medication": "ketamine", "rxnorm": "6130", "amount": "50", "unit": "mg", "form": "troche", "strengths": "20 mg", "units": "2.5"}
		case "check-in":
			want = map[string]string{"requirements": "", "decides": "decides about the first dose", "contents": "", "rxnorm": "", "units": ""}
		case "supply":
			want = map[string]string{"requirements": "", "decides": "", "contents": "3 doses, 150 mg ketamine sublingual (troche) = 8 troches of 20 mg, from 2026-03-02 to 2026-03-16", "amount": "150", "units": "7.5", "dispense": "8 troches of 20 mg"}
		}
		want["patient"] = "'=1+1"
		for name, w := range want {
			if at[name] != w {
				t.Errorf("%s: %s is %q, want %q", at["kind"], name, at[name], w)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("there are rows of %v", seen)
	}
}

// Every field of a row is a column, and every column a field.
func TestEveryFieldIsAColumn(t *testing.T) {
	var r view.Row
	v := reflect.ValueOf(&r).Elem()
	for i := range v.NumField() {
		v.Field(i).SetString(v.Type().Field(i).Name)
	}
	seen := map[string]bool{}
	for i, f := range r.Fields() {
		c := view.Columns()[i]
		if seen[f] || seen["column "+c.Name] || c.Doc == "" || !strings.HasSuffix(c.Doc, ".") {
			t.Errorf("the column %q holds %q: %q", c.Name, f, c.Doc)
		}
		seen[f], seen["column "+c.Name] = true, true
	}
	if len(r.Fields()) != v.NumField() {
		t.Errorf("%d columns for %d fields", len(r.Fields()), v.NumField())
	}
}

// No text is left that a spreadsheet runs, whatever its column, or that hides what it holds.
func TestCellsAreHarmless(t *testing.T) {
	for _, c := range view.Columns() {
		for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "|calc", "%0A"} {
			got := cell(&c, text)
			if c.Type == view.TypeText && c.Name != "utc_offset" && !strings.HasPrefix(got, "'") {
				t.Errorf("%s: %q is %q", c.Name, text, got)
			}
		}
	}
	if got := Safe("a\u202eb\x1bc\nd"); got != "a\ufffdb\ufffdc d" {
		t.Errorf("what is hidden is %q", got)
	}
}

type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestWriteReportsErrors(t *testing.T) {
	if err := Write(&broken{}, view.Of(compute(t), view.Options{})); err == nil {
		t.Error("nothing could be written, and nothing was said")
	}
}
