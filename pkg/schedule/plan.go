package schedule

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/frequency"
	"github.com/doseplan/doseplan/pkg/protocol"
)

// A Plan is a protocol with every choice made but the patient's own parameters. It is
// immutable.
type Plan struct {
	protocol  *protocol.Protocol
	options   Options
	tier      string
	route     string
	phases    []phasePlan
	checkIns  []protocol.CheckIn
	confirmed []bool // per check-in
	reassess  int    // the index of the reassessment among checkIns, or None
}

// A phasePlan is one phase with its choices made.
type phasePlan struct {
	*protocol.Phase
	choice protocol.Choice
	route  string
	times  []civil.Clock
	first  int // the index in times of the first dose of the first day
	gate   int // the check-in that the phase waits for, or None
	stay   int // minutes from the start of a dose until it is given and the last observation made
	before int // the phase that it follows, or None
}

var usualTimes = [][]civil.Clock{
	1: {civil.MustClock("09:00")},
	2: {civil.MustClock("08:00"), civil.MustClock("20:00")},
	3: {civil.MustClock("08:00"), civil.MustClock("14:00"), civil.MustClock("20:00")},
	4: {civil.MustClock("08:00"), civil.MustClock("12:00"), civil.MustClock("16:00"), civil.MustClock("20:00")},
}

// NewPlan makes the choices of o in p, which must have been decoded without errors. The
// findings name what can be chosen where a choice is missing or not offered.
func NewPlan(p *protocol.Protocol, o Options) (*Plan, diag.List) {
	pl := &Plan{protocol: p, options: o, checkIns: slices.Clone(p.CheckIns), reassess: None}
	var found diag.List
	pl.chooseTier(&found)
	pl.chooseRoute(&found)
	pl.chooseSteps(&found)
	pl.addReassessment()
	pl.confirm(&found)
	used := make([]bool, len(o.Frequencies))
	timesUsed := len(o.Times) == 0
	for i := range p.Phases {
		ph := phasePlan{Phase: &p.Phases[i], route: pl.route, before: None, gate: None}
		if ph.Route != "" {
			ph.route = ph.Route
		} else if routes := p.Medications[ph.Medication].Routes; len(routes) == 1 {
			ph.route = routes[0].Name
		}
		ph.choice = ph.Frequencies[0]
		for k, c := range o.Frequencies {
			if c.Phase != "" && c.Phase != ph.Name {
				continue
			}
			if at := offered(ph.Phase, c.Text); at >= 0 {
				ph.choice, used[k] = ph.Frequencies[at], true
			}
		}
		if pl.chooseTimes(&ph, &found) {
			timesUsed = true
		}
		switch {
		case ph.Starts.Anchor == protocol.NoAnchor && i > 0:
			ph.before = i - 1
		case ph.Starts.Phase != "":
			ph.before = slices.IndexFunc(p.Phases, func(q protocol.Phase) bool { return q.Name == ph.Starts.Phase })
		}
		pl.phases = append(pl.phases, ph)
	}
	for k, c := range o.Frequencies {
		if !used[k] {
			pl.refuseFrequency(c, &found)
		}
	}
	if !timesUsed {
		found.Add(diag.Usage, diag.Range{}, "give as many times as there are doses on a day", "no phase has %d doses a day", len(o.Times))
	}
	pl.stays()
	pl.gates()
	pl.checkTimeline(&found)
	return pl, found
}

func offered(ph *protocol.Phase, text string) int {
	i := slices.IndexFunc(ph.Frequencies, func(c protocol.Choice) bool { return c.Text == text })
	if i < 0 {
		if f, _, err := frequency.Parse(text); err == nil {
			i = slices.IndexFunc(ph.Frequencies, func(c protocol.Choice) bool { return c.Frequency.String() == f.String() })
		}
	}
	return i
}

func (pl *Plan) refuseFrequency(c FrequencyChoice, found *diag.List) {
	var texts []string
	for _, ph := range pl.protocol.Phases {
		for _, f := range ph.Frequencies {
			if len(ph.Frequencies) > 1 && (c.Phase == "" || c.Phase == ph.Name) && !slices.Contains(texts, f.Text) {
				texts = append(texts, f.Text)
			}
		}
	}
	if c.Phase != "" {
		if _, ok := pl.protocol.Phase(c.Phase); !ok {
			found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", c.Phase)
			return
		}
	}
	help := "the protocol offers: " + strings.Join(texts, ", ")
	if len(texts) == 0 {
		help = "the protocol offers no choice"
	}
	found.Add(diag.UnknownName, diag.Range{}, help, "the protocol does not offer the frequency “%s”", c.Text)
}

func (pl *Plan) chooseTier(found *diag.List) {
	p := pl.protocol
	var names []string
	for _, t := range p.Tiers {
		names = append(names, t.Name)
	}
	pl.tier = pl.options.Tier
	switch {
	case pl.tier == "" && len(names) > 0 && p.DefaultTier == "":
		found.Add(diag.MissingPatient, diag.Range{}, "give it with --tier: "+strings.Join(names, ", "), "the clinician chooses the starting tier, and none is given")
	case pl.tier == "":
		pl.tier = p.DefaultTier
	case len(names) == 0:
		found.Add(diag.UnknownName, diag.Range{}, "leave out --tier", "the protocol has no tiers, and so no tier “%s”", pl.tier)
	case !slices.Contains(names, pl.tier):
		found.Add(diag.UnknownName, diag.Range{}, "use one of: "+strings.Join(names, ", "), "the protocol has no tier “%s”", pl.tier)
	}
}

func (pl *Plan) chooseRoute(found *diag.List) {
	p := pl.protocol
	var names []string // of the routes among which there is a choice
	for _, ph := range p.Phases {
		if routes := p.Medications[ph.Medication].Routes; ph.Route == "" && len(routes) > 1 {
			for _, r := range routes {
				if !slices.Contains(names, r.Name) {
					names = append(names, r.Name)
				}
			}
		}
	}
	only := ""
	if len(names) == 0 && len(p.Medications) == 1 && len(p.Medications[0].Routes) == 1 {
		only = p.Medications[0].Routes[0].Name
	}
	pl.route = pl.options.Route
	switch {
	case pl.route == "" && only != "":
		pl.route = only
	case pl.route == "" && len(names) > 0 && p.DefaultRoute == "":
		found.Add(diag.MissingPatient, diag.Range{}, "give it with --route: "+strings.Join(names, ", "), "the protocol can be given by several routes, and none is chosen")
	case pl.route == "":
		if len(names) > 0 {
			pl.route = p.DefaultRoute
		}
	case pl.route == only:
	case !slices.Contains(names, pl.route):
		help := "leave out --route: each phase has its own"
		if len(names) > 0 {
			help = "use one of: " + strings.Join(names, ", ")
		} else if only != "" {
			help = "the protocol is given by the route " + only
		}
		found.Add(diag.UnknownName, diag.Range{}, help, "the protocol has no route “%s” to choose", pl.route)
	}
}

// chooseSteps checks the confirmed steps of titrations.
func (pl *Plan) chooseSteps(found *diag.List) {
	for name, step := range pl.options.Steps {
		ph, ok := pl.protocol.Phase(name)
		switch {
		case !ok:
			found.Add(diag.UnknownName, diag.Range{}, "", "the protocol has no phase “%s”", name)
		case step > 0 && (ph.Titration == nil || step >= len(ph.Titration.Amounts)):
			found.Add(diag.UnknownName, diag.Range{}, "", "the phase “%s” has no step %d", name, step+1)
		case step > 0 && ph.Titration.Ranged() && !pl.options.Reach:
			found.Add(diag.UnknownName, diag.Range{}, "", "the steps of the phase “%s” have no fixed size (%v to %v): the clinician states each dose at the check-in “%s” of a course",
				name, ph.Titration.Increase.Min, ph.Titration.Increase.Max, ph.Titration.Confirmed)
		}
	}
	*found = found.Sort()
}

// addReassessment turns a limit on the course before a reassessment into a check-in, unless
// the protocol has one of that name.
func (pl *Plan) addReassessment() {
	for _, m := range pl.protocol.Medications {
		if !m.Limits.Reassess.IsSet() {
			continue
		}
		pl.reassess = slices.IndexFunc(pl.checkIns, func(c protocol.CheckIn) bool { return c.Name == "reassessment" })
		if pl.reassess < 0 {
			mode := protocol.Telehealth
			if pl.protocol.Setting == protocol.Clinic {
				mode = protocol.InPerson
			}
			pl.checkIns = append(pl.checkIns, protocol.CheckIn{
				Name: "reassessment", Title: "reassessment", Every: m.Limits.Reassess, Mode: mode, Range: m.Limits.ReassessAt,
			})
			pl.reassess = len(pl.checkIns) - 1
		}
		return
	}
}

func (pl *Plan) confirm(found *diag.List) {
	pl.confirmed = make([]bool, len(pl.checkIns))
	var gating []string
	for i, c := range pl.checkIns {
		if len(c.Gates) > 0 || i == pl.reassess {
			gating = append(gating, c.Name)
		}
	}
	for _, name := range pl.options.Confirmed {
		if !slices.Contains(gating, name) {
			help := "no check-in of the protocol decides about doses"
			if len(gating) > 0 {
				help = "those that do: " + strings.Join(gating, ", ")
			}
			found.Add(diag.UnknownName, diag.Range{}, help, "no check-in that decides about doses is called “%s”", name)
		}
		for i, c := range pl.checkIns {
			pl.confirmed[i] = pl.confirmed[i] || c.Name == name
		}
	}
}

// chooseTimes sets the clock times of a phase: those of the options if they are as many as
// the doses of a day, else the protocol's, else the usual ones. It reports whether the
// options' times were used.
func (pl *Plan) chooseTimes(ph *phasePlan, found *diag.List) bool {
	f := ph.choice.Frequency
	n := max(f.PerDay(), 1)
	if o := pl.options.Times; len(o) == n || len(o) == 1 && f.HoursApart() > 0 {
		ph.times, ph.first = spread(o, f)
		return true
	}
	if len(ph.Times) > 0 {
		var times []civil.Clock
		for _, t := range ph.Times {
			c := t.Clock
			if named, ok := pl.options.Named[t.Name]; ok && t.Name != "" {
				c = named
			}
			times = append(times, c)
		}
		ph.times, ph.first = spread(times, f)
	} else {
		ph.times, ph.first = usual(f, pl.options.DoseTime)
	}
	for i := 1; i < len(ph.times); i++ {
		if ph.times[i] <= ph.times[i-1] {
			found.Add(diag.TimesMismatch, diag.Range{}, "give the times of a day in order", "in the phase “%s”, %v does not come after %v", ph.Name, ph.times[i], ph.times[i-1])
		}
	}
	return false
}

// spread turns the one time of a rule such as every 8 hours into the times of its day, in
// the order of the clock, and the index of the one that was given: every 8 hours from 20:00
// is 04:00, 12:00 and 20:00, of which the last is the first dose of the first day.
func spread(times []civil.Clock, f frequency.Frequency) ([]civil.Clock, int) {
	step := civil.Clock(f.HoursApart() * 60)
	if step == 0 || len(times) != 1 {
		return times, 0
	}
	var all []civil.Clock
	for c := times[0] % step; c < 24*60; c += step {
		all = append(all, c)
	}
	return all, int(times[0] / step)
}

func usual(f frequency.Frequency, doseTime civil.Clock) ([]civil.Clock, int) {
	n := max(f.PerDay(), 1)
	switch {
	case n == 1 && doseTime != 0:
		return []civil.Clock{doseTime}, 0
	case f.HoursApart() > 0:
		return spread([]civil.Clock{civil.MustClock("08:00")}, f)
	case n < len(usualTimes):
		return usualTimes[n], 0
	}
	times := make([]civil.Clock, n)
	for i := range times {
		times[i] = civil.Clock(i * 24 * 60 / n)
	}
	return times, 0
}

// stays computes how long a patient stays for a dose of each phase.
func (pl *Plan) stays() {
	for i := range pl.phases {
		ph := &pl.phases[i]
		if route, ok := pl.protocol.Medications[ph.Medication].Route(ph.route); ok {
			over, _ := route.Over.Elapsed()
			ph.stay = int(over.Minutes())
		}
		for _, c := range pl.checkIns {
			if len(c.During) > 0 && !slices.Contains(c.During, ph.Name) {
				continue
			}
			for _, after := range c.Around {
				elapsed, _ := after.Elapsed()
				ph.stay = max(ph.stay, int(elapsed.Minutes()))
			}
		}
	}
}

// gates finds, for every phase, the check-in that it waits for: its own gate, else that of
// the phase it follows, else that of the first dose.
func (pl *Plan) gates() {
	start := None
	for i, c := range pl.checkIns {
		for _, g := range c.Gates {
			if pl.confirmed[i] {
				continue
			}
			if g.FirstDose && start == None {
				start = i
			}
			for k := range pl.phases {
				if pl.phases[k].Name == g.Phase {
					pl.phases[k].gate = i
				}
			}
		}
	}
	for k := range pl.phases {
		ph := &pl.phases[k]
		if ph.gate == None && ph.before >= 0 && ph.before < k {
			ph.gate = pl.phases[ph.before].gate
		}
		if ph.gate == None {
			ph.gate = start
		}
	}
}
