// Package eligibility matches a protocol's population and contraindications with what is
// known of a patient: what refuses, what warns, what nobody has answered, and what was stated
// and matches no rule.
package eligibility

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/doseplan/doseplan/pkg/body"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Check judges a patient whose course starts on a date. Refusals and warnings are in the
// list; to confirm it appends, in the order of the protocol, what is to be confirmed
// because the patient's parameters do not answer it.
//
// A contraindication matches a condition or medicine of the same words, whatever their
// case, hyphens and plural, under its own term or another that the protocol gives. What is
// stated and matches none is a finding too, with the nearest rule: nothing that a patient's
// file states is dropped. Where that rule is an absolute contraindication, nothing is given
// until the file says whether it is meant.
//
// Findings travel to places where a patient's data must not go, so that their messages name
// the protocol's rule and never the patient's own figures or words. Those stand in the
// finding's Private part, which belongs to the schedule alone, as does what is to be
// confirmed.
func Check(p *protocol.Protocol, pat *patient.Patient, start civil.Date, confirm []Question) (diag.List, []Question) {
	c := checker{p: p, pat: pat, confirm: confirm}
	c.stated = append(slices.Clone(pat.Present), pat.Medications...)
	if pat.HighAcuity {
		help := "care in person with monitoring; " + CrisisHelp
		c.found.Add(diag.HighAcuity, diag.Range{}, help, "the patient's file states high acuity: consider monitored care in person; "+CrisisLine)
		if p.Setting == protocol.Home {
			c.found.Add(diag.HighAcuity, p.Range, help, "%s is a protocol for home use, and the patient's file states high acuity", p.ID)
		}
	}
	c.population(&p.Population, start)
	c.received()
	c.measurements()
	c.dates()
	for i := range p.Contraindication {
		c.contraindication(&p.Contraindication[i])
	}
	c.nearTurn()
	c.sameMedicine()
	c.unmatched()
	c.onRecord()
	return c.found, c.confirm
}

// What a finding of high acuity says of whom to call in the United States (https://988lifeline.org).
const (
	CrisisLine = "US crisis line: call or text 988"
	CrisisHelp = "in the United States call or text 988 at any hour"
)

// A Question is what a protocol asks and the patient's parameters do not answer.
type Question struct {
	What     string           // a parameter, or the term of a contraindication
	Range    *grammar.Bounded // of a parameter
	Unit     string           // what follows the figures of a range of bare numbers
	Relative bool             // of a contraindication
	Word     string           // of a parameter that is one of some words: which it must be
}

// String returns what is to be confirmed, in words.
func (q Question) String() string {
	switch {
	case q.Word != "":
		return q.What + " " + q.Word
	case q.Range != nil:
		return q.What + " " + inWords(q.What, q.Range, q.Unit)
	case q.Relative:
		return "no " + q.What + " (relative)"
	}
	return "no " + q.What
}

// inWords says the range of a parameter.
func inWords(what string, b *grammar.Bounded, unit string) string {
	if what == "age" {
		return b.AgeWords()
	}
	return b.Words(unit)
}

type checker struct {
	p       *protocol.Protocol
	pat     *patient.Patient
	stated  []string // the conditions and medicines of the patient's file
	found   diag.List
	confirm []Question
	matched []string // what the patient's file states and some rule matches
}

func (c *checker) population(p *protocol.Population, start civil.Date) {
	if p.Age.IsSet() {
		changes := []quantity.Amount{p.Age.Min}
		if p.Age.Max.IsSet() {
			changes = append(changes, p.Age.Max.Add(patient.Months(1)))
		}
		age, missing := c.pat.AgeAmong(start, changes...)
		c.bound("age", &p.Age, age, missing == nil, "")
	}
	if p.Weight.IsSet() {
		c.bound("weight", &p.Weight, c.pat.Weight, c.pat.Weight.IsSet(), "")
	}
	if p.Height.IsSet() {
		c.bound("height", &p.Height, c.pat.Height, c.pat.Height.IsSet(), "")
	}
	switch {
	case p.Sex == "" || string(c.pat.Sex) == p.Sex:
	case c.pat.Sex == "":
		c.confirm = append(c.confirm, Question{What: "sex", Word: p.Sex})
	default:
		c.found.Add(diag.OutsideRange, p.SexAt, "use a protocol for this patient's population", "the protocol is for %s patients", p.Sex).Field = "sex"
	}
	if p.Surface.IsSet() {
		c.bound("body surface", &p.Surface, c.pat.Surface, c.pat.Surface.IsSet(), "")
	}
	if c.pat.Surface.IsSet() && c.p.Surface.Formula != body.Stated && c.p.UsesSurface() {
		c.found.Add(diag.Unmatched, diag.Range{}, "write `body surface: { formula: stated }` in a protocol that extends it, if the stated one is meant", "the patient's file states a body surface, and the protocol computes it from the weight and the height").Private = "stated and not used: body surface " + c.pat.Surface.String()
	}
	if p.BMI.IsSet() {
		bmi, err := c.pat.BMI()
		c.bound("body mass index", &p.BMI, bmi, err == nil, "")
	}
}

// received asks what a limit of a lifetime must know.
func (c *checker) received() {
	for i := range c.p.Medications {
		m := &c.p.Medications[i]
		if !c.p.CountsLifetime(i) {
			continue
		}
		if len(c.pat.ReceivedOf(m.Name, m.RxNorm)) == 0 {
			c.confirm = append(c.confirm, Question{What: m.Name + " before this course"})
		}
	}
}

// measurements holds what is measured of the patient against the ranges of the protocol.
func (c *checker) measurements() {
	for i := range c.p.Measurements {
		m := &c.p.Measurements[i]
		if rule, ok := c.p.Creatinine(); ok && rule == m && !c.pat.Measurement(m.Name).IsSet() && c.clearanceStated() {
			continue // nothing is computed from it
		}
		value, _, err := dose.Measured(c.p, m, c.pat)
		c.bound(m.Name, &m.Within, value, err == nil, " "+m.Unit)
	}
	for _, v := range c.pat.Measured {
		if !slices.ContainsFunc(c.p.Measurements, func(m protocol.Measurement) bool { return strings.EqualFold(m.Name, v.Name) }) {
			d := c.found.Add(diag.Unmatched, diag.Range{}, "check its spelling; no dose follows from it", "the patient's file states a measurement that the protocol does not look at")
			d.Severity, d.Private = diag.Note, "measured and unmatched: “"+v.Name+"”"
		}
	}
}

// dates says of dates that nothing is counted from them.
func (c *checker) dates() {
	for _, x := range c.pat.Dates {
		declared, ok := c.p.Date(x.Name)
		if ok && (!x.At.IsSet() || declared.Clock.IsSet()) {
			continue
		}
		what, help := "a date that the protocol does not count from", "check its spelling; nothing is counted from it"
		if ok {
			what, help = "the time of a date from which the protocol counts days", "leave it out; hours are counted only from a date to which the protocol gives a time"
		}
		d := c.found.Add(diag.Unmatched, diag.Range{}, help, "the patient's file states %s", what)
		d.Severity, d.Private = diag.Note, "stated and not used: "+x.Name+" "+x.String()
	}
}

// clearanceStated reports whether every measurement that a formula could compute is stated.
func (c *checker) clearanceStated() bool {
	some := false
	for i := range c.p.Measurements {
		if m := &c.p.Measurements[i]; m.Formula != "" {
			if some = c.pat.Measurement(m.Name).IsSet(); !some {
				return false
			}
		}
	}
	return some
}

func (c *checker) bound(what string, b *grammar.Bounded, value quantity.Amount, known bool, unit string) {
	switch {
	case !known:
		c.confirm = append(c.confirm, Question{What: what, Range: b, Unit: unit})
	case !b.Contains(value):
		c.found.Add(diag.OutsideRange, b.Range, "use a protocol for this patient's population", "the patient's %s is outside the protocol's range, %s", what, inWords(what, b, unit)).Field = what
	case near(b, value):
		d := c.found.Add(diag.NearBound, b.Range, "check it before the course starts, and again as it changes", "the patient's %s is near the end of the protocol's range, %s", what, inWords(what, b, unit))
		stated := value.String() + unit
		if what == "age" {
			stated = c.pat.AgeInWords(c.pat.Start)
		}
		d.Private, d.Stated = stated, []string{stated}
	}
}

// nearTurn says of a body mass index near one from which doses follow another weight: a slip in the height changes them.
func (c *checker) nearTurn() {
	if !c.pat.Height.IsSet() {
		return
	}
	said := false
	for _, ph := range c.p.Rules() {
		for _, r := range c.p.RoutesOf(ph) {
			c.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				from := a.Weight.FromBMI
				if said || !from.IsSet() {
					return
				}
				bmi, err := c.pat.BMI()
				if err != nil || !near(&grammar.Bounded{Min: from}, bmi) {
					return
				}
				said = true
				d := c.found.Add(diag.NearBound, a.Range, "check the weight and the height", "the patient's body mass index is near %v, from which the doses follow the %v weight in place of the %v weight", from, a.Weight.Above, a.Weight.Kind)
				d.Private, d.Stated = bmi.String(), []string{bmi.String()}
			})
		}
	}
}

// near reports whether a value lies within a fiftieth of an end of its range, at which a
// change that is soon made leaves it.
func near(b *grammar.Bounded, value quantity.Amount) bool {
	close := func(end quantity.Amount) bool {
		if !end.IsSet() {
			return false
		}
		gap := value.Sub(end.In(value.Unit()))
		if gap.Sign() < 0 {
			gap = gap.Times(-1, 1)
		}
		return gap.Times(50, 1).Cmp(end.In(value.Unit())) <= 0
	}
	return close(b.Min) || close(b.Max)
}

func (c *checker) contraindication(k *protocol.Contraindication) {
	var hit []string
	for _, s := range c.stated {
		if k.Matches(s) {
			hit = append(hit, s)
		}
	}
	if len(hit) > 0 && slices.ContainsFunc(c.pat.Absent, k.AnsweredBy) {
		c.found.Add(diag.BadPatient, k.Range, "state it once", "the patient's file states “%s” as present and as absent", k.Term)
	}
	if len(hit) > 0 {
		c.matched = append(c.matched, hit...)
		private := "stated: “" + strings.Join(hit, "”, “") + "”"
		if k.Absolute {
			c.found.Add(diag.Contraindicated, k.Range, "this protocol is not for this patient", "the patient's file states an absolute contraindication of the protocol, “%s”", k.Term).Private = private
		} else {
			d := c.found.Add(diag.RelativeContra, k.Range, "the clinician decides whether to go on", "the patient's file states a relative contraindication of the protocol, “%s”", k.Term)
			d.Private, d.Stated = private, hit
		}
		return
	}
	if slices.ContainsFunc(c.pat.Absent, k.AnsweredBy) {
		return
	}
	c.confirm = append(c.confirm, Question{What: k.Term, Relative: !k.Absolute})
}

// sameMedicine says of a medicine that the patient takes and the protocol gives too, or which acts together with one that it
// gives: no limit counts what is taken of it.
func (c *checker) sameMedicine() {
	for _, s := range c.pat.Medications {
		if slices.Contains(c.matched, s) {
			continue
		}
		for i := range c.p.Medications {
			m := &c.p.Medications[i]
			if !isOrHolds(s, m) {
				continue
			}
			c.matched = append(c.matched, s)
			d := c.found.Add(diag.TakenAlready, diag.Range{}, "ask what is taken of it, and when; the clinician decides whether both are meant", "the patient's file states a medicine that the protocol gives too, or one that acts together with it, %s: what is taken of it counts against no limit", m.Name)
			d.Private, d.Stated = "stated: “"+s+"”", []string{s}
			break
		}
	}
}

// isOrHolds reports whether an entry of a list of medicines is a medicine or one that acts together with it, by its name
// or its code, whatever strength, form or route stands beside it.
func isOrHolds(entry string, m *protocol.Medication) bool {
	words := strings.FieldsFunc(entry, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' })
	if m.RxNorm != "" && len(words) > 1 && strings.EqualFold(words[0], "RxNorm") && slices.Contains(words[1:], m.RxNorm) {
		return true
	}
	known := medicine.Known().Of(entry)
	if condition.Same(entry, m.Name) || known.Name != "" && known.Name == medicine.Known().Of(m.Name).Name || medicine.Known().Related(entry, m.Name) {
		return true
	}
	for n, i := len(strings.Fields(m.Name)), 0; i+n <= len(words); i++ {
		if condition.Same(strings.Join(words[i:i+n], " "), m.Name) {
			return true
		}
	}
	return false
}

// unmatched reports what is stated and no rule matches, with the nearest rule.
func (c *checker) unmatched() {
	every := func(*protocol.Contraindication) bool { return true }
	open := func(k *protocol.Contraindication) bool {
		return k.Absolute && !slices.ContainsFunc(c.pat.Absent, k.AnsweredBy)
	}
	for _, s := range c.stated {
		if slices.Contains(c.matched, s) || slices.ContainsFunc(c.p.Population.Terms, func(k *protocol.Contraindication) bool { return k.Matches(s) }) {
			continue
		}
		const help = "the clinician judges it; write the protocol's own term if it is meant"
		taken := slices.Contains(c.pat.Medications, s) && !slices.Contains(c.pat.Present, s)
		of := func(pick func(*protocol.Contraindication) bool) func(*protocol.Contraindication) bool {
			return func(k *protocol.Contraindication) bool { return pick(k) && !(taken && isAllergy(k.Term)) } // what is taken is no allergy
		}
		k := c.allergyTo(s)
		if k == nil || taken {
			k = c.nearest(s, of(open))
		}
		if k == nil {
			k = c.nearest(s, of(every))
		}
		switch {
		case k != nil && !open(k) && slices.ContainsFunc(c.pat.Absent, k.AnsweredBy) && condition.Inflected(s, k.Term):
			d := c.found.Add(diag.BadPatient, k.Range, "state it once", "the patient's file states “%s” as absent, and another form of that word as present", k.Term)
			d.Private = "stated: “" + s + "”"
		case k == nil && condition.LooksCoded(s):
			d := c.found.Add(diag.Unmatched, diag.Range{}, "state it in words too, in the protocol's own where they are meant", "the patient's file states a code, and the protocol names none of its system that covers it: what the code is for was matched with no rule")
			d.Private, d.Stated = "stated and unmatched: “"+s+"”", []string{s}
		case k == nil:
			d := c.found.Add(diag.Unmatched, diag.Range{}, help, "the patient's file states something that no rule of the protocol matches")
			d.Private, d.Stated = "stated and unmatched: “"+s+"”", []string{s}
		case open(k):
			answer := "state “" + k.Term + "” as present or as absent"
			if condition.Inflected(s, k.Term) {
				answer = "state “" + k.Term + "” in its place, as present or as absent"
			}
			d := c.found.Add(diag.Unmatched, k.Range, answer, "the patient's file states something like the absolute contraindication “%s”, in other words: it must be answered", k.Term)
			d.Severity, d.Asks, d.Private = diag.Refusal, diag.AsksCondition, "stated: “"+s+"”"
		default:
			kind := "relative"
			if k.Absolute {
				kind = "absolute"
			}
			d := c.found.Add(diag.Unmatched, diag.Range{}, help, "the patient's file states something that no rule of the protocol matches")
			d.Private, d.Stated = fmt.Sprintf("stated and unmatched: “%s”; the nearest rule is the %s contraindication “%s”", s, kind, k.Term), []string{s}
			d.Args = []any{k.Term}
		}
	}
	for _, r := range c.pat.Received {
		if !slices.ContainsFunc(c.p.Medications, func(m protocol.Medication) bool {
			return m.RxNorm != "" && m.RxNorm == r.Medicine || strings.EqualFold(m.Name, r.Medicine)
		}) {
			c.receivedOther(r.Medicine)
		}
	}
	for _, s := range c.pat.Absent {
		if !slices.ContainsFunc(c.p.Contraindication, func(k protocol.Contraindication) bool { return k.AnsweredBy(s) }) &&
			!slices.ContainsFunc(c.p.Population.Terms, func(k *protocol.Contraindication) bool { return k.AnsweredBy(s) }) {
			help, what := "check its spelling; it answers nothing", "something that no rule of the protocol asks"
			if k := c.partOf(s); k != nil {
				help, what = "state “"+k.Term+"” as absent, if nothing of it is present", "a part of what the protocol asks for, “"+k.Term+"”, which stays to be confirmed"
			}
			d := c.found.Add(diag.Unmatched, diag.Range{}, help, "the patient's file states as absent %s", what)
			d.Severity, d.Private, d.Stated = diag.Note, "absent and unmatched: “"+s+"”", []string{s}
		}
	}
}

// partOf returns the contraindication of which a statement names a part, or which it names in other words; nil where none is.
func (c *checker) partOf(s string) *protocol.Contraindication {
	for i := range c.p.Contraindication {
		if k := &c.p.Contraindication[i]; k.Names(s) {
			return k
		}
	}
	return nil
}

// isAllergy reports whether a term is of an allergy.
func isAllergy(term string) bool {
	term = strings.ToLower(term)
	return slices.ContainsFunc([]string{"allerg", "hypersens", "anaphyla", "reaction to"}, func(s string) bool { return strings.Contains(term, s) })
}

// allergyTo returns the contraindication that an allergy to a medicine falls under which is stated by another name of it; nil
// where it is none.
func (c *checker) allergyTo(s string) *protocol.Contraindication {
	known := medicine.Known().Of(s).Name
	if known == "" || !isAllergy(s) {
		return nil
	}
	for i := range c.p.Contraindication {
		if k := &c.p.Contraindication[i]; isAllergy(k.Term) && medicine.Known().Of(k.Term).Name == known {
			return k
		}
	}
	return nil
}

// onRecord says what stands behind the calendar and is neither a match nor a question: what the patient's file answers
// with no, what was received before, and the values by which the phases were chosen.
func (c *checker) onRecord() {
	note := func(private, format string, args ...any) {
		d := c.found.Add(diag.OnRecord, diag.Range{}, "", format, args...)
		d.Private, d.Stated = private, []string{private}
	}
	var absent []string
	for i := range c.p.Contraindication {
		if k := &c.p.Contraindication[i]; !slices.ContainsFunc(c.stated, k.Matches) && slices.ContainsFunc(c.pat.Absent, k.AnsweredBy) {
			absent = append(absent, k.Term)
		}
	}
	if len(absent) > 0 {
		note(strings.Join(absent, ", "), "the patient's file states as absent what the protocol asks for")
	}
	for i := range c.p.Medications {
		m := &c.p.Medications[i]
		form := "the patient received %s before the start, which counts against no limit of the protocol"
		if c.p.CountsLifetime(i) {
			form = "the patient received %s before the start, which counts towards the total of a lifetime"
		}
		if before := c.pat.ReceivedOf(m.Name, m.RxNorm); len(before) > 0 {
			texts := make([]string, len(before))
			for k, a := range before {
				texts[k] = a.String()
			}
			note(strings.Join(texts, ", "), form, m.Name)
		}
	}
	said := map[string]bool{}
	for i := range c.p.Phases {
		ph := &c.p.Phases[i]
		if ph.For == nil {
			continue
		}
		for _, b := range ph.For.Measured {
			m, _ := c.p.Measurement(b.Name)
			steps, err := dose.Working(c.p, m, c.pat)
			if err != nil || len(steps) == 0 || said[b.Name] {
				continue
			}
			said[b.Name] = true
			texts := make([]string, len(steps))
			for k, s := range steps {
				texts[k] = s.String()
			}
			note(strings.Join(texts, "; "), "which phases the patient has follows from “%s”, which was computed", b.Name)
		}
	}
}

// receivedOther says of what was received that no medicine of the protocol has its name. Where it is like one of
// which a lifetime counts, somebody must say which it is.
func (c *checker) receivedOther(medicine string) {
	var names []string
	for i := range c.p.Medications {
		if c.p.CountsLifetime(i) {
			names = append(names, c.p.Medications[i].Name)
		}
	}
	const slip = 2 // letters: more make another medicine
	if i := slices.IndexFunc(names, func(name string) bool { return diag.Distance(strings.ToLower(medicine), strings.ToLower(name)) <= slip }); i >= 0 {
		near := names[i]
		d := c.found.Add(diag.Unmatched, diag.Range{}, "write “"+near+"” if that is meant, or leave it out", "the patient's file states what was received of a medicine whose name is like “%s”, of which the protocol counts all of a lifetime: it must be known which it is", near)
		d.Severity, d.Private = diag.Refusal, "received: “"+medicine+"”"
		return
	}
	d := c.found.Add(diag.Unmatched, diag.Range{}, "check its spelling; it counts against no limit", "the patient's file states what was received of a medicine that the protocol does not give")
	if d.Severity, d.Private = diag.Note, "received and unmatched: “"+medicine+"”"; len(names) > 0 {
		d.Severity = diag.Warning
	}
}

// nearest returns the contraindication, of some, whose words are most like those of a statement, or nil.
func (c *checker) nearest(s string, of func(*protocol.Contraindication) bool) *protocol.Contraindication {
	best, score := -1, 0
	for i := range c.p.Contraindication {
		if !of(&c.p.Contraindication[i]) {
			continue
		}
		for _, term := range c.p.Contraindication[i].Terms() {
			if n := condition.Likeness(s, term); n > score {
				best, score = i, n
			}
		}
	}
	if best < 0 {
		return nil
	}
	return &c.p.Contraindication[best]
}
