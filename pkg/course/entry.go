package course

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// A verb is a key that says what an entry says, and the keys that may go with it.
type verb struct {
	key  string
	with []string
}

// verbs are in the order of the reference.
var verbs = []verb{
	{"given", []string{"at", "amount", "via"}}, {"missed", []string{"again"}}, {"check-in", []string{"at", "where", "decision", "amount", "results"}},
	{"weight", []string{"results"}}, {"measured", nil}, {"found", nil}, {"resolved", nil}, {"medicine started", nil}, {"medicine stopped", nil},
	{"observation", nil}, {"adverse event", nil}, {"sent", fillKeys}, {"received", []string{"medicine"}}, {"lost", []string{"medicine"}},
	{"tier", nil}, {"dose", nil}, {"frequency", nil}, {"times", nil}, {"route", nil}, {"skip", nil}, {"move", []string{"to", "at"}}, {"delay", []string{"to"}}, {"away", nil}, {"start", nil},
	{"hold", nil}, {"resume", nil}, {"stop", []string{"taper"}}, {"switch", []string{"after", "last day", "taper"}}, {"add", nil}, {"restart", []string{"from phase", "with tier"}}, {"protocol", nil},
	{"strike", nil},
}

var fillKeys = []string{"medicine", "doses", "amount", "first", "last"}

// common are the keys of every entry.
var common = []string{"on", "entered", "by", "why", "of", "replaces"}

// A draft is an entry on the way: its parts as they are read, in any order.
type draft struct {
	ledger.Entry
	at                     civil.OptionalClock
	amount                 quantity.Amount
	again, to, first, last civil.Date
	where, decision, via   string
	medicine, tier, phase  string
	doses                  int
	results                []ledger.Result
	after                  schedule.Occurrence
	lastDay                civil.Date
	taper                  ledger.Taper
}

// entry reads one entry of the ledger. An entry with an error says nothing.
func (d *decoder) entry(n *source.Node, number int) ledger.Entry {
	x := draft{Entry: ledger.Entry{Number: number, Range: n.Range}}
	before := len(*d.Found)
	entryObject.Decode(&d.Reader, d, n, &x)
	d.verb(n)
	x.complete()
	if len(*d.Found) > before {
		x.Act = nil
	}
	if x.Entered.IsZero() {
		x.Entered = x.On
	}
	return x.Entry
}

// DecodeEntry reads one entry of a number, as the ledger would hold it.
func DecodeEntry(n *source.Node, number int) (ledger.Entry, diag.List) {
	var found diag.List
	d := &decoder{grammar.Reader{Found: &found}}
	return d.entry(n, number), found
}

// verb looks for the one thing that an entry says, and for keys that do not go with it.
func (d *decoder) verb(n *source.Node) {
	if n.Kind != source.Mapping {
		return
	}
	var found []*verb
	for i := range verbs {
		if v := &verbs[i]; slices.ContainsFunc(n.Fields, func(f source.Field) bool { return f.Key.Value == v.key }) {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		var names []string
		for _, v := range found {
			names = append(names, v.key)
		}
		d.Add(diag.KeysExclude, n.Range, "write each as an entry of its own", "an entry says one thing; this says %d: %s", len(found), strings.Join(names, ", "))
		return
	}
	for _, f := range n.Fields {
		key := f.Key.Value
		if key != found[0].key && !slices.Contains(common, key) && !slices.Contains(found[0].with, key) && slices.ContainsFunc(verbs, func(v verb) bool { return slices.Contains(v.with, key) }) {
			d.Add(diag.KeysExclude, f.Value.Range, "remove it", "`%s` does not go with `%s`", key, found[0].key)
		}
	}
	if of := n.Get("sent"); of != nil && n.Get("doses") != nil && (n.Get("amount") == nil || n.Get("first") == nil || n.Get("last") == nil) {
		d.Add(diag.MissingKey, n.Range, "add amount, first and last", "what was sent is stated in part")
	}
}

// complete puts the parts of an entry together.
func (x *draft) complete() {
	switch a := x.Act.(type) {
	case *ledger.Given:
		a.At, a.Amount, a.Via = x.at, x.amount, x.via
	case *ledger.Missed:
		a.Again = x.again
	case *ledger.CheckedIn:
		a.At, a.Where, a.Decision, a.Amount, a.Results = x.at, x.where, x.decision, x.amount, x.results
	case *ledger.Measured:
		a.Results = append(a.Results, x.results...)
	case *ledger.Supplied:
		a.Medicine, a.Doses, a.Amount, a.First, a.Last = x.medicine, x.doses, x.amount, x.first, x.last
	case *ledger.Move:
		a.To, a.At = cmp.Or(x.to, x.On), x.at
	case *ledger.Delay:
		a.To = cmp.Or(x.to, x.On)
	case *ledger.Stop:
		a.Taper = x.taper
	case *ledger.Switch:
		a.After, a.LastDay, a.Taper = x.after, x.lastDay, x.taper
		a.Treatment.Start = x.On
	case *ledger.Add:
		a.Treatment.Start = x.On
	case *ledger.Restart:
		a.Phase, a.Tier = x.phase, x.tier
	}
}

func perNothing(u quantity.Unit) bool { return u.Per() == quantity.PerNothing }

// times reads clock times by phase, as 08:00 and 20:00.
func (d *decoder) times(n *source.Node) map[string][]civil.Clock {
	out := map[string][]civil.Clock{}
	if !d.Want(n, source.Mapping, "a mapping of phases") {
		return out
	}
	for _, f := range n.Fields {
		var clocks []civil.Clock
		for _, word := range strings.Fields(strings.NewReplacer(",", " ", " and ", " ").Replace(d.Text(f.Value, "clock times"))) {
			c, err := civil.ParseClock(word)
			if err != nil {
				d.Add(diag.BadTime, f.Value.Range, "write them as 08:00 and 20:00", "%v", err)
				break
			}
			clocks = append(clocks, c)
		}
		if len(clocks) == 0 {
			d.Add(diag.BadTime, f.Value.Range, "write them as 08:00 and 20:00", "no clock time is given")
		}
		out[f.Key.Value] = clocks
	}
	return out
}

func (d *decoder) amounts(n *source.Node) map[string]quantity.Amount {
	out := map[string]quantity.Amount{}
	if !d.Want(n, source.Mapping, "a mapping of phases") {
		return out
	}
	for _, f := range n.Fields {
		out[f.Key.Value] = d.Amount(f.Value, "a dose", "as 40 mg", perNothing)
	}
	return out
}

func (d *decoder) results(n *source.Node) (list []ledger.Result) {
	if d.Want(n, source.Mapping, "a mapping of measures") {
		for _, f := range n.Fields {
			list = append(list, ledger.Result{Measure: f.Key.Value, Value: d.Text(f.Value, "a result")})
		}
	}
	return list
}

func (d *decoder) weight(n *source.Node) quantity.Amount {
	p, found := patient.Decode(&source.Node{Kind: source.Mapping, Fields: []source.Field{{Key: &source.Node{Kind: source.Scalar, Value: "weight"}, Value: n}}})
	*d.Found = append(*d.Found, found...)
	return p.Weight
}

func (d *decoder) dates(n *source.Node) *ledger.Away {
	text := d.Text(n, "a date")
	from, to, ranged := strings.Cut(text, "..")
	if !ranged {
		to = from
	}
	a := &ledger.Away{}
	var err, err2 error
	a.First, err = civil.ParseDate(from)
	a.Last, err2 = civil.ParseDate(to)
	if err != nil || err2 != nil {
		d.Add(diag.BadTime, n.Range, "write it as 2026-04-01..2026-04-10", "“%s” is not a date, or two", text)
	}
	return a
}

// said is the key of a verb.
func said(name string, shape grammar.Shape, doc, example string, read func(d *decoder, n *source.Node) ledger.Act) key[draft] {
	return key[draft]{Name: name, Shape: shape, Doc: doc, Example: example, Read: func(d *decoder, x *draft, n *source.Node) { x.Act = read(d, n) }}
}

// fixed is the key of a verb that has one value.
func fixed(name, value, doc string, act func() ledger.Act) key[draft] {
	return said(name, grammar.Words(value), doc, name+": "+value, func(d *decoder, n *source.Node) ledger.Act {
		d.Word(n, "word", []string{value})
		return act()
	})
}

func supplied(what string) func(d *decoder, n *source.Node) ledger.Act {
	return func(d *decoder, n *source.Node) ledger.Act {
		number, _ := d.count(n, false)
		return &ledger.Supplied{What: what, Number: number}
	}
}

func found(medicine, ended bool, what string) func(d *decoder, n *source.Node) ledger.Act {
	return func(d *decoder, n *source.Node) ledger.Act {
		return &ledger.Found{What: d.Text(n, what), Medicine: medicine, Ended: ended}
	}
}

var shapeResults = grammar.Shape{Text: "a mapping of measures to results", Schema: map[string]any{"type": "object", "additionalProperties": grammar.Text.Schema}}

var entryObject = grammar.Object[*decoder, draft]{
	Name: "entry",
	Doc:  "One entry of the ledger: a fact, an order or a correction. It has `on`, `by`, and one of the keys that say what.",
	Keys: slices.Concat(commonKeys, factKeys, orderKeys, partKeys),
}

var commonKeys = []key[draft]{
	{Name: "on", Required: true, Shape: shapeDate, Doc: "The day that it is about: of a fact, that on which it happened; of an order, that from which it holds.", Example: "on: 2026-03-09",
		Read: func(d *decoder, x *draft, n *source.Node) { x.On = d.date(n) }},
	{Name: "entered", Shape: shapeDate, Doc: "The day on which it was written down. Default: the day that it is about.", Example: "entered: 2026-03-10",
		Read: func(d *decoder, x *draft, n *source.Node) { x.Entered = d.date(n) }},
	{Name: "by", Required: true, Shape: grammar.Text, Doc: "Who says so.", Example: "by: Dr. Adams",
		Read: func(d *decoder, x *draft, n *source.Node) { x.By = d.Text(n, "a name") }},
	{Name: "why", Shape: grammar.Text, Doc: "Why.", Example: "why: little effect, well tolerated",
		Read: func(d *decoder, x *draft, n *source.Node) { x.Why = d.Text(n, "a reason") }},
	{Name: "of", Shape: grammar.Text, Doc: "The id of the protocol that it is about, where several run. Default: the one that runs on the day, but for those beside it.", Example: "of: adjunct",
		Read: func(d *decoder, x *draft, n *source.Node) { x.Of = d.Text(n, "an id") }},
	{Name: "replaces", Shape: shapeCount, Doc: "The number of an entry that was wrong, and whose place this one takes. It stays readable.", Example: "replaces: 3",
		Read: func(d *decoder, x *draft, n *source.Node) {
			if x.Replaces, _ = d.count(n, false); x.Replaces >= x.Number {
				d.Add(diag.BadOrder, n.Range, "name an earlier entry", "the entry %d replaces one that does not stand before it", x.Number)
			}
		}},
}

var factKeys = []key[draft]{
	said("given", shapeMaybe, "A dose that was given: as planned, or with `at` and `amount`. Without a number it is one beside the plan, or of what is taken as needed by its name, whose time and amount are stated.", "given: induction 1",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Given{Dose: d.doseName(n, true)} }),
	said("missed", shapeName, "A dose that was not given; `on` is its planned day. What follows is the protocol's rule. Or a check-in that did not take place: what waits for it goes on waiting.", "missed: induction 3",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Missed{Dose: d.doseName(n, false)} }),
	said("check-in", shapeMaybe, "A check-in that took place. It decides only in its own window, or later until the next of its name may be held; without a number it is one that was not planned, and decides nothing.", "check-in: review 1",
		func(d *decoder, n *source.Node) ledger.Act {
			name, number := d.name(n, "a check-in", true)
			return &ledger.CheckedIn{Name: name, Number: number}
		}),
	said("weight", grammar.Pattern("a weight, as 72 kg or 158 lb", grammar.PatternNumber+` *(kg|lbs?|g)`), "What the patient weighs. Later doses follow it; where the protocol is not for it, they are held.", "weight: 70 kg",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Measured{Weight: d.weight(n)} }),
	said("measured", shapeResults, "What else was measured.", "measured: { blood pressure: 128/82 }",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Measured{Results: d.results(n)} }),
	said("found", grammar.Text, "A condition that the patient has. Where it is an absolute contraindication, doses are held.", "found: pregnancy", found(false, false, "a condition")),
	said("resolved", grammar.Text, "A condition that the patient has no more.", "resolved: pregnancy", found(false, true, "a condition")),
	said("medicine started", grammar.Text, "A medicine that the patient takes.", "medicine started: lamotrigine", found(true, false, "a medicine")),
	said("medicine stopped", grammar.Text, "A medicine that the patient takes no more.", "medicine stopped: lamotrigine", found(true, true, "a medicine")),
	said("observation", grammar.Text, "An observation, in words.", "observation: slept through the session",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Noted{Text: d.Text(n, "a text")} }),
	said("adverse event", grammar.Text, "An adverse event, in words.", "adverse event: vomiting for an hour",
		func(d *decoder, n *source.Node) ledger.Act {
			return &ledger.Noted{Adverse: true, Text: d.Text(n, "a text")}
		}),
	said("sent", shapeCount, "A fill that was sent, by its number: as planned, or with what it held.", "sent: 2", supplied("sent")),
	said("received", shapeCount, "A fill that the patient received.", "received: 2", supplied("received")),
	said("lost", shapeCount, "A fill that the patient has no more. The next is planned for the doses that it was for.", "lost: 2", supplied("lost")),
}

var orderKeys = []key[draft]{
	said("tier", grammar.Name, "Another tier. A raise that the protocol leaves to a check-in is recorded as that check-in.", "tier: low",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.SetTier{Tier: d.Name(n, "tier")} }),
	said("dose", shapePer, "Another amount in a phase: no more than the protocol could give, and no more than now where steps wait for a check-in.", "dose: { maintenance: 40 mg }",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.SetDose{Amounts: d.amounts(n)} }),
	said("frequency", shapePer, "Another frequency in a phase, one of those that the protocol offers.", "frequency: { maintenance: every 4 weeks }",
		func(d *decoder, n *source.Node) ledger.Act {
			return &ledger.SetFrequency{Frequencies: d.perPhase(n)}
		}),
	said("times", shapePer, "Other clock times of the doses of a day in a phase.", "times: { daily: 08:00 and 20:00 }",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.SetTimes{Times: d.times(n)} }),
	said("route", grammar.Name, "Another route, one of those of the protocol.", "route: oral",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.SetRoute{Route: d.Name(n, "route")} }),
	said("skip", shapeName, "A dose that is left out on purpose.", "skip: maintenance 2",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Skip{Dose: d.doseName(n, false)} }),
	said("move", shapeName, "A dose or a check-in that is put on another day inside its window, `to`, or at another time, `at`.", "move: maintenance 2",
		func(d *decoder, n *source.Node) ledger.Act {
			of, number := d.name(n, "a phase or a check-in", false)
			return &ledger.Move{Of: of, Number: number}
		}),
	said("delay", shapeName, "A dose that is put on a later day, `to`, past its window too, and all that is planned from its day on as many days later.", "delay: maintenance 2",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Delay{Dose: d.doseName(n, false)} }),
	said("away", shapeDates, "Days on which the patient is away.", "away: 2026-04-01..2026-04-10",
		func(d *decoder, n *source.Node) ledger.Act { return d.dates(n) }),
	said("start", shapeDate, "Another start of a protocol of which no dose was given.", "start: 2026-03-09",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Postpone{Start: d.date(n)} }),
	fixed("hold", "doses", "Doses are held from the day on.", func() ledger.Act { return &ledger.Hold{} }),
	fixed("resume", "doses", "Doses are given again from the day on.", func() ledger.Act { return &ledger.Resume{} }),
	said("stop", grammar.Text, "The course ends, or one protocol of it: nothing is planned from the day on.", "stop: course",
		func(d *decoder, n *source.Node) ledger.Act {
			a := &ledger.Stop{Protocol: d.Text(n, "course, or the id of a protocol")}
			if a.Protocol == "course" {
				a.Protocol = ""
			}
			return a
		}),
	said("switch", grammar.Mapping("next"), "Another protocol from the day on, which ends the present one.", "switch: { protocol: { … }, tier: low }",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Switch{Treatment: d.next(n)} }),
	said("add", grammar.Mapping("next"), "Another protocol from the day on that runs beside the present one, as of an adjunct medicine.", "add: { protocol: { … } }",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Add{Treatment: d.next(n)} }),
	said("restart", grammar.Text, "A protocol of the course, by its id, that begins again on the day, with its first phase or with another.", "restart: ketamine-iv-intensive",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Restart{Protocol: d.Text(n, "an id")} }),
	said("protocol", grammar.Mapping("protocol"), "Follows a protocol of the course as it is now.", "protocol: { id: mine, version: 1.1.0, sha256: … }",
		func(d *decoder, n *source.Node) ledger.Act { return &ledger.Accept{Pin: d.pin(n)} }),
	said("strike", shapeCount, "Takes an entry back, or several. They stay readable, and count no more.", "strike: 3",
		func(d *decoder, n *source.Node) ledger.Act {
			first, last := d.count(n, true)
			return &ledger.Strike{First: first, Last: last}
		}),
}

var partKeys = []key[draft]{
	{Name: "at", Shape: shapeClock, Doc: "The time of day, of a dose or a check-in. Default: the planned one.", Example: "at: 10:30",
		Read: func(d *decoder, x *draft, n *source.Node) { x.at = civil.SomeClock(d.clock(n)) }},
	{Name: "amount", Shape: grammar.Text, Doc: "Of a dose: what was given. Default: the planned amount. Of a check-in that confirms a step whose size is open: the new dose. Of a fill: what it held.", Example: "amount: 35 mg",
		Read: func(d *decoder, x *draft, n *source.Node) {
			x.amount = d.Amount(n, "an amount", "as 35 mg", perNothing)
		}},
	{Name: "via", Shape: grammar.Name, Doc: "Of a dose: the route by which it was given. Default: the planned one.", Example: "via: sublingual",
		Read: func(d *decoder, x *draft, n *source.Node) { x.via = d.Name(n, "route") }},
	{Name: "again", Shape: shapeDate, Doc: "Of a missed dose that the protocol plans again: the day. Default: the next day.", Example: "again: 2026-03-10",
		Read: func(d *decoder, x *draft, n *source.Node) { x.again = d.date(n) }},
	{Name: "where", Shape: grammar.Text, Doc: "Of a check-in: where it was done, if elsewhere.", Example: "where: the family doctor",
		Read: func(d *decoder, x *draft, n *source.Node) { x.where = d.Text(n, "a place") }},
	{Name: "decision", Shape: grammar.Words("confirm", "decline", "met"), Doc: "Of a check-in: what was decided about the doses that waited for it. `met` says that it found its criterion: the phases that last until then end, and what waits for it is confirmed.", Example: "decision: confirm",
		Read: func(d *decoder, x *draft, n *source.Node) {
			x.decision = d.Word(n, "decision", []string{"confirm", "decline", "met"})
		}},
	{Name: "results", Shape: shapeResults, Doc: "What was measured.", Example: "results: { PHQ-9: 12 }",
		Read: func(d *decoder, x *draft, n *source.Node) { x.results = d.results(n) }},
	{Name: "medicine", Shape: grammar.Text, Doc: "Of a fill: the medicine, where the protocol has several.", Example: "medicine: ketamine",
		Read: func(d *decoder, x *draft, n *source.Node) { x.medicine = d.Text(n, "a medicine") }},
	{Name: "doses", Shape: shapeCount, Doc: "Of a fill: how many doses it held.", Example: "doses: 28",
		Read: func(d *decoder, x *draft, n *source.Node) { x.doses, _ = d.count(n, false) }},
	{Name: "first", Shape: shapeDate, Doc: "Of a fill: the day of the first dose that it is for.", Example: "first: 2026-03-02",
		Read: func(d *decoder, x *draft, n *source.Node) { x.first = d.date(n) }},
	{Name: "last", Shape: shapeDate, Doc: "Of a fill: the day of the last dose that it is for.", Example: "last: 2026-03-29",
		Read: func(d *decoder, x *draft, n *source.Node) { x.last = d.date(n) }},
	{Name: "to", Shape: shapeDate, Doc: "Of a move or a delay: the new day. Default: the day of the entry.", Example: "to: 2026-03-12",
		Read: func(d *decoder, x *draft, n *source.Node) { x.to = d.date(n) }},
	{Name: "after", Shape: shapeName, Doc: "Of a switch: the check-in that coordinates it; it must have taken place.", Example: "after: response 1",
		Read: func(d *decoder, x *draft, n *source.Node) {
			x.after.Name, x.after.Number = d.name(n, "a check-in", false)
		}},
	{Name: "last day", Shape: shapeDate, Doc: "Of a switch: the last day of the present protocol. Earlier than the day before the next begins it leaves a gap, later the two overlap, and limits on a medicine hold across both. Default: the end of the taper, or the day before the next protocol begins.", Example: "last day: 2026-04-26",
		Read: func(d *decoder, x *draft, n *source.Node) { x.lastDay = d.date(n) }},
	{Name: "taper", Shape: grammar.Mapping("taper"), Doc: "Of a switch or a stop: the falling doses with which the present protocol ends.", Example: "taper: { from: 2026-04-20, every: 1 week, doses: [40 mg, 20 mg] }",
		Read: func(d *decoder, x *draft, n *source.Node) { taperObject.Decode(&d.Reader, d, n, &x.taper) }},
	{Name: "from phase", Shape: grammar.Name, Doc: "Of a restart: the phase to begin with. What was decided before about that phase still holds. Default: the first.", Example: "from phase: maintenance",
		Read: func(d *decoder, x *draft, n *source.Node) { x.phase = d.Name(n, "phase") }},
	{Name: "with tier", Shape: grammar.Name, Doc: "Of a restart: the tier to begin with. Default: that of the first start, and no higher than the present one.", Example: "with tier: low",
		Read: func(d *decoder, x *draft, n *source.Node) { x.tier = d.Name(n, "tier") }},
}
