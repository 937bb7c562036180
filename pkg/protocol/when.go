package protocol

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/source"
)

var (
	reAnchorN  = lazy.MustCompile(`^(day|week|end of week|dose) (-?\d{1,5})$`)
	reOfPhase  = lazy.MustCompile(`^(.+) of ([a-z][a-z0-9-]*)$`)
	reRelative = lazy.MustCompile(`^(\S+ \S+) (before|after) (.+)$`)
)

// when reads a day of the course: an anchor, with an optional length of time before or
// after it. The anchors are: start (its day 1), end, first dose, last dose, day N, week N, end
// of week N and dose N, each of the course or "of PHASE"; "with PHASE" is its first dose, and
// "after PHASE" or the bare name of a phase its end.
func (d *decoder) when(n *source.Node, what string) When {
	text := d.Text(n, what)
	w := When{Text: text, Range: n.Range}
	body := text
	if m := reRelative.FindStringSubmatch(text); m != nil {
		p, err := civil.ParsePeriod(m[1])
		if err != nil {
			d.Add(diag.BadTime, n.Range, "write it as: 7 days after last dose", "%s: %v", what, err)
			return w
		}
		w.Offset, w.Before, body = p, m[2] == "before", m[3]
	}
	switch {
	case strings.HasPrefix(body, "with "):
		w.Anchor, w.N, w.Phase = DoseN, 1, body[len("with "):]
	case strings.HasPrefix(body, "after "):
		w.Anchor, w.Phase = EndOf, body[len("after "):]
	default:
		if m := reOfPhase.FindStringSubmatch(body); m != nil && !strings.HasPrefix(m[2], "week") {
			body, w.Phase = m[1], m[2]
		}
		w.Anchor, w.N = anchor(body)
		if w.Anchor == NoAnchor && w.Phase == "" && grammar.IsName(body) {
			w.Anchor, w.Phase = EndOf, body
		}
	}
	if w.Anchor == NoAnchor {
		d.Add(diag.BadTime, n.Range, "write it as: day 8, dose 3 of induction, end of week 4, last dose, or 7 days after one of these", "%s: “%s” is not a day of a course", what, text)
		return w
	}
	if w.Phase != "" {
		if !slices.Contains(d.named, w.Phase) {
			d.unknown(n, "phase", w.Phase, d.named)
			w.Anchor = NoAnchor
		}
	}
	return w
}

func anchor(body string) (Anchor, int) {
	switch body {
	case "start":
		return StartOf, 0
	case "first dose":
		return DoseN, 1
	case "end":
		return EndOf, 0
	case "last dose":
		return LastDose, 0
	}
	if m := reAnchorN.FindStringSubmatch(body); m != nil {
		n := grammar.Atoi(strings.TrimPrefix(m[2], "-"))
		if m[2][0] == '-' {
			n = -n
		}
		switch m[1] {
		case "day":
			return DayN, n
		case "week":
			return WeekN, n
		case "end of week":
			return EndOfWeekN, n
		case "dose":
			return DoseN, n
		}
	}
	return NoAnchor, 0
}

func (d *decoder) unknown(n *source.Node, what, name string, known []string) {
	d.Add(diag.UnknownName, n.Range, diag.DidYouMean(name, known), "no %s is called “%s”", what, name)
}

func (p *Protocol) phaseNames() []string {
	names := make([]string, len(p.Phases))
	for i := range p.Phases {
		names[i] = p.Phases[i].Name
	}
	return names
}

func (p *Protocol) tierNames() []string {
	names := make([]string, len(p.Tiers))
	for i := range p.Tiers {
		names[i] = p.Tiers[i].Name
	}
	return names
}
