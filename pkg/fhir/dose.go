package fhir

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

var dosageKeys = []string{"sequence", "text", "additionalInstruction", "patientInstruction", "timing", "asNeededBoolean", "asNeededCodeableConcept",
	"site", "route", "method", "doseAndRate", "maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime"}

// instructions reads the dosage instructions of a request. Those of one number in the sequence
// are concurrent; those of a higher one begin where the ones before them end.
func (r *reader) instructions(request *node, list []*node, prefix string, m int) {
	number := func(n *node) int {
		v := 0
		if s := n.get("sequence"); s != nil {
			_, _ = fmt.Sscanf(s.value, "%d", &v)
		}
		return v
	}
	var order []int
	for _, n := range list {
		if k := number(n); !slices.Contains(order, k) {
			order = append(order, k)
		}
	}
	slices.Sort(order)
	begins, open := r.set.Start, (*node)(nil)
	for g, k := range order {
		var latest civil.Date
		for i, n := range list {
			if number(n) != k {
				continue
			}
			if open != nil {
				r.refuse(n, "give the one before it bounds or a count", "it comes after %s in the sequence, which has no end", r.where(open))
				return
			}
			next, planned := r.instruction(n, fmt.Sprintf("%sinstruction-%d", prefix, i+1), m, begins, g > 0)
			switch {
			case !planned:
			case next.IsZero():
				open = n
			default:
				latest = civil.Later(latest, next)
			}
		}
		if !latest.IsZero() {
			begins = latest
		}
	}
	if supply := request.get("dispenseRequest", "expectedSupplyDuration"); open != nil && supply != nil {
		r.open(supply, "%s has no end; what is supplied for %s is not taken for one", r.where(open), inWords(supply, nil))
	}
}

// instruction reads one dosage instruction. next is the day from which something after it could
// run, the zero Date where it has no end; planned is false where nothing of it is on the calendar.
func (r *reader) instruction(n *node, name string, m int, begins civil.Date, follows bool) (next civil.Date, planned bool) {
	before := len(r.found)
	if !r.keys(n, dosageKeys...) {
		return next, false
	}
	if q := n.get("sequence"); q != nil && q.kind != number {
		r.refuse(q, "", "it is %v, and must be a number", q.kind)
	}
	if r.truth(n.get("asNeededBoolean")) || n.get("asNeededCodeableConcept") != nil {
		r.asNeeded(n)
		return next, false
	}
	r.limits(n, m)
	dose, over := r.dose(n)
	route := r.route(n, m)
	t := n.get("timing")
	if t == nil {
		r.private(r.refuse(n, "give a timing", "it has no timing, and text is not read as a time"), n.get("text").word())
		return next, false
	}
	p, rep, ok := r.timing(t)
	if !ok {
		return next, false
	}
	if follows && !rep.start.isZero() && rep.start.date.Before(begins) {
		r.refuse(t, "", "the sequence says that it comes after what ends on %v, and its bounds begin before that", begins)
		return next, false
	}
	parts, ok := r.span(&p, &rep, begins)
	if !ok || r.found[before:].HasErrors() {
		return next, false
	}
	texts := r.texts(n)
	for i, s := range parts {
		s.name, s.title = name, strings.ReplaceAll(name, "-", " ")
		if len(parts) > 1 {
			s.name = fmt.Sprintf("%s-%d", name, i+1)
		}
		s.medicine, s.route, s.dose, s.instructions, s.at = m, route, dose, texts, t.at
		if over != "" {
			s.dose = "{ amount: " + dose + ", over: " + over + " }"
		}
		r.stretches = append(r.stretches, s)
		if s.next.IsZero() {
			next = civil.Date{}
		} else {
			next = civil.Later(next, s.next)
		}
	}
	return next, true
}

// medicine reads which medicine a request is for, and returns its index.
func (r *reader) medicine(n *node) (int, bool) {
	at := n.get("medicationCodeableConcept")
	if ref := n.get("medicationReference"); at == nil && ref != nil {
		m := r.resolve(n, ref.get("reference").word())
		switch display := ref.get("display"); {
		case m != nil && concept(m.get("code")) != "":
			at = m.get("code")
		case display.word() != "":
			at = &node{kind: object, path: ref.path, at: ref.at, fields: []field{{"text", display}}}
		case m != nil:
			r.refuse(ref, "give the Medication a code or the reference a display", "the medicine that it leads to has no name")
			return 0, false
		default:
			r.refuse(ref, "give the Medication in the same file", "the medicine is elsewhere: %s", ref.get("reference").word())
			return 0, false
		}
	}
	name := strings.Join(strings.Fields(concept(at)), " ")
	if name == "" {
		r.refuse(n, "give a medicationCodeableConcept with a text", "it names no medicine")
		return 0, false
	}
	code := ""
	for _, c := range at.get("coding").list() {
		if c.get("system").word() == RxNorm {
			code = c.get("code").word()
		}
	}
	for i, m := range r.meds {
		if strings.EqualFold(m.name, name) && m.rxnorm == code {
			return i, true
		}
	}
	if slices.ContainsFunc(r.meds, func(m medicine) bool { return strings.EqualFold(m.name, name) }) {
		r.refuse(at, "", "the file has two medicines of the name “%s” with different codes", name)
		return 0, false
	}
	r.meds = append(r.meds, medicine{name: name, rxnorm: code})
	return len(r.meds) - 1, true
}

// route reads how a dose is given.
func (r *reader) route(n *node, m int) string {
	name := ""
	at := n.get("route")
	for _, c := range r.listOf(at.get("coding")) {
		if code, ok := RouteOfCode(c.get("code").word()); ok && c.get("system").word() == SNOMED {
			name = code.Route
		}
	}
	if words := concept(at); name == "" && words != "" {
		words = strings.TrimSuffix(strings.ToLower(words), " (qualifier value)")
		name = protocol.ParseRoute(strings.TrimSuffix(words, " route"))
		if !slices.Contains(protocol.RouteNames(), name) {
			r.refuse(at, "use a route of SNOMED CT, or a word as: "+strings.Join(protocol.RouteNames(), ", "), "the route “%s” is not known", concept(at))
			return ""
		}
		r.open(at, "the route has no code that is known; its words are read as %s", protocol.RouteWords(name))
	}
	if name == "" {
		if r.set.Route == "" {
			r.ask(n, "route", "it does not say by which route")
			return ""
		}
		name = protocol.ParseRoute(r.set.Route)
		r.open(n, "it does not say by which route; %s is taken, as stated", protocol.RouteWords(name))
	}
	med := &r.meds[m]
	if !slices.Contains(med.routes, name) {
		med.routes = append(med.routes, name)
	}
	return name
}

// dose reads the amount of a dose, in the words of the language, and how long giving it takes.
func (r *reader) dose(n *node) (dose, over string) {
	d := r.oneDose(n)
	if d == nil || !r.keys(d, "type", "doseQuantity", "doseRange", "rateRatio", "rateQuantity", "rateRange") {
		return "", ""
	}
	q, at := d.get("doseQuantity"), d.get("doseQuantity")
	switch span := d.get("doseRange"); {
	case q != nil:
		dose = r.amount(q)
	case span != nil:
		at = span
		dose = r.doseOf(span)
	default:
		r.refuse(d, "give a doseQuantity", "it says no amount of a dose")
	}
	if dose == "" {
		return "", ""
	}
	if a, err := quantity.Parse(dose); err == nil && a.Unit().Per() != quantity.PerNothing {
		r.refuse(at, "give the amount as calculated for the patient", "a dose of %v is still to be calculated, and the file does not say what can be measured out", a)
		return "", ""
	}
	if rate := d.get("rateRatio"); rate != nil {
		over = r.over(rate, dose)
	}
	for _, key := range []string{"rateQuantity", "rateRange"} {
		if rate := d.get(key); rate != nil {
			r.dropped(rate, "the rate is not on the calendar")
		}
	}
	return dose, over
}

// oneDose returns the one amount that counts: of several, what was calculated from the order.
func (r *reader) oneDose(n *node) *node {
	list := r.listOf(n.get("doseAndRate"))
	switch len(list) {
	case 0:
		r.refuse(n, "give a doseAndRate with a doseQuantity", "it says no amount of a dose")
		return nil
	case 1:
		return list[0]
	}
	var calculated []*node
	for _, d := range list {
		for _, c := range d.get("type", "coding").list() {
			if c.get("code").word() == "calculated" {
				calculated = append(calculated, d)
			}
		}
	}
	if len(calculated) != 1 {
		r.refuse(n.get("doseAndRate"), "give one of them", "there are several amounts of one dose, and FHIR does not say which is given")
		return nil
	}
	r.open(n.get("doseAndRate"), "there are several amounts of one dose; the one that is marked as calculated is taken")
	return calculated[0]
}

// doseOf reads a range of amounts.
func (r *reader) doseOf(n *node) string {
	if !r.keys(n, "low", "high") {
		return ""
	}
	low, high := n.get("low"), n.get("high")
	if low == nil || high == nil {
		r.refuse(n, "", "the range is open at one end")
		return ""
	}
	a, b := r.amount(low), r.amount(high)
	x, errX := quantity.Parse(a)
	y, errY := quantity.Parse(b)
	if a == "" || b == "" {
		return ""
	}
	if errX != nil || errY != nil || x.Unit() != y.Unit() || y.Cmp(x) < 0 {
		r.refuse(n, "give both in one unit, the smaller first", "%s to %s is no range", a, b)
		return ""
	}
	number, ok := r.choose(n, "dose", x.Decimal(), y.Decimal(), within(x.Number(), y.Number()))
	if !ok {
		return ""
	}
	return number + " " + x.Unit().String()
}

// forms are units that are counts of a form, by the words and codes that FHIR's own examples use
// (v3-orderableDrugForm: TAB, CAP, VAGTAB …) and UCUM's annotations.
var forms = map[string]string{
	"tab": "tablets", "tabs": "tablets", "tablet": "tablets", "tablets": "tablets", "{tbl}": "tablets", "{tablet}": "tablets", "vagtab": "tablets", "ertab": "tablets",
	"cap": "capsules", "caps": "capsules", "capsule": "capsules", "capsules": "capsules", "{capsule}": "capsules",
	"puff": "puffs", "puffs": "puffs", "{puff}": "puffs", "spray": "sprays", "sprays": "sprays", "{spray}": "sprays",
	"drop": "drops", "drops": "drops", "opdrop": "drops", "[drp]": "drops", "{drop}": "drops", "patch": "patches", "patches": "patches", "{patch}": "patches",
}

// amount reads a Quantity in the words of the language; "" where it cannot.
func (r *reader) amount(n *node) string {
	if !r.keys(n, "value", "comparator", "unit", "system", "code") {
		return ""
	}
	value, unit, code := n.get("value"), n.get("unit").word(), n.get("code").word()
	if c := n.get("comparator"); c != nil {
		r.refuse(c, "give the amount itself", "an amount that is only bounded (%s) is not one", c.word())
		return ""
	}
	v, err := quantity.ParseNumber(value.number())
	if err != nil || v.Sign() <= 0 {
		r.refuse(n, "give a number above 0", "“%s” is not an amount", value.number())
		return ""
	}
	name := ""
	if n.get("system").word() == UCUM {
		name = UnitOfCode(code)
	}
	for _, word := range []string{code, unit} {
		if name == "" {
			name = forms[strings.ToLower(word)]
		}
	}
	switch {
	case name != "":
	case unit == "U" || unit == "units" || unit == "unit" || code == "U" || code == "[iU]" || code == "[IU]":
		name = "units"
		r.open(n, "its unit is read as units of the medicine, and never as an enzyme's")
	default:
		if u, err := quantity.ParseUnit(unit); err == nil && code == "" {
			name = u.String()
		}
	}
	if name == "" {
		r.refuse(n, "use a unit of UCUM, or a form as tablets", "the unit “%s” (%s) is not known", unit, code)
		return ""
	}
	if other := r.unitOf(unit); code != "" && other != "" && !sameUnit(name, other) {
		r.refuse(n, "give one unit", "its unit is “%s”, and its code is that of %s", unit, name)
		return ""
	}
	return value.number() + " " + name
}

// unitOf reads the words of a unit; "" where they are none that is known.
func (r *reader) unitOf(words string) string {
	if form := forms[strings.ToLower(words)]; form != "" {
		return form
	}
	if u, err := quantity.ParseUnit(words); err == nil {
		return u.String()
	}
	return ""
}

func sameUnit(a, b string) bool {
	x, errX := quantity.ParseUnit(a)
	y, errY := quantity.ParseUnit(b)
	return a == b || errX == nil && errY == nil && x == y
}

// number returns the digits of a number, and "" for anything else.
func (n *node) number() string {
	if n == nil || n.kind != number {
		return ""
	}
	return n.value
}

// over reads how long one dose takes from a rate, where the rate is just the dose in a time.
func (r *reader) over(rate *node, dose string) string {
	num, den := rate.get("numerator"), rate.get("denominator")
	if num == nil || den == nil {
		r.refuse(rate, "", "the rate has no numerator or no denominator")
		return ""
	}
	a, errA := quantity.Parse(r.amount(num))
	b, errB := quantity.Parse(dose)
	u, ok := PeriodOfCode(den.get("code").word())
	if errA != nil || errB != nil || !ok || u > civil.Hour || !a.Unit().Comparable(b.Unit()) || a.Cmp(b) != 0 {
		r.dropped(rate, "the rate is not on the calendar")
		return ""
	}
	return r.length(den, den.get("value").number(), den.get("code")).String()
}

// limits reads the greatest amounts.
func (r *reader) limits(n *node, m int) {
	l := &r.meds[m].limits
	if q := n.get("maxDosePerAdministration"); q != nil {
		if a, err := quantity.Parse(r.amount(q)); err == nil && !slices.ContainsFunc(l.SingleDose, func(x quantity.Amount) bool { return x.String() == a.String() }) {
			l.SingleDose, l.SingleAt = append(l.SingleDose, a), append(l.SingleAt, q.at)
		}
	}
	if q := n.get("maxDosePerLifetime"); q != nil {
		r.dropped(q, "what the patient had before is not known: the most in a lifetime is not checked")
	}
	q := n.get("maxDosePerPeriod")
	if q == nil || !r.keys(q, "numerator", "denominator") || q.get("numerator") == nil || q.get("denominator") == nil {
		return
	}
	a, err := quantity.Parse(r.amount(q.get("numerator")))
	den := q.get("denominator")
	p := r.length(den, den.get("value").number(), den.get("code"))
	if err != nil || !p.IsSet() {
		return
	}
	months, days, calendar := p.Calendar()
	switch {
	case months > 0:
		r.refuse(den, "give it in days", "a total in %v is not one of so many days", p)
	case calendar && days == 1:
		r.open(den, "a day is taken as a day of the calendar, and not as any 24 hours")
		if len(l.OnDays) == 0 {
			l.OnDays = []protocol.OnDays{{Days: 1, Total: a, Range: q.at}}
		} else if day := &l.OnDays[0]; a.Unit() == day.Total.Unit() && a.Cmp(day.Total) < 0 {
			day.Total, day.Range = a, q.at
		}
	default:
		if !slices.ContainsFunc(l.Rolling, func(x protocol.Rolling) bool { return x.Within == p && x.Total.String() == a.String() }) {
			l.Rolling = append(l.Rolling, protocol.Rolling{Within: p, Total: a, Range: q.at})
		}
	}
}

// texts returns what an instruction says in words.
func (r *reader) texts(n *node) (list []string) {
	add := func(text string) {
		if text = strings.Join(strings.Fields(text), " "); text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	if text := n.get("text").word(); text != "" {
		add("As written: " + text)
	}
	add(n.get("patientInstruction").word())
	for _, c := range n.get("additionalInstruction").list() {
		add(concept(c))
	}
	for _, key := range []string{"method", "site"} {
		add(concept(n.get(key)))
	}
	if rep := n.get("timing", "repeat"); rep.get("duration") != nil {
		text := "Lasts " + rep.get("duration").value
		if m := rep.get("durationMax"); m != nil {
			text += " to " + m.value
		}
		add(text + " " + rep.get("durationUnit").word())
	}
	return list
}

// asNeeded says what a dose as needed may be: it is a budget, and falls on no day.
func (r *reader) asNeeded(n *node) {
	t := n.get("timing")
	if t != nil && (!r.keys(t, "event", "repeat", "code") || t.get("repeat") != nil && !r.keys(t.get("repeat"), repeatKeys...)) {
		return
	}
	var parts []string
	add := func(form string, args ...any) { parts = append(parts, fmt.Sprintf(form, args...)) }
	for _, d := range n.get("doseAndRate").list() {
		if a := inWords(d.get("doseQuantity"), d.get("doseRange")); a != "" {
			add("%s", a)
		}
	}
	if rep := t.get("repeat"); rep.get("period") != nil {
		times, period := numbers(rep.get("frequency"), rep.get("frequencyMax"), "1"), numbers(rep.get("period"), rep.get("periodMax"), "")
		add("at most %s in %s %s", times, period, rep.get("periodUnit").word())
	} else if code := concept(t.get("code")); code != "" {
		add("%s", code)
	}
	if q := n.get("maxDosePerPeriod"); q != nil {
		add("never more than %s in %s", inWords(q.get("numerator"), nil), inWords(q.get("denominator"), nil))
	}
	if q := n.get("maxDosePerAdministration"); q != nil {
		add("at most %s at once", inWords(q, nil))
	}
	if len(parts) == 0 {
		parts = []string{"no amount and no time are said"}
	}
	var why []string
	if reason := concept(n.get("asNeededCodeableConcept")); reason != "" {
		why = append(why, "for "+reason)
	}
	if written := n.get("text").word(); written != "" {
		why = append(why, "as written: “"+written+"”")
	}
	r.private(r.add(diag.AsNeeded, n, "", "a dose as needed is not on the calendar: %s", []any{strings.Join(parts, ", ")}), strings.Join(why, "; "))
}

func numbers(low, high *node, none string) string {
	switch {
	case low == nil:
		return none
	case high == nil:
		return low.value
	}
	return low.value + " to " + high.value
}

// inWords returns an amount, or a range of amounts, as the file says it.
func inWords(q, span *node) string {
	if q == nil {
		low, high := span.get("low"), span.get("high")
		if low == nil || high == nil {
			return ""
		}
		return low.get("value").number() + " to " + inWords(high, nil)
	}
	unit := q.get("unit").word()
	if unit == "" {
		unit = q.get("code").word()
	}
	return q.get("value").number() + " " + unit
}
