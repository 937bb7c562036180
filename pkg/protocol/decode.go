package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"github.com/doseplan/doseplan/pkg/grammar"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/condition"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Resolver returns the text of the protocol that another one extends. name is as written
// after `extends`, and from the file that it stands in.
type Resolver func(name, from string) (file string, text []byte, err error)

const maxExtends = 8

// Decode reads a protocol. file is used in findings; resolve may be nil where `extends` is
// not to be followed. The protocol is complete only if the list has no errors.
func Decode(file string, text []byte, resolve Resolver) (*Protocol, diag.List) {
	root, found := source.Parse(file, text)
	p, found := DecodeTree(file, text, root, found, resolve)
	found, _ = source.Silence(file, text, found)
	return p, found.Sort()
}

// DecodeTree is Decode for a file that source.Parse has read, with what that found. Comments
// that silence findings are left to the caller, who may have more to silence.
func DecodeTree(file string, text []byte, root *source.Node, found diag.List, resolve Resolver) (*Protocol, diag.List) {
	p := &Protocol{CountFrom: 1, Origin: Origin{File: file, SHA256: hash(text)}}
	if root == nil {
		return p, found
	}
	d := &decoder{Reader: grammar.Reader{Found: &found}, protocol: p}
	if root.Kind != source.Mapping {
		d.Want(root, source.Mapping, "a protocol")
		return p, found
	}
	if root = d.extend(root, file, resolve); slices.ContainsFunc(found, func(x diag.Diagnostic) bool { return x.Code == diag.BadExtends }) {
		return p, found // what it lacks may stand in the protocol that it extends
	}
	p.Tree = root
	if phases := root.Get("phases"); phases != nil {
		for _, f := range phases.Fields {
			d.named = append(d.named, f.Key.Value)
		}
	}
	protocolObject.Decode(&d.Reader, d, root, p)
	if wrong(root.Get("doseplan"), found) || wrong(root.Get("kind"), found) { // what another kind of file lacks cannot be said
		return p, slices.DeleteFunc(found, func(x diag.Diagnostic) bool { return x.Code == diag.MissingKey })
	}
	switch {
	case len(p.Medications) == 0:
		d.Add(diag.MissingKey, root.Range, "add `medication: { name: … }`", "the protocol names no medication")
	case root.Get("medication") != nil && root.Get("medications") != nil:
		d.Add(diag.KeysExclude, root.Get("medications").Range, "keep `medication` for one medicine, `medications` for several", "`medication` and `medications` stand side by side")
	}
	if root.Get("phases") == nil && root.Get("as needed") == nil {
		d.Add(diag.MissingKey, root.Range, "add `phases: …`, or `as needed: …` for what is taken when there is a need", "protocol has no “phases”")
	}
	if !found.HasErrors() {
		d.expand(p)
	}
	switch {
	case found.HasErrors():
	case p.Dated():
		d.checkDates(p)
	case p.Selective():
		d.checkCells(p)
	default:
		d.check(p)
	}
	source.ExplainTraps(root, found)
	return p, found
}

// wrong reports whether something was found at a value.
func wrong(n *source.Node, found diag.List) bool {
	return n != nil && slices.ContainsFunc(found, func(x diag.Diagnostic) bool { return x.Range == n.Range })
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// extend puts root on top of the protocols that it extends.
func (d *decoder) extend(root *source.Node, file string, resolve Resolver) *source.Node {
	seen, nearest := []string{file}, []byte(nil)
	for next := root.Get("extends"); next != nil; {
		name := d.Text(next, "`extends`")
		bad := func(format string, args ...any) *source.Node {
			d.Add(diag.BadExtends, next.Range, "name a shipped protocol by its id, or a file beside this one", format, args...)
			return root
		}
		if resolve == nil {
			return bad("“%s” cannot be followed from here", name)
		}
		base, text, err := resolve(name, seen[len(seen)-1])
		switch {
		case err != nil:
			return bad("“%s” cannot be read: %v", name, err)
		case slices.Contains(seen, base):
			return bad("“%s” leads back to a file that it comes from", name)
		case len(seen) > maxExtends:
			return bad("the chain of protocols is longer than %d", maxExtends)
		}
		seen = append(seen, base)
		node, found := source.Parse(base, text)
		*d.Found = append(*d.Found, found...)
		if len(seen) == 2 {
			nearest = text
		}
		if node == nil || node.Kind != source.Mapping {
			return bad("“%s” is not a protocol", name)
		}
		b := Base{SHA256: hash(text)}
		for _, v := range []struct {
			key string
			to  *string
		}{{"id", &b.ID}, {"version", &b.Version}} {
			if n := node.Get(v.key); n != nil {
				*v.to = n.Value
			}
		}
		d.protocol.Origin.Extends = append(d.protocol.Origin.Extends, b)
		next = node.Get("extends")
		node = node.Without("examples") // they speak of the other protocol
		if own := root.Get("status"); own == nil {
			node = unpublished(node)
		}
		root = source.Overlay(node, root, isLadder)
	}
	if nearest != nil { // the chain leads nowhere back, and so does what is left of it
		if p, found := Decode(seen[1], nearest, resolve); !found.HasErrors() {
			d.protocol.Extended = p
		}
	}
	return root
}

// isLadder reports whether a key has cases, of which each means what the others leave: a file that states some states all.
func isLadder(key string) bool { return strings.HasPrefix(key, "by ") }

// unpublished returns a protocol that another extends, with the status that the other has unless it states
// its own: what differs from a published protocol has not been published.
func unpublished(base *source.Node) *source.Node {
	status := base.Get("status")
	if status == nil || status.Value != string(Published) {
		return base
	}
	local := *status
	local.Value = string(Local)
	out := *base
	out.Fields = slices.Clone(base.Fields)
	for i := range out.Fields {
		if out.Fields[i].Value == status {
			out.Fields[i].Value = &local
		}
	}
	return &out
}

// single returns the medicine that top-level routes and limits belong to.
func (d *decoder) single(n *source.Node, what string) *Medication {
	if len(d.protocol.Medications) == 1 {
		return &d.protocol.Medications[0]
	}
	if len(d.protocol.Medications) > 1 {
		d.Add(diag.KeysExclude, n.Range, "move it into each of `medications`", "with several medicines, `%s` belongs to each of them", what)
	}
	return nil
}

func (d *decoder) routes(n *source.Node) []Route {
	if !d.Want(n, source.Mapping, "`routes`") {
		return nil
	}
	var list []Route
	for _, f := range n.Fields {
		name := d.route(f.Key)
		switch {
		case !slices.Contains(routeNames, name):
			d.Add(diag.BadWord, f.Key.Range, "use one of: "+strings.Join(routeNames, ", "), "“%s” is not a route", f.Key.Value)
			continue
		case slices.ContainsFunc(list, func(r Route) bool { return r.Name == name }):
			d.Add(diag.DuplicateKey, f.Key.Range, "keep one", "the route “%s” stands here twice, in two words for it", name)
			continue
		}
		r := Route{Name: name, Range: f.Key.Range}
		routeObject.Decode(&d.Reader, d, f.Value, &r)
		if r.Round != nil && !r.Round.Exact && r.Round.Step.Unit().Dimension() == quantity.Volume && r.Concentration.IsSet() {
			r.Round.Step = r.Concentration.Resolve(r.Round.Step)
		}
		list = append(list, r)
	}
	return list
}

func (d *decoder) tiers(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`tiers`") {
		return
	}
	for _, f := range n.Fields {
		t := Tier{Name: d.Name(f.Key, "tier"), Doses: map[string]Dose{}, Range: f.Key.Range}
		if f.Value.Kind == source.Mapping && len(f.Value.Fields) > 0 && slices.Contains(routeNames, ParseRoute(f.Value.Fields[0].Key.Value)) {
			for _, r := range f.Value.Fields {
				name := d.route(r.Key)
				if !slices.Contains(p.routeNames(), name) {
					d.unknown(r.Key, "route", name, p.routeNames())
				}
				t.Doses[name] = d.tierDose(r.Value)
			}
		} else {
			t.Doses[""] = d.tierDose(f.Value)
		}
		p.Tiers = append(p.Tiers, t)
	}
}

// tierDose reads a dose of a tier, which cannot itself be `tier`.
func (d *decoder) tierDose(n *source.Node) Dose {
	if n.Kind == source.Scalar && n.Value == "tier" {
		d.Add(diag.BadDose, n.Range, "write an amount", "a tier cannot be given by itself")
		return nil
	}
	return d.dose(n, modifiers{}, 0)
}

func (d *decoder) phases(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`phases`") {
		return
	}
	if len(n.Fields) == 0 {
		d.Add(diag.MissingKey, n.Range, "add a phase", "the protocol has no phase")
	}
	for _, f := range n.Fields {
		ph := Phase{Name: d.Name(f.Key, "phase"), Repeat: 1, Range: f.Key.Range}
		if dose := f.Value.Get("dose"); dose != nil && dose.Value == "titration" {
			// "dose: titration" says what is the case anyway where there is a titration.
			ph.Dose = TitrationDose{}
			value := *f.Value
			value.Fields = slices.DeleteFunc(slices.Clone(value.Fields), func(k source.Field) bool { return k.Key.Value == "dose" })
			if f.Value.Get("titration") == nil {
				d.Add(diag.MissingKey, dose.Range, "add `titration: …`", "the phase has no titration")
			}
			f.Value = &value
		}
		phaseObject.Decode(&d.Reader, d, f.Value, &ph)
		if ph.Title == "" {
			ph.Title = ph.Name
		}
		if len(p.Medications) > 1 && f.Value.Kind == source.Mapping && f.Value.Get("medication") == nil {
			d.Add(diag.MissingKey, f.Key.Range, "add `medication: …`", "with several medicines, the phase “%s” must name its own", ph.Name)
		}
		if ph.Dose == nil && f.Value.Get("dose") == nil {
			switch {
			case ph.Titration != nil && len(ph.Titration.Tiers) == 0:
				ph.Dose = TitrationDose{}
			case len(p.Tiers) > 0:
				ph.Dose = TierDose{}
			default:
				d.Add(diag.MissingKey, f.Key.Range, "add `dose: …`", "the phase “%s” has no dose", ph.Name)
			}
		}
		d.throughSteps(&ph)
		p.Phases = append(p.Phases, ph)
	}
}

// medicationOf returns the index of the medicine that a value names, and 0 where there is none.
func (d *decoder) medicationOf(n *source.Node) int {
	name := d.Text(n, "a medication")
	i := slices.IndexFunc(d.protocol.Medications, func(m Medication) bool { return m.Name == name })
	if i < 0 {
		var names []string
		for _, m := range d.protocol.Medications {
			names = append(names, m.Name)
		}
		d.unknown(n, "medication", name, names)
	}
	return max(i, 0)
}

// frequencyHelp says how a rule is written that is none as it stands.
func frequencyHelp(text string) string {
	at := strings.HasPrefix(text, "at ")
	switch {
	case at && strings.HasSuffix(text, "days"):
		return "write the days of the phase, of which the first is day 1: on days 1, 8 and 22"
	case at && strings.HasSuffix(text, "hours") || strings.HasPrefix(text, "hours "):
		return "write a phase for each interval, as: every 12 hours, and let the next start some hours after the last dose of the one before"
	}
	if first, then, two := strings.Cut(text, " then "); two {
		if _, _, err := frequency.Parse(strings.TrimSpace(then)); err == nil {
			help := fmt.Sprintf("write two phases: one with `%s`, and one with `%s`", strings.TrimRight(first, ", "), then)
			if length, every := strings.CutPrefix(then, "every "); every {
				help += fmt.Sprintf(" that starts %s after last dose of the first", length)
			}
			return help
		}
	}
	return "write it as: daily, every 8 hours, 3 a week, mon and thu, days 1, 8 of 21, 5 days on, 2 off, or on days 1, 4, 8"
}

func (d *decoder) frequencies(p *Phase, n *source.Node) {
	for _, item := range d.List(n) {
		if item.Kind == source.Mapping {
			d.Add(diag.WrongType, item.Range, "write a phase `for` each, as: for: { age: from 65 }", "a frequency is words; how often a medicine is given depends on the patient through phases")
			continue
		}
		text := d.Text(item, "a frequency")
		f, warnings, err := frequency.Parse(text)
		if err != nil {
			d.Add(diag.BadFrequency, item.Range, frequencyHelp(text), "%v", err)
			continue
		}
		d.sigWarnings(item, warnings)
		p.Frequencies = append(p.Frequencies, Choice{text, f, item.Range})
	}
}

func (d *decoder) course(n *source.Node) Course {
	if n.Kind == source.Mapping {
		d.Add(diag.WrongType, n.Range, "write a phase `for` each, as: for: { age: from 65 }", "a course is words; how long a medicine is given depends on the patient through phases")
		return Course{Range: n.Range, Doses: 1}
	}
	text := d.Text(n, "a course")
	c := Course{Range: n.Range}
	switch text {
	case "open-ended":
		return c
	case lastStep:
		c.LastStep = true
		return c
	}
	text = strings.TrimSuffix(text, ", whichever comes first")
	for _, part := range strings.Split(text, " or ") {
		total, ok := strings.CutSuffix(part, inAll)
		if before, life := strings.CutSuffix(part, inALifetime); life {
			total, ok, c.Lifetime = before, true, true
		}
		if ok && strings.HasPrefix(part, untilWords) && !c.Total.IsSet() {
			most := *n
			most.Value = strings.TrimPrefix(total, untilWords)
			if c.Total = d.Amount(&most, "a total", "as 50 mg or 1.5 mg/kg", doseUnit); !c.Total.IsSet() {
				c.Doses = max(c.Doses, 1)
			}
			continue
		}
		if name, ok := strings.CutSuffix(part, isMet); ok && strings.HasPrefix(part, untilWords) && c.Met == "" {
			c.Met = strings.TrimPrefix(name, untilWords)
			continue
		}
		if day, ok := strings.CutPrefix(part, untilWords); ok && c.Until.Anchor == NoAnchor {
			on := *n
			on.Value = day
			if c.Until = d.lastDay(&on); c.Until.Anchor == NoAnchor {
				c.Doses = max(c.Doses, 1)
			}
			continue
		}
		num, noun, _ := strings.Cut(part, " ")
		k, err := grammar.WholeNumber(num)
		i, _ := k.Int()
		switch strings.TrimSuffix(noun, "s") {
		case "dose":
			if err == nil && i > 0 && c.Doses == 0 {
				c.Doses = i
				continue
			}
		case "cycle":
			if err == nil && i > 0 && c.Cycles == 0 {
				c.Cycles = i
				continue
			}
		default:
			p, perr := civil.ParsePeriod(part)
			if perr == nil && p.N > 0 && !c.Duration.IsSet() {
				c.Duration = p
				continue
			}
		}
		if text != "" { // else it was said already
			d.Add(diag.BadTime, n.Range, "write it as: 6 doses, 4 weeks, 36 hours, 6 cycles, 6 doses or 3 weeks, until 120 mg/kg in all, or open-ended", "“%s” is not a length of course", text)
		}
		c.Doses = max(c.Doses, 1)
		return c
	}
	return c
}

// throughSteps gives a course that ends with the last step of a dose its length.
func (d *decoder) throughSteps(ph *Phase) {
	if !ph.Course.LastStep {
		return
	}
	s, ok := ph.Dose.(*Stepped)
	switch {
	case !ok:
		d.Add(diag.BadDose, ph.Course.Range, "write how long it lasts, or a dose with `start`, steps of an amount and `to`", "the dose of “%s” has no last step of its own: it does not rise or fall by itself as a whole", ph.Name)
	case s.OfGiven():
		d.Add(diag.BadDose, ph.Course.Range, "write how long it lasts, or steps of an amount", "the dose of “%s” falls or rises by a percentage of the dose as given, of which no last step is known", ph.Name)
	}
	if !ok || s.OfGiven() {
		ph.Course.Doses = 1
		return
	}
	n := len(s.Amounts())
	if s.Doses > 0 {
		ph.Course.Doses = n * s.Doses
		return
	}
	_, days, _ := s.Every.Calendar()
	ph.Course.Duration = civil.Period{N: n * days, Unit: civil.Day}
}

// lastDay reads the last day of a course: a day of the course by its number, or a date of the patient's file or some
// days from one.
func (d *decoder) lastDay(n *source.Node) When {
	if a, number := anchor(n.Value); a == DayN || a == EndOfWeekN || a == EndOfMonthN {
		return When{Anchor: a, N: number, Text: n.Value, Range: n.Range}
	}
	before := len(*d.Found)
	w := d.when(n, courseKey)
	switch {
	case w.First.Set:
		*d.Found = (*d.Found)[:before]
		d.Add(diag.BadTime, n.Range, "write a day by its number, or how long it lasts", "“%s” is no last day of a course: its weekday is looked for from another day on", n.Value)
		return w
	case w.Anchor == OnDate && w.At.IsSet() && !w.Offset.IsSet():
		d.Add(diag.BadTime, w.Range, fmt.Sprintf("write `until 1 minute before %s` for that time, or `until 1 day before %[1]s` for the end of the day before", w.Named), "“until %s” is to the end of that day, and the date has a time of day", w.Named)
		return w
	case w.Anchor == OnDate:
		return w
	case len(*d.Found) > before && w.Anchor != NoAnchor: // hours from a date
		return w
	}
	*d.Found = (*d.Found)[:before]
	d.Add(diag.BadTime, n.Range, "write it as: until day 84, until end of week 52, until end of month 6, or until 7 days after one of `dates`; or how long it lasts, as 4 weeks", "“%s” is no last day of a course", n.Value)
	return When{}
}

func (d *decoder) titration(t *Titration, n *source.Node) {
	f := titrationFields{t: t}
	titrationObject.Decode(&d.Reader, d, n, &f)
	if f.steps != nil == (f.start != nil) {
		d.Add(diag.KeysExclude, n.Range, "", "a titration has `steps`, or `start` with `increase` and `to`")
		return
	}
	if f.steps != nil {
		for _, item := range d.List(f.steps) {
			text := d.Text(item, "a step")
			if _, ok := d.protocol.Tier(text); ok {
				t.Tiers = append(t.Tiers, text)
			} else if text != "" && text[0] >= '0' && text[0] <= '9' {
				if a := d.leaf(item, f.modifiers); a != nil {
					t.Amounts = append(t.Amounts, a)
				}
			} else {
				d.unknown(item, "tier", text, d.protocol.tierNames())
			}
		}
		if len(t.Tiers) > 0 && len(t.Amounts) > 0 {
			d.Add(diag.KeysExclude, f.steps.Range, "", "the steps are all tiers or all amounts")
		}
		return
	}
	if f.increase == nil {
		d.Add(diag.MissingKey, n.Range, "add `increase: …`", "a titration with `start` needs `increase`")
		return
	}
	start := d.leaf(f.start, f.modifiers)
	if start == nil {
		return
	}
	t.Amounts = []*Amount{start}
	unit := start.Quantity.Unit()
	if strings.Contains(f.increase.Value, "..") {
		t.Increase = d.Range(f.increase, "an increase", "0.1..0.5 mg/kg", quantity.Parse)
	} else if low, high, is := grammar.AsRange(f.increase.Value); is {
		low, _, _ = strings.Cut(low, " ")
		d.Add(diag.BadAmount, f.increase.Range, "write it as "+low+".."+high, "an increase: “%s” is not a range", f.increase.Value)
		return
	} else {
		a := d.Amount(f.increase, "an increase", "as 25 mg", doseUnit)
		t.Increase = grammar.Bounded{Min: a, Max: a, Range: f.increase.Range}
	}
	if f.to != nil {
		t.To = d.Amount(f.to, "the highest dose", "as 100 mg", doseUnit)
	}
	for _, a := range []quantity.Amount{t.Increase.Min, t.Increase.Max, t.To} {
		if a.IsSet() && !a.Unit().Comparable(unit) {
			d.Add(diag.LimitUnit, n.Range, "give all in one unit", "the titration starts in %v and goes on in %v", unit, a.Unit())
			t.Increase, t.To = grammar.Bounded{}, quantity.Amount{}
			return
		}
	}
	if !t.Increase.Min.IsSet() || !t.Increase.Max.IsSet() {
		d.Add(diag.BadDose, f.increase.Range, "write an amount, or both ends of a range", "the increase is not bounded")
		t.Increase = grammar.Bounded{}
		return
	}
	start.Top = t.To
	switch {
	case f.to == nil:
		d.Add(diag.MissingKey, n.Range, "add `to: …`, the highest dose that steps may reach", "a titration with `start` needs `to`")
	case !t.To.IsSet():
	case t.To.Cmp(start.Quantity) <= 0:
		d.Add(diag.BadOrder, f.to.Range, "", "the highest dose %v does not lie above the first, %v", t.To, start.Quantity)
	case t.Ranged():
		t.Amounts = append(t.Amounts, start.at(t.To, f.to.Range))
	default:
		d.riseTo(t, start, f)
	}
}

// riseTo lists the steps of a fixed increase: each adds it to the one before, and the last is
// the highest dose itself.
func (d *decoder) riseTo(t *Titration, start *Amount, f titrationFields) {
	for at := start.Quantity; ; {
		at = quantity.Min(at.Add(t.Increase.Max), t.To.In(at.Unit()))
		last := at.Cmp(t.To) == 0
		where := f.increase.Range
		if last {
			where = f.to.Range
		}
		t.Amounts = append(t.Amounts, start.at(at, where))
		if last {
			return
		}
		if len(t.Amounts) > MaxSteps {
			d.Add(diag.BadDose, f.increase.Range, "", "the titration takes more than %d steps", MaxSteps)
			return
		}
	}
}

// at returns a with another amount, which a file states at a place.
func (a *Amount) at(q quantity.Amount, where diag.Range) *Amount {
	b := *a
	b.Quantity, b.Range = q.In(a.Quantity.Unit()), where
	return &b
}

func (d *decoder) checkIns(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`check-ins`") {
		return
	}
	for _, f := range n.Fields {
		c := CheckIn{Name: d.Name(f.Key, "check-in"), Range: f.Key.Range}
		checkInObject.Decode(&d.Reader, d, f.Value, &c)
		if c.Title == "" {
			c.Title = c.Name
		}
		forms := 0
		for _, key := range []string{"on", "every", "before", "around each dose"} {
			if f.Value.Get(key) != nil {
				forms++
			}
		}
		if forms != 1 && f.Value.Kind == source.Mapping {
			d.Add(diag.KeysExclude, f.Key.Range, "keep one", "a check-in has one of `on`, `every`, `before` and `around each dose`; “%s” has %d", c.Name, forms)
		}
		recurs := f.Value.Get("every") != nil // though what it says may be wrong
		for _, k := range []struct {
			key  string
			fits bool
		}{
			{"within", c.Before}, {"from", recurs}, {"after", recurs}, {"until", recurs},
			{"during", recurs || c.Around != nil}, {"window", c.Around == nil && !c.Before}, {"gates", c.Around == nil}, {"criterion", c.Around == nil}, {"time", c.Around == nil},
		} {
			if v := f.Value.Get(k.key); v != nil && !k.fits && forms == 1 {
				d.Add(diag.KeysExclude, v.Range, "remove it", "`%s` does not go with this kind of check-in", k.key)
			}
		}
		if c.Before && !c.Within.IsSet() {
			c.Within = civil.Period{N: 28, Unit: civil.Day}
		}
		p.CheckIns = append(p.CheckIns, c)
	}
}

func (d *decoder) requirements(p *Protocol, n *source.Node) {
	if !d.Want(n, source.Mapping, "`requirements`") {
		return
	}
	for _, f := range n.Fields {
		r := Requirement{Range: f.Key.Range}
		name, ofPhase := strings.CutPrefix(f.Key.Value, "each dose of ")
		switch {
		case f.Key.Value == "each dose":
		case f.Key.Value == "first dose":
			r.First = true
		case ofPhase:
			r.Phase = name
			if !slices.ContainsFunc(p.Rules(), func(ph *Phase) bool { return ph.Name == name }) {
				names := p.PhaseNames()
				for i := range p.AsNeeded {
					names = append(names, p.AsNeeded[i].Rule.Name)
				}
				d.unknown(f.Key, "phase", name, names)
			}
		default:
			valid := []string{"each dose", "first dose", "each dose of PHASE"}
			d.Add(diag.UnknownKey, f.Key.Range, diag.DidYouMean(f.Key.Value, valid), "requirements has no key “%s”", f.Key.Value)
			continue
		}
		var fields requirementFields
		requirementObject.Decode(&d.Reader, d, f.Value, &fields)
		r.Texts, r.Values, r.Kinds = fields.texts, fields.values, fields.kinds
		p.Requirements = append(p.Requirements, r)
	}
}

func (d *decoder) contraindications(p *Protocol, n *source.Node, absolute bool) {
	if !d.Want(n, source.Sequence, "a list of contraindications") {
		return
	}
	for _, item := range n.Items {
		c := d.term(item)
		c.Absolute = absolute
		p.Contraindication = append(p.Contraindication, *c)
	}
}

// term reads a condition or a medicine: a term, or a mapping of it to other words and codes for the same thing.
func (d *decoder) term(n *source.Node) *Contraindication {
	c := &Contraindication{Range: n.Range}
	if n.Kind == source.Mapping && len(n.Fields) == 1 {
		c.Term, c.Range = d.Text(n.Fields[0].Key, "a term"), n.Fields[0].Key.Range
		c.Also = d.Texts(n.Fields[0].Value, "a term")
	} else {
		c.Term = d.Text(n, "a term")
	}
	if slices.Contains([]string{"absolute", "relative", "contraindications"}, c.Term) {
		d.Add(diag.BadWord, c.Range, "move it out of this list, to the left: `contraindications: { absolute: […], relative: […] }`", "“%s” is a key of the contraindications, and no condition", c.Term)
	}
	for _, term := range c.Terms() {
		if _, ok := condition.ParseCode(term); !ok && condition.LooksCoded(term) {
			d.Add(diag.BadWord, c.Range, "write it as: ICD-10 F20, ICD-10 F20-F29, SNOMED CT 77386006 or RxNorm 6130", "“%s” is not a code of that system", term)
		}
	}
	return c
}

func (d *decoder) limitAmount(n *source.Node, what string) quantity.Amount {
	return d.Amount(n, what, "as 100 mg, 1.5 mg/kg or 60 mg/m2", doseUnit)
}
