package schedule_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/protocols"
)

// shipped reads a shipped protocol, which must be free of findings.
func shipped(t testing.TB, id string) *protocol.Protocol {
	t.Helper()
	resolve := func(name, _ string) (string, []byte, error) {
		text, err := protocols.Read(name)
		return name + ".yaml", text, err
	}
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, resolve)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return p
}

// decode reads a protocol of a test; its findings must hold no error.
func decode(t testing.TB, text string) *protocol.Protocol {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatalf("%v\n%s", found, text)
	}
	return p
}

// person reads patient parameters written as in a patient file.
func person(t testing.TB, text string) *patient.Patient {
	t.Helper()
	return personOf(t, text)
}

func personOf(t interface{ Fatalf(string, ...any) }, text string) *patient.Patient {
	node, found := source.Parse("patient.yaml", []byte(text))
	p, more := patient.Decode(node)
	if found = append(found, more...); len(found) > 0 {
		t.Fatalf("%v\n%s", found, text)
	}
	return p
}

func compute(p *protocol.Protocol, o schedule.Options, pat *patient.Patient) (*schedule.Schedule, diag.List) {
	plan, found := schedule.NewPlan(p, o)
	if found.HasErrors() {
		return nil, found
	}
	return plan.Run(pat)
}

func mustCompute(t testing.TB, p *protocol.Protocol, o schedule.Options, pat *patient.Patient) *schedule.Schedule {
	t.Helper()
	s, found := compute(p, o, pat)
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// listing writes the doses and check-ins of a schedule in the form of testdata/calendars.
func listing(s *schedule.Schedule) string {
	var b strings.Builder
	for i := range s.Events {
		e := &s.Events[i]
		mark := ""
		if e.Status == schedule.Provisional {
			mark = " ?"
		}
		switch e.Kind {
		case schedule.Dose:
			fmt.Fprintf(&b, "%v %s %d %v%s\n", e.Date, s.PhaseName(e), e.Number, s.Dose(e).Amount, mark)
		case schedule.CheckIn:
			fmt.Fprintf(&b, "%v » %s%s\n", e.Date, s.CheckIn(e).Name, mark)
		}
	}
	return b.String()
}

// The calendars of testdata/calendars were written by hand from the sources that the
// protocols cite, with the working shown. Later protocols carry theirs as worked examples.
func TestPublishedCalendars(t *testing.T) {
	files, err := filepath.Glob("../../testdata/calendars/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no calendars", err)
	}
	covered := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			id := name
			var o schedule.Options
			var params, want strings.Builder
			for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
				key, value, _ := strings.Cut(line, " ")
				switch key {
				case "#":
				case "protocol":
					id = value
				case "tier":
					o.Tier = value
				case "route":
					o.Route = value
				case "frequency":
					o.Frequencies = append(o.Frequencies, schedule.FrequencyChoice{Text: value})
				case "confirmed":
					o.Confirmed = append(o.Confirmed, value)
				case "until":
					o.Until = civil.MustDate(value)
				case "start", "weight", "height", "sex":
					fmt.Fprintf(&params, "%s: %s\n", key, value)
				default:
					want.WriteString(line + "\n")
				}
			}
			covered[id] = true
			s := mustCompute(t, shipped(t, id), o, person(t, params.String()))
			if got := listing(s); got != want.String() {
				t.Errorf("the calendar is\n%s\nwant\n%s", got, want.String())
			}
		})
	}
	for _, id := range protocols.IDs() {
		worked := slices.ContainsFunc(shipped(t, id).Examples, func(e protocol.Example) bool { return len(e.Gives) > 0 })
		if !covered[id] && !worked {
			t.Errorf("no calendar was written by hand for %s", id)
		}
	}
}
