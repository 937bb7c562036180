package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// A Clinician is the clinician's page: all that the program knows of the calendars, with fields
// to fill in. It is in English.
type Clinician struct {
	Title, Clinic, Phone string
	Large                bool
	Parts                []Calendar
}

// A Calendar is one calendar for a clinician.
type Calendar struct {
	Heading      string
	Facts        []Fact
	Findings     []view.Finding
	Overrides    []Override
	Confirm      []string
	Phases       []string
	Requirements []string
	Charts       []*Chart
	Doses        []DoseRow
	CheckIns     []CheckInRow
	Watches      []Watch
	Supply       []SupplyRow
	Limits       []view.Limit
	Totals       []string
	Notes        []string
	Amounts      []Working // how each amount came about
	Events       []Working // how each event came to its day
}

// A Fact is a label and what stands beside it.
type Fact struct{ Label, Text string }

// An Override is a limit that was let through.
type Override struct{ Limit, Reason, Broken string }

// A Score is a measure with its result; "" where it is to be filled in.
type Score struct{ Measure, Value string }

// A DoseRow is one dose.
type DoseRow struct {
	Day                        int
	Date, Time, Name           string
	What, Units, Tier          string
	Status                     string
	Note                       string
	Maybe, Taken, Missed, Held bool
}

// A CheckInRow is one check-in with what is to be written down.
type CheckInRow struct {
	Date, Time, Name, Mode string
	Measures               []Score
	Decides                []string
	Status                 string
}

// A Watch is what is looked at around doses: a row for each dose, a column for each time.
type Watch struct {
	Name    string
	Minutes []int
	Doses   []string
}

// A SupplyRow is one fill.
type SupplyRow struct{ Date, What, Status string }

// A Working is how something came about, step by step.
type Working struct {
	Name  string
	Steps []Step
}

// A Step is one step, and the rule that asked for it.
type Step struct{ Text, Rule string }

// NewClinician returns the clinician's page of a document.
func NewClinician(d *view.Document) *Clinician {
	c := &Clinician{Title: phrase.Plain(d.Parts[0].Protocol.Title), Clinic: phrase.Plain(d.Clinic), Phone: phrase.Plain(d.Phone), Large: d.Large}
	for _, p := range d.Parts {
		c.Parts = append(c.Parts, calendar(p, d))
	}
	return c
}

func calendar(p view.Part, d *view.Document) Calendar {
	s := p.Schedule
	c := Calendar{Heading: phrase.Plain(p.Heading), Facts: facts(s, d), Limits: view.LimitsOf(s), Charts: ChartsOf(s), Confirm: plain(view.Questions(s)), Totals: plain(view.Totals(s)), Notes: plain(view.Notes(s))}
	for i := range c.Limits {
		c.Limits[i].Medication = phrase.Plain(c.Limits[i].Medication)
	}
	for _, f := range view.Findings(s) {
		c.Findings = append(c.Findings, view.Finding{Code: f.Code, Severity: f.Severity, Text: phrase.Plain(f.Text), Help: phrase.Plain(f.Help)})
	}
	for _, o := range s.Override {
		c.Overrides = append(c.Overrides, Override{string(o.Limit), phrase.Plain(o.Reason), phrase.Plain(o.Broken)})
	}
	for i := range s.Phases {
		if ph := &s.Phases[i]; ph.Doses > 0 {
			c.Phases = append(c.Phases, phrase.Plain(ph.Phase.Title+": "+view.PhaseRule(ph)))
		}
	}
	every := make([]int, len(s.Events))
	for i := range every {
		every[i] = i
	}
	c.Requirements = plain(view.EachDose(s, every, nil))
	for i := range s.Needed {
		n := &s.Needed[i]
		w := Working{Name: phrase.Plain("As needed: " + n.Rule.Rule.Title)}
		for _, st := range n.Dose.Derivation() {
			w.Steps = append(w.Steps, Step{phrase.Plain(st.String()), phrase.Plain(st.Rule.String())})
		}
		c.Amounts = append(c.Amounts, w)
	}
	at := map[int32]int{} // each amount's place in Amounts
	for i := range s.Events {
		e := &s.Events[i]
		c.add(s, e)
		if e.Kind == schedule.Observation {
			c.watch(s, e)
			continue
		}
		c.work(s, e, at)
	}
	return c
}

func facts(s *schedule.Schedule, d *view.Document) []Fact {
	p := s.Protocol
	list := []Fact{
		{"Patient", view.Identity(s)}, {"Protocol", fmt.Sprintf("%s %s, %s, %s model, %s", p.ID, p.Version, p.Setting, p.Model, p.Status)},
		{"Chosen", view.Choices(s)}, {"Starts", fmt.Sprintf("%s, %s", view.Date(s.Start), s.Zone)}, {"Missed doses", missedInWords(p)},
	}
	for _, src := range view.Sources(p) {
		list = append(list, Fact{"Source", src})
	}
	list = append(list, Fact{"SHA-256", p.Origin.SHA256})
	for _, b := range p.Origin.Extends {
		list = append(list, Fact{"Extends", fmt.Sprintf("%s %s, SHA-256 %s", b.ID, b.Version, b.SHA256)})
	}
	list = append(list, Fact{"Made by", strings.TrimSpace(d.Generator.Name+" "+d.Generator.Version) + ", tzdata " + civil.TZData})
	list = slices.DeleteFunc(list, func(f Fact) bool { return f.Text == "" })
	for i := range list {
		list[i].Text = phrase.Plain(list[i].Text)
	}
	return list
}

func missedInWords(p *protocol.Protocol) string {
	text := [...]string{protocol.NoRule: "the protocol states no rule", protocol.Skip: "then skip", protocol.Shift: "then shift the rest", protocol.Extend: "then add a dose at the end"}[p.Missed.Then]
	if p.Missed.Within.IsSet() {
		text = "take within " + p.Missed.Within.String() + ", " + text
	}
	return text
}

func plain(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = phrase.Plain(text)
	}
	return out
}

// add puts an event into its table.
func (c *Calendar) add(s *schedule.Schedule, e *schedule.Event) {
	english := &course{Catalogue: phrase.In("en")}
	switch e.Kind {
	case schedule.Dose:
		d := s.Dose(e)
		row := DoseRow{Day: int(e.Day), Date: view.Date(e.Date), Time: e.Clock.String(), Name: phrase.Plain(s.PhaseName(e) + " " + view.Title(s, e)), What: phrase.Plain(view.Amount(s, e)),
			Tier: phrase.Plain(d.Tier), Status: phrase.Plain(view.Status(s, e)), Note: e.ShiftNote(),
			Maybe: e.Status == schedule.Provisional, Taken: e.Status == schedule.Taken, Missed: e.Status == schedule.Missed, Held: e.Status == schedule.Held}
		if text := view.Moved(e); text != "" {
			row.Note = strings.TrimPrefix(row.Note+"; "+text, "; ")
		}
		row.Units = english.units(d).String()
		c.Doses = append(c.Doses, row)
	case schedule.CheckIn:
		rule := s.CheckIn(e)
		c.CheckIns = append(c.CheckIns, CheckInRow{Date: view.Date(e.Date), Time: e.Clock.String(), Name: phrase.Plain(view.Title(s, e)), Mode: string(rule.Mode),
			Measures: scores(s, e), Decides: plain(view.Decides(s, e)), Status: phrase.Plain(view.Status(s, e))})
	case schedule.Supply:
		c.Supply = append(c.Supply, SupplyRow{view.Date(e.Date), phrase.Plain(view.Title(s, e) + ": " + view.Contents(s, e)), phrase.Plain(view.Status(s, e))})
	}
}

// scores returns what a check-in measures, with the results that are written down of it, and what was
// measured besides.
func scores(s *schedule.Schedule, e *schedule.Event) []Score {
	var list []Score
	rule := s.CheckIn(e)
	for _, m := range rule.Measure {
		list = append(list, Score{Measure: phrase.Plain(m)})
	}
	for _, r := range s.Results {
		if r.Name != rule.Name || r.Date != e.Date || e.Status != schedule.Taken {
			continue
		}
		i := slices.IndexFunc(list, func(x Score) bool { return strings.EqualFold(x.Measure, phrase.Plain(r.Measure)) })
		if i < 0 {
			i, list = len(list), append(list, Score{Measure: phrase.Plain(r.Measure)})
		}
		list[i].Value = phrase.Plain(r.Value)
	}
	return list
}

// watch adds an observation to the sheet of its rule.
func (c *Calendar) watch(s *schedule.Schedule, e *schedule.Event) {
	rule := s.CheckIn(e)
	name := phrase.Plain(fmt.Sprintf("%s (%s)", rule.Title, strings.Join(rule.Measure, ", ")))
	i := slices.IndexFunc(c.Watches, func(w Watch) bool { return w.Name == name })
	if i < 0 {
		i = len(c.Watches)
		c.Watches = append(c.Watches, Watch{Name: name})
	}
	w := &c.Watches[i]
	if !slices.Contains(w.Minutes, int(e.After)) {
		w.Minutes = append(w.Minutes, int(e.After))
		slices.Sort(w.Minutes)
	}
	dose := &s.Events[e.Of]
	if text := phrase.Plain(fmt.Sprintf("%s, %s %s", view.Date(dose.Date), s.PhaseName(dose), view.Title(s, dose))); !slices.Contains(w.Doses, text) {
		w.Doses = append(w.Doses, text)
	}
}

// work adds how an event came about: its day by itself, and its amount once for all doses that
// have it.
func (c *Calendar) work(s *schedule.Schedule, e *schedule.Event, at map[int32]int) {
	steps := s.Derivation(e)
	name := fmt.Sprintf("%s %v %s", view.Date(e.Date), e.Clock, strings.TrimSpace(s.PhaseNameIfDose(e)+" "+view.Title(s, e)))
	if e.Kind == schedule.Dose {
		arithmetic := s.Dose(e).Derivation()
		steps = steps[:len(steps)-len(arithmetic)]
		if _, ok := at[e.Dose]; !ok {
			at[e.Dose] = len(c.Amounts) // what is taken as needed stands before them
			w := Working{Name: phrase.Plain(fmt.Sprintf("Amount %d: %s", len(c.Amounts)+1, view.Brief(s, e)))}
			for _, st := range arithmetic {
				w.Steps = append(w.Steps, Step{phrase.Plain(st.String()), phrase.Plain(st.Rule.String())})
			}
			c.Amounts = append(c.Amounts, w)
		}
		name += fmt.Sprintf(", amount %d", at[e.Dose]+1)
	}
	w := Working{Name: phrase.Plain(name)}
	for _, st := range steps {
		w.Steps = append(w.Steps, Step{phrase.Plain(st.String()), phrase.Plain(st.Rule.String())})
	}
	c.Events = append(c.Events, w)
}
