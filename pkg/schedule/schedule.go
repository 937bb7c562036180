// Package schedule applies a protocol to a patient: it computes the calendar of doses,
// check-ins and observations, each with its derivation, or refuses with the reason.
//
//	plan, found := schedule.NewPlan(protocol, schedule.Options{Tier: "low"})
//	result, found := plan.Run(patient)
//
// A [Plan] is made once for a protocol and the choices of a clinician, and is run for any
// number of patients, from several goroutines if need be. The package reads no clock and no
// file: the same arguments give the same result on any machine.
//
// # How the calendar is made
//
// Day 1 is the date of the first dose, unless the protocol counts from day 0. Each phase
// has an anchor, the date of its first dose, from which its frequency counts. A phase ends
// where its next dose would have been, or after its stated time, whichever the course says
// comes first; there the next phase starts. Targets are then moved off closed days, given
// their instants in the patient's time zone, and checked against every limit. A breach
// refuses the whole calendar.
package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Kind is what an event is.
type Kind uint8

// The kinds of event, in the order in which events of one instant are listed.
const (
	CheckIn Kind = iota
	Dose
	Observation
	Supply
)

func (k Kind) String() string { return [...]string{"check-in", "dose", "observation", "supply"}[k] }

// A Status says whether an event stands.
type Status uint8

// The values of Status.
const (
	Planned     Status = iota
	Provisional        // stands only if a check-in before it confirms it
	Taken              // took place: a dose was given, a check-in was done
	Missed             // was not given, and will not be
	Held               // is not to be given
)

func (s Status) String() string {
	return [...]string{"planned", "provisional", "taken", "missed", "held"}[s]
}

// None is the index of nothing, in the fields of Event.
const None = -1

// An Event is one line of a calendar.
type Event struct {
	At     int64 // seconds after the Unix epoch
	Offset int32 // of the patient's clocks then, in seconds east of UTC
	Date   civil.Date
	Clock  civil.Clock
	Target civil.Date // the planned date, before any move off a closed day
	Wanted civil.Clock
	Day    int32 // of the course, counted as the protocol counts
	Kind   Kind
	Status Status
	Shift  civil.Shift // what a change of the clocks did to the time
	Phase  int16       // an index into the protocol's phases, or None
	Rule   int16       // of check-ins and observations: an index into Schedule.CheckIns
	Gate   int16       // the check-in that decides, an index into Schedule.CheckIns, or None
	Slot   int16       // which dose of its day, from 0
	Number int32       // of a dose within its phase, or of a check-in among those of its name
	Dose   int32       // of doses: an index into Schedule.Doses
	Of     int32       // of observations: the index of the dose event
	Fill   int32       // of supply: an index into Schedule.Fills
	After  int32       // of observations: minutes after that dose
	Raises []Raise     // of check-ins: the steps of a titration that it decides on
	Fitted bool        // the usual time lies outside the clinic's hours
}

// Time returns the instant of e in the patient's time zone.
func (e *Event) Time() time.Time {
	return time.Unix(e.At, 0).In(time.FixedZone("", int(e.Offset)))
}

// A Raise is a possible step of a titration. It is no part of the calendar until an
// amendment confirms it.
type Raise struct {
	Phase    int
	From, To string
}

// A DoseInfo is one amount that doses of a schedule have.
type DoseInfo struct {
	dose.Dose
	Medication *protocol.Medication
	Route      *protocol.Route
	Tier       string // "" where the dose is not a tier's
}

// A Schedule is the calendar of one patient. Events are in order of time; those of one
// instant are check-ins, then doses, then observations.
type Schedule struct {
	Protocol *protocol.Protocol
	Patient  *patient.Patient
	Zone     civil.Zone
	Start    civil.Date // the date of the first dose
	Tier     string
	Route    string // "" where every phase has its own
	Events   []Event
	Doses    []DoseInfo
	Fills    []Fill
	Phases   []PhaseInfo
	CheckIns []protocol.CheckIn // the protocol's, and the reassessment that a limit asks for
	Notes    []Note
	Confirm  []string // what the patient's file does not answer
	Until    civil.Date
	Override []Override
}

// A PhaseInfo says how a phase came out.
type PhaseInfo struct {
	Phase     *protocol.Phase
	Frequency protocol.Choice
	First     civil.Date // the target of its first dose; the zero Date if none is shown
	End       civil.Date // the date from which the next phase could run
	Open      bool       // whether it goes on past the horizon
	Doses     int        // how many doses are shown
	Total     quantity.Amount
}

// A Note is a sentence about the schedule as a whole.
type Note struct {
	Code diag.Code // "" for the protocol's own notes
	Text string
}

// An Override lets a broken limit through, by name and with a reason.
type Override struct {
	Limit  string // the key of the limit in the protocol
	Reason string
	Broken string   // what was broken, if anything
	Given  DoseName // the one dose that it lets through; the zero DoseName for every one
}

// Options are the choices of a clinician and the settings of a calendar. The zero Options
// take the protocol's defaults.
type Options struct {
	Tier        string
	Route       string
	Frequencies []FrequencyChoice
	Times       []civil.Clock          // of the doses of a day, for phases with that many
	Named       map[string]civil.Clock // clock times for named times of day
	DoseTime    civil.Clock            // of a single dose a day; 0 for 09:00
	CheckInTime civil.Clock            // 0 for 09:00
	Closed      calendar.Closed
	Policy      calendar.Policy
	Hours       calendar.Hours // of the clinic: doses and visits there start and end inside them
	Until       civil.Date     // the last date shown; the zero Date for the usual horizon
	Horizon     civil.Period   // how far open-ended phases are shown; unset for 12 weeks
	AtLeast     civil.Date     // open-ended phases are shown to this day at least, unless Until says otherwise
	Steps       map[string]int // by phase: how many steps of a titration by amounts are confirmed
	Reach       bool           // a step after the first is the highest that a titration may reach, where its steps have no fixed size
	Confirmed   []string       // the names of check-ins whose gates are passed
	Overrides   []Override
	Timeline    Timeline // what happened since
}

// A FrequencyChoice picks one of the frequencies that a phase offers. An empty Phase means
// every phase that offers it.
type FrequencyChoice struct {
	Phase string
	Text  string
}

// DefaultHorizon is how far open-ended phases are shown unless told otherwise.
var DefaultHorizon = civil.MustPeriod("12 weeks")

// Bounds of a schedule.
const (
	MaxEvents = 100_000
	maxYears  = 50
)

// Dose returns the dose of a dose event.
func (s *Schedule) Dose(e *Event) *DoseInfo { return &s.Doses[e.Dose] }

// PhaseName returns the name of an event's phase, or "".
func (s *Schedule) PhaseName(e *Event) string {
	if e.Phase == None {
		return ""
	}
	return s.Protocol.Phases[e.Phase].Name
}

// CheckIn returns the rule of a check-in or observation.
func (s *Schedule) CheckIn(e *Event) *protocol.CheckIn { return &s.CheckIns[e.Rule] }

// GateName returns the name of the check-in that e waits for, or "".
func (s *Schedule) GateName(e *Event) string {
	if e.Gate == None {
		return ""
	}
	return s.CheckIns[e.Gate].Name
}

// Requirements returns what must be so for a dose event.
func (s *Schedule) Requirements(e *Event) []string {
	var list []string
	for i := range s.Protocol.Requirements {
		r := &s.Protocol.Requirements[i]
		if r.Phase != "" && r.Phase != s.PhaseName(e) || r.First && s.firstDose() != e {
			continue
		}
		list = append(list, r.Texts...)
	}
	return list
}

func (s *Schedule) firstDose() *Event {
	for i := range s.Events {
		if s.Events[i].Kind == Dose {
			return &s.Events[i]
		}
	}
	return nil
}

// Week returns the week of the course of e: week 1 is its first seven days. Events before
// the first dose are in week 0.
func (s *Schedule) Week(e *Event) int {
	d := e.Date.Sub(s.Start)
	if d < 0 {
		return 0
	}
	return d/7 + 1
}

// Derivation returns how e came about: the rule that put it on its day, what moved it, and
// the arithmetic of its dose.
func (s *Schedule) Derivation(e *Event) []dose.Step {
	var steps []dose.Step
	add := func(rule diag.Range, format string, args ...any) {
		steps = append(steps, dose.Step{Text: fmt.Sprintf(format, args...), Rule: rule})
	}
	switch e.Kind {
	case Dose:
		info := &s.Phases[e.Phase]
		add(info.Frequency.Range, "%s: %s, from %v, dose %d", info.Phase.Name, info.Frequency.Text, info.First, e.Number)
	case CheckIn:
		c := s.CheckIn(e)
		add(c.Range, "%s: %s", c.Name, describe(c))
	case Supply:
		rule := &s.Protocol.Supply
		text := fmt.Sprintf("fill %d: one every %v, from the dose of %v on", e.Number, rule.Fill, s.Fill(e).First)
		if rule.Lead.IsSet() {
			text += fmt.Sprintf(", sent %v before it", rule.Lead)
		}
		add(rule.Range, "%s", text)
	case Observation:
		c := s.CheckIn(e)
		add(c.Range, "%s: %d minutes after the dose", c.Name, e.After)
	}
	if e.Date != e.Target && (e.Kind == Dose || e.Kind == CheckIn) {
		days, way := e.Date.Sub(e.Target), "later"
		if days < 0 {
			days, way = -days, "earlier"
		}
		add(diag.Range{}, "moved from %s %v off a closed day, out of its way, or to keep a limit: %s %s", e.Target.Weekday().String()[:3], e.Target, civil.Plural(days, "day"), way)
	}
	if e.Kind == Supply && e.Date.Before(e.Target) {
		add(diag.Range{}, "earlier than %v, which is closed", e.Target)
	} else if e.Kind == Supply && e.Date.After(e.Target) {
		add(diag.Range{}, "later than %v: it was not known before that more is needed", e.Target)
	}
	if text := e.ShiftNote(); text != "" {
		add(diag.Range{}, "%s", text)
	}
	if e.Fitted {
		add(diag.Range{}, "the usual time lies outside the clinic's hours; %v is the nearest inside them", e.Clock)
	}
	if e.Kind == Dose {
		steps = append(steps, s.Doses[e.Dose].Derivation...)
	}
	return steps
}

// ShiftNote says what a change of the clocks did to e, or "".
func (e *Event) ShiftNote() string {
	switch e.Shift {
	case civil.Skipped:
		return fmt.Sprintf("%v does not exist on this day, the clocks go forward; the first time after it is taken", e.Wanted)
	case civil.Repeated:
		return fmt.Sprintf("%v comes twice on this day, the clocks go back; the first is taken", e.Wanted)
	}
	return ""
}

func describe(c *protocol.CheckIn) string {
	switch {
	case c.Every.IsSet():
		return "every " + c.Every.String()
	case c.Before:
		return fmt.Sprintf("before the first dose, within %v", c.Within)
	}
	texts := make([]string, len(c.On))
	for i, w := range c.On {
		texts[i] = w.Text
	}
	return "on " + strings.Join(texts, ", ")
}

// PhaseNameIfDose returns the name of the phase of a dose event, and "" for others.
func (s *Schedule) PhaseNameIfDose(e *Event) string {
	if e.Kind != Dose {
		return ""
	}
	return s.PhaseName(e)
}
