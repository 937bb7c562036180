package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
)

// Words says what an entry says, in a clause.
func (e *Entry) Words() string {
	switch a := e.Act.(type) {
	case *Given:
		return givenWords(a)
	case *Missed:
		text := a.Dose.String() + " missed"
		if !a.Again.IsZero() {
			text += fmt.Sprintf(", again on %v", a.Again)
		}
		return text
	case *CheckedIn:
		return a.words()
	case *Measured:
		return a.words()
	case *Found:
		return a.words()
	case *Noted:
		if a.Adverse {
			return "adverse event: " + a.Text
		}
		return "observation: " + a.Text
	case *Supplied:
		return a.words()
	case *Strike:
		if a.First == a.Last {
			return fmt.Sprintf("strikes entry %d", a.First)
		}
		return fmt.Sprintf("strikes entries %d to %d", a.First, a.Last)
	}
	return e.orderWords()
}

// orderWords says what an order orders.
func (e *Entry) orderWords() string {
	switch a := e.Act.(type) {
	case *SetTier:
		return "tier " + a.Tier
	case *SetDose:
		return "dose " + perPhase(a.Amounts, quantity.Amount.String)
	case *SetFrequency:
		return "frequency " + perPhase(a.Frequencies, func(s string) string { return s })
	case *SetTimes:
		return "times " + perPhase(a.Times, civil.JoinClocks)
	case *SetRoute:
		return "route " + a.Route
	case *Skip:
		return a.Dose.String() + " left out"
	case *Move:
		return fmt.Sprintf("%s %d moved to %v%s", a.Of, a.Number, a.To, at(a.At))
	case *Delay:
		return fmt.Sprintf("%v and what comes after it delayed to %v", a.Dose, a.To)
	case *Away:
		return fmt.Sprintf("away from %v to %v", a.First, a.Last)
	case *Postpone:
		return fmt.Sprintf("start on %v", a.Start)
	case *Hold:
		return "doses" + e.of() + " held"
	case *Resume:
		return "doses" + e.of() + " resumed"
	case *Stop:
		if a.Protocol != "" {
			return a.Protocol + " ended" + a.Taper.words()
		}
		return cmp.Or(e.Of, "course") + " stopped" + a.Taper.words()
	case *Switch:
		return "switch to " + a.Treatment.words() + a.Taper.words()
	case *Add:
		return "beside it " + a.Treatment.words()
	case *Restart:
		if a.Phase != "" {
			return a.Protocol + " started again at " + a.Phase
		}
		return a.Protocol + " started again"
	case *Accept:
		return fmt.Sprintf("follows %s %s as it is now", a.Pin.ID, a.Pin.Version)
	}
	return "nothing"
}

// of names the protocol that an entry is about, where one is named.
func (e *Entry) of() string {
	if e.Of == "" {
		return ""
	}
	return " of " + e.Of
}

func givenWords(g *Given) string {
	name := g.Dose.String()
	if g.Dose.Number == 0 {
		name = "a dose beside the plan of " + g.Dose.Phase
	}
	text := name + " given" + at(g.At)
	if g.Amount.IsSet() {
		text += ", " + g.Amount.String()
	}
	if g.Via != "" {
		text += " " + protocol.RouteWords(g.Via)
	}
	return text
}

func at(c civil.OptionalClock) string {
	if !c.IsSet() {
		return ""
	}
	return fmt.Sprintf(" at %v", c.Or(0))
}

func (c *CheckedIn) words() string {
	text := fmt.Sprintf("%s %d held", c.Name, c.Number)
	if c.Number == 0 {
		text = c.Name + " held, not planned"
	}
	if c.Where != "" {
		text += ", " + c.Where
	}
	if c.Decision != "" {
		text += ", decision: " + c.Decision
	}
	if c.Amount.IsSet() {
		text += " " + c.Amount.String()
	}
	return text + results(c.Results)
}

func results(list []Result) string {
	var parts []string
	for _, r := range list {
		parts = append(parts, r.Measure+" "+r.Value)
	}
	if len(parts) == 0 {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

func (m *Measured) words() string {
	if m.Weight.IsSet() {
		return "weight " + m.Weight.String() + results(m.Results)
	}
	return "measured" + results(m.Results)
}

func (f *Found) words() string {
	switch {
	case f.Medicine && f.Ended:
		return "no longer takes " + f.What
	case f.Medicine:
		return "takes " + f.What
	case f.Ended:
		return "no longer " + f.What
	}
	return "found: " + f.What
}

func (x *Supplied) words() string {
	text := fmt.Sprintf("fill %d %s", x.Number, x.What)
	if x.Medicine != "" {
		text += ", " + x.Medicine
	}
	if x.Doses > 0 {
		text += fmt.Sprintf(": %s, %v, for %v to %v", civil.Plural(x.Doses, "dose"), x.Amount, x.First, x.Last)
	}
	return text
}

func (t *Treatment) words() string {
	text := t.Protocol.ID + " " + t.Protocol.Version
	if t.Tier != "" {
		text += ", tier " + t.Tier
	}
	if t.Route != "" {
		text += ", route " + t.Route
	}
	return text
}

func (t *Taper) words() string {
	if len(t.Doses) == 0 {
		return ""
	}
	var list []string
	for _, d := range t.Doses {
		list = append(list, d.String())
	}
	return ", tapered by " + strings.Join(list, ", ") + " every " + t.Every.String()
}

func perPhase[V any](m map[string]V, text func(V) string) string {
	var parts []string
	for _, phase := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, phase+": "+text(m[phase]))
	}
	return strings.Join(parts, ", ")
}

// A Series is what was measured of one thing, in order of time.
type Series struct {
	Measure string
	Points  []Point
}

// A Point is one value of a series.
type Point struct {
	On    civil.Date
	Value string
	Entry int // the number of the entry that says so; 0 for the file's own parameters
}

// Weight is the name of the series of weights.
const Weight = "weight"

// Measures returns what was measured over time, weights first and the others by name. As of a day,
// only what was written down by then counts, and nothing that was taken back.
func (c *Course) Measures(asOf civil.Date) []Series {
	points := map[string][]Point{}
	if c.Patient.Weight.IsSet() {
		points[Weight] = []Point{{c.Treatment.Start, c.Patient.Weight.String(), 0}}
	}
	struck := c.Struck(asOf)
	for i := range c.Entries {
		e := &c.Entries[i]
		if struck[e.Number] != 0 || !e.by(asOf) {
			continue
		}
		var list []Result
		switch a := e.Act.(type) {
		case *CheckedIn:
			list = a.Results
		case *Measured:
			list = a.Results
			if a.Weight.IsSet() {
				points[Weight] = append(points[Weight], Point{e.On, a.Weight.String(), e.Number})
			}
		}
		for _, r := range list {
			points[r.Measure] = append(points[r.Measure], Point{e.On, r.Value, e.Number})
		}
	}
	var out []Series
	for _, name := range slices.Sorted(maps.Keys(points)) {
		slices.SortStableFunc(points[name], func(a, b Point) int { return a.On.Compare(b.On) })
		out = append(out, Series{name, points[name]})
	}
	slices.SortStableFunc(out, func(a, b Series) int {
		switch {
		case a.Measure == b.Measure:
			return 0
		case a.Measure == Weight:
			return -1
		case b.Measure == Weight:
			return 1
		}
		return strings.Compare(a.Measure, b.Measure)
	})
	return out
}
