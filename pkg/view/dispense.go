package view

import (
	"fmt"
	"strings"

	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
)

// Dispense returns what makes a dose up, in words: "3 tablets of 20 mg", "2 troches of 100 mg
// and a quarter of a 100 mg troche", "from 1 vial of 500 mg"; of a fill, the whole units that its
// doses take. It is "" for other events, and where the protocol names no strengths that make it up.
func Dispense(s *schedule.Schedule, e *schedule.Event) string {
	switch e.Kind {
	case schedule.Dose:
		d := s.Dose(e)
		return MadeOf(d.Route, &d.Made)
	case schedule.Supply:
		f := s.Fill(e)
		return MadeOf(f.Route, &f.Made)
	}
	return ""
}

// MadeOf says the units that make an amount up in words; none are "".
func MadeOf(r *protocol.Route, made *dispense.Made) string {
	if len(made.Pieces) == 0 || made.Pieces[0].Strength.Unit().Dimension() == quantity.Count {
		return "" // an amount in drops or tablets says it
	}
	one, many := noun(r.Form)
	var parts []string
	for _, p := range made.Pieces {
		if p.Whole > 0 {
			name := many
			if p.Whole == 1 {
				name = one
			}
			parts = append(parts, fmt.Sprintf("%d %s of %v", p.Whole, name, p.Strength))
		}
		if p.Part > 0 {
			parts = append(parts, fmt.Sprintf("%s of a %v %s", fraction(p), p.Strength, one))
		}
	}
	text := strings.Join(parts, " and ")
	if f, _ := r.Makes(); f.Drawn {
		text = "from " + text
	}
	return text
}

// fraction says a part of a unit in words, which are not misread as a date or a number.
func fraction(p dispense.Piece) string {
	switch {
	case p.Part*2 == p.Parts:
		return "half"
	case p.Part == 1:
		return "a quarter"
	}
	return "3 quarters"
}

// nouns are what one unit of a form is called; the first that a form names is taken.
var nouns = []struct{ word, many string }{
	{"device", "devices"}, {"vial", "vials"}, {"ampoule", "ampoules"}, {"ampule", "ampules"}, {"syringe", "syringes"}, {"pen", "pens"},
	{"tablet", "tablets"}, {"troche", "troches"}, {"lozenge", "lozenges"}, {"capsule", "capsules"}, {"patch", "patches"}, {"film", "films"},
	{"suppository", "suppositories"}, {"sachet", "sachets"}, {"puff", "puffs"}, {"spray", "sprays"}, {"bag", "bags"},
}

func noun(form string) (one, many string) {
	words := strings.FieldsFunc(form, func(c rune) bool { return c == ' ' || c == ',' || c == '-' })
	for _, n := range nouns {
		for _, w := range words {
			if w == n.word || w == n.many {
				return n.word, n.many
			}
		}
	}
	return "dosage unit", "dosage units" // and no “unit”, which an amount can be in
}
