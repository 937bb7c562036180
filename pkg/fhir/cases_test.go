package fhir_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/fhir"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Case is one of testdata/fhir-timing: an instruction, and what becomes of it.
type Case struct {
	Name, Source, Reason string
	Timing               json.RawMessage
	DosageInstruction    []json.RawMessage
	Medicine, Status     string
	Start, Zone, Until   string
	Choose               []string
	Instants, Doses      []string
	AsNeeded             []string `json:"as_needed"`
	Refused              *struct{ Path, Code string }
}

// request wraps what a case says in a request with all that it leaves out.
func (c *Case) request(t *testing.T) []byte {
	t.Helper()
	list := c.DosageInstruction
	if list == nil {
		list = []json.RawMessage{json.RawMessage(fmt.Sprintf(`{"timing": %s, "route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}]}`, c.Timing))}
	}
	medicine, status := c.Medicine, c.Status
	if medicine == "" {
		medicine = "examplamine"
	}
	if status == "" {
		status = "active"
	}
	out, err := json.Marshal(map[string]any{"resourceType": "MedicationRequest", "status": status, "intent": "order",
		"medicationCodeableConcept": map[string]any{"text": medicine}, "subject": map[string]any{"reference": "Patient/pat1"}, "dosageInstruction": list})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (c *Case) settings(t *testing.T) fhir.Settings {
	t.Helper()
	set := fhir.Settings{Route: "oral"}
	if c.Start != "" {
		set.Start = civil.MustDate(c.Start)
	}
	if c.Zone != "" {
		zone, err := civil.LoadZone(c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		set.Zone, set.HasZone = zone, true
	}
	for _, text := range c.Choose {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			name, value = "", name
		}
		set.Choices = append(set.Choices, fhir.Choice{Name: name, Value: value})
	}
	return set
}

// run expands a request through the calendar.
func run(t *testing.T, o *fhir.Order, until string) *schedule.Schedule {
	t.Helper()
	options := schedule.Options{}
	if until != "" {
		options.Until = civil.MustDate(until)
	}
	plan, found := schedule.NewPlan(o.Protocol, options)
	if found.HasErrors() {
		t.Fatalf("%v\n%s", found, o.Text)
	}
	pat := &patient.Patient{ID: o.Patient, Start: o.Start}
	if o.HasZone {
		pat.Zone, pat.TimeZone = o.Zone, o.Zone.String()
	}
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatalf("%v\n%s", found, o.Text)
	}
	return s
}

// tryRun runs an order with whatever it has.
func tryRun(o *fhir.Order) (*schedule.Schedule, diag.List) {
	plan, found := schedule.NewPlan(o.Protocol, schedule.Options{})
	if found.HasErrors() {
		return nil, found
	}
	return plan.Run(&patient.Patient{Start: o.Start})
}

// tryRunIn is tryRun in the zone of the order.
func tryRunIn(o *fhir.Order) (*schedule.Schedule, diag.List) {
	plan, found := schedule.NewPlan(o.Protocol, schedule.Options{})
	if found.HasErrors() {
		return nil, found
	}
	return plan.Run(&patient.Patient{Start: o.Start, Zone: o.Zone, TimeZone: o.Zone.String()})
}

func doses(s *schedule.Schedule) (instants, amounts []string) {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			instants = append(instants, e.Time().Format(time.RFC3339))
			amounts = append(amounts, s.Dose(e).Amount.String())
		}
	}
	return instants, amounts
}

// Every case of testdata/fhir-timing comes out as it says.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("../../testdata/fhir-timing/*.json")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Cases []Case }
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(file, err)
		}
		for i := range all.Cases {
			c := &all.Cases[i]
			t.Run(filepath.Base(file)+"/"+c.Name, func(t *testing.T) { c.check(t) })
		}
	}
}

func (c *Case) check(t *testing.T) {
	if c.Reason == "" || c.Source == "" {
		t.Error("no reason or no source is given")
	}
	o, found := fhir.Read("case.json", c.request(t), c.settings(t))
	if c.Refused != nil {
		c.refused(t, o, found)
		return
	}
	c.needed(t, found)
	if len(c.Instants) == 0 {
		if o != nil || !found.HasErrors() {
			t.Errorf("nothing is planned, and that is no error: %v", found)
		}
		return
	}
	if o == nil {
		t.Fatal(found)
	}
	instants, amounts := doses(run(t, o, c.Until))
	if !slices.Equal(instants, c.Instants) {
		t.Errorf("instants\n%s\nwant\n%s\n%s", strings.Join(instants, "\n"), strings.Join(c.Instants, "\n"), o.Text)
	}
	if c.Doses != nil && !slices.Equal(amounts, c.Doses) {
		t.Errorf("doses %v, want %v", amounts, c.Doses)
	}
}

func (c *Case) refused(t *testing.T, o *fhir.Order, found diag.List) {
	if o != nil || !found.HasErrors() {
		t.Fatalf("it is expanded: %v", found)
	}
	path := c.Refused.Path
	if c.Timing != nil {
		path = "dosageInstruction[0]." + path
	}
	if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		return string(d.Code) == c.Refused.Code && strings.HasPrefix(d.Message, "MedicationRequest."+path+": ")
	}) {
		t.Errorf("no %s at %s in\n%v", c.Refused.Code, path, found)
	}
}

func (c *Case) needed(t *testing.T, found diag.List) {
	var got []string
	for _, d := range found {
		if d.Code == diag.AsNeeded {
			_, words, _ := strings.Cut(d.Message, "is not on the calendar: ")
			got = append(got, words)
		}
	}
	if !slices.Equal(got, c.AsNeeded) {
		t.Errorf("as needed %q, want %q", got, c.AsNeeded)
	}
}
