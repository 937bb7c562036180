// Package worked runs the worked examples of a protocol, and finds what no example would catch
// if it were wrong.
//
// An example states a patient and choices, and what comes of them: all doses of a phase, all
// occurrences of a check-in, or what refuses it. [Run] makes the calendar and compares it with
// that, word for word. [Mutate] asks the other question: it changes one figure, word or rule of
// a file at a time, and lists the changes after which every example still holds.
package worked

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/ledger"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
)

// DefaultStart is the start of an example whose patient states none: a Monday.
var DefaultStart = civil.MustDate("2026-03-02")

// A Result is how one example came out.
type Result struct {
	Example *protocol.Example
	Found   diag.List // what differs, as errors at the lines of the example; empty where it holds
}

// Run runs the examples of a protocol that was decoded without errors, in the order of the file.
func Run(p *protocol.Protocol) []Result {
	results := make([]Result, len(p.Examples))
	rules := newPaths(p.Tree)
	for i := range p.Examples {
		r := &runner{p: p, e: &p.Examples[i], rules: rules}
		r.run()
		results[i] = Result{r.e, r.found}
	}
	return results
}

// Check returns what differs in all examples of a protocol.
func Check(p *protocol.Protocol) (found diag.List) {
	for _, r := range Run(p) {
		found = append(found, r.Found...)
	}
	return found
}

// failing returns the examples of a protocol that do not hold, by their index.
func failing(p *protocol.Protocol) (list []int) {
	rules := newPaths(p.Tree)
	for i := range p.Examples {
		r := &runner{p: p, e: &p.Examples[i], rules: rules}
		if r.run(); len(r.found) > 0 {
			list = append(list, i)
		}
	}
	return list
}

// A runner runs one example.
type runner struct {
	p     *protocol.Protocol
	e     *protocol.Example
	rules paths
	with  string // the condition of `with any of` that is looked at, or ""
	found diag.List
}

// differs reports a difference, at the place of a key of the example.
func (r *runner) differs(at diag.Range, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.with != "" {
		text = "with “" + r.with + "”, " + text
	}
	r.found.Add(diag.ExampleFails, at, "mend the example, or the rule that it shows to be wrong", "%s", text)
}

func (r *runner) run() {
	pat, found := patient.Decode(r.e.Patient)
	if found.HasErrors() {
		r.found = append(r.found, found...)
		return
	}
	if pat.Start.IsZero() {
		pat.Start = DefaultStart
	}
	if len(r.e.AnyOf) == 0 {
		r.one(pat)
		return
	}
	for _, condition := range r.e.AnyOf {
		one := *pat
		one.Present = append(slices.Clone(pat.Present), condition)
		r.with = condition
		r.one(&one)
	}
}

// one compares what the example states with the calendar of one patient.
func (r *runner) one(pat *patient.Patient) {
	o := r.options(pat.Start)
	if len(r.e.Given) > 0 {
		r.given(&o, pat)
	}
	s, found := r.compute(o, pat)
	at := r.e.Stated["refused by"]
	switch refused := r.refusals(found); {
	case s == nil && r.e.RefusedBy == nil:
		r.differs(r.e.Range, "the example is refused by %s: %s", list(refused), firstError(found))
	case s == nil:
		r.compare(at, "is refused by", r.e.RefusedBy, refused)
	case r.e.RefusedBy != nil:
		r.differs(at, "the example is not refused by %s: it gives a calendar", list(r.e.RefusedBy))
	default:
		r.calendar(s)
	}
	if r.e.WarnsOf != nil {
		r.compare(r.e.Stated["warns of"], "warns of", r.e.WarnsOf, r.warnings(found))
	}
}

// compute makes the calendar of an example, or that of a course where doses are missed or held.
func (r *runner) compute(o schedule.Options, pat *patient.Patient) (*schedule.Schedule, diag.List) {
	if len(r.e.Missed) > 0 || r.e.HasHeld {
		return r.lived(o, pat)
	}
	plan, found := schedule.NewPlan(r.p, o)
	if found.HasErrors() {
		return nil, found
	}
	s, more := plan.Run(pat)
	return s, append(found, more...)
}

// lived folds the doses that are missed, and the days on which doses are held, into a calendar: each dose is missed on the
// day on which it stands by then.
func (r *runner) lived(o schedule.Options, pat *patient.Patient) (*schedule.Schedule, diag.List) {
	c := &ledger.Course{ID: "example", Patient: pat, Treatment: ledger.Treatment{Protocol: ledger.Pin{ID: r.p.ID, Version: r.p.Version}, Start: pat.Start, Tier: r.e.Tier, Route: r.e.Route, Frequency: map[string]string{}}}
	for _, f := range r.e.Frequencies {
		c.Treatment.Frequency[f.Phase] = f.Text
	}
	own := func(ledger.Pin) (*protocol.Protocol, diag.List) { return r.p, nil }
	fold := func() (*ledger.Calendar, diag.List) {
		return ledger.Fold(c, own, ledger.Options{Base: o, Until: o.Until})
	}
	enter := func(on civil.Date, act ledger.Act) {
		c.Entries = append(c.Entries, ledger.Entry{Number: len(c.Entries) + 1, On: on, Entered: on, By: "example", Act: act})
	}
	held := !r.e.HasHeld // or not to be
	hold := func() {
		enter(r.day(pat.Start, r.e.Held[0]), &ledger.Hold{})
		enter(r.day(pat.Start, r.e.Held[1]+1), &ledger.Resume{})
		held = true
	}
	for _, m := range r.e.Missed {
		cal, found := fold()
		if cal == nil {
			return nil, found
		}
		name := schedule.DoseName{Phase: m.Phase, Number: m.Number}
		on, ok := standing(cal, name)
		if ok && !held && !on.Before(r.day(pat.Start, r.e.Held[0])) {
			hold()
			if cal, found = fold(); cal == nil {
				return nil, found
			}
			on, ok = standing(cal, name)
		}
		if !ok {
			r.differs(m.Range, "the calendar has no dose %v that could be missed", name)
			continue
		}
		enter(on, &ledger.Missed{Dose: name})
	}
	if !held {
		hold()
	}
	cal, found := fold()
	if cal == nil {
		return nil, found
	}
	for i := range found {
		if d := &found[i]; d.Code == diag.BadEntry {
			r.differs(r.e.Range, "what happens cannot be carried out: %s", d.Message)
		}
	}
	return joined(cal, r.p.CountFrom), found
}

// standing returns the day on which a dose stands that can still be missed.
func standing(cal *ledger.Calendar, name schedule.DoseName) (on civil.Date, ok bool) {
	for i := range cal.Legs {
		s := cal.Legs[i].Schedule
		for k := range s.Events {
			if e := &s.Events[k]; e.Kind == schedule.Dose && e.Status <= schedule.Provisional && s.DoseName(e) == name {
				return e.Date, true
			}
		}
	}
	return on, false
}

// joined returns the calendar of a course as one, also where its protocol began again on the way: its days count from the
// first start.
func joined(cal *ledger.Calendar, countFrom int) *schedule.Schedule {
	s := *cal.Legs[0].Schedule
	for i := range cal.Legs[1:] {
		next := cal.Legs[i+1].Schedule
		for _, e := range next.Events {
			switch e.Kind {
			case schedule.Dose:
				e.Dose += int32(len(s.Doses))
			case schedule.CheckIn:
				e.Raise += int32(len(s.Raises))
			case schedule.Supply:
				e.Fill += int32(len(s.Fills))
			}
			e.Day = int32(e.Date.Sub(s.Start) + countFrom)
			s.Events = append(slices.Clip(s.Events), e)
		}
		s.Doses, s.Fills = append(slices.Clip(s.Doses), next.Doses...), append(slices.Clip(s.Fills), next.Fills...)
		s.Raises = append(slices.Clip(s.Raises), next.Raises...)
	}
	return &s
}

// day returns the date of a day of the course, counted as the protocol counts.
func (r *runner) day(start civil.Date, n int) civil.Date { return start.AddDays(n - r.p.CountFrom) }

// options makes the choices of an example.
func (r *runner) options(start civil.Date) schedule.Options {
	e := r.e
	o := schedule.Options{Tier: e.Tier, Route: e.Route, Confirmed: e.Confirmed, Policy: e.Closed.Policy}
	o.Closed = calendar.Closed{Weekdays: e.Closed.Weekdays, Dates: map[civil.Date]string{}}
	for _, n := range e.Closed.Days {
		o.Closed.Dates[r.day(start, n)] = "closed in the example"
	}
	for _, f := range e.Frequencies {
		o.Frequencies = append(o.Frequencies, schedule.FrequencyChoice{Phase: f.Phase, Text: f.Text})
	}
	for _, s := range e.Steps {
		if o.Steps == nil {
			o.Steps = map[string]int{}
		}
		o.Steps[s.Phase] = s.Step - 1
	}
	if e.HasUntil {
		o.Until = r.day(start, e.Until)
	}
	for _, x := range e.Ordered {
		change := schedule.Change{From: start, Reason: "ordered"}
		change.Amount = map[string]quantity.Amount{x.Phase: x.Amount}
		o.Timeline.Changes = append(o.Timeline.Changes, change)
	}
	return o
}

// given lays what was given already over the choices of an example. A time that is not stated is
// the one that was planned.
func (r *runner) given(o *schedule.Options, pat *patient.Patient) {
	var planned *schedule.Schedule
	if plan, found := schedule.NewPlan(r.p, *o); !found.HasErrors() {
		planned, _ = plan.Run(pat)
	}
	for _, g := range r.e.Given {
		f := schedule.Fact{Phase: g.Phase, Number: g.Number, Status: schedule.Taken, Date: r.day(pat.Start, g.Day), Amount: g.Amount}
		f.Clock = g.Clock.Or(plannedClock(planned, g))
		o.Timeline.Facts = append(o.Timeline.Facts, f)
	}
}

func plannedClock(s *schedule.Schedule, g protocol.GivenDose) civil.Clock {
	if s == nil {
		return 0
	}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && s.PhaseName(e) == g.Phase && int(e.Number) == g.Number {
			return e.Clock
		}
	}
	return 0
}

// refusals returns the names of the rules that refuse, sorted.
func (r *runner) refusals(found diag.List) []string {
	var names []string
	for _, d := range found {
		if d.Severity >= diag.Error {
			names = append(names, r.nameOf(&d))
		}
	}
	return sorted(names)
}

// nameOf returns what an example calls the rule behind a finding.
func (r *runner) nameOf(d *diag.Diagnostic) string {
	path := r.rules[d.Range]
	name := ""
	if len(path) > 0 {
		name = path[len(path)-1]
	}
	switch {
	case d.Code == diag.NoPlacement:
		return "closed days"
	case d.Code == diag.Unmatched:
		return "like " + name
	case d.Code == diag.LateDose:
		return "take within"
	case d.Code == diag.OutsideRange && name == "range": // of a measurement
		return d.Field
	case name != "":
		return name
	case d.Asks != "":
		return d.Asks
	}
	return string(d.Code)
}

// limitCodes are the findings on limits, which are warnings where what was given passes one.
var limitCodes = []diag.Code{diag.SingleDoseLimit, diag.RollingLimit, diag.IntervalLimit, diag.CountLimit}

// warnings returns the relative contraindications that a patient meets, and the limits that what
// was given passes, sorted.
func (r *runner) warnings(found diag.List) []string {
	var names []string
	for _, d := range found {
		if d.Code == diag.RelativeContra || d.Severity == diag.Warning && slices.Contains(limitCodes, d.Code) {
			names = append(names, r.nameOf(&d))
		}
	}
	return sorted(names)
}

// compare wants two sets of words to be one.
func (r *runner) compare(at diag.Range, what string, wanted, got []string) {
	if wanted = sorted(slices.Clone(wanted)); !slices.Equal(wanted, got) {
		r.differs(at, "the example %s %s, not %s", what, list(got), list(wanted))
	}
}

// calendar compares a calendar with what the example gives, asks and says.
func (r *runner) calendar(s *schedule.Schedule) {
	for i := range r.e.Gives {
		r.gives(s, &r.e.Gives[i])
	}
	if r.e.Asks != nil {
		var asked []string
		for _, q := range s.Confirm {
			asked = append(asked, q.String())
		}
		r.compare(r.e.Stated["asks"], "asks", r.e.Asks, sorted(asked))
	}
	said := sayings(s)
	for _, saying := range r.e.Says {
		if slices.Contains(said, saying.Text) {
			continue
		}
		about, _, _ := strings.Cut(saying.Text, ": ")
		near := slices.DeleteFunc(slices.Clone(said), func(s string) bool { return !strings.HasPrefix(s, about) })
		if one, ok := diag.Nearest(saying.Text, said); ok && len(near) == 0 {
			near = []string{one}
		}
		r.differs(saying.Range, "the calendar does not say “%s”; what is like it: %s", saying.Text, list(near))
	}
}

// sayings returns what a calendar says besides its events, in the words of an example.
func sayings(s *schedule.Schedule) []string {
	var said []string
	for i := range s.Protocol.Requirements {
		said = append(said, s.Protocol.Requirements[i].Texts...)
	}
	for i := range s.CheckIns {
		c := &s.CheckIns[i]
		said = append(said, c.Name+": "+string(c.Mode))
		for _, m := range c.Measure {
			said = append(said, c.Name+": "+m)
		}
		if c.Criterion != "" {
			said = append(said, c.Name+": criterion "+c.Criterion)
		}
	}
	for i := range s.Events {
		for _, r := range s.RaisesOf(&s.Events[i]) {
			from, to := r.Words()
			text := fmt.Sprintf("%s: may raise %s from %s to %s", s.CheckIn(&s.Events[i]).Name, s.Protocol.Phases[r.Phase].Name, from, to)
			if !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	for i := range s.Needed {
		said = append(said, s.Needed[i].String())
	}
	for i := range s.Protocol.Phases {
		if ph := &s.Protocol.Phases[i]; ph.Over.IsSet() {
			said = append(said, ph.Name+": over "+ph.Over.String())
		}
	}
	for i := range s.Events {
		if site := s.Site(&s.Events[i]); site != "" {
			said = append(said, fmt.Sprintf("%s %d: %s", s.PhaseName(&s.Events[i]), s.Events[i].Number, site))
		}
	}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && s.Doses[e.Dose].Over.IsSet() {
			said = append(said, fmt.Sprintf("%s %d: over %v", s.PhaseName(e), e.Number, s.Doses[e.Dose].Over))
		}
	}
	for m := range s.Protocol.Medications {
		for i := range s.Protocol.Medications[m].Routes {
			said = append(said, routeSayings(&s.Protocol.Medications[m].Routes[i])...)
		}
	}
	return append(said, s.Protocol.Notes...)
}

// routeSayings returns what is said of a route.
func routeSayings(r *protocol.Route) []string {
	var said []string
	for _, text := range []struct{ before, value string }{
		{"", r.Form}, {"bioavailability ", amountText(r.Bioavailability)}, {"onset ", periodText(r.Onset)},
		{"duration ", periodText(r.Duration)}, {"over ", periodText(r.Over)}, {"concentration ", amountText(r.Concentration)},
	} {
		if text.value != "" {
			said = append(said, r.Words()+": "+text.before+text.value)
		}
	}
	for _, a := range r.Strengths {
		said = append(said, r.Name+": strength "+a.String())
	}
	return said
}

func amountText(a quantity.Amount) string {
	if !a.IsSet() {
		return ""
	}
	return a.String()
}

func periodText(p civil.Period) string {
	if !p.IsSet() {
		return ""
	}
	return p.String()
}

func firstError(found diag.List) string {
	for _, d := range found {
		if d.Severity >= diag.Error {
			return d.Message
		}
	}
	return "nothing"
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return "“" + strings.Join(names, "”, “") + "”"
}

// paths name the nodes of a tree by their places: the keys that lead to each.
type paths map[diag.Range][]string

func newPaths(root *source.Node) paths {
	p := paths{}
	if root != nil {
		p.walk(root, nil)
	}
	return p
}

func (p paths) walk(n *source.Node, at []string) {
	if n.Kind == source.Scalar && len(at) > 0 && at[0] == "contraindications" {
		at = append(slices.Clone(at), n.Value) // a term is called by itself
	}
	if _, known := p[n.Range]; !known {
		p[n.Range] = at
	}
	for _, f := range n.Fields {
		down := append(slices.Clone(at), f.Key.Value)
		p[f.Key.Range] = down
		p.walk(f.Value, down)
	}
	for _, item := range n.Items {
		p.walk(item, at)
	}
}

// A point is one event of a calendar, or one that an example wants.
type point struct {
	day    int
	clock  civil.Clock
	timed  bool
	amount quantity.Amount
	gate   string
	at     diag.Range
}

func (p point) String() string {
	var b strings.Builder
	if p.amount.IsSet() {
		fmt.Fprintf(&b, "%v ", p.amount)
	}
	fmt.Fprintf(&b, "on day %d", p.day)
	if p.timed {
		fmt.Fprintf(&b, " at %v", p.clock)
	}
	if p.gate != "" {
		verb := "confirms"
		if strings.Contains(p.gate, " ") {
			verb = "confirm"
		}
		fmt.Fprintf(&b, ", if %s %s", p.gate, verb)
	}
	return b.String()
}

// gives compares the events of one phase, check-in or the supply with the sentences on it.
func (r *runner) gives(s *schedule.Schedule, g *protocol.Gives) {
	if i := slices.IndexFunc(s.CheckIns, func(c protocol.CheckIn) bool { return c.Name == g.Name && c.Around != nil }); i >= 0 {
		r.around(s, g, i)
		return
	}
	wanted, got := wantedOf(g), eventsOf(s, g.Name)
	for i := range max(len(wanted), len(got)) {
		switch {
		case i >= len(got):
			r.differs(wanted[i].at, "%s is wanted %v, and not given", g.Name, wanted[i])
			return
		case i >= len(wanted):
			r.differs(g.Range, "%s is given %v, and not wanted", g.Name, got[i])
			return
		case !wanted[i].is(got[i]):
			r.differs(wanted[i].at, "%s is wanted %v, and given %v", g.Name, wanted[i], got[i])
			return
		}
	}
}

// is reports whether an event is what is wanted.
func (p point) is(got point) bool {
	if p.day != got.day || p.gate != got.gate || p.timed && p.clock != got.clock {
		return false
	}
	return !p.amount.IsSet() || got.amount.IsSet() && p.amount.Unit().Comparable(got.amount.Unit()) && p.amount.Cmp(got.amount) == 0
}

// wantedOf returns what the sentences on a phase want, in order.
func wantedOf(g *protocol.Gives) []point {
	var wanted []point
	for _, line := range g.Lines {
		for _, day := range line.Days {
			for k := range line.PerDay {
				p := point{day: day, amount: line.Amount, gate: line.If, at: line.Range}
				if len(line.Times) > 0 {
					p.clock, p.timed = line.Times[k%len(line.Times)], true
				}
				wanted = append(wanted, p)
			}
		}
	}
	slices.SortStableFunc(wanted, func(a, b point) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.clock, b.clock)) })
	return wanted
}

// eventsOf returns the events of a phase, a check-in or the supply.
func eventsOf(s *schedule.Schedule, name string) []point {
	_, isPhase := s.Protocol.Phase(name)
	var got []point
	for i := range s.Events {
		e := &s.Events[i]
		p := point{day: int(e.Day), clock: e.Clock, timed: true}
		switch {
		case e.Kind == schedule.Dose && s.PhaseName(e) == name && e.Counts():
			p.amount = s.Dose(e).Amount
		case e.Kind == schedule.CheckIn && !isPhase && s.CheckIn(e).Name == name:
		case e.Kind == schedule.Supply && name == protocol.SupplyName:
			p.amount = s.Fill(e).Total
		default:
			continue
		}
		if e.Status == schedule.Provisional {
			p.gate = strings.Join(s.Gates(e), " and ")
		}
		got = append(got, p)
	}
	return got
}

// around compares the observations around doses with the sentences on them.
func (r *runner) around(s *schedule.Schedule, g *protocol.Gives, rule int) {
	var wanted []int
	at := g.Range
	for _, line := range g.Lines {
		wanted, at = append(wanted, line.After...), line.Range
	}
	around := map[int32][]int{} // by the dose that they belong to
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Observation && int(e.Rule) == rule {
			around[e.Of] = append(around[e.Of], int(e.After))
		}
	}
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose && len(around[int32(i)]) > 0 && !slices.Equal(around[int32(i)], wanted) {
			r.differs(at, "%s is given %v minutes after dose %d, not %v", g.Name, around[int32(i)], e.Number, wanted)
			return
		}
	}
	if len(around) == 0 && len(wanted) > 0 {
		r.differs(at, "%s is wanted, and not given", g.Name)
	}
}
