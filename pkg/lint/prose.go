package lint

import (
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// prose compares what the file says in sentences, for people to follow, with what it says in rules: instructions with the route, the
// form, the frequency, the length and the sites of the doses that they are for, and criteria with what is measured.
func (l *linter) prose() {
	for i := range l.p.Requirements {
		r := &l.p.Requirements[i]
		for _, v := range r.Values {
			if v.Kind == "instructions" {
				for _, clause := range strings.FieldsFunc(v.Value, func(r rune) bool { return r == '.' || r == ';' || r == ',' }) {
					l.instruction(r, strings.TrimSpace(clause))
				}
			}
		}
	}
	for i := range l.p.CheckIns {
		l.criterion(&l.p.CheckIns[i])
	}
	for i := range l.p.Contraindication {
		l.ownAllergy(&l.p.Contraindication[i])
	}
}

// withheld matches a sentence that says what is not to be done, or only under some condition: it is no rule to compare.
var withheld = lazy.MustCompile(`(?i)\b(not|never|without|avoid|instead|unless|if|except|rather|cannot|don't)\b`)

// routeWords are the words by which sentences name routes.
var routeWords = []struct {
	words  *lazy.Regexp
	routes []string
}{
	{lazy.MustCompile(`(?i)\b(intravenous(ly)?|into (a|the) vein)\b`), []string{"iv"}},
	{lazy.MustCompile(`(?i)\b(subcutaneous(ly)?|under the skin)\b`), []string{"subcutaneous"}},
	{lazy.MustCompile(`(?i)\b(intramuscular(ly)?|into (a|the) [a-z ]*muscle|into the (deltoid|gluteal|gluteus|buttock))`), []string{"im"}},
	{lazy.MustCompile(`(?i)\b(swallow(ed)?|by mouth|chew(ed)?)\b`), []string{"oral", "enteral", "buccal", "sublingual"}},
	{lazy.MustCompile(`(?i)\bunder the tongue\b`), []string{"sublingual"}},
	{lazy.MustCompile(`(?i)\b(nostril|into the nose)\b`), []string{"intranasal"}},
	{lazy.MustCompile(`(?i)\b(into the eye|each eye|eyelid)\b`), []string{"ophthalmic"}},
}

// broken matches what breaks a unit.
var broken = lazy.MustCompile(`(?i)\b(crush(ed)?|chew(ed)?|break|broken|halved?|split|in half|open the capsule)\b`)

// reInstructed matches a frequency in a sentence.
var reInstructed = lazy.MustCompile(`(?i)\b(once a day|once daily|twice a day|twice daily|three times a day|four times a day|once a week|twice a week|twice each week|once each week|every other day)\b`)

// What sentences say of the time after a dose, of food, and of the units that are taken.
var (
	reWatched = lazy.MustCompile(`(?i)\b(?:observed|watched|stay|wait|monitored)\b.*\b(?:for )?` + patternNumber + ` (minutes?|hours?)\b`)
	withFood  = lazy.MustCompile(`(?i)\bwith (a meal|food|breakfast|dinner)\b`)
	reUnits   = lazy.MustCompile(`(?i)\b(tablets|capsules|lozenges|patches|suppositories)\b`)
)

// instruction compares a sentence with the doses that it is for.
func (l *linter) instruction(r *protocol.Requirement, text string) {
	if withheld.MatchString(text) || l.said(diag.OddFigure, r.Range) {
		return
	}
	var of []*protocol.Phase
	for i := range l.p.Phases {
		if ph := &l.p.Phases[i]; r.Phase == "" || r.Phase == ph.Name {
			of = append(of, ph)
		}
	}
	if len(of) == 0 {
		return
	}
	any := func(f func(*protocol.Phase) bool) bool { return slices.ContainsFunc(of, f) }
	byRoute := func(names []string) func(*protocol.Phase) bool {
		return func(ph *protocol.Phase) bool {
			return slices.ContainsFunc(l.p.RoutesOf(ph), func(x protocol.Route) bool { return slices.Contains(names, x.Name) })
		}
	}
	for _, w := range routeWords {
		if w.words.MatchString(text) && !any(byRoute(w.routes)) {
			l.odd(r.Range, "correct the instruction or the route", "“%s” is said of doses by the route “%s”", text, l.routeNames(of[0]))
		}
	}
	if broken.MatchString(text) && any(func(ph *protocol.Phase) bool {
		return slices.ContainsFunc(l.p.RoutesOf(ph), func(x protocol.Route) bool {
			return x.Divides == "not at all" || released.MatchString(x.Form)
		})
	}) {
		l.odd(r.Range, "correct the instruction or the form", "“%s” is said of doses of a form that is taken whole", text)
	}
	if m := reInstructed.FindAllStringSubmatch(text, -1); len(m) == 1 {
		said := strings.NewReplacer("each", "a").Replace(strings.ToLower(m[0][1]))
		f, _, err := frequency.Parse(said)
		if err == nil && pace(f).IsSet() && !any(func(ph *protocol.Phase) bool {
			return slices.ContainsFunc(ph.Frequencies, func(c protocol.Choice) bool {
				own := pace(c.Frequency)
				return !own.IsSet() || own.Cmp(pace(f)) == 0
			})
		}) {
			l.odd(r.Range, "correct the instruction or the frequency", "“%s” is said of doses that come %s", text, of[0].Frequencies[0].Text)
		}
	}
	if m := reOver.FindAllStringSubmatch(text, -1); len(m) == 1 {
		said, known, same := elapsedOf(m[0]), false, false
		for _, ph := range of {
			for _, over := range l.oversOf(ph) {
				known, same = true, same || over == said
			}
		}
		if known && !same {
			l.odd(r.Range, "correct the instruction or `over`", "“%s” is said of doses that are given over another time", text)
		}
	}
	if m := reWatched.FindStringSubmatch(text); m != nil {
		for _, v := range r.Values {
			p, err := civil.ParsePeriod(v.Value)
			long, ok := p.Elapsed()
			if (v.Kind == "monitoring after" || v.Kind == "monitoring for") && err == nil && ok && long != elapsedOf(m) {
				l.odd(r.Range, "write one time at both places", "“%s” is said beside “%s: %s”", text, v.Kind, v.Value)
			}
		}
	}
	if withFood.MatchString(text) && slices.ContainsFunc(r.Values, func(v protocol.RequirementValue) bool { return v.Kind == "no food for" }) {
		l.odd(r.Range, "leave one of the two out", "“%s” is said beside a fast before the dose", text)
	}
	if m := reUnits.FindStringSubmatch(text); m != nil {
		unit := strings.TrimSuffix(strings.ToLower(m[1]), "s")
		forms := ""
		for _, ph := range of {
			for _, x := range l.p.RoutesOf(ph) {
				forms += strings.ToLower(x.Form) + "|"
			}
		}
		if strings.Trim(forms, "|") != "" && !strings.Contains(forms, unit) && !strings.Contains(forms, "||") {
			l.odd(r.Range, "correct the instruction or the form", "“%s” is said of doses of the form “%s”", text, strings.ReplaceAll(strings.Trim(forms, "|"), "|", "”, “"))
		}
	}
	for _, ph := range of {
		if site := siteIn(text); site != "" && len(ph.Sites) > 0 && !slices.ContainsFunc(ph.Sites, func(s string) bool { return strings.Contains(strings.ToLower(s), site) }) {
			l.odd(r.Range, "correct the instruction or the sites", "“%s” is said of doses whose sites are %s", text, strings.Join(ph.Sites, ", "))
		}
	}
}

// routeNames names the routes of a phase.
func (l *linter) routeNames(ph *protocol.Phase) string {
	var names []string
	for _, r := range l.p.RoutesOf(ph) {
		names = append(names, r.Name)
	}
	return strings.Join(names, "”, “")
}

// elapsedOf reads what reOver matches.
func elapsedOf(m []string) time.Duration {
	unit := time.Minute
	if strings.HasPrefix(strings.ToLower(m[2]), "h") {
		unit = time.Hour
	}
	return time.Duration(number(m[1])) * unit
}

// oversOf returns over what times the doses of a phase are given.
func (l *linter) oversOf(ph *protocol.Phase) (list []time.Duration) {
	see := func(over civil.Period) {
		if d, ok := over.Elapsed(); ok && over.IsSet() {
			list = append(list, d)
		}
	}
	see(ph.Over)
	for _, r := range l.p.RoutesOf(ph) {
		see(r.Over)
		l.p.Amounts(ph, r.Name, func(a *protocol.Amount) { see(a.Over) })
	}
	return list
}

// siteWords are parts of the body that doses are given into.
var siteWords = []string{"deltoid", "gluteal", "buttock", "thigh", "abdomen", "upper arm"}

// siteIn returns the first part of the body that a sentence names, or "".
func siteIn(text string) string {
	text = strings.ToLower(text)
	for _, s := range siteWords {
		if strings.Contains(text, s) {
			return s
		}
	}
	return ""
}

// reTest matches the name of a test or a scale that is no word: with a figure, or one of those that are usual.
var reTest = lazy.MustCompile(`\b([A-Z]{2,}[A-Za-z]*-?\d+|HbA1c|D-dimer|COWS|CDAI|MADRS|LDL|HDL|TSH|INR|ALT|AST|PSA|BNP|CRP)\b`)

// absent matches what says that something is not there.
var absent = lazy.MustCompile(`(?i)\b(no|not|none|never|without|negative|absent|absence|free of|excluded|ruled out|resolved|below|under|less|normal)\b`)

// criterion compares what a check-in looks for with what it measures, and with what speaks against the protocol.
func (l *linter) criterion(c *protocol.CheckIn) {
	if c.Criterion == "" || l.said(diag.OddFigure, c.Range) {
		return
	}
	for _, m := range reTest.FindAllStringSubmatch(c.Criterion, -1) {
		test := strings.ToLower(m[1])
		if len(c.Measure) == 0 || slices.ContainsFunc(c.Measure, func(x string) bool {
			return strings.Contains(strings.ToLower(x), test) || strings.HasPrefix(test, initials(x)) && len(initials(x)) > 1
		}) {
			continue
		}
		l.odd(c.Range, "write the test under `measure`, or correct the criterion", "“%s” looks for %s, which it does not measure: %s", c.Name, m[1], strings.Join(c.Measure, ", "))
		return
	}
	if len(c.Gates) == 0 && c.Name != protocol.ReassessmentName || absent.MatchString(c.Criterion) {
		return
	}
	for i := range l.p.Contraindication {
		k := &l.p.Contraindication[i]
		for _, t := range k.Terms() {
			if k.Absolute && len(t) > 3 && containsWords(c.Criterion, t) {
				l.odd(c.Range, "look which way round the criterion is", "“%s” lets doses be given where it finds “%s”, and “%s” speaks against them", c.Name, c.Criterion, t)
				return
			}
		}
	}
}

// initials returns the first letters of the words of a name, in lower case.
func initials(name string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '-' }) {
		b.WriteByte(w[0])
	}
	return b.String()
}

// containsWords reports whether a text has all words of a term, in their order.
func containsWords(text, term string) bool {
	norm := func(s string) string {
		s = " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == ',' || r == '.' || r == ';' }), " ") + " "
		return strings.NewReplacer(" over ", " above ", " more than ", " above ", " > ", " above ").Replace(s)
	}
	return strings.Contains(norm(text), norm(term))
}

// ownAllergy looks for an allergy to the medicine itself that does not exclude it.
func (l *linter) ownAllergy(k *protocol.Contraindication) {
	if k.Absolute {
		return
	}
	for _, t := range k.Terms() {
		for i := range l.p.Medications {
			name := strings.ToLower(l.p.Medications[i].Name)
			if low := strings.ToLower(t); low == "hypersensitivity to "+name || low == name+" allergy" || low == "allergy to "+name {
				l.odd(k.Range, "write it under `absolute`", "“%s” is an allergy to what is given, and only a relative contraindication", t)
			}
		}
	}
}
