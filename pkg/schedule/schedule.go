package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/limit"
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

// A Fit says why an event does not stand at its usual clock time, or at all.
type Fit uint8

// The values of Fit.
const (
	Usual       Fit = iota
	InsideHours     // the usual time lies outside the clinic's hours
	BeforeDose      // the usual time lies after the dose that the check-in decides about
	LeftOut         // a clinician ordered that the dose be left out: it is held
)

// None is the index of nothing, in the fields of Event.
const None = -1

// An Event is one line of a calendar.
type Event struct {
	At     int64 // seconds after the Unix epoch
	Offset int32 // of the patient's clocks then, in seconds east of UTC
	Date   civil.Date
	Target civil.Date // the planned date, before any move off a closed day
	Day    int32      // of the course, counted as the protocol counts
	Clock  civil.Clock
	Wanted civil.Clock
	Number int32 // of a dose within its phase, or of a check-in among those of its name
	Run    int32 // of a dose: which run of its phase it belongs to, from 1
	Was    int32 // of a check-in that took place and decides nothing any more: the number that it had
	Dose   int32 // of doses: an index into Schedule.Doses
	Of     int32 // of observations: the index of the dose event
	Fill   int32 // of supply: an index into Schedule.Fills
	After  int32 // of observations: minutes after that dose
	Raise  int32 // of check-ins: the first of the steps it decides on, in Schedule.Raises
	Raised int16 // and how many there are
	Phase  int16 // an index into the protocol's phases, or None
	Rule   int16 // of check-ins and observations: an index into Schedule.CheckIns
	Slot   int16 // which dose of its day, from 0; None for a rule on elapsed time
	Kind   Kind
	Status Status
	Shift  civil.Shift // what a change of the clocks did to the time
	Fit    Fit
	Waits  Waits
}

// A Wait is the occurrence of a check-in that has to let an event through. The zero Wait is none.
type Wait struct {
	rule   int16 // the index of the check-in, and one more
	Number int32 // of the occurrence, among those of the check-in
}

func waitFor(rule, number int) Wait { return Wait{int16(rule) + 1, int32(number)} }

// Lets returns the wait of what a check-in event decides about.
func (e *Event) Lets() Wait { return waitFor(int(e.Rule), int(e.Number)) }

// CheckIn returns the index of the check-in in [Schedule.CheckIns].
func (w Wait) CheckIn() int { return int(w.rule) - 1 }

// Waits are the occurrences of check-ins that have to let an event through and have not: it waits for each of them. Of a
// held event it is the one that declined it, and none where something else holds it.
type Waits [protocol.MaxGates + 1]Wait

// List returns them, those that are none left out.
func (w *Waits) List() []Wait {
	n := 0
	for n < len(w) && w[n] != (Wait{}) {
		n++
	}
	return w[:n]
}

// Any reports whether there is one.
func (w *Waits) Any() bool { return w[0] != (Wait{}) }

// hold holds a dose for another reason than what a check-in decided.
func (e *Event) hold() { e.Status, e.Waits = Held, Waits{} }

// Visit returns the check-in that a wait is for, or nil where it is not on the calendar.
func (s *Schedule) Visit(w Wait) *Event { return visit(s.Events, w) }

func visit(events []Event, w Wait) *Event {
	for i := range events {
		if e := &events[i]; e.Kind == CheckIn && e.Lets() == w {
			return e
		}
	}
	return nil
}

// GivesWay reports whether e stands on the day of another dose, which was taken, and was not taken itself:
// where the two break a limit together, it is e that is held.
func (e *Event) GivesWay(taken *Event) bool {
	return e.Date == taken.Date && e.Status <= Provisional
}

// Time returns the instant of e in the patient's time zone.
func (e *Event) Time() time.Time {
	return time.Unix(e.At, 0).In(time.FixedZone("", int(e.Offset)))
}

// Counts reports whether a dose is or may yet be given.
func (e *Event) Counts() bool { return e.Status != Missed && e.Status != Held }

// OffDay reports whether a dose or a check-in that has still to come does not stand on its own day.
func (e *Event) OffDay() bool {
	return e.Date != e.Target && (e.Kind == Dose || e.Kind == CheckIn) && e.Status <= Provisional
}

// A Raise is a possible step of a titration. It is no part of the calendar until a
// check-in confirms it.
type Raise struct {
	Phase   int
	part    int // the stretch in which the check-in lies
	regimen *regimen
}

// A DoseInfo is one amount that doses of a schedule have.
type DoseInfo struct {
	dose.Dose
	Medication *protocol.Medication
	Route      *protocol.Route
	Tier       string        // "" where the dose is not a tier's
	Made       dispense.Made // what units make it up; empty where the protocol does not say
}

// A Schedule is the calendar of one patient. Events are in order of time; those of one
// instant are check-ins, then doses, then observations, then fills.
type Schedule struct {
	Protocol *protocol.Protocol
	Patient  *patient.Patient
	Zone     civil.Zone
	Start    civil.Date // day 1, whether or not a dose falls on it
	Tier     string
	Route    string         // "" where every phase has its own
	Steps    map[string]int // by phase: how many steps of its titration were confirmed before the start
	Events   []Event
	Doses    []DoseInfo
	Needed   []Needed // what may be taken as needed
	Fills    []Fill
	Raises   []Raise
	Phases   []PhaseInfo
	CheckIns []protocol.CheckIn // the protocol's, and the reassessment that a limit asks for
	Findings diag.List          // warnings and notes: every document shows them
	Notes    []Note
	Confirm  []eligibility.Question // what the patient's file does not answer
	Until    civil.Date
	Stop     civil.Date // of a course: nothing is planned from this day on; the zero Date where it goes on
	Seen     civil.Date // of a course: the day as of which it is told; what was planned before it, and is not written down as given, is not to be given any more
	Decided  []Decision // of a course: what check-ins decided
	Results  []Result   // of a course: what was measured at them
	Override []Override
	Reined   int // doses of a lived course that are held, since they would break a limit
}

// A PhaseInfo says how a phase came out.
type PhaseInfo struct {
	Phase     *protocol.Phase
	Frequency protocol.Choice
	Day1      civil.Date // from which its days are counted; the zero Date if it is not reached
	First     civil.Date // the target of its first dose; the zero Date if none is shown
	End       civil.Date // the date from which the next phase could run
	Open      bool       // whether it goes on past the horizon
	Doses     int        // how many doses are shown
	Total     quantity.Amount
}

// A Note is a sentence about the schedule as a whole.
type Note struct {
	Form   string // the English sentence, with a verb of package fmt for each operand
	Args   []any
	Course bool // what the protocol wants done in the course, which a patient's page says in words of its own
}

// String returns the note in words.
func (n Note) String() string {
	if len(n.Args) == 0 {
		return n.Form
	}
	return fmt.Sprintf(n.Form, n.Args...)
}

// An Override lets a broken limit through, by name and with a reason.
type Override struct {
	Limit  limit.Key
	Reason string
	Broken string // what was broken, if anything
}

// A DoseName names a dose of a protocol.
type DoseName struct {
	Phase  string
	Number int
}

func (n DoseName) String() string { return fmt.Sprintf("%s %d", n.Phase, n.Number) }

// DoseName returns the name of a dose event.
func (s *Schedule) DoseName(e *Event) DoseName { return DoseName{s.PhaseName(e), int(e.Number)} }

// Dose returns the dose of a dose event.
func (s *Schedule) Dose(e *Event) *DoseInfo { return &s.Doses[e.Dose] }

// Hold holds a dose that was to be given: it, and what is observed of it, is held, and its phase comes to less.
func (s *Schedule) Hold(e *Event) {
	if !e.Counts() {
		return
	}
	e.Status = Held
	for i := range s.Events {
		if o := &s.Events[i]; o.Kind == Observation && &s.Events[o.Of] == e {
			o.Status = Held
		}
	}
	s.Phases = slices.Clone(s.Phases)
	ph := &s.Phases[e.Phase]
	ph.Doses, ph.Total = ph.Doses-1, ph.Total.Sub(s.Dose(e).Amount)
}

// RaisesOf returns the steps of a titration that a check-in decides on.
func (s *Schedule) RaisesOf(e *Event) []Raise { return s.Raises[e.Raise : e.Raise+int32(e.Raised)] }

// PhaseName returns the name of an event's phase, or "".
func (s *Schedule) PhaseName(e *Event) string {
	if e.Phase == None {
		return ""
	}
	return s.Protocol.Phases[e.Phase].Name
}

// Window returns by how many days a planned dose or check-in may be moved.
func (s *Schedule) Window(e *Event) (w protocol.Window) {
	switch {
	case e.Status > Provisional:
	case e.Kind == Dose:
		w = s.Protocol.Phases[e.Phase].Window(int(e.Number))
	case e.Kind == CheckIn:
		w = s.CheckIn(e).Window
	}
	return w
}

// Between returns the first and the last day to which a planned dose or check-in may be moved by its window; ok is false
// where it stays on its day.
func (s *Schedule) Between(e *Event) (first, last civil.Date, ok bool) {
	w := s.Window(e)
	return e.Target.AddDays(-w.Before), e.Target.AddDays(w.After), w != (protocol.Window{})
}

// PhaseNameIfDose returns the name of the phase of a dose event, and "" for others.
func (s *Schedule) PhaseNameIfDose(e *Event) string {
	if e.Kind != Dose {
		return ""
	}
	return s.PhaseName(e)
}

// Site returns where on the body a dose is given, or "".
func (s *Schedule) Site(e *Event) string {
	if e.Kind != Dose || e.Number < 1 {
		return ""
	}
	if sites := s.Phases[e.Phase].Phase.Sites; len(sites) > 0 {
		return sites[(int(e.Number)-1)%len(sites)]
	}
	return ""
}

// CheckIn returns the rule of a check-in or observation.
func (s *Schedule) CheckIn(e *Event) *protocol.CheckIn { return &s.CheckIns[e.Rule] }

// GateName returns the check-ins that e waits for as "consent and labs 2": each by its name, and by the number of the
// occurrence where it comes several times; or "".
func (s *Schedule) GateName(e *Event) string {
	name := ""
	for k, w := range e.Waits.List() {
		if k > 0 {
			name += " and "
		}
		name += s.WaitName(w)
	}
	return name
}

// WaitName returns an occurrence of a check-in by its name, and by its number where it comes several times.
func (s *Schedule) WaitName(w Wait) string {
	c := &s.CheckIns[w.CheckIn()]
	if c.Every.IsSet() || len(c.On) > 1 {
		return c.Name + " " + strconv.Itoa(int(w.Number))
	}
	return c.Name
}

// Gates returns the names of the check-ins that e waits for.
func (s *Schedule) Gates(e *Event) (names []string) {
	for _, w := range e.Waits.List() {
		names = append(names, s.CheckIns[w.CheckIn()].Name)
	}
	return names
}

// Decision returns what a check-in decided about the doses that wait for it: "confirmed", "declined",
// "criterion met", or "" where it decided nothing.
func (s *Schedule) Decision(e *Event) string {
	if e.Kind != CheckIn || e.Status != Taken {
		return ""
	}
	name, said := s.CheckIn(e).Name, ""
	for i := range s.Decided {
		switch d := &s.Decided[i]; {
		case d.Name != name || d.Date != e.Date || e.Number > 0 && d.Number != int(e.Number):
			continue
		case d.Declined:
			said = "declined"
		case d.Met:
			said = "criterion met"
		default:
			said = "confirmed"
		}
		if e.Number == 0 {
			break // of two on one day the first, in whose place the other was held
		}
	}
	return said
}

// Requirements returns what must be so for a dose event.
func (s *Schedule) Requirements(e *Event) []string {
	var list []string
	s.required(e, func(r *protocol.Requirement) { list = append(list, r.Texts...) })
	return list
}

// RequirementValues returns what Requirements says, as data.
func (s *Schedule) RequirementValues(e *Event) []protocol.RequirementValue {
	var list []protocol.RequirementValue
	s.required(e, func(r *protocol.Requirement) { list = append(list, r.Values...) })
	return list
}

func (s *Schedule) required(e *Event, each func(*protocol.Requirement)) {
	for i := range s.Protocol.Requirements {
		r := &s.Protocol.Requirements[i]
		if r.Phase != "" && r.Phase != s.PhaseName(e) || r.First && s.firstDose() != e {
			continue
		}
		each(r)
	}
}

// firstDose is the first that is or may yet be given: what must be so for it is so for no dose that was missed.
func (s *Schedule) firstDose() *Event {
	if i := s.FirstDose(); i != None {
		return &s.Events[i]
	}
	return nil
}

// FirstDose returns the index of the first dose that is or may yet be given, or None.
func (s *Schedule) FirstDose() int32 {
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == Dose && e.Counts() {
			return int32(i)
		}
	}
	return None
}

// Week returns the week of the course of e: week 1 is its first seven days. Events before
// the start are in week 0.
func (s *Schedule) Week(e *Event) int {
	d := e.Date.Sub(s.Start)
	if d < 0 {
		return 0
	}
	return d/7 + 1
}
