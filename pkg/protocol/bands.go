package protocol

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// bandWords are the words that begin the key of a band.
var bandWords = []string{"from ", "above ", "up to ", "under "}

// band reads one end of a band of a value of the patient, of the measurement of a name where it is of one: from
// 40 kg, above 40 kg, up to 60 kg, or under 60 kg.
func (d *decoder) band(by By, of string, k *source.Node) (b Band, ok bool) {
	word, text := "", ""
	for _, w := range bandWords {
		if rest, is := strings.CutPrefix(k.Value, w); is {
			word, text = w, rest
		}
	}
	if word == "" {
		d.Add(diag.BadDose, k.Range, "write it as: from …, above …, up to … or under …", "“%s” is not a case of `%s`", k.Value, by)
		return b, false
	}
	n := *k
	n.Value = text
	if by == ByAge {
		return d.ageBand(word, &n)
	}
	at, ok := d.bandValue(by, of, &n)
	switch word {
	case "from ":
		b.Low = Edge{at, true}
	case "above ":
		b.Low = Edge{at, false}
	case "up to ":
		b.High = Edge{at, true}
	default:
		b.High = Edge{at, false}
	}
	return b, ok
}

// ageBand reads one end of a band of ages, which are completed years or months: up to 12 years ends with the thirteenth
// birthday, as under 13 years does, and above 12 years begins with it.
func (d *decoder) ageBand(word string, n *source.Node) (b Band, ok bool) {
	age, inMonths, ok := d.ageValue(n)
	if word == "up to " || word == "above " {
		if age++; !inMonths {
			age += 11
		}
	}
	at := quantity.New(int64(age), 1, quantity.None)
	if word == "from " || word == "above " {
		b.Low = Edge{at, true}
	} else {
		b.High = Edge{at, false}
	}
	return b, ok
}

// bandValue reads the value at an end of a band of anything else.
func (d *decoder) bandValue(by By, of string, n *source.Node) (quantity.Amount, bool) {
	if by == ByWeight {
		a := d.Amount(n, "a weight", "as from 40 kg", grammar.In(quantity.Mass))
		return a, a.IsSet()
	}
	if by == BySurface {
		a := d.Amount(n, "a body surface", "as from 1.5 m2", grammar.In(quantity.Area))
		return a, a.IsSet()
	}
	m, _ := d.protocol.Measurement(of)
	return d.measured(n, m.Unit)
}

// ageValue reads an age; a number alone is of completed years.
func (d *decoder) ageValue(n *source.Node) (age civil.Age, inMonths, ok bool) {
	text := n.Value
	if !strings.Contains(text, " ") {
		text += " years"
	}
	if age, inMonths, ok = grammar.Age(text); !ok {
		d.Add(diag.BadDose, n.Range, "write completed years, as: from 65, or months, as: from 6 months", "“%s” is not an age", n.Value)
	}
	return age, inMonths, ok
}

// bands puts cases together: each holds up to where the next begins, and no value falls between
// two or under both.
func (d *decoder) bands(c *ByCase, bands []Band) {
	for i := range c.Cases {
		k, b := &c.Cases[i], bands[i]
		low := b.Low
		if i > 0 {
			before := bands[i-1].High
			switch {
			case !low.At.IsSet() && !before.At.IsSet():
				d.Add(diag.BadDose, k.Range, "write `from …` or `above …`", "nothing says where “%s” begins", k.Text)
				return
			case !low.At.IsSet():
				low = Edge{before.At, !before.Within}
			case before.At.IsSet() && (low.At.Cmp(before.At) != 0 || low.Within == before.Within):
				d.Add(diag.BadDose, k.Range, "begin each case where the one before it ends", "between “%s” and “%s” a value has no dose, or two", c.Cases[i-1].Text, k.Text)
				return
			}
			if last := &c.Cases[i-1]; last.From.IsSet() && (low.At.Cmp(last.From) < 0 || low.At.Cmp(last.From) == 0 && low.Within != last.Above) {
				d.Add(diag.BadOrder, k.Range, "list the cases in rising order", "“%s” does not lie above the case before it", k.Text)
				return
			}
		}
		k.From, k.Above = low.At, low.At.IsSet() && !low.Within
	}
	c.To, c.ToWithin = bands[len(bands)-1].High.At, bands[len(bands)-1].High.Within
	if last := &c.Cases[len(c.Cases)-1]; last.From.IsSet() && c.To.IsSet() && c.To.Cmp(last.From) <= 0 {
		d.Add(diag.BadOrder, last.Range, "list the cases in rising order", "“%s” does not lie above the case before it", last.Text)
	}
	if c.By == ByAge && c.To.IsSet() && !c.ToWithin { // ages are whole months
		c.To, c.ToWithin = c.To.Sub(oneMonth), true
	}
}

// Changes returns the values with which one case gives way to another, or to none; of ages, which are whole months.
func (c *ByCase) Changes() []quantity.Amount {
	var list []quantity.Amount
	for i := range c.Cases {
		list = append(list, c.Cases[i].From)
	}
	if c.To.IsSet() {
		list = append(list, c.To.Add(oneMonth))
	}
	return list
}

// InMonths reports whether a dose, or one of its cases at any depth and in any tier, changes within a year of age.
func (p *Protocol) InMonths(d Dose) bool {
	return p.Any(d, func(d Dose) bool {
		c, ok := d.(*ByCase)
		return ok && c.By == ByAge && slices.ContainsFunc(c.Changes(), func(at quantity.Amount) bool {
			months, whole := at.Int()
			return at.IsSet() && whole && months%12 != 0
		})
	})
}

// CaseOf returns the case that holds for a value of the patient, or nil.
func (c *ByCase) CaseOf(value quantity.Amount) *Case {
	if c.To.IsSet() {
		if over := value.Cmp(c.To); over > 0 || over == 0 && !c.ToWithin {
			return nil
		}
	}
	var best *Case
	for i := range c.Cases {
		k := &c.Cases[i]
		if k.From.IsSet() {
			if over := value.Cmp(k.From); over < 0 || over == 0 && k.Above {
				continue
			}
		}
		best = k
	}
	return best
}

// valueOf says a value of a band: an age in years or in months.
func valueOf(what string, a quantity.Amount) string {
	months, ok := a.Int()
	switch {
	case what != "age" || !ok:
		return a.String()
	case months%12 == 0:
		return civil.Plural(months/12, "year")
	}
	return civil.Plural(months, "month")
}

// uncovered reports values of a range that no case covers.
func (d *decoder) uncovered(c *ByCase, of grammar.Bounded, what string) {
	if first := &c.Cases[0]; of.Min.IsSet() && first.From.IsSet() && (of.Min.Cmp(first.From) < 0 || of.Min.Cmp(first.From) == 0 && first.Above) {
		d.Add(diag.BadDose, first.Range, "add a case for them (`not given`, if there is none)", "patients of the population under %s %s have no dose", what, valueOf(what, first.From))
	}
	if last := &c.Cases[len(c.Cases)-1]; of.IsSet() && !of.Max.IsSet() && c.To.IsSet() {
		d.Add(diag.BadDose, last.Range, "add a case for them (`not given`, if there is none), or end the population there", "patients of the population over %s %s have no dose", what, valueOf(what, c.To))
	} else if of.Max.IsSet() && c.To.IsSet() && (of.Max.Cmp(c.To) > 0 || of.Max.Cmp(c.To) == 0 && !c.ToWithin) {
		d.Add(diag.BadDose, last.Range, "add a case for them (`not given`, if there is none)", "patients of the population over %s %v have no dose", what, c.To)
	}
}
