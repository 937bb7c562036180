package protocol

import (
	"regexp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// The grammar is a set of tables. A table lists the keys of one kind of mapping; each key
// has its documentation, an example that the tests run, and the function that reads it.
// Parser, reference and schema all come from these tables, so that none can say what
// another does not.

// A shape is what may stand behind a key, for the reference and the schema.
type shape struct {
	text   string // in words
	schema map[string]any
}

// A key is one key of a mapping that is read into a T.
type key[T any] struct {
	name     string
	required bool
	shape    shape
	doc      string // one or two sentences: meaning, unit, default
	example  string // a piece of a protocol that uses it
	read     func(d *decoder, t *T, n *source.Node)
}

// An object is one kind of mapping.
type object[T any] struct {
	name string
	doc  string
	keys []key[T]
}

func (o *object[T]) names() []string {
	names := make([]string, len(o.keys))
	for i, k := range o.keys {
		names[i] = k.name
	}
	return names
}

// decode reads a mapping into t, key by key in the order of the table, so that what an
// early key says (the phases, say) is there for a later one.
func (o *object[T]) decode(d *decoder, n *source.Node, t *T) {
	if !d.want(n, source.Mapping, o.name) {
		return
	}
	for _, f := range n.Fields {
		if !slices.ContainsFunc(o.keys, func(k key[T]) bool { return k.name == f.Key.Value }) {
			d.add(diag.UnknownKey, f.Key.Range, diag.DidYouMean(f.Key.Value, o.names()), "%s has no key “%s”", o.name, f.Key.Value)
		}
	}
	for _, k := range o.keys {
		v := n.Get(k.name)
		switch {
		case v != nil:
			k.read(d, t, v)
		case k.required:
			d.add(diag.MissingKey, n.Range, "add `"+k.name+": …`", "%s has no “%s”", o.name, k.name)
		}
	}
}

// A decoder reads one protocol.
type decoder struct {
	found    *diag.List
	protocol *Protocol
}

func (d *decoder) add(code diag.Code, at diag.Range, help, format string, args ...any) *diag.Diagnostic {
	return d.found.Add(code, at, help, format, args...)
}

func (d *decoder) want(n *source.Node, kind source.Kind, what string) bool {
	if n.Kind == kind {
		return true
	}
	d.add(diag.WrongType, n.Range, "", "%s must be %v, not %v", what, kind, n.Kind)
	return false
}

// text reads a scalar that is not empty.
func (d *decoder) text(n *source.Node, what string) string {
	if !d.want(n, source.Scalar, what) {
		return ""
	}
	if strings.TrimSpace(n.Value) == "" {
		d.add(diag.WrongType, n.Range, "write a value, or remove the key", "%s is empty", what)
	}
	return n.Value
}

// word reads a scalar that must be one of a list.
func (d *decoder) word(n *source.Node, what string, words []string) string {
	if !d.want(n, source.Scalar, what) {
		return ""
	}
	if !slices.Contains(words, n.Value) {
		d.add(diag.BadWord, n.Range, diag.DidYouMean(n.Value, words), "“%s” is not a %s: %s", n.Value, what, strings.Join(words, ", "))
		return ""
	}
	return n.Value
}

// list reads a list, or a single value as a list of one.
func (d *decoder) list(n *source.Node) []*source.Node {
	if n.Kind == source.Sequence {
		if len(n.Items) == 0 {
			d.add(diag.WrongType, n.Range, "write at least one entry, or remove the key", "the list is empty")
		}
		return n.Items
	}
	return []*source.Node{n}
}

func (d *decoder) texts(n *source.Node, what string) []string {
	var list []string
	for _, item := range d.list(n) {
		list = append(list, d.text(item, what))
	}
	return list
}

// amount reads an amount whose unit satisfies ok; want says in words what that is.
func (d *decoder) amount(n *source.Node, what, want string, ok func(quantity.Unit) bool) quantity.Amount {
	if !d.want(n, source.Scalar, what) {
		return quantity.Amount{}
	}
	a, err := quantity.Parse(n.Value)
	if err != nil {
		help := "write a number and a unit, " + want
		if pe, is := err.(*quantity.ParseError); is && pe.Unit != "" {
			if near, found := diag.Nearest(pe.Unit, quantity.UnitNames()); found {
				help = "did you mean “" + near + "”?"
			}
		}
		d.add(diag.BadAmount, n.Range, help, "%s: %v", what, err)
		return quantity.Amount{}
	}
	if !ok(a.Unit()) {
		d.add(diag.BadAmount, n.Range, "write "+want, "%s cannot be in %v", what, a.Unit())
		return quantity.Amount{}
	}
	return a
}

func (d *decoder) period(n *source.Node, what string) civil.Period {
	if !d.want(n, source.Scalar, what) {
		return civil.Period{}
	}
	p, err := civil.ParsePeriod(n.Value)
	if err != nil {
		d.add(diag.BadTime, n.Range, "write a whole number and a unit, as 14 days", "%s: %v", what, err)
	} else if p.N == 0 {
		d.add(diag.BadTime, n.Range, "", "%s must be more than nothing", what)
	}
	return p
}

// days reads a period in days or longer.
func (d *decoder) days(n *source.Node, what string) civil.Period {
	p := d.period(n, what)
	if _, elapsed := p.Elapsed(); elapsed {
		d.add(diag.BadTime, n.Range, "write it in days, weeks, months or years", "%s cannot be in %ss", what, p.Unit)
		return civil.Period{}
	}
	return p
}

// elapsed reads a period in minutes or hours.
func (d *decoder) elapsed(n *source.Node, what string) civil.Period {
	p := d.period(n, what)
	if _, ok := p.Elapsed(); !ok && p.IsSet() {
		d.add(diag.BadTime, n.Range, "write it in minutes or hours", "%s cannot be in %ss", what, p.Unit)
		return civil.Period{}
	}
	return p
}

var (
	reWindow = regexp.MustCompile(`^±\s?(\d+) days?$`)
	reOneWay = regexp.MustCompile(`^([+-])(\d+) days?$`)
	reTwoWay = regexp.MustCompile(`^-(\d+) (?:days? )?to \+?(\d+) days?$`)
)

const maxWindow = 90

// window reads "±3 days", "+2 days", "-1 to +3 days" or "3 days", which means ±3 days.
func (d *decoder) window(n *source.Node) Window {
	text := d.text(n, "a window")
	var w Window
	plain := regexp.MustCompile(`^(\d+) days?$`)
	switch {
	case reWindow.MatchString(text):
		k := atoi(reWindow.FindStringSubmatch(text)[1])
		w = Window{k, k}
	case plain.MatchString(text):
		k := atoi(plain.FindStringSubmatch(text)[1])
		w = Window{k, k}
	case reOneWay.MatchString(text):
		m := reOneWay.FindStringSubmatch(text)
		if m[1] == "+" {
			w.After = atoi(m[2])
		} else {
			w.Before = atoi(m[2])
		}
	case reTwoWay.MatchString(text):
		m := reTwoWay.FindStringSubmatch(text)
		w = Window{atoi(m[1]), atoi(m[2])}
	default:
		d.add(diag.BadTime, n.Range, "write ±3 days, +2 days, -1 day, or -1 to +3 days", "“%s” is not a window", text)
		return Window{}
	}
	if w.Before > maxWindow || w.After > maxWindow {
		d.add(diag.BadTime, n.Range, "", "a window reaches at most %d days", maxWindow)
		return Window{}
	}
	return w
}

// atoi reads digits that a pattern has already matched; a number too large for any use
// comes out as a large one.
func atoi(s string) int {
	n := 0
	for _, c := range s {
		n = min(n*10+int(c-'0'), 1<<30)
	}
	return n
}

// bounded reads "18..75 years", "45..150 kg", "18.. years", "..150 kg".
func (d *decoder) bounded(n *source.Node, what, want string, parse func(string) (quantity.Amount, error)) Bounded {
	text := d.text(n, what)
	lo, hi, ok := strings.Cut(text, "..")
	b := Bounded{Range: n.Range}
	unit := ""
	if i := strings.IndexByte(hi, ' '); i >= 0 {
		hi, unit = hi[:i], hi[i:]
	} else if i := strings.IndexFunc(hi, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i >= 0 {
		hi, unit = hi[:i], hi[i:]
	}
	lo, hi = strings.TrimSpace(lo), strings.TrimSpace(hi)
	if !ok || lo == "" && hi == "" {
		d.add(diag.BadAmount, n.Range, "write a range as "+want, "%s: “%s” is not a range", what, text)
		return b
	}
	for _, end := range []struct {
		text string
		to   *quantity.Amount
	}{{lo, &b.Min}, {hi, &b.Max}} {
		if end.text == "" {
			continue
		}
		a, err := parse(end.text + unit)
		if err != nil {
			d.add(diag.BadAmount, n.Range, "write a range as "+want, "%s: %v", what, err)
			return Bounded{Range: n.Range}
		}
		*end.to = a
	}
	if b.Min.IsSet() && b.Max.IsSet() && b.Max.Cmp(b.Min) < 0 {
		d.add(diag.BadOrder, n.Range, "put the smaller figure first", "%s: the range %s ends before it begins", what, text)
	}
	return b
}

// years reads a bare number of completed years: "18 years".
func years(text string) (quantity.Amount, error) {
	body, ok := strings.CutSuffix(text, " years")
	if !ok {
		body, ok = strings.CutSuffix(text, " year")
	}
	if !ok {
		return quantity.Amount{}, &quantity.ParseError{Text: text, Reason: "“" + text + "” is not a number of years"}
	}
	return wholeNumber(body)
}

func wholeNumber(text string) (quantity.Amount, error) {
	a, err := quantity.ParseNumber(text)
	if err != nil {
		return a, err
	}
	if _, ok := a.Int(); !ok {
		return quantity.Amount{}, &quantity.ParseError{Text: text, Reason: "“" + text + "” is not a whole number"}
	}
	return a, nil
}

func dimension(dims ...quantity.Dimension) func(quantity.Unit) bool {
	return func(u quantity.Unit) bool {
		return u.Per() == quantity.PerNothing && slices.Contains(dims, u.Dimension())
	}
}

// doseUnit reports whether an amount of a medicine can be in u.
func doseUnit(u quantity.Unit) bool {
	switch u.Dimension() {
	case quantity.Mass:
		return u.Per() != quantity.PerMillilitre && u != quantity.Kilogram && u != quantity.Pound
	case quantity.Volume, quantity.Activity, quantity.Moles, quantity.Equivalents:
		return u.Per() != quantity.PerMillilitre
	case quantity.Count:
		return u.Per() == quantity.PerNothing
	}
	return false
}

// plainDose is a doseUnit that is not a rate.
func plainDose(u quantity.Unit) bool { return doseUnit(u) && u.Per() == quantity.PerNothing }

var reName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// name checks a name that the file defines.
func (d *decoder) name(n *source.Node, what string) string {
	if !reName.MatchString(n.Value) || len(n.Value) > 64 {
		d.add(diag.BadWord, n.Range, "use small letters, digits and single hyphens, starting with a letter", "“%s” cannot be the name of a %s", n.Value, what)
	}
	return n.Value
}
