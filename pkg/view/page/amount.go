package page

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/dispense"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// formNouns are the words for what is counted in formulations as protocols name them.
var formNouns = []string{"tablet", "capsule", "troche", "lozenge", "spray", "device", "puff", "film", "patch", "sachet", "suppository", "ampoule", "vial", "syringe", "pen", "drop", "caplet", "wafer", "pastille", "injection", "cartridge"}

// units says what makes a dose up, in words: "1 troche of 25 mg", "2 rapid-dissolve tablets of 100 mg",
// "half of 1 troche of 25 mg"; nil where nothing can be counted.
func (c *course) units(d *schedule.DoseInfo) phrase.Words { return c.made(d.Route, &d.Made) }

// made says units of a route in words; nil where there are none to count.
func (c *course) made(route *protocol.Route, made *dispense.Made) phrase.Words {
	if form, _ := route.Makes(); form.Drawn || route.Form == "" || len(made.Pieces) == 0 || made.Pieces[0].Strength.Unit().Dimension() == quantity.Count {
		return nil
	}
	var parts []phrase.Words
	say := func(n int, p *dispense.Piece) phrase.Words {
		form := bare(route.Form, p.Strength)
		if n > 1 && c.Lang == "en" {
			form = plural(form)
		}
		return c.Count("units", n, phrase.V("form", phrase.Quote(form)), phrase.V("strength", c.Amount(p.Strength)))
	}
	for i := range made.Pieces {
		p := &made.Pieces[i]
		if p.Whole > 0 {
			parts = append(parts, say(p.Whole, p))
		}
		if p.Part > 0 {
			key := "units.three quarters"
			switch {
			case p.Part*2 == p.Parts:
				key = "units.half"
			case p.Part*4 == p.Parts:
				key = "units.quarter"
			}
			parts = append(parts, c.Say(key, phrase.V("unit", say(1, p))))
		}
	}
	return c.And(parts)
}

// single reports whether one whole unit makes a dose up: its strength is the amount.
func single(d *schedule.DoseInfo) bool {
	p := d.Made.Pieces
	return len(p) == 1 && p[0].Whole == 1 && p[0].Part == 0
}

// bare returns a formulation without the strength that it names.
func bare(form string, strength quantity.Amount) string {
	return strings.TrimSuffix(form, " of "+strength.String())
}

// plural puts the noun of a formulation into the plural. One whose noun is not known is left as
// it is.
func plural(form string) string {
	words := strings.Split(form, " ")
	for i, w := range words {
		if slices.Contains(formNouns, w) {
			switch {
			case strings.HasSuffix(w, "y") && !strings.HasSuffix(w, "ay"):
				words[i] = strings.TrimSuffix(w, "y") + "ies"
			case strings.HasSuffix(w, "ch"):
				words[i] = w + "es"
			default:
				words[i] = w + "s"
			}
			break
		}
		if w == "of" {
			break
		}
	}
	// "nasal spray device" is counted in devices, not in sprays.
	if i := slices.Index(words, "sprays"); i >= 0 && i+1 < len(words) && slices.Contains(formNouns, words[i+1]) {
		words[i], words[i+1] = "spray", words[i+1]+"s"
	}
	return strings.Join(words, " ")
}

// dose says a dose in the words of the hand, with medicine and route: what to count or measure,
// and the amount where that does not say it.
func (c *course) dose(d *schedule.DoseInfo) phrase.Words {
	amount := c.Amount(d.Amount)
	key, hand := "take.dose", phrase.Text(amount)
	if units := c.units(d); units != nil {
		if hand = units; !single(d) {
			key = "take.dose.total"
		}
	} else if d.Volume.IsSet() {
		if key, hand = "take.dose.volume", phrase.Text(c.Amount(d.Volume)); about(d) {
			key = "take.dose.about"
		}
	}
	text := c.Say(key, phrase.V("strength", c.Amount(d.Route.Concentration)), phrase.V("hand", hand), phrase.V("medicine", phrase.Quote(d.Medication.Name)), phrase.V("route", c.route(d.Route.Name)), phrase.V("amount", amount))
	if d.Route.Over.IsSet() {
		text = phrase.Join([]phrase.Words{text, c.Say("over", phrase.V("time", c.Period(d.Route.Over)))}, " ")
	}
	return text
}

// about reports whether the volume of a dose has no end, so that the amount is what can be measured.
// Units of a medicine are drawn up by the marks of their own syringes.
func about(d *schedule.DoseInfo) bool {
	return strings.HasPrefix(d.Volume.String(), "≈") || d.Amount.Unit().Dimension() == quantity.Activity
}

// count says what to count or measure, for a line that begins with the amount; nil where there
// is nothing.
func (c *course) count(d *schedule.DoseInfo) phrase.Words {
	if units := c.units(d); units != nil {
		if single(d) && len(d.Route.Strengths) == 1 { // which the line begins with, and of which there are no others
			return c.Say("unit", phrase.V("form", phrase.Quote(bare(d.Route.Form, d.Amount))))
		}
		return units
	}
	if d.Volume.IsSet() {
		return phrase.Text(c.Amount(d.Volume))
	}
	return nil
}

func (c *course) route(name string) phrase.Words {
	if key := "route." + name; c.Has(key) {
		return c.Say(key)
	}
	return phrase.Quote(protocol.RouteWords(name))
}
