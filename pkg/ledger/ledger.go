// Package ledger holds what happened in a course of treatment and what was decided about it, and
// folds it into the calendar as it stands.
//
// A course is one patient on one or several protocols, and a ledger: entries in the order in which
// they were written down, which are never edited. A fact says what happened, an order what a
// clinician decided from a day on, and a correction strikes an earlier entry, which stays readable.
// [Fold] takes the entries one by one into a state, and makes the calendar of it:
//
//	ledger.go   what a course and its entries are
//	fold.go     course → state, entry by entry    what counts, and the order of the fold
//	facts.go    a fact + state → state            what happened is always taken in
//	checkin.go  a check-in + state → state        what it decides, and when it may
//	orders.go   an order + state → state          tried on the calendar, and refused where it may not be
//	leg.go      a protocol of the course → its calendar
//	guard.go    before and after an order         what no order may do
//	complete.go an entry + calendar → entry       what it does not say and was planned
//	across.go   the limits of protocols that run beside each other
//	status.go   calendar + day → where the course stands
//	words.go    an entry in words, for people
//
// A fold never fails for what the ledger holds: an entry that cannot be carried out has no effect,
// and a finding says why. Whoever appends an entry looks at the findings that carry its number.
package ledger

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Course is one patient, the protocols of the start, and everything since.
type Course struct {
	ID        string
	Patient   *patient.Patient
	Treatment Treatment
	Alongside []Treatment // protocols that run beside it
	Settings  Settings
	Entries   []Entry // numbered from 1, in the order in which they were written down
	Range     diag.Range
}

// A Treatment is a protocol with the choices made in it.
type Treatment struct {
	Protocol  Pin
	Start     civil.Date
	Tier      string
	Route     string
	Frequency map[string]string // by phase
	Phase     string            // the phase to begin at; "" for the first
	Range     diag.Range
}

// whole is the treatment from its first phase on.
func (t Treatment) whole() *Treatment {
	t.Phase = ""
	return &t
}

// A Pin names a protocol as it was when it was chosen.
type Pin struct {
	ID, Version, SHA256 string
	Range               diag.Range
}

// Settings are those of the calendar, in the words of the command line.
type Settings struct {
	Closed       []string
	ClosedPolicy string
	DoseTime     civil.OptionalClock
	CheckInTime  civil.OptionalClock
	Hours        []string
	Prefer       []string
}

// An Entry is one line of the ledger.
type Entry struct {
	Number   int        // from 1
	On       civil.Date // the day that it is about: of a fact, that on which it happened; of an order, that from which it holds
	Entered  civil.Date // the day on which it was written down
	By       string     // who says so
	Why      string
	Of       string // the id of the protocol that it is about, where several run; "" for the one that runs then
	Replaces int    // the number of the entry whose place it takes; 0 for none
	Act      Act
	Range    diag.Range
}

// An Act is what an entry says. The types of this file are all there are.
type Act interface{ act() }

// A Given says that a dose was given, on the day of the entry.
type Given struct {
	Dose   schedule.DoseName   // the number 0 for one beside the plan
	At     civil.OptionalClock // the planned time unless set
	Amount quantity.Amount     // the planned amount unless set
	Via    string              // the route; the planned one where it is ""
}

// A Missed says that a dose was not given, on the day on which it was planned, or that a check-in did
// not take place.
type Missed struct {
	Dose  schedule.DoseName // or the name of a check-in, and its number
	Again civil.Date        // the day on which it is planned again, where the protocol plans it again; the zero Date for the next
}

// A CheckedIn says that a check-in took place.
type CheckedIn struct {
	Name     string
	Number   int // the number 0 for one that was not planned: it decides nothing
	At       civil.OptionalClock
	Where    string // where it was done, if elsewhere
	Decision string // "confirm", "decline", "met" or ""
	Amount   quantity.Amount
	Results  []Result
}

// A Result is what was measured.
type Result struct{ Measure, Value string }

// A Measured says what the patient weighs, and what else was measured.
type Measured struct {
	Weight  quantity.Amount // unset where only others were measured
	Results []Result
}

// A Found says that the patient has a condition or takes a medicine, or no longer does.
type Found struct {
	What     string
	Medicine bool
	Ended    bool
}

// A Noted is an observation or an adverse event, in words.
type Noted struct {
	Adverse bool
	Text    string
}

// A Supplied says what became of a fill.
type Supplied struct {
	Number      int
	What        string // "sent", "received" or "lost"
	Medicine    string // "" where the protocol has one
	Doses       int    // of what was sent; 0 for as planned
	Amount      quantity.Amount
	First, Last civil.Date // the days that it is for
}

// A SetTier orders another tier.
type SetTier struct{ Tier string }

// A SetDose orders another amount in phases.
type SetDose struct{ Amounts map[string]quantity.Amount }

// A SetFrequency orders another frequency in phases.
type SetFrequency struct{ Frequencies map[string]string }

// A SetTimes orders other clock times of the doses of a day in phases.
type SetTimes struct{ Times map[string][]civil.Clock }

// A SetRoute orders another route.
type SetRoute struct{ Route string }

// A Skip leaves a dose out on purpose.
type Skip struct{ Dose schedule.DoseName }

// A Move puts one dose or one check-in on another day or time.
type Move struct {
	Of     string // the phase, or the check-in
	Number int
	To     civil.Date
	At     civil.OptionalClock
}

// A Delay puts a dose on a later day, and all that comes after it as many days later.
type Delay struct {
	Dose schedule.DoseName
	To   civil.Date
}

// An Away says on which days the patient is away.
type Away struct{ First, Last civil.Date }

// A Postpone moves the start of a protocol of which no dose was given.
type Postpone struct{ Start civil.Date }

// A Hold holds doses from the day of the entry on.
type Hold struct{}

// A Resume gives doses again from the day of the entry on.
type Resume struct{}

// A Stop ends a protocol, or the whole course: nothing is planned from the day of the entry on.
type Stop struct {
	Protocol string // the id of the one that ends; "" for all
	Taper    Taper
}

// A Switch goes over to another protocol on the day of the entry, which ends the present one.
type Switch struct {
	Treatment Treatment
	After     schedule.Occurrence // the check-in that coordinates it
	LastDay   civil.Date          // of the present protocol; the zero Date for the day before
	Taper     Taper
}

// An Add begins a protocol on the day of the entry, beside the present one.
type Add struct{ Treatment Treatment }

// A Restart begins a protocol of the course again on the day of the entry.
type Restart struct {
	Protocol string // its id
	Phase    string // the phase to begin at; "" for the first
	Tier     string // the tier to begin with; "" for that of its first start
}

// An Accept follows a protocol as it is now.
type Accept struct{ Pin Pin }

// A Strike takes entries back, from the number First to the number Last.
type Strike struct{ First, Last int }

func (*Given) act()        {}
func (*Missed) act()       {}
func (*CheckedIn) act()    {}
func (*Measured) act()     {}
func (*Found) act()        {}
func (*Noted) act()        {}
func (*Supplied) act()     {}
func (*SetTier) act()      {}
func (*SetDose) act()      {}
func (*SetFrequency) act() {}
func (*SetTimes) act()     {}
func (*SetRoute) act()     {}
func (*Skip) act()         {}
func (*Move) act()         {}
func (*Delay) act()        {}
func (*Away) act()         {}
func (*Postpone) act()     {}
func (*Hold) act()         {}
func (*Resume) act()       {}
func (*Stop) act()         {}
func (*Switch) act()       {}
func (*Add) act()          {}
func (*Restart) act()      {}
func (*Accept) act()       {}
func (*Strike) act()       {}

// A Taper is the falling doses with which a protocol ends.
type Taper struct {
	From  civil.Date        // the zero Date for the day on which the entry was written down
	Every civil.Period      // how long each of Doses holds
	Doses []quantity.Amount // one after the other; none for no taper
	Phase string            // the phases of whose medicine; "" where the protocol has one medicine
}

// Fact reports whether an entry says what happened, and not what was decided.
func (e *Entry) Fact() bool {
	switch e.Act.(type) {
	case *Given, *Missed, *CheckedIn, *Measured, *Found, *Noted, *Supplied:
		return true
	}
	return false
}

// Corrects reports whether an entry can stand in the place of another: both say what became of a dose, or
// both are about a check-in, a weight, a condition, a fill or a remark, or both are orders.
func (e *Entry) Corrects(o *Entry) bool {
	kind := func(a Act) int {
		switch a.(type) {
		case *Given, *Missed, *Skip:
			return 1
		case *CheckedIn:
			return 2
		case *Measured:
			return 3
		case *Found:
			return 4
		case *Noted:
			return 5
		case *Supplied:
			return 6
		case *Strike:
			return 7
		}
		return 0
	}
	return kind(e.Act) == kind(o.Act)
}

// reason says whose order it was and why, for derivations.
func (e *Entry) reason() string {
	text := fmt.Sprintf("%v, %s", e.On, e.By)
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text
}
