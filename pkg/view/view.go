// Package view holds the words in which every output speaks of a schedule, and the flat
// rows that tables and files are made of. The packages below it each write one format.
package view

import (
	"fmt"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Generator names the program that made an output.
type Generator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Title returns what an event is, in a few words: "dose 3", "review 1".
func Title(s *schedule.Schedule, e *schedule.Event) string {
	switch e.Kind {
	case schedule.Dose:
		if e.Number == 0 {
			return "dose beside the plan"
		}
		return fmt.Sprintf("dose %d", e.Number)
	case schedule.Observation:
		return s.CheckIn(e).Title
	case schedule.Supply:
		return fmt.Sprintf("fill %d", e.Number)
	}
	c := s.CheckIn(e)
	switch {
	case e.Number == 0 && e.Was > 0:
		return fmt.Sprintf("%s %d, no longer valid", c.Title, e.Was)
	case e.Number == 0:
		return c.Title + ", not planned"
	case c.Every.IsSet() || len(c.On) > 1:
		return fmt.Sprintf("%s %d", c.Title, e.Number)
	}
	return c.Title
}

// Amount returns the amount of a dose event with its medicine and its route in words: "36 mg
// ketamine intravenous over 40 minutes".
func Amount(s *schedule.Schedule, e *schedule.Event) string { return AmountOf(s.Dose(e)) + At(s, e) }

// AmountOf is Amount of all doses that are alike, wherever on the body they are given.
func AmountOf(d *schedule.DoseInfo) string {
	text := d.Amount.String() + " " + d.Medication.Name
	if d.Volume.IsSet() {
		text += " (" + d.Measured() + ")"
	}
	text += " " + d.Route.Words()
	if d.Route.Over.IsSet() {
		text += " over " + d.Route.Over.String()
	}
	if rate := d.Rate(); rate != "" {
		text += " (" + rate + ")"
	}
	return text
}

// At says where on the body a dose is given, as ", left arm".
func At(s *schedule.Schedule, e *schedule.Event) string {
	if site := s.Site(e); site != "" {
		return ", " + site
	}
	return ""
}

// Brief returns the amount of a dose or the contents of a fill with the medicine and the route
// in words: "36 mg ketamine intravenous over 40 minutes".
func Brief(s *schedule.Schedule, e *schedule.Event) string {
	if e.Kind == schedule.Supply {
		f := s.Fill(e)
		return fmt.Sprintf("%s, %v %s %s", civil.Plural(f.Doses, "dose"), f.Total, f.Medication.Name, f.Route.Words())
	}
	d := s.Dose(e)
	text := d.Amount.String() + " " + d.Medication.Name + " " + d.Route.Words()
	if d.Route.Over.IsSet() {
		text += " over " + d.Route.Over.String()
	}
	return text + At(s, e)
}

// Detail returns what an event is about: the amount of a dose and what makes it up, what a fill
// holds, the mode of a check-in or observation and what it measures.
func Detail(s *schedule.Schedule, e *schedule.Event) string {
	switch e.Kind {
	case schedule.Dose:
		if made := Dispense(s, e); made != "" {
			return Amount(s, e) + " = " + made
		}
		return Amount(s, e)
	case schedule.Supply:
		return Contents(s, e)
	}
	c := s.CheckIn(e)
	parts := []string{string(c.Mode)}
	if len(c.Measure) > 0 {
		parts = append(parts, strings.Join(c.Measure, ", "))
	}
	return strings.Join(parts, ": ")
}

// Contents returns what a fill holds: "28 doses, 700 mg ketamine sublingual (troche), from
// 2026-03-02 to 2026-03-29".
func Contents(s *schedule.Schedule, e *schedule.Event) string {
	f := s.Fill(e)
	text := fmt.Sprintf("%s, %v %s %s", civil.Plural(f.Doses, "dose"), f.Total, f.Medication.Name, f.Route.Words())
	if f.Route.Form != "" {
		text += " (" + f.Route.Form + ")"
	}
	if made := Dispense(s, e); made != "" {
		text += " = " + made
	}
	text += fmt.Sprintf(", from %v to %v", f.First, f.Last)
	if f.Cut {
		text += ", as far as shown"
	}
	if !f.Lost.IsZero() {
		text += fmt.Sprintf("; lost on %v", f.Lost)
	}
	return text
}

// Decides returns what a check-in decides about, one sentence each.
func Decides(s *schedule.Schedule, e *schedule.Event) []string {
	if e.Kind != schedule.CheckIn || e.Number == 0 {
		return nil // one that was not planned decides nothing
	}
	var list []string
	for _, g := range s.CheckIn(e).Gates {
		what := g.Phase
		if g.FirstDose {
			what = "the first dose"
		}
		list = append(list, "decides about "+what)
	}
	if s.CheckIn(e).StopsIfOverdue {
		what := "no dose"
		if phases, some := s.Protocol.Stops(s.CheckIn(e)); some {
			what += " of " + schedule.PartOf(s.Protocol, phases).String()
		}
		list = append(list, what+" is given while it is overdue")
	}
	if c := s.CheckIn(e); c.Criterion != "" {
		ends := ""
		for i := range s.Phases {
			if ph := s.Phases[i].Phase; ph.Course.Met == c.Name {
				ends += ", which ends " + ph.Name
			}
		}
		list = append(list, "looks for "+c.Criterion+ends)
	}
	for _, r := range s.RaisesOf(e) {
		from, to := r.Words()
		list = append(list, fmt.Sprintf("may raise %s from %s to %s", s.Protocol.Phases[r.Phase].Name, from, to))
	}
	return list
}

// unrecorded is the status of what was planned for a day that is over, and of which nothing is written down.
const unrecorded = "unrecorded"

// Status returns the status of an event, with what it waits for.
func Status(s *schedule.Schedule, e *schedule.Event) string {
	if e.Kind == schedule.CheckIn && e.Status == schedule.Taken {
		if decision := s.Decision(e); decision != "" {
			return decision
		}
		return "done"
	}
	if e.Status == schedule.Held && e.Fit == schedule.LeftOut {
		return "left out"
	}
	if s.Unwritten(e) {
		return unrecorded
	}
	if gate := s.GateName(e); gate != "" && e.Status != schedule.Missed {
		return e.Status.String() + ": " + gate
	}
	return e.Status.String()
}

// Joined joins phrases and sentences by semicolons: a full stop inside is left out.
func Joined(texts []string) string {
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = t
		if i < len(texts)-1 {
			list[i] = strings.TrimSuffix(t, ".")
		}
	}
	return strings.Join(list, "; ")
}

// Moved says that an event which has still to come does not stand on its own day, or "".
func Moved(e *schedule.Event) string {
	if !e.OffDay() {
		return ""
	}
	return "moved from " + Date(e.Target)
}

// WindowOf says from which day to which a planned event may be moved, or "" where it stays on its day.
func WindowOf(s *schedule.Schedule, e *schedule.Event) string {
	if first, last, ok := s.Between(e); ok {
		return "window: " + Date(first) + " to " + Date(last)
	}
	return ""
}

// Date returns a date as outputs for people show it: "Mon 2026-03-02".
func Date(d civil.Date) string { return d.WithWeekday() }

// Identity returns the patient in a line.
func Identity(s *schedule.Schedule) string {
	p := s.Patient
	var parts []string
	if p.ID != "" {
		parts = append(parts, p.ID)
	}
	if age := p.AgeInWords(s.Patient.Start); age != "" {
		parts = append(parts, age)
	}
	if p.Sex != "" {
		parts = append(parts, string(p.Sex))
	}
	if p.Weight.IsSet() {
		parts = append(parts, p.Weight.String())
	}
	if p.Height.IsSet() {
		parts = append(parts, p.Height.String())
	}
	for _, m := range p.Measured {
		parts = append(parts, m.Name+" "+m.Value.String())
	}
	for _, d := range p.Dates {
		parts = append(parts, d.Name+" "+d.String())
	}
	if len(parts) == 0 {
		return "no parameters stated"
	}
	return strings.Join(parts, ", ")
}

// Choices returns what the clinician chose, in words; it may be empty.
func Choices(s *schedule.Schedule) string {
	var parts []string
	if s.Tier != "" {
		parts = append(parts, "tier "+strings.Join(tiers(s), ", then "))
	}
	if s.Route != "" {
		parts = append(parts, "route "+protocol.RouteWords(s.Route))
	}
	for _, ph := range s.Phases {
		if len(ph.Phase.Frequencies) > 1 {
			parts = append(parts, fmt.Sprintf("%s “%s”", ph.Phase.Name, ph.Frequency.Text))
		}
		if n := s.Steps[ph.Phase.Name]; n > 0 {
			parts = append(parts, fmt.Sprintf("step %d of %s, from its first dose on", n+1, ph.Phase.Name))
		}
	}
	return strings.Join(parts, ", ")
}

// tiers returns the tier of the start and those that the doses of a course went over to, in their order.
func tiers(s *schedule.Schedule) []string {
	list := []string{s.Tier}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && e.Dose != schedule.None {
			if tier := s.Dose(e).Tier; tier != "" && tier != list[len(list)-1] {
				list = append(list, tier)
			}
		}
	}
	return list
}

// Sources returns the citations of a protocol, one a line, with what they are for.
func Sources(p *protocol.Protocol) []string {
	var list []string
	for _, e := range p.Evidence {
		text := e.Cite
		if text == "" {
			text = e.Label
		}
		if text == "" {
			continue
		}
		if e.DOI != "" {
			text += " doi:" + e.DOI
		}
		if e.Verify {
			text += " (to verify)"
		}
		list = append(list, text)
	}
	return list
}

// Totals returns one line for each phase: doses, amount, and what it costs in time.
func Totals(s *schedule.Schedule) []string {
	var list []string
	for i := range s.Phases {
		ph := &s.Phases[i]
		if ph.Doses == 0 {
			continue
		}
		open := ""
		if ph.Open {
			open = " shown, and goes on"
		}
		text := fmt.Sprintf("%s: %s, %v %s in all%s", ph.Phase.Name, civil.Plural(ph.Doses, "dose"), ph.Total, s.Protocol.Medications[ph.Phase.Medication].Name, open)
		if more := told(s, i); more != "" {
			text += ": " + more
		}
		list = append(list, text)
	}
	return list
}

// told says of a phase of a course how much of it was given, and how much of it nobody wrote down.
func told(s *schedule.Schedule, phase int) string {
	given, unwritten, ok := s.Told(phase)
	if !ok {
		return ""
	}
	var parts []string
	add := func(n int, total quantity.Amount, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s, %v", n, what, total))
		}
	}
	ahead := schedule.Sum{Doses: s.Phases[phase].Doses - given.Doses - unwritten.Doses, Total: s.Phases[phase].Total}
	for _, u := range []schedule.Sum{given, unwritten} {
		if u.Total.IsSet() && ahead.Total.IsSet() && u.Total.Unit().Comparable(ahead.Total.Unit()) {
			ahead.Total = ahead.Total.Sub(u.Total.In(ahead.Total.Unit()))
		}
	}
	add(given.Doses, given.Total, "given")
	add(unwritten.Doses, unwritten.Total, "not recorded")
	add(ahead.Doses, ahead.Total, "still to come")
	return strings.Join(parts, "; ")
}

// PhaseRule returns how a phase is dosed, in words: "6 doses, 3 a week".
func PhaseRule(ph *schedule.PhaseInfo) string {
	text := ph.Frequency.Text + ", " + ph.Phase.Course.String()
	if ph.Phase.Starts.Anchor == protocol.EachDose {
		text += " each time, " + strings.TrimPrefix(ph.Phase.Starts.Text, "with ")
	}
	if n := ph.Phase.Repeat; n > 1 {
		text += ", " + civil.Plural(n, "time")
		if ph.Phase.Rest.IsSet() {
			text += fmt.Sprintf(" with a rest of %v", ph.Phase.Rest)
		}
	}
	text += windowWords(ph.Phase)
	if only := ph.Phase.For; only != nil {
		of := "of "
		if strings.HasPrefix(only.Text, "with") { // a condition
			of = ""
		}
		text += ", for patients " + of + only.Text
	}
	return text
}

// windowWords says by how many days the doses of a phase may be moved, or nothing where none may.
func windowWords(ph *protocol.Phase) string {
	var parts []string
	for _, w := range ph.Windows {
		text := "may be moved by " + w.Window.String()
		if len(ph.Windows) > 1 {
			text = fmt.Sprintf("from dose %d on %s", w.From, text)
			if w.Window == (protocol.Window{}) {
				text = fmt.Sprintf("from dose %d on stays on its day", w.From)
			}
		}
		if len(ph.Windows) > 1 || w.Window != (protocol.Window{}) {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "; each " + strings.Join(parts, ", ")
}

// Count returns how many events of a kind there are.
func Count(s *schedule.Schedule, k schedule.Kind) int {
	n := 0
	for i := range s.Events {
		if s.Events[i].Kind == k {
			n++
		}
	}
	return n
}

// A Finding is something that every document of a schedule says.
type Finding struct {
	Code, Severity, Text, Help string
}

// String returns the finding in a line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s [%s]", f.Severity, f.Text, f.Code) }

// Whole is String with what to do about it.
func (f Finding) Whole() string {
	if f.Help == "" {
		return f.String()
	}
	return fmt.Sprintf("%s: %s (%s) [%s]", f.Severity, f.Text, f.Help, f.Code)
}

// Findings returns what a reader of the schedule must know, the gravest first, with the
// patient's own words where they belong to it. What nobody has answered is the last.
func Findings(s *schedule.Schedule) []Finding { return FindingsWith(s, ToConfirm(Questions(s))) }

// FindingsWith is Findings for who has what is to be confirmed in words already.
func FindingsWith(s *schedule.Schedule, confirm string) []Finding {
	list := make([]Finding, 0, len(s.Findings)+1)
	for severity := diag.Refusal; severity >= diag.Note && len(list) < len(s.Findings); severity-- {
		for i := range s.Findings {
			d := &s.Findings[i]
			if d.Severity != severity {
				continue
			}
			text := d.Message
			if d.Private != "" {
				text += "; " + d.Private
			}
			list = append(list, Finding{string(d.Code), d.Severity.String(), text, d.Help})
		}
	}
	if confirm != "" {
		list = append(list, Finding{string(diag.ToConfirm), diag.Note.String(), confirm, ""})
	}
	return list
}

// ToConfirm says what nobody has answered, or is empty where nothing is left open.
func ToConfirm(questions []string) string {
	if len(questions) == 0 {
		return ""
	}
	return "to confirm, since the patient's parameters do not answer it: " + strings.Join(questions, " · ")
}

// Questions returns what nobody has answered, in words.
func Questions(s *schedule.Schedule) []string {
	list := make([]string, len(s.Confirm))
	for i, q := range s.Confirm {
		list[i] = q.String()
	}
	return list
}

// FindingsLine returns all findings in one line.
func FindingsLine(s *schedule.Schedule) string { return FindingsIn(Findings(s)) }

// FindingsIn returns findings on one line.
func FindingsIn(list []Finding) string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = list[i].String()
	}
	return strings.Join(texts, "; ")
}

// Notes returns what a protocol says to whoever reads any of its calendars, and where one that is
// shown is cut off.
func Notes(s *schedule.Schedule) []string {
	list := make([]string, len(s.Notes))
	for i, n := range s.Notes {
		list[i] = Note(n)
	}
	return list
}

// Note says one of them.
func Note(n schedule.Note) string {
	if n.Form == schedule.AsNeeded || n.Form == schedule.AsNeededUntil {
		if needed, ok := n.Args[0].(*schedule.Needed); ok {
			n.Args = append([]any{needed.Words(MadeOf(needed.Dose.Route, &needed.Dose.Made))}, n.Args[1:]...)
		}
	}
	return n.String()
}
