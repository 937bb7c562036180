package tabular

import (
	"encoding/csv"
	"errors"
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
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte("start: 2026-03-02"))
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
	if len(rows) != 4 || strings.Join(rows[0], ",") != strings.Join(view.Columns(), ",") {
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
