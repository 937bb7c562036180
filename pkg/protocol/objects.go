package protocol

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

var (
	reCountFrom = lazy.MustCompile(`^day (1|0|-[1-9]\d{0,2})$`)
	reVersion   = lazy.MustCompile(`^\d{1,4}\.\d{1,4}\.\d{1,4}$`)
	reRxNorm    = lazy.MustCompile(`^\d{1,8}$`)
	reSchedule  = lazy.MustCompile(`^[a-z]{2}-[a-z0-9]+$`)
	reDOI       = lazy.MustCompile(`^10\.\d{4,9}/\S+$`)
)

var protocolObject = object[Protocol]{
	Name: "protocol",
	Doc:  "The file as a whole.",
	Keys: []key[Protocol]{
		{Name: "doseplan", Required: true, Shape: grammar.Words(Language), Doc: "The version of the language, 1.",
			Example: "doseplan: 1",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				if v := d.Text(n, "the version of the language"); v != Language {
					d.Add(diag.BadVersion, n.Range, "write `doseplan: 1`", "this doseplan reads version %s of the language, not “%s”", Language, v)
				}
			}},
		{Name: "kind", Required: true, Shape: grammar.Words("protocol"), Doc: "What the file is.",
			Example: "kind: protocol",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				d.Word(n, "kind of file", []string{"protocol"})
			}},
		{Name: "id", Required: true, Shape: grammar.Name, Doc: "The name of the protocol on pages and in courses. Commands and `extends` find a file by the name of the file: call both the same.",
			Example: "id: example-daily",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.ID, p.Range = d.Name(n, "protocol"), n.Range
			}},
		{Name: "title", Required: true, Shape: grammar.Text, Doc: "A line that tells a clinician what this is.",
			Example: "title: An example of a daily dose",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { p.Title = d.Text(n, "a title") }},
		{Name: "version", Required: true, Shape: grammar.Pattern("three numbers, as 1.0.0", `[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}`), Doc: "The protocol's own version. Raise it with every change.",
			Example: "version: 1.0.1",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				if p.Version = d.Text(n, "a version"); !reVersion.MatchString(p.Version) {
					d.Add(diag.BadVersion, n.Range, "write three numbers, as 1.0.0", "“%s” is not a version", p.Version)
				}
			}},
		{Name: "extends", Shape: grammar.Text, Doc: "The id of a shipped protocol, or a file beside this one, that this one starts from. What stands here replaces what stands there, key by key.",
			Example: "# extends: ketamine-daily-low-dose",
			Read:    func(*decoder, *Protocol, *source.Node) {}}, // resolved before decoding
		{Name: "status", Required: true, Shape: grammar.Words(string(Published), string(Template), string(Local)), Doc: "`published`: every figure has a cited source. `template`: the figures are illustrative, for a clinic to replace. `local`: the figures are a clinic's own, which answers for them. Outputs of the last two say so. A file that extends a published protocol is `local` unless it states its own status.",
			Example: "status: template",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Status = Status(d.Word(n, "status", []string{string(Published), string(Template), string(Local)}))
			}},
		{Name: "model", Required: true, Shape: grammar.Words(string(Intensive), string(LowDose), string(Microdose), string(Other)), Doc: "The clinical model: `intensive` (a front-loaded short course), `low-dose` (daily or near-daily), `microdose` (sub-perceptual), or `other`.",
			Example: "model: other",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Model = Model(d.Word(n, "model", []string{string(Intensive), string(LowDose), string(Microdose), string(Other)}))
			}},
		{Name: "setting", Required: true, Shape: grammar.Words(string(Clinic), string(Home)), Doc: "Where doses are given.",
			Example: "setting: home",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Setting = Setting(d.Word(n, "setting", []string{string(Clinic), string(Home)}))
			}},
		{Name: "count from", Shape: grammar.Pattern("a day, as day 0 or day -7", `day (1|0|-[1-9][0-9]{0,2})`), Doc: "The number of the first day, which is the start that the clinician gives. Default: day 1. A phase that begins with the course counts its own days from the same number; any other counts them from day 1.",
			Example: "count from: day 0",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				m := reCountFrom.FindStringSubmatch(d.Text(n, "the first day"))
				if m == nil {
					d.Add(diag.BadTime, n.Range, "write day 1, day 0, or a negative one as day -7", "“%s” is not a first day", n.Value)
					return
				}
				p.CountFrom, _ = strconv.Atoi(m[1])
			}},
		{Name: "short months", Shape: grammar.Words(civil.ShortMonthNames()...), Doc: "What becomes of a day that a month does not have, such as the 31st: `back` to the last day of the month, `forward` to the first of the next, or `skip` that month. Months are always counted from the first day of a chain: 31 January, 28 February, 31 March. Default: back.",
			Example: "short months: forward",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.ShortMonths = civil.ShortMonth(max(slices.Index(civil.ShortMonthNames(), d.Word(n, "rule for short months", civil.ShortMonthNames())), 0))
			}},
		{Name: "body surface", Shape: grammar.Mapping("body surface"), Doc: "How the body surface is come by, for doses and limits per m2. Default: Mosteller's formula, not rounded.",
			Example: "body surface: { formula: Du Bois, round: 0.01 m2 }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { surfaceObject.Decode(&d.Reader, d, n, &p.Surface) }},
		{Name: "medication", Shape: grammar.Mapping("medication"), Doc: "The medicine, where there is one.",
			Example: "medication: { name: examplamine }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				m := Medication{Range: n.Range}
				medicationObject.Decode(&d.Reader, d, n, &m)
				if m.Name == "" && n.Kind == source.Mapping && n.Get("name") == nil {
					d.Add(diag.MissingKey, n.Range, "add `name: …`", "the medication has no “name”")
				}
				p.Medications = append(p.Medications, m)
			}},
		{Name: "medications", Shape: grammar.Map("names of medicines", grammar.Mapping("medication")), Doc: "Several medicines side by side, in place of `medication`; each phase then names its own.",
			Example: "medications:\n  first: { routes: { oral: { round: 5 mg } } }\n  second: { routes: { oral: { round: 1 mg } } }\nphases: { course: { medication: first }, other: { medication: second, starts: with course, dose: 2 mg, frequency: weekly, course: 2 doses } }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				if !d.Want(n, source.Mapping, "`medications`") {
					return
				}
				for _, f := range n.Fields {
					m := Medication{Name: f.Key.Value, Range: f.Key.Range}
					medicationObject.Decode(&d.Reader, d, f.Value, &m)
					if name := f.Value.Get("name"); name != nil {
						d.Add(diag.KeysExclude, name.Range, "leave it out, and give the entry the name of the medicine", "inside `medications` the name of a medicine is its key, “%s”", f.Key.Value)
					}
					m.Name = f.Key.Value
					p.Medications = append(p.Medications, m)
				}
			}},
		{Name: "population", Shape: grammar.Mapping("population"), Doc: "Whom the protocol is meant for. A patient outside it is refused.",
			Example: "population: { age: 18..75 years, weight: 45..150 kg }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { populationObject.Decode(&d.Reader, d, n, &p.Population) }},
		{Name: "measurements", Shape: grammar.Keyed("names of what is measured", patternMeasurement, shapeMeasurement), Doc: "Values of the patient that doses depend on, each with its unit and the range of the population. The patient's file states them: `measurements: { creatinine: 1.1 mg/dL }`.",
			Example: "measurements: { IgE: 30..700 units/mL }\nphases: { course: { dose: { by measurement: { IgE: { up to 100 units/mL: 150 mg, above 100 units/mL: 300 mg } } } } }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.measurements(p, n) }},
		{Name: "dates", Shape: grammar.Keyed("names of dates", grammar.PatternName, shapeDate), Doc: "Days that the patient's file gives and that phases and check-ins are counted from, each with how many days after the start it can lie: `dates: { departure: 2026-07-01 }` there, and here `starts: 2 days before departure` or `course: until 7 days after return`, the last day. With a time of day (`8..20 days at 09:00`) hours are counted from it: `starts: 36 hours before operation`; the patient's file can state another.",
			Example: "dates: { departure: 1..7 days, return: 8..60 days }\nphases: { course: { frequency: daily, course: until 7 days after return } }\ncheck-ins: { talk: { on: 1 day before departure, mode: phone } }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.dates(p, n) }},
		{Name: "routes", Shape: grammar.Keyed("routes ("+strings.Join(routeNames, ", ")+", or another common word for one)", routePattern, grammar.Mapping("route")), Doc: "How the medicine is given. Where there are several and no `default route`, the clinician names one.",
			Example: "routes: { oral: { form: tablet, strengths: [25 mg], round: 12.5 mg } }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				if m := d.single(n, "routes"); m != nil {
					m.Routes = d.routes(n)
				}
			}},
		{Name: "default route", Shape: shapeRoute, Doc: "The route to use unless the clinician names another.",
			Example: "default route: oral",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.DefaultRoute = d.route(n)
				if !slices.Contains(p.routeNames(), p.DefaultRoute) {
					d.unknown(n, "route", p.DefaultRoute, p.routeNames())
				}
			}},
		{Name: "tiers", Shape: grammar.Keyed("names of tiers", grammar.PatternName, shapeTierDose), Doc: "Named dose levels, from the lowest to the highest. A phase whose dose is `tier` uses them.",
			Example: "tiers: { low: { oral: 25 mg }, high: { oral: 50 mg } }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.tiers(p, n) }},
		{Name: "default tier", Shape: grammar.Name, Doc: "The tier to start on. Without it the clinician names one.",
			Example: "tiers: { low: 25 mg, high: 50 mg }\ndefault tier: low",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.DefaultTier = d.Text(n, "a tier")
				if _, ok := p.Tier(p.DefaultTier); !ok {
					d.unknown(n, "tier", p.DefaultTier, p.tierNames())
				}
			}},
		{Name: "phases", Shape: grammar.Keyed("names of phases", grammar.PatternName, grammar.Mapping("phase")), Doc: "The stretches of the course, in order. Each follows the one before it unless it says when it starts. A file has phases, or something `as needed`, or both.",
			Example: "phases: { course: { frequency: weekly }, later: { dose: 25 mg, frequency: monthly, course: 3 doses } }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.phases(p, n) }},
		{Name: "as needed", Shape: grammar.Keyed("names", grammar.PatternName, grammar.Mapping("as needed")), Doc: "Medicines that are taken when there is a need: a budget, and no events.",
			Example: exampleNeeded("dose: 4 mg"),
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.asNeeded(p, n) }},
		{Name: "check-ins", Shape: grammar.Keyed("names of check-ins", grammar.PatternName, grammar.Mapping("check-in")), Doc: "Contacts and measurements.",
			Example: "check-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.checkIns(p, n) }},
		{Name: "missed doses", Shape: grammar.Mapping("missed doses"), Doc: "What becomes of a dose that was not given, and of those after it.",
			Example: "missed doses: { take within: 12 h, then: skip }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Missed.Range = n.Range
				missedObject.Decode(&d.Reader, d, n, &p.Missed)
			}},
		{Name: "interruptions", Shape: grammar.Mapping("interruptions"), Doc: "What a hold, or a long time without a dose, does to the calendar.",
			Example: "interruptions: { clock: stops, restart after: 4 weeks }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { interruptionsObject.Decode(&d.Reader, d, n, p) }},
		{Name: "requirements", Shape: grammar.Keyed("`each dose`, `first dose` or `each dose of PHASE`", "each dose( of [a-z][a-z0-9-]*)?|first dose", grammar.Mapping("requirement")), Doc: "What must be so for doses to be given. It prints with the doses.",
			Example: "requirements: { each dose: { no driving until: the next morning } }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.requirements(p, n) }},
		{Name: "contraindications", Shape: grammar.Mapping("contraindications"), Doc: "What speaks against the protocol, matched with the patient's conditions and medicines.",
			Example: "contraindications: { absolute: [psychosis], relative: [liver disease] }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { contraindicationsObject.Decode(&d.Reader, d, n, p) }},
		{Name: "limits", Shape: grammar.Mapping("limits"), Doc: "Bounds on the final calendar. A calendar that breaks one is refused.",
			Example: "limits: { single dose: 100 mg, interval: 20 h }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				if m := d.single(n, "limits"); m != nil {
					m.Limits.Range = n.Range
					limitsObject.Decode(&d.Reader, d, n, &m.Limits)
				}
			}},
		{Name: "supply", Shape: grammar.Mapping("supply"), Doc: "How the medicine reaches the patient. Each fill stands on the calendar on the day on which it is to be sent.",
			Example: "supply: { fill: 4 weeks, lead time: 5 days }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.Supply.Range = n.Range
				supplyObject.Decode(&d.Reader, d, n, &p.Supply)
			}},
		{Name: "evidence", Shape: grammar.Shape{Text: "a list of mappings (see “evidence”)", Schema: map[string]any{"type": "array", "items": grammar.Ref("evidence"), "minItems": 1}}, Doc: "Where the figures come from.",
			Example: "evidence: [ { cite: \"Example A et al. J Ex 2020;1:1-9\", for: [dose, frequency] } ]",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				if !d.Want(n, source.Sequence, "`evidence`") {
					return
				}
				for _, item := range n.Items {
					e := Evidence{Range: item.Range}
					evidenceObject.Decode(&d.Reader, d, item, &e)
					if e.Cite == "" && e.Label == "" && e.Note == "" && item.Kind == source.Mapping {
						d.Add(diag.MissingKey, item.Range, "add `cite: …`", "an entry of `evidence` needs `cite`, `label` or `note`")
					}
					p.Evidence = append(p.Evidence, e)
				}
			}},
		{Name: "examples", Shape: grammar.Shape{Text: "a list of mappings (see “example”)", Schema: map[string]any{"type": "array", "items": grammar.Ref("example"), "minItems": 1}}, Doc: "Worked examples, which `doseplan test` and `doseplan validate` run.",
			Example: "examples: [ { gives: { course: every 3 days from day 1 to day 28 } } ]",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.examples(p, n) }},
		{Name: "notes", Shape: grammar.List(grammar.Text), Doc: "Sentences that every output prints.",
			Example: "notes: [Ask about bladder symptoms at each review.]",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { p.Notes = d.Texts(n, "a note") }},
	},
}

var surfaceObject = object[body.Surface]{
	Name: "body surface",
	Doc:  "How the body surface is come by. A formula's result is cut after six decimals; then it is rounded, and then held to the largest that counts.",
	Keys: []key[body.Surface]{
		{Name: "formula", Shape: grammar.Words(body.Formulas()...), Doc: "`Mosteller`: √(height in cm × weight in kg ÷ 3600). `Du Bois`: 0.007184 × weight^0.425 × height^0.725. `Haycock`: 0.024265 × weight^0.5378 × height^0.3964. `stated`: as the patient's file states it. Default: Mosteller.",
			Example: "body surface: { formula: Haycock }",
			Read: func(d *decoder, s *body.Surface, n *source.Node) {
				s.Formula = body.Formula(d.Word(n, "formula", body.Formulas()))
			}},
		{Name: "round", Shape: shapeArea, Doc: "The surface is rounded first, to the nearest multiple of this, a tie down. Default: it is not rounded.",
			Example: "body surface: { round: 0.01 m2 }",
			Read: func(d *decoder, s *body.Surface, n *source.Node) {
				if a := d.Amount(n, "a step of the surface", "as 0.01 m2", grammar.In(quantity.Area)); a.IsSet() {
					s.Round = &quantity.Rounding{Step: a}
				}
			}},
		{Name: "max", Shape: shapeArea, Doc: "The largest surface that counts: a larger one is taken as this.",
			Example: "body surface: { max: 2 m2 }",
			Read: func(d *decoder, s *body.Surface, n *source.Node) {
				s.Max = d.Amount(n, "the largest surface", "as 2 m2", grammar.In(quantity.Area))
			}},
	},
}

var medicationObject = object[Medication]{
	Name: "medication",
	Doc:  "One medicine. Inside `medications`, the key is its name, and its routes and limits stand with it.",
	Keys: []key[Medication]{
		{Name: "name", Shape: grammar.Text, Doc: "The medicine's generic name (only under `medication`).",
			Example: "medication: { name: examplamine }",
			Read:    func(d *decoder, m *Medication, n *source.Node) { m.Name = d.Text(n, "a name") }},
		{Name: "rxnorm", Shape: grammar.Number("a number in quotes", `[0-9]{1,8}`), Doc: "The ingredient's RxNorm identifier.",
			Example: "medication: { name: examplamine, rxnorm: \"6130\" }",
			Read: func(d *decoder, m *Medication, n *source.Node) {
				if m.RxNorm = d.Text(n, "an RxNorm identifier"); !reRxNorm.MatchString(m.RxNorm) {
					d.Add(diag.BadWord, n.Range, "", "“%s” is not an RxNorm identifier", m.RxNorm)
				}
			}},
		{Name: "schedule", Shape: grammar.Pattern("a country and a schedule, as us-c3", `[a-z]{2}-[a-z0-9]+`), Doc: "The controlled-substance schedule.",
			Example: "medication: { name: examplamine, schedule: us-c3 }",
			Read: func(d *decoder, m *Medication, n *source.Node) {
				if m.Schedule = d.Text(n, "a schedule"); !reSchedule.MatchString(m.Schedule) {
					d.Add(diag.BadWord, n.Range, "write it as us-c3", "“%s” is not a controlled-substance schedule", m.Schedule)
				}
			}},
		{Name: "routes", Shape: grammar.Keyed("routes", routePattern, grammar.Mapping("route")), Doc: "Its routes (only inside `medications`).",
			Example: "medications: { first: { routes: { oral: { round: 5 mg } } } }",
			Read:    func(d *decoder, m *Medication, n *source.Node) { m.Routes = d.routes(n) }},
		{Name: "limits", Shape: grammar.Mapping("limits"), Doc: "Its limits (only inside `medications`).",
			Example: "medications: { first: { routes: { oral: {} }, limits: { single dose: 100 mg } } }",
			Read: func(d *decoder, m *Medication, n *source.Node) {
				m.Limits.Range = n.Range
				limitsObject.Decode(&d.Reader, d, n, &m.Limits)
			}},
	},
}

var routeObject = object[Route]{
	Name: "route",
	Doc:  "One way of giving the medicine.",
	Keys: []key[Route]{
		{Name: "form", Shape: grammar.Text, Doc: "The formulation, in a word or two.",
			Example: "routes: { oral: { form: troche, round: 5 mg } }",
			Read:    func(d *decoder, r *Route, n *source.Node) { r.Form = d.Text(n, "a form") }},
		{Name: "strengths", Shape: grammar.List(shapeAmount), Doc: "The strengths that are dispensed. Where nothing says how doses are rounded, each dose must be made up of them.",
			Example: "routes: { oral: { strengths: [25 mg, 50 mg], round: 5 mg } }",
			Read: func(d *decoder, r *Route, n *source.Node) {
				for _, item := range d.List(n) {
					r.Strengths = append(r.Strengths, d.doseAmount(item, "a strength"))
				}
			}},
		{Name: "divides", Shape: grammar.Words(divisions...), Doc: "How one unit of a strength divides: `not at all`, `into halves`, `into quarters`, or `by any amount`, as what is drawn from a vial. Outputs then say what makes each dose up, in the fewest units. Default: `into quarters` or `into halves` where `round` is that part of the smallest strength, otherwise not at all.",
			Example: "routes: { oral: { form: scored tablet, strengths: [25 mg], divides: into halves, round: 12.5 mg } }",
			Read:    func(d *decoder, r *Route, n *source.Node) { r.Divides = d.Word(n, "way to divide", divisions) }},
		{Name: "concentration", Shape: grammar.Pattern("an amount per mL, as 50 mg/mL", grammar.PatternAmount(false, doseDims...)+`/m[lL]`), Doc: "The amount in each mL of a liquid.",
			Example: "routes: { oral: { form: solution, concentration: 50 mg/mL, round: 0.1 mL } }",
			Read: func(d *decoder, r *Route, n *source.Node) {
				r.Concentration = d.Amount(n, "a concentration", "as 50 mg/mL", func(u quantity.Unit) bool { return u.Per() == quantity.PerMillilitre })
			}},
		{Name: "bioavailability", Shape: grammar.Percent, Doc: "The share of the dose that reaches the circulation; for the reader, no amount is computed from it.",
			Example: "routes: { oral: { bioavailability: 20 %, round: 5 mg } }",
			Read: func(d *decoder, r *Route, n *source.Node) {
				r.Bioavailability = d.Amount(n, "a bioavailability", "as 30 %", func(u quantity.Unit) bool { return u == quantity.Percent })
				if r.Bioavailability.IsSet() && r.Bioavailability.Cmp(quantity.New(100, 1, quantity.Percent)) > 0 {
					d.Add(diag.BadAmount, n.Range, "", "a bioavailability of %v is more than all", r.Bioavailability)
				}
			}},
		{Name: "onset", Shape: grammar.Elapsed, Doc: "When the effect begins.",
			Example: "routes: { oral: { onset: 30 minutes, round: 5 mg } }",
			Read:    func(d *decoder, r *Route, n *source.Node) { r.Onset = d.Elapsed(n, "an onset") }},
		{Name: "duration", Shape: grammar.Elapsed, Doc: "How long the effect lasts.",
			Example: "routes: { oral: { duration: 2 hours, round: 5 mg } }",
			Read:    func(d *decoder, r *Route, n *source.Node) { r.Duration = d.Elapsed(n, "a duration") }},
		{Name: "over", Shape: grammar.Elapsed, Doc: "How long giving one dose takes.",
			Example: "routes: { oral: { over: 40 minutes, round: 5 mg } }",
			Read:    func(d *decoder, r *Route, n *source.Node) { r.Over = d.Elapsed(n, "how long a dose takes") }},
		{Name: "round", Shape: shapeRound, Doc: "What can be measured out: doses are rounded to the nearest multiple, a tie down, or `up`, `down` or not at all (`none`), never past a maximum. A step in mL needs `concentration`.",
			Example: "routes: { oral: { round: 1/4 of 20 mg } }",
			Read:    func(d *decoder, r *Route, n *source.Node) { r.Round = d.rounding(n) }},
	},
}

var populationObject = object[Population]{
	Name: "population",
	Doc:  "The patients that the protocol is meant for. Ends are included.",
	Keys: []key[Population]{
		{Name: "age", Shape: grammar.Pattern("a range as 18..75 years, 6..23 months or 6 months..17 years; one end can be left out, as 18.. years", `([0-9]{1,4}( (years?|months?))?)?\.\.([0-9]{1,4})? (years?|months?)|[0-9]{1,4} (years?|months?)\.\.`), Doc: "The age on the first day, in completed years or months.",
			Example: "population: { age: 18.. years }",
			Read:    func(d *decoder, p *Population, n *source.Node) { p.Age = d.Ages(n, "an age") }},
		{Name: "weight", Shape: grammar.Range("45..150 kg", ` *(kg|g|mg|mcg|ng|lbs?|oz)`), Doc: "Body weight.",
			Example: "population: { weight: 45..150 kg }",
			Read: func(d *decoder, p *Population, n *source.Node) {
				p.Weight = d.Range(n, "a weight", "45..150 kg", dimensioned(quantity.Mass))
			}},
		{Name: "height", Shape: grammar.Range("150..200 cm", ` *(cm|m|in|ft)`), Doc: "Height.",
			Example: "population: { height: 150..200 cm }",
			Read: func(d *decoder, p *Population, n *source.Node) {
				p.Height = d.Range(n, "a height", "150..200 cm", dimensioned(quantity.Length))
			}},
		{Name: "sex", Shape: grammar.Words("female", "male"), Doc: "Whom it is for, where it is for one. Default: both.",
			Example: "population: { sex: female }",
			Read: func(d *decoder, p *Population, n *source.Node) {
				p.Sex, p.SexAt = d.Word(n, "sex", []string{"female", "male"}), n.Range
			}},
		{Name: "body surface", Shape: grammar.Range("0.5..2.5 m2", ` *m2`), Doc: "The surfaces that a patient's file may state, where `body surface: { formula: stated }`.",
			Example: "body surface: { formula: stated }\npopulation: { body surface: 0.5..2.5 m2 }",
			Read: func(d *decoder, p *Population, n *source.Node) {
				p.Surface = d.Range(n, "a body surface", "0.5..2.5 m2", dimensioned(quantity.Area))
				if d.protocol.Surface.Formula != body.Stated {
					d.Add(diag.KeysExclude, n.Range, "bound the weights and heights, or write `body surface: { formula: stated }`", "the body surface is computed from the weight and the height")
				}
			}},
		{Name: "bmi", Shape: grammar.Range("16..40", ``), Doc: "Body mass index in kg/m².",
			Example: "population: { bmi: 16..40 }",
			Read: func(d *decoder, p *Population, n *source.Node) {
				p.BMI = d.Range(n, "a body mass index", "16..40", quantity.ParseNumber)
			}},
	},
}

func dimensioned(dim quantity.Dimension) func(string) (quantity.Amount, error) {
	return func(text string) (quantity.Amount, error) {
		a, err := quantity.Parse(text)
		if err == nil && !grammar.In(dim)(a.Unit()) {
			err = &quantity.ParseError{Text: text, Reason: "the unit " + a.Unit().String() + " does not fit"}
		}
		return a, err
	}
}

var phaseObject = object[Phase]{
	Name: "phase",
	Doc:  "A stretch of the course with one medicine and one dosing rule.",
	Keys: []key[Phase]{
		{Name: "title", Shape: grammar.Text, Doc: "What outputs call the phase. Default: its name.",
			Example: "phases: { course: { title: The whole course } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Title = d.Text(n, "a title") }},
		{Name: "for", Shape: grammar.Mapping("for"), Doc: "Which patients have the phase. Default: all.",
			Example: "phases: { course: { for: { age: under 65 }, dose: 50 mg, frequency: twice daily, course: 2 weeks }, elderly: { for: { age: from 65 }, dose: 50 mg, frequency: daily, course: 2 weeks } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.For = d.subset(n) }},
		{Name: "medication", Shape: grammar.Text, Doc: "Which of `medications` is given.",
			Example: "medications: { first: { routes: { oral: { round: 5 mg } } } }\nphases: { course: { medication: first } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Medication = d.medicationOf(n) }},
		{Name: "route", Shape: shapeRoute, Doc: "The route of this phase. Default: the patient's.",
			Example: "phases: { course: { route: oral } }",
			Read: func(d *decoder, p *Phase, n *source.Node) {
				p.Route = d.route(n)
				if !slices.Contains(d.protocol.routeNames(), p.Route) {
					d.unknown(n, "route", p.Route, d.protocol.routeNames())
				}
			}},
		{Name: "dose", Shape: shapePhaseDose, Doc: "How much. Default: `tier`, or the steps of `titration`.",
			Example: "phases: { course: { dose: 0.5 mg/kg } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Dose = d.dose(n, modifiers{}, 0) }},
		{Name: "frequency", Required: true, Shape: shapeFrequency, Doc: "How often: daily; twice daily; every 8 hours; every 12 hours elapsed; every 15 minutes; every 3 days; weekly; every 2 weeks; monthly; day 15 of each month; days 1 to 12 of each month; first monday of each month; 3 a week; mon, wed and fri; daily except sun; days 1, 4, 8, 11 of 21; days 1-5 of 28; 21 days on, 7 off; on days 1, 4, 8, 15; at 0, 2 and 6 weeks; at 0, 1 and 6 months; once. Days count from day 1 of the phase, whether or not a dose falls on it. A list offers a choice.",
			Example: "phases: { course: { frequency: [daily, 5 a week] } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { d.frequencies(p, n) }},
		{Name: "times", Shape: shapeTimes, Doc: "When on the day, one for each dose of it (`twice daily` has two, `daily` and `weekly` one); or a mapping of days of the week to it, with `other` for every day that is not named: a dose of Saturday or Sunday then has another time. Default: what the settings say for that many doses a day (09:00 for one).",
			Example: "phases: { course: { frequency: daily, times: { \"sat, sun\": \"10:00\", other: \"07:00\" } } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { d.phaseTimes(p, n) }},
		{Name: "course", Required: true, Shape: shapeCourse, Doc: "How long: a number of doses, a length of time, a number of cycles, `until day 84`, `until end of week 52` or `until end of month 6` of the course (its last day, whenever the phase began), `until` a date of the patient's file or some days from one, `until 120 mg/kg in all` (what the doses of the medicine come to, in this phase and in those before it, by the weight at the start; the last dose is what is left, in steps that can be measured out and though it lies under a `min`, and what is missed, or left out in a course or by the policy for closed days, does not count), `until 550 mg/m2 in a lifetime` (with what the patient `received` before), `until response is met` (the `criterion` of a check-in), `through the last step` of a dose that rises or falls by itself (the last lasts as long as the others), whichever of two comes first, or open-ended. Days, weeks and months end with the last day; doses, and hours from the first dose, end with the last dose.",
			Example: "phases: { course: { course: 10 doses or 3 weeks } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Course = d.course(n) }},
		{Name: "starts", Shape: shapeWhen, Doc: "When the phase starts. Default: on the day on which the phase before it would have had its next dose, at the first of its own times that lies after the last dose; after a phase of days, weeks or months, on the day after its last. `after PHASE` says that; `after the phase before` does so whichever a patient has before it. `with PHASE` begins at its first dose; what is counted from `each dose of PHASE`, as `30 minutes before each dose of infusion`, begins again at each, with the frequency and the course of each time; `1 hour after end of each dose of infusion` (or of `dose 1 of infusion`) counts from when such a dose has been given, where all take the same time; days after a dose keep its clock time unless the phase has `times`; hours after a dose are elapsed time, and on the clock for a phase that has `times`.",
			Example: "phases: { later: { starts: 1 week after last dose of course, dose: 25 mg, frequency: weekly, course: 2 doses } }",
			Read: func(d *decoder, p *Phase, n *source.Node) {
				p.Starts = d.when(n, startsKey)
			}},
		{Name: "repeat", Shape: grammar.Number("a number", `[1-9][0-9]{0,2}`), Doc: "How many times the phase runs, one after the other. Default: 1.",
			Example: "phases: { course: { course: 2 weeks, repeat: 3, rest: 1 week } }",
			Read: func(d *decoder, p *Phase, n *source.Node) {
				p.Repeat = d.Count(n, "a number of times", "a number from 1 to 999", 999)
			}},
		{Name: "rest", Shape: grammar.Days, Doc: "The time between two runs of a repeated phase. Default: none.",
			Example: "phases: { course: { course: 5 days, repeat: 2, rest: 9 days } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Rest = d.Days(n, "a rest") }},
		{Name: "each run", Shape: grammar.Words("begins again", "goes on"), Doc: "What a repeated phase, or one that is counted from each dose of another, does with its days, dose numbers and steps: each run `begins again` with day 1, dose 1 and the first step, or `goes on` from the run before. Default: begins again.",
			Example: "phases: { course: { course: 2 weeks, repeat: 3, each run: goes on } }",
			Read: func(d *decoder, p *Phase, n *source.Node) {
				p.GoesOn = d.Word(n, "rule for repeated runs", []string{"begins again", "goes on"}) == "goes on"
			}},
		{Name: "window", Shape: shapeWindows, Doc: "By how many days a dose may be moved off a closed day: one window for all doses, or one by the number of the dose, which goes on through repeats; each holds until the next. Default: none.",
			Example: "phases: { course: { window: { from dose 1: 0 days, from dose 2: -1 to +3 days } } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Windows = d.windows(n) }},
		{Name: "over", Shape: grammar.Elapsed, Doc: "How long giving one dose takes in this phase. Default: what the route says.",
			Example: "phases: { course: { over: 90 minutes } }",
			Read: func(d *decoder, p *Phase, n *source.Node) {
				p.Over, p.OverAt = d.Elapsed(n, "how long a dose takes"), n.Range
			}},
		{Name: "sites", Shape: grammar.List(grammar.Text), Doc: "Where on the body doses are given, in turn by their number: dose 1 at the first, and after the last the first again. Each dose prints with its own.",
			Example: "phases: { course: { sites: [left thigh, right thigh, abdomen] } }",
			Read:    func(d *decoder, p *Phase, n *source.Node) { p.Sites = d.Texts(n, "a site") }},
		{Name: "titration", Shape: grammar.Mapping("titration"), Doc: "Steps that each wait for a check-in. Without a confirmation the dose stays.",
			Example: "phases: { course: { dose: titration, titration: { steps: [25 mg, 50 mg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read: func(d *decoder, p *Phase, n *source.Node) {
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
	Name: "titration",
	Doc:  "A gated titration: `steps`, or `start` with `increase` and `to`. Steps that are tiers go on in later phases with `dose: tier`; amounts belong to their phase, and a later one begins with its own. `weight`, `min`, `max` and `round` apply as in a dose.",
	Keys: []key[titrationFields]{
		{Name: "weight", Shape: shapeWeight, Doc: "The weight that rates per kg use, as in a dose.",
			Example: "phases: { course: { dose: titration, titration: { weight: actual weight, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.weight = d.weightRule(n) }},
		{Name: "min", Shape: shapeRate, Doc: "The least that a step may come to.",
			Example: "phases: { course: { dose: titration, titration: { min: 10 mg, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.min = d.bound(n, "a minimum") }},
		{Name: "max", Shape: shapeRate, Doc: "The most that a step may come to.",
			Example: "phases: { course: { dose: titration, titration: { max: 90 mg, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.max = d.bound(n, "a maximum") }},
		{Name: "round", Shape: shapeRound, Doc: "What can be dispensed. Default: the route's.",
			Example: "phases: { course: { dose: titration, titration: { round: 5 mg, steps: [0.5 mg/kg, 0.6 mg/kg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.round = d.rounding(n) }},
		{Name: "steps", Shape: grammar.List(shapeStep), Doc: "The steps, from the first on: all tiers, or all amounts.",
			Example: "tiers: { low: 25 mg, high: 50 mg }\ndefault tier: low\nphases: { course: { dose: tier, titration: { steps: [low, high], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.steps = n }},
		{Name: "start", Shape: shapeRate, Doc: "The first dose, where the steps are not fixed.",
			Example: "phases: { course: { dose: titration, titration: { start: 50 mg, increase: 25 mg, to: 100 mg, confirmed at: review } } }\ncheck-ins: { review: { every: 3 days, mode: phone } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.start = n }},
		{Name: "increase", Shape: shapeIncrease, Doc: "What one step may add.",
			Example: "phases: { course: { dose: titration, titration: { start: 0.5 mg/kg, increase: 0.1..0.5 mg/kg, to: 3 mg/kg, confirmed at: review } } }\ncheck-ins: { review: { every: 1 week, mode: in person } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.increase = n }},
		{Name: "to", Shape: shapeRate, Doc: "The highest dose that steps may reach, which rounding never passes.",
			Example: "phases: { course: { dose: titration, titration: { start: 50 mg, increase: 25 mg, to: 100 mg, confirmed at: review } } }\ncheck-ins: { review: { every: 3 days, mode: phone } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.to = n }},
		{Name: "confirmed at", Required: true, Shape: grammar.Name, Doc: "The check-in that decides on each step.",
			Example: "phases: { course: { dose: titration, titration: { steps: [25 mg, 50 mg], confirmed at: review } } }\ncheck-ins: { review: { every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, t *titrationFields, n *source.Node) { t.t.Confirmed = d.Text(n, "a check-in") }},
	},
}

var checkInObject = object[CheckIn]{
	Name: "check-in",
	Doc:  "A contact or measurement. It has one of `on`, `every`, `before` and `around each dose`.",
	Keys: []key[CheckIn]{
		{Name: "title", Shape: grammar.Text, Doc: "What outputs call it. Default: its name.",
			Example: "check-ins: { review: { title: Review by telehealth, every: 2 weeks, mode: telehealth } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Title = d.Text(n, "a title") }},
		{Name: "for", Shape: grammar.Mapping("for"), Doc: "Which patients have it. What it gates waits for it with them alone. Default: all.",
			Example: "check-ins: { test: { for: { sex: female }, before: first dose, within: 7 days, mode: lab, gates: first dose } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.For = d.subset(n) }},
		{Name: "on", Shape: grammar.List(shapeWhen), Doc: "The day or days; or `1 day before each dose of course`, or `day 1 of each cycle of course`, in every run (`of each run`: once in each), alone; `first dose of each cycle`, where day 1 has none.",
			Example: "check-ins: { review: { on: [day 8, 1 week after last dose], mode: phone } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.List(n) {
					c.On = append(c.On, d.when(item, onKey))
				}
			}},
		{Name: "every", Shape: grammar.Days, Doc: "How often, for as long as the course runs. The first falls one such time after the start, or after day 1 of the first of the phases in `during`.",
			Example: "check-ins: { review: { every: 4 weeks, mode: message } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Every = d.Days(n, "`every`") }},
		{Name: "from", Shape: shapeWhen, Doc: "The day of the first of `every`: the others follow it. Default: one such length `after` the start.",
			Example: "check-ins: { review: { every: 1 week, from: day 15, mode: phone } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.From, c.OnFrom = d.when(n, "`from`"), true }},
		{Name: "after", Shape: shapeWhen, Doc: "What `every` counts from, in the place of `from`: the first comes one such length after it, and none on that day. Default: the start.",
			Example: "check-ins: { review: { every: 2 weeks, after: dose 3 of course, mode: phone } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				if c.OnFrom {
					d.Add(diag.KeysExclude, n.Range, "keep `from` for a first one on that day, `after` for one later by the length of `every`", "the check-in “%s” has `from` and `after`", c.Name)
					return
				}
				c.From = d.when(n, "`after`")
			}},
		{Name: "until", Shape: shapeWhen, Doc: "Where `every` stops. Default: with the course, or the phases of `during`: on the day on which it would go on, at the latest.",
			Example: "check-ins: { review: { every: 1 week, until: end of week 3, mode: phone } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Until = d.when(n, "`until`") }},
		{Name: "before", Shape: grammar.Words("first dose"), Doc: "At the latest the day before the first dose.",
			Example: "check-ins: { evaluation: { before: first dose, within: 14 days, mode: telehealth } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				c.Before = d.Word(n, "point", []string{"first dose"}) != ""
			}},
		{Name: "within", Shape: grammar.Days, Doc: "How long before the first dose at most. Needs `before`.",
			Example: "check-ins: { evaluation: { before: first dose, within: 30 days, mode: in person } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Within = d.Days(n, "`within`") }},
		{Name: "around each dose", Shape: grammar.List(shapeAround), Doc: "Observations at these times after the start of each dose; 0 minutes is just before it.",
			Example: "check-ins: { vital-signs: { around each dose: [0 min, 40 min, 2 h], mode: in person, measure: [blood pressure] } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.List(n) {
					if item.Value == "0 min" || item.Value == "0 minutes" {
						c.Around = append(c.Around, civil.Period{N: 0, Unit: civil.Minute})
						continue
					}
					p := d.Elapsed(item, "a time after the dose")
					if !p.IsSet() {
						continue
					}
					if n := len(c.Around); n > 0 && minutes(p) <= minutes(c.Around[n-1]) {
						d.Add(diag.BadTime, item.Range, "write the times in order, and look at the units", "%v does not come after %v", p, c.Around[n-1])
					}
					if minutes(p) > 24*60 {
						d.Add(diag.BadTime, item.Range, "look at the unit, or write a check-in, `on: 48 hours after each dose of` its phase", "%v after a dose is more than a day", p)
					}
					c.Around = append(c.Around, p)
				}
			}},
		{Name: "during", Shape: grammar.List(grammar.Name), Doc: "The phases that `every` or `around each dose` is limited to; between them there is none. A phase that is repeated, or goes with each dose of another, lasts from its first dose to its last, the rests between included. Default: all.",
			Example: "check-ins: { vital-signs: { around each dose: [0 min], during: course, mode: in person } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.List(n) {
					name := d.Text(item, "a phase")
					if _, ok := d.protocol.Phase(name); !ok {
						d.unknown(item, "phase", name, d.protocol.PhaseNames())
						continue
					}
					c.During = append(c.During, name)
				}
			}},
		{Name: "window", Shape: shapeWindow, Doc: "By how many days it may be moved. Default: none.",
			Example: "check-ins: { review: { every: 2 weeks, window: ±3 days, mode: telehealth } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Window = d.window(n) }},
		{Name: "time", Shape: shapeTime, Doc: "When on the day. Default: what the settings say (09:00); on the day of a dose that it is counted from, the dose's time.",
			Example: "check-ins: { review: { every: 2 weeks, time: 10:30, mode: telehealth } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				if t, ok := d.time(n); ok {
					c.Time = &t
				}
			}},
		{Name: "overdue", Shape: grammar.Words("stay", "stop"), Doc: "What doses do that wait for this check-in once it is overdue: `stay` at the present step, or `stop` until it took place. All doses (or those of the phases in `during`) stop for one that gates nothing and confirms no step, such as a blood count without which nothing is given. Default: stay.",
			Example: "check-ins: { review: { every: 2 weeks, window: ±3 days, overdue: stop, mode: telehealth } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				c.StopsIfOverdue = d.Word(n, "rule for an overdue check-in", []string{"stay", "stop"}) == "stop"
			}},
		{Name: "mode", Required: true, Shape: grammar.Words(modes...), Doc: "How it is held.",
			Example: "check-ins: { review: { every: 2 weeks, mode: in person } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Mode = Mode(d.Word(n, "mode", modes)) }},
		{Name: "measure", Shape: grammar.List(grammar.Text), Doc: "What is measured.",
			Example: "check-ins: { review: { every: 2 weeks, mode: telehealth, measure: [PHQ-9, blood pressure] } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Measure = d.Texts(n, "a measure") }},
		{Name: "criterion", Shape: grammar.Text, Doc: "What the check-in looks for, in the source's words: `MADRS 12 or less`. A phase whose course is `until response is met` ends once the clinician records that the check-in of that name found it.",
			Example: "phases: { course: { course: 8 doses or until response is met } }\ncheck-ins: { response: { every: 1 week, mode: telehealth, measure: [PHQ-9], criterion: PHQ-9 of 9 or less } }",
			Read:    func(d *decoder, c *CheckIn, n *source.Node) { c.Criterion = d.Text(n, "a criterion") }},
		{Name: "gates", Shape: grammar.List(grammar.Pattern("`first dose`, or the name of a phase", `first dose|`+grammar.PatternName)), Doc: "What stands only if this check-in confirms it; where several decide about the same doses, all must. One of several days decides about the doses from its own moment until the next; what comes before the first waits for the first. One `before each dose`, or with it, decides about its own dose. A phase that no check-in names waits for those that decide about the phase it is counted from, and what goes with each dose of another for what decides about that dose. `first dose` is about whatever is counted from no other phase.",
			Example: "check-ins: { evaluation: { before: first dose, within: 14 days, mode: telehealth, gates: first dose } }",
			Read: func(d *decoder, c *CheckIn, n *source.Node) {
				for _, item := range d.List(n) {
					g := Gate{Range: item.Range}
					if name := d.Text(item, "a gate"); name == "first dose" {
						g.FirstDose = true
					} else if _, ok := d.protocol.Phase(name); ok {
						g.Phase = name
					} else {
						d.unknown(item, "phase", name, append([]string{"first dose"}, d.protocol.PhaseNames()...))
						continue
					}
					c.Gates = append(c.Gates, g)
				}
			}},
	},
}

var modes = []string{string(Telehealth), string(InPerson), string(Phone), string(Message), string(Lab), string(SelfReport)}

var missedObject = object[Missed]{
	Name: "missed doses",
	Doc:  "The rule for missed doses.",
	Keys: []key[Missed]{
		{Name: "take within", Shape: grammar.Elapsed, Doc: "How long after its time a dose may still be given. Later it counts as missed. Default: none is given late.",
			Example: "missed doses: { take within: 8 h, then: skip }",
			Read:    func(d *decoder, m *Missed, n *source.Node) { m.Within = d.Elapsed(n, "`take within`") }},
		{Name: "then", Required: true, Shape: grammar.Words(missedRules...), Doc: "`skip`: the dose is left out and the rest stays where it is. `shift`: it and all that follows, check-ins too, are planned again from the day on which the miss is recorded. `extend`: the rest stays, and one more dose is given at the end of the phase; of a phase that ends with its time the dose is left out.",
			Example: "missed doses: { then: extend }",
			Read: func(d *decoder, m *Missed, n *source.Node) {
				m.Then = MissedRule(slices.Index(missedRules, d.Word(n, "rule for missed doses", missedRules)) + 1)
			}},
	},
}

var missedRules = []string{Skip: "skip", Shift: "shift", Extend: "extend"}[1:]

var supplyObject = object[Supply]{
	Name: "supply",
	Doc:  "How the medicine reaches the patient.",
	Keys: []key[Supply]{
		{Name: "fill", Required: true, Shape: grammar.Days, Doc: "How long one fill lasts, counted from its first dose.",
			Example: "supply: { fill: 30 days }",
			Read:    func(d *decoder, s *Supply, n *source.Node) { s.Fill = d.Days(n, "`fill`") }},
		{Name: "lead time", Shape: grammar.Days, Doc: "How long before its first dose a fill is sent. Default: on the same day.",
			Example: "supply: { fill: 30 days, lead time: 1 week }",
			Read:    func(d *decoder, s *Supply, n *source.Node) { s.Lead = d.Days(n, "`lead time`") }},
	},
}

var interruptionsObject = object[Protocol]{
	Name: "interruptions",
	Doc:  "What a hold does to the calendar.",
	Keys: []key[Protocol]{
		{Name: "clock", Shape: grammar.Words("stops", "keeps"), Doc: "`stops`: what a hold leaves out is given after it, and the course ends so much later. `keeps`: doses in a hold are left out, and the rest stays where it is. Default: keeps.",
			Example: "interruptions: { clock: stops }",
			Read: func(d *decoder, p *Protocol, n *source.Node) {
				p.StopsClock = d.Word(n, "clock", []string{"stops", "keeps"}) == "stops"
			}},
		{Name: "restart after", Shape: grammar.Days, Doc: "Where more time than this passes from one dose to the next, because doses were held, missed or left out between them, the course starts again from its first phase. Default: never.",
			Example: "interruptions: { restart after: 6 weeks }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { p.RestartAfter = d.Days(n, "`restart after`") }},
	},
}

// A requirementKey is one kind of requirement: its key, and its sentence with the value.
var requirementKeys = []struct {
	key, doc, example string
	shape             grammar.Shape
	text              func(value string) string
}{
	{"sitter", "Another adult is present. `required`.", "required", grammar.Words("required"), func(string) string { return "another adult present" }},
	{"escort home", "Somebody takes the patient home. `required`.", "required", grammar.Words("required"), func(string) string { return "somebody to take the patient home" }},
	{"reachable contact", "A person who can be reached is named. `required`.", "required", grammar.Words("required"), func(string) string { return "a contact who can be reached" }},
	{"blood pressure cuff", "A cuff is at hand, and pressure is taken before the dose. `required`.", "required", grammar.Words("required"), func(string) string { return "blood pressure cuff at hand, pressure taken before the dose" }},
	{"no driving until", "When the patient may drive or work with machines again.", "the next morning", grammar.Text, func(v string) string { return "no driving or machinery until " + v }},
	{"no food for", "How long before the dose the patient does not eat.", "2 hours", grammar.Elapsed, func(v string) string { return "no food for " + v + " before" }},
	{"no liquid for", "How long before the dose the patient does not drink.", "30 minutes", grammar.Elapsed, func(v string) string { return "no liquid for " + v + " before" }},
	{"no food after", "How long after the dose the patient does not eat.", "30 minutes", grammar.Elapsed, func(v string) string { return "no food for " + v + " after" }},
	{"monitoring for", "How long the patient is observed after the dose starts.", "2 hours", grammar.Elapsed, func(v string) string { return "observed for " + v + " from its start" }},
	{"monitoring after", "How long the patient is observed after the dose has been given.", "1 hour", grammar.Elapsed, func(v string) string { return "observed for " + v + " after its end" }},
}

type requirementFields struct {
	texts, kinds []string
	values       []RequirementValue
}

var requirementObject = func() *object[requirementFields] {
	o := object[requirementFields]{Name: "requirement", Doc: "What must be so for a dose to be given."}
	for _, r := range requirementKeys {
		o.Keys = append(o.Keys, key[requirementFields]{Name: r.key, Shape: r.shape, Doc: r.doc,
			Example: "requirements: { each dose: { " + r.key + ": " + r.example + " } }",
			Read: func(d *decoder, t *requirementFields, n *source.Node) {
				value := d.Text(n, "`"+r.key+"`")
				switch {
				case strings.HasPrefix(r.shape.Text, "one of"):
					d.Word(n, "value", []string{"required"})
				case r.shape.Text == grammar.Elapsed.Text:
					value = d.Elapsed(n, "`"+r.key+"`").String()
				}
				t.texts = append(t.texts, r.text(value))
				t.values = append(t.values, RequirementValue{r.key, value})
				t.kinds = append(t.kinds, r.key)
			}})
	}
	o.Keys = append(o.Keys, key[requirementFields]{Name: "instructions", Shape: grammar.List(grammar.Text), Doc: "Anything else, in sentences.",
		Example: "requirements: { each dose: { instructions: [Hold under the tongue for 5 minutes.] } }",
		Read: func(d *decoder, t *requirementFields, n *source.Node) {
			texts := d.Texts(n, "an instruction")
			t.texts = append(t.texts, texts...)
			for _, text := range texts {
				t.values = append(t.values, RequirementValue{"instructions", text})
			}
			t.kinds = append(t.kinds, "instructions")
		}})
	return &o
}()

var contraindicationsObject = object[Protocol]{
	Name: "contraindications",
	Doc:  "Conditions and medicines that speak against the protocol. An entry is a term, or a mapping of the term to other words for the same thing, or to codes: `ICD-10 F20` covers F20.9 of a patient's file, `ICD-10 F20-F29` the categories from one to the other; `SNOMED CT` and `RxNorm` with a number.",
	Keys: []key[Protocol]{
		{Name: "absolute", Shape: shapeContra, Doc: "A match refuses the calendar.",
			Example: "contraindications: { absolute: [ psychosis: [schizophrenia, ICD-10 F20-F29] ] }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.contraindications(p, n, true) }},
		{Name: "relative", Shape: shapeContra, Doc: "A match warns.",
			Example: "contraindications: { relative: [liver disease] }",
			Read:    func(d *decoder, p *Protocol, n *source.Node) { d.contraindications(p, n, false) }},
	},
}

// patternApart matches an interval in days of the calendar.
const patternApart = `[1-9][0-9]{0,2} *(d|days?|weeks?)`

// interval reads the shortest time between two doses.
func (d *decoder) interval(l *Limits, n *source.Node) {
	const most = 400
	p := d.Period(n, "the shortest interval")
	l.IntervalAt = n.Range
	if elapsed, ok := p.Elapsed(); ok {
		l.Interval = elapsed
		return
	}
	months, days, _ := p.Calendar()
	if p.IsSet() && (months != 0 || days > most) {
		d.Add(diag.BadTime, n.Range, "write it in hours or days", "the shortest interval cannot be %v", p)
		return
	}
	l.Apart = days
}

// onDays reads a limit on any so many days of the calendar.
func (d *decoder) onDays(l *Limits, days int, n *source.Node) {
	for _, item := range d.List(n) {
		if a := d.limitAmount(item, "the largest total of "+civil.Plural(days, "day")); a.IsSet() {
			l.OnDays = append(l.OnDays, OnDays{days, a, item.Range})
		}
	}
	slices.SortStableFunc(l.OnDays, func(a, b OnDays) int { return a.Days - b.Days })
}

// stretch reads the length of time in the name of a limit, after its first word.
func (d *decoder) stretch(name *source.Node) (p civil.Period, ok bool) {
	_, text, _ := strings.Cut(name.Value, " ")
	p = civil.MustPeriod(text)
	if limit.Elapsed(p) > limit.MostDays*24*time.Hour {
		d.Add(diag.BadTime, name.Range, "write `in the course`, if all of it is meant", "a total is limited within %d days at most", limit.MostDays)
		return p, false
	}
	return p, true
}

var limitsObject = object[Limits]{
	Name: "limits",
	Doc:  "Bounds on the doses of one medicine, checked on the final calendar.",
	Keys: []key[Limits]{
		{Name: "single dose", Shape: grammar.List(shapeLimit), Doc: "The largest single dose: an amount, a rate per kg of actual weight or per m2 of body surface, or several of them.",
			Example: "limits: { single dose: [100 mg, 1.5 mg/kg] }",
			Read: func(d *decoder, l *Limits, n *source.Node) {
				for _, item := range d.List(n) {
					if a := d.limitAmount(item, "the largest single dose"); a.IsSet() {
						l.SingleDose = append(l.SingleDose, a)
						l.SingleAt = append(l.SingleAt, item.Range)
					}
				}
			}},
		{Name: string(limit.KeyEachDay), Shape: grammar.List(shapeLimit), Doc: "The largest total on one day of the calendar. Of several, all hold.",
			Example: "limits: { each day: 100 mg }",
			Read:    func(d *decoder, l *Limits, n *source.Node) { d.onDays(l, 1, n) }},
		{Name: "each N days", Kind: grammar.KindOf(limit.PatternEach, "each 7 days", "each 30 days"), Shape: grammar.List(shapeLimit), Doc: "The largest total on any so many days of the calendar, one after the other, as `each 7 days`: what stands on the same day of each week never counts together, whatever the clocks do, unless they skip its time shortly before midnight. Of several, all hold.",
			Example: "limits: { each 7 days: 100 mg }",
			ReadNamed: func(d *decoder, l *Limits, name, n *source.Node) {
				if p, ok := d.stretch(name); ok {
					d.onDays(l, p.N, n)
				}
			}},
		{Name: "any N hours, any N days", Kind: grammar.KindOf(limit.PatternAny, "any 24 hours", "any 7 days", "any 30 days"), Shape: grammar.List(shapeLimit), Doc: "The largest total within any stretch of so long, as `any 24 hours` or `any 7 days`: of elapsed time, so that a day of it is 24 hours. Doses exactly so far apart do not count together; across the night on which clocks go forward the same clock times are 23 hours apart, and do. Of several, all hold.",
			Example: "limits: { any 24 hours: [75 mg/kg, 1000 mg] }",
			ReadNamed: func(d *decoder, l *Limits, name, n *source.Node) {
				p, ok := d.stretch(name)
				if !ok {
					return
				}
				for _, item := range d.List(n) {
					if a := d.limitAmount(item, "the largest total"); a.IsSet() {
						l.Rolling = append(l.Rolling, Rolling{p, a, item.Range})
					}
				}
				slices.SortStableFunc(l.Rolling, func(a, b Rolling) int { return cmp.Compare(limit.Elapsed(a.Within), limit.Elapsed(b.Within)) })
			}},
		{Name: "in the course", Shape: shapeLimit, Doc: "The largest total of the whole course, whatever its phases.",
			Example: "limits: { in the course: 1000 mg }",
			Read: func(d *decoder, l *Limits, n *source.Node) {
				l.Course, l.CourseAt = d.limitAmount(n, "the largest total of a course"), n.Range
			}},
		{Name: "in a lifetime", Shape: shapeLimit, Doc: "The largest total of the whole course together with what the patient received before, as the patient's file states it (`received`). What it does not state is printed to be confirmed.",
			Example: "limits: { in a lifetime: 550 mg/m2 }",
			Read: func(d *decoder, l *Limits, n *source.Node) {
				l.Lifetime, l.LifetimeAt = d.limitAmount(n, "the largest total of a lifetime"), n.Range
			}},
		{Name: "interval", Shape: grammar.Pattern("hours or minutes, or days of the calendar, as 20 h or 7 days", grammar.PatternElapsed+`|`+patternApart), Doc: "The shortest time between two doses: elapsed, from the start of one to that of the next (`20 h`), or from day to day of the calendar (`7 days`: on the same day of the next week, or later, at any time of day).",
			Example: "limits: { interval: 7 days }",
			Read:    func(d *decoder, l *Limits, n *source.Node) { d.interval(l, n) }},
		{Name: "interval to", Shape: grammar.Map("names of medicines", grammar.Elapsed), Doc: "The shortest elapsed time between the start of a dose of this medicine and that of one of another of the file, whichever comes first. It holds in a course against other protocols that give the other medicine too.",
			Example: "medications:\n  first: { routes: { oral: { round: 5 mg } }, limits: { interval to: { second: 4 h } } }\n  second: { routes: { oral: { round: 1 mg } } }\nphases: { course: { medication: first }, other: { medication: second, starts: 1 day after first dose of course, dose: 2 mg, frequency: once, times: [\"21:00\"], course: 1 dose } }",
			Read: func(d *decoder, l *Limits, n *source.Node) {
				if !d.Want(n, source.Mapping, "`interval to`") {
					return
				}
				for _, f := range n.Fields {
					least, _ := d.Elapsed(f.Value, "the shortest interval").Elapsed()
					l.Gaps = append(l.Gaps, Gap{Name: f.Key.Value, Least: least, Range: f.Key.Range})
				}
			}},
		{Name: "doses", Shape: grammar.Number("a number", `[1-9][0-9]*`), Doc: "The largest number of doses in the course.",
			Example: "limits: { doses: 40 }",
			Read: func(d *decoder, l *Limits, n *source.Node) {
				l.Doses, l.DosesAt = d.Count(n, "a number of doses", "a number, as 40", 1_000_000), n.Range
			}},
		{Name: "reassess", Shape: grammar.Pattern("every and a length of time, as every 6 months", `every `+grammar.PatternDays), Doc: "Doses later than this after the start are provisional until a reassessment, which the calendar shows. One that declines holds every dose after it, until a later one confirms that the course goes on.",
			Example: "limits: { reassess: every 6 months }",
			Read: func(d *decoder, l *Limits, n *source.Node) {
				body, ok := strings.CutPrefix(d.Text(n, "`reassess`"), "every ")
				if !ok {
					d.Add(diag.BadTime, n.Range, "write it as: every 6 months", "“%s” does not say how often", n.Value)
					return
				}
				c := *n
				c.Value = body
				l.Reassess, l.ReassessAt = d.Days(&c, "`reassess`"), n.Range
			}},
	},
}

var evidenceObject = object[Evidence]{
	Name: "evidence",
	Doc:  "One source.",
	Keys: []key[Evidence]{
		{Name: "cite", Shape: grammar.Text, Doc: "The citation.",
			Example: "evidence: [ { cite: \"Example A et al. J Ex 2020;1:1-9\" } ]",
			Read:    func(d *decoder, e *Evidence, n *source.Node) { e.Cite = d.Text(n, "a citation") }},
		{Name: "doi", Shape: grammar.Pattern("a DOI, as 10.1000/xyz", `10\.[0-9]{4,9}/\S+`), Doc: "Its DOI.",
			Example: "evidence: [ { cite: Example 2020, doi: 10.1000/xyz } ]",
			Read: func(d *decoder, e *Evidence, n *source.Node) {
				if e.DOI = d.Text(n, "a DOI"); !reDOI.MatchString(e.DOI) {
					d.Add(diag.BadWord, n.Range, "write it as 10.1000/xyz, without a web address", "“%s” is not a DOI", e.DOI)
				}
			}},
		{Name: "label", Shape: grammar.Text, Doc: "A product label, in place of a citation.",
			Example: "evidence: [ { label: US prescribing information of examplamine } ]",
			Read:    func(d *decoder, e *Evidence, n *source.Node) { e.Label = d.Text(n, "a label") }},
		{Name: "url", Shape: grammar.Text, Doc: "Where it can be read.",
			Example: "evidence: [ { cite: Example 2020, url: \"https://example.org/x\" } ]",
			Read:    func(d *decoder, e *Evidence, n *source.Node) { e.URL = d.Text(n, "an address") }},
		{Name: "note", Shape: grammar.Text, Doc: "A remark, or the reason for a figure that no source gives.",
			Example: "evidence: [ { note: The weight range is a check against slips of the keys., for: [population] } ]",
			Read:    func(d *decoder, e *Evidence, n *source.Node) { e.Note = d.Text(n, "a note") }},
		{Name: "for", Shape: grammar.List(grammar.Words(Parts()...)), Doc: "The parts of the protocol that it supports. In a published protocol every part that the file states is named by some entry, if only by a note that says it is the file's own.",
			Example: "evidence: [ { cite: Example 2020, for: [dose, frequency] } ]",
			Read: func(d *decoder, e *Evidence, n *source.Node) {
				for _, item := range d.List(n) {
					if part := d.Word(item, "part of a protocol", Parts()); part != "" {
						e.For = append(e.For, part)
					}
				}
			}},
		{Name: "figures", Shape: grammar.List(grammar.Text), Doc: "The passage's own figures, as the source gives them.",
			Example: "evidence: [ { cite: Example 2020, for: dose, figures: 0.5 mg/kg over 40 minutes } ]",
			Read:    func(d *decoder, e *Evidence, n *source.Node) { e.Figures = d.Texts(n, "a passage") }},
		{Name: "checked", Shape: grammar.Words("yes", "verify"), Doc: "`verify` says that nobody has yet checked the figures against the source; outputs repeat it. Default: yes.",
			Example: "evidence: [ { cite: Example 2020, checked: verify } ]",
			Read: func(d *decoder, e *Evidence, n *source.Node) {
				e.Verify = d.Word(n, "value", []string{"yes", "verify"}) == "verify"
			}},
	},
}

// sigWarnings reports abbreviations that have caused errors.
func (d *decoder) sigWarnings(n *source.Node, warnings []frequency.Warning) {
	for _, w := range warnings {
		d.Add(diag.UnsafeSig, n.Range, "write “"+w.Safe+"”", "“%s” is on a list of error-prone abbreviations", w.Text)
	}
}

// minutes returns elapsed time in minutes.
func minutes(p civil.Period) int {
	d, _ := p.Elapsed()
	return int(d.Minutes())
}
