// Package course follows one patient through treatment: the protocol that the course was
// started on, and every amendment since, each dated and confirmed by somebody.
//
// A course file is read by [Decode]. [Replay] turns it into the calendar as it stands: what
// happened, what is planned, and what waits. Amendments are only ever appended, and none
// changes what lies before it.
package course

import (
	"regexp"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Course is a course file.
type Course struct {
	ID         string
	Patient    *patient.Patient
	Treatment  Treatment
	Alongside  []Treatment // protocols that run beside it
	Settings   Settings
	Amendments []Amendment
	Range      diag.Range
}

// A Treatment is a protocol with the choices made in it.
type Treatment struct {
	Protocol  Pin
	Start     civil.Date
	Tier      string
	Route     string
	Frequency map[string]string // by phase
	Range     diag.Range
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

// A Verb is what an amendment does.
type Verb string

// The verbs, which are also the keys of an amendment.
const (
	Tier      Verb = "tier"
	Dose      Verb = "dose"
	Frequency Verb = "frequency"
	Weight    Verb = "weight"
	Hold      Verb = "hold"
	Resume    Verb = "resume"
	Skip      Verb = "skip"
	Missed    Verb = "missed"
	Given     Verb = "given"
	CheckIn   Verb = "check-in"
	Switch    Verb = "switch"
	Accept    Verb = "protocol"
	Stop      Verb = "stop"
	Add       Verb = "add"
)

// Verbs are the verbs in the order of the reference.
var verbs = []Verb{Tier, Dose, Frequency, Weight, Hold, Resume, Skip, Missed, Given, CheckIn, Switch, Add, Accept, Stop}

// An Amendment is one dated, confirmed change.
type Amendment struct {
	On    civil.Date
	By    string
	Why   string
	From  civil.Date // from when on it holds; the zero Date for On
	Verb  Verb
	Range diag.Range

	Tier      string
	ByPhase   map[string]string // of dose and frequency
	Weight    quantity.Amount
	What      Name // of skip, missed, given and check-in
	Date      civil.Date
	Time      civil.Clock
	Timed     bool
	Amount    quantity.Amount
	Decision  string // "confirm", "decline" or ""
	Results   []Result
	Treatment Treatment           // of switch and add
	Pin       Pin                 // of protocol
	After     Name                // of switch: the check-in that coordinates it
	LastDay   civil.Date          // of switch: the last day of the present protocol; the zero Date for the day before the next begins
	Taper     Taper               // of switch and stop
	Overrides []schedule.Override // of given: limits that what was given breaks
}

// A Name names a dose of a phase or a check-in by its number: "induction 3"; or several doses
// in a row: "daily 1..14".
type Name struct {
	Of     string
	Number int
	Last   int // of several; 0 for one
}

// dose names the dose; of several, the first.
func (n Name) dose() schedule.DoseName { return schedule.DoseName{Phase: n.Of, Number: n.Number} }

// A Taper is the falling doses with which a protocol ends.
type Taper struct {
	From  civil.Date        // the zero Date for the day of the amendment
	Every civil.Period      // how long each of Doses holds
	Doses []quantity.Amount // one after the other; none for no taper
	Phase string            // the phases of whose medicine; "" where the protocol has one medicine
}

// A Result is what a check-in measured.
type Result struct{ Measure, Value string }

// Day is the day from which an amendment holds.
func (a *Amendment) Day() civil.Date {
	if a.From.IsZero() {
		return a.On
	}
	return a.From
}

// maxNumber bounds the numbers of doses.
const maxNumber = 99_999

// isFact reports whether an amendment only records what happened.
func (a *Amendment) isFact() bool {
	return a.Verb == Given || a.Verb == Missed || a.Verb == CheckIn
}

type decoder struct{ grammar.Reader }

type key[T any] = grammar.Key[*decoder, T]

const patternDate = `[0-9]{4}-[0-9]{2}-[0-9]{2}`

var (
	shapeDate  = grammar.Pattern("a date, as 2026-03-02", patternDate)
	shapeName  = grammar.Pattern("a phase or check-in and a number, as induction 3", grammar.PatternName+` [1-9][0-9]{0,4}`)
	shapeDoses = grammar.Pattern("a phase and a number, as induction 3, or several, as daily 1..14", grammar.PatternName+` [1-9][0-9]{0,4}(\.\.[1-9][0-9]{0,4})?`)
	shapePer   = grammar.Shape{Text: "a mapping of phases to values", Schema: map[string]any{"type": "object", "additionalProperties": grammar.Text.Schema, "minProperties": 1}}
	reSHA      = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (d *decoder) date(n *source.Node) civil.Date {
	date, err := civil.ParseDate(d.Text(n, "a date"))
	if err != nil {
		d.Add(diag.BadTime, n.Range, "write year-month-day, as 2026-03-02", "%v", err)
	}
	return date
}

func (d *decoder) clock(n *source.Node) civil.Clock {
	c, err := civil.ParseClock(d.Text(n, "a time"))
	if err != nil {
		d.Add(diag.BadTime, n.Range, "write it as 08:00", "%v", err)
	}
	return c
}

func (d *decoder) name(n *source.Node, what string) Name {
	text := d.Text(n, what)
	of, number, _ := strings.Cut(text, " ")
	first, last, several := strings.Cut(number, "..")
	k, err := grammar.WholeNumber(first)
	name := Name{Of: of}
	name.Number, _ = k.Int()
	if several && err == nil {
		k, err = grammar.WholeNumber(last)
		name.Last, _ = k.Int()
	}
	switch {
	case err != nil || name.Number < 1 || !grammar.IsName(of) || several && what != "a phase":
		d.Add(diag.BadWord, n.Range, "write it as: induction 3", "“%s” is not %s and its number", text, what)
	case several && (name.Last <= name.Number || name.Last > maxNumber):
		d.Add(diag.BadOrder, n.Range, "write it as: daily 1..14", "“%s” does not run from a number to a later one", text)
	}
	return name
}

func (d *decoder) perPhase(n *source.Node) map[string]string {
	out := map[string]string{}
	if !d.Want(n, source.Mapping, "a mapping of phases") {
		return out
	}
	for _, f := range n.Fields {
		out[f.Key.Value] = d.Text(f.Value, "a value")
	}
	return out
}

var pinObject = grammar.Object[*decoder, Pin]{
	Name: "protocol",
	Doc:  "A protocol as it was when it was chosen. `doseplan course new` writes it.",
	Keys: []key[Pin]{
		{Name: "id", Required: true, Shape: grammar.Text, Doc: "Its id, or the path of its file, from the folder of the course file on.", Example: "protocol: { id: ketamine-iv-intensive, version: 1.0.0, sha256: … }",
			Read: func(d *decoder, p *Pin, n *source.Node) { p.ID = d.Text(n, "an id") }},
		{Name: "version", Required: true, Shape: grammar.Text, Doc: "Its version.", Example: "version: 1.0.0",
			Read: func(d *decoder, p *Pin, n *source.Node) { p.Version = d.Text(n, "a version") }},
		{Name: "sha256", Required: true, Shape: grammar.Pattern("64 hexadecimal digits", `[0-9a-f]{64}`), Doc: "The SHA-256 of its file.", Example: "sha256: …",
			Read: func(d *decoder, p *Pin, n *source.Node) {
				if p.SHA256 = d.Text(n, "a SHA-256"); !reSHA.MatchString(p.SHA256) {
					d.Add(diag.BadWord, n.Range, "", "this is not a SHA-256")
				}
			}},
	},
}

func (d *decoder) pin(n *source.Node) Pin {
	p := Pin{Range: n.Range}
	pinObject.Decode(&d.Reader, d, n, &p)
	return p
}

// choices are the keys of a treatment, in the course file itself, under `alongside` and `switch`.
func choices[T any](of func(*T) *Treatment) []key[T] {
	return []key[T]{
		{Name: "protocol", Required: true, Shape: grammar.Mapping("protocol"), Doc: "The protocol.", Example: "protocol: { id: ketamine-iv-intensive, version: 1.0.0, sha256: … }",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Protocol = d.pin(n) }},
		{Name: "start", Required: true, Shape: shapeDate, Doc: "The date of the first dose.", Example: "start: 2026-03-02",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Start = d.date(n) }},
		{Name: "tier", Shape: grammar.Name, Doc: "The tier to start on.", Example: "tier: low",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Tier = d.Name(n, "tier") }},
		{Name: "route", Shape: grammar.Name, Doc: "The route.", Example: "route: sublingual",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Route = d.Name(n, "route") }},
		{Name: "frequency", Shape: shapePer, Doc: "For each phase with a choice, the frequency.", Example: "frequency: { induction: 2 a week }",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Frequency = d.perPhase(n) }},
	}
}

var treatmentObject = grammar.Object[*decoder, Treatment]{
	Name: "treatment",
	Doc:  "A protocol with the choices made in it.",
	Keys: choices(func(t *Treatment) *Treatment { return t }),
}

func (d *decoder) treatment(n *source.Node) Treatment {
	t := Treatment{Range: n.Range}
	treatmentObject.Decode(&d.Reader, d, n, &t)
	return t
}

var settingsObject = grammar.Object[*decoder, Settings]{
	Name: "settings",
	Doc:  "The settings of the calendar, as on the command line.",
	Keys: []key[Settings]{
		{Name: "closed", Shape: grammar.List(grammar.Text), Doc: "Closed days, and days on which the patient is away: weekends, a day of the week, a date, two dates as 2026-04-01..2026-04-10, or the public holidays of a country or a part of it, as holidays-us or holidays-de-by.", Example: "settings: { closed: [weekends, holidays-us] }",
			Read: func(d *decoder, s *Settings, n *source.Node) { s.Closed = d.Texts(n, "a closed day") }},
		{Name: "closed policy", Shape: grammar.Words("next", "previous", "nearest", "keep", "skip"), Doc: "How events move off closed days.", Example: "settings: { closed policy: nearest }",
			Read: func(d *decoder, s *Settings, n *source.Node) {
				s.ClosedPolicy = d.Word(n, "policy for closed days", []string{"next", "previous", "nearest", "keep", "skip"})
			}},
		{Name: "hours", Shape: grammar.List(grammar.Text), Doc: "The clinic's opening hours; other days are closed for what takes place there.", Example: "settings: { hours: [mon-fri 09:00-17:00, sat 10:00-13:00] }",
			Read: func(d *decoder, s *Settings, n *source.Node) { s.Hours = d.Texts(n, "opening hours") }},
		{Name: "prefer", Shape: grammar.List(grammar.Text), Doc: "Days of the week that moved events go to where several are as near.", Example: "settings: { prefer: [tue, thu] }",
			Read: func(d *decoder, s *Settings, n *source.Node) { s.Prefer = d.Texts(n, "a day of the week") }},
		{Name: "dose time", Shape: grammar.Pattern("a clock time", grammar.PatternClock), Doc: "When a single dose a day is given.", Example: "settings: { dose time: 20:00 }",
			Read: func(d *decoder, s *Settings, n *source.Node) { s.DoseTime = civil.SomeClock(d.clock(n)) }},
		{Name: "check-in time", Shape: grammar.Pattern("a clock time", grammar.PatternClock), Doc: "When check-ins are held.", Example: "settings: { check-in time: 10:00 }",
			Read: func(d *decoder, s *Settings, n *source.Node) { s.CheckInTime = civil.SomeClock(d.clock(n)) }},
	},
}

var courseObject = grammar.Object[*decoder, Course]{
	Name: "course",
	Doc:  "A course file.",
	Keys: append(append([]key[Course]{
		{Name: "doseplan", Required: true, Shape: grammar.Words("1"), Doc: "The version of the language, 1.", Example: "doseplan: 1",
			Read: func(d *decoder, c *Course, n *source.Node) { d.Word(n, "version of the language", []string{"1"}) }},
		{Name: "kind", Required: true, Shape: grammar.Words("course"), Doc: "What the file is.", Example: "kind: course",
			Read: func(d *decoder, c *Course, n *source.Node) { d.Word(n, "kind of file", []string{"course"}) }},
		{Name: "id", Required: true, Shape: grammar.Text, Doc: "A name or number that identifies the course.", Example: "id: C-0042",
			Read: func(d *decoder, c *Course, n *source.Node) { c.ID = d.Text(n, "an id") }},
		{Name: "patient", Required: true, Shape: grammar.Shape{Text: "a mapping with the keys of a patient file", Schema: map[string]any{"type": "object"}}, Doc: "The patient's parameters, with the keys of a patient file.", Example: "patient: { id: P-0042, weight: 72 kg, time zone: America/New_York }",
			Read: func(d *decoder, c *Course, n *source.Node) {
				p, found := patient.Decode(n)
				c.Patient = p
				*d.Found = append(*d.Found, found...)
			}},
	}, choices(func(c *Course) *Treatment { return &c.Treatment })...),
		key[Course]{Name: "alongside", Shape: grammar.Shape{Text: "a list of treatments", Schema: map[string]any{"type": "array", "items": grammar.Ref("treatment")}}, Doc: "Protocols that run beside it. Limits on a medicine hold across all of them.", Example: "alongside: [ { protocol: { … }, start: 2026-03-02 } ]",
			Read: func(d *decoder, c *Course, n *source.Node) {
				for _, item := range d.List(n) {
					c.Alongside = append(c.Alongside, d.treatment(item))
				}
			}},
		key[Course]{Name: "settings", Shape: grammar.Mapping("settings"), Doc: "The settings of the calendar.", Example: "settings: { closed: [weekends] }",
			Read: func(d *decoder, c *Course, n *source.Node) { settingsObject.Decode(&d.Reader, d, n, &c.Settings) }},
		key[Course]{Name: "amendments", Shape: grammar.Shape{Text: "a list of amendments", Schema: map[string]any{"type": "array", "items": grammar.Ref("amendment")}}, Doc: "What happened since, in order. Entries are only ever appended.", Example: "amendments: [ { on: 2026-03-09, by: Dr. Adams, weight: 70 kg } ]",
			Read: func(d *decoder, c *Course, n *source.Node) {
				if !d.Want(n, source.Sequence, "`amendments`") {
					return
				}
				for _, item := range n.Items {
					a := Amendment{Range: item.Range}
					amendmentObject.Decode(&d.Reader, d, item, &a)
					d.verb(&a, item)
					c.Amendments = append(c.Amendments, a)
				}
			}},
	),
}

// verb finds the one verb of an amendment.
func (d *decoder) verb(a *Amendment, n *source.Node) {
	var list []string
	for _, v := range verbs {
		if n.Get(string(v)) != nil {
			list = append(list, string(v))
			a.Verb = v
		}
	}
	for i := range a.Overrides {
		a.Overrides[i].Given = a.What.dose()
	}
	if len(list) != 1 && n.Kind == source.Mapping {
		d.Add(diag.KeysExclude, n.Range, "write each as an amendment of its own", "an amendment does one thing; this has %d: %s", len(list), strings.Join(list, ", "))
	}
	for _, k := range []struct {
		key  string
		fits bool
	}{
		{"date", a.Verb == Given || a.Verb == CheckIn}, {"time", a.Verb == Given}, {"amount", a.Verb == Given || a.Verb == CheckIn},
		{"decision", a.Verb == CheckIn}, {"override", a.Verb == Given}, {"results", a.Verb == CheckIn}, {"after", a.Verb == Switch}, {"last day", a.Verb == Switch}, {"taper", a.Verb == Switch || a.Verb == Stop},
		{"from", a.Verb == Tier || a.Verb == Dose || a.Verb == Frequency || a.Verb == Weight},
	} {
		if v := n.Get(k.key); v != nil && k.fits && a.What.Last > 0 && a.Verb == Given {
			d.Add(diag.KeysExclude, v.Range, "record such a dose by itself", "`%s` goes with one dose, and “%s” names several", k.key, n.Get("given").Value)
		}
		if v := n.Get(k.key); v != nil && !k.fits && len(list) == 1 {
			d.Add(diag.KeysExclude, v.Range, "remove it", "`%s` does not go with `%s`", k.key, a.Verb)
		}
	}
}

var taperObject = grammar.Object[*decoder, Taper]{
	Name: "taper",
	Doc:  "Falling doses with which a protocol ends.",
	Keys: []key[Taper]{
		{Name: "from", Shape: shapeDate, Doc: "The first day of the first of them. Default: the day of the amendment.", Example: "taper: { from: 2026-04-20, every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *Taper, n *source.Node) { t.From = d.date(n) }},
		{Name: "every", Required: true, Shape: grammar.Days, Doc: "How long each dose holds.", Example: "taper: { every: 3 days, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *Taper, n *source.Node) { t.Every = d.Days(n, "`every`") }},
		{Name: "doses", Required: true, Shape: grammar.List(grammar.Text), Doc: "The doses, each less than the one before it.", Example: "taper: { every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *Taper, n *source.Node) {
				for _, item := range d.List(n) {
					amount := d.Amount(item, "a dose", "as 40 mg", func(u quantity.Unit) bool { return u.Per() == quantity.PerNothing })
					if k := len(t.Doses); k > 0 && amount.IsSet() && t.Doses[k-1].IsSet() && amount.Unit().Comparable(t.Doses[k-1].Unit()) && amount.Cmp(t.Doses[k-1]) >= 0 {
						d.Add(diag.BadOrder, item.Range, "write the doses from the largest to the smallest", "the doses of a taper fall, and %v is not less than %v", amount, t.Doses[k-1])
					}
					t.Doses = append(t.Doses, amount)
				}
			}},
		{Name: "phase", Shape: grammar.Name, Doc: "A phase that gives the medicine that is tapered, where the protocol has several medicines.", Example: "taper: { phase: maintenance, every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *Taper, n *source.Node) { t.Phase = d.Name(n, "phase") }},
	},
}

var amendmentObject = grammar.Object[*decoder, Amendment]{
	Name: "amendment",
	Doc:  "One dated change or fact. It has `on`, `by`, and one of the keys that say what was done.",
	Keys: []key[Amendment]{
		{Name: "on", Required: true, Shape: shapeDate, Doc: "The day on which it was made.", Example: "on: 2026-03-09",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.On = d.date(n) }},
		{Name: "by", Required: true, Shape: grammar.Text, Doc: "Who confirmed it.", Example: "by: Dr. Adams",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.By = d.Text(n, "a name") }},
		{Name: "why", Shape: grammar.Text, Doc: "Why.", Example: "why: little effect, well tolerated",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Why = d.Text(n, "a reason") }},
		{Name: "from", Shape: shapeDate, Doc: "From when on it holds. Default: the day on which it was made.", Example: "from: 2026-03-16",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.From = d.date(n) }},
		{Name: "tier", Shape: grammar.Name, Doc: "Another tier. A raise that the protocol leaves to a check-in is recorded as that check-in.", Example: "tier: low",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Tier = d.Name(n, "tier") }},
		{Name: "dose", Shape: shapePer, Doc: "Another amount in a phase.", Example: "dose: { maintenance: 40 mg }",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.ByPhase = d.perPhase(n) }},
		{Name: "frequency", Shape: shapePer, Doc: "Another frequency in a phase, one of those that the protocol offers.", Example: "frequency: { maintenance: every 4 weeks }",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.ByPhase = d.perPhase(n) }},
		{Name: "weight", Shape: grammar.Pattern("a weight, as 72 kg or 158 lb", grammar.PatternNumber+` *(kg|lbs?|g)`), Doc: "The patient's weight. Later doses follow it.", Example: "weight: 70 kg",
			Read: func(d *decoder, a *Amendment, n *source.Node) {
				p, found := patient.Decode(&source.Node{Kind: source.Mapping, Fields: []source.Field{{Key: &source.Node{Kind: source.Scalar, Value: "weight"}, Value: n}}})
				a.Weight = p.Weight
				*d.Found = append(*d.Found, found...)
			}},
		{Name: "hold", Shape: shapeDate, Doc: "Doses are held from this day on.", Example: "hold: 2026-04-01",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Date = d.date(n) }},
		{Name: "resume", Shape: shapeDate, Doc: "Doses are given again from this day on.", Example: "resume: 2026-04-15",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Date = d.date(n) }},
		{Name: "skip", Shape: shapeDoses, Doc: "A dose that is left out on purpose.", Example: "skip: maintenance 2",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.What = d.name(n, "a phase") }},
		{Name: "missed", Shape: shapeDoses, Doc: "A dose that was not given. What follows is the protocol's rule.", Example: "missed: induction 3",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.What = d.name(n, "a phase") }},
		{Name: "given", Shape: shapeDoses, Doc: "A dose that was given: as planned, or with `date`, `time` and `amount`.", Example: "given: induction 1",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.What = d.name(n, "a phase") }},
		{Name: "check-in", Shape: shapeName, Doc: "A check-in that took place.", Example: "check-in: review 1",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.What = d.name(n, "a check-in") }},
		{Name: "date", Shape: shapeDate, Doc: "The day, if it was not the planned one.", Example: "date: 2026-03-10",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Date = d.date(n) }},
		{Name: "time", Shape: grammar.Pattern("a clock time", grammar.PatternClock), Doc: "The time of day, if it was not the planned one.", Example: "time: 10:30",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Time, a.Timed = d.clock(n), true }},
		{Name: "amount", Shape: grammar.Text, Doc: "Of a dose: what was given, if it was not the planned amount. Of a check-in that confirms a step whose size is open: the new dose.", Example: "amount: 35 mg",
			Read: func(d *decoder, a *Amendment, n *source.Node) {
				a.Amount = d.Amount(n, "an amount", "as 35 mg", func(u quantity.Unit) bool { return u.Per() == quantity.PerNothing })
			}},
		{Name: "decision", Shape: grammar.Words("confirm", "decline"), Doc: "What was decided about the doses that waited for the check-in.", Example: "decision: confirm",
			Read: func(d *decoder, a *Amendment, n *source.Node) {
				a.Decision = d.Word(n, "decision", []string{"confirm", "decline"})
			}},
		{Name: "results", Shape: grammar.Shape{Text: "a mapping of measures to results", Schema: map[string]any{"type": "object", "additionalProperties": grammar.Text.Schema}}, Doc: "What was measured.", Example: "results: { PHQ-9: 12 }",
			Read: func(d *decoder, a *Amendment, n *source.Node) {
				if d.Want(n, source.Mapping, "`results`") {
					for _, f := range n.Fields {
						a.Results = append(a.Results, Result{f.Key.Value, d.Text(f.Value, "a result")})
					}
				}
			}},
		{Name: "override", Shape: grammar.Shape{Text: "a mapping of limits to reasons", Schema: map[string]any{"type": "object", "additionalProperties": grammar.Text.Schema, "minProperties": 1}}, Doc: "Limits that a dose breaks which was given all the same, each with the reason. Nothing that is planned may break them.", Example: "override: { single dose: taken twice by mistake }",
			Read: func(d *decoder, a *Amendment, n *source.Node) {
				if d.Want(n, source.Mapping, "`override`") {
					for _, f := range n.Fields {
						a.Overrides = append(a.Overrides, schedule.Override{Limit: limit.Key(f.Key.Value), Reason: d.Text(f.Value, "a reason")})
					}
				}
			}},
		{Name: "switch", Shape: grammar.Mapping("treatment"), Doc: "Another protocol from a day on, which ends the present one.", Example: "switch: { protocol: { … }, start: 2026-05-04, tier: low }",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Treatment = d.treatment(n) }},
		{Name: "add", Shape: grammar.Mapping("treatment"), Doc: "Another protocol from a day on that runs beside the present one, as of an adjunct medicine.", Example: "add: { protocol: { … }, start: 2026-05-04 }",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Treatment = d.treatment(n) }},
		{Name: "after", Shape: shapeName, Doc: "The check-in that coordinates a switch; it must have taken place.", Example: "after: response 1",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.After = d.name(n, "a check-in") }},
		{Name: "last day", Shape: shapeDate, Doc: "Of a switch: the last day of the present protocol. Earlier than the day before the next begins it leaves a gap, later the two overlap, and limits on a medicine hold across both. Default: the end of the taper, or the day before the next protocol begins.", Example: "last day: 2026-04-26",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.LastDay = d.date(n) }},
		{Name: "taper", Shape: grammar.Mapping("taper"), Doc: "Of a switch or a stop: the falling doses with which the present protocol ends.", Example: "taper: { from: 2026-04-20, every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, a *Amendment, n *source.Node) { taperObject.Decode(&d.Reader, d, n, &a.Taper) }},
		{Name: "protocol", Shape: grammar.Mapping("protocol"), Doc: "Accepts a protocol that has changed under the course.", Example: "protocol: { id: mine, version: 1.1.0, sha256: … }",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Pin = d.pin(n) }},
		{Name: "stop", Shape: shapeDate, Doc: "The course ends: nothing is planned from this day on.", Example: "stop: 2026-06-01",
			Read: func(d *decoder, a *Amendment, n *source.Node) { a.Date = d.date(n) }},
	},
}

// Reference documents every key of a course file, from the tables that read it.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{courseObject.Describe(), pinObject.Describe(), treatmentObject.Describe(), settingsObject.Describe(), amendmentObject.Describe(), taperObject.Describe()}
}

// Schema returns the JSON Schema (2020-12) of course files.
func Schema() map[string]any {
	s := grammar.Schema("urn:doseplan:schema:course:1", "doseplan course", Reference())
	var list []any
	for _, v := range verbs {
		list = append(list, map[string]any{"required": []any{string(v)}})
	}
	s["$defs"].(map[string]any)["amendment"].(map[string]any)["oneOf"] = list
	return s
}

// Decode reads a course file.
func Decode(n *source.Node) (*Course, diag.List) {
	c := &Course{Range: n.Range}
	var found diag.List
	d := &decoder{grammar.Reader{Found: &found}}
	courseObject.Decode(&d.Reader, d, n, c)
	if c.Patient == nil {
		c.Patient = &patient.Patient{}
	}
	if c.Patient.ID == "" {
		c.Patient.ID = c.ID
	}
	return c, found.Sort()
}
