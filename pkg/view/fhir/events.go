package fhir

import (
	"fmt"
	"strings"

	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// checkIns writes each check-in as a request of its own: each decides about its own stretch.
func (wr *writer) checkIns() {
	s := wr.schedule
	wr.reviews = map[schedule.Wait]reference{}
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.CheckIn {
			continue
		}
		c := s.CheckIn(e)
		said := view.Decides(s, e)
		if text := windowInWords(c.Window); text != "" {
			said = append(said, fmt.Sprintf("may be held up to %s than %v", text, e.Target))
		}
		for _, d := range s.Derivation(e) {
			said = append(said, d.String())
		}
		r := wr.service(e, "check-in "+c.Name+fmt.Sprint(" ", e.Number), view.Title(s, e)+", "+view.Detail(s, e)+", "+view.Date(e.Date)+" "+e.Clock.String(), said)
		r.OccurrenceDateTime = instant(e)
		made := wr.bundle.add("ServiceRequest", r.ID, r)
		wr.services = append(wr.services, made)
		wr.reviews[e.Lets()] = made
	}
}

// observations writes what is measured around doses, one request for each rule.
func (wr *writer) observations() {
	s := wr.schedule
	at := map[int16][]int{}
	var order []int16
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Observation {
			if at[e.Rule] == nil {
				order = append(order, e.Rule)
			}
			at[e.Rule] = append(at[e.Rule], i)
		}
	}
	for _, rule := range order {
		e := &s.Events[at[rule][0]]
		var when []string
		for _, i := range at[rule] {
			when = append(when, instant(&s.Events[i]))
		}
		c := s.CheckIn(e)
		var after []string
		for _, p := range c.Around {
			after = append(after, p.String())
		}
		r := wr.service(e, "observation "+c.Name, view.Title(s, e)+", "+view.Detail(s, e), []string{"after each dose: " + strings.Join(after, ", ")})
		r.Status = "draft"
		r.OccurrenceTiming = &timing{Event: when}
		wr.services = append(wr.services, wr.bundle.add("ServiceRequest", r.ID, r))
	}
}

func (wr *writer) service(e *schedule.Event, name, text string, said []string) serviceRequest {
	s := wr.schedule
	c := s.CheckIn(e)
	r := serviceRequest{
		head:   headOf("ServiceRequest", wr.newID("ServiceRequest", name), append([]string{text + "; " + view.Status(s, e)}, said...)...),
		Status: "draft", Intent: "plan", Code: textOf(c.Title), Subject: wr.patient, Note: notes(said...),
	}
	for _, m := range c.Measure {
		r.OrderDetail = append(r.OrderDetail, textOf(m))
	}
	if c.Mode != "" {
		r.LocationCode = []concept{textOf(string(c.Mode))}
	}
	switch e.Status {
	case schedule.Taken:
		r.Status = "completed"
	case schedule.Missed:
		r.Status = "revoked"
	case schedule.Held:
		r.Status = "on-hold"
	}
	return r
}

// administrations writes what became of doses.
func (wr *writer) administrations() {
	s := wr.schedule
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose || e.Status != schedule.Taken && e.Status != schedule.Missed && !s.Unwritten(e) {
			continue
		}
		d := s.Dose(e)
		called := s.DoseName(e).String()
		name := called
		switch {
		case e.Number == 0:
			called = s.PhaseName(e) + ", " + view.Title(s, e)
			name = called + " " + instant(e)
		case e.Status == schedule.Missed: // it may be planned again under its number
			name += " missed on " + e.Date.String()
		}
		status, became := "unknown", view.Status(s, e)
		switch e.Status {
		case schedule.Taken:
			status, became = "completed", e.Status.String()
		case schedule.Missed:
			status, became = "not-done", e.Status.String()
		}
		text := fmt.Sprintf("%s, %v %s", view.Amount(s, e), e.Date, e.Clock)
		a := administration{
			head:   headOf("MedicationAdministration", wr.newID("MedicationAdministration", name), fmt.Sprintf("%s: %s: %s", called, became, text)),
			Status: status, Medication: medicine(d.Medication), Subject: wr.patient, Effective: instant(e),
			Note:   notes(called+": "+view.Status(s, e), wr.working(e)),
			Dosage: administrationDosage{clean(text), routeOf(d.Route), quantityOf(d.Amount)},
		}
		wr.others = append(wr.others, wr.bundle.add("MedicationAdministration", a.ID, a))
	}
	taken := s.TakenAsNeeded()
	for i := range taken {
		e := &taken[i]
		d, name := &e.Of.Dose, e.Of.Rule.Rule.Name
		text := fmt.Sprintf("%v %s %s, as needed, %v %v", e.Amount, d.Medication.Name, d.Route.Words(), e.Date, e.Clock)
		a := administration{
			head:   headOf("MedicationAdministration", wr.newID("MedicationAdministration", "as needed "+name+" "+instant(&e.Event)), fmt.Sprintf("%s: taken: %s", name, text)),
			Status: "completed", Medication: medicine(d.Medication), Subject: wr.patient, Effective: instant(&e.Event),
			Note:   notes(fmt.Sprintf("%s, for %s: taken as needed", e.Of.Rule.Rule.Title, e.Of.Rule.Reason)),
			Dosage: administrationDosage{clean(text), routeOf(d.Route), quantityOf(e.Amount)},
		}
		wr.others = append(wr.others, wr.bundle.add("MedicationAdministration", a.ID, a))
	}
}

// working returns how the amount of a dose came about, in a line.
func (wr *writer) working(e *schedule.Event) string {
	var steps []string
	for _, d := range wr.schedule.Derivation(e) {
		steps = append(steps, d.String())
	}
	return "Working: " + strings.Join(steps, "; ")
}

// fills writes what is to be sent.
func (wr *writer) fills() {
	s := wr.schedule
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Supply {
			continue
		}
		f := s.Fill(e)
		text := fmt.Sprintf("Send %s on %v: %s; %s", view.Title(s, e), e.Date, view.Contents(s, e), view.Status(s, e))
		r := supplyRequest{
			head:   headOf("SupplyRequest", wr.newID("SupplyRequest", f.Medication.Name, fmt.Sprint(e.Number)), text),
			Status: "draft", Item: medicine(f.Medication), Quantity: quantityOf(f.Total), Occurrence: instant(e), DeliverTo: wr.patient,
		}
		if e.Status == schedule.Taken {
			r.Status = "completed"
		}
		wr.others = append(wr.others, wr.bundle.add("SupplyRequest", r.ID, r))
	}
}
