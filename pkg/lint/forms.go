package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/dose"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/medicine"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// routesOf are the routes by which a form is given, by a word of its name. Solutions for injection are given by mouth and
// by nose too.
var routesOf = []struct {
	word   string
	routes []string
}{
	{"infusion", []string{"iv", "subcutaneous", "intrathecal", "epidural", "intraperitoneal", "intraosseous"}},
	{"nasal spray", []string{"intranasal"}},
	{"suppositor", []string{"rectal", "vaginal"}},
	{"inhaler", []string{"inhaled"}},
	{"eye drop", []string{"ophthalmic"}},
	{"oily injection", []string{"im", "subcutaneous"}},
	{"oral solution", []string{"oral", "enteral"}},
	{"oral suspension", []string{"oral", "enteral"}},
	{"gel", []string{"topical", "transdermal", "vaginal", "rectal", "buccal", "oral", "enteral", "intranasal", "ophthalmic", "intravesical"}},
	{"cream", []string{"topical", "transdermal", "vaginal", "rectal"}},
	{"film-coated", []string{"oral", "vaginal", "enteral"}},
	{"tablet", []string{"oral", "sublingual", "buccal", "vaginal", "rectal", "enteral"}},
	{"capsule", []string{"oral", "inhaled", "vaginal", "rectal", "enteral"}},
	{"troche", []string{"oral", "sublingual", "buccal"}},
	{"lozenge", []string{"oral", "sublingual", "buccal"}},
	{"patch", []string{"transdermal", "topical"}},
}

// formWords are the words that forms are named with.
var formWords = strings.Fields("tablet tablets capsule capsules solution suspension injection infusion release modified extended prolonged sustained controlled lozenge troche inhaler ointment suppository powder ampoule syringe prefilled liquid emulsion nebuliser nebulizer dispersible sublingual effervescent granules")

// atOnceForm matches what a form is called that gives its medicine off at once.
var atOnceForm = lazy.MustCompile(`(?i)\b(immediate|fast|rapid)[- ]release\b|dispersible|effervescent`)

// form looks for what a route and its form say against each other.
func (l *linter) form(r *protocol.Route) {
	form := strings.ToLower(r.Form)
	if title := l.p.Title; released.MatchString(title) != atOnceForm.MatchString(title) && (released.MatchString(title) && atOnceForm.MatchString(form) || atOnceForm.MatchString(title) && released.MatchString(form)) {
		l.odd(r.Range, "correct the form or the title", "the title is “%s”, and the form “%s”", title, r.Form)
	}
	for _, f := range routesOf {
		if strings.Contains(form, f.word) && !slices.Contains(f.routes, r.Name) {
			l.found.Add(diag.OddFigure, r.Range, "correct the form or the route", "“%s” is not given by the route “%s”", r.Form, r.Name)
		}
	}
	if injected.MatchString(form) && slices.Contains([]string{"oral", "topical", "rectal", "vaginal", "transdermal", "inhaled", "enteral", "ophthalmic"}, r.Name) && !l.ketamine() && !l.said(diag.OddFigure, r.Range) {
		l.found.Add(diag.OddFigure, r.Range, "correct the form or the route; silence this where it is given so", "“%s” is not given by the route “%s”", r.Form, r.Name)
	}
	if word, near, ok := condition.Slip(form, formWords); ok {
		l.found.Add(diag.OddFigure, r.Range, "write “"+near+"”, if it is meant", "“%s” is like “%s”, and is not it", word, near)
	}
	if strings.Contains(form, "solution") && r.Name == "oral" && len(r.Strengths) > 0 && !r.Concentration.IsSet() && !l.said(diag.OddFigure, r.Range) {
		l.found.Add(diag.OddFigure, r.Range, "write its `concentration`, or the form of which these are the strengths", "“%s” is measured out, and has strengths of %v", r.Form, r.Strengths[0])
	}
	if _, solid := parts(form); solid && r.Concentration.IsSet() && !strings.Contains(form, "spray") && !strings.Contains(form, "puff") && !l.said(diag.OddFigure, r.Range) {
		l.found.Add(diag.OddFigure, r.Range, "write the form that is measured out, or the strengths of this one", "“%s” is counted, and has a concentration of %v", r.Form, r.Concentration)
	}
	l.slow(r)
	if r.Name == "iv" && r.Bioavailability.IsSet() && r.Bioavailability.Cmp(quantity.New(100, 1, quantity.Percent)) != 0 {
		l.found.Add(diag.OddFigure, r.Range, "leave it out, or write 100 %", "what is given into a vein is available whole, and “%s” has a bioavailability of %v", r.Name, r.Bioavailability)
	}
}

// injected are the words of forms that are made for a needle.
var injected = lazy.MustCompile(`\b(for injection|injection|prefilled|pre-filled|syringe|ampoule)\b`)

// ketamine reports whether the file gives ketamine or esketamine, of which the solution for injection is taken by mouth too.
func (l *linter) ketamine() bool {
	return slices.ContainsFunc(l.p.Medications, func(m protocol.Medication) bool {
		name := l.known.Of(m.Name).Name
		return name == "ketamine" || name == "esketamine"
	})
}

// spinal are the medicines that are given into the spine; others have killed there.
var spinal = strings.Fields("methotrexate cytarabine baclofen nusinersen morphine ziconotide hydrocortisone bupivacaine ropivacaine levobupivacaine prilocaine chloroprocaine fentanyl sufentanil clonidine interferon colistin gentamicin vancomycin amphotericin tofersen")

// spine asks about what is given into the spine and is none of the medicines that are.
func (l *linter) spine() {
	for i := range l.p.Medications {
		m := &l.p.Medications[i]
		for k := range m.Routes {
			r := &m.Routes[k]
			if r.Name == "intrathecal" && !slices.Contains(spinal, strings.ToLower(strings.Fields(m.Name + " -")[0])) && !l.said(diag.OddFigure, r.Range) {
				l.found.Add(diag.OddFigure, r.Range, "correct the route, or say with a source why it is given so", "%s is given into the spine, where few medicines are", m.Name)
			}
		}
	}
}

// shortest is the time below which nobody calls what is given an infusion.
const shortest = 5 * time.Minute

// infusions looks for infusions of which nothing says how long they take, or which are given at once.
func (l *linter) infusions() {
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			if !strings.Contains(strings.ToLower(r.Form), "infusion") || l.said(diag.OddFigure, r.Range) {
				continue
			}
			over := l.p.Longest(ph, r.Name)
			switch takes, ok := over.Elapsed(); {
			case !over.IsSet():
				l.found.Add(diag.OddFigure, r.Range, "add `over: …` to the route, the phase or the dose", "“%s” gives an infusion, and nothing says over what time", ph.Name)
			case ok && takes < shortest:
				l.found.Add(diag.OddFigure, r.Range, "look at the figure of `over` and its unit; or call it an injection", "“%s” gives an infusion over %v", ph.Name, over)
			}
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				if d, ok := a.Over.Elapsed(); ok && a.Over.IsSet() && d < shortest && !l.said(diag.OddFigure, a.Range) && !l.said(diag.OddFigure, r.Range) {
					l.found.Add(diag.OddFigure, a.Range, "look at the figure of `over` and its unit; or call it an injection", "“%s” gives an infusion over %v", ph.Name, a.Over)
				}
			})
		}
	}
}

// manyUnits is the number of units from which on nobody means them to be taken at once, and fewUnits that of what is stuck on,
// injected with a pen or inserted. ISMP's guidelines ask about two or three tablets; a course of adalimumab begins with four pens. Vials are
// not counted: many are drawn from for one dose.
const manyUnits = 10

var fewUnits = []struct {
	word string
	many int64
}{{"patch", 4}, {"suppositor", 4}, {"pen", 6}, {"syringe", 6}}

// tooManyOf returns from how many units of a form on nobody means them at once; ok is false of forms that are not counted.
func tooManyOf(form string) (many int64, ok bool) {
	for _, f := range fewUnits {
		if strings.Contains(form, f.word) {
			return f.many, true
		}
	}
	_, solid := parts(form)
	return manyUnits, solid || strings.Contains(form, "ampoule") || strings.Contains(form, "spray")
}

// tooMany asks about amounts that take more units of the largest strength than anybody takes at once: a dose and its limits
// that are ten times too high together betray themselves by that alone.
func (l *linter) tooMany() {
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			many, counted := tooManyOf(strings.ToLower(r.Form))
			if !counted || len(r.Strengths) == 0 {
				continue
			}
			largest := slices.MaxFunc(r.Strengths, quantity.Amount.Cmp)
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				usual := slices.ContainsFunc(l.known.Of(l.medication(ph)).Single, func(b medicine.Bound) bool {
					return b.Route == r.Name && b.Amount.Unit().Comparable(a.Quantity.Unit()) && a.Quantity.Cmp(b.Amount) <= 0
				})
				times := a.Basis() == protocol.Fixed && a.Quantity.Unit().Comparable(largest.Unit()) && a.Quantity.Cmp(largest.Times(many, 1)) >= 0
				if times && !(usual && a.Quantity.Cmp(largest.Times(many, 1)) == 0) && !l.said(diag.OddFigure, a.Range) {
					l.found.Add(diag.OddFigure, a.Range, "look at the dose, and at the strengths", "%v of “%s” are %d units of %s or more at once, of which the largest has %v", a.Quantity, ph.Name, many, r.Form, largest)
				}
			})
		}
	}
	for _, s := range l.r.Calendars {
		for i := range s.Doses {
			d := &s.Doses[i]
			units := d.Made.Units
			if d.Route != nil && units > 2*manyUnits && !l.said(diag.OddFigure, d.Route.Range) {
				l.found.Add(diag.OddFigure, d.Route.Range, "look at the strengths, and at their units", "%v are made up of %d units of %s", d.Amount, units, d.Route.Form)
			}
		}
	}
}

// otherUnits looks for a concentration or a strength in a unit in which no dose by its route is given.
func (l *linter) otherUnits() {
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				dose := a.Quantity.Unit().WithPer(quantity.PerNothing)
				if l.said(diag.OddFigure, r.Range) || dose.Comparable(quantity.Millilitre) {
					return
				}
				if c := r.Concentration; c.IsSet() && !c.Unit().WithPer(quantity.PerNothing).Comparable(dose) {
					l.found.Add(diag.OddFigure, r.Range, "write the concentration in the unit of the doses", "the concentration is %v, and doses of “%s” are in %v: nothing says how much is drawn up", c, ph.Name, dose)
				}
				for _, x := range r.Strengths {
					if !x.Unit().Comparable(dose) && !l.said(diag.OddFigure, r.Range) {
						l.found.Add(diag.OddFigure, r.Range, "write the strengths in the unit of the doses", "a strength is %v, and doses of “%s” are in %v", x, ph.Name, dose)
					}
				}
			})
		}
	}
}

// mostML are the volumes by route beyond which nobody means one dose to go: a muscle takes 5 mL, the skin a few, a nostril a
// tenth, and nobody drinks half a litre. They are wide, so that what is out by ten or a thousand is found and no more.
var mostML = map[string]int64{
	"im": 10, "subcutaneous": 30, "intradermal": 2, "intranasal": 5, "sublingual": 15, "buccal": 15, "oral": 250, "rectal": 500, "vaginal": 50,
	"ophthalmic": 2, "otic": 5, "intrathecal": 30, "intravitreal": 1, "iv": 4000,
}

// volumes asks about doses whose volume by the route nobody gives, or that run in faster than anything does.
func (l *linter) volumes(s *schedule.Schedule) {
	for i := range s.Doses {
		d := &s.Doses[i]
		if !d.Volume.IsSet() || d.Route == nil {
			continue
		}
		over, _ := d.Over.Elapsed()
		if !d.Over.IsSet() {
			over, _ = d.Route.Over.Elapsed()
		}
		l.volume(d.Route, d.Medication.Name, d.Amount, d.Volume, over)
	}
}

// heaviest looks at volumes as the heaviest of the population have them.
func (l *linter) heaviest() {
	heaviest := l.p.Population.Weight.Max
	for _, ph := range l.p.Rules() {
		for _, r := range l.p.RoutesOf(ph) {
			l.p.Amounts(ph, r.Name, func(a *protocol.Amount) {
				if a.Basis() == protocol.PerSurface || a.Basis() == protocol.PerWeight && (!heaviest.IsSet() || a.Weight.Kind != protocol.Actual) {
					return
				}
				amount := resolved(a.Quantity, heaviest)
				if a.Max.IsSet() && a.Max.Unit().Comparable(amount.Unit()) {
					amount = quantity.Min(amount, a.Max)
				}
				over, _ := r.Over.Elapsed()
				for _, o := range []civil.Period{ph.Over, a.Over} {
					if d, ok := o.Elapsed(); ok && o.IsSet() {
						over = d
					}
				}
				if v := dose.VolumeOf(amount, &r); v.IsSet() {
					l.volume(&r, l.medication(ph), amount, v, over)
				}
			})
		}
	}
	for i := range l.p.Medications {
		for k := range l.p.Medications[i].Routes {
			r := &l.p.Medications[i].Routes[k]
			most := quantity.New(1200, 1, quantity.Milligram) // nothing that is dissolved is so dense
			if c := r.Concentration; c.IsSet() && c.Resolve(quantity.New(1, 1, quantity.Millilitre)).Unit().Comparable(most.Unit()) && c.Resolve(quantity.New(1, 1, quantity.Millilitre)).Cmp(most) > 0 && !l.said(diag.OddFigure, r.Range) {
				l.found.Add(diag.OddFigure, r.Range, "look at the concentration and at its unit", "a concentration of %v is that of no solution", c)
			}
		}
	}
}

func (l *linter) volume(r *protocol.Route, name string, amount, volume quantity.Amount, over time.Duration) {
	if l.said(diag.OddFigure, r.Range) {
		return
	}
	most, known := mostML[r.Name]
	if r.Name == "subcutaneous" && over == 0 && !strings.Contains(strings.ToLower(name), "caine") { // with no pump, and no time; and not to numb a field
		most = 5
	}
	if known && strings.Contains(strings.ToLower(r.Form), "infusion") {
		most = max(most, 4000)
	}
	fastest := int64(30) // mL in a minute: more is run in by pressure alone
	if over >= 30*time.Minute {
		fastest = 20 // and nobody runs a medicine in so fast for long
	}
	switch {
	case known && volume.Cmp(quantity.New(most, 1, quantity.Millilitre)) > 0:
		l.found.Add(diag.OddFigure, r.Range, "look at the dose and at the concentration, and at their units", "%v %s are %v %s at once", amount, name, volume, r.Name)
	case over > 0 && volume.Cmp(quantity.New(int64(over.Minutes())*fastest, 1, quantity.Millilitre)) > 0:
		l.found.Add(diag.OddFigure, r.Range, "look at `over`, at the concentration, and at their units", "%v of %s run in over %v", volume, name, civil.PeriodOf(over))
	}
}

// released are the words of forms that give their medicine off slowly, or past the stomach, and lose that where they are cut.
var released = lazy.MustCompile(`(?i)\b(modified|extended|prolonged|sustained|controlled|delayed|slow)[- ]release\b|enteric|gastro-?resistant|\b(MR|XR|ER|SR|CR)\b`)

// pens matches the forms that are a pen.
var pens = lazy.MustCompile(`(?i)\b(pens?|autoinjectors?|auto-injectors?)\b`)

// slow asks about forms that are divided and must not be, and about what is swallowed or injected into a muscle over a time.
func (l *linter) slow(r *protocol.Route) {
	if r.Divides != "" && r.Divides != "not at all" && released.MatchString(r.Form) && !l.said(diag.OddFigure, r.Range) {
		l.found.Add(diag.OddFigure, r.Range, "leave `divides` out, or silence this where the label has it", "“%s” gives its medicine off as a whole, and divides %s here", r.Form, r.Divides)
	}
	if over, ok := r.Over.Elapsed(); ok && over >= 30*time.Minute && slices.Contains([]string{"oral", "im", "intradermal", "intranasal"}, r.Name) && !l.said(diag.OddFigure, r.Range) {
		l.found.Add(diag.OddFigure, r.Range, "look at the route, or leave `over` out", "a dose by the route “%s” takes %v", r.Name, r.Over)
	}
	if pens.MatchString(r.Form) && !slices.Contains([]string{"subcutaneous", "im", "intradermal"}, r.Name) && !l.said(diag.OddFigure, r.Range) {
		l.found.Add(diag.OddFigure, r.Range, "correct the form or the route", "“%s” is not given by the route “%s”", r.Form, r.Name)
	}
}

// parts says into how many parts one unit of a form can be divided, and false for forms that
// are measured out.
func parts(form string) (int64, bool) {
	for _, f := range []struct {
		word  string
		parts int64
	}{
		{"extended-release", 1}, {"capsule", 1}, {"spray", 1}, {"puff", 1}, {"device", 1}, {"patch", 1}, {"film", 1},
		{"suppositor", 2}, {"tablet", 4}, {"troche", 4}, {"lozenge", 4},
	} {
		if strings.Contains(form, f.word) {
			return f.parts, true
		}
	}
	return 0, false
}

// addUp reports whether the parts of several strengths together make up steps of the rounding: 150 mg and
// 500 mg, from some dose on, all multiples of 50 mg. What they cannot is said of the dose itself.
func addUp(r *protocol.Route, n int64) bool {
	common := int64(0)
	for _, s := range r.Strengths {
		if !s.Unit().Comparable(r.Round.Step.Unit()) {
			return false
		}
		part, ok := s.In(r.Round.Step.Unit()).Times(1, n).Scaled()
		if !ok {
			return false
		}
		for a, b := part, common; ; a, b = b, a%b {
			if b == 0 {
				common = a
				break
			}
		}
	}
	step, ok := r.Round.Step.Scaled()
	return ok && len(r.Strengths) > 1 && common > 0 && step%common == 0
}

// divisible looks for rounding steps finer than the strengths can be divided into: a capsule
// and a spray not at all, a tablet or a troche into quarters.
func (l *linter) divisible() {
	for m := range l.p.Medications {
		for i := range l.p.Medications[m].Routes {
			r := &l.p.Medications[m].Routes[i]
			n, solid := parts(r.Form)
			if !solid || r.Round == nil || r.Round.Exact || len(r.Strengths) == 0 {
				continue
			}
			for _, most := range l.p.Medications[m].Limits.SingleDose {
				for _, s := range r.Strengths {
					if s.Unit().Comparable(most.Unit()) && s.Times(1, n).Cmp(most) > 0 {
						l.found.Add(diag.NotDivisible, r.Range, "take the strength out, or correct it", "the route “%s” has a %s of %v, of which no part is as small as the largest single dose, %v", r.Name, r.Form, s, most)
					}
				}
			}
			least := slices.MinFunc(r.Strengths, quantity.Amount.Cmp)
			part := quantity.Rounding{Step: least.Times(1, n)}
			if r.Round.Step.Unit().Comparable(least.Unit()) && !part.IsMultiple(r.Round.Step) && !addUp(r, n) {
				what := "which cannot be divided"
				if n > 1 {
					what = fmt.Sprintf("of which %v is the smallest part", part.Step)
				}
				l.found.Add(diag.NotDivisible, r.Range, "round in steps of "+part.Step.String()+", or add a smaller strength", "doses by the route “%s” are rounded in steps of %v, and the smallest strength is a %s of %v, %s", r.Name, r.Round.Step, r.Form, least, what)
			}
		}
	}
}
