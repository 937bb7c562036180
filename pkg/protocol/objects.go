package protocol

import (
	"regexp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

var (
	reVersion  = regexp.MustCompile(`^\d{1,4}\.\d{1,4}\.\d{1,4}$`)
	reRxNorm   = regexp.MustCompile(`^\d{1,8}$`)
	reSchedule = regexp.MustCompile(`^[a-z]{2}-[a-z0-9]+$`)
	reDOI      = regexp.MustCompile(`^10\.\d{4,9}/\S+$`)
)

var protocolObject = object[Protocol]{
	name: "protocol",
	doc:  "The file as a whole.",
	keys: []key[Protocol]{
		{name: "doseplan", required: true, shape: shapeWords(Language), doc: "The version of the language, 1.",
			example: "doseplan: 1",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if v := d.text(n, "the version of the language"); v != Language {
					d.add(diag.BadVersion, n.Range, "write `doseplan: 1`", "this doseplan reads version %s of the language, not “%s”", Language, v)
				}
			}},
		{name: "kind", required: true, shape: shapeWords("protocol"), doc: "What the file is.",
			example: "kind: protocol",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				d.word(n, "kind of file", []string{"protocol"})
			}},
		{name: "id", required: true, shape: shapeName, doc: "The name that commands and other files use.",
			example: "id: example-daily",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				p.ID, p.Range = d.name(n, "protocol"), n.Range
			}},
		{name: "title", required: true, shape: shapeText, doc: "A line that tells a clinician what this is.",
			example: "title: An example of a daily dose",
			read:    func(d *decoder, p *Protocol, n *source.Node) { p.Title = d.text(n, "a title") }},
		{name: "version", required: true, shape: pattern("three numbers, as 1.0.0", `[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}`), doc: "The protocol's own version. Raise it with every change.",
			example: "version: 1.0.1",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if p.Version = d.text(n, "a version"); !reVersion.MatchString(p.Version) {
					d.add(diag.BadVersion, n.Range, "write three numbers, as 1.0.0", "“%s” is not a version", p.Version)
				}
			}},
		{name: "extends", shape: shapeText, doc: "The id of a shipped protocol, or a file beside this one, that this one starts from. What stands here replaces what stands there, key by key.",
			example: "# extends: ketamine-daily-low-dose",
			read:    func(*decoder, *Protocol, *source.Node) {}}, // resolved before decoding
		{name: "status", required: true, shape: shapeWords(string(Published), string(Template)), doc: "`published`: every figure has a cited source. `template`: the figures are illustrative, for a clinic to replace; every output says so.",
			example: "status: template",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Status = Status(d.word(n, "status", []string{string(Published), string(Template)}))
			}},
		{name: "model", required: true, shape: shapeWords(string(Intensive), string(LowDose), string(Microdose), string(Other)), doc: "The clinical model: `intensive` (a front-loaded short course), `low-dose` (daily or near-daily), `microdose` (sub-perceptual), or `other`.",
			example: "model: other",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Model = Model(d.word(n, "model", []string{string(Intensive), string(LowDose), string(Microdose), string(Other)}))
			}},
		{name: "setting", required: true, shape: shapeWords(string(Clinic), string(Home)), doc: "Where doses are given.",
			example: "setting: home",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Setting = Setting(d.word(n, "setting", []string{string(Clinic), string(Home)}))
			}},
		{name: "count from", shape: shapeWords("day 0", "day 1"), doc: "The number of the first day. Default: day 1.",
			example: "count from: day 0",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if d.word(n, "first day", []string{"day 0", "day 1"}) == "day 0" {
					p.CountFrom = 0
				}
			}},
		{name: "medication", shape: shapeObject("medication"), doc: "The medicine, where there is one.",
			example: "medication: { name: examplamine }",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				m := Medication{Range: n.Range}
				medicationObject.decode(d, n, &m)
				if m.Name == "" && n.Kind == source.Mapping && n.Get("name") == nil {
					d.add(diag.MissingKey, n.Range, "add `name: …`", "the medication has no “name”")
				}
				p.Medications = append(p.Medications, m)
			}},
		{name: "medications", shape: shapeMap("names of medicines", shapeObject("medication")), doc: "Several medicines side by side, in place of `medication`; each phase then names its own.",
			example: "medications:\n  first: { routes: { oral: { round: 5 mg } } }\n  second: { routes: { oral: { round: 1 mg } } }\nphases: { course: { medication: first }, other: { medication: second, starts: with course, dose: 2 mg, frequency: weekly, course: 2 doses } }",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if !d.want(n, source.Mapping, "`medications`") {
					return
				}
				for _, f := range n.Fields {
					m := Medication{Name: f.Key.Value, Range: f.Key.Range}
					medicationObject.decode(d, f.Value, &m)
					m.Name = f.Key.Value
					p.Medications = append(p.Medications, m)
				}
			}},
		{name: "routes", shape: shapeMap("routes ("+strings.Join(routeNames, ", ")+")", shapeObject("route")), doc: "How the medicine is given. Where there are several and no `default route`, the clinician names one.",
			example: "routes: { oral: { form: tablet, strengths: [25 mg], round: 12.5 mg } }",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if m := d.single(n, "routes"); m != nil {
					m.Routes = d.routes(n)
				}
			}},
		{name: "population", shape: shapeObject("population"), doc: "Whom the protocol is meant for. A patient outside it is refused.",
			example: "population: { age: 18..75 years, weight: 45..150 kg }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { populationObject.decode(d, n, &p.Population) }},
		{name: "tiers", shape: shapeMap("names of tiers", shape{"a dose, or a mapping of routes to doses", map[string]any{"anyOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "object"}}}}), doc: "Named dose levels, from the lowest to the highest. A phase whose dose is `tier` uses them.",
			example: "tiers: { low: { oral: 25 mg }, high: { oral: 50 mg } }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { d.tiers(p, n) }},
		{name: "default tier", shape: shapeName, doc: "The tier to start on. Without it the clinician names one.",
			example: "tiers: { low: 25 mg, high: 50 mg }\ndefault tier: low",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				p.DefaultTier = d.text(n, "a tier")
				if _, ok := p.Tier(p.DefaultTier); !ok {
					d.unknown(n, "tier", p.DefaultTier, p.tierNames())
				}
			}},
		{name: "default route", shape: shapeName, doc: "The route to use unless the clinician names another.",
			example: "default route: oral",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				p.DefaultRoute = d.text(n, "a route")
				if !slices.Contains(p.routeNames(), p.DefaultRoute) {
					d.unknown(n, "route", p.DefaultRoute, p.routeNames())
				}
			}},
		{name: "phases", required: true, shape: shapeMap("names of phases", shapeObject("phase")), doc: "The stretches of the course, in order. Each follows the one before it unless it says when it starts.",
			example: "phases: { course: { frequency: weekly }, later: { dose: 25 mg, frequency: monthly, course: 3 doses } }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { d.phases(p, n) }},
		{name: "check-ins", shape: shapeMap("names of check-ins", shapeObject("check-in")), doc: "Contacts and measurements.",
			example: "check-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { d.checkIns(p, n) }},
		{name: "requirements", shape: shapeMap("`each dose`, `first dose` or `each dose of PHASE`", shapeObject("requirement")), doc: "What must be so for doses to be given. It prints with the doses.",
			example: "requirements: { each dose: { no driving until: the next morning } }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { d.requirements(p, n) }},
		{name: "contraindications", shape: shapeObject("contraindications"), doc: "What speaks against the protocol, matched with the patient's conditions and medicines.",
			example: "contraindications: { absolute: [psychosis], relative: [liver disease] }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { contraindicationsObject.decode(d, n, p) }},
		{name: "limits", shape: shapeObject("limits"), doc: "Bounds on the final calendar. A calendar that breaks one is refused.",
			example: "limits: { single dose: 100 mg, interval: 20 h }",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if m := d.single(n, "limits"); m != nil {
					m.Limits.Range = n.Range
					limitsObject.decode(d, n, &m.Limits)
				}
			}},
		{name: "supply", shape: shape{"reserved", map[string]any{"not": map[string]any{}}}, doc: "Reserved for what a pharmacy dispenses.",
			example: "# supply: reserved",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				d.add(diag.NotYetAllowed, n.Range, "remove the key", "“supply” is reserved and cannot be used yet")
			}},
		{name: "evidence", shape: shape{"a list of mappings (see “evidence”)", map[string]any{"type": "array", "items": ref("evidence"), "minItems": 1}}, doc: "Where the figures come from.",
			example: "evidence: [ { cite: \"Example A et al. J Ex 2020;1:1-9\", for: [dose, frequency] } ]",
			read: func(d *decoder, p *Protocol, n *source.Node) {
				if !d.want(n, source.Sequence, "`evidence`") {
					return
				}
				for _, item := range n.Items {
					e := Evidence{Range: item.Range}
					evidenceObject.decode(d, item, &e)
					if e.Cite == "" && e.Label == "" && e.Note == "" && item.Kind == source.Mapping {
						d.add(diag.MissingKey, item.Range, "add `cite: …`", "an entry of `evidence` needs `cite`, `label` or `note`")
					}
					p.Evidence = append(p.Evidence, e)
				}
			}},
		{name: "notes", shape: shapeList(shapeText), doc: "Sentences that every output prints.",
			example: "notes: [Ask about bladder symptoms at each review.]",
			read:    func(d *decoder, p *Protocol, n *source.Node) { p.Notes = d.texts(n, "a note") }},
	},
}

var medicationObject = object[Medication]{
	name: "medication",
	doc:  "One medicine. Inside `medications`, the key is its name, and its routes and limits stand with it.",
	keys: []key[Medication]{
		{name: "name", shape: shapeText, doc: "The medicine's generic name (only under `medication`).",
			example: "medication: { name: examplamine }",
			read:    func(d *decoder, m *Medication, n *source.Node) { m.Name = d.text(n, "a name") }},
		{name: "rxnorm", shape: pattern("a number in quotes", `[0-9]{1,8}`), doc: "The ingredient's RxNorm identifier.",
			example: "medication: { name: ketamine, rxnorm: \"6130\" }",
			read: func(d *decoder, m *Medication, n *source.Node) {
				if m.RxNorm = d.text(n, "an RxNorm identifier"); !reRxNorm.MatchString(m.RxNorm) {
					d.add(diag.BadWord, n.Range, "", "“%s” is not an RxNorm identifier", m.RxNorm)
				}
			}},
		{name: "schedule", shape: pattern("a country and a schedule, as us-c3", `[a-z]{2}-[a-z0-9]+`), doc: "The controlled-substance schedule.",
			example: "medication: { name: ketamine, schedule: us-c3 }",
			read: func(d *decoder, m *Medication, n *source.Node) {
				if m.Schedule = d.text(n, "a schedule"); !reSchedule.MatchString(m.Schedule) {
					d.add(diag.BadWord, n.Range, "write it as us-c3", "“%s” is not a controlled-substance schedule", m.Schedule)
				}
			}},
		{name: "routes", shape: shapeMap("routes", shapeObject("route")), doc: "Its routes (only inside `medications`).",
			example: "medications: { first: { routes: { oral: { round: 5 mg } } } }",
			read:    func(d *decoder, m *Medication, n *source.Node) { m.Routes = d.routes(n) }},
		{name: "limits", shape: shapeObject("limits"), doc: "Its limits (only inside `medications`).",
			example: "medications: { first: { routes: { oral: {} }, limits: { single dose: 100 mg } } }",
			read: func(d *decoder, m *Medication, n *source.Node) {
				m.Limits.Range = n.Range
				limitsObject.decode(d, n, &m.Limits)
			}},
	},
}

var routeObject = object[Route]{
	name: "route",
	doc:  "One way of giving the medicine.",
	keys: []key[Route]{
		{name: "form", shape: shapeText, doc: "The formulation, in a word or two.",
			example: "routes: { oral: { form: troche, round: 5 mg } }",
			read:    func(d *decoder, r *Route, n *source.Node) { r.Form = d.text(n, "a form") }},
		{name: "strengths", shape: shapeList(shapeAmount), doc: "The strengths that are dispensed.",
			example: "routes: { oral: { strengths: [25 mg, 50 mg], round: 5 mg } }",
			read: func(d *decoder, r *Route, n *source.Node) {
				for _, item := range d.list(n) {
					r.Strengths = append(r.Strengths, d.doseAmount(item, "a strength"))
				}
			}},
		{name: "concentration", shape: pattern("an amount per mL, as 50 mg/mL", patternNumber+` ?\S+/mL`), doc: "The amount in each mL of a liquid.",
			example: "routes: { oral: { form: solution, concentration: 50 mg/mL, round: 0.1 mL } }",
			read: func(d *decoder, r *Route, n *source.Node) {
				r.Concentration = d.amount(n, "a concentration", "as 50 mg/mL", func(u quantity.Unit) bool { return u.Per() == quantity.PerMillilitre })
			}},
		{name: "bioavailability", shape: shapePercent, doc: "The share of the dose that reaches the circulation; for the reader, no amount is computed from it.",
			example: "routes: { oral: { bioavailability: 20 %, round: 5 mg } }",
			read: func(d *decoder, r *Route, n *source.Node) {
				r.Bioavailability = d.amount(n, "a bioavailability", "as 30 %", func(u quantity.Unit) bool { return u == quantity.Percent })
				if r.Bioavailability.IsSet() && r.Bioavailability.Cmp(quantity.New(100, 1, quantity.Percent)) > 0 {
					d.add(diag.BadAmount, n.Range, "", "a bioavailability of %v is more than all", r.Bioavailability)
				}
			}},
		{name: "onset", shape: shapeElapsed, doc: "When the effect begins.",
			example: "routes: { oral: { onset: 30 minutes, round: 5 mg } }",
			read:    func(d *decoder, r *Route, n *source.Node) { r.Onset = d.elapsed(n, "an onset") }},
		{name: "duration", shape: shapeElapsed, doc: "How long the effect lasts.",
			example: "routes: { oral: { duration: 2 hours, round: 5 mg } }",
			read:    func(d *decoder, r *Route, n *source.Node) { r.Duration = d.elapsed(n, "a duration") }},
		{name: "over", shape: shapeElapsed, doc: "How long giving one dose takes.",
			example: "routes: { oral: { over: 40 minutes, round: 5 mg } }",
			read:    func(d *decoder, r *Route, n *source.Node) { r.Over = d.elapsed(n, "how long a dose takes") }},
		{name: "round", shape: shapeRound, doc: "What can be measured out: doses are rounded to the nearest multiple, a tie down, never past a maximum. A step in mL needs `concentration`.",
			example: "routes: { oral: { round: 1/4 of 20 mg } }",
			read:    func(d *decoder, r *Route, n *source.Node) { r.Round = d.rounding(n) }},
	},
}

var populationObject = object[Population]{
	name: "population",
	doc:  "The patients that the protocol is meant for. Ends are included.",
	keys: []key[Population]{
		{name: "age", shape: shapeRange, doc: "Completed years on the first day.",
			example: "population: { age: 18.. years }",
			read: func(d *decoder, p *Population, n *source.Node) {
				p.Age = d.bounded(n, "an age", "18..75 years", years)
			}},
		{name: "weight", shape: shapeRange, doc: "Body weight.",
			example: "population: { weight: 45..150 kg }",
			read: func(d *decoder, p *Population, n *source.Node) {
				p.Weight = d.bounded(n, "a weight", "45..150 kg", dimensioned(quantity.Mass))
			}},
		{name: "height", shape: shapeRange, doc: "Height.",
			example: "population: { height: 150..200 cm }",
			read: func(d *decoder, p *Population, n *source.Node) {
				p.Height = d.bounded(n, "a height", "150..200 cm", dimensioned(quantity.Length))
			}},
		{name: "bmi", shape: shapeRange, doc: "Body mass index in kg/m².",
			example: "population: { bmi: 16..40 }",
			read: func(d *decoder, p *Population, n *source.Node) {
				p.BMI = d.bounded(n, "a body mass index", "16..40", quantity.ParseNumber)
			}},
	},
}

func dimensioned(dim quantity.Dimension) func(string) (quantity.Amount, error) {
	return func(text string) (quantity.Amount, error) {
		a, err := quantity.Parse(text)
		if err == nil && !dimension(dim)(a.Unit()) {
			err = &quantity.ParseError{Text: text, Reason: "the unit " + a.Unit().String() + " does not fit"}
		}
		return a, err
	}
}

var phaseObject = object[Phase]{
	name: "phase",
	doc:  "A stretch of the course with one medicine and one dosing rule.",
	keys: []key[Phase]{
		{name: "title", shape: shapeText, doc: "What outputs call the phase. Default: its name.",
			example: "phases: { course: { title: The whole course } }",
			read:    func(d *decoder, p *Phase, n *source.Node) { p.Title = d.text(n, "a title") }},
		{name: "medication", shape: shapeText, doc: "Which of `medications` is given.",
			example: "medications: { first: { routes: { oral: { round: 5 mg } } } }\nphases: { course: { medication: first } }",
			read: func(d *decoder, p *Phase, n *source.Node) {
				name := d.text(n, "a medication")
				p.Medication = slices.IndexFunc(d.protocol.Medications, func(m Medication) bool { return m.Name == name })
				if p.Medication < 0 {
					var names []string
					for _, m := range d.protocol.Medications {
						names = append(names, m.Name)
					}
					d.unknown(n, "medication", name, names)
					p.Medication = 0
				}
			}},
		{name: "route", shape: shapeName, doc: "The route of this phase. Default: the patient's.",
			example: "phases: { course: { route: oral } }",
			read: func(d *decoder, p *Phase, n *source.Node) {
				p.Route = d.text(n, "a route")
				if !slices.Contains(d.protocol.routeNames(), p.Route) {
					d.unknown(n, "route", p.Route, d.protocol.routeNames())
				}
			}},
		{name: "dose", shape: shapeDose, doc: "How much. Default: `tier`, or the steps of `titration`.",
			example: "phases: { course: { dose: 0.5 mg/kg } }",
			read:    func(d *decoder, p *Phase, n *source.Node) { p.Dose = d.dose(n, modifiers{}, 0) }},
		{name: "frequency", required: true, shape: shapeFrequency, doc: "How often: daily; twice daily; every 8 hours; every 3 days; weekly; every 2 weeks; monthly; 3 a week; mon, wed and fri; daily except sun; days 1, 4, 8, 11 of 21; 21 days on, 7 off; on days 0, 3, 7, 14; once. A list offers a choice.",
			example: "phases: { course: { frequency: [daily, 5 a week] } }",
			read:    func(d *decoder, p *Phase, n *source.Node) { d.frequencies(p, n) }},
		{name: "times", shape: shapeList(shape{"a clock time as 08:00, or morning, noon, afternoon, evening, bedtime", map[string]any{"type": "string"}}), doc: "When on the day. Default: what the settings say for that many doses a day (09:00 for one).",
			example: "phases: { course: { times: [20:00] } }",
			read: func(d *decoder, p *Phase, n *source.Node) {
				for _, item := range d.list(n) {
					if t, ok := d.time(item); ok {
						p.Times = append(p.Times, t)
					}
				}
			}},
		{name: "course", required: true, shape: shapeCourse, doc: "How long: a number of doses, a length of time, a number of cycles, whichever of two comes first, or open-ended.",
			example: "phases: { course: { course: 10 doses or 3 weeks } }",
			read:    func(d *decoder, p *Phase, n *source.Node) { p.Course = d.course(n) }},
		{name: "starts", shape: shapeWhen, doc: "When the phase starts. Default: when the phase before it ends, which is where its next dose would have been. `with PHASE` runs side by side.",
			example: "phases: { later: { starts: 1 week after course, dose: 25 mg, frequency: weekly, course: 2 doses } }",
			read: func(d *decoder, p *Phase, n *source.Node) {
				p.Starts = d.when(n, "`starts`")
				if _, elapsed := p.Starts.Offset.Elapsed(); elapsed {
					d.add(diag.BadTime, n.Range, "write it in days or longer", "a phase cannot start a number of %ss after something", p.Starts.Offset.Unit)
				}
			}},
		{name: "repeat", shape: pattern("a number", `[1-9][0-9]{0,2}`), doc: "How many times the phase runs, one after the other. Default: 1.",
			example: "phases: { course: { course: 2 weeks, repeat: 3, rest: 1 week } }",
			read: func(d *decoder, p *Phase, n *source.Node) {
				k, err := wholeNumber(d.text(n, "`repeat`"))
				if p.Repeat, _ = k.Int(); err != nil || p.Repeat < 1 || p.Repeat > 999 {
					d.add(diag.BadAmount, n.Range, "write a number from 1 to 999", "“%s” is not a number of times", n.Value)
					p.Repeat = 1
				}
			}},
		{name: "rest", shape: shapePeriod, doc: "The time between two runs of a repeated phase. Default: none.",
			example: "phases: { course: { course: 5 days, repeat: 2, rest: 9 days } }",
			read:    func(d *decoder, p *Phase, n *source.Node) { p.Rest = d.days(n, "a rest") }},
		{name: "window", shape: shapeWindow, doc: "By how many days a dose may be moved off a closed day. Default: none.",
			example: "phases: { course: { window: ±1 day } }",
			read:    func(d *decoder, p *Phase, n *source.Node) { p.Window = d.window(n) }},
		{name: "titration", shape: shapeObject("titration"), doc: "Steps that each wait for a check-in. Without a confirmation the dose stays.",
			example: "phases: { course: { dose: titration, titration: { steps: [25 mg, 50 mg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read: func(d *decoder, p *Phase, n *source.Node) {
				p.Titration = &Titration{Range: n.Range}
				d.titration(p.Titration, n)
			}},
	},
}

type titrationFields struct {
	modifiers
	t                   *Titration
	steps               *source.Node
	start, increase, to *source.Node
}

var titrationObject = object[titrationFields]{
	name: "titration",
	doc:  "A gated titration: `steps`, or `start` with `increase` and `to`. `weight`, `min`, `max` and `round` apply as in a dose.",
	keys: []key[titrationFields]{
		{name: "weight", shape: shapeText, doc: "The weight that rates per kg use, as in a dose.",
			example: "phases: { course: { dose: titration, titration: { weight: actual weight, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.weight = d.weightRule(n) }},
		{name: "min", shape: shapeAmount, doc: "The least that a step may come to.",
			example: "phases: { course: { dose: titration, titration: { min: 10 mg, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.min = d.doseAmount(n, "a minimum") }},
		{name: "max", shape: shapeAmount, doc: "The most that a step may come to.",
			example: "phases: { course: { dose: titration, titration: { max: 90 mg, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.max = d.doseAmount(n, "a maximum") }},
		{name: "round", shape: shapeRound, doc: "What can be dispensed. Default: the route's.",
			example: "phases: { course: { dose: titration, titration: { round: 5 mg, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.round = d.rounding(n) }},
		{name: "steps", shape: shapeList(shapeRate), doc: "The steps, from the first on: all tiers, or all amounts.",
			example: "tiers: { low: 25 mg, high: 50 mg }\ndefault tier: low\nphases: { course: { dose: tier, titration: { steps: [low, high], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.steps = n }},
		{name: "start", shape: shapeRate, doc: "The first dose, where the steps are not fixed.",
			example: "phases: { course: { dose: titration, titration: { start: 50 mg, increase: 25 mg, to: 100 mg, confirmed at: review } } }\ncheck-ins: { review: { every: 3 days, mode: phone } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.start = n }},
		{name: "increase", shape: shape{"an amount, or a range of amounts as 0.1..0.5 mg/kg", map[string]any{"type": "string"}}, doc: "What one step may add.",
			example: "phases: { course: { dose: titration, titration: { start: 0.5 mg/kg, increase: 0.1..0.5 mg/kg, to: 3 mg/kg, confirmed at: review } } }\ncheck-ins: { review: { every: 1 week, mode: in person } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.increase = n }},
		{name: "to", shape: shapeRate, doc: "The highest dose that steps may reach.",
			example: "phases: { course: { dose: titration, titration: { start: 50 mg, increase: 25 mg, to: 100 mg, confirmed at: review } } }\ncheck-ins: { review: { every: 3 days, mode: phone } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.to = n }},
		{name: "confirmed at", required: true, shape: shapeName, doc: "The check-in that decides on each step.",
			example: "phases: { course: { dose: titration, titration: { steps: [25 mg, 50 mg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, t *titrationFields, n *source.Node) { t.t.Confirmed = d.text(n, "a check-in") }},
	},
}

var checkInObject = object[CheckIn]{
	name: "check-in",
	doc:  "A contact or measurement. It has one of `on`, `every`, `before` and `around each dose`.",
	keys: []key[CheckIn]{
		{name: "title", shape: shapeText, doc: "What outputs call it. Default: its name.",
			example: "check-ins: { review: { title: Review by telehealth, every: 2 weeks, mode: telehealth } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Title = d.text(n, "a title") }},
		{name: "on", shape: shapeList(shapeWhen), doc: "The day or days.",
			example: "check-ins: { review: { on: [day 8, 1 week after last dose], mode: phone } }",
			read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.list(n) {
					c.On = append(c.On, d.when(item, "`on`"))
				}
			}},
		{name: "every", shape: shapePeriod, doc: "How often, for as long as the course runs. The first falls one such time after the start.",
			example: "check-ins: { review: { every: 4 weeks, mode: message } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Every = d.days(n, "`every`") }},
		{name: "from", shape: shapeWhen, doc: "What `every` counts from. Default: the first dose.",
			example: "check-ins: { review: { every: 2 weeks, from: dose 3 of course, mode: phone } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.From = d.when(n, "`from`") }},
		{name: "until", shape: shapeWhen, doc: "Where `every` stops. Default: with the course.",
			example: "check-ins: { review: { every: 1 week, until: end of week 3, mode: phone } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Until = d.when(n, "`until`") }},
		{name: "before", shape: shapeWords("first dose"), doc: "At the latest the day before the first dose.",
			example: "check-ins: { evaluation: { before: first dose, within: 14 days, mode: telehealth } }",
			read: func(d *decoder, c *CheckIn, n *source.Node) {
				c.Before = d.word(n, "point", []string{"first dose"}) != ""
			}},
		{name: "within", shape: shapePeriod, doc: "How long before the first dose at most. Needs `before`.",
			example: "check-ins: { evaluation: { before: first dose, within: 30 days, mode: in person } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Within = d.days(n, "`within`") }},
		{name: "around each dose", shape: shapeList(shapeElapsed), doc: "Observations at these times after the start of each dose; 0 minutes is just before it.",
			example: "check-ins: { vital-signs: { around each dose: [0 min, 40 min, 2 h], mode: in person, measure: [blood pressure] } }",
			read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.list(n) {
					if item.Value == "0 min" || item.Value == "0 minutes" {
						c.Around = append(c.Around, civil.Period{N: 0, Unit: civil.Minute})
						continue
					}
					if p := d.elapsed(item, "a time after the dose"); p.IsSet() {
						c.Around = append(c.Around, p)
					}
				}
			}},
		{name: "during", shape: shapeList(shapeName), doc: "The phases that `every` or `around each dose` is limited to. Default: all.",
			example: "check-ins: { vital-signs: { around each dose: [0 min], during: course, mode: in person } }",
			read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.list(n) {
					name := d.text(item, "a phase")
					if _, ok := d.protocol.Phase(name); !ok {
						d.unknown(item, "phase", name, d.protocol.phaseNames())
						continue
					}
					c.During = append(c.During, name)
				}
			}},
		{name: "window", shape: shapeWindow, doc: "By how many days it may be moved. Default: none.",
			example: "check-ins: { review: { every: 2 weeks, window: ±3 days, mode: telehealth } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Window = d.window(n) }},
		{name: "time", shape: shape{"a time of day", map[string]any{"type": "string"}}, doc: "When on the day. Default: what the settings say (09:00); on the day of a dose that it is counted from, the dose's time.",
			example: "check-ins: { review: { every: 2 weeks, time: 10:30, mode: telehealth } }",
			read: func(d *decoder, c *CheckIn, n *source.Node) {
				if t, ok := d.time(n); ok {
					c.Time = &t
				}
			}},
		{name: "mode", required: true, shape: shapeWords(modes...), doc: "How it is held.",
			example: "check-ins: { review: { every: 2 weeks, mode: in person } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Mode = Mode(d.word(n, "mode", modes)) }},
		{name: "measure", shape: shapeList(shapeText), doc: "What is measured.",
			example: "check-ins: { review: { every: 2 weeks, mode: telehealth, measure: [PHQ-9, blood pressure] } }",
			read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Measure = d.texts(n, "a measure") }},
		{name: "gates", shape: shapeList(shape{"`first dose`, or the name of a phase", map[string]any{"type": "string"}}), doc: "What stands only if this check-in confirms it.",
			example: "check-ins: { evaluation: { before: first dose, within: 14 days, mode: telehealth, gates: first dose } }",
			read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.list(n) {
					g := Gate{Range: item.Range}
					if name := d.text(item, "a gate"); name == "first dose" {
						g.FirstDose = true
					} else if _, ok := d.protocol.Phase(name); ok {
						g.Phase = name
					} else {
						d.unknown(item, "phase", name, append([]string{"first dose"}, d.protocol.phaseNames()...))
						continue
					}
					c.Gates = append(c.Gates, g)
				}
			}},
	},
}

var modes = []string{string(Telehealth), string(InPerson), string(Phone), string(Message), string(Lab), string(SelfReport)}

// A requirementKey is one kind of requirement: its key, and its sentence with the value.
var requirementKeys = []struct {
	key, doc, example string
	shape             shape
	text              func(value string) string
}{
	{"sitter", "Another adult is present. `required`.", "required", shapeWords("required"), func(string) string { return "another adult present" }},
	{"escort home", "Somebody takes the patient home. `required`.", "required", shapeWords("required"), func(string) string { return "somebody to take the patient home" }},
	{"reachable contact", "A person who can be reached is named. `required`.", "required", shapeWords("required"), func(string) string { return "a contact who can be reached" }},
	{"blood pressure cuff", "A cuff is at hand, and pressure is taken before the dose. `required`.", "required", shapeWords("required"), func(string) string { return "blood pressure cuff at hand, pressure taken before the dose" }},
	{"no driving until", "When the patient may drive or work with machines again.", "the next morning", shapeText, func(v string) string { return "no driving or machinery until " + v }},
	{"no food for", "How long before the dose the patient does not eat.", "2 hours", shapeElapsed, func(v string) string { return "no food for " + v + " before" }},
	{"no liquid for", "How long before the dose the patient does not drink.", "30 minutes", shapeElapsed, func(v string) string { return "no liquid for " + v + " before" }},
	{"monitoring for", "How long the patient is observed after the dose starts.", "2 hours", shapeElapsed, func(v string) string { return "observed for " + v }},
}

type requirementFields struct {
	texts, kinds []string
}

var requirementObject = func() object[requirementFields] {
	o := object[requirementFields]{name: "requirement", doc: "What must be so for a dose to be given."}
	for _, r := range requirementKeys {
		o.keys = append(o.keys, key[requirementFields]{name: r.key, shape: r.shape, doc: r.doc,
			example: "requirements: { each dose: { " + r.key + ": " + r.example + " } }",
			read: func(d *decoder, t *requirementFields, n *source.Node) {
				value := d.text(n, "`"+r.key+"`")
				switch {
				case strings.HasPrefix(r.shape.text, "one of"):
					d.word(n, "value", []string{"required"})
				case r.shape.text == shapeElapsed.text:
					value = d.elapsed(n, "`"+r.key+"`").String()
				}
				t.texts = append(t.texts, r.text(value))
				t.kinds = append(t.kinds, r.key)
			}})
	}
	o.keys = append(o.keys, key[requirementFields]{name: "instructions", shape: shapeList(shapeText), doc: "Anything else, in sentences.",
		example: "requirements: { each dose: { instructions: [Hold under the tongue for 5 minutes.] } }",
		read: func(d *decoder, t *requirementFields, n *source.Node) {
			t.texts = append(t.texts, d.texts(n, "an instruction")...)
			t.kinds = append(t.kinds, "instructions")
		}})
	return o
}()

var contraindicationsObject = object[Protocol]{
	name: "contraindications",
	doc:  "Conditions and medicines that speak against the protocol. An entry is a term, or a mapping of the term to other words for the same thing.",
	keys: []key[Protocol]{
		{name: "absolute", shape: shapeContra, doc: "A match refuses the calendar.",
			example: "contraindications: { absolute: [ psychosis: [schizophrenia, psychotic disorder] ] }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { d.contraindications(p, n, true) }},
		{name: "relative", shape: shapeContra, doc: "A match warns.",
			example: "contraindications: { relative: [liver disease] }",
			read:    func(d *decoder, p *Protocol, n *source.Node) { d.contraindications(p, n, false) }},
	},
}

var shapeContra = shape{"a list of terms", map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"anyOf": []any{map[string]any{"type": "string"}, map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1}}}}}

var limitsObject = object[Limits]{
	name: "limits",
	doc:  "Bounds on the doses of one medicine, checked on the final calendar.",
	keys: []key[Limits]{
		{name: "single dose", shape: shapeList(shapeRate), doc: "The largest single dose: an amount, a rate per kg of actual weight, or both.",
			example: "limits: { single dose: [100 mg, 1.5 mg/kg] }",
			read: func(d *decoder, l *Limits, n *source.Node) {
				for _, item := range d.list(n) {
					if a := d.limitAmount(item, "the largest single dose"); a.IsSet() {
						l.SingleDose = append(l.SingleDose, a)
						l.SingleAt = append(l.SingleAt, item.Range)
					}
				}
			}},
		{name: "each day", shape: shapeRate, doc: "The largest total on one civil day.",
			example: "limits: { each day: 100 mg }",
			read: func(d *decoder, l *Limits, n *source.Node) {
				l.EachDay, l.EachRange = d.limitAmount(n, "the largest total of a day"), n.Range
			}},
		rolling("any 24 hours", "24 elapsed hours. Doses exactly 24 hours apart do not count together; across the night on which clocks go forward the same clock times are 23 hours apart, and do."),
		rolling("any 7 days", "7 times 24 elapsed hours."),
		rolling("any 30 days", "30 times 24 elapsed hours."),
		{name: "interval", shape: shapeElapsed, doc: "The shortest elapsed time between the starts of two doses.",
			example: "limits: { interval: 20 h }",
			read: func(d *decoder, l *Limits, n *source.Node) {
				l.Interval, _ = d.elapsed(n, "the shortest interval").Elapsed()
				l.IntervalAt = n.Range
			}},
		{name: "doses", shape: pattern("a number", `[1-9][0-9]*`), doc: "The largest number of doses in the course.",
			example: "limits: { doses: 40 }",
			read: func(d *decoder, l *Limits, n *source.Node) {
				k, err := wholeNumber(d.text(n, "the number of doses"))
				if l.Doses, _ = k.Int(); err != nil || l.Doses < 1 {
					d.add(diag.BadAmount, n.Range, "write a number, as 40", "“%s” is not a number of doses", n.Value)
				}
				l.DosesAt = n.Range
			}},
		{name: "reassess", shape: pattern("every and a length of time, as every 6 months", `every `+patternPeriod), doc: "Doses later than this after the start are provisional until a reassessment, which the calendar shows.",
			example: "limits: { reassess: every 6 months }",
			read: func(d *decoder, l *Limits, n *source.Node) {
				body, ok := strings.CutPrefix(d.text(n, "`reassess`"), "every ")
				if !ok {
					d.add(diag.BadTime, n.Range, "write it as: every 6 months", "“%s” does not say how often", n.Value)
					return
				}
				c := *n
				c.Value = body
				l.Reassess, l.ReassessAt = d.days(&c, "`reassess`"), n.Range
			}},
	},
}

func rolling(name, within string) key[Limits] {
	return key[Limits]{name: name, shape: shapeRate, doc: "The largest total within any " + within,
		example: "limits: { " + name + ": 1000 mg }",
		read: func(d *decoder, l *Limits, n *source.Node) {
			p, err := civil.ParsePeriod(strings.TrimPrefix(name, "any "))
			if a := d.limitAmount(n, "the largest total"); err == nil && a.IsSet() {
				l.Rolling = append(l.Rolling, Rolling{p, a, n.Range})
			}
		}}
}

var evidenceObject = object[Evidence]{
	name: "evidence",
	doc:  "One source.",
	keys: []key[Evidence]{
		{name: "cite", shape: shapeText, doc: "The citation.",
			example: "evidence: [ { cite: \"Example A et al. J Ex 2020;1:1-9\" } ]",
			read:    func(d *decoder, e *Evidence, n *source.Node) { e.Cite = d.text(n, "a citation") }},
		{name: "doi", shape: pattern("a DOI, as 10.1000/xyz", `10\.[0-9]{4,9}/\S+`), doc: "Its DOI.",
			example: "evidence: [ { cite: Example 2020, doi: 10.1000/xyz } ]",
			read: func(d *decoder, e *Evidence, n *source.Node) {
				if e.DOI = d.text(n, "a DOI"); !reDOI.MatchString(e.DOI) {
					d.add(diag.BadWord, n.Range, "write it as 10.1000/xyz, without a web address", "“%s” is not a DOI", e.DOI)
				}
			}},
		{name: "label", shape: shapeText, doc: "A product label, in place of a citation.",
			example: "evidence: [ { label: US prescribing information of examplamine } ]",
			read:    func(d *decoder, e *Evidence, n *source.Node) { e.Label = d.text(n, "a label") }},
		{name: "url", shape: shapeText, doc: "Where it can be read.",
			example: "evidence: [ { cite: Example 2020, url: \"https://example.org/x\" } ]",
			read:    func(d *decoder, e *Evidence, n *source.Node) { e.URL = d.text(n, "an address") }},
		{name: "note", shape: shapeText, doc: "A remark, or the reason for a figure that no source gives.",
			example: "evidence: [ { note: The weight range is a check against slips of the keys., for: [population] } ]",
			read:    func(d *decoder, e *Evidence, n *source.Node) { e.Note = d.text(n, "a note") }},
		{name: "for", shape: shapeList(shapeText), doc: "The parts of the protocol that it supports.",
			example: "evidence: [ { cite: Example 2020, for: [dose, frequency] } ]",
			read:    func(d *decoder, e *Evidence, n *source.Node) { e.For = d.texts(n, "a part") }},
		{name: "checked", shape: shapeWords("yes", "verify"), doc: "`verify` says that nobody has yet checked the figures against the source; outputs repeat it. Default: yes.",
			example: "evidence: [ { cite: Example 2020, checked: verify } ]",
			read: func(d *decoder, e *Evidence, n *source.Node) {
				e.Verify = d.word(n, "value", []string{"yes", "verify"}) == "verify"
			}},
	},
}

// sigWarnings reports abbreviations that have caused errors.
func (d *decoder) sigWarnings(n *source.Node, warnings []frequency.Warning) {
	for _, w := range warnings {
		d.add(diag.UnsafeSig, n.Range, "write “"+w.Safe+"”", "“%s” is on a list of error-prone abbreviations", w.Text)
	}
}
