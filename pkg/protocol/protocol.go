// Package protocol holds the protocol language: what a protocol can say, and how a YAML
// file is read into it and checked.
//
// [Decode] turns a file into a [Protocol], with every finding at its line and column. A
// Protocol knows nothing of a patient and nothing of a calendar year; package schedule
// applies it to both. The keys of the language are listed by [Reference], from the same
// tables that read them.
package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// Language is the version of the language that this package reads.
const Language = "1"

// A Status says whether the figures of a protocol are published.
type Status string

// The values of Status.
const (
	Published Status = "published" // every figure has a cited source
	Template  Status = "template"  // illustrative figures, for a clinic to replace
	Local     Status = "local"     // figures of a clinic's own, which answers for them
)

// A Model is the clinical model that a protocol follows.
type Model string

// The values of Model.
const (
	Intensive Model = "intensive" // a front-loaded short course
	LowDose   Model = "low-dose"  // daily or near-daily, open-ended
	Microdose Model = "microdose" // sub-perceptual
	Other     Model = "other"
)

// A Setting is where doses are given.
type Setting string

// The values of Setting.
const (
	Clinic Setting = "clinic"
	Home   Setting = "home"
)

// A Protocol is one treatment's definition.
type Protocol struct {
	ID, Title, Version string
	Status             Status
	Model              Model
	Setting            Setting
	CountFrom          int // the number of the first day: 1, 0, or a negative number
	ShortMonths        civil.ShortMonth
	Surface            body.Surface

	Medications      []Medication
	Population       Population
	Measurements     []Measurement
	Dates            []Date
	Tiers            []Tier // from the lowest to the highest
	DefaultTier      string // "" where the clinician must choose
	DefaultRoute     string
	Phases           []Phase
	AsNeeded         []AsNeeded
	CheckIns         []CheckIn
	Requirements     []Requirement
	Contraindication []Contraindication
	Missed           Missed
	StopsClock       bool         // a hold moves what it leaves out
	RestartAfter     civil.Period // the longest from one dose to the next where doses were left out between; after more the course starts again; unset for never
	Supply           Supply
	Evidence         []Evidence
	Notes            []string
	Examples         []Example // the file's own, and not those of a protocol that it extends

	Origin   Origin
	Extended *Protocol    // the protocol that it extends, whole; nil for none, and where that has errors
	Range    diag.Range   // of the file's `id`
	Tree     *source.Node // what was read, with the protocols that it extends

	chosen bool           // its phases are those of patients who have all of them
	days   map[string]int // of On: how long after the start its dates lie
}

// An Origin identifies the text that a protocol was read from.
type Origin struct {
	File    string
	SHA256  string // of the file's bytes, in lower-case hexadecimal
	Extends []Base // the protocols it extends, nearest first
}

// Fingerprint is a SHA-256 of all the text that the protocol comes from: its own, and where it
// extends others, theirs.
func (o *Origin) Fingerprint() string {
	if len(o.Extends) == 0 {
		return o.SHA256
	}
	h := sha256.New()
	h.Write([]byte(o.SHA256))
	for _, b := range o.Extends {
		h.Write([]byte(b.SHA256))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Base is a protocol that another extends.
type Base struct {
	ID, Version, SHA256 string
}

// Supply says how the medicine reaches the patient.
type Supply struct {
	Fill  civil.Period // how long one fill lasts; unset where the protocol says nothing of supply
	Lead  civil.Period // how long before its first dose a fill is sent; unset for on the day
	Range diag.Range
}

// Through returns the day by which the doses of a fill that is sent on a day are over; the day
// itself where the protocol says nothing of supply.
func (s *Supply) Through(d civil.Date) civil.Date {
	if s.Fill.IsSet() {
		d = s.Fill.From(d, 1)
	}
	if s.Lead.IsSet() {
		d = s.Lead.From(d, 1)
	}
	return d
}

// A MissedRule says what becomes of the doses after a missed one.
type MissedRule uint8

// The rules. A protocol that states none leaves it to the clinician.
const (
	NoRule MissedRule = iota
	Skip              // the rest stays where it is
	Shift             // the dose and the rest are planned again
	Extend            // the rest stays, and a dose is appended to the phase
)

// Missed is the rule for missed doses.
type Missed struct {
	Within civil.Period // how late a dose may still be given; unset for not at all
	Then   MissedRule
	Range  diag.Range
}

// A Medication is one medicine of a protocol.
type Medication struct {
	Name         string
	RxNorm       string // the ingredient's RxNorm concept identifier
	Schedule     string // the controlled-substance schedule, such as "us-c3"
	Routes       []Route
	Limits       Limits
	Range        diag.Range
	DefaultRoute string
}

// Route returns the route of a name.
func (m *Medication) Route(name string) (*Route, bool) {
	i := slices.IndexFunc(m.Routes, func(r Route) bool { return r.Name == name })
	if i < 0 {
		return nil, false
	}
	return &m.Routes[i], true
}

// A Route is a way in which a medicine is given.
type Route struct {
	Name            string // a word of RouteNames
	Form            string // the formulation: "troche", "spray"
	Strengths       []quantity.Amount
	Divides         string          // how one unit divides, in the words of the language; "" where it is not stated
	Concentration   quantity.Amount // mg/mL, if stated
	Bioavailability quantity.Amount // a percentage, if stated
	Onset, Duration civil.Period
	Over            civil.Period // how long giving one dose takes
	Round           *quantity.Rounding
	Range           diag.Range
}

// A Population says whom a protocol is meant for. Age is a bare number of completed months.
type Population struct {
	Age, Weight, Height, BMI, Surface grammar.Bounded
	Sex                               string // female, male, or "" for both
	SexAt                             diag.Range
	Terms                             []*Contraindication // conditions that decide which phases a patient has
	Present, Absent                   []string            // of a part of a population: those that its patients have, and do not have
}

// A Tier is a named dose level. Doses has its dose by each route; where the tier has one
// dose for every route, it is under "".
type Tier struct {
	Name  string
	Doses map[string]Dose
	Range diag.Range
}

// Dose returns the dose of the tier by a route.
func (t *Tier) Dose(route string) (Dose, bool) {
	if d, ok := t.Doses[route]; ok {
		return d, true
	}
	d, ok := t.Doses[""]
	return d, ok
}

// Tier returns the tier of a name.
func (p *Protocol) Tier(name string) (*Tier, bool) {
	i := slices.IndexFunc(p.Tiers, func(t Tier) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &p.Tiers[i], true
}

// Phase returns the phase of a name.
func (p *Protocol) Phase(name string) (*Phase, bool) {
	i := slices.IndexFunc(p.Phases, func(ph Phase) bool { return ph.Name == name })
	if i < 0 {
		return nil, false
	}
	return &p.Phases[i], true
}

// CheckIn returns the check-in of a name.
func (p *Protocol) CheckIn(name string) (*CheckIn, bool) {
	i := slices.IndexFunc(p.CheckIns, func(c CheckIn) bool { return c.Name == name })
	if i < 0 {
		return nil, false
	}
	return &p.CheckIns[i], true
}

// A Phase is a stretch of the course with one medicine and one dosing rule.
type Phase struct {
	Name        string
	Title       string
	For         *Subset // the patients who have it; nil for all
	Medication  int     // an index into the protocol's Medications
	Route       string  // "" where the patient's route is used
	Dose        Dose    // nil only if the phase could not be decoded
	Frequencies []Choice
	Times       []Time
	TimesOn     []DayTimes // other times on some days of the week; none where Times hold on all
	Course      Course
	Starts      When
	Repeat      int // how many times the phase runs; 1 or more
	Rest        civil.Period
	GoesOn      bool             // each run goes on with the days, doses and steps of the one before, and does not begin again
	Windows     []NumberedWindow // from the first dose on; none where no dose may be moved
	Over        civil.Period     // how long giving one dose takes in the phase; unset where the route says it
	OverAt      diag.Range
	Sites       []string // where on the body, in turn: the first for dose 1; none where nothing says it
	Titration   *Titration
	Range       diag.Range
}

// Offered returns the index in Frequencies of a frequency, in the words of the file or in others that mean the same;
// -1 where the phase does not offer it.
func (ph *Phase) Offered(text string) int {
	i := slices.IndexFunc(ph.Frequencies, func(c Choice) bool { return c.Text == text })
	if i < 0 && text != "" {
		if f, _, err := frequency.Parse(text); err == nil {
			i = slices.IndexFunc(ph.Frequencies, func(c Choice) bool { return c.Frequency.String() == f.String() })
		}
	}
	return i
}

// A DayTimes are the times of some days of the week.
type DayTimes struct {
	Days  [7]bool
	Times []Time // as many as the phase's Times
	Range diag.Range
}

// TimesOf returns the times of a phase with one of its frequencies: its own, or those that the frequency says in words, as “in
// the morning and at bedtime”; none where the settings say them.
func (ph *Phase) TimesOf(f frequency.Frequency) []Time {
	if len(ph.Times) > 0 {
		return ph.Times
	}
	at := f.At()
	if len(at) == 0 {
		return nil
	}
	return slices.DeleteFunc(TimeNames(), func(t Time) bool { return !slices.Contains(at, t.Name) })
}

// hasTime reports whether a phase has a dose at a time, with one of its frequencies.
func (ph *Phase) hasTime(t Time) bool {
	return slices.ContainsFunc(ph.Frequencies, func(c Choice) bool { return slices.Contains(ph.TimesOf(c.Frequency), t) })
}

// TimesFor returns the times of a phase on a day of the week.
func (ph *Phase) TimesFor(day time.Weekday) []Time {
	for _, t := range ph.TimesOn {
		if t.Days[day] {
			return t.Times
		}
	}
	return ph.Times
}

// A Choice is one frequency that a phase offers. The first of a phase is its default.
type Choice struct {
	Text      string // as written in the file
	Frequency frequency.Frequency
	Range     diag.Range
}

// A Time is a time of day: a clock time, a name that the settings give a clock time to, or some minutes before or
// after a name.
type Time struct {
	Name    string // "" for a clock time
	Clock   civil.Clock
	Minutes int // after the named time; before it where negative
}

// maxFromName bounds how far from a named time of day, in minutes, a time may lie.
const maxFromName = 6 * 60

// On returns the clock time that t stands for where names have clock times of their own; Clock where they do not
// have this one. It is false where that falls on another day.
func (t Time) On(named map[string]civil.Clock) (civil.Clock, bool) {
	c := t.Clock
	if own, ok := named[t.Name]; ok && t.Name != "" {
		c = own + civil.Clock(t.Minutes)
	}
	return c, c >= 0 && c < 24*60
}

// timeNames are the names of times of day, with the clock times they stand for unless
// settings say otherwise.
var timeNames = []Time{
	{Name: "morning", Clock: civil.MustClock("08:00")}, {Name: "noon", Clock: civil.MustClock("12:00")},
	{Name: "afternoon", Clock: civil.MustClock("14:00")}, {Name: "evening", Clock: civil.MustClock("20:00")},
	{Name: "bedtime", Clock: civil.MustClock("22:00")},
	{Name: "breakfast", Clock: civil.MustClock("08:00")}, {Name: "lunch", Clock: civil.MustClock("12:00")}, {Name: "dinner", Clock: civil.MustClock("18:00")},
}

// TimeNames returns the named times of day and their usual clock times.
func TimeNames() []Time { return slices.Clone(timeNames) }

func (t Time) String() string {
	switch {
	case t.Name == "":
		return t.Clock.String()
	case t.Minutes < 0:
		return fmt.Sprintf("%d minutes before %s", -t.Minutes, t.Name)
	case t.Minutes > 0:
		return fmt.Sprintf("%d minutes after %s", t.Minutes, t.Name)
	}
	return t.Name
}

// A Course says how long a phase lasts: until the first of its bounds that is reached. A
// Course without a bound is open-ended.
type Course struct {
	Doses    int
	Duration civil.Period // in days or longer on the calendar; in minutes or hours from the first dose
	Cycles   int
	Until    When            // the last day, a date of the patient's file or some days from one; the zero When for none
	Total    quantity.Amount // an amount or a rate that the doses of the medicine come to, in the phase and in those before it; unset for none
	Lifetime bool            // what the patient received before counts towards Total
	LastStep bool            // it ends when the last step of its dose has lasted as long as the others; Doses or Duration say so too
	Met      string          // the check-in whose criterion, once met, ends the phase; "" for none
	Range    diag.Range
}

// Open reports whether c is open-ended.
func (c Course) Open() bool {
	return c.Doses == 0 && !c.Duration.IsSet() && c.Cycles == 0 && c.Until.Anchor == NoAnchor && !c.Total.IsSet()
}

// Totals reports whether a total ends some phase.
func (p *Protocol) Totals() bool {
	return slices.ContainsFunc(p.Phases, func(ph Phase) bool { return ph.Course.Total.IsSet() })
}

// Dated reports whether c has a length in days or longer, or a last day, with which it ends.
func (c Course) Dated() bool {
	if c.Until.Anchor != NoAnchor {
		return !c.Timed()
	}
	_, _, ok := c.Duration.Calendar()
	return ok
}

// Timed reports whether c ends at a time that is counted in hours from a date of the patient's file.
func (c Course) Timed() bool {
	_, hours := c.Until.Offset.Elapsed()
	return hours && c.Until.At.IsSet()
}

// A Window says by how many days an event may be moved from its target day.
type Window struct {
	Before, After int
}

// String returns the window as a file writes it: "±1 day", "-1 to +3 days".
func (w Window) String() string {
	switch {
	case w.Before == w.After:
		return "±" + civil.Plural(w.After, "day")
	case w.Before == 0:
		return "+" + civil.Plural(w.After, "day")
	case w.After == 0:
		return "-" + civil.Plural(w.Before, "day")
	}
	return fmt.Sprintf("-%d to +%d days", w.Before, w.After)
}

// A NumberedWindow is the window of the doses of a phase from a number on.
type NumberedWindow struct {
	From int
	Window
}

// Window returns by how many days the dose of a number may be moved. Numbers are those by which doses are named,
// which go on through repeats.
func (ph *Phase) Window(number int) (w Window) {
	for _, x := range ph.Windows {
		if x.From <= number {
			w = x.Window
		}
	}
	return w
}

// Movable reports whether some dose of the phase may be moved.
func (ph *Phase) Movable() bool {
	return slices.ContainsFunc(ph.Windows, func(w NumberedWindow) bool { return w.Window != Window{} })
}

// A Basis is what a dose is multiplied by.
type Basis uint8

// The bases.
const (
	Fixed      Basis = iota
	PerWeight        // per kg of the weight that WeightRule names
	PerSurface       // per m2 of body surface
)

// A WeightKind is one way to take a patient's weight.
type WeightKind uint8

// The kinds of weight. Ideal and Adjusted are Devine's (1974): see package patient.
const (
	Actual WeightKind = iota
	Ideal
	Adjusted // no more than the actual weight, unless the file says so
	Lower    // the lower of actual and ideal weight
)

func (k WeightKind) String() string {
	return [...]string{"actual", "ideal", "adjusted", "lower of actual and ideal"}[k]
}

// A WeightRule says which weight a dose per kg uses: Kind, or Above from a body mass index on, or
// from a share of the ideal weight on.
type WeightRule struct {
	Kind      WeightKind
	FromBMI   quantity.Amount // a bare number in kg/m²; unset where no index changes the kind
	FromIdeal quantity.Amount // a percentage, 100 % or more; unset where no share changes the kind
	Strictly  bool            // the share itself is still weighed by Kind
	Above     WeightKind
	Raises    bool // an adjusted weight may lie above the actual one
}

// Changes reports whether patients of the rule are not all weighed in the same way.
func (r WeightRule) Changes() bool { return r.FromBMI.IsSet() || r.FromIdeal.IsSet() }

// A Dose is a rule for the amount of one dose. It is one of *Amount, *ByCase, *Stepped, *Measured,
// TierDose, TitrationDose and, as a case by a value of the patient, NotGiven.
type Dose interface{ dose() }

// An Amount is a fixed amount or a rate.
type Amount struct {
	Quantity quantity.Amount // mg, mg/kg or mg/m2 (or another unit of the medicine)
	Weight   WeightRule
	Min, Max quantity.Amount    // amounts, or rates of the same weight and surface
	Top      quantity.Amount    // of steps that rise: the highest that they may reach, which rounding never passes
	Round    *quantity.Rounding // nil where the route's rounding applies, if it has one
	Over     civil.Period       // how long giving it takes; unset where the phase or the route says it
	Stated   quantity.Amount    // what is given in each PerTime of Over, whose Quantity is the whole; unset where the whole is stated
	PerTime  int                // minutes: 60 for a dose per hour, 1 for one per minute, and 0 for neither
	Divided  *Division          // of a total of several doses, with its bounds; nil for one dose
	Range    diag.Range
}

// A Division says that an amount is a total, which is divided among the doses of its time.
type Division struct {
	Week   bool // the total of each week, and not of each day
	Larger *Time
	Range  diag.Range
}

// Among returns how many doses of a frequency a total is divided among. ok is false where the frequency does
// not say it.
func (v *Division) Among(f frequency.Frequency) (n int, ok bool) {
	if v.Week {
		return f.InAWeek()
	}
	return f.InADay()
}

func (v *Division) String() string {
	if v.Week {
		return "a week"
	}
	return "a day"
}

// Hourly says an amount per hour or per minute: "18 units/kg/h".
func Hourly(q quantity.Amount, perTime int) string {
	if perTime == 1 {
		return q.String() + "/min"
	}
	return q.String() + "/h"
}

// RoundedBy returns how the amount is rounded by a route, by its own rule or else the route's; nil for not at all.
func (a *Amount) RoundedBy(route *Route) *quantity.Rounding {
	if a.Round != nil {
		return a.Round
	}
	return route.Round
}

// Part returns one of n equal doses of a total, with its share of the bounds.
func (a *Amount) Part(n int) *Amount {
	part := *a
	part.Divided = nil
	for _, q := range []*quantity.Amount{&part.Quantity, &part.Min, &part.Max} {
		if q.IsSet() {
			*q = q.Times(1, int64(n))
		}
	}
	return &part
}

// Basis returns what the amount is multiplied by.
func (a *Amount) Basis() Basis { return BasisOf(a.Quantity) }

// Rates returns what of the amount and its bounds is a rate.
func (a *Amount) Rates() (list []quantity.Amount) {
	for _, q := range []quantity.Amount{a.Quantity, a.Min, a.Max, a.Top} {
		if q.IsSet() && BasisOf(q) != Fixed {
			list = append(list, q)
		}
	}
	return list
}

// BasisOf returns what an amount or rate is multiplied by.
func BasisOf(q quantity.Amount) Basis {
	switch q.Unit().Per() {
	case quantity.PerKilogram:
		return PerWeight
	case quantity.PerSquareMetre:
		return PerSurface
	}
	return Fixed
}

// A By is what the cases of a ByCase are told apart by.
type By uint8

// The ways to tell cases apart. The first group is known once the patient is; the second
// differs from dose to dose.
const (
	ByRoute By = iota
	ByTier
	ByAge
	ByWeight
	BySurface
	ByMeasurement
	ByFrequency

	ByDoseNumber
	ByDay
	ByWeek
	ByWeekday
	ByTime
	ByCycleDay
)

var byKeys = [...]string{"by route", "by tier", "by age", "by weight", "by body surface", "by measurement", "by frequency", "by dose", "by day", "by week", "by weekday", "by time", "by day of cycle"}

func (b By) String() string { return byKeys[b] }

// Fixed reports whether the case is known once the patient, tier and route are.
func (b By) Fixed() bool { return b <= ByFrequency }

// Banded reports whether cases are bands of a value of the patient.
func (b By) Banded() bool { return b == ByAge || b == ByWeight || b == BySurface || b == ByMeasurement }

// A ByCase is a dose that depends on something. For values of the patient and for counts, a
// case holds from its From until the next one's; a value under the first, or past To, has no
// dose. Days and weeks count within the phase.
type ByCase struct {
	By       By
	Of       string // of ByMeasurement: the measurement
	Cases    []Case
	To       quantity.Amount // where the last case ends; unset for nowhere
	ToWithin bool            // To itself belongs to it
	Range    diag.Range
}

// Plain returns what stands behind a dose: of `tier`, the doses of the tiers as cases, by route where they are; of any
// other, itself. Whoever asks what a dose follows from asks this.
func (p *Protocol) Plain(d Dose) Dose {
	if _, ok := d.(TierDose); !ok {
		return d
	}
	all := &ByCase{By: ByTier}
	for i := range p.Tiers {
		t := &p.Tiers[i]
		dose, alike := t.Doses[""]
		if !alike {
			routes := &ByCase{By: ByRoute, Range: t.Range}
			for _, name := range slices.Sorted(maps.Keys(t.Doses)) {
				routes.Cases = append(routes.Cases, Case{Names: []string{name}, Text: name, Dose: t.Doses[name], Range: t.Range})
			}
			dose = routes
		}
		all.Cases = append(all.Cases, Case{Names: []string{t.Name}, Text: t.Name, Dose: dose, Range: t.Range})
		all.Range = t.Range
	}
	return all
}

// Any reports whether something is so of a dose or of one of its cases, at any depth and in any tier.
func (p *Protocol) Any(d Dose, is func(Dose) bool) bool {
	d = p.Plain(d)
	if is(d) {
		return true
	}
	c, ok := d.(*ByCase)
	return ok && slices.ContainsFunc(c.Cases, func(k Case) bool { return p.Any(k.Dose, is) })
}

// Follows reports whether a dose, or one of its cases at any depth and in any tier, tells its cases apart by one of by.
func (p *Protocol) Follows(d Dose, by ...By) bool {
	return p.Any(d, func(d Dose) bool {
		c, ok := d.(*ByCase)
		return ok && slices.Contains(by, c.By)
	})
}

// A Case is one case of a ByCase.
type Case struct {
	Names    []string        // of ByRoute, ByTier and ByFrequency
	From     quantity.Amount // of ByAge (completed months), ByWeight (a mass), BySurface (an area), ByMeasurement (in its unit, bare) and the counts (bare); unset for no lower end
	Above    bool            // From itself does not belong to the case
	Text     string          // its key, as written
	Weekdays [7]bool         // of ByWeekday
	Other    bool            // of ByWeekday: every day that no other case names
	Time     Time            // of ByTime
	Dose     Dose
	Range    diag.Range
}

// A Stepped is a dose that rises or falls in equal steps, or by a percentage, until it
// reaches To.
type Stepped struct {
	Start   *Amount
	Change  quantity.Amount // in the unit of Start, or a percentage
	Falls   bool
	OfStart bool // a percentage is of the start, not of the present dose
	Every   civil.Period
	Doses   int             // steps every so many doses, where Every is not set
	To      quantity.Amount // in the unit of Start
	Range   diag.Range
}

// OfGiven reports whether each step is a share of the dose as given at the step before, so
// that what it comes to depends on the patient and on the rounding.
func (s *Stepped) OfGiven() bool { return s.Change.Unit() == quantity.Percent && !s.OfStart }

// Passes reports whether an amount lies at or past the last one, in the direction of the steps.
func (s *Stepped) Passes(a, last quantity.Amount) bool {
	if s.Falls {
		return a.Cmp(last) <= 0
	}
	return a.Cmp(last) >= 0
}

// NotGiven says that a patient of a case is not treated.
type NotGiven struct{ Range diag.Range }

// TierDose is the dose of the tier and route chosen for the patient.
type TierDose struct{}

// TitrationDose is the confirmed step of the phase's Titration.
type TitrationDose struct{}

func (*Amount) dose()       {}
func (*ByCase) dose()       {}
func (*Stepped) dose()      {}
func (TierDose) dose()      {}
func (NotGiven) dose()      {}
func (TitrationDose) dose() {}

// A Titration is a series of steps, each of which waits for a check-in to confirm it.
type Titration struct {
	Tiers     []string        // the steps, if they are tiers
	Amounts   []*Amount       // the steps, if they are amounts; of a Ranged one, the first and the highest
	Increase  grammar.Bounded // the least and the most that one step may add, if given so
	To        quantity.Amount
	Confirmed string // the name of the check-in
	Range     diag.Range
}

// Ranged reports whether the size of each step is for the clinician to choose, within Increase.
func (t *Titration) Ranged() bool {
	return t.Increase.IsSet() && t.Increase.Min.Cmp(t.Increase.Max) != 0
}

// An Anchor is a point of a course that days are counted from.
type Anchor uint8

// The anchors.
const (
	NoAnchor    Anchor = iota
	StartOf            // day 1 of the course or phase
	After              // where what follows the phase would begin
	EndOf              // the last day of the course or phase: of one of doses or hours, that of its last dose
	DoseN              // the dose of a number
	LastDose           // the last dose
	EachDose           // each dose of a phase
	DayN               // the day of a number
	WeekN              // the first day of the week of a number
	EndOfWeekN         // the last day of the week of a number
	MonthN             // the first day of the month of a number, counted from the first day
	EndOfMonthN        // the last day of that month
	OnDate             // a date that the patient's file gives
)

// StartsAfter returns the index of the phase from which the start of a phase is counted: the
// one that it names, or else the one before it. It is -1 where a phase starts with the course,
// or on a day of it.
func (p *Protocol) StartsAfter(i int) int {
	w := &p.Phases[i].Starts
	if w.Anchor == NoAnchor || w.Anchor == After && w.Phase == "" {
		return i - 1
	}
	return slices.IndexFunc(p.Phases, func(q Phase) bool { return q.Name == w.Phase })
}

// WhenMissed returns what becomes of a dose of a phase that was missed. Where the rest would be planned again, one that goes
// with a dose of another phase, or stands before a date of the patient's file, stays with that, and is left out.
func (p *Protocol) WhenMissed(phase int) MissedRule {
	if w := p.ByDate(phase); p.Missed.Then == Shift && (p.Phases[phase].Starts.Anchor == EachDose || w != nil && w.Before) {
		return Skip
	}
	return p.Missed.Then
}

// Succeeds reports whether a phase begins only after another has ended: after it, its end or its last dose, or after
// a phase that does.
func (p *Protocol) Succeeds(i, other int) bool {
	for range p.Phases { // as many as can stand on each other
		after := p.StartsAfter(i)
		switch w := &p.Phases[i].Starts; {
		case after < 0 || w.Before || w.Anchor != NoAnchor && w.Anchor != After && w.Anchor != EndOf && w.Anchor != LastDose:
			return false
		case after == other:
			return true
		}
		i = after
	}
	return false
}

// ByDate returns where the days of a phase stand by a date of the patient's file: its own start, or that of a phase that
// it follows; nil where they do not.
func (p *Protocol) ByDate(i int) (w *When) {
	for n := 0; i >= 0 && n <= len(p.Phases); i, n = p.StartsAfter(i), n+1 {
		if p.Phases[i].Starts.Named != "" {
			w = &p.Phases[i].Starts
		}
	}
	return w
}

// Followed reports whether a phase begins where another ends, or at a dose of it after the first.
func (p *Protocol) Followed(phase int) bool {
	for i := range p.Phases {
		w := &p.Phases[i].Starts
		first := w.Phase != "" && (w.Anchor == StartOf || w.Anchor == DoseN && w.N == 1)
		if i != phase && p.StartsAfter(i) == phase && !first {
			return true
		}
	}
	return false
}

// EndsAt returns the phase of a medicine that ends with a total and that all its others come before, so that nothing
// of the medicine is given past that total. ok is false where there is none.
func (p *Protocol) EndsAt(medication int) (phase int, ok bool) {
	for i := range p.Phases {
		if ph := &p.Phases[i]; ph.Medication == medication && ph.Course.Total.IsSet() && ph.Repeat <= 1 {
			last := true
			for k := range p.Phases {
				last = last && (k == i || p.Phases[k].Medication != medication || p.Succeeds(i, k))
			}
			if last {
				return i, true
			}
		}
	}
	return 0, false
}

// Beside reports whether a phase of several doses goes on beside another from a dose of it on, by the
// days of the other's rule.
func (ph *Phase) Beside() bool {
	return ph.Starts.Anchor == DoseN && !ph.Starts.Offset.IsSet() && ph.Course.Doses != 1
}

// CountsFrom returns the dose from which a phase is counted where that stands, and with which it moves: the
// phase and the number, -1 for the last, or 0 for each. ok is false where there is none.
func (p *Protocol) CountsFrom(i int) (phase, number int, ok bool) {
	ph := &p.Phases[i]
	phase = p.StartsAfter(i)
	if phase < 0 || ph.Beside() {
		return 0, 0, false
	}
	switch w := &ph.Starts; w.Anchor {
	case DoseN:
		return phase, w.N, true
	case LastDose:
		return phase, -1, true
	case EachDose:
		return phase, 0, true
	case EndOf:
		of := &p.Phases[phase]
		_, elapsed := of.Course.Duration.Elapsed()
		return phase, -1, of.Course.Doses > 0 || of.Course.Total.IsSet() || elapsed || finite(of)
	}
	return 0, 0, false
}

// MovesWith reports whether a phase moves where closed days move a dose: one that it is counted from, or with which a
// phase moves that it follows.
func (p *Protocol) MovesWith(i int) bool {
	for range p.Phases { // as many as can stand on each other
		if phase, number, ok := p.CountsFrom(i); ok {
			ph := &p.Phases[phase]
			if number > 0 && ph.Window(number) != (Window{}) || number <= 0 && ph.Movable() {
				return true
			}
			i = phase
			continue
		}
		if i = p.StartsAfter(i); i < 0 {
			return false
		}
	}
	return false
}

// FirstDay returns the number of the first day of a phase, from which its listed days and the
// cases of its doses are counted. A phase that begins with the course counts as the course
// does; any other begins with day 1.
func (p *Protocol) FirstDay(i int) int {
	for range p.Phases { // as many as can stand on each other
		w := &p.Phases[i].Starts
		switch {
		case w.Anchor == NoAnchor && i == 0:
			return p.CountFrom
		case w.Offset.IsSet() || w.First.Set || w.Anchor != StartOf && w.Anchor != DayN:
			return 1
		case w.Phase == "" && (w.Anchor == StartOf || w.N == p.CountFrom):
			return p.CountFrom
		case w.Phase == "" || w.Anchor == DayN:
			return 1
		}
		if i = p.StartsAfter(i); i < 0 {
			return 1
		}
	}
	return 1
}

// A When is a day of a course, or of one of its phases.
type When struct {
	Anchor Anchor
	N      int
	Phase  string              // "" for the whole course
	Named  string              // of OnDate: the date
	At     civil.OptionalClock // of what starts or ends with a date that has a time of day: that time
	Offset civil.Period        // unset for none
	Before bool                // the offset counts backwards
	First  FirstWeekday        // the day is the first such one from that on, or after it; unset for the day itself

	// FromEnd says that the file counts from the end of the dose that is named. The offset has what the dose takes in it.
	FromEnd bool
	Text    string
	Range   diag.Range
}

// Dated reports whether w is counted from days: the start, or a day or a week by its number.
func (w *When) Dated() bool {
	return w.Anchor == StartOf || w.Anchor == DayN || w.InWeeks()
}

// InWeeks reports whether w is counted in weeks or months, whose first begins with day 1.
func (w *When) InWeeks() bool {
	return w.Anchor == WeekN || w.Anchor == EndOfWeekN || w.InMonths()
}

// InMonths reports whether w is counted in months.
func (w *When) InMonths() bool { return w.Anchor == MonthN || w.Anchor == EndOfMonthN }

// A FirstWeekday is the first of a day of the week on a day or later, or after it.
type FirstWeekday struct {
	Set     bool
	Weekday time.Weekday
	After   bool // that day itself does not count
}

// from returns the first such day from another one on; that one itself, where nothing is set.
func (f FirstWeekday) from(day civil.Anchor) civil.Anchor {
	if !f.Set {
		return day
	}
	if f.After {
		day = day.AddDays(1)
	}
	return day.AddDays((int(f.Weekday-day.Date().Weekday()) + 7) % 7)
}

// On returns the day that w names, day N or week N, or the first weekday from there on, where day 1 of what it counts
// from has the number first; that day 1 for any other anchor. Its offset is left out.
func (w *When) On(day1 civil.Anchor, first int) civil.Anchor {
	return w.First.from(w.named(day1, first))
}

func (w *When) named(day1 civil.Anchor, first int) civil.Anchor {
	switch w.Anchor {
	case DayN:
		return day1.AddDays(w.N - first)
	case WeekN:
		return day1.AddDays(7 * (w.N - 1))
	case EndOfWeekN:
		return day1.AddDays(7*w.N - 1)
	case MonthN:
		return day1.Add(civil.Period{N: w.N - 1, Unit: civil.Month}, 1)
	case EndOfMonthN:
		return day1.Add(civil.Period{N: w.N, Unit: civil.Month}, 1).AddDays(-1)
	}
	return day1
}

// Sign returns 1, or -1 where the offset counts backwards.
func (w *When) Sign() int {
	if w.Before {
		return -1
	}
	return 1
}

// A Mode is how a check-in is held.
type Mode string

// The values of Mode.
const (
	Telehealth Mode = "telehealth"
	InPerson   Mode = "in person"
	Message    Mode = "message"
	Phone      Mode = "phone"
	Lab        Mode = "lab"
	SelfReport Mode = "self-report"
)

// A CheckIn is a contact or measurement tied to the calendar. Exactly one of On, Every,
// Before and Around is set.
type CheckIn struct {
	Name  string
	Title string
	For   *Subset // the patients who have it; nil for all
	On    []When
	// EachDose says that On has the doses of a phase one by one, as many as it can have.
	EachDose bool
	Every    civil.Period
	From     When // of Every: counted from here, or from day 1 of the course or of the phase
	OnFrom   bool // of Every: the first falls on From itself, and not one such length after it
	Until    When // of Every: runs to here, or to the end of the course
	Before   bool // before the first dose
	Within   civil.Period
	Around   []civil.Period // of an observation: elapsed times after each dose
	During   []string       // of Around and Every: the phases; none for all
	Window   Window
	Mode     Mode
	Measure  []string
	Time     *Time
	Gates    []Gate
	Passed   bool // of a protocol that is begun at a phase: it let that phase through before, at an occurrence that comes no more
	Range    diag.Range

	Criterion string // what is looked for, as the source says it; "" for none

	StopsIfOverdue bool // doses that wait for it stop once it is overdue
}

// Lengths returns how many times Every lie between From and the check-in of a number, from 1, of those that come so.
func (c *CheckIn) Lengths(number int) int {
	if c.OnFrom {
		return number - 1
	}
	return number
}

// A Gate is what a check-in decides about.
type Gate struct {
	Phase     string // "" for the first dose, and with it the whole course
	FirstDose bool
	Range     diag.Range
}

// A Requirement is what must be so for doses to be given.
type Requirement struct {
	Phase  string // "" for every phase
	First  bool   // only for the first dose
	Texts  []string
	Values []RequirementValue // what each of Texts says, as data
	Kinds  []string           // the keys that the texts come from
	Range  diag.Range
}

// A RequirementValue is one thing that must be so: the key of the language and its value, such as
// "no food for" and "2 hours".
type RequirementValue struct{ Kind, Value string }

// A Contraindication is a condition or medicine that speaks against the protocol.
type Contraindication struct {
	Term     string
	Also     []string // other words for the same thing
	Absolute bool
	Range    diag.Range
}

// An Evidence entry says where figures come from.
type Evidence struct {
	Cite, DOI, URL, Label, Note string
	For                         []string // of Parts
	Figures                     []string // as the source gives them
	Verify                      bool     // nobody has yet checked the figures against the source
	Range                       diag.Range
}

// A Rolling is a limit on the total within any stretch of time.
type Rolling struct {
	Within civil.Period
	Total  quantity.Amount // an amount, or a rate per kg or m2
	Range  diag.Range
}

// OnDays bounds the total on any so many days of the calendar, one after the other.
type OnDays struct {
	Days  int
	Total quantity.Amount // an amount, or a rate per kg or m2
	Range diag.Range
}

// Limits bound the doses of one medicine. Unset fields bound nothing.
type Limits struct {
	SingleDose []quantity.Amount // amounts and rates per kg and m2, all of which hold
	Rolling    []Rolling         // elapsed time
	OnDays     []OnDays          // days of the calendar
	Course     quantity.Amount   // the whole course
	CourseAt   diag.Range
	Lifetime   quantity.Amount // with what the patient received before
	LifetimeAt diag.Range
	Interval   time.Duration // elapsed time between the starts of two doses
	Apart      int           // days of the calendar from one dose to the next, where the interval is stated so
	Gaps       []Gap         // to doses of other medicines, before and after
	Doses      int
	Reassess   civil.Period // doses later than this after the start wait for a reassessment
	Range      diag.Range
	SingleAt   []diag.Range
	IntervalAt diag.Range
	DosesAt    diag.Range
	ReassessAt diag.Range
}

// Reassess returns the medicine that asks for a reassessment soonest, counted from a day; nil where none does.
func (p *Protocol) Reassess(day civil.Date) (m *Medication) {
	for i := range p.Medications {
		if n := &p.Medications[i]; n.Limits.Reassess.IsSet() && (m == nil || n.Limits.Reassess.From(day, 1).Before(m.Limits.Reassess.From(day, 1))) {
			m = n
		}
	}
	return m
}

// A Gap is the shortest elapsed time between a dose of one medicine and one of another, whichever comes first.
type Gap struct {
	Medication int // the other: an index into the protocol's Medications
	Name       string
	Least      time.Duration
	Range      diag.Range
}

// CountsLifetime reports whether a limit or the end of a phase counts all that a patient ever received of a medicine.
func (p *Protocol) CountsLifetime(medication int) bool {
	return p.Medications[medication].Limits.Lifetime.IsSet() || slices.ContainsFunc(p.Phases, func(ph Phase) bool { return ph.Medication == medication && ph.Course.Lifetime })
}

// Decides reports whether a check-in names a phase among what it decides about.
func (c *CheckIn) Decides(phase string) bool {
	return slices.ContainsFunc(c.Gates, func(g Gate) bool { return g.Phase == phase })
}

// MaxGates is how many check-ins may decide about one dose, besides a reassessment.
const MaxGates = 3

// Waits returns for each phase the indices of the check-ins that decide about its doses, all of which must confirm
// them: its own, or those of the phase from which its start is counted where it has none, and, for what is counted from
// no other phase, those that decide about the first dose of the course. Those are left out of which passed says that they
// let their doses through. first are those that decide about the first dose.
func (p *Protocol) Waits(passed func(checkIn int) bool) (list [][]int, first []int) {
	list = make([][]int, len(p.Phases))
	for k := range p.CheckIns {
		for _, g := range p.CheckIns[k].Gates {
			if g.FirstDose {
				first = append(first, k)
			}
			if i := slices.IndexFunc(p.Phases, func(ph Phase) bool { return ph.Name == g.Phase }); i >= 0 {
				list[i] = append(list[i], k)
			}
		}
	}
	own := slices.Clone(list)
	for i := range list {
		k := i // the phase whose check-ins decide
		for n := 0; len(own[k]) == 0 && p.StartsAfter(k) >= 0 && n <= len(p.Phases); n++ {
			k = p.StartsAfter(k)
		}
		list[i] = own[k]
		if p.StartsAfter(k) < 0 {
			list[i] = append(slices.Clip(own[k]), first...)
		}
	}
	for i := range list {
		list[i] = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(list[i]))), passed)
	}
	return list, slices.DeleteFunc(first, passed)
}

// Stops returns the phases of which no dose is given while a check-in is overdue that stops doses: those that wait for
// it, and those whose steps it confirms, or, where it decides about nothing, those during which it is held. some is false
// where that is all that the file gives.
func (p *Protocol) Stops(c *CheckIn) (phases []*Phase, some bool) {
	at := slices.IndexFunc(p.CheckIns, func(x CheckIn) bool { return x.Name == c.Name })
	waits, _ := p.Waits(func(int) bool { return false })
	decides := len(c.Gates) > 0 || slices.ContainsFunc(p.Phases, func(ph Phase) bool { return ph.Titration != nil && ph.Titration.Confirmed == c.Name })
	for i := range p.Phases {
		ph := &p.Phases[i]
		switch {
		case decides && (ph.Titration != nil && ph.Titration.Confirmed == c.Name || slices.Contains(waits[i], at)),
			!decides && (len(c.During) == 0 || slices.Contains(c.During, ph.Name)):
			phases = append(phases, ph)
		}
	}
	return phases, len(phases) < len(p.Phases)
}

// Apart returns the shortest time that the file keeps between doses of two medicines, whichever comes first, or 0.
func (p *Protocol) Apart(a, b int) (least time.Duration) {
	for _, pair := range [][2]int{{a, b}, {b, a}} {
		for _, g := range p.Medications[pair[0]].Limits.Gaps {
			if g.Medication == pair[1] {
				least = max(least, g.Least)
			}
		}
	}
	return least
}

// A Bound is a limit on an amount, as the file states it.
type Bound struct {
	Key    limit.Key
	Amount quantity.Amount // an amount, or a rate per kg or m2
	Range  diag.Range
}

// Bounds returns every limit on an amount that is set: those of a single dose first, then those of
// longer and longer stretches.
func (l *Limits) Bounds() []Bound {
	var list []Bound
	for i, a := range l.SingleDose {
		list = append(list, Bound{limit.KeySingle, a, l.SingleAt[i]})
	}
	for _, r := range l.OnDays {
		list = append(list, Bound{limit.KeyEach(r.Days), r.Total, r.Range})
	}
	for _, r := range l.Rolling {
		list = append(list, Bound{limit.KeyAny(r.Within), r.Total, r.Range})
	}
	list = append(list, Bound{limit.KeyCourse, l.Course, l.CourseAt}, Bound{limit.KeyLifetime, l.Lifetime, l.LifetimeAt})
	return slices.DeleteFunc(list, func(b Bound) bool { return !b.Amount.IsSet() })
}
