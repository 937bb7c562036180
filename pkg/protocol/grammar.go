package protocol

import (
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

type (
	key[T any]    = grammar.Key[*decoder, T]
	object[T any] = grammar.Object[*decoder, T]
)

// A decoder reads one protocol.
type decoder struct {
	grammar.Reader
	protocol *Protocol
	named    []string // the names of all phases, of which some may not be read yet
}

var (
	reWindow = lazy.MustCompile(`^±\s?(\d+) days?$`)
	reOneWay = lazy.MustCompile(`^([+-])(\d+) days?$`)
	reTwoWay = lazy.MustCompile(`^(?:-(\d+)|0) (?:days? )?to \+?(\d+) days?$`)
)

const maxWindow = 90

// windows reads the one window of a phase, or its windows by the number of the dose.
func (d *decoder) windows(n *source.Node) []NumberedWindow {
	if n.Kind != source.Mapping {
		return []NumberedWindow{{1, d.window(n)}}
	}
	var list []NumberedWindow
	for _, f := range n.Fields {
		text, ok := strings.CutPrefix(f.Key.Value, "from dose ")
		number, err := grammar.WholeNumber(text)
		from, fits := number.Int()
		switch {
		case !ok || err != nil || !fits || from < 1:
			d.Add(diag.BadTime, f.Key.Range, "write it as: from dose 1", "“%s” does not say from which dose on", f.Key.Value)
		case len(list) == 0 && from != 1:
			d.Add(diag.BadOrder, f.Key.Range, "begin with `from dose 1`: 0 days moves none", "there is no window for the doses before %d", from)
		case len(list) > 0 && from <= list[len(list)-1].From:
			d.Add(diag.BadOrder, f.Key.Range, "list the doses in rising order", "“%s” does not lie above the one before it", f.Key.Value)
		}
		list = append(list, NumberedWindow{from, d.window(f.Value)})
	}
	if len(list) == 0 {
		d.Add(diag.BadTime, n.Range, "write ±3 days, or { from dose 1: 0 days, from dose 2: ±3 days }", "the window is empty")
	}
	return list
}

// window reads "±3 days", "+2 days", "-1 to +3 days" or "3 days", which means ±3 days.
func (d *decoder) window(n *source.Node) Window {
	text := d.Text(n, "a window")
	var w Window
	plain := lazy.MustCompile(`^(\d+) days?$`)
	switch {
	case reWindow.MatchString(text):
		k := grammar.Atoi(reWindow.FindStringSubmatch(text)[1])
		w = Window{k, k}
	case plain.MatchString(text):
		k := grammar.Atoi(plain.FindStringSubmatch(text)[1])
		w = Window{k, k}
	case reOneWay.MatchString(text):
		m := reOneWay.FindStringSubmatch(text)
		if m[1] == "+" {
			w.After = grammar.Atoi(m[2])
		} else {
			w.Before = grammar.Atoi(m[2])
		}
	case reTwoWay.MatchString(text):
		m := reTwoWay.FindStringSubmatch(text)
		if w.After = grammar.Atoi(m[2]); m[1] != "" { // 0 to +3 days
			w.Before = grammar.Atoi(m[1])
		}
	default:
		d.Add(diag.BadTime, n.Range, "write ±3 days, +2 days, -1 day, or -1 to +3 days", "“%s” is not a window", text)
		return Window{}
	}
	if w.Before > maxWindow || w.After > maxWindow {
		d.Add(diag.BadTime, n.Range, "", "a window reaches at most %d days", maxWindow)
		return Window{}
	}
	return w
}

// doseUnit reports whether an amount of a medicine can be in u.
func doseUnit(u quantity.Unit) bool {
	switch u.Dimension() {
	case quantity.Mass:
		plain := u.WithPer(quantity.PerNothing)
		return u.Per() != quantity.PerMillilitre && plain != quantity.Kilogram && plain != quantity.Pound
	case quantity.Volume, quantity.Activity, quantity.Moles, quantity.Equivalents, quantity.Radioactivity:
		return u.Per() != quantity.PerMillilitre
	case quantity.Count:
		return u.Per() == quantity.PerNothing
	}
	return false
}

// plainDose is a doseUnit that is not a rate.
func plainDose(u quantity.Unit) bool { return doseUnit(u) && u.Per() == quantity.PerNothing }
