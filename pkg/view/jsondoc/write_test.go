package jsondoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/protocols"
)

// encoded returns what package encoding/json makes of the document as values: indented, and as
// lines.
func encoded(t testing.TB, s *schedule.Schedule, g view.Generator) (whole, lines []byte) {
	t.Helper()
	var a, b bytes.Buffer
	enc := json.NewEncoder(&a)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(New(s, g)); err != nil {
		t.Fatal(err)
	}
	enc = json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, line := range linesOf(s, New(s, g)) {
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	return a.Bytes(), b.Bytes()
}

// linesOf are the lines of a document, made in another way: events have one explanation where theirs are the same but for
// the number of the dose, or the minutes after it.
func linesOf(s *schedule.Schedule, doc *Document) []Line {
	events := doc.Events
	doc.Events, doc.Limits = []Event{}, nil
	lines := []Line{{Schedule: doc}}
	known := map[string]int{}
	for i := range events {
		e := &events[i]
		alike := e.Explanation
		alike.Derivation = slices.Clone(alike.Derivation)
		switch first := &alike.Derivation[0]; e.Kind {
		case "dose":
			first.Text = strings.TrimSuffix(first.Text, fmt.Sprint(", dose ", e.Number))
		case "observation":
			first.Text = strings.Replace(first.Text, fmt.Sprint(" ", *e.Minutes, " minutes"), "", 1)
		}
		key, _ := json.Marshal(alike)
		at := fmt.Sprint(e.Kind, s.Events[i].Rule, s.Events[i].Dose, string(key))
		if x := &s.Events[i]; e.Kind == "supply" || e.Target != "" || x.Shift != civil.Unshifted || x.Fit != schedule.Usual {
			at = fmt.Sprint(i)
		}
		if _, ok := known[at]; !ok {
			known[at] = len(doc.Explained)
			doc.Explained = append(doc.Explained, e.Explanation)
		}
		lines = append(lines, Line{Patient: s.Patient.ID, Event: &Brief{e.Kind, e.Start, e.Day, e.What, known[at]}})
	}
	return lines
}

func plans(t testing.TB, text func(id string) []byte, o schedule.Options) map[string]*schedule.Plan {
	t.Helper()
	list := map[string]*schedule.Plan{}
	for _, id := range protocols.IDs() {
		p, found := protocol.Decode(id+".yaml", text(id), func(name, _ string) (string, []byte, error) {
			b, err := protocols.Read(name)
			return name + ".yaml", b, err
		})
		if found.HasErrors() {
			t.Fatal(found)
		}
		if len(p.Tiers) > 0 {
			o.Tier = p.Tiers[0].Name
		}
		o.Route = ""
		if pl, found := schedule.NewPlan(p, o); !found.HasErrors() {
			list[id] = pl
		}
	}
	return list
}

func shipped(id string) []byte {
	b, err := protocols.Read(id)
	if err != nil {
		panic(err)
	}
	return b
}

// strange are words that JSON has to escape, or must not.
const strange = "\"a\" \\ b\t<c>&\u2028 é\x7f\x01"

// Every shipped protocol, for patients of many kinds, is written as encoding/json writes it.
func TestSameBytesAsEncodingJSON(t *testing.T) {
	closed := calendar.Closed{}
	closed.Weekdays[time.Saturday], closed.Weekdays[time.Sunday] = true, true
	options := []schedule.Options{
		{},
		{Closed: closed, Policy: calendar.Nearest, Overrides: []schedule.Override{{Limit: limit.KeyInterval, Reason: strange}, {Limit: limit.KeySingle, Reason: "x"}}},
	}
	written := 0
	for _, o := range options {
		for id, pl := range plans(t, shipped, o) {
			for i, zone := range []string{"", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"} {
				var b patient.Builder
				b.State("id", diag.Range{}, fmt.Sprint("“P” & <", i, ">"))
				b.State("weight", diag.Range{}, fmt.Sprint(50+13*i, ".3 kg"))
				b.State("height", diag.Range{}, "178 cm")
				b.State("sex", diag.Range{}, "male")
				b.State("age", diag.Range{}, "41")
				b.State("present", diag.Range{}, "gout "+strange)
				b.State("start", diag.Range{}, fmt.Sprintf("2026-%02d-%02d", 3+i%2*7, 1+3*i))
				if zone != "" {
					b.State("time zone", diag.Range{}, zone)
				}
				p, found := b.Patient()
				if found.HasErrors() {
					t.Fatal(found)
				}
				s, _ := pl.Run(p)
				if s == nil {
					continue
				}
				written++
				s.Patient.ID = map[bool]string{true: strange}[i%3 == 0]
				g := view.Generator{Name: "doseplan", Version: strange}
				whole, lines := encoded(t, s, g)
				var a, l bytes.Buffer
				if err := Write(&a, view.Of(s, view.Options{Generator: g})); err != nil {
					t.Fatal(err)
				}
				if err := WriteLines(&l, view.Of(s, view.Options{Generator: g})); err != nil {
					t.Fatal(err)
				}
				same(t, id, a.Bytes(), whole)
				same(t, id, l.Bytes(), lines)
			}
		}
	}
	if written < 60 {
		t.Errorf("only %d calendars were written", written)
	}
}

// same reports where two texts begin to differ.
func same(t *testing.T, id string, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	around := func(b []byte) []byte { return b[max(i-80, 0):min(i+80, len(b))] }
	t.Errorf("%s: at byte %d\n got %s\nwant %s", id, i, around(got), around(want))
}

// Any text is the string that encoding/json makes of it.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", strange, "\xff\xfe", "\u2029", "\b\f\n\r\t\x1f", "𝔘"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		if got := appendString(nil, s); string(got)+"\n" != b.String() {
			t.Errorf("%q: %s, want %s", s, got, b.String())
		}
	})
}

// Lines are appended without an allocation for each event: what ten times the events take
// more is what buffers grow by, or lose to the collector, and far from one an event.
func TestLinesDoNotAllocate(t *testing.T) {
	few, many := daily(t, 40), daily(t, 400)
	more := allocations(t, many) - allocations(t, few)
	if events := len(many.Events) - len(few.Events); more > float64(events)/10 {
		t.Errorf("%d more events take %.0f more allocations", events, more)
	}
}

func allocations(t *testing.T, s *schedule.Schedule) float64 {
	d := view.Of(s, view.Options{})
	return testing.AllocsPerRun(20, func() {
		if err := WriteLines(io.Discard, d); err != nil {
			t.Fatal(err)
		}
	})
}

// daily returns a calendar of so many doses.
func daily(t testing.TB, doses int) *schedule.Schedule {
	t.Helper()
	p, found := protocol.Decode("daily.yaml", fmt.Appendf(nil, `doseplan: 1
kind: protocol
id: daily
title: Daily
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: { round: 5 mg } }
phases: { a: { dose: 1 mg/kg, frequency: daily, course: %d doses } }
`, doses), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	pl, _ := schedule.NewPlan(p, schedule.Options{})
	var b patient.Builder
	b.State("id", diag.Range{}, "P-1")
	b.State("weight", diag.Range{}, "72 kg")
	b.State("start", diag.Range{}, "2026-03-02")
	b.State("time zone", diag.Range{}, "UTC")
	pat, _ := b.Patient()
	s, found := pl.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return s
}

func BenchmarkWriteLines(b *testing.B) {
	s := daily(b, 365)
	d := view.Of(s, view.Options{})
	var size counter
	for b.Loop() {
		if err := WriteLines(&size, d); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(size) / int64(b.N))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(s.Events)), "ns/event")
}

type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// A document of several parts is one envelope: what it holds is what its parts hold, in order.
func TestParts(t *testing.T) {
	a, b := one(t, "ketamine-iv-intensive", "2026-03-02"), one(t, "ketamine-sc-titration", "2026-03-05")
	d := &view.Document{Parts: []view.Part{{Schedule: a, Heading: "one"}, {Schedule: b, Heading: "two"}}}
	var out bytes.Buffer
	if err := Write(&out, d); err != nil {
		t.Fatal(err)
	}
	doc, err := Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	for k, s := range []*schedule.Schedule{a, b} {
		alone := New(s, d.Generator)
		var mine []Event
		for _, e := range doc.Events {
			if e.Part == k+1 {
				e.Part = 0
				mine = append(mine, e)
			}
		}
		if !reflect.DeepEqual(mine, alone.Events) {
			t.Errorf("part %d has other events than alone", k+1)
		}
		if !reflect.DeepEqual(doc.Parts[k].Protocol, alone.Protocol) || doc.Parts[k].Start != alone.Patient.Start {
			t.Errorf("part %d is %+v", k+1, doc.Parts[k])
		}
	}
	if !slices.IsSortedFunc(doc.Events, func(x, y Event) int { return instant(t, x).Compare(instant(t, y)) }) || doc.Summary.Doses != view.Count(a, schedule.Dose)+view.Count(b, schedule.Dose) {
		t.Errorf("%+v", doc.Summary)
	}
}

// one is the calendar of a shipped protocol from a start on.
func one(t *testing.T, id, start string) *schedule.Schedule {
	t.Helper()
	pat, found := patient.New(patient.Patient{ID: "P-1", Weight: quantity.MustParse("72 kg"), Start: civil.MustDate(start)})
	if found.HasErrors() {
		t.Fatal(found)
	}
	p, found := protocol.Decode(id+".yaml", shipped(id), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	plan, _ := schedule.NewPlan(p, schedule.Options{})
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return s
}

func instant(t *testing.T, e Event) time.Time {
	at, err := time.Parse(time.RFC3339, e.Start)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
