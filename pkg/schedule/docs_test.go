package schedule_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/schedule"
)

var timeExample = regexp.MustCompile("(?s)```yaml\n([^`]+)```\n```calendar\n([^`]+)```")

// Every sentence of the page on time has an example, and every example is true.
func TestPageOnTime(t *testing.T) {
	text, err := os.ReadFile("../../protocols/README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := timeExample.FindAllStringSubmatch(string(text), -1)
	if len(examples) < 20 {
		t.Fatalf("%d examples on the page", len(examples))
	}
	for _, x := range examples {
		body, pat := x[1], ""
		for _, key := range []string{"start", "time zone"} {
			if m := regexp.MustCompile("(?m)^" + key + ": .*\n").FindString(body); m != "" {
				body, pat = strings.Replace(body, m, "", 1), pat+m
			}
		}
		if !strings.Contains(pat, "start:") {
			pat += "start: 2026-03-02\n"
		}
		if !strings.Contains(pat, "time zone:") {
			pat += "time zone: UTC\n"
		}
		s, found := compute(decode(t, head+"routes: { oral: {} }\n"+body), schedule.Options{}, person(t, pat))
		if s == nil {
			t.Errorf("%s\n%v", x[1], found)
			continue
		}
		if got := timeListing(s, found, strings.Contains(x[2], " mg")); got != squeezed(x[2]) {
			t.Errorf("%s\ngives\n%swant\n%s", x[1], got, squeezed(x[2]))
		}
	}
}

// timeListing writes doses as the page on time does, one space between words.
func timeListing(s *schedule.Schedule, found diag.List, amounts bool) string {
	var b strings.Builder
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose {
			continue
		}
		fmt.Fprintf(&b, "%s %d %v %v", s.PhaseName(e), e.Number, e.Date, e.Clock)
		if amounts {
			fmt.Fprintf(&b, " %v", s.Dose(e).Amount)
		}
		b.WriteByte('\n')
	}
	for _, d := range found {
		fmt.Fprintf(&b, "%v %s\n", d.Severity, d.Code)
	}
	return b.String()
}

func squeezed(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		b.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return b.String()
}
