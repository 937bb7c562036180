// Package jsondoc writes a schedule as JSON: a documented, versioned format with a JSON
// Schema (2020-12), which [Schema] returns. Amounts are decimal strings, instants are
// RFC 3339 with the offset of the patient's clocks.
package jsondoc

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
)

// Format is the version of the format. Keys may be added within a version; a change of
// meaning raises it.
const Format = 1

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of the format.
func Schema() []byte { return bytes.Clone(schema) }

// A Document is a schedule as JSON.
type Document struct {
	Format    int           `json:"format"`
	Protocol  Protocol      `json:"protocol"`
	Patient   Patient       `json:"patient"`
	Generator Generator     `json:"generator"`
	Parts     []Part        `json:"parts,omitempty"`
	Findings  []Finding     `json:"findings"`
	Events    []Event       `json:"events"`
	Explained []Explanation `json:"explained,omitempty"` // in lines alone
	Summary   Summary       `json:"summary"`
	AsNeeded  []AsNeeded    `json:"as_needed,omitempty"`
	Limits    []Limit       `json:"limits,omitempty"` // of the protocol, each beside the worst of the calendar; not in lines
	Notes     []string      `json:"notes"`
	Confirm   []string      `json:"confirm"`
	Overrides []Override    `json:"overrides"`
}

// A Limit is a limit of a protocol beside the worst of the doses that count.
type Limit struct {
	Part       int     `json:"part,omitempty"` // of a document of several
	Limit      string  `json:"limit"`
	Medication string  `json:"medication"`
	Written    string  `json:"written"`
	Allowed    *Amount `json:"allowed,omitempty"` // of a limit on an amount, for this patient
	Worst      *Amount `json:"worst,omitempty"`   // of a limit on an amount
	At         string  `json:"at"`                // the worst in words, with the doses that make it
	Broken     bool    `json:"broken"`
}

// A Part is one of several calendars of a document: that of a protocol which the patient follows.
type Part struct {
	Part     int      `json:"part"`
	Protocol Protocol `json:"protocol"`
	Start    string   `json:"start"`
	Tier     string   `json:"tier,omitempty"`
	Route    string   `json:"route,omitempty"`
	Heading  string   `json:"heading,omitempty"`
}

// AsNeeded is what may be taken as needed: it has no events.
type AsNeeded struct {
	Name         string        `json:"name"`
	Reason       string        `json:"reason"`
	Medication   string        `json:"medication"`
	RxNorm       string        `json:"rxnorm,omitempty"`
	Route        string        `json:"route"`
	Form         string        `json:"form,omitempty"`
	Dose         Amount        `json:"dose"`
	Over         int           `json:"over_minutes,omitempty"`
	Volume       string        `json:"volume_ml,omitempty"`
	Dispense     *Dispense     `json:"dispense,omitempty"`
	Apart        int           `json:"apart_minutes"`
	AtMost       []Budget      `json:"at_most"`
	Requirements []string      `json:"requirements,omitempty"` // each time
	Begins       string        `json:"begins,omitempty"`       // of a course: the day from which it may be taken, where that is still to come
	Held         *HeldFrom     `json:"held,omitempty"`         // of a course: when nothing of it is taken
	Ends         string        `json:"ends,omitempty"`         // of a course that ends: from this day on nothing of it is taken
	Taken        []TakenNeeded `json:"taken,omitempty"`        // of a course, in order of time
}

// HeldFrom says from which day on nothing is taken, and which is the last such day, where that is known.
type HeldFrom struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}

// A TakenNeeded is a dose that was taken as needed.
type TakenNeeded struct {
	Start string `json:"start"`
	Date  string `json:"date"`
	Time  string `json:"time"`
	Dose  Amount `json:"dose"`
}

// A Budget is the most of any stretch of elapsed time, as doses of that amount.
type Budget struct {
	Doses  int     `json:"doses"`            // that it leaves room for, with the other budgets of the same time
	Amount *Amount `json:"amount,omitempty"` // of a budget that is one
	Within int     `json:"within_minutes"`
}

// A Finding is something that a reader of the calendar must know.
type Finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Help     string `json:"help,omitempty"`
}

// FindingOf returns a finding as JSON has it.
func FindingOf(f view.Finding) Finding { return Finding{f.Code, f.Severity, f.Text, f.Help} }

// A Protocol identifies the protocol.
type Protocol struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Version string   `json:"version"`
	SHA256  string   `json:"sha256"`
	Status  string   `json:"status"`
	Model   string   `json:"model"`
	Setting string   `json:"setting"`
	Extends []Base   `json:"extends,omitempty"`
	Sources []string `json:"sources"`
}

// A Base is a protocol that another extends.
type Base struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// A Patient is the parameters that the calculation used.
type Patient struct {
	ID           string            `json:"id,omitempty"`
	Weight       *Amount           `json:"weight,omitempty"`
	Height       *Amount           `json:"height,omitempty"`
	Measurements map[string]Amount `json:"measurements,omitempty"` // by name
	Dates        map[string]string `json:"dates,omitempty"`        // by name: 2026-07-01, or 2026-07-01 09:00
	BirthDate    string            `json:"birth_date,omitempty"`
	Age          *int              `json:"age,omitempty"`
	AgeMonths    *int              `json:"age_months,omitempty"` // of those under two years
	Sex          string            `json:"sex,omitempty"`
	Start        string            `json:"start"`
	TimeZone     string            `json:"time_zone"`
	Tier         string            `json:"tier,omitempty"`
	Route        string            `json:"route,omitempty"`
}

// An Amount is a decimal string and its unit.
type Amount struct {
	Amount string `json:"amount"`
	Unit   string `json:"unit"`
}

// A Generator says what made the document.
type Generator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	TZData  string `json:"tzdata"`
}

// An Event is one line of the calendar.
type Event struct {
	Part  int    `json:"part,omitempty"` // the number of its part, where there are several
	Kind  string `json:"kind"`
	Start string `json:"start"`
	Date  string `json:"date"`
	Time  string `json:"time"`
	Day   int    `json:"day"`
	Week  int    `json:"week"`
	What
	Explanation
}

// What is what an event is, but for when it is.
type What struct {
	Phase      string   `json:"phase,omitempty"`
	Name       string   `json:"name"`
	Number     int      `json:"number"`
	Status     string   `json:"status"`
	Gate       string   `json:"gate,omitempty"`
	WaitsFor   []Wait   `json:"waits_for,omitempty"`
	Target     string   `json:"target,omitempty"`
	Window     *Window  `json:"window,omitempty"`
	Unrecorded bool     `json:"unrecorded,omitempty"`
	LeftOut    bool     `json:"left_out,omitempty"` // of what is held: it is not to come any more
	Dose       *Dose    `json:"dose,omitempty"`
	Site       string   `json:"site,omitempty"`
	Supply     *Supply  `json:"supply,omitempty"`
	Decides    []string `json:"decides,omitempty"`
	Decision   string   `json:"decision,omitempty"`
	OfDose     int      `json:"of_dose,omitempty"`
	Minutes    *int     `json:"minutes_after_dose,omitempty"`
}

// A Window says by how many days a planned event may be moved off its target.
type Window struct {
	Before int `json:"before"`
	After  int `json:"after"`
}

// A Wait is the occurrence of a check-in that has to let an event through, or that declined it.
type Wait struct {
	CheckIn string `json:"check_in"`
	Number  int    `json:"number"`
	Date    string `json:"date,omitempty"` // on which it stands; "" where it does not on this calendar
}

// waits returns what an event waits for.
func waits(s *schedule.Schedule, e *schedule.Event) (list []Wait) {
	for _, w := range e.Waits.List() {
		out := Wait{CheckIn: s.CheckIns[w.CheckIn()].Name, Number: int(w.Number)}
		if x := s.Visit(w); x != nil {
			out.Date = x.Date.String()
		}
		list = append(list, out)
	}
	return list
}

// An Explanation says how an event takes place, what must be so for it, and how it came about.
type Explanation struct {
	Title        string   `json:"title,omitempty"`
	Mode         string   `json:"mode,omitempty"`
	Measure      []string `json:"measure,omitempty"`
	Requirements []string `json:"requirements,omitempty"`
	Derivation   []Step   `json:"derivation"`
}

// A Brief is an event as a line of its own.
type Brief struct {
	Kind  string `json:"kind"`
	Start string `json:"start"`
	Day   int    `json:"day"`
	What
	Explained int `json:"explained"` // an index into Document.Explained: what it says is told of the first that has it
}

// A Dose is what is given.
type Dose struct {
	Amount     string `json:"amount"`
	Unit       string `json:"unit"`
	VolumeML   string `json:"volume_ml,omitempty"`
	Medication string `json:"medication"`
	RxNorm     string `json:"rxnorm,omitempty"`
	Route      string `json:"route"`
	Form       string `json:"form,omitempty"`
	Over       int    `json:"over_minutes,omitempty"`
	Tier       string `json:"tier,omitempty"`

	Dispense *Dispense `json:"dispense,omitempty"`
}

// A Dispense is what makes a dose up: units of strengths that the protocol names.
type Dispense struct {
	Text  string  `json:"text"`
	Units []Units `json:"units"`
	Rest  *Amount `json:"left_over,omitempty"` // of a unit that is divided or drawn from
}

// Units are some units of one strength; Count is a decimal, as 2.25.
type Units struct {
	Count    string `json:"count"`
	Strength string `json:"strength"`
	Unit     string `json:"unit"`
}

func dispenseOf(s *schedule.Schedule, e *schedule.Event) *Dispense {
	if e.Kind == schedule.Supply {
		return madeUp(view.Dispense(s, e), &s.Fill(e).Made)
	}
	return madeUp(view.Dispense(s, e), &s.Dose(e).Made)
}

// madeUp is what makes an amount up, with its words; nil for nothing.
func madeUp(text string, made *dispense.Made) *Dispense {
	if len(made.Pieces) == 0 {
		return nil
	}
	out := &Dispense{Text: text}
	for _, p := range made.Pieces {
		count := quantity.New(int64(p.Whole*p.Parts+p.Part), int64(p.Parts), quantity.None)
		out.Units = append(out.Units, Units{count.Decimal(), p.Strength.Decimal(), p.Strength.Unit().String()})
	}
	if made.Rest.Sign() > 0 {
		out.Rest = amount(made.Rest)
	}
	return out
}

// A Supply is what one fill holds.
type Supply struct {
	Amount     string `json:"amount"`
	Unit       string `json:"unit"`
	Doses      int    `json:"doses"`
	Medication string `json:"medication"`
	Route      string `json:"route"`
	First      string `json:"first"`
	Last       string `json:"last"`
	Complete   bool   `json:"complete"`

	Dispense *Dispense `json:"dispense,omitempty"` // the whole units that its doses take
}

// A Step is one step of a derivation.
type Step struct {
	Text string `json:"text"`
	Rule string `json:"rule,omitempty"`
}

// A Summary adds up the calendar.
type Summary struct {
	Doses        int     `json:"doses"`
	CheckIns     int     `json:"check_ins"`
	Observations int     `json:"observations"`
	Phases       []Phase `json:"phases"`
}

// A Phase is one phase in numbers.
type Phase struct {
	Name      string  `json:"name"`
	Frequency string  `json:"frequency"`
	First     string  `json:"first,omitempty"`
	Doses     int     `json:"doses"`
	Total     *Amount `json:"total,omitempty"`
	Open      bool    `json:"open"`
	UntilMet  string  `json:"until_met,omitempty"`  // the check-in whose criterion ends it sooner
	Given     *Sum    `json:"given,omitempty"`      // of a course: what of it was given,
	Unwritten *Sum    `json:"unrecorded,omitempty"` // and what was planned for days that are over and is not recorded
}

// A Sum is some doses together.
type Sum struct {
	Doses int     `json:"doses"`
	Total *Amount `json:"total,omitempty"`
}

// An Override is a limit that was let through.
type Override struct {
	Limit  string `json:"limit"`
	Reason string `json:"reason"`
	Broken string `json:"broken"`
}

func asNeeded(n *schedule.Needed, taken []schedule.NeededEvent) AsNeeded {
	d := &n.Dose
	out := AsNeeded{Name: n.Rule.Rule.Name, Reason: n.Rule.Reason, Medication: d.Medication.Name, RxNorm: d.Medication.RxNorm, Route: d.Route.Name, Form: d.Route.Form, Requirements: n.Requires,
		Dose: *amount(d.Amount), Dispense: madeUp(view.MadeOf(d.Route, &d.Made), &d.Made), Apart: int(limit.Elapsed(n.Rule.Apart) / time.Minute)}
	for _, b := range n.Rule.AtMost {
		out.AtMost = append(out.AtMost, Budget{n.Rule.Most(d.Amount, limit.Elapsed(b.Within)), amount(b.Total), int(limit.Elapsed(b.Within) / time.Minute)})
	}
	if d.Volume.IsSet() {
		out.Volume = d.Volume.Decimal()
	}
	over, _ := d.Route.Over.Elapsed()
	out.Over = int(over / time.Minute)
	if !n.Begins.IsZero() {
		out.Begins = n.Begins.String()
	}
	if h := n.Held; h != nil {
		out.Held = &HeldFrom{From: h.From.String()}
		if !h.Until.IsZero() {
			out.Held.To = h.Until.AddDays(-1).String()
		}
	}
	if !n.Ends.IsZero() {
		out.Ends = n.Ends.String()
	}
	for i := range taken {
		if e := &taken[i]; e.Of == n {
			out.Taken = append(out.Taken, TakenNeeded{e.Time().Format(time.RFC3339), e.Date.String(), e.Clock.String(), *amount(e.Amount)})
		}
	}
	return out
}

func amount(a quantity.Amount) *Amount {
	if !a.IsSet() {
		return nil
	}
	return &Amount{a.Decimal(), a.Unit().String()}
}

// New returns the document of a schedule as values, for programs that go on with them. Write
// writes the same without making them.
func New(s *schedule.Schedule, g view.Generator) *Document {
	d := header(s, g)
	d.Events = make([]Event, len(s.Events))
	for i := range s.Events {
		d.Events[i] = event(s, &s.Events[i])
	}
	return d
}

func header(s *schedule.Schedule, g view.Generator) *Document {
	p := s.Protocol
	d := &Document{
		Format: Format,
		Protocol: Protocol{ID: p.ID, Title: p.Title, Version: p.Version, SHA256: p.Origin.SHA256, Status: string(p.Status),
			Model: string(p.Model), Setting: string(p.Setting), Sources: append([]string{}, view.Sources(p)...)},
		Patient: Patient{ID: s.Patient.ID, Weight: amount(s.Patient.Weight), Height: amount(s.Patient.Height), BirthDate: s.Patient.BirthDate.String(),
			Sex: string(s.Patient.Sex), Start: s.Patient.Start.String(), TimeZone: s.Zone.String(), Tier: s.Tier, Route: s.Route},
		Generator: Generator{g.Name, g.Version, civil.TZData},
		Findings:  []Finding{}, Events: []Event{},
		Summary: Summary{Doses: view.Count(s, schedule.Dose), CheckIns: view.Count(s, schedule.CheckIn), Observations: view.Count(s, schedule.Observation), Phases: []Phase{}},
		Notes:   []string{}, Confirm: view.Questions(s), Overrides: []Override{},
	}
	for _, m := range s.Patient.Measured {
		if d.Patient.Measurements == nil {
			d.Patient.Measurements = map[string]Amount{}
		}
		d.Patient.Measurements[m.Name] = Amount{m.Value.Number.Decimal(), m.Value.Unit}
	}
	for _, x := range s.Patient.Dates {
		if d.Patient.Dates == nil {
			d.Patient.Dates = map[string]string{}
		}
		d.Patient.Dates[x.Name] = x.String()
	}
	for _, b := range p.Origin.Extends {
		d.Protocol.Extends = append(d.Protocol.Extends, Base(b))
	}
	if age, exact, ok := s.Patient.Age(s.Patient.Start); ok {
		years := age.Years()
		if d.Patient.Age = &years; exact && age < civil.Years(2) {
			months := int(age)
			d.Patient.AgeMonths = &months
		}
	}
	for i := range s.Phases {
		ph := &s.Phases[i]
		out := Phase{Name: ph.Phase.Name, Frequency: ph.Frequency.Text, First: ph.First.String(), Doses: ph.Doses, Open: ph.Open, UntilMet: ph.Phase.Course.Met}
		if ph.Doses > 0 {
			out.Total = amount(ph.Total)
		}
		if given, unwritten, told := s.Told(i); told {
			out.Given, out.Unwritten = sum(given), sum(unwritten)
		}
		d.Summary.Phases = append(d.Summary.Phases, out)
	}
	for _, f := range view.Findings(s) {
		d.Findings = append(d.Findings, FindingOf(f))
	}
	taken := s.TakenAsNeeded()
	for i := range s.Needed {
		d.AsNeeded = append(d.AsNeeded, asNeeded(&s.Needed[i], taken))
	}
	for _, l := range view.LimitsOf(s) {
		d.Limits = append(d.Limits, Limit{Limit: string(l.Name), Medication: l.Medication, Written: l.Written, Allowed: amount(l.Allowed), Worst: amount(l.Worst), At: l.WorstText, Broken: l.Broken})
	}
	for _, n := range s.Notes {
		d.Notes = append(d.Notes, view.Note(n))
	}
	for _, o := range s.Override {
		d.Overrides = append(d.Overrides, Override{string(o.Limit), o.Reason, o.Broken})
	}
	return d
}

func event(s *schedule.Schedule, e *schedule.Event) Event {
	out := Event{
		Kind: e.Kind.String(), Start: e.Time().Format(time.RFC3339), Date: e.Date.String(), Time: e.Clock.String(),
		Day: int(e.Day), Week: s.Week(e), What: What{Phase: s.PhaseName(e), Number: int(e.Number), Status: e.Status.String(), Gate: strings.Join(s.Gates(e), " and "), WaitsFor: waits(s, e)},
		Explanation: Explanation{Derivation: []Step{}},
	}
	if e.Date != e.Target {
		out.Target = e.Target.String()
	}
	if w := s.Window(e); w != (protocol.Window{}) {
		out.Window = &Window{w.Before, w.After}
	}
	out.Unrecorded = s.Unwritten(e)
	out.LeftOut = e.Status == schedule.Held && e.Fit == schedule.LeftOut
	if e.Kind == schedule.Dose {
		d := s.Dose(e)
		out.Name = "dose"
		out.Dose = &Dose{Amount: d.Amount.Decimal(), Unit: d.Amount.Unit().String(), Medication: d.Medication.Name, RxNorm: d.Medication.RxNorm, Route: d.Route.Name, Form: d.Route.Form, Tier: d.Tier}
		if over, ok := d.Route.Over.Elapsed(); ok {
			out.Dose.Over = int(over / time.Minute)
		}
		if d.Volume.IsSet() {
			out.Dose.VolumeML = d.Volume.Decimal()
		}
		out.Dose.Dispense = dispenseOf(s, e)
		out.Site = s.Site(e)
		out.Requirements = s.Requirements(e)
	} else if e.Kind == schedule.Supply {
		f := s.Fill(e)
		out.Name = "fill"
		out.Supply = &Supply{f.Total.Decimal(), f.Total.Unit().String(), f.Doses, f.Medication.Name, f.Route.Name, f.First.String(), f.Last.String(), !f.Cut, dispenseOf(s, e)}
	} else {
		c := s.CheckIn(e)
		out.Name, out.Title, out.Mode, out.Measure, out.Decides = c.Name, c.Title, string(c.Mode), c.Measure, view.Decides(s, e)
		out.Decision = s.Decision(e)
		if e.Kind == schedule.Observation {
			minutes := int(e.After)
			out.OfDose, out.Minutes = int(s.Events[e.Of].Number), &minutes
		}
	}
	for _, step := range s.Derivation(e) {
		out.Derivation = append(out.Derivation, Step{step.String(), step.Rule.String()})
	}
	return out
}

// A Line is one line of the line-by-line form: first one without an event, which holds all
// but the events, then one for each event.
type Line struct {
	Schedule *Document `json:"schedule,omitempty"`
	Patient  string    `json:"patient,omitempty"` // the id, beside every event
	Event    *Brief    `json:"event,omitempty"`
}

// Read reads a document that Write wrote. It refuses another version of the format and keys
// that it does not know.
func Read(r io.Reader) (*Document, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var d Document
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("not a schedule document: %w", err)
	}
	if d.Format != Format {
		return nil, fmt.Errorf("format %d of the schedule document is not known; this reads %d", d.Format, Format)
	}
	return &d, nil
}

func sum(u schedule.Sum) *Sum {
	if u.Doses == 0 {
		return &Sum{}
	}
	return &Sum{u.Doses, amount(u.Total)}
}
