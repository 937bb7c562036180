package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// A Row is one event as flat text, for tables and files. Empty fields do not apply.
type Row struct {
	Patient                                                                                   string
	Date, Time, Offset, Day, Week, Kind, Phase, Number, Name, Status, Gate                    string
	Medication, RxNorm, Amount, Unit, Volume, Over, Site, Route, Form, Strengths, Units, Tier string
	Title, Mode, Measure, Requirements, Decides, Contents, Derivation                         string
	Protocol, Version, ProtocolStatus, SHA256, Generator, Overrides, Part                     string
	Findings, Notes, Dispense, Earliest, Latest, Zone                                         string
}

// A Type is what the values of a column are, as Table Schema calls it.
type Type string

// The types of column.
const (
	TypeText    Type = "string"
	TypeInteger Type = "integer"
	TypeNumber  Type = "number"
	TypeDate    Type = "date"
	TypeTime    Type = "time"
)

// A Column is one column of a table of events.
type Column struct {
	Name  string
	Type  Type
	Doc   string // what it holds, in a sentence
	Field func(*Row) *string
}

// columns are those of a Row, in the order in which tables have them. New ones come last: programs
// that read the tables by number must not be misled.
var columns = []Column{
	{"patient", TypeText, "The patient's id, as stated.", func(r *Row) *string { return &r.Patient }},
	{"date", TypeDate, "The day, on the patient's clocks.", func(r *Row) *string { return &r.Date }},
	{"time", TypeTime, "The clock time, on the patient's clocks.", func(r *Row) *string { return &r.Time }},
	{"utc_offset", TypeText, "How far those clocks are from UTC then, as -05:00.", func(r *Row) *string { return &r.Offset }},
	{"day", TypeInteger, "The day of the course, counted as the protocol counts.", func(r *Row) *string { return &r.Day }},
	{"week", TypeInteger, "The week of the course: week 1 is its first seven days, and 0 what lies before.", func(r *Row) *string { return &r.Week }},
	{"kind", TypeText, "What the event is: dose, check-in, observation or supply; or none, on the one line of a calendar without an event, which holds what must be known of it.", func(r *Row) *string { return &r.Kind }},
	{"phase", TypeText, "The phase that it belongs to, or the name of what was taken as needed.", func(r *Row) *string { return &r.Phase }},
	{"number", TypeInteger, "Which dose of its phase it is, or which check-in of its name, or which fill.", func(r *Row) *string { return &r.Number }},
	{"name", TypeText, "The name of a check-in or observation in the protocol; else “dose”, “fill”, or “as needed” of a dose that was taken so.", func(r *Row) *string { return &r.Name }},
	{"status", TypeText, "Whether it stands: planned, provisional, taken, missed, held or left out; of a course also unrecorded, where its day is over and nothing is written down of it.", func(r *Row) *string { return &r.Status }},
	{"gate", TypeText, "The check-in that it waits for, or that declined it, by its name, and by its number where it comes several times; two are joined by “and”.", func(r *Row) *string { return &r.Gate }},
	{"medication", TypeText, "The medicine of a dose or fill.", func(r *Row) *string { return &r.Medication }},
	{"rxnorm", TypeText, "The RxNorm code of its ingredient, where the protocol states it.", func(r *Row) *string { return &r.RxNorm }},
	{"amount", TypeNumber, "The amount of a dose, or all that a fill holds, in the unit beside it.", func(r *Row) *string { return &r.Amount }},
	{"unit", TypeText, "The unit of the amount.", func(r *Row) *string { return &r.Unit }},
	{"volume_ml", TypeNumber, "The volume of a dose in mL, where the protocol states a concentration.", func(r *Row) *string { return &r.Volume }},
	{"site", TypeText, "Where on the body the dose is given, where the protocol says.", func(r *Row) *string { return &r.Site }},
	{"over_minutes", TypeInteger, "How long giving a dose takes, where the protocol says.", func(r *Row) *string { return &r.Over }},
	{"route", TypeText, "How it is given, in words.", func(r *Row) *string { return &r.Route }},
	{"form", TypeText, "The formulation, such as troche.", func(r *Row) *string { return &r.Form }},
	{"strengths", TypeText, "The strengths that there are, joined by “; ”.", func(r *Row) *string { return &r.Strengths }},
	{"units", TypeNumber, "How many of the one strength that there is the amount comes to; empty where there are several.", func(r *Row) *string { return &r.Units }},
	{"tier", TypeText, "The tier of the dose.", func(r *Row) *string { return &r.Tier }},
	{"title", TypeText, "What the protocol calls a check-in in words.", func(r *Row) *string { return &r.Title }},
	{"mode", TypeText, "How a check-in is held: in person, telehealth, phone, message or lab.", func(r *Row) *string { return &r.Mode }},
	{"measure", TypeText, "What is measured, joined by “; ”.", func(r *Row) *string { return &r.Measure }},
	{"requirements", TypeText, "What must be so for a dose, joined by “; ”.", func(r *Row) *string { return &r.Requirements }},
	{"decides", TypeText, "What a check-in decides about, joined by “; ”.", func(r *Row) *string { return &r.Decides }},
	{"contents", TypeText, "What a fill holds, in words.", func(r *Row) *string { return &r.Contents }},
	{"derivation", TypeText, "How the event came about: the rule, what moved it, and the arithmetic.", func(r *Row) *string { return &r.Derivation }},
	{"protocol", TypeText, "The protocol's id.", func(r *Row) *string { return &r.Protocol }},
	{"protocol_version", TypeText, "Its version.", func(r *Row) *string { return &r.Version }},
	{"protocol_status", TypeText, "published, or template: then the figures are illustrative.", func(r *Row) *string { return &r.ProtocolStatus }},
	{"protocol_sha256", TypeText, "The SHA-256 of its file.", func(r *Row) *string { return &r.SHA256 }},
	{"generator", TypeText, "The program that made the table, and its version.", func(r *Row) *string { return &r.Generator }},
	{"overrides", TypeText, "The limits that were let through, each with the reason.", func(r *Row) *string { return &r.Overrides }},
	{"part", TypeText, "Which calendar of a course the event belongs to, where there are several.", func(r *Row) *string { return &r.Part }},
	{"findings", TypeText, "All that a reader of the calendar must know, the same on each of its rows.", func(r *Row) *string { return &r.Findings }},
	{"notes", TypeText, "What the protocol says to every reader, and where the calendar is cut off.", func(r *Row) *string { return &r.Notes }},
	{"dispense", TypeText, "What makes a dose up: the fewest units of the strengths, in words.", func(r *Row) *string { return &r.Dispense }},
	{"earliest", TypeDate, "The first day to which the window lets a planned event be moved; empty where it stays on its day.", func(r *Row) *string { return &r.Earliest }},
	{"latest", TypeDate, "The last such day.", func(r *Row) *string { return &r.Latest }},
	{"time_zone", TypeText, "The zone of the patient's clocks, by its IANA name.", func(r *Row) *string { return &r.Zone }},
}

// Columns returns the columns of a table of events, in order.
func Columns() []Column { return append([]Column(nil), columns...) }

// ColumnNames returns the names of the columns, in order.
func ColumnNames() []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].Name
	}
	return names
}

// Fields returns the fields of r, in the order of Columns.
func (r *Row) Fields() []string {
	fields := make([]string, len(columns))
	for i := range columns {
		fields[i] = *columns[i].Field(r)
	}
	return fields
}

// noEvent is the kind of the one row of a calendar without an event.
const noEvent = "none"

// Rows returns the events of a part as flat text. Every row names the patient, the protocol and
// the program, and holds the findings, so that it can be read where it stands alone. A part without an event is one row
// of the kind “none”, without a day: what must be known of it is said all the same.
func Rows(p *Part, g Generator) []Row {
	findings, notes := FindingsLine(p.Schedule), strings.Join(Notes(p.Schedule), " ")
	taken := p.TakenAsNeeded()
	list := make([]Row, 0, len(p.Events)+len(taken))
	add := func(r Row) {
		r.Part, r.Findings, r.Notes = p.Heading, findings, notes
		list = append(list, r)
	}
	for i := range p.Events {
		for len(taken) > 0 && taken[0].At < p.Events[i].At {
			add(rowOfNeeded(p.Schedule, &taken[0], g))
			taken = taken[1:]
		}
		add(RowOf(p.Schedule, &p.Events[i], g))
	}
	for i := range taken {
		add(rowOfNeeded(p.Schedule, &taken[i], g))
	}
	if len(list) == 0 {
		r := rowFrom(p.Schedule, g)
		r.Kind, r.Name = noEvent, "no event"
		add(r)
	}
	return list
}

// rowOfNeeded returns a dose that was taken as needed as flat text: it has a name of its own, and no number.
func rowOfNeeded(s *schedule.Schedule, e *schedule.NeededEvent, g Generator) Row {
	r, d := rowOn(s, &e.Event, g), &e.Of.Dose
	r.Phase, r.Name = e.Of.Rule.Rule.Name, "as needed"
	r.Medication, r.RxNorm, r.Tier = d.Medication.Name, d.Medication.RxNorm, d.Tier
	r.given(e.Amount, d.Route)
	r.Requirements = Joined(e.Of.Requires)
	return r
}

// rowFrom returns what a row says of the calendar.
func rowFrom(s *schedule.Schedule, g Generator) Row {
	p := s.Protocol
	return Row{
		Zone: s.Zone.String(), Protocol: p.ID, Version: p.Version, ProtocolStatus: string(p.Status), SHA256: p.Origin.SHA256,
		Generator: g.Name + " " + g.Version, Overrides: overrides(s), Patient: s.Patient.ID,
	}
}

// rowOn returns what a row says of the calendar and the day of an event.
func rowOn(s *schedule.Schedule, e *schedule.Event, g Generator) Row {
	r := rowFrom(s, g)
	r.Date, r.Time, r.Offset = e.Date.String(), e.Clock.String(), e.Time().Format("-07:00")
	r.Day, r.Week, r.Kind, r.Phase = fmt.Sprint(e.Day), fmt.Sprint(s.Week(e)), e.Kind.String(), s.PhaseName(e)
	r.Number, r.Status, r.Gate = fmt.Sprint(e.Number), StatusWord(s, e), s.GateName(e)
	if first, last, ok := s.Between(e); ok {
		r.Earliest, r.Latest = first.String(), last.String()
	}
	return r
}

// RowOf returns an event as flat text, without what Rows adds from the part that it stands in.
func RowOf(s *schedule.Schedule, e *schedule.Event, g Generator) Row {
	r := rowOn(s, e, g)
	switch e.Kind {
	case schedule.Dose:
		d := s.Dose(e)
		r.Name, r.Medication, r.RxNorm, r.Tier = "dose", d.Medication.Name, d.Medication.RxNorm, d.Tier
		r.given(d.Amount, d.Route)
		r.Dispense = Dispense(s, e)
		if d.Volume.IsSet() {
			r.Volume = d.Volume.Decimal()
		}
		if over, ok := d.Route.Over.Elapsed(); ok {
			r.Over = fmt.Sprint(int(over / time.Minute))
		}
		r.Site = s.Site(e)
		r.Requirements = Joined(s.Requirements(e))
	case schedule.Supply:
		f := s.Fill(e)
		r.Name, r.Medication, r.RxNorm = "fill", f.Medication.Name, f.Medication.RxNorm
		r.given(f.Total, f.Route)
		r.Contents, r.Dispense = Contents(s, e), Dispense(s, e)
	default:
		c := s.CheckIn(e)
		r.Name, r.Title, r.Mode, r.Measure = c.Name, c.Title, string(c.Mode), strings.Join(c.Measure, "; ")
		r.Decides = strings.Join(Decides(s, e), "; ")
	}
	var steps []string
	for _, d := range s.Derivation(e) {
		steps = append(steps, d.String())
	}
	r.Derivation = strings.Join(steps, "; ")
	return r
}

// given adds an amount and the route by which it is given.
func (r *Row) given(amount quantity.Amount, route *protocol.Route) {
	r.Amount, r.Unit = amount.Decimal(), amount.Unit().String()
	r.Route, r.Form = route.Words(), route.Form
	var list []string
	for _, s := range route.Strengths {
		list = append(list, s.String())
	}
	r.Strengths = strings.Join(list, "; ")
	if n, ok := UnitsOf(amount, route); ok {
		r.Units = n.Decimal()
	}
}

// UnitsOf returns how many tablets, sprays or the like an amount comes to. It is not known where
// there are several strengths, since the prescriber chooses among them, or where the number has
// no end.
func UnitsOf(amount quantity.Amount, route *protocol.Route) (n quantity.Amount, ok bool) {
	if len(route.Strengths) != 1 || route.Strengths[0].Sign() <= 0 || route.Strengths[0].Unit().Dimension() != amount.Unit().Dimension() {
		return n, false
	}
	n = amount.Quo(route.Strengths[0])
	return n, n.Exact()
}

func overrides(s *schedule.Schedule) string {
	var list []string
	for _, o := range s.Override {
		list = append(list, string(o.Limit)+": "+o.Reason)
	}
	return strings.Join(list, "; ")
}

// StatusWord is the status of an event in a word.
func StatusWord(s *schedule.Schedule, e *schedule.Event) string {
	if s.Unwritten(e) {
		return unrecorded
	}
	if e.Status == schedule.Held && e.Fit == schedule.LeftOut {
		return "left out"
	}
	return e.Status.String()
}
