package proof

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/worked"
)

// The cookbook holds published regimens, each with patients beside it (NAME.want) whose doses
// were worked out by hand from the source. Every file passes the proof.
func TestCookbook(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/cookbook/*.yaml")
	if len(files) < 3 {
		t.Fatalf("%d regimens", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, found := protocol.Decode(filepath.Base(file), text, nil)
			if found.HasErrors() {
				t.Fatal(found)
			}
			for _, d := range append(found, Check(p).Found...) {
				t.Error(d)
			}
			if p.Status == protocol.Published && (len(p.Evidence) == 0 || p.Evidence[0].Label+p.Evidence[0].Cite == "") {
				t.Error("the regimen cites nothing")
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".want")
			if errors.Is(err, fs.ErrNotExist) && len(p.Examples) > 0 {
				for _, d := range worked.Check(p) {
					t.Error(d)
				}
				return
			} else if err != nil {
				t.Fatal(err)
			}
			for _, block := range strings.Split(strings.TrimSpace(string(want)), "\n\n") {
				person, lines, _ := strings.Cut(block, "\n")
				if got := cooked(t, p, person); got != strings.TrimSpace(lines) {
					t.Errorf("%s\ngives\n%s\nwant\n%s", person, got, lines)
				}
			}
		})
	}
}

// cooked lists the doses of a patient, with repeats of one amount left out, or the refusals.
func cooked(t *testing.T, p *protocol.Protocol, person string) string {
	t.Helper()
	o := schedule.Options{}
	node, found := source.Parse("patient", []byte("{ "+unless(person, "start", "start: 2026-03-02, ")+"time zone: UTC, "+strings.TrimPrefix(person, "{")))
	if node != nil {
		for i := 0; i < len(node.Fields); i++ {
			switch f := node.Fields[i]; f.Key.Value {
			case "tier":
				o.Tier = f.Value.Value
			case "route":
				o.Route = f.Value.Value
			default:
				continue
			}
			node.Fields = append(node.Fields[:i], node.Fields[i+1:]...)
			i--
		}
	}
	pat, more := patient.Decode(node)
	if found = append(found, more...); found.HasErrors() {
		t.Fatalf("%s: %v", person, found)
	}
	plan, found := schedule.NewPlan(p, o)
	var s *schedule.Schedule
	if !found.HasErrors() {
		s, found = plan.Run(pat)
	}
	var lines []string
	if s == nil {
		for _, d := range found {
			if d.Severity >= diag.Error {
				lines = append(lines, fmt.Sprintf("%v %s", d.Severity, d.Code))
			}
		}
		return strings.Join(lines, "\n")
	}
	const shown = 4 // doses of each phase and amount
	counts := map[string]int{}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		key := fmt.Sprint(s.PhaseName(e), s.Dose(e).Amount)
		if counts[key]++; counts[key] <= shown {
			lines = append(lines, fmt.Sprintf("%s %d %v %v %v", s.PhaseName(e), e.Number, e.Date, e.Clock, s.Dose(e).Amount))
		}
	}
	return strings.Join(lines, "\n")
}

// unless returns a text unless a person states a key.
func unless(person, key, text string) string {
	if strings.Contains(person, key+":") {
		return ""
	}
	return text
}
