package lint

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// against looks for what one part of a file says against another, or against what everybody knows: a blood count by phone, a
// child that is asked not to drive, a first infusion that runs in faster than those after it.
func (l *linter) against() {
	for i := range l.p.CheckIns {
		l.byPhone(&l.p.CheckIns[i])
		l.longBefore(&l.p.CheckIns[i])
	}
	for i := range l.p.Contraindication {
		l.letters(&l.p.Contraindication[i])
		l.otherCode(&l.p.Contraindication[i])
		l.excluded(&l.p.Contraindication[i])
	}
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		l.firstFaster(ph)
		l.slowly(ph)
		l.notOver(ph)
		l.inPounds(ph)
		l.atNight(ph)
		l.twiceRemoved(ph)
		l.siteAmounts(ph)
	}
	for _, chain := range l.chains() {
		l.fallsAndRises(chain)
	}
	for i := range l.p.Medications {
		l.reassessed(i)
		for k := range l.p.Medications[i].Routes {
			l.strengths(i, &l.p.Medications[i].Routes[k])
		}
	}
	for i := range l.p.AsNeeded {
		l.budget(&l.p.AsNeeded[i])
	}
	l.letterApart()
	if most := l.p.Surface.Max; most.IsSet() && most.Cmp(quantity.MustParse("4 m2")) > 0 { // nobody has so much
		l.odd(l.p.Range, "look at the figure", "body surfaces count up to %v, which nobody has", most)
	}
	l.both()
	l.gaps()
	l.farDates()
	l.outgrown()
	l.weightsOfAges()
	l.nobody()
	l.twoBases()
	l.children()
	l.fasting()
}

// odd adds a warning about a figure or a word, where its place has none yet.
func (l *linter) odd(at diag.Range, help, format string, args ...any) {
	if !l.said(diag.OddFigure, at) {
		l.found.Add(diag.OddFigure, at, help, format, args...)
	}
}

// fromBody matches what somebody must take from a patient, or look at with a machine.
var fromBody = lazy.MustCompile(`(?i)\b(MRI|CT|x-?ray|ECG|EKG|echocardiogram|ultrasound|blood count|platelets?|neutrophils?|platelet count|neutrophil count|creatinine|ALT|AST|bilirubin|liver (enzymes|function)|urate|potassium|biopsy|NAAT|HbA1c|haemoglobin|hemoglobin|trough|serum|plasma|haematocrit|hematocrit|PSA|bicarbonate|testosterone|anti-Xa|intraocular pressure|eye pressure|refraction|otoscopy)\b`)

// atPatient matches what is looked at or asked of a patient, and in no laboratory.
var atPatient = lazy.MustCompile(`(?i)\b(blood pressure|heart rate|pulse|SpO2|oxygen saturation|respiratory rate|temperature|sedation|dissociation|readiness|PHQ-9|GAD-7|MADRS|HAM-?D|HDRS|QIDS\S*|BDI\S*|C-SSRS|CGI\S*|Y-BOCS|PCL-5|CAPS-5|pain|craving|side effects|adverse effects|mood|sleep)\b`)

// byPhone looks for what takes a needle or a machine at a check-in without the patient. What a laboratory has measured before is
// spoken of in a visit, and by telehealth.
func (l *linter) byPhone(c *protocol.CheckIn) {
	if c.Mode == protocol.Lab && len(c.Measure) > 0 && !slices.ContainsFunc(c.Measure, func(m string) bool { return !atPatient.MatchString(m) || fromBody.MatchString(m) }) {
		l.odd(c.Range, "write how it is held, as: mode: in person", "“%s” is of a laboratory, and measures %s, which no laboratory does", c.Name, strings.Join(c.Measure, ", "))
		return
	}
	if c.Mode == protocol.Telehealth && len(c.Around) == 0 || c.Mode == protocol.InPerson || c.Mode == protocol.Lab {
		return
	}
	if len(c.Around) > 0 && l.p.Setting == protocol.Clinic {
		l.odd(c.Range, "write `mode: in person`", "“%s” is held around doses at the clinic, and by %s", c.Name, c.Mode)
		return
	}
	for _, m := range c.Measure {
		if fromBody.MatchString(m) {
			l.odd(c.Range, "write `mode: lab` or `in person`; or give the call a check-in of its own, after the one that measures", "“%s” measures %s, and is held by %s", c.Name, m, c.Mode)
			return
		}
	}
}

// longBefore looks for a check-in before each dose that lies before the dose before that too.
func (l *linter) longBefore(c *protocol.CheckIn) {
	if !c.EachDose || len(c.On) == 0 || !c.On[0].Before {
		return
	}
	ph, ok := l.p.Phase(c.On[0].Phase)
	if !ok {
		return
	}
	ahead := c.On[0].Offset.From(someDay, 1).Sub(someDay)
	for _, f := range ph.Frequencies {
		if minutes, ok := f.Frequency.Period(); ok && f.Frequency.PerDay() <= 1 && ahead*24*60 >= 2*minutes && ahead > 1 {
			l.odd(c.Range, "look at the unit of `on`", "“%s” is held %s, and doses of “%s” come %s: others lie between", c.Name, c.On[0].Text, ph.Name, f.Text)
		}
	}
}

// letters looks for an abbreviation beside a term whose letters are those of the term in another order.
func (l *linter) letters(k *protocol.Contraindication) {
	var initials []byte
	for _, w := range strings.FieldsFunc(k.Term, func(r rune) bool { return r == ' ' || r == '-' }) {
		if !slices.Contains([]string{"of", "the", "and", "in", "with", "to"}, w) {
			initials = append(initials, strings.ToUpper(w)[0])
		}
	}
	for _, short := range k.Also {
		if len(short) < 3 || len(short) != len(initials) || short == string(initials) || short != strings.ToUpper(short) {
			continue
		}
		a, b := []byte(short), slices.Clone(initials)
		slices.Sort(a)
		slices.Sort(b)
		if slices.Equal(a, b) {
			l.odd(k.Range, "write “"+string(initials)+"”, if it is meant", "“%s” has the letters of “%s” in another order", short, k.Term)
		}
	}
}

// otherCode looks for a code beside the words of another condition than its own.
func (l *linter) otherCode(k *protocol.Contraindication) {
	if code, word, ok := condition.Disagree(k.Terms()); ok {
		l.odd(k.Range, "look at the code; a contraindication of its own, if both are meant", "“%s” is a code of another condition than “%s”", code, word)
	}
	for _, t := range k.Terms() {
		if letterForFigure.MatchString(t) {
			l.odd(k.Range, "write the figure 0 or 1", "“%s” has a letter where codes have a figure", t)
		}
	}
}

// letterForFigure matches a code of ICD-10 with an O or an I for a figure.
var letterForFigure = lazy.MustCompile(`^(?:ICD-?10(?:-CM)?[ :]+)?[A-Z](?:[0-9][OI]|[OI][0-9])(?:\.[0-9A-Z]+)?$`)

// reExcluded matches a contraindication that is a range of weights or ages.
var reExcluded = lazy.MustCompile(`(?i)^(weight|age|body weight) (under|below|less than|<|over|above|more than|>) ?(\d+(?:\.\d+)?) ?(kg|lb|years?|months?)$`)

// excluded looks for patients of the population whom a contraindication leaves out, whoever they are else.
func (l *linter) excluded(k *protocol.Contraindication) {
	for _, t := range k.Terms() {
		m := reExcluded.FindStringSubmatch(t)
		if m == nil || !k.Absolute {
			continue
		}
		within := l.p.Population.Weight
		var at quantity.Amount
		var err error
		if strings.EqualFold(m[1], "age") {
			within = l.p.Population.Age
			months := int64(1)
			if strings.HasPrefix(strings.ToLower(m[4]), "year") {
				months = 12
			}
			if at, err = quantity.Parse(m[3] + " kg"); err == nil {
				at = at.Number().Times(months, 1)
			}
		} else {
			at, err = quantity.Parse(m[3] + " " + strings.ToLower(m[4]))
		}
		under := slices.Contains([]string{"under", "below", "less than", "<"}, strings.ToLower(m[2]))
		if err == nil && (under && within.Min.IsSet() && within.Min.Unit().Comparable(at.Unit()) && within.Min.Cmp(at) < 0 || !under && within.Max.IsSet() && within.Max.Unit().Comparable(at.Unit()) && within.Max.Cmp(at) > 0) {
			l.odd(k.Range, "write the same figure at both places", "“%s” speaks against the protocol, and its population has such patients", t)
		}
	}
}

// firstFaster looks for doses by number of one amount, of which the first is given faster than those after it: a first infusion
// runs in slowly.
func (l *linter) firstFaster(ph *protocol.Phase) {
	by, ok := l.p.Plain(ph.Dose).(*protocol.ByCase)
	if !ok || by.By != protocol.ByDoseNumber || len(by.Cases) < 2 {
		return
	}
	first, ok := by.Cases[0].Dose.(*protocol.Amount)
	if !ok || !first.Over.IsSet() {
		return
	}
	for i := range by.Cases[1:] {
		a, ok := by.Cases[1+i].Dose.(*protocol.Amount)
		if ok && a.Over.IsSet() && a.Quantity.Unit() == first.Quantity.Unit() && a.Quantity.Cmp(first.Quantity) >= 0 && limit.Elapsed(first.Over) < limit.Elapsed(a.Over) {
			l.odd(ph.Range, "look whether the two have changed places, and at their units", "the first dose of “%s” is given over %v, and a later one over %v", ph.Name, first.Over, a.Over)
		}
	}
}

// slowly looks for what is swallowed or injected into a muscle over a time.
func (l *linter) slowly(ph *protocol.Phase) {
	for _, r := range l.p.RoutesOf(ph) {
		if !slices.Contains([]string{"oral", "im", "intradermal", "intranasal"}, r.Name) || r.Over.IsSet() {
			continue
		}
		over := l.p.Longest(ph, r.Name)
		if d, ok := over.Elapsed(); ok && over.IsSet() && d >= 10*time.Minute {
			l.odd(ph.Range, "look at the route, or leave `over` out", "a dose of “%s” by the route “%s” takes %v", ph.Name, r.Name, over)
		}
	}
}

// notOver looks for what is given before something else, and takes longer than until then.
func (l *linter) notOver(ph *protocol.Phase) {
	w := &ph.Starts
	ahead, ok := w.Offset.Elapsed()
	if !ok || !w.Offset.IsSet() || !w.Before {
		return
	}
	for _, r := range l.p.RoutesOf(ph) {
		if over := l.p.Longest(ph, r.Name); over.IsSet() && limit.Elapsed(over) > ahead {
			l.odd(ph.Range, "look at the units of `over` and of `starts`", "a dose of “%s” is begun %s, and takes %v", ph.Name, w.Text, over)
		}
	}
}

// fallsAndRises looks for doses that fall by day, week or number, and go on past the largest of them in the phase after: a titration
// that was written the wrong way round.
func (l *linter) fallsAndRises(chain []*protocol.Phase) {
	for i := 1; i < len(chain); i++ {
		row := l.row(l.p.Plain(chain[i-1].Dose), chain[i-1].Range)
		next := l.row(l.p.Plain(chain[i].Dose), chain[i].Range)
		if len(row) < 3 || !sorted(row) || row[1].amount.Cmp(row[0].amount) > 0 || len(next) == 0 || !next[0].amount.Unit().Comparable(row[0].amount.Unit()) {
			continue
		}
		if next[0].amount.Cmp(row[0].amount) > 0 {
			l.odd(chain[i-1].Range, "look which way round its doses are", "the doses of “%s” fall from %v to %v, and those of “%s” after it are %v", chain[i-1].Name, row[0].amount, row[len(row)-1].amount, chain[i].Name, next[0].amount)
		}
	}
}

// inPounds looks for bands in pounds in a population in kilograms.
func (l *linter) inPounds(ph *protocol.Phase) {
	within := l.p.Population.Weight.Min
	if !within.IsSet() || within.Unit() == quantity.Pound {
		return
	}
	l.p.Any(ph.Dose, func(d protocol.Dose) bool {
		by, ok := d.(*protocol.ByCase)
		if ok && by.By == protocol.ByWeight && slices.ContainsFunc(by.Cases, func(k protocol.Case) bool { return k.From.IsSet() && k.From.Unit() == quantity.Pound }) {
			l.odd(by.Range, "write both in one unit", "the bands of “%s” are in pounds, and the weights of the population in kilograms", ph.Name)
		}
		return false
	})
}

// atNight looks for a visit at a clinic, once a week or more rarely, at an hour at which none is open.
func (l *linter) atNight(ph *protocol.Phase) {
	if l.p.Setting != protocol.Clinic || len(ph.Times) != 1 || ph.Times[0].Name != "" {
		return
	}
	clock := ph.Times[0].Clock
	for _, f := range ph.Frequencies {
		if minutes, ok := f.Frequency.Period(); ok && minutes >= 7*24*60 && (clock >= 20*60 || clock < 6*60) {
			l.odd(ph.Range, "look at the hour: 10:00 or 22:00", "“%s” is given at a clinic at %v", ph.Name, clock)
		}
	}
}

// twiceRemoved looks for what goes with each dose of what goes with each dose of something else itself.
func (l *linter) twiceRemoved(ph *protocol.Phase) {
	other, ok := l.p.Phase(ph.Starts.Phase)
	if ph.Starts.Anchor == protocol.EachDose && ok && other.Starts.Anchor == protocol.EachDose && other.Starts.Before && ph.Starts.Before && other.Starts.Phase != ph.Name {
		l.odd(ph.Range, "count it from “"+other.Starts.Phase+"” too, if that is meant", "“%s” goes before each dose of “%s”, which goes before each dose of “%s”", ph.Name, other.Name, other.Starts.Phase)
	}
}

// siteAmount matches a site with a share of a dose.
var siteAmount = lazy.MustCompile(`(?i)\d ?(mg|mcg|g|mL|units?|IU|%)(\W|$)`)

// siteAmounts looks for sites that are to have a part of a dose each: a dose goes to one of them, in turn.
func (l *linter) siteAmounts(ph *protocol.Phase) {
	for _, s := range ph.Sites {
		if siteAmount.MatchString(s) {
			l.odd(ph.Range, "write a phase for each part of the dose, with its own `dose` and `sites`", "the site “%s” of “%s” has an amount, and each dose goes to one site whole, in turn", s, ph.Name)
		}
	}
}

// reassessed looks for a reassessment that is due before a second dose, or once all doses are over.
func (l *linter) reassessed(medicine int) {
	m := &l.p.Medications[medicine]
	every := m.Limits.Reassess
	if !every.IsSet() {
		return
	}
	length := every.From(someDay, 1).Sub(someDay)
	sooner := false
	for i := range l.p.Phases {
		ph := &l.p.Phases[i]
		if ph.Medication != medicine {
			continue
		}
		for _, f := range ph.Frequencies {
			minutes, ok := f.Frequency.Period()
			sooner = ok && minutes > length*24*60
			if !sooner {
				break
			}
		}
		if !sooner {
			break
		}
	}
	if sooner {
		l.odd(m.Limits.ReassessAt, "look at the unit of `reassess`", "doses of %s wait for a reassessment after %v, before the second of them is due", m.Name, every)
	}
	last := l.lastDay(func(ph *schedule.PhaseInfo) bool { return ph.Phase.Medication == medicine })
	if last >= 0 && !l.goesOn() && 2*last < length && !l.said(diag.LooseLimit, m.Limits.ReassessAt) {
		l.found.Add(diag.LooseLimit, m.Limits.ReassessAt, "state a shorter time, or leave it out", "doses of %s wait for a reassessment after %v, and the last of them is given before", m.Name, every)
	}
}

// strengths looks for one strength among others that is of another size, and for one that is more than any dose, which use all
// others.
func (l *linter) strengths(medicine int, r *protocol.Route) {
	if len(r.Strengths) < 2 || slices.ContainsFunc(r.Strengths, func(s quantity.Amount) bool { return !s.Unit().Comparable(r.Strengths[0].Unit()) }) {
		return
	}
	const far = 100
	least, most := slices.MinFunc(r.Strengths, quantity.Amount.Cmp), slices.MaxFunc(r.Strengths, quantity.Amount.Cmp)
	if most.Cmp(least.Times(far, 1)) > 0 {
		l.odd(r.Range, "look at the units of the strengths", "“%s” has strengths of %v and of %v", r.Name, least, most)
		return
	}
	used, fixed, largest := make([]bool, len(r.Strengths)), true, least
	for _, ph := range l.p.Rules() {
		if ph.Medication != medicine || !slices.ContainsFunc(l.p.RoutesOf(ph), func(x protocol.Route) bool { return x.Name == r.Name }) {
			continue
		}
		fixed = fixed && !l.stepped(ph)
		l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
			if fixed = fixed && a.Basis() == protocol.Fixed && a.Divided == nil && !a.Max.IsSet(); !fixed {
				return
			}
			if a.Quantity.Unit().Comparable(largest.Unit()) {
				largest = quantity.Max(largest, a.Quantity)
			}
			made, err := r.MakeUp(a.Quantity)
			fixed = err == nil
			for _, p := range made.Pieces {
				for i := range r.Strengths {
					used[i] = used[i] || r.Strengths[i].Cmp(p.Strength) == 0
				}
			}
		})
	}
	idle := slices.Index(used, false)
	if fixed && len(used) > 2 && idle >= 0 && !slices.Contains(used[idle+1:], false) && r.Strengths[idle].Cmp(largest) > 0 {
		l.odd(r.Range, "look at that strength, and at the doses; leave it out, if it is none", "the strength of %v is more than any dose, and the doses use all others", r.Strengths[idle])
	}
}

// budget looks for what may be taken as needed of which the time between two doses lets nobody take so much, or all at once.
func (l *linter) budget(a *protocol.AsNeeded) {
	apart := limit.Elapsed(a.Apart)
	swallowed := !slices.ContainsFunc(l.p.RoutesOf(&a.Rule), func(r protocol.Route) bool { return r.Name != "oral" })
	amount := l.fixed(&a.Rule)
	for _, b := range a.AtMost {
		within := limit.Elapsed(b.Within)
		if apart <= 0 || within <= 0 {
			continue
		}
		doses := int64((within + apart - 1) / apart)
		switch {
		case b.Doses == 0 && amount != nil && amount.Basis() == protocol.Fixed && b.Total.IsSet() && amount.Quantity.Unit().Comparable(b.Total.Unit()) && amount.Quantity.Times(doses, 1).Cmp(b.Total) < 0:
			l.odd(a.Range, "look at `apart`, and at `at most`", "“%s” allows %v, and doses that are %v apart come to no more than %v in that time", a.Rule.Name, b, a.Apart, amount.Quantity.Times(doses, 1))
		case apart < 30*time.Minute && within >= 12*time.Hour && swallowed:
			l.odd(a.Range, "look at the unit of `apart`: minutes or hours", "“%s” may be taken again by mouth after %v", a.Rule.Name, a.Apart)
		}
	}
}

// farDates looks for a date of the patient's file that lies far from all that the file counts from it.
func (l *linter) farDates() {
	const year = 366
	last := l.lastDay(nil)
	for i := range l.p.Dates {
		d := &l.p.Dates[i]
		carries := slices.ContainsFunc(l.p.Phases, func(ph protocol.Phase) bool {
			return ph.Starts.Named == d.Name || ph.Course.Until.Named == d.Name
		})
		for k := range l.p.CheckIns {
			c := &l.p.CheckIns[k]
			for n := range c.On {
				w := &c.On[n]
				if days := w.Offset.From(someDay, 1).Sub(someDay); w.Named == d.Name && w.Before && days > d.Most {
					l.odd(c.Range, "look at the unit of `on`, and at the days of the date", "“%s” is held %s, and that date lies at most %s after the start: it would come before that", c.Name, w.Text, civil.Plural(d.Most, "day"))
				}
			}
		}
		switch {
		case d.Least > year:
			l.odd(d.Range, "look at the figure and its unit", "the date “%s” lies %s after the start", d.Name, civil.Plural(d.Least, "day"))
		case !carries && !l.goesOn() && last >= 0 && d.Least > last+7:
			l.odd(d.Range, "look at the figure and its unit", "the date “%s” lies %s after the start or later, and the last dose on day %d", d.Name, civil.Plural(d.Least, "day"), last+l.p.CountFrom)
		}
	}
}

// outgrown looks for a course of small children that goes on long after all of them are older than the population.
func (l *linter) outgrown() {
	age := l.p.Population.Age
	const small = 36 // months
	if !age.Max.IsSet() || age.Max.Cmp(quantity.New(small, 1, quantity.None)) > 0 || l.goesOn() {
		return
	}
	most, _ := age.Max.Int()
	const several = 10 // doses: vaccines are given as a child grows
	for _, s := range l.r.Calendars {
		n := 0
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && e.Date.Sub(s.Start) > 31*(int(most)+6) {
				if n++; n < several {
					continue
				}
				l.odd(age.Range, "look at the unit of the ages, and at that of the course", "the population is of %s, and the course goes on for %s", age.AgeWords(), civil.Plural(e.Date.Sub(s.Start), "day"))
				return
			}
		}
	}
}

// childrensKg are the lightest and the heaviest of an age in months, far outside the 3rd and the 97th centile of the WHO Child Growth
// Standards (weight for age) and, past five years, of the WHO Reference 2007: what lies outside is a slip of a unit.
var childrensKg = []struct{ months, lightest, heaviest int64 }{{1, 0, 7}, {3, 2, 10}, {6, 3, 13}, {12, 4, 18}, {24, 6, 25}, {36, 8, 32}, {60, 9, 45}, {120, 14, 90}}

// weightsOfAges looks for weights that the children of the population do not have.
func (l *linter) weightsOfAges() {
	age, weight := l.p.Population.Age, l.p.Population.Weight
	if !age.Max.IsSet() || !weight.Max.IsSet() {
		return
	}
	if grown := quantity.New(18*12, 1, quantity.None); weight.Max.Unit() == quantity.Pound && age.Max.Cmp(grown) > 0 && weight.Max.Cmp(quantity.New(150, 1, quantity.Pound)) < 0 {
		l.oddPopulation(weight.Range, "the population is of %s, and its weights are %s", age.AgeWords(), weight)
		return
	}
	for _, c := range childrensKg {
		oldest := quantity.New(c.months, 1, quantity.None)
		if age.Max.Cmp(oldest) <= 0 && weight.Max.Cmp(quantity.New(2*c.heaviest, 1, quantity.Kilogram)) > 0 {
			l.oddPopulation(weight.Range, "the population is of %s, and its weights are %s, twice that of the heaviest of them and more", age.AgeWords(), weight)
			return
		}
		if age.Max.Cmp(oldest) >= 0 && c.lightest > 0 && weight.Max.Cmp(quantity.New(c.lightest, 1, quantity.Kilogram)) < 0 {
			l.oddPopulation(weight.Range, "the population is of %s, and its weights are %s, which the oldest of them do not have", age.AgeWords(), weight)
			return
		}
	}
}

func (l *linter) oddPopulation(at diag.Range, format string, args ...any) {
	if !l.said(diag.OddPopulation, at) {
		l.found.Add(diag.OddPopulation, at, "check the units of the ages and of the weights", format, args...)
	}
}

// ofMen and ofWomen match what only one sex can have.
var (
	ofMen   = lazy.MustCompile(`(?i)\b(prostat|testicular|erectile|in men\b|of men\b)`)
	ofWomen = lazy.MustCompile(`(?i)\b(ovarian|uterine|cervical cancer|endometri|menopaus|in women\b)`)
)

// pregnancy matches the terms that only women are told by.
var pregnancy = lazy.MustCompile(`(?i)\b(pregnan|breast-?feeding|lactat)`)

// nobody looks for conditions that nobody of the population can have.
func (l *linter) nobody() {
	sex, age := l.p.Population.Sex, l.p.Population.Age
	other := map[string]*lazy.Regexp{string(patient.Male): ofWomen, string(patient.Female): ofMen}[sex]
	if other != nil {
		if m := other.FindStringSubmatch(l.p.Title); m != nil {
			l.oddPopulation(l.p.Population.SexAt, "the title says “%s”, and the population is %s", m[0], sex)
		}
		for i := range l.p.Contraindication {
			if k := &l.p.Contraindication[i]; other.MatchString(k.Term) {
				l.oddPopulation(k.Range, "“%s” speaks against the protocol, and its population is %s", k.Term, sex)
			}
		}
	}
	old := age.Min.IsSet() && age.Min.Cmp(quantity.New(60*12, 1, quantity.None)) >= 0
	who := "men"
	if sex != string(patient.Male) {
		if who = "women of 60 and over"; sex == "" || !old {
			return
		}
	}
	for i := range l.p.Contraindication {
		if k := &l.p.Contraindication[i]; pregnancy.MatchString(k.Term) && sex == string(patient.Male) {
			l.oddPopulation(k.Range, "“%s” speaks against the protocol, and its population is of %s", k.Term, who)
		}
	}
	for i := range l.p.Phases {
		of := l.p.Phases[i].For
		if of == nil {
			continue
		}
		for _, k := range append(slices.Clone(of.Without), of.With) {
			if k != nil && pregnancy.MatchString(k.Term) {
				l.oddPopulation(of.Range, "“%s” decides who has “%s”, and the population is of %s", k.Term, l.p.Phases[i].Name, who)
			}
		}
	}
}

// twoBases looks for a fixed dose of a medicine of which children have another by their weight.
func (l *linter) twoBases() {
	most := l.p.Population.Weight.Max
	if !most.IsSet() || most.Cmp(quantity.New(40, 1, quantity.Kilogram)) > 0 {
		return
	}
	for m := range l.p.Medications {
		perKg := false
		var fixed *protocol.Phase
		for i := range l.p.Phases {
			ph := &l.p.Phases[i]
			if a := l.fixed(ph); ph.Medication == m && a != nil {
				perKg = perKg || a.Basis() == protocol.PerWeight
				if a.Basis() == protocol.Fixed && a.Quantity.Unit().Comparable(quantity.Milligram) && fixed == nil {
					fixed = ph
				}
			}
		}
		if perKg && fixed != nil {
			l.odd(fixed.Range, "look at the unit of the dose: for each kg, or for the patient", "“%s” gives all children the same, and another phase gives them %s by their weight", fixed.Name, l.p.Medications[m].Name)
		}
	}
}

// children looks for requirements that no child meets.
func (l *linter) children() {
	age := l.p.Population.Age
	if !age.Max.IsSet() || age.Max.Cmp(quantity.New(15*12, 1, quantity.None)) >= 0 {
		return
	}
	for i := range l.p.Requirements {
		if r := &l.p.Requirements[i]; slices.Contains(r.Kinds, "no driving until") {
			l.odd(r.Range, "leave it out, or look at the ages", "the population is of %s, who do not drive", age.AgeWords())
		}
	}
}

// empty matches instructions to take a dose without food.
var empty = lazy.MustCompile(`(?i)\b(empty stomach|without food|fasting|(hours?|minutes?) before (eating|food|a meal))\b`)

// fasting looks for doses with a meal that are to be taken without one, by a fast or an instruction.
func (l *linter) fasting() {
	for i := range l.p.Requirements {
		r := &l.p.Requirements[i]
		for k := range l.p.Phases {
			ph := &l.p.Phases[k]
			if r.Phase != "" && r.Phase != ph.Name || !withMeal(ph) {
				continue
			}
			for _, v := range r.Values {
				fast := v.Kind == "no food for"
				or := "correct the instruction"
				if fast {
					or = "leave the fast out"
				}
				if fast || empty.MatchString(v.Value) {
					l.odd(r.Range, "give the doses another time, as 30 minutes before breakfast; or "+or, "doses of “%s” are taken with a meal, and “%s: %s”", ph.Name, v.Kind, v.Value)
				}
			}
		}
	}
}

// withMeal reports whether a phase is given with meals.
func withMeal(ph *protocol.Phase) bool {
	meals := []string{"breakfast", "lunch", "dinner"}
	return slices.ContainsFunc(ph.Times, func(t protocol.Time) bool { return t.Minutes >= 0 && t.Minutes <= 60 && slices.Contains(meals, t.Name) }) ||
		slices.ContainsFunc(ph.Frequencies, func(c protocol.Choice) bool {
			return slices.ContainsFunc(c.Frequency.At(), func(at string) bool { return slices.Contains(meals, at) })
		})
}

// both looks for phases of one medicine of which the one is for some of the patients whom the other is for: these have both.
func (l *linter) both() {
	for i := range l.p.Phases {
		for k := range l.p.Phases {
			a, b := &l.p.Phases[i], &l.p.Phases[k]
			if i == k || a.For == nil || b.For == nil || a.Medication != b.Medication || a.Starts.Anchor != protocol.NoAnchor || b.Starts.Anchor != protocol.NoAnchor {
				continue
			}
			if l.wider(a.For, b.For) {
				l.odd(b.Range, "end the one where the other begins, as `from 2 and under 6`; or count the one from the other with `starts`, if both are meant", "every patient of “%s” (%s) is one of “%s” (%s) too, and has both", b.Name, b.For.Text, a.Name, a.For.Text)
			}
		}
	}
}

// wider reports whether a subset differs from another by a wider band of one thing alone, which holds that of the other.
func (l *linter) wider(a, b *protocol.Subset) bool {
	if a.Sex != b.Sex || a.With != nil || b.With != nil || len(a.Without)+len(b.Without) > 0 || len(a.Measured) != len(b.Measured) {
		return false
	}
	pop := &l.p.Population
	pairs := [][2]protocol.Band{{clipped(a.Age, pop.Age), clipped(b.Age, pop.Age)}, {clipped(a.Weight, pop.Weight), clipped(b.Weight, pop.Weight)}}
	for i := range a.Measured {
		if a.Measured[i].Name != b.Measured[i].Name {
			return false
		}
		pairs = append(pairs, [2]protocol.Band{a.Measured[i].Band, b.Measured[i].Band})
	}
	wider := 0
	for _, p := range pairs {
		switch {
		case sameEdge(p[0].Low, p[1].Low) && sameEdge(p[0].High, p[1].High):
		case (p[0].IsSet() || p[1].IsSet()) && within(p[0].Low, p[1].Low, 1) && within(p[0].High, p[1].High, -1):
			wider++
		default:
			return false
		}
	}
	return wider == 1
}

// clipped returns a band without the ends past which nobody of a population lies.
func clipped(b protocol.Band, of grammar.Bounded) protocol.Band {
	if of.Min.IsSet() && b.Low.At.IsSet() && b.Low.At.Unit().Comparable(of.Min.Unit()) && b.Low.At.Cmp(of.Min) <= 0 {
		b.Low = protocol.Edge{}
	}
	if of.Max.IsSet() && b.High.At.IsSet() && b.High.At.Unit().Comparable(of.Max.Unit()) && b.High.At.Cmp(of.Max) > 0 {
		b.High = protocol.Edge{}
	}
	return b
}

func sameEdge(a, b protocol.Edge) bool {
	return a.At.IsSet() == b.At.IsSet() && (!a.At.IsSet() || a.Within == b.Within && a.At.Unit().Comparable(b.At.Unit()) && a.At.Cmp(b.At) == 0)
}

// within reports whether an edge of a band lies no further in than that of another: 1 for the lower one, -1 for the upper.
func within(a, b protocol.Edge, side int) bool {
	if !a.At.IsSet() {
		return true
	}
	return b.At.IsSet() && a.At.Unit().Comparable(b.At.Unit()) && b.At.Cmp(a.At)*side >= 0
}

// apartByName matches the names and titles of what comes after a while, on purpose.
var apartByName = lazy.MustCompile(`(?i)rest|pause|holiday|break|again|second|third|2|3|booster|repeat|re-?treat|maintenance|later|late|follow|resume|delayed|interval|month|year|cycle`)

// gaps looks for a time without doses between two phases of one medicine that are given weekly and more often, where the second
// begins on a day that the file names.
func (l *linter) gaps() {
	if len(l.r.Calendars) == 0 {
		return
	}
	const long, times = 21, 4 // days, and times the spacing of either
	s := l.r.Calendars[0]
	for i := range s.Phases {
		ph := s.Phases[i].Phase
		if ph.Starts.Anchor == protocol.NoAnchor || ph.Starts.Anchor == protocol.OnDate || ph.Starts.Anchor == protocol.EachDose || ph.For != nil || apartByName.MatchString(ph.Name+" "+ph.Title) {
			continue
		}
		first, _ := dosesOf(s, i)
		if first == nil {
			continue
		}
		last, spacing, of := (*schedule.Event)(nil), 0, ""
		for k := range s.Phases {
			_, end := dosesOf(s, k)
			if k == i || s.Phases[k].Phase.Medication != ph.Medication || end == nil || !end.Date.Before(first.Date) || last != nil && end.Date.Before(last.Date) {
				continue
			}
			last, of = end, s.Phases[k].Phase.Name
			spacing = max(spacingOf(s.Phases[k]), spacingOf(s.Phases[i]))
		}
		if last == nil || spacing == 0 || spacing > 7 {
			continue
		}
		if days := first.Date.Sub(last.Date); days > max(long, times*spacing) && !l.said(diag.OddJoin, ph.Range) {
			l.found.Add(diag.OddJoin, ph.Range, "look at the day on which it starts; silence this with the reason, if the pause is meant", "between the last dose of “%s” and the first of “%s” lie %s without a dose", of, ph.Name, civil.Plural(days, "day"))
		}
	}
}

// spacingOf returns the days from one dose of a phase to the next, at least one; 0 where that is not known.
func spacingOf(ph schedule.PhaseInfo) int {
	minutes, ok := ph.Frequency.Frequency.Period()
	if !ok || ph.Doses < 2 {
		return 0
	}
	return max(minutes/(24*60), 1)
}

// A spelled is a word of a file, with where it stands.
type spelled struct {
	word string
	at   diag.Range
}

// letterApart looks for two words of one file that differ by two letters that have changed places, or by one that is left out: they
// are one word.
func (l *linter) letterApart() {
	var list []spelled
	add := func(at diag.Range, texts ...string) {
		for _, t := range texts {
			for _, w := range strings.FieldsFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				if capital := w == strings.ToUpper(w); len(w) >= 6 || len(w) >= 4 && capital {
					if !capital {
						w = strings.ToLower(w)
					}
					if !slices.ContainsFunc(list, func(x spelled) bool { return x.word == w }) {
						list = append(list, spelled{w, at})
					}
				}
			}
		}
	}
	for i := range l.p.Contraindication {
		add(l.p.Contraindication[i].Range, l.p.Contraindication[i].Terms()...)
	}
	for i := range l.p.CheckIns {
		c := &l.p.CheckIns[i]
		add(c.Range, append(slices.Clone(c.Measure), c.Criterion, c.Title)...)
	}
	for i := range l.p.Phases {
		add(l.p.Phases[i].Range, append(slices.Clone(l.p.Phases[i].Sites), l.p.Phases[i].Title)...)
	}
	for i := range list {
		for k := range i {
			a, b := list[k], list[i]
			if condition.OneWord(a.word, b.word) {
				l.odd(b.at, "write one word for one thing", "“%s” is like “%s”, which the file has too", b.word, a.word)
			}
		}
	}
}
