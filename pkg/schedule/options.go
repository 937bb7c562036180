package schedule

import (
	"fmt"
	"slices"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Options are the choices of a clinician and the settings of a calendar. The zero Options
// take the protocol's defaults.
type Options struct {
	Tier        string
	Route       string
	Frequencies []FrequencyChoice
	Times       []civil.Clock          // of the doses of a day, for phases with that many
	Named       map[string]civil.Clock // clock times for named times of day
	DoseTime    civil.OptionalClock    // of a single dose a day; 09:00 unless set
	CheckInTime civil.OptionalClock    // 09:00 unless set
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
	MaxEvents = 100_000 // doses and check-ins; what is watched around doses is not counted
	MaxYears  = 50      // how far after its start a course may reach
)

// The years in which courses start of which package proof says what cannot be broken. Clocks of before are not looked at,
// and those of after nobody knows.
const FirstYear, LastYear = 2026, 2076

// A Timeline is what happened to a course and what was decided about it since its calendar
// was made. The zero Timeline changes nothing. Package ledger makes it from entries.
//
// The calendar of a course that is lived is never refused for what happened: what was given
// against a rule is said, and what may still be given and would break one is held.
type Timeline struct {
	Lived    bool                        // whether the course is lived at all
	Now      civil.Date                  // the day on which it is told: what a check-in of the past may decide, it decides from then on
	Changes  []Change                    // in order of time
	Gaps     []Gap                       // in order of time
	Holds    []Hold                      // in order of time
	Facts    []Fact                      // what became of single doses
	Done     []Done                      // check-ins that took place
	NotHeld  []Occurrence                // check-ins that did not take place
	Earlier  map[string]Sum              // by medicine: what was given of it in the course before the start
	Treated  int                         // for how many days before the start the patient was treated without a reassessment: the first is counted from then
	Decided  []Decision                  // what check-ins decided about the doses that wait for them
	Appended map[string]int              // by phase: doses appended to its course
	Stop     civil.Date                  // nothing is planned from this day on
	Tapers   map[string]civil.Date       // by phase: from when its doses fall to the end, and no check-in raises them
	Waiting  []Waiting                   // check-ins that are overdue, and what waits for them
	Sent     []Sent                      // fills that were sent
	Moved    map[DoseName]civil.Moment   // doses that a clinician put on another day or time
	Visits   map[Occurrence]civil.Moment // check-ins that a clinician put on another day or time

	// JudgedFrom is the day from which what was given is held to the limits: what was given before it
	// was held to those of another text of the protocol.
	JudgedFrom civil.Date
}

// An Occurrence names a check-in: that of a number among those of its name, from 1.
type Occurrence struct {
	Name   string
	Number int
}

func (o Occurrence) String() string { return fmt.Sprintf("%s %d", o.Name, o.Number) }

// A Change holds from a day on, until another of its kind.
type Change struct {
	From      civil.Date
	Tier      string                     // "" for no change
	Route     string                     // of every phase whose medicine has it; "" for no change
	Weight    quantity.Amount            // unset for no change
	Measured  []patient.Measured         // all that is known from then on; nil for no change
	Step      map[string]int             // by phase: the confirmed step of a titration by amounts
	Amount    map[string]quantity.Amount // by phase: what a clinician set; an unset one lifts what was set before
	Frequency map[string]string          // by phase: one of those that it offers
	Times     map[string][]civil.Clock   // by phase: the clock times of the doses of a day
	Reason    string                     // what derivations say of it
	Tapers    bool                       // it is a step of the doses with which the course ends
	By        Occurrence                 // the check-in that confirmed it; the zero Occurrence for an order
}

// A Gap moves everything planned from a day on to later days, doses and check-ins.
type Gap struct {
	From civil.Date
	Days int
	Held bool // doses were held for so long
}

// A Hold is a stretch in which doses are not given. The calendar goes on behind it.
type Hold struct {
	From, Until civil.Date // Until is the first day after it; the zero Date for no end yet
	Reason      string     // why, in a clause; "" where a clinician holds them
	Help        string     // what can be done about it
}

// held returns the holds, those that are over and moved what they left out among them, in order of time.
func (t *Timeline) held() []Hold {
	holds := slices.Clone(t.Holds)
	for _, g := range t.Gaps {
		if g.Held {
			holds = append(holds, Hold{From: g.From, Until: g.From.AddDays(g.Days)})
		}
	}
	slices.SortStableFunc(holds, func(a, b Hold) int { return a.From.Compare(b.From) })
	return holds
}

// Covers reports whether doses of a day are held.
func (h Hold) Covers(d civil.Date) bool {
	return !d.Before(h.From) && (h.Until.IsZero() || d.Before(h.Until))
}

// A Fact is what became of one dose. What it states is never placed, moved or judged again.
type Fact struct {
	Phase  string
	Number int             // 0 for a dose that no plan knew
	Status Status          // Taken, Missed or Held
	Date   civil.Date      // on which it was taken, or missed; of one that is held the zero Date
	Clock  civil.Clock     // at which it was taken, or missed
	Amount quantity.Amount // that was taken, or missed
	Route  string          // by which a dose was taken, or missed; "" for the planned one
	Tier   string          // on which a dose was taken, or missed, of a dose by tiers; "" where nobody knows
	As     *protocol.Route // what a text before the present one said of the route: its form, and how long giving a dose took; nil for the present one
	Again  bool            // the dose was missed on Date, and is planned again on a later day
	Free   bool            // it was written down before doses of its day were held
}

// A Done is a check-in that took place.
type Done struct {
	Name   string
	Number int // among those of its name, from 1; 0 for one that no plan knew, or that decides nothing any more
	Was    int // of the latter: the number that it had
	Date   civil.Date
	Clock  civil.OptionalClock // the planned time unless set
}

// A Decision is what one occurrence of a check-in decided about the doses that wait for it.
type Decision struct {
	Name     string
	Number   int // among those of its name, from 1
	Declined bool
	Met      bool                // it found its criterion, and the phases end that last until then
	Date     civil.Date          // on which it took place
	At       civil.OptionalClock // and when, where that is known
}

// A Result is what was measured at one occurrence of a check-in.
type Result struct {
	Name           string
	Date           civil.Date // on which it took place
	Measure, Value string
}

// A Waiting is a check-in that is overdue, or took place late, and from when on doses wait for it, or waited.
type Waiting struct {
	Name  string
	From  civil.Date
	Until civil.Date // the day on which it took place; the zero Date where it has not
}

// Covers reports whether a day lies in the stretch.
func (w Waiting) Covers(day civil.Date) bool { return Hold{From: w.From, Until: w.Until}.Covers(day) }

// A Sent is a fill as it was when it was sent.
type Sent struct {
	Number   int
	Date     civil.Date
	Fill     Fill
	Received civil.Date // the day on which the patient had it; the zero Date where nobody wrote that down
	Lost     civil.Date // the day from which the patient has it no more; the zero Date for never
}

// SentFill returns the fill of a medicine and a number if it was sent, or nil.
func (t *Timeline) SentFill(medication string, number int) *Sent {
	i := slices.IndexFunc(t.Sent, func(s Sent) bool { return s.Number == number && s.Fill.Medication.Name == medication })
	if i < 0 {
		return nil
	}
	return &t.Sent[i]
}

// visitDay returns the day to which gaps move that of a check-in, which is counted from a day that they have moved already.
// One of fewer than no days brings forward what others have moved.
func visitDay(gaps []Gap, from, d civil.Date, weekdays bool) civil.Date {
	for _, g := range gaps {
		if g.From.Before(from) || d.Before(g.From) {
			continue
		}
		n := g.Days
		if weekdays && n > 0 {
			n = (n + 6) / 7 * 7
		}
		d = d.AddDays(n)
	}
	return d
}

// moved returns the day to which gaps move a planned day. Doses on days of the week keep them:
// they move by whole weeks.
func (t *Timeline) moved(d civil.Date, weekdays bool) civil.Date {
	for _, g := range t.Gaps {
		if d.Before(g.From) {
			break
		}
		n := g.Days
		if weekdays {
			n = (n + 6) / 7 * 7
		}
		d = d.AddDays(n)
	}
	return d
}
