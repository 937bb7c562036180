// Package course reads and writes the file of a course: the patient, the protocols of the start,
// and the ledger, of which package ledger makes the calendar.
//
// A course file is read by [Decode]. Entries of the ledger are only ever appended: [Node] is the
// form that an entry has in the file.
package course

import (
	"strconv"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// maxNumber bounds the numbers of doses.
const maxNumber = 99_999

type decoder struct{ grammar.Reader }

type key[T any] = grammar.Key[*decoder, T]

const patternDate = `[0-9]{4}-[0-9]{2}-[0-9]{2}`

var (
	shapeDate  = grammar.Pattern("a date, as 2026-03-02", patternDate)
	shapeDates = grammar.Pattern("a date, or two as 2026-04-01..2026-04-10", patternDate+`(\.\.`+patternDate+`)?`)
	shapeName  = grammar.Pattern("a phase or check-in and a number, as induction 3", grammar.PatternName+` [1-9][0-9]{0,4}`)
	shapeMaybe = grammar.Pattern("a phase or check-in and a number, as induction 3; without a number, one that was not planned", grammar.PatternName+`( [1-9][0-9]{0,4})?`)
	shapeCount = grammar.Pattern("a number, as 3, or several, as 3..5", `[1-9][0-9]{0,4}(\.\.[1-9][0-9]{0,4})?`)
	shapeClock = grammar.Pattern("a clock time", grammar.PatternClock)
	shapePer   = grammar.Shape{Text: "a mapping of phases to values", Schema: map[string]any{"type": "object", "additionalProperties": grammar.Text.Schema, "minProperties": 1}}
	reSHA      = lazy.MustCompile(`^[0-9a-f]{64}$`)
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

// name reads "induction 3"; without a number where one may be left out.
func (d *decoder) name(n *source.Node, what string, optional bool) (of string, number int) {
	text := d.Text(n, what)
	of, digits, numbered := strings.Cut(text, " ")
	if numbered {
		number, _ = strconv.Atoi(digits)
	}
	if !grammar.IsName(of) || numbered && (number < 1 || number > maxNumber || strconv.Itoa(number) != digits) || !numbered && !optional {
		d.Add(diag.BadWord, n.Range, "write it as: induction 3", "“%s” is not %s and its number", text, what)
		return of, 0
	}
	return of, number
}

func (d *decoder) doseName(n *source.Node, optional bool) schedule.DoseName {
	of, number := d.name(n, "a phase", optional)
	return schedule.DoseName{Phase: of, Number: number}
}

// count reads "3", or "3..5" where there may be several.
func (d *decoder) count(n *source.Node, several bool) (first, last int) {
	text := d.Text(n, "a number")
	from, to, ranged := strings.Cut(text, "..")
	first, _ = strconv.Atoi(from)
	last = first
	if ranged {
		last, _ = strconv.Atoi(to)
	}
	if first < 1 || last < first || last > maxNumber || ranged && !several {
		d.Add(diag.BadWord, n.Range, "write it as: 3", "“%s” is not a number of the list", text)
	}
	return first, last
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

var pinObject = grammar.Object[*decoder, ledger.Pin]{
	Name: "protocol",
	Doc:  "A protocol as it was when it was chosen. `doseplan course new` writes it.",
	Keys: []key[ledger.Pin]{
		{Name: "id", Required: true, Shape: grammar.Text, Doc: "Its id, or the path of its file, from the folder of the course file on.", Example: "protocol: { id: ketamine-iv-intensive, version: 1.0.0, sha256: … }",
			Read: func(d *decoder, p *ledger.Pin, n *source.Node) { p.ID = d.Text(n, "an id") }},
		{Name: "version", Required: true, Shape: grammar.Text, Doc: "Its version.", Example: "version: 1.0.0",
			Read: func(d *decoder, p *ledger.Pin, n *source.Node) { p.Version = d.Text(n, "a version") }},
		{Name: "sha256", Required: true, Shape: grammar.Pattern("64 hexadecimal digits", `[0-9a-f]{64}`), Doc: "The SHA-256 of its file.", Example: "sha256: …",
			Read: func(d *decoder, p *ledger.Pin, n *source.Node) {
				if p.SHA256 = d.Text(n, "a SHA-256"); !reSHA.MatchString(p.SHA256) {
					d.Add(diag.BadWord, n.Range, "", "this is not a SHA-256")
				}
			}},
	},
}

func (d *decoder) pin(n *source.Node) ledger.Pin {
	p := ledger.Pin{Range: n.Range}
	pinObject.Decode(&d.Reader, d, n, &p)
	return p
}

// choices are the keys of a treatment, in the course file itself, under `alongside`, `switch` and
// `add`.
func choices[T any](of func(*T) *ledger.Treatment) []key[T] {
	return []key[T]{
		{Name: "protocol", Required: true, Shape: grammar.Mapping("protocol"), Doc: "The protocol.", Example: "protocol: { id: ketamine-iv-intensive, version: 1.0.0, sha256: … }",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Protocol = d.pin(n) }},
		{Name: "tier", Shape: grammar.Name, Doc: "The tier to start on.", Example: "tier: low",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Tier = d.Name(n, "tier") }},
		{Name: "route", Shape: grammar.Name, Doc: "The route.", Example: "route: sublingual",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Route = d.Name(n, "route") }},
		{Name: "frequency", Shape: shapePer, Doc: "For each phase with a choice, the frequency.", Example: "frequency: { induction: 2 a week }",
			Read: func(d *decoder, t *T, n *source.Node) { of(t).Frequency = d.perPhase(n) }},
	}
}

// starting is the key that goes with choices where the day is not that of an entry.
func starting[T any](of func(*T) *ledger.Treatment) key[T] {
	return key[T]{Name: "start", Required: true, Shape: shapeDate, Doc: "The start: the date of day 1.", Example: "start: 2026-03-02",
		Read: func(d *decoder, t *T, n *source.Node) { of(t).Start = d.date(n) }}
}

func itself[T any](v T) T { return v }

var treatmentObject = grammar.Object[*decoder, ledger.Treatment]{
	Name: "treatment",
	Doc:  "A protocol that runs beside the first from the beginning, with the choices made in it.",
	Keys: append(choices(itself[*ledger.Treatment]), starting(itself[*ledger.Treatment])),
}

var nextObject = grammar.Object[*decoder, ledger.Treatment]{
	Name: "next",
	Doc:  "A protocol that begins on the day of the entry, with the choices made in it.",
	Keys: choices(itself[*ledger.Treatment]),
}

func (d *decoder) treatment(n *source.Node) ledger.Treatment {
	t := ledger.Treatment{Range: n.Range}
	treatmentObject.Decode(&d.Reader, d, n, &t)
	return t
}

func (d *decoder) next(n *source.Node) ledger.Treatment {
	t := ledger.Treatment{Range: n.Range}
	nextObject.Decode(&d.Reader, d, n, &t)
	return t
}

var settingsObject = grammar.Object[*decoder, ledger.Settings]{
	Name: "settings",
	Doc:  "The settings of the calendar, as on the command line.",
	Keys: []key[ledger.Settings]{
		{Name: "closed", Shape: grammar.List(grammar.Text), Doc: "Closed days, and days on which the patient is away: weekends, a day of the week, a date, two dates as 2026-04-01..2026-04-10, or the public holidays of a country or a part of it, as holidays-us or holidays-de-by.", Example: "settings: { closed: [weekends, holidays-us] }",
			Read: func(d *decoder, s *ledger.Settings, n *source.Node) { s.Closed = d.Texts(n, "a closed day") }},
		{Name: "closed policy", Shape: grammar.Words("next", "previous", "nearest", "keep", "skip"), Doc: "How events move off closed days.", Example: "settings: { closed policy: nearest }",
			Read: func(d *decoder, s *ledger.Settings, n *source.Node) {
				s.ClosedPolicy = d.Word(n, "policy for closed days", []string{"next", "previous", "nearest", "keep", "skip"})
			}},
		{Name: "hours", Shape: grammar.List(grammar.Text), Doc: "The clinic's opening hours; other days are closed for what takes place there.", Example: "settings: { hours: [mon-fri 09:00-17:00, sat 10:00-13:00] }",
			Read: func(d *decoder, s *ledger.Settings, n *source.Node) { s.Hours = d.Texts(n, "opening hours") }},
		{Name: "prefer", Shape: grammar.List(grammar.Text), Doc: "Days of the week that moved events go to where several are as near.", Example: "settings: { prefer: [tue, thu] }",
			Read: func(d *decoder, s *ledger.Settings, n *source.Node) { s.Prefer = d.Texts(n, "a day of the week") }},
		{Name: "dose time", Shape: grammar.Pattern("a clock time", grammar.PatternClock), Doc: "When a single dose a day is given.", Example: "settings: { dose time: 20:00 }",
			Read: func(d *decoder, s *ledger.Settings, n *source.Node) { s.DoseTime = civil.SomeClock(d.clock(n)) }},
		{Name: "check-in time", Shape: grammar.Pattern("a clock time", grammar.PatternClock), Doc: "When check-ins are held.", Example: "settings: { check-in time: 10:00 }",
			Read: func(d *decoder, s *ledger.Settings, n *source.Node) { s.CheckInTime = civil.SomeClock(d.clock(n)) }},
	},
}

var courseObject = grammar.Object[*decoder, ledger.Course]{
	Name: "course",
	Doc:  "A course file.",
	Keys: append(append([]key[ledger.Course]{
		{Name: "doseplan", Required: true, Shape: grammar.Words("1"), Doc: "The version of the language, 1.", Example: "doseplan: 1",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) {
				d.Word(n, "version of the language", []string{"1"})
			}},
		{Name: "kind", Required: true, Shape: grammar.Words("course"), Doc: "What the file is.", Example: "kind: course",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) { d.Word(n, "kind of file", []string{"course"}) }},
		{Name: "id", Required: true, Shape: grammar.Text, Doc: "A name or number that identifies the course.", Example: "id: C-0042",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) { c.ID = d.Text(n, "an id") }},
		{Name: "patient", Required: true, Shape: grammar.Shape{Text: "a mapping with the keys of a patient file", Schema: map[string]any{"type": "object"}}, Doc: "The patient's parameters, with the keys of a patient file.", Example: "patient: { id: P-0042, weight: 72 kg, time zone: America/New_York }",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) {
				p, found := patient.Decode(n)
				c.Patient = p
				*d.Found = append(*d.Found, found...)
			}},
	}, append(choices(main), starting(main))...),
		key[ledger.Course]{Name: "alongside", Shape: grammar.Shape{Text: "a list of treatments", Schema: map[string]any{"type": "array", "items": grammar.Ref("treatment")}}, Doc: "Protocols that run beside it. Limits on a medicine hold across all of them.", Example: "alongside: [ { protocol: { … }, start: 2026-03-02 } ]",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) {
				for _, item := range d.List(n) {
					c.Alongside = append(c.Alongside, d.treatment(item))
				}
			}},
		key[ledger.Course]{Name: "settings", Shape: grammar.Mapping("settings"), Doc: "The settings of the calendar.", Example: "settings: { closed: [weekends] }",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) {
				settingsObject.Decode(&d.Reader, d, n, &c.Settings)
			}},
		key[ledger.Course]{Name: "ledger", Shape: grammar.Shape{Text: "a list of entries", Schema: map[string]any{"type": "array", "items": grammar.Ref("entry")}}, Doc: "What happened and what was decided since, in the order in which it was written down. Entries are only ever appended, and named by their number in the list, from 1.", Example: "ledger: [ { on: 2026-03-09, by: Dr. Adams, weight: 70 kg } ]",
			Read: func(d *decoder, c *ledger.Course, n *source.Node) {
				if !d.Want(n, source.Sequence, "`ledger`") {
					return
				}
				for i, item := range n.Items {
					c.Entries = append(c.Entries, d.entry(item, i+1))
				}
			}},
	),
}

func main(c *ledger.Course) *ledger.Treatment { return &c.Treatment }

var taperObject = grammar.Object[*decoder, ledger.Taper]{
	Name: "taper",
	Doc:  "Falling doses with which a protocol ends.",
	Keys: []key[ledger.Taper]{
		{Name: "from", Shape: shapeDate, Doc: "The first day of the first of them. Default: the day on which the entry was written down.", Example: "taper: { from: 2026-04-20, every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *ledger.Taper, n *source.Node) { t.From = d.date(n) }},
		{Name: "every", Required: true, Shape: grammar.Days, Doc: "How long each dose holds.", Example: "taper: { every: 3 days, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *ledger.Taper, n *source.Node) { t.Every = d.Days(n, "`every`") }},
		{Name: "doses", Required: true, Shape: grammar.List(grammar.Text), Doc: "The doses, each less than the one before it.", Example: "taper: { every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *ledger.Taper, n *source.Node) {
				for _, item := range d.List(n) {
					amount := d.Amount(item, "a dose", "as 40 mg", func(u quantity.Unit) bool { return u.Per() == quantity.PerNothing })
					if k := len(t.Doses); k > 0 && amount.IsSet() && t.Doses[k-1].IsSet() && amount.Unit().Comparable(t.Doses[k-1].Unit()) && amount.Cmp(t.Doses[k-1]) >= 0 {
						d.Add(diag.BadOrder, item.Range, "write the doses from the largest to the smallest", "the doses of a taper fall, and %v is not less than %v", amount, t.Doses[k-1])
					}
					t.Doses = append(t.Doses, amount)
				}
			}},
		{Name: "phase", Shape: grammar.Name, Doc: "A phase that gives the medicine that is tapered, where the protocol has several medicines.", Example: "taper: { phase: maintenance, every: 1 week, doses: [40 mg, 20 mg] }",
			Read: func(d *decoder, t *ledger.Taper, n *source.Node) { t.Phase = d.Name(n, "phase") }},
	},
}

// Reference documents every key of a course file, from the tables that read it.
func Reference() []grammar.ObjectDoc {
	return []grammar.ObjectDoc{courseObject.Describe(), pinObject.Describe(), treatmentObject.Describe(), settingsObject.Describe(), entryObject.Describe(), nextObject.Describe(), taperObject.Describe()}
}

// Schema returns the JSON Schema (2020-12) of course files.
func Schema() map[string]any {
	s := grammar.Schema("urn:doseplan:schema:course:1", "doseplan course", Reference())
	var list []any
	for _, v := range verbs {
		list = append(list, map[string]any{"required": []any{v.key}})
	}
	s["$defs"].(map[string]any)["entry"].(map[string]any)["oneOf"] = list
	return s
}

// Decode reads a course file.
func Decode(n *source.Node) (*ledger.Course, diag.List) {
	c := &ledger.Course{Range: n.Range}
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
