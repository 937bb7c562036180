package fhir

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doseplan/doseplan/pkg/civil"
	core "github.com/doseplan/doseplan/pkg/fhir"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// A group is the doses of one request: those of a phase and a route that wait for the same
// check-in, or for none, or are held.
type group struct {
	phase  int16
	route  string
	status schedule.Status
	out    bool // left out, and not held
	waits  schedule.Waits
}

// doses writes the doses that are still to come, and those that are held.
func (wr *writer) doses() {
	s := wr.schedule
	at := map[group][]int{}
	var order []group
	for i := range s.Events {
		e := &s.Events[i]
		if e.Kind != schedule.Dose || e.Status == schedule.Taken || e.Status == schedule.Missed || s.Unwritten(e) && !wr.over() {
			continue
		}
		g := group{e.Phase, s.Dose(e).Route.Name, e.Status, e.Status == schedule.Held && e.Fit == schedule.LeftOut, e.Waits}
		if at[g] == nil {
			order = append(order, g)
		}
		at[g] = append(at[g], i)
	}
	for _, g := range order {
		r := wr.request(g, at[g])
		wr.requests = append(wr.requests, wr.bundle.add("MedicationRequest", r.ID, r))
	}
}

func (wr *writer) request(g group, events []int) medicationRequest {
	s := wr.schedule
	first := &s.Events[events[0]]
	info, d := &s.Phases[g.phase], s.Dose(first)
	rule := fmt.Sprintf("%s: %s", info.Phase.Title, view.PhaseRule(info))
	said := []string{rule, fmt.Sprintf("%s shown, %v to %v (%v)", civil.Plural(len(events), "dose"), first.Date, s.Events[events[len(events)-1]].Date, s.Zone)}
	if info.Open {
		said = append(said, "It goes on after the last dose shown.")
	}
	for _, w := range info.Phase.Windows {
		which := "A dose"
		if len(info.Phase.Windows) > 1 {
			which = fmt.Sprintf("From dose %d on, a dose", w.From)
		}
		if text := windowInWords(w.Window); text != "" {
			said = append(said, which+" may be given up to "+text+".")
		} else if len(info.Phase.Windows) > 1 {
			said = append(said, which+" is not moved from its day.")
		}
	}
	said = append(said, limitsInWords(s.Protocol, d.Medication)...)
	said = append(said, wr.shifted(events)...)
	r := medicationRequest{
		Status: "draft", Intent: "plan", Medication: medicine(d.Medication), Subject: wr.patient,
		InstantiatesCanonical: []string{canonical(s.Protocol) + "|" + s.Protocol.Version},
		DetectedIssue:         wr.issues, DosageInstruction: wr.instructions(events),
	}
	name := []string{info.Phase.Name, g.route}
	switch {
	case g.out:
		name = append(name, "left out")
		c := textOf("left out: not to be given")
		r.Status, r.StatusReason = "cancelled", &c
		said = append([]string{c.Text}, said...)
	case g.status == schedule.Held:
		name = append(name, "held")
		c := textOf("held: not to be given")
		for _, w := range first.Waits.List() {
			c.Text += fmt.Sprintf(": the check-in “%s” declined it", s.WaitName(w))
		}
		r.Status, r.StatusReason = "on-hold", &c
		said = append([]string{c.Text}, said...)
	}
	if g.status == schedule.Provisional {
		name = append(name, "provisional")
		wait := "provisional: stands only if"
		for k, w := range first.Waits.List() {
			name = append(name, fmt.Sprint(s.CheckIns[w.CheckIn()].Name, " ", w.Number))
			if k > 0 {
				wait += " and"
			}
			wait += fmt.Sprintf(" the check-in “%s”", s.WaitName(w))
			if e := s.Visit(w); e != nil {
				wait += fmt.Sprintf(" of %v", e.Date)
				r.SupportingInformation = append(r.SupportingInformation, wr.reviews[w])
			}
		}
		if wait += " confirms it"; len(first.Waits.List()) > 1 {
			wait = strings.TrimSuffix(wait, "confirms it") + "confirm it"
		}
		c := textOf(wait)
		r.StatusReason = &c
		said = append([]string{wait}, said...)
	}
	if wr.over() {
		c := textOf("the course has ended: nothing of this is to be given any more")
		r.Status, r.StatusReason = "stopped", &c
		said = append([]string{c.Text}, said...)
	}
	texts := append([]string{}, said...)
	for _, in := range r.DosageInstruction {
		texts = append(texts, in.Text)
	}
	r.Note = notes(append(said, wr.working(first))...)
	r.head = headOf("MedicationRequest", wr.newID("MedicationRequest", name...), texts...)
	return r
}

// needed writes what may be taken as needed: how far apart as a rhythm that the need alone begins, and the
// budget as the most of its time.
func (wr *writer) needed() {
	for i := range wr.schedule.Needed {
		n := &wr.schedule.Needed[i]
		d, reason, apart := &n.Dose, textOf(n.Rule.Reason), lengthOf(n.Rule.Apart)
		dose := quantityOf(d.Amount)
		in := dosage{Sequence: 1, Text: clean(n.Words(view.MadeOf(d.Route, &d.Made))), AsNeededCodeableConcept: &reason, Route: routeOf(d.Route),
			DoseAndRate: []doseAndRate{{DoseQuantity: &dose}}, MaxDosePerAdministration: perAdministration(d.Medication, wr.schedule)}
		if period, unit := n.Rule.Apart.N, apart.Code; unit != "" {
			in.Timing = &timing{Repeat: &repeat{Frequency: 1, Period: period, PeriodUnit: unit}}
			in.Timing.Repeat.BoundsPeriod = between(n.Begins, n.Ends)
		}
		least := n.Rule.AtMost[0] // the budget of the shortest time
		for _, b := range n.Rule.AtMost {
			if limit.Elapsed(b.Within) < limit.Elapsed(least.Within) {
				least = b
			}
		}
		most := least.Total
		if !most.IsSet() {
			most = d.Amount.Times(int64(least.Doses), 1)
		}
		in.MaxDosePerPeriod = &ratio{quantityOf(most), lengthOf(least.Within)}
		for _, text := range n.Requires {
			in.AdditionalInstruction = append(in.AdditionalInstruction, textOf(text))
		}
		r := medicationRequest{
			Status: "draft", Intent: "plan", Medication: medicine(d.Medication), Subject: wr.patient,
			InstantiatesCanonical: []string{canonical(wr.schedule.Protocol) + "|" + wr.schedule.Protocol.Version},
			DetectedIssue:         wr.issues, DosageInstruction: []dosage{in},
		}
		said := append([]string{"as needed: no dose of it stands on the calendar"}, limitsInWords(wr.schedule.Protocol, d.Medication)...)
		switch h := n.Held; {
		case wr.over():
			c := textOf("the course has ended: nothing of this is to be given any more")
			r.Status, r.StatusReason = "stopped", &c
			said = append([]string{c.Text}, said...)
		case h != nil && h.Covers(wr.schedule.Seen):
			c := textOf("held: nothing of this is to be taken")
			r.Status, r.StatusReason = "on-hold", &c
			said = append([]string{c.Text}, said...)
		}
		r.Note = notes(said...)
		r.head = headOf("MedicationRequest", wr.newID("MedicationRequest", "as needed", n.Rule.Rule.Name), append(said, in.Text)...)
		wr.requests = append(wr.requests, wr.bundle.add("MedicationRequest", r.ID, r))
	}
}

// between is the time from one day to the one before another, of which either may not be known; nil for none.
func between(from, ends civil.Date) *period {
	if from.IsZero() && ends.IsZero() {
		return nil
	}
	p := &period{Start: from.String()}
	if !ends.IsZero() {
		p.End = ends.AddDays(-1).String()
	}
	return p
}

// over reports whether the course has ended by the last day of which it is known what happened.
func (wr *writer) over() bool {
	s := wr.schedule
	return !s.Stop.IsZero() && !s.Seen.Before(s.Stop)
}

// windowInWords returns by how much something may be moved, or "".
func windowInWords(w protocol.Window) string {
	var list []string
	if w.Before > 0 {
		list = append(list, civil.Plural(w.Before, "day")+" earlier")
	}
	if w.After > 0 {
		list = append(list, civil.Plural(w.After, "day")+" later")
	}
	return strings.Join(list, " or ")
}

// shifted returns what changes of the clocks did to doses.
func (wr *writer) shifted(events []int) []string {
	var list []string
	for _, i := range events {
		if e := &wr.schedule.Events[i]; e.ShiftNote() != "" {
			list = append(list, fmt.Sprintf("Dose %d, %v: %s.", e.Number, e.Date, e.ShiftNote()))
		}
	}
	return list
}

// instructions returns one instruction for each amount and site, in the order in which they begin. They
// are numbered in sequence where one ends before the next begins, and are concurrent otherwise.
func (wr *writer) instructions(events []int) []dosage {
	s := wr.schedule
	type alike struct {
		dose int32
		site string
	}
	at := map[alike][]int{}
	var order []alike
	for _, i := range events {
		k := alike{s.Events[i].Dose, s.Site(&s.Events[i])}
		if at[k] == nil {
			order = append(order, k)
		}
		at[k] = append(at[k], i)
	}
	apart := true
	for n := 1; n < len(order); n++ {
		before := at[order[n-1]]
		apart = apart && before[len(before)-1] < at[order[n]][0]
	}
	var list []dosage
	for n, k := range order {
		in := wr.instruction(at[k])
		in.Sequence = 1
		if apart {
			in.Sequence = n + 1
		}
		list = append(list, in)
	}
	return list
}

func (wr *writer) instruction(events []int) dosage {
	s := wr.schedule
	first, last := &s.Events[events[0]], &s.Events[events[len(events)-1]]
	d := s.Dose(first)
	in := dosage{
		Timing: wr.timing(events), Route: routeOf(d.Route),
		MaxDosePerPeriod: perPeriod(d.Medication, s), MaxDosePerAdministration: perAdministration(d.Medication, s),
	}
	if site := s.Site(first); site != "" {
		c := textOf(site)
		in.Site = &c
	}
	dose := quantityOf(d.Amount)
	rate := doseAndRate{DoseQuantity: &dose}
	if over := d.Route.Over; over.IsSet() {
		rate.RateRatio = &ratio{dose, lengthOf(over)}
	}
	in.DoseAndRate = []doseAndRate{rate}
	for _, text := range s.Requirements(last) {
		in.AdditionalInstruction = append(in.AdditionalInstruction, textOf(text))
	}
	for _, text := range s.Requirements(first) {
		if !slices.ContainsFunc(in.AdditionalInstruction, func(c concept) bool { return c.Text == clean(text) }) {
			in.AdditionalInstruction = append(in.AdditionalInstruction, textOf("first dose: "+text))
		}
	}
	in.Text = clean(view.Detail(s, first) + ", " + wr.whenInWords(events, in.Timing))
	return in
}

// whenInWords says what the timing says.
func (wr *writer) whenInWords(events []int, t *timing) string {
	s := wr.schedule
	first, last := &s.Events[events[0]], &s.Events[events[len(events)-1]]
	if t.Repeat == nil {
		if len(events) == 1 {
			return fmt.Sprintf("on %s at %v (%v)", view.Date(first.Date), first.Clock, s.Zone)
		}
		return fmt.Sprintf("at the %d times listed, from %s %v to %s %v (%v)", len(events), view.Date(first.Date), first.Clock, view.Date(last.Date), last.Clock, s.Zone)
	}
	times := make([]string, len(t.Repeat.TimeOfDay))
	for i, c := range t.Repeat.TimeOfDay {
		times[i] = c[:5]
	}
	days := "every day"
	if names := t.Repeat.DayOfWeek; len(names) > 0 {
		words := make([]string, len(names))
		for i, d := range names {
			words[i] = phrase.Capital(d)
		}
		days = "every " + and(words)
	}
	return fmt.Sprintf("%s at %s, from %s to %s, %s (%v)", days, and(times), view.Date(first.Date), view.Date(last.Date), civil.Plural(len(events), "dose"), s.Zone)
}

func and(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// timing returns when doses are given: a repeat where FHIR says just these instants with one,
// and the instants themselves otherwise.
func (wr *writer) timing(events []int) *timing {
	s := wr.schedule
	if r := wr.repeat(events); r != nil {
		first, last := &s.Events[events[0]], &s.Events[events[len(events)-1]]
		exact := true
		r.Extension = []extension{{URL: core.Exact, ValueBoolean: &exact}}
		r.BoundsPeriod = &period{Start: instant(first), Start_: zoneAside(s.Zone), End: instant(last)}
		r.Count = len(events)
		return &timing{Repeat: r}
	}
	t := &timing{}
	for _, i := range events {
		t.Event = append(t.Event, instant(&s.Events[i]))
	}
	return t
}

// repeat returns the times of the day, and the days of the week, that give just the doses
// between the first and the last of them; nil where none do.
func (wr *writer) repeat(events []int) *repeat {
	const day = 24 * 60
	s := wr.schedule
	phase := &s.Phases[s.Events[events[0]].Phase]
	minutes, ok := phase.Frequency.Frequency.Period()
	if !ok || minutes != day && minutes != 7*day {
		return nil
	}
	var dates []civil.Date
	clocks := map[civil.Date][]civil.Clock{}
	var weekdays [7]bool
	for _, i := range events {
		e := &s.Events[i]
		if e.Shift != civil.Unshifted || e.Offset%60 != 0 {
			return nil
		}
		if clocks[e.Date] == nil {
			dates = append(dates, e.Date)
		}
		clocks[e.Date] = append(clocks[e.Date], e.Clock)
		weekdays[e.Date.Weekday()] = true
	}
	if len(dates) < 2 {
		return nil
	}
	for n, d := range dates {
		if !slices.Equal(clocks[d], clocks[dates[0]]) || n > 0 && d != nextOf(dates[n-1], minutes == day, weekdays) {
			return nil
		}
	}
	r := &repeat{}
	for _, c := range clocks[dates[0]] {
		r.TimeOfDay = append(r.TimeOfDay, c.String()+":00")
	}
	for i := range 7 {
		if d := time.Weekday((i + 1) % 7); minutes != day && weekdays[d] {
			r.DayOfWeek = append(r.DayOfWeek, core.CodeOfDay(d))
		}
	}
	return r
}

// nextOf returns the next day of a repeat after a day: the one after it, or the next of some
// days of the week.
func nextOf(d civil.Date, daily bool, weekdays [7]bool) civil.Date {
	for d = d.AddDays(1); !daily && !weekdays[d.Weekday()]; {
		d = d.AddDays(1)
	}
	return d
}

// resolved returns what a limit comes to for the patient, if it can be said as an amount.
func resolved(a quantity.Amount, s *schedule.Schedule) (quantity.Amount, bool) {
	switch a.Unit().Per() {
	case quantity.PerNothing:
		return a, a.IsSet()
	case quantity.PerKilogram:
		if s.Patient.Weight.IsSet() {
			return a.Resolve(s.Patient.Weight), true
		}
	}
	return a, false
}

// perPeriod returns the limit on a total that has the shortest stretch: FHIR has room for one.
// The others stand in the notes.
func perPeriod(m *protocol.Medication, s *schedule.Schedule) *ratio {
	for _, r := range m.Limits.OnDays {
		if a, ok := resolved(r.Total, s); ok && r.Days == 1 {
			return &ratio{quantityOf(a), lengthOf(civil.Period{N: 1, Unit: civil.Day})}
		}
	}
	var best *protocol.Rolling
	for i := range m.Limits.Rolling {
		x := &m.Limits.Rolling[i]
		if _, ok := resolved(x.Total, s); ok && (best == nil || minutesOf(x.Within) < minutesOf(best.Within)) {
			best = x
		}
	}
	if best == nil {
		return nil
	}
	a, _ := resolved(best.Total, s)
	return &ratio{quantityOf(a), lengthOf(best.Within)}
}

// minutesOf compares lengths of time; a month counts as its longest.
func minutesOf(p civil.Period) int {
	if d, ok := p.Elapsed(); ok {
		return int(d / time.Minute)
	}
	months, days, _ := p.Calendar()
	return (months*31 + days) * 24 * 60
}

func perAdministration(m *protocol.Medication, s *schedule.Schedule) *amount {
	var best quantity.Amount
	for _, x := range m.Limits.SingleDose {
		if a, ok := resolved(x, s); ok && (!best.IsSet() || best.Unit().Comparable(a.Unit()) && a.Cmp(best) < 0) {
			best = a
		}
	}
	if !best.IsSet() {
		return nil
	}
	q := quantityOf(best)
	return &q
}

// limitsInWords says every limit on a medicine.
func limitsInWords(p *protocol.Protocol, m *protocol.Medication) []string {
	l := &m.Limits
	var list []string
	add := func(form string, args ...any) { list = append(list, fmt.Sprintf(form, args...)) }
	for _, a := range l.SingleDose {
		add("largest single dose %v", a)
	}
	for _, r := range l.OnDays {
		add("at most %v %s", r.Total, limit.KeyEach(r.Days))
	}
	for _, x := range l.Rolling {
		add("at most %v in any %v", x.Total, x.Within)
	}
	med := slices.IndexFunc(p.Medications, func(o protocol.Medication) bool { return o.Name == m.Name })
	for k := range p.Medications {
		if least := p.Apart(med, k); k != med && least > 0 {
			add("at least %v between a dose and one of %s", civil.PeriodOf(least), p.Medications[k].Name)
		}
	}
	if l.Interval > 0 {
		add("at least %v between two doses", civil.PeriodOf(l.Interval))
	} else if l.Apart > 0 {
		add("at least %s from one dose to the next", civil.Plural(l.Apart, "day"))
	}
	if l.Doses > 0 {
		add("at most %s", civil.Plural(l.Doses, "dose"))
	}
	if l.Reassess.IsSet() {
		add("reassessed every %v", l.Reassess)
	}
	if len(list) == 0 {
		return nil
	}
	return []string{"Limits: " + strings.Join(list, "; ") + "."}
}
