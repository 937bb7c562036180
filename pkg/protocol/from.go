package protocol

import (
	"fmt"
	"slices"
)

// From returns the protocol for somebody who begins at a phase: that phase on day 1, and those that
// follow it. Day 1 has the number 1. Check-ins on days of what is left out do not come, and neither
// do those that decide whether the phase begins, but for one that comes with each dose: decided names them, with those that
// decide about what is left out, and whoever begins there must know what they decided. What they decide later on, in the
// phase and after it, they decide again ([CheckIn.Passed]). The error says, for people, why the protocol cannot be begun at the phase.
func (p *Protocol) From(phase string) (q *Protocol, decided []string, err error) {
	first := slices.IndexFunc(p.Phases, func(ph Phase) bool { return ph.Name == phase })
	if first < 0 {
		return nil, nil, fmt.Errorf("the protocol has no phase “%s”", phase)
	}
	before := map[int]bool{}
	for i := p.StartsAfter(first); i >= 0 && !before[i]; i = p.StartsAfter(i) {
		before[i] = true
	}
	stays := map[string]bool{}
	out := *p
	out.Phases, out.CheckIns, out.Requirements, out.CountFrom = nil, nil, nil, 1
	for i := range p.Phases {
		ph := p.Phases[i]
		switch {
		case i == first:
			ph.Starts = When{Range: ph.Starts.Range}
			out.Phases = slices.Insert(out.Phases, 0, ph)
		case p.follows(i, first):
			ph.Starts = p.startOf(i)
			out.Phases = append(out.Phases, ph)
		case before[i]:
			continue
		default:
			return nil, nil, fmt.Errorf("the phase “%s” is counted from elsewhere than “%s”, and nothing says where it stands then", ph.Name, phase)
		}
		stays[ph.Name] = true
	}
	for _, c := range p.CheckIns {
		decides := c.Decides(phase)
		earlier := slices.ContainsFunc(c.Gates, func(g Gate) bool { // a phase waits for what the phases before it wait for
			return slices.ContainsFunc(p.Phases, func(ph Phase) bool { return ph.Name == g.Phase && !stays[ph.Name] })
		})
		rest, ok := c.in(stays)
		comes := ok && (!decides || c.On == nil || c.EachDose)
		if later := rest.later(); ok && !comes && len(later.On) > 0 {
			out.CheckIns = append(out.CheckIns, later) // what it decides about then
		}
		if comes {
			out.CheckIns = append(out.CheckIns, rest)
		}
		if earlier || decides && !comes {
			decided = append(decided, c.Name)
		}
	}
	for _, r := range p.Requirements {
		if r.Phase == "" || stays[r.Phase] {
			out.Requirements = append(out.Requirements, r)
		}
	}
	return &out, decided, nil
}

// later returns a check-in that decides about the first phase, with those of its days alone that are counted from a phase:
// what it decides from the second of them on it decides again.
func (c CheckIn) later() CheckIn {
	c.On = slices.DeleteFunc(slices.Clone(c.On), func(w When) bool { return w.Phase == "" })
	c.Gates = slices.DeleteFunc(slices.Clone(c.Gates), func(g Gate) bool { return g.FirstDose })
	c.Passed = true
	if len(c.Gates) == 0 {
		c.On = nil
	}
	return c
}

// follows reports whether the start of a phase is counted from another, or from one that follows it.
func (p *Protocol) follows(i, first int) bool {
	for n := 0; i >= 0 && n <= len(p.Phases); n++ {
		if i = p.StartsAfter(i); i == first {
			return true
		}
	}
	return false
}

// startOf is the start of a phase, naming the phase that it is counted from: its place in the list
// may change.
func (p *Protocol) startOf(i int) When {
	w := p.Phases[i].Starts
	if after := p.StartsAfter(i); w.Phase == "" && (w.Anchor == NoAnchor || w.Anchor == After) && after >= 0 {
		w.Anchor, w.Phase = After, p.Phases[after].Name
	}
	return w
}

// in returns a check-in of a course that has some phases only; false where none of it comes.
func (c CheckIn) in(stays map[string]bool) (CheckIn, bool) {
	gone := func(phase string) bool { return phase != "" && !stays[phase] }
	if len(c.During) > 0 {
		if c.During = slices.DeleteFunc(slices.Clone(c.During), gone); len(c.During) == 0 {
			return c, false
		}
	}
	if c.On != nil {
		if c.On = slices.DeleteFunc(slices.Clone(c.On), func(w When) bool { return gone(w.Phase) }); len(c.On) == 0 {
			return c, false
		}
	}
	if gone(c.From.Phase) {
		c.From, c.OnFrom = When{}, false
	}
	if gone(c.Until.Phase) {
		return c, false // it runs to a day that has passed
	}
	c.Gates = slices.DeleteFunc(slices.Clone(c.Gates), func(g Gate) bool { return gone(g.Phase) })
	return c, true
}
