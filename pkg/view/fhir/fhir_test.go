package fhir_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/fhir"
	"github.com/doseplan/doseplan/protocols"
)

func resolve(name, _ string) (string, []byte, error) {
	text, err := protocols.Read(name)
	return name + ".yaml", text, err
}

func shipped(t *testing.T, id string) (*protocol.Protocol, []byte) {
	t.Helper()
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, resolve)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p, text
}

func decode(t *testing.T, text string) *protocol.Protocol {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

func compute(t *testing.T, p *protocol.Protocol, o schedule.Options, who string) *schedule.Schedule {
	t.Helper()
	node, found := source.Parse("patient", []byte(who))
	pat, more := patient.Decode(node)
	if found = append(found, more...); found.HasErrors() {
		t.Fatal(found)
	}
	for _, k := range p.Tiers {
		if p.DefaultTier == "" && o.Tier == "" {
			o.Tier = k.Name
		}
	}
	if routes := p.Medications[0].Routes; p.DefaultRoute == "" && o.Route == "" && len(routes) > 1 {
		o.Route = routes[0].Name
	}
	plan, found := schedule.NewPlan(p, o)
	s, more := plan.Run(pat)
	for _, d := range append(found, more...) {
		if s == nil && d.Code != diag.NoPlacement && d.Code != diag.Usage { // no day is open, or there are other times
			t.Fatal(found, more)
		}
	}
	return s
}

func write(t *testing.T, s *schedule.Schedule) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := fhir.Write(&b, view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0.1.0"}})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A Bundle is what the tests read of one.
type Bundle struct {
	Entry []struct {
		FullURL  string          `json:"fullUrl"`
		Resource json.RawMessage `json:"resource"`
	}
}

type Request struct {
	ResourceType, ID  string
	Status            string
	DosageInstruction []struct {
		Text   string
		Timing struct {
			Event  []time.Time
			Repeat *struct {
				BoundsPeriod struct {
					Start, End time.Time
					Start_     struct {
						Extension []struct{ URL, ValueCode string }
					} `json:"_start"`
				}
				Count                int
				DayOfWeek, TimeOfDay []string
			}
		}
		DoseAndRate []struct {
			DoseQuantity struct {
				Value json.Number
				Unit  string
			}
		}
	}
}

func read(t *testing.T, text []byte) (list []Request) {
	t.Helper()
	var b Bundle
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Entry {
		var r Request
		if err := json.Unmarshal(e.Resource, &r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// instants reads the doses of a bundle, with package time alone: every day between the bounds,
// or those whose day of the week is named, at the times of the day in the zone of the start.
func instants(t *testing.T, text []byte) (list []string) {
	t.Helper()
	for _, r := range read(t, text) {
		if r.ResourceType != "MedicationRequest" {
			continue
		}
		for _, in := range r.DosageInstruction {
			dose := in.DoseAndRate[0].DoseQuantity
			at := in.Timing.Event
			if rep := in.Timing.Repeat; rep != nil {
				zone, err := time.LoadLocation(rep.BoundsPeriod.Start_.Extension[0].ValueCode)
				if err != nil {
					t.Fatal(err)
				}
				start, end := rep.BoundsPeriod.Start.In(zone), rep.BoundsPeriod.End
				for day := start; !day.After(end.AddDate(0, 0, 1)); day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, zone) {
					if len(rep.DayOfWeek) > 0 && !slices.Contains(rep.DayOfWeek, strings.ToLower(day.Weekday().String()[:3])) {
						continue
					}
					for _, clock := range rep.TimeOfDay {
						var h, m int
						if _, err := fmt.Sscanf(clock, "%d:%d:00", &h, &m); err != nil {
							t.Fatal(err)
						}
						if when := time.Date(day.Year(), day.Month(), day.Day(), h, m, 0, 0, zone); !when.Before(start) && !when.After(end) {
							at = append(at, when)
						}
					}
				}
				if len(at) != rep.Count {
					t.Errorf("%s: %d doses, and the count is %d", in.Text, len(at), rep.Count)
				}
			}
			for _, when := range at {
				list = append(list, fmt.Sprintf("%s %s %s", when.UTC().Format(time.RFC3339), dose.Value, dose.Unit))
			}
		}
	}
	slices.Sort(list)
	return list
}

func planned(s *schedule.Schedule) (list []string) {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			d := s.Dose(e)
			list = append(list, fmt.Sprintf("%s %s %v", e.Time().UTC().Format(time.RFC3339), d.Amount.Decimal(), d.Amount.Unit()))
		}
	}
	slices.Sort(list)
	return list
}

const person = "weight: 72 kg\nheight: 178 cm\nage: 40\nsex: male\nid: P-1\n"

// Every dose of every shipped protocol is written once, at its instant, over both changes of
// the clocks, with closed days and without.
func TestEveryDoseOnce(t *testing.T) {
	weekends := schedule.Options{Until: civil.MustDate("2027-04-20")}
	weekends.Closed = calendar.Closed{Weekdays: [7]bool{time.Saturday: true, time.Sunday: true}}
	repeats, lists := 0, 0
	for _, id := range protocols.IDs() {
		p, _ := shipped(t, id)
		for _, zone := range []string{"UTC", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata"} {
			for _, o := range []schedule.Options{{Until: weekends.Until}, weekends, {Times: []civil.Clock{2*60 + 15}, Until: weekends.Until}} {
				s := compute(t, p, o, person+"start: 2026-03-06\ntime zone: "+zone)
				if s == nil {
					continue
				}
				text := write(t, s)
				if got, want := instants(t, text), planned(s); !slices.Equal(got, want) {
					t.Errorf("%s in %s: written\n%v\nplanned\n%v", id, zone, got, want)
				}
				repeats += bytes.Count(text, []byte(`"repeat"`))
				lists += bytes.Count(text, []byte(`"event"`))
			}
		}
	}
	if repeats < 100 || lists < 100 {
		t.Errorf("%d repeats and %d lists of instants: both should be common", repeats, lists)
	}
}

const head = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: {} }
`

// What FHIR would say inexactly is written as instants.
func TestRepeatOnlyWhereExact(t *testing.T) {
	for _, c := range []struct {
		phase, zone, want string
	}{
		{"{ dose: 5 mg, frequency: every 3 days, course: 2 doses }", "UTC", `"event"`},                               // no rule of the week
		{"{ dose: 5 mg, frequency: daily, times: [\"02:30\"], course: 220 days }", "Europe/Berlin", `"event"`},       // 02:30 is skipped
		{"{ dose: 5 mg, frequency: daily, times: [\"01:30\"], course: 220 days }", "America/Los_Angeles", `"event"`}, // 01:30 comes twice
		{"{ dose: 5 mg, frequency: daily, course: 5 days }", "UTC", `"timeOfDay"`},
		{"{ dose: 5 mg, frequency: twice daily, course: 5 days }", "UTC", `"timeOfDay"`},
		{"{ dose: 5 mg, frequency: mon and thu, course: 5 doses }", "UTC", `"dayOfWeek"`},
		{"{ dose: 5 mg, frequency: weekly, course: 5 doses }", "UTC", `"dayOfWeek"`},
		{"{ dose: 5 mg, frequency: every 2 days, course: 5 doses }", "UTC", `"event"`},
		{"{ dose: 5 mg, frequency: every 2 weeks, course: 5 doses }", "UTC", `"event"`},
		{"{ dose: 5 mg, frequency: monthly, course: 5 doses }", "UTC", `"event"`},
		{"{ dose: 5 mg, frequency: every 10 hours, course: 5 doses }", "UTC", `"event"`},
		{"{ dose: 5 mg, frequency: twice daily, course: 5 doses }", "UTC", `"event"`},                        // the last day has one
		{"{ dose: 5 mg, frequency: daily, course: 1 doses }", "UTC", `"event"`},                              // nothing repeats
		{"{ dose: 5 mg, frequency: daily, times: [\"02:30\"], course: 5 days }", "Europe/Berlin", `"event"`}, // 02:30 is skipped
		{"{ dose: 5 mg, frequency: weekly, course: 3 doses, window: ±1 day }", "UTC closed 31st", `"event"`}, // one is moved
	} {
		o, zone := schedule.Options{}, c.zone
		if z, _, ok := strings.Cut(zone, " closed"); ok {
			zone = z
			o.Closed.Dates = map[civil.Date]string{civil.MustDate("2026-04-03"): "closed"}
		}
		s := compute(t, decode(t, head+"phases: { x: "+c.phase+" }"), o, "start: 2026-03-27\ntime zone: "+zone)
		text := write(t, s)
		timing := text[bytes.Index(text, []byte(`"timing": {`)):]
		timing = timing[:bytes.Index(timing, []byte(`"route"`))]
		if !bytes.Contains(timing, []byte(c.want)) || strings.Contains(c.want, "event") && bytes.Contains(timing, []byte(`"repeat"`)) {
			t.Errorf("%s: %s", c.phase, timing)
		}
		if got, want := instants(t, text), planned(s); !slices.Equal(got, want) {
			t.Errorf("%s: written\n%v\nplanned\n%v", c.phase, got, want)
		}
	}
}

// Ids are those of the place in the protocol: moving a day changes none of them.
func TestIDsStay(t *testing.T) {
	p := decode(t, head+"phases: { x: { dose: 5 mg, frequency: weekly, course: 3 doses, window: ±1 day } }\ncheck-ins: { seen: { on: dose 2, mode: phone, window: ±2 days } }")
	ids := func(o schedule.Options) (list []string) {
		for _, r := range read(t, write(t, compute(t, p, o, "id: A\nstart: 2026-03-27\ntime zone: UTC"))) {
			list = append(list, r.ResourceType+" "+r.ID)
		}
		return list
	}
	moved := schedule.Options{Policy: calendar.Next}
	moved.Closed.Dates = map[civil.Date]string{civil.MustDate("2026-04-03"): "closed"}
	if a, b := ids(schedule.Options{}), ids(moved); !slices.Equal(a, b) {
		t.Errorf("%v\n%v", a, b)
	}
}

// Ids are unique, and a reference leads to a resource of the bundle.
func TestReferences(t *testing.T) {
	for _, id := range protocols.IDs() {
		p, _ := shipped(t, id)
		text := write(t, compute(t, p, schedule.Options{}, person+"start: 2026-03-06\ntime zone: Europe/Berlin"))
		var b Bundle
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, e := range b.Entry {
			if seen[e.FullURL] {
				t.Errorf("%s: %s comes twice", id, e.FullURL)
			}
			seen[e.FullURL] = true
		}
		for _, part := range strings.Split(string(text), `"reference": "`)[1:] {
			ref, _, _ := strings.Cut(part, `"`)
			if !seen["https://github.com/doseplan/doseplan/fhir/"+ref] {
				t.Errorf("%s: %s leads nowhere", id, ref)
			}
		}
	}
}

// Doses that wait for one occurrence of a check-in are a request of their own, which refers to it.
func TestEachOnItsOwnReview(t *testing.T) {
	p := decode(t, head+"phases: { x: { dose: 5 mg, frequency: daily, course: 3 weeks } }\ncheck-ins: { review: { on: [day 1, day 8, day 15], mode: phone, gates: x } }\n")
	text := write(t, compute(t, p, schedule.Options{}, "start: 2026-03-02\ntime zone: UTC"))
	var b struct {
		Entry []struct {
			Resource struct {
				ResourceType, ID, OccurrenceDateTime string
				StatusReason                         struct{ Text string }
				SupportingInformation                []struct{ Reference string }
				DosageInstruction                    []struct{ Text string }
			}
		}
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	held := map[string]string{}
	var got []string
	for _, e := range b.Entry {
		if e.Resource.ResourceType == "ServiceRequest" {
			held["ServiceRequest/"+e.Resource.ID] = e.Resource.OccurrenceDateTime[:10]
		}
	}
	for _, e := range b.Entry {
		if r := e.Resource; r.ResourceType == "MedicationRequest" {
			got = append(got, fmt.Sprint(r.StatusReason.Text, "; ", held[r.SupportingInformation[0].Reference], "; ", r.DosageInstruction[0].Text))
		}
	}
	var want []string
	for k, days := range [][2]string{{"Mon 2026-03-02", "Sun 2026-03-08"}, {"Mon 2026-03-09", "Sun 2026-03-15"}, {"Mon 2026-03-16", "Sun 2026-03-22"}} {
		day := days[0][4:]
		want = append(want, fmt.Sprintf("provisional: stands only if the check-in “review %d” of %s confirms it; %s; 5 mg examplamine oral, every day at 09:00, from %s to %s, 7 doses (UTC)", k+1, day, day, days[0], days[1]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("written are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Text of a file stays text: no mark of it turns, hides or ends anything.
func TestHostileText(t *testing.T) {
	text := strings.Replace(head, "title: A test", `title: "</div><script>\e[31m\u202Egnp"`, 1) + "phases: { x: { title: \"<script>a\\u200Bb\\tc\", dose: 5 mg, frequency: daily, course: 3 doses } }"
	p := decode(t, text)
	s := compute(t, p, schedule.Options{}, "id: \"P <script>1\"\nstart: 2026-03-27\ntime zone: UTC")
	var plan bytes.Buffer
	if err := fhir.WriteProtocol(&plan, p, nil); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{string(write(t, s)), plan.String()} {
		for _, bad := range []string{"\u202e", `\u202e`, "\u200b", `\u001b`, "\x1b", "<p></div>", "<p><script", `"text": "<script`} {
			if strings.Contains(out, bad) {
				t.Errorf("%q is there: %s", bad, out)
			}
		}
	}
}

// The golden files are there to be read: what a record system is given.
func TestGolden(t *testing.T) {
	p, text := shipped(t, "ketamine-iv-intensive")
	s := compute(t, p, schedule.Options{Until: civil.MustDate("2026-03-20")}, "id: P-0042\nweight: 72 kg\nstart: 2026-03-02\ntime zone: America/New_York\nconditions: { present: [cirrhosis], absent: [psychosis] }")
	var plan bytes.Buffer
	if err := fhir.WriteProtocol(&plan, p, text); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"schedule.json": write(t, s), "protocol.json": plan.Bytes()} {
		path := filepath.Join("testdata", name)
		if os.Getenv("DOSEPLAN_UPDATE") != "" {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs (%v); DOSEPLAN_UPDATE=1 rewrites it", path, err)
		}
	}
}

// What is held stands in a request that is on hold, what was given or missed in an administration,
// and neither is planned anew by whoever reads it.
func TestCourse(t *testing.T) {
	p := decode(t, head+"phases: { x: { dose: 5 mg, frequency: daily, course: 8 doses } }")
	o := schedule.Options{Timeline: schedule.Timeline{
		Facts: []schedule.Fact{{Phase: "x", Number: 1, Status: schedule.Taken}, {Phase: "x", Number: 2, Status: schedule.Missed}},
		Holds: []schedule.Hold{{From: civil.MustDate("2026-03-30"), Until: civil.MustDate("2026-04-01")}},
	}}
	s := compute(t, p, o, "id: A\nstart: 2026-03-27\ntime zone: UTC")
	text := write(t, s)
	got := map[string]int{}
	for _, r := range read(t, text) {
		if len(r.DosageInstruction) > 0 {
			tm := r.DosageInstruction[0].Timing
			n := len(tm.Event)
			if tm.Repeat != nil {
				n = tm.Repeat.Count
			}
			got[r.ResourceType+" "+r.Status] += n
		} else if r.ResourceType == "MedicationAdministration" {
			got[r.ResourceType+" "+r.Status]++
		}
	}
	want := map[string]int{"MedicationAdministration completed": 1, "MedicationAdministration not-done": 1, "MedicationRequest on-hold": 2, "MedicationRequest draft": 4}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	again, order := back(t, text)
	if list := planned(again); len(list) != 4 || list[0] != "2026-03-29T09:00:00Z 5 mg" || !strings.Contains(order.Findings.Error(), "“on-hold”: nothing of it is on the calendar") {
		t.Errorf("read back as %v: %v", list, order.Findings)
	}
}
