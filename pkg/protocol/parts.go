package protocol

import (
	"cmp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
)

// parts are the parts of a protocol that an entry of `evidence` can be for, each with where a
// protocol states it: the zero Range where it does not.
var parts = []struct {
	name   string
	stated func(p *Protocol) diag.Range
}{
	{"setting", func(p *Protocol) diag.Range { return p.Range }},
	{"population", func(p *Protocol) diag.Range {
		q := &p.Population
		if q.Sex != "" {
			return q.SexAt
		}
		return firstRange(q.Age.Range, q.Weight.Range, q.Height.Range, q.BMI.Range, q.Surface.Range)
	}},
	{"measurements", func(p *Protocol) diag.Range {
		if len(p.Measurements) == 0 {
			return diag.Range{}
		}
		return p.Measurements[0].Range
	}},
	{"dates", func(p *Protocol) diag.Range {
		if len(p.Dates) == 0 {
			return diag.Range{}
		}
		return p.Dates[0].Range
	}},
	{"formulation", route(func(r *Route) bool { return r.Form != "" || len(r.Strengths) > 0 || r.Concentration.IsSet() })},
	{"bioavailability", route(func(r *Route) bool { return r.Bioavailability.IsSet() })},
	{"onset", route(func(r *Route) bool { return r.Onset.IsSet() || r.Duration.IsSet() })},
	{"infusion time", func(p *Protocol) diag.Range {
		at := firstRange(route(func(r *Route) bool { return r.Over.IsSet() })(p), phase(func(ph *Phase) bool { return ph.Over.IsSet() })(p))
		return firstRange(at, amounts(func(a *Amount) bool { return a.Over.IsSet() })(p))
	}},
	{"rounding", func(p *Protocol) diag.Range {
		return firstRange(route(func(r *Route) bool { return r.Round != nil })(p), amounts(func(a *Amount) bool { return a.Round != nil })(p))
	}},
	{"tiers", func(p *Protocol) diag.Range {
		if len(p.Tiers) == 0 {
			return diag.Range{}
		}
		return p.Tiers[0].Range
	}},
	{"dose", phase(func(*Phase) bool { return true })},
	{"as needed", func(p *Protocol) diag.Range {
		if len(p.AsNeeded) == 0 {
			return diag.Range{}
		}
		return p.AsNeeded[0].Range
	}},
	{"weight", amounts(func(a *Amount) bool { return a.Weight != WeightRule{} })},
	{"titration", phase(func(ph *Phase) bool { return ph.Titration != nil })},
	{"frequency", phase(func(*Phase) bool { return true })},
	{"times", phase(func(ph *Phase) bool { return len(ph.Times) > 0 })},
	{"course", phase(func(*Phase) bool { return true })},
	{"windows", func(p *Protocol) diag.Range {
		return firstRange(phase((*Phase).Movable)(p), checkIn(func(c *CheckIn) bool { return c.Window != Window{} })(p))
	}},
	{"check-ins", checkIn(func(c *CheckIn) bool { return c.Around == nil })},
	{"gates", checkIn(func(c *CheckIn) bool { return len(c.Gates) > 0 })},
	{"monitoring", func(p *Protocol) diag.Range {
		return firstRange(checkIn(func(c *CheckIn) bool { return c.Around != nil })(p), requirement(p, func(kind string) bool { return strings.HasPrefix(kind, "monitoring") }))
	}},
	{"measures", checkIn(func(c *CheckIn) bool { return len(c.Measure) > 0 })},
	{"missed doses", func(p *Protocol) diag.Range {
		if p.Missed.Then == NoRule && !p.StopsClock && !p.RestartAfter.IsSet() {
			return diag.Range{}
		}
		return p.Range
	}},
	{"requirements", func(p *Protocol) diag.Range {
		return requirement(p, func(kind string) bool { return !strings.HasPrefix(kind, "monitoring") })
	}},
	{"contraindications", func(p *Protocol) diag.Range {
		if len(p.Contraindication) == 0 {
			return diag.Range{}
		}
		return p.Contraindication[0].Range
	}},
	{"limits", func(p *Protocol) (at diag.Range) {
		for i := range p.Medications {
			at = firstRange(at, p.Medications[i].Limits.Range)
		}
		return at
	}},
	{"supply", func(p *Protocol) diag.Range { return p.Supply.Range }},
}

// Parts returns the names of the parts that evidence can be for, in the order of a file.
func Parts() []string {
	names := make([]string, len(parts))
	for i := range parts {
		names[i] = parts[i].name
	}
	return names
}

// A Part is a part of a protocol that some source should support.
type Part struct {
	Name  string
	Range diag.Range // where the protocol states it
}

// Uncited returns the parts that p states and no entry of its evidence is for. A note counts:
// it says that a part is the file's own.
func (p *Protocol) Uncited() []Part {
	var list []Part
	for i := range parts {
		named := slices.ContainsFunc(p.Evidence, func(e Evidence) bool { return slices.Contains(e.For, parts[i].name) })
		if at := parts[i].stated(p); at.IsSet() && !named {
			list = append(list, Part{parts[i].name, at})
		}
	}
	return list
}

// Unstated returns the parts that some entry of the evidence is for and p does not state, each at that
// entry: what a source gives was left out, or taken out.
func (p *Protocol) Unstated() []Part {
	var list []Part
	for i := range parts {
		at := slices.IndexFunc(p.Evidence, func(e Evidence) bool { return slices.Contains(e.For, parts[i].name) })
		if at >= 0 && !parts[i].stated(p).IsSet() {
			list = append(list, Part{parts[i].name, p.Evidence[at].Range})
		}
	}
	return list
}

func firstRange(list ...diag.Range) diag.Range {
	for _, r := range list {
		if r.IsSet() {
			return r
		}
	}
	return diag.Range{}
}

func route(has func(*Route) bool) func(*Protocol) diag.Range {
	return func(p *Protocol) diag.Range {
		for m := range p.Medications {
			for i := range p.Medications[m].Routes {
				if r := &p.Medications[m].Routes[i]; has(r) {
					return r.Range
				}
			}
		}
		return diag.Range{}
	}
}

// amounts finds the first amount of a dose that has something.
func amounts(has func(*Amount) bool) func(*Protocol) diag.Range {
	return func(p *Protocol) (at diag.Range) {
		for _, ph := range p.Rules() {
			for _, r := range p.RoutesOf(ph) {
				p.Amounts(ph, r.Name, func(a *Amount) {
					if has(a) {
						at = firstRange(at, a.Range)
					}
				})
			}
		}
		return at
	}
}

func phase(has func(*Phase) bool) func(*Protocol) diag.Range {
	return func(p *Protocol) diag.Range {
		if i := slices.IndexFunc(p.Phases, func(ph Phase) bool { return has(&ph) }); i >= 0 {
			return p.Phases[i].Range
		}
		return diag.Range{}
	}
}

func checkIn(has func(*CheckIn) bool) func(*Protocol) diag.Range {
	return func(p *Protocol) diag.Range {
		if i := slices.IndexFunc(p.CheckIns, func(c CheckIn) bool { return has(&c) }); i >= 0 {
			return p.CheckIns[i].Range
		}
		return diag.Range{}
	}
}

func requirement(p *Protocol, has func(kind string) bool) diag.Range {
	for i := range p.Requirements {
		if slices.ContainsFunc(p.Requirements[i].Kinds, has) {
			return p.Requirements[i].Range
		}
	}
	return diag.Range{}
}

// PartOf returns the part that the value at a path of keys belongs to, or "" where evidence need
// not be for it, as a title.
func PartOf(path []string) string {
	last := path[len(path)-1]
	switch path[0] {
	case "routes":
		return cmp.Or(map[string]string{"bioavailability": "bioavailability", "onset": "onset", "duration": "onset", "over": "infusion time", "round": "rounding"}[last], "formulation")
	case "default tier":
		return "tiers"
	case "phases":
		return partOfPhase(path, last)
	case "check-ins":
		return cmp.Or(map[string]string{"around each dose": "monitoring", "measure": "measures", "gates": "gates", "window": "windows"}[last], "check-ins")
	case "requirements":
		if strings.HasPrefix(last, "monitoring") {
			return "monitoring"
		}
	case "interruptions":
		return "missed doses"
	}
	if slices.Contains(Parts(), path[0]) {
		return path[0]
	}
	return ""
}

func partOfPhase(path []string, last string) string {
	if last == "weight" || last == "round" {
		return map[string]string{"weight": "weight", "round": "rounding"}[last]
	}
	for _, key := range path[1:] {
		switch key {
		case "dose", "titration", "frequency", "times":
			return key
		case "window":
			return "windows"
		case "course", "starts", "repeat", "rest", "each run":
			if key == last {
				return "course"
			}
		}
	}
	return ""
}
