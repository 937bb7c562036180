package protocol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// An Example is a worked example of a protocol: a patient and what was chosen, and what must
// come of it. Package worked runs it.
type Example struct {
	Title, Source string
	Patient       *source.Node // the keys of a patient file, or nil; package patient reads them
	AnyOf         []string     // conditions: the example holds for each, present beside the patient's own
	Tier, Route   string
	Frequencies   []Chosen
	Steps         []ChosenStep
	Confirmed     []string // check-ins that took place
	Ordered       []OrderedDose
	Given         []GivenDose
	Missed        []MissedDose // on the days on which they stand by then, in order
	Held          [2]int       // the days of the course, from the first to the last, on which doses are held; the same as Until counts
	HasHeld       bool
	Closed        ClosedDays
	Until         int // the last day that is shown; a day of the course, counted as the protocol does
	HasUntil      bool
	Gives         []Gives
	RefusedBy     []string
	WarnsOf       []string
	Asks          []string
	Says          []Saying
	Stated        map[string]diag.Range // by key: where it stands
	Range         diag.Range
}

// A Chosen is a frequency that was chosen for a phase, or, with no phase, for every one.
type Chosen struct{ Phase, Text string }

// A ChosenStep is a step of a titration by amounts, from 1, that was confirmed.
type ChosenStep struct {
	Phase string
	Step  int
}

// An OrderedDose is an amount that the clinician orders for a phase from day 1 on.
type OrderedDose struct {
	Phase  string
	Amount quantity.Amount
}

// A MissedDose is a dose that was not given on its day.
type MissedDose struct {
	Phase  string
	Number int
	Range  diag.Range
}

// A GivenDose is what happened to one dose: it was given on a day of the course, at a time, in
// an amount. What is not stated is as planned.
type GivenDose struct {
	Phase  string
	Number int
	Amount quantity.Amount
	Day    int
	Clock  civil.OptionalClock
}

// ClosedDays are days on which nothing takes place: days of the week, and days of the course.
type ClosedDays struct {
	Weekdays [7]bool
	Days     []int
	Policy   calendar.Policy
}

// A Gives is all that an example gives of one phase, one check-in, or the supply.
type Gives struct {
	Name  string // of a phase or a check-in, or SupplyName
	Lines []GivesLine
	Range diag.Range
}

// A Saying is a sentence that a calendar must say.
type Saying struct {
	Text  string
	Range diag.Range
}

// SupplyName is what an example calls the fills of a protocol.
const SupplyName = "supply"

// A GivesLine is one sentence of an example: how much, when, and what it waits for.
type GivesLine struct {
	Amount quantity.Amount // of doses and fills; unset where it is not stated
	Times  []civil.Clock   // none where they are not stated
	PerDay int             // how many on each day
	Days   []int           // of the course
	If     string          // the check-in that must confirm it, or ""
	After  []int           // of observations: minutes after each dose
	Range  diag.Range
}

const (
	patternDay  = `(-?[0-9]{1,4})`
	patternSpan = patternDay + `( to ` + patternDay + `)?`
	patternAnd  = `(, and |, | and )`
	patternDays = `(on days? ` + patternSpan + `(` + patternAnd + patternSpan + `)*|every [1-9][0-9]{0,2} days from day ` + patternDay + ` to day ` + patternDay + `)`
)

var (
	patternGives = `none|[0-9]{1,4}(` + patternAnd + `[0-9]{1,4})* minutes after each dose|((` + patternDose + `) )?([1-9][0-9]? times )?` + patternDays + `( at ` + grammar.PatternClock + `(` + patternAnd + grammar.PatternClock + `)*)?(, if ` + grammar.PatternName + `( and ` + grammar.PatternName + `)? confirms?)?`

	reGives  = lazy.MustCompile(`^(?:(.+?) )??(?:([1-9][0-9]?) times )?(on days? [-0-9, andto]+?|every \d+ days from day -?\d+ to day -?\d+)(?: at ([0-9:, and]+))?(?:, if ([a-z][a-z0-9-]*(?: and [a-z][a-z0-9-]*)?) confirms?)?$`)
	reAround = lazy.MustCompile(`^([0-9][0-9, and]*) minutes after each dose$`)
	reSpan   = lazy.MustCompile(`^(-?\d{1,4})(?: to (-?\d{1,4}))?$`)
	reEvery  = lazy.MustCompile(`^every (\d{1,3}) days from day (-?\d{1,4}) to day (-?\d{1,4})$`)
	reOnDays = lazy.MustCompile(`^on days? `)
	reAnd    = lazy.MustCompile(`, and |, | and `)
	reGiven  = lazy.MustCompile(`^(?:(.+?) )??on day (-?\d{1,4})(?: at ([0-9]{2}:[0-9]{2}))?$`)
	reDayN   = lazy.MustCompile(`^day (-?\d{1,4})$`)
	reHeld   = lazy.MustCompile(`^days (-?\d{1,4}) to (-?\d{1,4})$`)

	shapeGives = grammar.List(grammar.Pattern("what comes of it, as “36 mg on days 1, 3 and 5”, “25 mg on days 1 to 28 at 20:00, if review confirms”, “50 mg every 7 days from day 1 to day 36”, “on day 12”, “0, 40 and 80 minutes after each dose”, or none", patternGives))
)

// maxExampleDays is how many days one sentence of an example may name.
const maxExampleDays = 4000

var exampleObject = object[Example]{
	Name: "example",
	Doc:  "A worked example: a patient and choices, and what must come of them. `doseplan test` runs it, and so does `doseplan validate`. The examples of a protocol that another one extends are not the other's.",
	Keys: []key[Example]{
		{Name: "title", Shape: grammar.Text, Doc: "What it shows.",
			Example: "examples: [ { title: The first week, gives: { course: \"50 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { e.Title = d.Text(n, "a title") }},
		{Name: "source", Shape: grammar.Text, Doc: "Where it comes from, if it is a source's own example or table.",
			Example: "examples: [ { source: \"Example 2020, table 2\", gives: { course: every 3 days from day 1 to day 28 }, until: day 28 } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { e.Source = d.Text(n, "a source") }},
		{Name: "patient", Shape: grammar.Shape{Text: "a mapping of the keys of a patient file", Schema: map[string]any{"type": "object"}}, Doc: "The patient. Default: nothing is known of it. The start is Monday 2026-03-02 unless it is stated here, and clock times are UTC's unless a time zone is.",
			Example: "examples: [ { patient: { weight: 72 kg, start: 2026-05-04 }, gives: { course: \"50 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				if d.Want(n, source.Mapping, "a patient") {
					e.Patient = n
				}
			}},
		{Name: "with any of", Shape: grammar.List(grammar.Text), Doc: "Conditions or medicines. The example holds for each of them, present beside what the patient has already.",
			Example: "contraindications: { absolute: [ psychosis: [schizophrenia] ] }\nexamples: [ { with any of: [psychosis, schizophrenia], refused by: psychosis } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { e.AnyOf = d.Texts(n, "a condition") }},
		{Name: "tier", Shape: grammar.Name, Doc: "The tier that is chosen.",
			Example: "tiers: { low: 25 mg, high: 50 mg }\nphases: { course: { dose: tier } }\nexamples: [ { tier: low, gives: { course: \"25 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				e.Tier = d.Text(n, "a tier")
				if _, ok := d.protocol.Tier(e.Tier); !ok {
					d.unknown(n, "tier", e.Tier, d.protocol.tierNames())
				}
			}},
		{Name: "route", Shape: shapeRoute, Doc: "The route that is chosen.",
			Example: "examples: [ { route: oral, gives: { course: \"50 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				if e.Route = d.route(n); !slices.Contains(d.protocol.routeNames(), e.Route) {
					d.unknown(n, "route", e.Route, d.protocol.routeNames())
				}
			}},
		{Name: "frequency", Shape: grammar.Shape{Text: "a frequency, or a mapping of phases to frequencies", Schema: map[string]any{"anyOf": []any{shapeFrequencyOne.Schema, grammar.Map("phases", shapeFrequencyOne).Schema}}, Canon: canonFrequency}, Doc: "The frequency that is chosen, where a phase offers several.",
			Example: "phases: { course: { frequency: [daily, 5 a week] } }\nexamples: [ { frequency: { course: daily }, gives: { course: 50 mg on days 1 to 7 }, until: day 7 } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { d.chosen(e, n) }},
		{Name: "step", Shape: grammar.Map("phases", grammar.Number("the number of a step", `[1-9][0-9]{0,2}`)), Doc: "The step of a titration by amounts that is confirmed from day 1 on, counted from 1.",
			Example: "phases: { course: { dose: titration, titration: { steps: [25 mg, 50 mg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }\nexamples: [ { step: { course: 2 }, gives: { course: \"50 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				for _, f := range d.entries(n, "steps") {
					e.Steps = append(e.Steps, ChosenStep{f.Key.Value, d.Count(f.Value, "the number of a step", "a number from 1 on", 999)})
				}
			}},
		{Name: "confirmed", Shape: grammar.List(grammar.Name), Doc: "Check-ins that took place and confirmed what they decide about.",
			Example: "check-ins: { evaluation: { before: first dose, mode: telehealth, gates: first dose } }\nexamples: [ { confirmed: evaluation, gives: { course: \"50 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				for _, item := range d.List(n) {
					name := d.Text(item, "a check-in")
					if name != ReassessmentName && !slices.Contains(d.checkInNames(), name) {
						d.unknown(item, "check-in", name, d.checkInNames())
					}
					e.Confirmed = append(e.Confirmed, name)
				}
			}},
		{Name: "ordered", Shape: grammar.Map("phases", shapeAmount), Doc: "Another amount that the clinician orders for a phase from day 1 on, to see where a limit refuses it.",
			Example: "limits: { single dose: 60 mg }\nexamples: [ { ordered: { course: 65 mg }, refused by: single dose } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				for _, f := range d.entries(n, "orders") {
					e.Ordered = append(e.Ordered, OrderedDose{f.Key.Value, d.doseAmount(f.Value, "an order")})
				}
			}},
		{Name: "given", Shape: grammar.Keyed("doses, as course 1,", `[a-z][a-z0-9-]* [1-9][0-9]{0,5}`, grammar.Pattern("what was given, as “50 mg on day 2 at 22:00”", `((`+patternDose+`) )?on day `+patternDay+`( at `+grammar.PatternClock+`)?`)), Doc: "What was given already, on which day of the course, at what time and how much. What follows is planned after it.",
			Example: "limits: { single dose: 60 mg, interval: 20 h }\nphases: { course: { window: +1 day } }\nexamples: [ { given: { course 1: on day 3 at 13:00 }, gives: { course: \"50 mg on days 3, 4 and 7\" }, until: day 7 } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { d.given(e, n) }},
		{Name: "missed", Shape: grammar.List(grammar.Pattern("a phase and a number, as course 2", `[a-z][a-z0-9-]* [1-9][0-9]{0,5}`)), Doc: "Doses that were not given, one after the other, each on the day on which it stands by then: what the rule of `missed doses` makes of them follows.",
			Example: "missed doses: { then: shift }\nexamples: [ { missed: course 2, gives: { course: \"50 mg on days 1, 5 and 8\" }, until: day 8 } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { d.missedIn(e, n) }},
		{Name: "held", Shape: grammar.Pattern("days of the course, as days 8 to 14", `days `+patternDay+` to `+patternDay), Doc: "Days of the course on which doses are held, the first and the last; they are given again after that, by the rule of `interruptions`.",
			Example: "interruptions: { clock: stops }\nexamples: [ { held: days 3 to 9, gives: { course: \"50 mg on days 1, 11 and 14\" }, until: day 14 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				if m := reHeld.FindStringSubmatch(d.Text(n, "days")); m != nil {
					e.Held, e.HasHeld = [2]int{signed(m[1]), signed(m[2])}, true
				}
				if n.Kind == source.Scalar && (!e.HasHeld || e.Held[1] < e.Held[0]) {
					d.Add(diag.BadTime, n.Range, "write it as: days 8 to 14", "“%s” are no days on which doses are held", n.Value)
				}
			}},
		{Name: "closed", Shape: grammar.List(grammar.Pattern("weekends, a day of the week, or a day of the course as day 3", `weekends|`+weekday+`|day `+patternDay)), Doc: "Days on which nothing takes place: weekends, a day of the week, or a day of the course, as day 3.",
			Example: "phases: { course: { window: +1 day } }\nexamples: [ { closed: [sun, day 4], gives: { course: \"50 mg on days 1, 5 and 8\" }, until: day 8 } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { d.closed(e, n) }},
		{Name: "closed policy", Shape: grammar.Words(calendar.PolicyNames()...), Doc: "How events move off closed days. Default: next.",
			Example: "phases: { course: { window: ±1 day } }\nexamples: [ { closed: day 4, closed policy: previous, gives: { course: \"50 mg on days 1, 3 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				if p, err := calendar.ParsePolicy(d.Word(n, "policy", calendar.PolicyNames())); err == nil {
					e.Closed.Policy = p
				}
			}},
		{Name: "until", Shape: grammar.Pattern("a day of the course, as day 28", `day `+patternDay), Doc: "The last day that the example looks at. Default: as far as the calendar goes, 12 weeks of a phase that is open-ended.",
			Example: "examples: [ { gives: { course: \"50 mg on days 1, 4 and 7\" }, until: day 7 } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				if m := reDayN.FindStringSubmatch(d.Text(n, "a day")); m != nil {
					e.Until, e.HasUntil = signed(m[1]), true
				} else if n.Kind == source.Scalar {
					d.Add(diag.BadTime, n.Range, "write it as: day 28", "“%s” is not a day of the course", n.Value)
				}
			}},
		{Name: "gives", Shape: grammar.Map("phases, check-ins or `supply`", shapeGives), Doc: "What comes of it: for each phase or check-in that is named, all of its events, no more and no fewer, as sentences: how much, on which days of the course, at what times, and which check-in must confirm it. Days count from day 1, the start (or as `count from` says); the day before is day 0.",
			Example: "examples: [ { gives: { course: 50 mg on days 1 to 7 at 09:00 }, until: day 7 } ]\nphases: { course: { frequency: daily } }",
			Read:    func(d *decoder, e *Example, n *source.Node) { d.gives(e, n) }},
		{Name: "refused by", Shape: grammar.List(grammar.Text), Doc: "That it is refused, and by what: every rule that refuses it, by its key in this file (weight, single dose, interval), by its term (psychosis), or by what is missing (tier). `closed days` where nothing can be moved off them, `like TERM` where a condition is like an absolute contraindication and must be answered.",
			Example: "population: { weight: 40..150 kg }\nexamples: [ { patient: { weight: 151 kg }, refused by: weight } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { e.RefusedBy = d.Texts(n, "a rule") }},
		{Name: "warns of", Shape: grammar.List(grammar.Text), Doc: "All that it warns of: relative contraindications, and limits that what was `given` passes.",
			Example: "contraindications: { relative: [liver disease: [cirrhosis]] }\nexamples: [ { with any of: [liver disease, cirrhosis], warns of: liver disease } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { e.WarnsOf = d.Texts(n, "a contraindication") }},
		{Name: "asks", Shape: grammar.List(grammar.Text), Doc: "All that is to be confirmed because the patient's parameters do not answer it, in the words of the calendar.",
			Example: "population: { age: 18.. years }\nexamples: [ { asks: age 18 years and over } ]",
			Read:    func(d *decoder, e *Example, n *source.Node) { e.Asks = d.Texts(n, "a question") }},
		{Name: "says", Shape: grammar.List(grammar.Text), Doc: "What must stand in the calendar besides: a requirement in its words, a check-in with its mode, a measure or a step that it may raise (as “review: telehealth”), a route with what is said of it (as “oral: over 40 minutes”), or a note.",
			Example: "requirements: { each dose: { no food for: 2 hours } }\nexamples: [ { says: no food for 2 hours before } ]",
			Read: func(d *decoder, e *Example, n *source.Node) {
				for _, item := range d.List(n) {
					e.Says = append(e.Says, Saying{d.Text(item, "a sentence"), item.Range})
				}
			}},
	},
}

// shapeFrequencyOne is the shape of one frequency.
var shapeFrequencyOne = grammar.Pattern("a frequency", frequency.Pattern).In(canonFrequency)

// outcomeKeys are the keys of an example that say what comes of it.
var outcomeKeys = []string{"gives", "refused by", "warns of", "asks", "says"}

// examples reads the worked examples.
func (d *decoder) examples(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Sequence, "`examples`") {
		return
	}
	for _, item := range n.Items {
		e := Example{Range: item.Range, Stated: map[string]diag.Range{}}
		for _, f := range item.Fields {
			e.Stated[f.Key.Value] = f.Value.Range
		}
		exampleObject.Decode(&d.Reader, d, item, &e)
		if (len(e.Missed) > 0 || e.HasHeld) && len(e.Given)+len(e.Ordered) > 0 {
			d.Add(diag.KeysExclude, item.Range, "write two examples", "what was `missed` or `held` does not go with what was `given` or `ordered`")
		}
		if item.Kind == source.Mapping && !slices.ContainsFunc(outcomeKeys, func(k string) bool { return item.Get(k) != nil }) {
			d.Add(diag.MissingKey, item.Range, "add `gives: …` or `refused by: …`", "the example says nothing of what comes of it")
		}
		if e.RefusedBy != nil && (e.Gives != nil || e.Asks != nil || e.Says != nil) {
			d.Add(diag.KeysExclude, item.Range, "keep `refused by`, or leave it out", "an example that is refused gives nothing")
		}
		p.Examples = append(p.Examples, e)
	}
}

// entries returns the fields of a mapping whose keys are phases of the protocol.
func (d *decoder) entries(n *source.Node, what string) []source.Field {
	if !d.Want(n, source.Mapping, what) {
		return nil
	}
	for _, f := range n.Fields {
		if _, ok := d.protocol.Phase(f.Key.Value); !ok {
			d.unknown(f.Key, "phase", f.Key.Value, d.protocol.PhaseNames())
		}
	}
	return n.Fields
}

func (d *decoder) chosen(e *Example, n *source.Node) {
	if n.Kind == source.Scalar {
		e.Frequencies = append(e.Frequencies, Chosen{"", d.frequencyText(n)})
		return
	}
	for _, f := range d.entries(n, "frequencies") {
		e.Frequencies = append(e.Frequencies, Chosen{f.Key.Value, d.frequencyText(f.Value)})
	}
}

// frequencyText reads the words of a frequency.
func (d *decoder) frequencyText(n *source.Node) string {
	text := d.Text(n, "a frequency")
	if _, _, err := frequency.Parse(text); err != nil && text != "" {
		d.Add(diag.BadFrequency, n.Range, "write one that the phase offers", "%v", err)
	}
	return text
}

func (d *decoder) given(e *Example, n *source.Node) {
	if !d.Want(n, source.Mapping, "what was given") {
		return
	}
	for _, f := range n.Fields {
		name, number, _ := strings.Cut(f.Key.Value, " ")
		g := GivenDose{Phase: name, Number: grammar.Atoi(number)}
		if _, ok := d.protocol.Phase(name); !ok {
			d.unknown(f.Key, "phase", name, d.protocol.PhaseNames())
			continue
		}
		m := reGiven.FindStringSubmatch(d.Text(f.Value, "what was given"))
		if m == nil || g.Number == 0 {
			d.Add(diag.BadWord, f.Value.Range, "write it as: course 1: 50 mg on day 2 at 22:00", "“%s: %s” does not say which dose was given when", f.Key.Value, f.Value.Value)
			continue
		}
		g.Day = signed(m[2])
		if m[1] != "" {
			amount := *f.Value
			amount.Value = m[1]
			g.Amount = d.doseAmount(&amount, "what was given")
		}
		if clock, err := civil.ParseClock(m[3]); m[3] != "" && err == nil {
			g.Clock = civil.SomeClock(clock)
		} else if m[3] != "" {
			d.Add(diag.BadTime, f.Value.Range, "write it as 08:00", "%v", err)
		}
		e.Given = append(e.Given, g)
	}
}

func (d *decoder) missedIn(e *Example, n *source.Node) {
	for _, item := range d.List(n) {
		name, number, _ := strings.Cut(d.Text(item, "a dose"), " ")
		x := MissedDose{name, grammar.Atoi(number), item.Range}
		if _, ok := d.protocol.Phase(name); !ok {
			d.unknown(item, "phase", name, d.protocol.PhaseNames())
			continue
		}
		if x.Number < 1 {
			d.Add(diag.BadWord, item.Range, "write it as: course 2", "“%s” does not say which dose was missed", item.Value)
			continue
		}
		e.Missed = append(e.Missed, x)
	}
}

func (d *decoder) closed(e *Example, n *source.Node) {
	for _, item := range d.List(n) {
		text := d.Text(item, "a closed day")
		if m := reDayN.FindStringSubmatch(text); m != nil {
			e.Closed.Days = append(e.Closed.Days, signed(m[1]))
		} else if day, ok := frequency.ParseWeekday(text); ok {
			e.Closed.Weekdays[day] = true
		} else if text == "weekends" {
			e.Closed.Weekdays[0], e.Closed.Weekdays[6] = true, true
		} else {
			d.Add(diag.BadWord, item.Range, "write weekends, a day of the week, or a day of the course as day 3", "“%s” is not a closed day", text)
		}
	}
}

// gives reads what an example gives, one phase or check-in after the other.
func (d *decoder) gives(e *Example, n *source.Node) {
	if !d.Want(n, source.Mapping, "`gives`") {
		return
	}
	for _, f := range n.Fields {
		g := Gives{Name: f.Key.Value, Range: f.Key.Range}
		_, phase := d.protocol.Phase(g.Name)
		isCheckIn := slices.ContainsFunc(d.protocol.CheckIns, func(c CheckIn) bool { return c.Name == g.Name })
		if !phase && !isCheckIn && g.Name != SupplyName && g.Name != ReassessmentName {
			d.unknown(f.Key, "phase or check-in", g.Name, append(d.protocol.PhaseNames(), d.checkInNames()...))
			continue
		}
		for _, item := range d.List(f.Value) {
			if text := d.Text(item, "what comes of it"); text == "none" {
				continue
			}
			if line, ok := d.givesLine(item); ok {
				g.Lines = append(g.Lines, line)
			}
		}
		e.Gives = append(e.Gives, g)
	}
}

// ReassessmentName is the name of the check-in that a limit on the length of a course asks for.
const ReassessmentName = "reassessment"

func (d *decoder) checkInNames() []string {
	var names []string
	for _, c := range d.protocol.CheckIns {
		names = append(names, c.Name)
	}
	return names
}

// givesLine reads one sentence of what an example gives.
func (d *decoder) givesLine(n *source.Node) (GivesLine, bool) {
	line := GivesLine{Range: n.Range, PerDay: 1}
	if m := reAround.FindStringSubmatch(n.Value); m != nil {
		for _, part := range reAnd.Split(m[1], -1) {
			line.After = append(line.After, grammar.Atoi(part))
		}
		return line, true
	}
	m := reGives.FindStringSubmatch(n.Value)
	if m == nil {
		d.Add(diag.BadWord, n.Range, "write it as: 36 mg on days 1, 3 and 5, or: 25 mg on days 1 to 28 at 20:00, if review confirms", "“%s” does not say what comes when", n.Value)
		return line, false
	}
	if m[1] != "" {
		amount := *n
		amount.Value = m[1]
		if line.Amount = d.doseAmount(&amount, "an amount"); !line.Amount.IsSet() {
			return line, false
		}
	}
	var err error
	if line.Days, err = dayList(m[3]); err != nil {
		d.Add(diag.BadOrder, n.Range, "write them as: days 1, 3 and 5, days 1 to 28, or every 7 days from day 1 to day 78", "%v", err)
		return line, false
	}
	if m[4] != "" {
		for _, part := range reAnd.Split(m[4], -1) {
			clock, err := civil.ParseClock(part)
			if err != nil {
				d.Add(diag.BadTime, n.Range, "write times as 08:00", "%v", err)
				return line, false
			}
			line.Times = append(line.Times, clock)
		}
	}
	line.PerDay, line.If = max(grammar.Atoi(m[2]), len(line.Times), 1), m[5]
	for _, name := range strings.Split(line.If, " and ") {
		if name != "" && name != ReassessmentName && !slices.Contains(d.checkInNames(), name) {
			d.unknown(n, "check-in", name, d.checkInNames())
		}
	}
	return line, true
}

// dayList reads days of the course.
func dayList(text string) (days []int, err error) {
	if m := reEvery.FindStringSubmatch(text); m != nil {
		return stretch(nil, signed(m[2]), signed(m[3]), max(grammar.Atoi(m[1]), 1))
	}
	for _, part := range reAnd.Split(reOnDays.ReplaceAllString(text, ""), -1) {
		m := reSpan.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("“%s” is not a day of the course, or a stretch of days", part)
		}
		to := m[2]
		if to == "" {
			to = m[1]
		}
		if days, err = stretch(days, signed(m[1]), signed(to), 1); err != nil {
			return nil, err
		}
	}
	return days, nil
}

// stretch appends the days from one to another.
func stretch(days []int, from, to, step int) ([]int, error) {
	if to < from || (to-from)/step+len(days) > maxExampleDays {
		return nil, fmt.Errorf("the stretch of days %d to %d ends before it begins, or is too long", from, to)
	}
	for day := from; day <= to; day += step {
		days = append(days, day)
	}
	return days, nil
}

func signed(text string) int {
	if digits, ok := strings.CutPrefix(text, "-"); ok {
		return -grammar.Atoi(digits)
	}
	return grammar.Atoi(text)
}
