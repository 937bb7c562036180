package icalendar

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
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
setting: clinic
medication: { name: examplamine }
routes: { iv: { over: 40 minutes } }
phases: { x: { dose: 50 mg, frequency: weekly, course: 3 doses, window: +2 days } }
check-ins: { signs: { around each dose: [0 min, 40 min], mode: in person }, review: { on: day 3, mode: phone } }
`

func write(t *testing.T, params string, o schedule.Options) string {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, found := patient.Decode(node)
	if len(found) > 0 {
		t.Fatal(found)
	}
	plan, _ := schedule.NewPlan(p, o)
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	var b strings.Builder
	if err := Write(&b, view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var reUID = regexp.MustCompile(`UID:\S+`)

// A dose keeps its UID when it is moved, and another patient's dose has another.
func TestUIDsAreStable(t *testing.T) {
	const params = "id: P-1\nstart: 2026-03-02\ntime zone: America/New_York\n"
	plain := write(t, params, schedule.Options{})
	closed := calendar.Closed{Dates: map[civil.Date]string{civil.MustDate("2026-03-09"): "closed"}}
	moved := write(t, params, schedule.Options{Closed: closed})
	if !strings.Contains(moved, "20260310T090000") {
		t.Fatal("nothing was moved")
	}
	a, b := reUID.FindAllString(plain, -1), reUID.FindAllString(moved, -1)
	if len(a) != 4 || fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("before the move: %v\nafter it: %v", a, b)
	}
	other := reUID.FindAllString(write(t, strings.Replace(params, "P-1", "P-2", 1), schedule.Options{}), -1)
	for i := range other {
		if other[i] == a[i] {
			t.Errorf("two patients share %s", a[i])
		}
	}
}

func TestZoneIsInside(t *testing.T) {
	out := write(t, "start: 2026-03-02\ntime zone: America/New_York\n", schedule.Options{})
	for _, want := range []string{"BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\n", "DTSTART;TZID=America/New_York:20260316T090000", "DTEND;TZID=America/New_York:20260316T094000"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	utc := write(t, "start: 2026-03-02\n", schedule.Options{})
	if strings.Contains(utc, "VTIMEZONE") || !strings.Contains(utc, "DTSTART:20260302T090000Z") {
		t.Errorf("in UTC:\n%s", utc)
	}
}
