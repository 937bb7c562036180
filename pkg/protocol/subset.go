package protocol

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Subset is some patients of the population: those who fit all that it states.
type Subset struct {
	Age      Band // of completed months on the first day
	Weight   Band
	Sex      string // female, male, or "" for both
	Measured []MeasuredBand
	With     *Contraindication   // a condition that they have, or nil
	Without  []*Contraindication // those that they do not have
	Text     string              // in the words of the file
	Range    diag.Range
}

// A MeasuredBand is a band of a measurement, in its unit.
type MeasuredBand struct {
	Name string
	Band Band
}

// A Band is the values between two ends.
type Band struct{ Low, High Edge }

// An Edge is one end of a band.
type Edge struct {
	At     quantity.Amount // unset where there is no such end
	Within bool            // the value itself belongs to the band
}

// IsSet reports whether b bounds anything.
func (b Band) IsSet() bool { return b.Low.At.IsSet() || b.High.At.IsSet() }

// Contains reports whether a value lies in b.
func (b Band) Contains(v quantity.Amount) bool {
	if b.Low.At.IsSet() {
		if over := v.Cmp(b.Low.At); over < 0 || over == 0 && !b.Low.Within {
			return false
		}
	}
	if b.High.At.IsSet() {
		if over := v.Cmp(b.High.At); over > 0 || over == 0 && !b.High.Within {
			return false
		}
	}
	return true
}

// cut divides a range where a band begins and ends. Two values of the range differ by at least step.
func (b Band) cut(of grammar.Bounded, step quantity.Amount) []grammar.Bounded {
	parts := []grammar.Bounded{of}
	at := func(first quantity.Amount) { // the value with which the last part begins anew
		last := &parts[len(parts)-1]
		if last.Min.IsSet() && first.Cmp(last.Min) <= 0 || last.Max.IsSet() && first.Cmp(last.Max) > 0 {
			return
		}
		next := *last
		next.Min, last.Max = first, first.Sub(step)
		parts = append(parts, next)
	}
	if low := b.Low.At; low.IsSet() {
		if low = low.In(step.Unit()); !b.Low.Within {
			low = low.Add(step)
		}
		at(low)
	}
	if high := b.High.At; high.IsSet() {
		if high = high.In(step.Unit()); b.High.Within {
			high = high.Add(step)
		}
		at(high)
	}
	return parts
}

// touches reports whether a range that no end of b divides lies in b.
func (b Band) touches(of grammar.Bounded) bool {
	switch {
	case of.Min.IsSet():
		return b.Contains(of.Min)
	case of.Max.IsSet():
		return b.Contains(of.Max)
	}
	return !b.IsSet()
}

// The least by which two patients differ.
var (
	oneMonth     = quantity.New(1, 1, quantity.None)
	leastWeight  = quantity.New(1, 1_000_000, quantity.Kilogram)
	leastMeasure = quantity.New(1, 1_000_000, quantity.None)
)

// Selective reports whether a protocol has a phase or a check-in that is for some of its patients only, and is
// not yet that of those who have it.
func (p *Protocol) Selective() bool { return !p.chosen && len(p.subsets()) > 0 }

// subsets returns whom the phases and check-ins are for that are not for all.
func (p *Protocol) subsets() (list []*Subset) {
	for i := range p.Phases {
		if of := p.Phases[i].For; of != nil {
			list = append(list, of)
		}
	}
	for i := range p.CheckIns {
		if of := p.CheckIns[i].For; of != nil {
			list = append(list, of)
		}
	}
	for i := range p.AsNeeded {
		if of := p.AsNeeded[i].Rule.For; of != nil {
			list = append(list, of)
		}
	}
	return list
}

// Chosen names the phases of a protocol, and the check-ins that not all patients have: those of one file with
// the same names are the same.
func (p *Protocol) Chosen() []string {
	names := p.PhaseNames()
	for i := range p.CheckIns {
		if p.CheckIns[i].For != nil {
			names = append(names, p.CheckIns[i].Name)
		}
	}
	for i := range p.AsNeeded {
		if p.AsNeeded[i].Rule.For != nil {
			names = append(names, p.AsNeeded[i].Rule.Name)
		}
	}
	return names
}

// Having returns the protocol of patients who are of some of its subsets: the phases follow each other as if those
// of others did not stand in the file. What belongs to the others goes with them: check-ins that are counted
// from them, and what their doses require.
func (p *Protocol) Having(of func(*Subset) bool) *Protocol {
	out := *p
	out.Phases, out.CheckIns, out.Requirements, out.chosen = nil, nil, nil, true
	stays := map[string]bool{}
	for i := range p.Phases {
		if ph := p.Phases[i]; ph.For == nil || of(ph.For) {
			out.Phases = append(out.Phases, ph)
			stays[ph.Name] = true
		}
	}
	for _, c := range p.CheckIns {
		if c.From.Phase != "" && !stays[c.From.Phase] || c.For != nil && !of(c.For) {
			continue
		}
		if rest, ok := c.in(stays); ok {
			out.CheckIns = append(out.CheckIns, rest)
		}
	}
	out.AsNeeded = nil
	for _, a := range p.AsNeeded {
		if a.Rule.For == nil || of(a.Rule.For) {
			out.AsNeeded = append(out.AsNeeded, a)
			stays[a.Rule.Name] = true
		}
	}
	for _, r := range p.Requirements {
		if r.Phase == "" || stays[r.Phase] {
			out.Requirements = append(out.Requirements, r)
		}
	}
	return &out
}

// maxCells bounds into how many parts the phases may divide the population.
const maxCells = 64

// Cells returns the protocols of the parts into which phases and check-ins divide the population: in each, all
// patients have the same ones. The population of each is that part, and its measurements are of it.
// ok is false where there are more than anybody would read.
func (p *Protocol) Cells() (cells []*Protocol, ok bool) {
	whole := *p
	whole.Measurements = slices.Clone(p.Measurements)
	cells = []*Protocol{&whole}
	refine := func(b Band, step quantity.Amount, of func(*Protocol) *grammar.Bounded) {
		var list []*Protocol
		for _, q := range cells {
			for _, part := range b.cut(*of(q), step) {
				next := *q
				next.Measurements = slices.Clone(q.Measurements)
				*of(&next) = part
				list = append(list, &next)
			}
		}
		cells = list
	}
	for _, of := range p.subsets() {
		refine(of.Age, oneMonth, func(q *Protocol) *grammar.Bounded { return &q.Population.Age })
		refine(of.Weight, leastWeight, func(q *Protocol) *grammar.Bounded { return &q.Population.Weight })
		for _, m := range of.Measured {
			at := slices.IndexFunc(p.Measurements, func(x Measurement) bool { return x.Name == m.Name })
			refine(m.Band, leastMeasure, func(q *Protocol) *grammar.Bounded { return &q.Measurements[at].Within })
		}
		if of.Sex != "" {
			cells = bothSexes(cells)
		}
		for _, term := range of.terms() {
			cells = withAndWithout(cells, term.Term)
		}
		if len(cells) > maxCells {
			return nil, false
		}
	}
	for i, q := range cells {
		has := q.Having(func(of *Subset) bool { return of.covers(q) })
		has.Population, has.Measurements = q.Population, q.Measurements
		cells[i] = has
	}
	return cells, true
}

// terms returns the conditions that decide who is of s.
func (s *Subset) terms() (list []*Contraindication) {
	if s.With != nil {
		list = append(list, s.With)
	}
	return append(list, s.Without...)
}

// withAndWithout divides the parts of a population of which nobody knows whether they have a condition.
func withAndWithout(cells []*Protocol, term string) (list []*Protocol) {
	for _, q := range cells {
		if slices.Contains(q.Population.Present, term) || slices.Contains(q.Population.Absent, term) {
			list = append(list, q)
			continue
		}
		with, without := *q, *q
		with.Population.Present = append(slices.Clip(with.Population.Present), term)
		without.Population.Absent = append(slices.Clip(without.Population.Absent), term)
		list = append(list, &with, &without)
	}
	return list
}

// bothSexes divides the parts of a population that are of both sexes.
func bothSexes(cells []*Protocol) (list []*Protocol) {
	for _, q := range cells {
		if q.Population.Sex != "" {
			list = append(list, q)
			continue
		}
		for _, sex := range []string{"female", "male"} {
			next := *q
			next.Population.Sex = sex
			list = append(list, &next)
		}
	}
	return list
}

// covers reports whether all patients of a part of the population, which s does not divide, are of s.
func (s *Subset) covers(part *Protocol) bool {
	b := &part.Population
	return s.Age.touches(b.Age) && s.Weight.touches(b.Weight) && (s.Sex == "" || s.Sex == b.Sex) &&
		(s.With == nil || slices.Contains(b.Present, s.With.Term)) && !slices.ContainsFunc(s.Without, func(k *Contraindication) bool { return !slices.Contains(b.Absent, k.Term) }) &&
		!slices.ContainsFunc(s.Measured, func(m MeasuredBand) bool {
			at, _ := part.Measurement(m.Name)
			return !m.Band.touches(at.Within)
		})
}

// patternEnds matches one end of a band or both, as: from 12 and under 18.
func patternEnds(value string) string {
	return `(from|above|up to|under) ` + value + `( and (up to|under) ` + value + `)?`
}

func shapeEnds(example, value string) grammar.Shape {
	return grammar.Pattern("`from`, `above`, `up to` or `under` a value, or two ends of a range, as: "+example, patternEnds(value))
}

var subsetObject = object[Subset]{
	Name: "for",
	Doc:  "Which patients of the population a phase is for: those who fit all that stands here. A patient's phases follow each other as if the others did not stand in the file.",
	Hint: func(d *decoder, key string) string { return d.asMeasurement(key, "measurement") },
	Keys: []key[Subset]{
		{Name: "age", Shape: shapeEnds("from 12 and under 18", patternAge), Doc: "The age on the first day: completed years, or months where it says so.",
			Example: "population: { age: 18..90 years }\nphases: { course: { for: { age: from 18 and under 65 }, dose: 50 mg, frequency: daily, course: 2 weeks }, elderly: { for: { age: from 65 }, dose: 25 mg, frequency: daily, course: 2 weeks } }",
			Read:    func(d *decoder, s *Subset, n *source.Node) { s.Age = d.ends(ByAge, "", n) }},
		{Name: "weight", Shape: shapeEnds("from 40 kg and under 60 kg", grammar.PatternAmount(false, quantity.Mass)), Doc: "The weight.",
			Example: "phases: { course: { for: { weight: under 60 kg }, frequency: every 2 days }, heavier: { for: { weight: from 60 kg }, dose: 25 mg, frequency: daily, course: 2 weeks } }",
			Read:    func(d *decoder, s *Subset, n *source.Node) { s.Weight = d.ends(ByWeight, "", n) }},
		{Name: "sex", Shape: grammar.Words("female", "male"), Doc: "The sex.",
			Example: "phases: { course: { for: { sex: female }, dose: 50 mg }, men: { for: { sex: male }, dose: 25 mg, frequency: daily, course: 2 weeks } }",
			Read: func(d *decoder, s *Subset, n *source.Node) {
				s.Sex = d.Word(n, "sex", []string{"female", "male"})
			}},
		{Name: "condition", Shape: shapeTerm, Doc: "A condition, or a medicine, that they have: a term, or a mapping of it to other words and codes, as under `contraindications`. A patient's file states it as present or as absent; who states neither is asked.",
			Example: "phases: { course: { for: { condition: { immunodeficiency: [HIV infection, ICD-10 D80-D84] } }, dose: 50 mg }, others: { for: { without: { immunodeficiency: [HIV infection, ICD-10 D80-D84] } }, dose: 25 mg, frequency: daily, course: 2 weeks } }",
			Read:    func(d *decoder, s *Subset, n *source.Node) { s.With = d.term(n) }},
		{Name: "without", Shape: grammar.List(shapeTerm), Doc: "A condition, or a medicine, that they do not have, in the same words as the `condition` of another; of several, none.",
			Example: "phases: { course: { for: { without: pregnancy }, dose: 50 mg }, pregnant: { for: { condition: pregnancy }, dose: 25 mg, frequency: daily, course: 2 weeks } }",
			Read: func(d *decoder, s *Subset, n *source.Node) {
				for _, item := range d.List(n) {
					s.Without = append(s.Without, d.term(item))
				}
			}},
		{Name: "measurement", Shape: grammar.Keyed("the name of one of the `measurements`", patternMeasurement, shapeEnds("from 30 mL/min and under 60 mL/min", grammar.PatternNumber+` *`+patternUnit)), Doc: "A measurement, each figure with its unit.",
			Example: "measurements: { GFR: 10..200 mL/min }\nphases: { course: { for: { measurement: { GFR: under 30 mL/min } }, frequency: every 2 days }, usual: { for: { measurement: { GFR: from 30 mL/min } }, dose: 25 mg, frequency: daily, course: 2 weeks } }",
			Read: func(d *decoder, s *Subset, n *source.Node) {
				if !d.Want(n, source.Mapping, "`measurement`") {
					return
				}
				for _, f := range n.Fields {
					if m, ok := d.protocol.Measurement(f.Key.Value); ok {
						s.Measured = append(s.Measured, MeasuredBand{m.Name, d.ends(ByMeasurement, m.Name, f.Value)})
						continue
					}
					var names []string
					for _, m := range d.protocol.Measurements {
						names = append(names, m.Name)
					}
					d.unknown(f.Key, "measurement", f.Key.Value, names)
				}
			}},
	},
}

// ends reads one end of a band of a value of the patient, or both.
func (d *decoder) ends(by By, of string, n *source.Node) (b Band) {
	text := d.Text(n, "a range")
	for _, part := range strings.Split(text, " and ") {
		one := *n
		one.Value = strings.TrimSpace(part)
		if !slices.ContainsFunc(bandWords, func(w string) bool { return strings.HasPrefix(one.Value, w) }) {
			d.Add(diag.BadDose, n.Range, "write one end as: from …, above …, up to … or under …; or both as: from … and under …", "“%s” does not say from where to where", text)
			return Band{}
		}
		end, ok := d.band(by, of, &one)
		if !ok {
			return Band{}
		}
		switch {
		case end.Low.At.IsSet() && !b.IsSet():
			b.Low = end.Low
		case end.High.At.IsSet() && !b.High.At.IsSet():
			b.High = end.High
		default:
			d.Add(diag.BadOrder, n.Range, "write one end, or the lower and then the upper one, as: from … and under …", "“%s” does not say from where to where", text)
			return Band{}
		}
	}
	if b.Low.At.IsSet() && b.High.At.IsSet() {
		if over := b.Low.At.Cmp(b.High.At); over > 0 || over == 0 && !(b.Low.Within && b.High.Within) {
			d.Add(diag.BadOrder, n.Range, "write the lower end first", "no value lies in “%s”", text)
		}
	}
	return b
}

// patternAge matches an age at the end of a band.
const patternAge = `(0|[1-9][0-9]{0,3})( (years?|months?))?`

// subset reads which patients a phase is for.
func (d *decoder) subset(n *source.Node) *Subset {
	s := &Subset{Range: n.Range}
	subsetObject.Decode(&d.Reader, d, n, s)
	var words []string
	for _, f := range n.Fields {
		switch {
		case f.Key.Value == "condition" || f.Key.Value == "without": // which stand at the end
		case f.Value.Kind == source.Scalar:
			words = append(words, f.Key.Value+" "+f.Value.Value)
		}
		if f.Key.Value == "measurement" {
			for _, m := range f.Value.Fields {
				words = append(words, m.Key.Value+" "+m.Value.Value)
			}
		}
	}
	if s.With != nil {
		words = append(words, "with "+s.With.Term)
	}
	for i, k := range s.Without {
		words = append(words, []string{"without ", "and without "}[min(i, 1)]+k.Term)
	}
	for _, k := range s.terms() {
		at := slices.IndexFunc(d.protocol.Population.Terms, func(x *Contraindication) bool { return x.Term == k.Term })
		switch {
		case at < 0:
			d.protocol.Population.Terms = append(d.protocol.Population.Terms, k)
		case !slices.Equal(d.protocol.Population.Terms[at].Also, k.Also):
			d.Add(diag.BadDose, k.Range, "write the same words everywhere", "“%s” has other words here than above, and a patient could be of both phases, or of neither", k.Term)
		}
	}
	if s.Text = strings.Join(words, ", "); len(words) == 0 {
		d.Add(diag.MissingKey, n.Range, "name an age, a weight, a sex, a condition or a measurement, or leave `for` out", "nothing says which patients the phase is for")
	}
	return s
}

// checkCells is check for each part of the population that has other phases than the rest.
func (d *decoder) checkCells(p *Protocol) {
	cells, ok := p.Cells()
	if !ok {
		d.Add(diag.Unbounded, p.Range, "split the protocol", "the phases divide the population into more than %d parts", maxCells)
		return
	}
	d.checkOverlap(p)
	d.checkPlaces(p, cells)
	for i := range p.CheckIns {
		if c := &p.CheckIns[i]; c.For != nil && !slices.ContainsFunc(cells, func(q *Protocol) bool { return c.For.covers(q) }) {
			d.Add(diag.NeverReached, c.For.Range, "look at the population, or leave the check-in out", "no patient of the population has the check-in “%s”", c.Name)
		}
	}
	for i := range p.Phases {
		ph := &p.Phases[i]
		if ph.For != nil && !slices.ContainsFunc(cells, func(q *Protocol) bool { _, ok := q.Phase(ph.Name); return ok }) {
			d.Add(diag.NeverReached, ph.For.Range, "look at the population, or leave the phase out", "no patient of the population has the phase “%s”", ph.Name)
		}
	}
	type said struct {
		diag.Diagnostic
		lack  []string // the phases that the first patients of whom it is said do not have
		cells int
	}
	var list []said
	for _, q := range cells {
		var lack []string
		for i := range p.Phases {
			if _, ok := q.Phase(p.Phases[i].Name); !ok {
				lack = append(lack, "“"+p.Phases[i].Name+"”")
			}
		}
		var found diag.List
		part := *d
		part.Found = &found
		if part.complete(p, q); len(found) == 0 {
			part.check(q)
		}
		for _, x := range found {
			at := slices.IndexFunc(list, func(s said) bool { return s.Code == x.Code && s.Range == x.Range && s.Message == x.Message })
			if at < 0 {
				list = append(list, said{x, lack, 0})
				at = len(list) - 1
			}
			list[at].cells++
		}
	}
	for _, s := range list {
		switch {
		case s.cells == len(cells) || s.Code == diag.NeverReached && s.Range == p.Range: // which names them
		case len(s.lack) > 0:
			s.Message += fmt.Sprintf(" (of patients without the phase %s)", strings.Join(s.lack, ", "))
		default:
			s.Message += " (of patients who have all phases)"
		}
		*d.Found = append(*d.Found, s.Diagnostic)
	}
}

// checkOverlap looks for bands of two phases that meet in one value, whose patients have both, and for those
// that overlap by less than a twentieth.
func (d *decoder) checkOverlap(p *Protocol) {
	for i := range p.Phases {
		for k := range p.Phases {
			a, b := &p.Phases[i], &p.Phases[k]
			if i == k || a.For == nil || b.For == nil || a.For.apart(b.For) {
				continue
			}
			d.overlap(a, b, "age", a.For.Age, b.For.Age)
			d.overlap(a, b, "weight", a.For.Weight, b.For.Weight)
			for _, m := range a.For.Measured {
				for _, o := range b.For.Measured {
					if m.Name == o.Name {
						d.overlap(a, b, m.Name, m.Band, o.Band)
					}
				}
			}
		}
	}
}

// apart reports whether no patient is of both.
func (s *Subset) apart(o *Subset) bool {
	return s.Sex != o.Sex && s.Sex != "" && o.Sex != "" || s.contrary(o) || o.contrary(s) || s.Age.apart(o.Age) || s.Weight.apart(o.Weight) ||
		slices.ContainsFunc(s.Measured, func(m MeasuredBand) bool {
			return slices.ContainsFunc(o.Measured, func(x MeasuredBand) bool { return x.Name == m.Name && x.Band.apart(m.Band) })
		})
}

// contrary reports whether s is of patients with a condition that those of o do not have.
func (s *Subset) contrary(o *Subset) bool {
	return s.With != nil && slices.ContainsFunc(o.Without, func(k *Contraindication) bool { return k.Term == s.With.Term })
}

// apart reports whether no value lies in both bands.
func (b Band) apart(o Band) bool {
	below := func(high, low Edge) bool {
		if !high.At.IsSet() || !low.At.IsSet() {
			return false
		}
		over := high.At.Cmp(low.At)
		return over < 0 || over == 0 && !(high.Within && low.Within)
	}
	return below(b.High, o.Low) || below(o.High, b.Low)
}

// overlap looks at two bands of which the first is the lower.
func (d *decoder) overlap(a, b *Phase, what string, low, high Band) {
	end, begin := low.High, high.Low
	if !end.At.IsSet() || !begin.At.IsSet() || low.Low.At.IsSet() && low.Low.At.Cmp(begin.At) >= 0 || high.High.At.IsSet() && high.High.At.Cmp(end.At) <= 0 {
		return // one holds the other, or they lie the other way round
	}
	if what == "age" { // of which no value lies between two months
		if gap, ok := end.At.Sub(begin.At).Int(); ok && (gap == 1 || gap == 12) {
			months, _ := begin.At.Int()
			d.Add(diag.BadDose, b.For.Range, "begin one where the other ends: `up to` with `above`, or `under` with `from`", "patients of the age of %v have the phase “%s” and then “%s” too", civil.Age(months), a.Name, b.Name)
		}
		return
	}
	switch over := end.At.Cmp(begin.At); {
	case over == 0 && end.Within && begin.Within:
		d.Add(diag.BadDose, b.For.Range, "begin one where the other ends: `up to` with `above`, or `under` with `from`", "patients of %s %v have the phase “%s” and then “%s” too", what, begin.At, a.Name, b.Name)
	case over > 0 && end.At.Sub(begin.At.In(end.At.Unit())).Times(20, 1).Cmp(end.At) < 0: // as pounds beside kilograms
		d.Add(diag.OddFigure, b.For.Range, "begin one where the other ends, or silence it with the reason", "patients of %s from %v to %v have the phase “%s” and then “%s” too", what, begin.At, end.At, a.Name, b.Name)
	}
}

// inWords says which part of the population a cell is, by what bounds it more than the whole is bounded.
func inWords(p, part *Protocol) string {
	var words []string
	add := func(what string, whole, of grammar.Bounded, unit string) {
		if of.IsSet() && (of.Min != whole.Min || of.Max != whole.Max) {
			words = append(words, what+" "+of.Words(unit))
		}
	}
	if of := part.Population.Age; of.IsSet() && (of.Min != p.Population.Age.Min || of.Max != p.Population.Age.Max) {
		words = append(words, "age "+of.AgeWords())
	}
	add("weight", p.Population.Weight, part.Population.Weight, "")
	if part.Population.Sex != p.Population.Sex {
		words = append(words, part.Population.Sex)
	}
	for _, term := range part.Population.Present {
		words = append(words, "with "+term)
	}
	for _, term := range part.Population.Absent {
		words = append(words, "without "+term)
	}
	for i := range part.Measurements {
		add(part.Measurements[i].Name, p.Measurements[i].Within, part.Measurements[i].Within, " "+part.Measurements[i].Unit)
	}
	return strings.Join(words, ", ")
}

// SameStart reports whether two phases begin in the same place of the course: on one day, or after phases that do.
func (p *Protocol) SameStart(i, k int) bool { return p.sameStart(i, k, false) }

// sameStart is SameStart; roughly, where they may begin at different times after the same.
func (p *Protocol) sameStart(i, k int, roughly bool) bool {
	for range p.Phases {
		a, b := &p.Phases[i].Starts, &p.Phases[k].Starts
		if a.Anchor != b.Anchor || a.N != b.N || a.Offset != b.Offset && !(roughly && a.Phase != "") || a.Before != b.Before || a.First != b.First || a.Named != b.Named {
			return false
		}
		if a.Dated() && a.Phase == "" {
			return true
		}
		i, k = p.StartsAfter(i), p.StartsAfter(k)
		if i == k || i < 0 || k < 0 {
			return true
		}
	}
	return false
}

// tellApart reports whether two phases are for patients who are told apart by one thing: an age, a weight, a sex, a
// measurement, or a condition that the one wants and the other does not.
func (s *Subset) tellApart(o *Subset) bool {
	without := func(a, b *Subset) bool {
		return a.With != nil && slices.ContainsFunc(b.Without, func(k *Contraindication) bool { return k.Term == a.With.Term })
	}
	measured := slices.ContainsFunc(s.Measured, func(m MeasuredBand) bool {
		return slices.ContainsFunc(o.Measured, func(x MeasuredBand) bool { return x.Name == m.Name })
	})
	return s.Age.IsSet() && o.Age.IsSet() || s.Weight.IsSet() && o.Weight.IsSet() || s.Sex != "" && o.Sex != "" || measured || without(s, o) || without(o, s)
}

// Places returns the phases that stand in the place of each other for different patients, in groups: those of one
// medicine that begin in one place and whose patients are told apart, from one to the next, by one thing.
func (p *Protocol) Places() (groups [][]int) {
	grouped := make([]bool, len(p.Phases))
	for i := range p.Phases {
		if p.Phases[i].For == nil || grouped[i] {
			continue
		}
		group := []int{i}
		for n := 0; n < len(group); n++ {
			a := &p.Phases[group[n]]
			for k := range p.Phases {
				if b := &p.Phases[k]; b.For != nil && !slices.Contains(group, k) && a.Medication == b.Medication && a.For.tellApart(b.For) && p.sameStart(group[n], k, true) {
					group, grouped[k] = append(group, k), true
				}
			}
		}
		if slices.Sort(group); len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}

// checkPlaces looks for patients who have none of the phases that stand in the place of each other, or two of them where a
// third is for those who have neither condition.
func (d *decoder) checkPlaces(p *Protocol, cells []*Protocol) {
	has := func(q *Protocol, i int) bool { _, ok := q.Phase(p.Phases[i].Name); return ok }
	for _, group := range p.Places() {
		names := make([]string, len(group))
		for n, k := range group {
			names[n] = "“" + p.Phases[k].Name + "”"
		}
		follows := func(q *Protocol) bool { // who has none of what they come after has nothing for them to follow
			return slices.ContainsFunc(group, func(k int) bool { before := p.StartsAfter(k); return before < 0 || has(q, before) })
		}
		var who []string
		for _, q := range cells {
			if p.Gives(q) && follows(q) && !slices.ContainsFunc(group, func(k int) bool { return has(q, k) }) {
				who = append(who, inWords(p, q))
			}
		}
		if len(who) > 0 {
			d.Add(diag.PartlyCovered, p.Phases[group[0]].For.Range, "let them cover the population (as `up to 30 kg` beside `above 30 kg`), or write a phase for these patients", "some patients of the population have none of %s, of which others have one: %s", strings.Join(names, ", "), strings.Join(who, "; "))
		}
	}
	neither := func(x, y *Contraindication) bool {
		return slices.ContainsFunc(p.Phases, func(ph Phase) bool {
			lacks := func(of *Contraindication) bool {
				return slices.ContainsFunc(ph.For.Without, func(k *Contraindication) bool { return k.Term == of.Term })
			}
			return ph.For != nil && lacks(x) && lacks(y)
		})
	}
	for i := range p.Phases {
		for k := i + 1; k < len(p.Phases); k++ {
			a, b := &p.Phases[i], &p.Phases[k]
			if a.For == nil || b.For == nil || a.For.With == nil || b.For.With == nil || a.For.With.Term == b.For.With.Term || a.Medication != b.Medication || !p.SameStart(i, k) || !neither(a.For.With, b.For.With) {
				continue
			}
			if slices.ContainsFunc(cells, func(q *Protocol) bool { return has(q, i) && has(q, k) }) {
				d.Add(diag.PartlyCovered, b.For.Range, "say which comes first, as: { condition: "+b.For.With.Term+", without: "+a.For.With.Term+" }", "patients with %s and %s have both “%s” and “%s”, and a third phase is for those who have neither", a.For.With.Term, b.For.With.Term, a.Name, b.Name)
			}
		}
	}
}

// Gives reports whether the patients who have a part of a protocol are given something: a phase, or of a protocol of
// what is taken as needed alone some of that.
func (p *Protocol) Gives(part *Protocol) bool {
	if len(p.Phases) > 0 {
		return len(part.Phases) > 0
	}
	return len(part.AsNeeded) > 0
}

// complete wants the patients of a part of the population to have what their phases are counted from and
// wait for.
func (d *decoder) complete(p, part *Protocol) {
	if !p.Gives(part) {
		d.Add(diag.NeverReached, p.Range, "let the phases cover the population, or state a smaller one", "some patients of the population have no phase: %s", inWords(p, part))
	}
	for i := range part.Phases {
		ph := &part.Phases[i]
		if w := &ph.Starts; w.Phase != "" {
			if _, ok := part.Phase(w.Phase); !ok {
				d.Add(diag.NeverReached, ph.Range, "leave `starts` out, with which a phase follows the one before it that the patient has; or write a phase for each of them", "the phase “%s” starts from “%s”, which not all of its patients have", ph.Name, w.Phase)
			}
		}
		if t := ph.Titration; t != nil {
			named := func(c CheckIn) bool { return c.Name == t.Confirmed }
			if slices.ContainsFunc(p.CheckIns, named) && !slices.ContainsFunc(part.CheckIns, named) {
				d.Add(diag.NeverReached, t.Range, "count the check-in from the start, or from a phase that all of them have", "the check-in “%s”, which confirms the steps of “%s”, is counted from a phase that not all of its patients have", t.Confirmed, ph.Name)
			}
		}
		for k := range p.CheckIns {
			c := &p.CheckIns[k]
			if c.For != nil && !c.For.covers(part) {
				continue // it decides about others' doses
			}
			decides := slices.ContainsFunc(c.Gates, func(g Gate) bool { return g.Phase == ph.Name || g.FirstDose })
			if decides && !slices.ContainsFunc(part.CheckIns, func(o CheckIn) bool { return o.Name == c.Name }) {
				d.Add(diag.NeverReached, c.Range, "count the check-in from the start, or from a phase that all of them have; or write one for each", "the check-in “%s”, which decides about “%s”, is counted from a phase that not all of its patients have", c.Name, ph.Name)
			}
		}
	}
}
