package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/eligibility"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

func (c *course) mode(m protocol.Mode) phrase.Words {
	if key := "mode." + string(m); c.Has(key) {
		return c.Say(key)
	}
	return phrase.Quote(string(m))
}

// waits says first what stands only if a check-in confirms it.
func (c *course) waits() []phrase.Words {
	var list []phrase.Words
	for _, part := range c.d.Parts {
		seen := false
		for i := range part.Events {
			x := entry{part.Schedule, &part.Events[i]}
			if x.e.Kind != schedule.Dose || !x.e.Counts() || x.e.Date.Before(part.Seen) && maybe(x) {
				continue
			}
			if !maybe(x) {
				seen = true
				continue
			}
			title, date, over := c.gate(x)
			if seen {
				list = append(list, c.ofPart(part, c.Say("alert.later", phrase.V("date", c.Date(x.e.Date)), phrase.V("check-in", title))))
				break
			}
			planned, overdue, undated := "alert.whole", "alert.whole overdue", "alert.whole undated"
			values := []phrase.Value{phrase.V("check-in", title)}
			if len(c.d.Parts) > 1 {
				planned, overdue, undated = "alert.part", "alert.part overdue", "alert.part undated"
				values = append(values, phrase.V("course", c.partName(part)))
			}
			if date.IsZero() {
				list = append(list, c.Say(undated, values...))
				break
			}
			if values = append(values, phrase.V("date", c.Date(date))); over {
				planned = overdue
			}
			list = append(list, c.Say(planned, values...))
			break
		}
	}
	return list
}

// ofPart says of which part of the page a sentence is, where there are several.
func (c *course) ofPart(part view.Part, text phrase.Words) phrase.Words {
	if len(c.d.Parts) < 2 {
		return text
	}
	return c.Say("of part", phrase.V("course", c.partName(part)), phrase.V("text", text))
}

// partName names a part of the page, by its start too where another has its title.
func (c *course) partName(part view.Part) phrase.Words {
	title := phrase.Quote(part.Protocol.Title)
	for _, other := range c.d.Parts {
		if other.Schedule != part.Schedule && other.Protocol.Title == part.Protocol.Title {
			return c.Say("alert.course", phrase.V("course", title), phrase.V("date", c.Date(part.Start)))
		}
	}
	return title
}

// alerts says what a patient must see before anything else: who needs help, what stops doses, and the rest.
func (c *course) alerts() []phrase.Words {
	list := append(c.waits(), c.warnings()...)
	for _, part := range c.d.Parts {
		for k := range part.Findings {
			if d := &part.Findings[k]; d.Code == diag.HighAcuity {
				w := c.findingOf(part, d)
				list = slices.DeleteFunc(list, func(x phrase.Words) bool { return x.String() == w.String() })
				list = slices.Insert(list, 0, w)
			}
		}
	}
	return list
}

// warnings says the findings that a patient must see before anything else.
func (c *course) warnings() []phrase.Words {
	list := c.findings(true)
	for i, part := range c.d.Parts { // what stops doses first
		for k := range part.Findings {
			if d := &c.d.Parts[i].Findings[k]; d.Code == diag.HeldFor && d.Severity >= diag.Warning || d.Code == diag.CourseEnded || d.Code == diag.OnRecord && strings.Contains(d.Message, "lifetime") { // which a note of its own says
				w := c.findingOf(part, d)
				list = slices.DeleteFunc(list, func(x phrase.Words) bool { return x.String() == w.String() })
				list = slices.Insert(list, 0, w)
			}
		}
	}
	return list
}

// stands reports whether a finding warns of what stands today: what an entry of a course says of the past,
// and doses that a limit held by now, are for the clinic to know.
func (c *course) stands(s *schedule.Schedule, d *diag.Diagnostic) bool {
	switch {
	case d.Severity < diag.Warning, d.Entry > 0:
		return false
	case d.Code == diag.HeldByLimit:
		return slices.ContainsFunc(s.Events, func(e schedule.Event) bool {
			return e.Kind == schedule.Dose && e.Status == schedule.Held && !e.Date.Before(s.Seen)
		})
	}
	return true
}

// findings says the findings of all parts, each once, the gravest first: warnings, or the others.
func (c *course) findings(warnings bool) []phrase.Words {
	var list []phrase.Words
	seen := map[string]bool{}
	for severity := diag.Refusal; severity >= diag.Note; severity-- {
		for _, part := range c.d.Parts {
			for _, d := range part.Findings {
				if d.Severity != severity || c.stands(part.Schedule, &d) != warnings || d.Code == diag.CourseEnded {
					continue
				}
				w := c.findingOf(part, &d)
				if !seen[w.String()] {
					seen[w.String()] = true
					list = append(list, w)
				}
			}
		}
	}
	return list
}

// findingOf is finding for one part of the page: what stops doses names which.
func (c *course) findingOf(part view.Part, d *diag.Diagnostic) phrase.Words {
	w := c.finding(d)
	if d.Code == diag.OnHold || d.Code == diag.HeldFor && d.Severity >= diag.Warning {
		return c.ofPart(part, w)
	}
	return w
}

// finding says one finding in words for a patient; in the program's own where there are none.
func (c *course) finding(d *diag.Diagnostic) phrase.Words {
	stated := phrase.V("stated", phrase.Name(strings.Join(d.Stated, ", ")))
	arg := func(i int) string {
		if i < len(d.Args) {
			if text, ok := d.Args[i].(interface{ String() string }); ok {
				return text.String()
			}
			if text, ok := d.Args[i].(string); ok {
				return text
			}
		}
		return ""
	}
	date := func(i int) string {
		if i < len(d.Args) {
			if day, ok := d.Args[i].(civil.Date); ok {
				return c.Date(day)
			}
		}
		return ""
	}
	switch {
	case d.Code == diag.RelativeContra && len(d.Stated) > 0:
		return c.Say("finding.relative", stated, phrase.V("term", phrase.Quote(arg(0))))
	case d.Code == diag.Unmatched && len(d.Stated) > 0 && d.Severity == diag.Note:
		return c.Say("finding.unmatched absent", stated)
	case d.Code == diag.Unmatched && len(d.Stated) > 0 && arg(0) != "":
		return c.Say("finding.unmatched near", stated, phrase.V("term", phrase.Quote(arg(0))))
	case d.Code == diag.Unmatched && len(d.Stated) > 0:
		return c.Say("finding.unmatched", stated)
	case d.Code == diag.OnRecord && len(d.Args) == 0:
		return c.Say("finding.absent", stated)
	case d.Code == diag.NearBound && len(d.Stated) > 0 && c.Has("parameter."+arg(0)):
		return c.Say("finding.near", stated, phrase.V("what", c.parameter(arg(0))))
	case d.Code == diag.HighAcuity:
		if c.d.CrisisLine != "" {
			return c.Say("finding.acuity line", phrase.V("line", phrase.Name(c.d.CrisisLine)))
		}
		return c.Say("finding.acuity")
	case d.Code == diag.HeldFor && d.Severity >= diag.Warning && partly(d):
		return c.Say("finding.held some", phrase.V("what", phrase.Quote(arg(0))), phrase.V("text", phrase.Quote(d.Message)))
	case d.Code == diag.HeldFor && d.Severity >= diag.Warning:
		return c.Say("finding.held", phrase.V("text", phrase.Quote(d.Message)))
	case d.Code == diag.HeldByLimit && c.Lang != "en":
		return c.Say("finding.limit", phrase.V("text", phrase.Quote(d.Message)))
	case d.Code == diag.CourseEnded && date(1) != "":
		return c.Say("finding.ended", phrase.V("course", phrase.Quote(arg(0))), phrase.V("date", date(1)), phrase.V("reason", phrase.Quote(arg(2))))
	case d.Code == diag.Restarted && date(1) != "":
		return c.Say("finding.again", phrase.V("course", phrase.Quote(arg(0))), phrase.V("date", date(1)), phrase.V("reason", phrase.Quote(arg(2))))
	case d.Code == diag.OnHold && len(d.Args) > 2:
		held, ok := d.Args[1].(interface {
			Days() (civil.Date, civil.Date)
		})
		if !ok {
			break
		}
		first, last := held.Days()
		switch {
		case !last.IsZero():
			return c.Say("finding.on hold between", phrase.V("dates", c.Dates(first, last)), phrase.V("text", phrase.Quote(d.Message)))
		case first.After(c.d.Parts[0].Seen):
			return c.Say("finding.on hold later", phrase.V("date", c.Date(first)), phrase.V("text", phrase.Quote(d.Message)))
		}
		return c.Say("finding.on hold", phrase.V("text", phrase.Quote(d.Message)))
	case d.Code == diag.TemplateFigures:
		return c.Say("finding.template")
	case d.Code == diag.LocalFigures:
		return c.Say("finding.local")
	case d.Code == diag.NoTimeZone:
		return c.Say("finding.zone")
	case d.Code == diag.LateStart && date(1) != "" && date(3) != "":
		return c.Say("finding.start", phrase.V("start", date(1)), phrase.V("first", date(3)))
	case d.Code == diag.LimitOverridden && len(d.Args) > 1:
		return c.Say("finding.override", phrase.V("limit", phrase.Quote(limitName(d.Args[0]))), phrase.V("reason", phrase.Name(arg(1))))
	case d.Code == diag.NotValidated:
		return c.Say("finding.unsound", phrase.V("text", phrase.Quote(d.Message)))
	case d.Code == diag.LateDose:
		return c.Say("finding.late")
	case d.Code == diag.NoDoses:
		return c.Say("finding.doses")
	}
	text := d.Message
	if d.Private != "" {
		text += "; " + d.Private
	}
	if c.Lang == "en" {
		return phrase.Quote(phrase.Capital(text) + ".")
	}
	return c.Say("finding.english", phrase.V("text", phrase.Quote(text)))
}

// partly reports whether a finding is about some of the phases, which it names.
func partly(d *diag.Diagnostic) bool {
	if len(d.Args) == 0 {
		return false
	}
	part, ok := d.Args[0].(schedule.Part)
	return ok && strings.HasPrefix(part.String(), "“")
}

func limitName(v any) string {
	return strings.Join(strings.Fields(toString(v)), " ")
}

// parameter names a parameter of the patient.
func (c *course) parameter(name string) phrase.Words {
	if key := "parameter." + name; c.Has(key) {
		return c.Say(key)
	}
	return phrase.Quote(name)
}

// questions says what nobody has answered.
func (c *course) questions() []phrase.Words {
	var list []phrase.Words
	seen := map[string]bool{}
	for _, part := range c.d.Parts {
		for _, q := range part.Confirm {
			if w := c.question(q); !seen[w.String()] {
				seen[w.String()] = true
				list = append(list, w)
			}
		}
	}
	return list
}

func (c *course) question(q eligibility.Question) phrase.Words {
	if q.Range == nil {
		return c.Say("confirm.absent", phrase.V("term", phrase.Quote(q.What)))
	}
	if key := "confirm." + q.What; c.Has(key) {
		number := func(a quantity.Amount) phrase.Words { return phrase.Text(c.Amount(a)) }
		if q.What == "age" {
			return c.Say(key, phrase.V("range", c.bounds(*q.Range, c.age)))
		}
		return c.Say(key, phrase.V("range", c.bounds(*q.Range, number)))
	}
	return phrase.Quote(q.String())
}

// age says an end of a range of ages, bare months: in years where the range is of whole ones.
func (c *course) age(months quantity.Amount) phrase.Words {
	n, _ := months.Int()
	if n%12 == 0 || n%12 == 11 {
		return c.Period(civil.Period{N: n / 12, Unit: civil.Year})
	}
	return c.Period(civil.Period{N: n, Unit: civil.Month})
}

func (c *course) bounds(b grammar.Bounded, end func(quantity.Amount) phrase.Words) phrase.Words {
	say := func(key string) phrase.Words {
		text := func(a quantity.Amount) phrase.Words {
			if !a.IsSet() {
				return nil
			}
			return end(a)
		}
		return c.Say(key, phrase.V("min", text(b.Min)), phrase.V("max", text(b.Max)))
	}
	switch {
	case b.Min.IsSet() && b.Max.IsSet():
		return say("range.between")
	case b.Min.IsSet():
		return say("range.from")
	}
	return say("range.to")
}

// know says what the clinic must know, and every finding that is no warning.
func (c *course) know() []phrase.Words {
	var list []phrase.Words
	if q := c.questions(); len(q) > 0 {
		list = append(list, c.Say("know.confirm", phrase.V("list", phrase.Join(q, " · "))))
	}
	return append(list, c.findings(false)...)
}

// call says when to call whom.
func (c *course) call() []phrase.Words {
	us := c.Say("call.clinic")
	if c.d.Phone != "" {
		us = c.Say("call.us", phrase.V("phone", phrase.Name(c.d.Phone)))
	}
	call := phrase.V("call", us)
	list := []phrase.Words{c.Say("call.when", call)}
	if terms := c.terms(); len(terms) > 0 {
		list = append(list, c.Say("call.changes", call, phrase.V("list", phrase.Join(terms, " · "))))
	}
	if c.mood() {
		if c.d.CrisisLine != "" {
			list = append(list, c.Say("call.crisis line", phrase.V("line", phrase.Name(c.d.CrisisLine))))
		} else {
			list = append(list, c.Say("call.crisis"))
		}
	}
	return append(list, c.Say("call.emergency"))
}

// terms are the conditions that speak against the protocols.
func (c *course) terms() []phrase.Words {
	var list []phrase.Words
	var seen []string
	for _, part := range c.d.Parts {
		for i := range part.Protocol.Contraindication {
			if t := part.Protocol.Contraindication[i].Term; !slices.Contains(seen, t) {
				seen = append(seen, t)
				list = append(list, phrase.Quote(part.Protocol.Contraindication[i].Words()))
			}
		}
	}
	return list
}

// moods are the questionnaires of disorders in which a crisis line belongs on the page.
var moods = []string{"phq", "madrs", "c-ssrs", "cssrs", "ham-d", "hamd", "hdrs", "qids", "bdi", "ids-", "mdrs"}

// mood reports whether a crisis line belongs on the page.
func (c *course) mood() bool {
	for _, part := range c.d.Parts {
		if part.Patient.HighAcuity {
			return true
		}
		for i := range part.CheckIns {
			for _, m := range part.CheckIns[i].Measure {
				if slices.ContainsFunc(moods, func(w string) bool { return strings.HasPrefix(strings.ToLower(m), w) }) {
					return true
				}
			}
		}
	}
	return false
}

// visits lists the check-ins, those of one rule that may raise the same doses together.
func (c *course) visits() []Visit {
	type key struct {
		s      *schedule.Schedule
		rule   int16
		raises string
	}
	at := map[key]int{}
	var list []Visit
	for _, x := range c.entries {
		if x.e.Kind != schedule.CheckIn {
			continue
		}
		k := key{s: x.s, rule: x.e.Rule}
		for _, r := range x.s.RaisesOf(x.e) {
			from, to := r.Words()
			k.raises += fmt.Sprintf("%q %q ", from, to)
		}
		i, ok := at[k]
		if !ok {
			i = len(list)
			at[k] = i
			list = append(list, c.visit(x))
		}
		say := "visit"
		switch {
		case x.e.Status == schedule.Taken && x.s.Decision(x.e) == "declined":
			say = "visit.declined"
		case x.e.Status == schedule.Taken:
			say = "visit.done"
		case x.e.Status == schedule.Missed:
			say = "visit.missed"
		case x.s.Unwritten(x.e):
			say = "visit.unknown"
		case maybe(x):
			say = "visit.maybe"
		}
		list[i].Dates = append(list[i].Dates, c.Say(say, phrase.V("date", c.Date(x.e.Date)), phrase.V("clock", c.Clock(x.e.Clock))))
	}
	return list
}

func (c *course) visit(x entry) Visit {
	rule := x.s.CheckIn(x.e)
	v := Visit{What: c.Say("visit.what", phrase.V("mode", c.mode(rule.Mode)), phrase.V("title", phrase.Quote(rule.Title)))}
	if rule.Window != (protocol.Window{}) {
		v.Detail = append(v.Detail, c.window("visit.", rule.Window))
	}
	if len(rule.Measure) > 0 {
		v.Detail = append(v.Detail, c.Say("visit.measures", phrase.V("measures", phrase.Quote(strings.Join(rule.Measure, ", ")))))
	}
	if rule.Criterion != "" {
		v.Detail = append(v.Detail, c.Say("visit.criterion", phrase.V("criterion", phrase.Quote(rule.Criterion))))
		for i := range x.s.Phases {
			if ph := x.s.Phases[i].Phase; ph.Course.Met == rule.Name {
				v.Detail = append(v.Detail, c.Say("visit.ends", phrase.V("phase", phrase.Quote(ph.Title))))
			}
		}
	}
	if rule.StopsIfOverdue && x.s.Stop.IsZero() {
		if phases, some := x.s.Protocol.Stops(rule); some {
			v.Detail = append(v.Detail, c.Say("visit.stops some", phrase.V("what", phrase.Quote(schedule.PartOf(x.s.Protocol, phases).String()))))
		} else {
			v.Detail = append(v.Detail, c.Say("visit.stops"))
		}
	}
	for _, g := range rule.Gates {
		if g.FirstDose {
			v.Detail = append(v.Detail, c.Say("visit.decides first"))
		} else if ph, ok := x.s.Protocol.Phase(g.Phase); ok {
			v.Detail = append(v.Detail, c.Say("visit.decides", phrase.V("phase", phrase.Quote(ph.Title))))
		}
	}
	for _, r := range x.s.RaisesOf(x.e) {
		from, to := r.Words()
		v.Detail = append(v.Detail, c.Say("visit.raises", phrase.V("from", phrase.Quote(from)), phrase.V("to", phrase.Quote(to))))
	}
	return v
}

// window says by how many days a visit or a dose may be moved.
func (c *course) window(of string, w protocol.Window) phrase.Words {
	days := func(n int) phrase.Words { return c.Count("period.day", n) }
	switch {
	case w.Before == w.After:
		return c.Say(of+"window same", phrase.V("days", days(w.Before)))
	case w.After == 0:
		return c.Say(of+"window before", phrase.V("days", days(w.Before)))
	case w.Before == 0:
		return c.Say(of+"window after", phrase.V("days", days(w.After)))
	}
	return c.Say(of+"window", phrase.V("before", days(w.Before)), phrase.V("after", days(w.After)))
}

func (c *course) supply() []phrase.Words {
	var list []phrase.Words
	for _, x := range c.entries {
		if x.e.Kind != schedule.Supply || x.e.Status == schedule.Held {
			continue
		}
		f := x.s.Fill(x.e)
		text := c.Say("supply.sent", phrase.V("date", c.Date(x.e.Date)), phrase.V("doses", c.Count("doses", f.Doses)), phrase.V("last", c.Date(f.Last)),
			phrase.V("medicine", c.Say("dose", phrase.V("amount", c.Amount(f.Total)), phrase.V("medicine", phrase.Quote(f.Medication.Name)), phrase.V("route", c.route(f.Route.Name)))))
		if made := c.made(f.Route, &f.Made); made != nil {
			text = phrase.Join([]phrase.Words{text, made}, ", ")
		}
		if f.Cut {
			text = phrase.Join([]phrase.Words{text, c.Say("supply.cut")}, ", ")
		}
		switch {
		case !f.Lost.IsZero():
			text = phrase.Join([]phrase.Words{text, c.Say("supply.lost", phrase.V("date", c.Date(f.Lost)))}, ", ")
		case x.s.Unwritten(x.e):
			text = phrase.Join([]phrase.Words{text, c.Say("cell.unknown")}, ", ")
		case maybe(x):
			text = phrase.Join([]phrase.Words{text, c.Say("cell.maybe")}, ", ")
		}
		list = append(list, text)
	}
	return list
}

// needed says what may be taken as needed, and how much at most.
func (c *course) needed() []phrase.Words {
	var list []phrase.Words
	for _, part := range c.d.Parts {
		for i := range part.Needed {
			n := &part.Needed[i]
			var most []phrase.Words
			for _, b := range n.Rule.AtMost {
				doses := c.Count("doses", b.Doses)
				if b.Total.IsSet() { // as the protocol states it
					doses = phrase.Text(c.Amount(b.Total))
				}
				most = append(most, c.Say("needed.most", phrase.V("doses", doses), phrase.V("time", c.Period(b.Within))))
			}
			w := c.Say("needed.dose", phrase.V("reason", phrase.Quote(n.Rule.Reason)), phrase.V("dose", c.dose(&n.Dose)), phrase.V("apart", c.Period(n.Rule.Apart)), phrase.V("most", c.And(most)))
			parts := []phrase.Words{w}
			if n.Rule.Beside {
				parts = append(parts, c.Say("needed.beside"))
			}
			if !n.Begins.IsZero() {
				parts = slices.Insert(parts, 0, c.Say("needed.from", phrase.V("date", c.FullDate(n.Begins))))
			}
			if h := n.Held; h != nil && h.Until.IsZero() {
				parts = slices.Insert(parts, 0, c.Say("needed.held", phrase.V("date", c.Date(h.From))))
			} else if h != nil {
				parts = slices.Insert(parts, 0, c.Say("needed.held between", phrase.V("dates", c.Dates(h.From, h.Until.AddDays(-1)))))
			}
			for _, r := range n.Values {
				parts = append(parts, c.require(r))
			}
			if len(n.Taken) == 0 {
				for _, r := range n.First {
					parts = append(parts, c.Say("needed.first", phrase.V("text", c.require(r))))
				}
			}
			if !part.Stop.IsZero() {
				parts = append(parts, c.Say("needed.until", phrase.V("date", c.FullDate(part.Stop))))
			}
			if len(n.Taken) > 0 {
				var taken []phrase.Words
				for _, t := range n.Taken {
					taken = append(taken, phrase.Text(fmt.Sprintf("%s, %s, %s", c.Date(t.On.Date), c.Clock(t.On.Clock), c.Amount(t.Amount))))
				}
				parts = append(parts, c.Say("needed.taken", phrase.V("list", phrase.Join(taken, " · "))))
			}
			w = phrase.Join(parts, " ")
			list = append(list, w)
		}
	}
	return list
}

// notes says what concerns the calendar as a whole.
func (c *course) notes() []phrase.Words {
	var list []phrase.Words
	seen := map[string]bool{}
	add := func(w phrase.Words) {
		if !seen[w.String()] {
			seen[w.String()] = true
			list = append(list, w)
		}
	}
	for _, part := range c.d.Parts {
		var dates, received []phrase.Words
		for _, declared := range part.Protocol.Dates {
			if on, ok := part.Patient.Date(declared.Name); ok {
				words := []phrase.Words{phrase.Quote(declared.Name), phrase.Text(c.FullDate(on))}
				if declared.Clock.IsSet() { // from which hours are counted
					words = append(words, phrase.Text(c.Clock(part.Patient.ClockOf(declared.Name).Or(declared.Clock.Or(0)))))
				}
				dates = append(dates, phrase.Join(words, ", "))
			}
		}
		if len(dates) > 0 {
			add(c.Say("note.dates", phrase.V("list", phrase.Join(dates, "; "))))
		}
		for i := range part.Protocol.Medications {
			if m := &part.Protocol.Medications[i]; part.Protocol.CountsLifetime(i) {
				for _, total := range part.Patient.ReceivedOf(m.Name, m.RxNorm) {
					received = append(received, phrase.Name(m.Name+" "+c.Amount(total)))
				}
			}
		}
		if len(received) > 0 {
			add(c.Say("note.received", phrase.V("list", phrase.Join(received, "; "))))
		}
		for _, n := range part.Notes {
			if !n.Course && n.Form != schedule.Moved && n.Form != schedule.AsNeeded && n.Form != schedule.AsNeededUntil && n.Form != schedule.AsNeededTaken && n.Form != schedule.EndsSooner && n.Form != schedule.KeptApart { // which each day says, or a list of its own
				w := c.note(part.Schedule, n)
				if strings.Contains(n.Form, "is shown to") {
					w = c.ofPart(part, w)
				}
				add(w)
			}
		}
	}
	return list
}

// note says one note. The forms of notes are package schedule's.
func (c *course) note(s *schedule.Schedule, n schedule.Note) phrase.Words {
	switch {
	case n.Form == schedule.ToldOn:
		if d, ok := n.Args[0].(civil.Date); ok {
			return c.Say("note.told", phrase.V("date", c.FullDate(d)))
		}
	case strings.Contains(n.Form, "is shown to") || strings.Contains(n.Form, "goes on after"):
		if d, ok := n.Args[1].(civil.Date); ok {
			return c.Say("note.open", phrase.V("date", c.FullDate(d)))
		}
	case strings.HasPrefix(n.Form, "To verify: nobody"):
		if text, ok := n.Args[0].(string); ok {
			return c.Say("note.verify", phrase.V("source", phrase.Quote(text)))
		}
	case strings.HasPrefix(n.Form, "%s dose %d"):
		number, _ := n.Args[1].(int32)
		day, _ := n.Args[2].(civil.Date)
		for i := range s.Events {
			if e := &s.Events[i]; e.Kind == schedule.Dose && e.Number == number && e.Date == day && e.Shift != civil.Unshifted {
				return c.Say("note.dst", phrase.V("date", c.Date(day)), phrase.V("clock", c.Clock(e.Clock)))
			}
		}
	}
	return phrase.Quote(n.String())
}

func toString(v any) string {
	if s, ok := v.(interface{ String() string }); ok {
		return s.String()
	}
	return fmt.Sprint(v)
}
