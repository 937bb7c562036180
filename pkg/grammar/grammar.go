// Package grammar reads mappings of a YAML file by tables of keys.
//
// A table ([Object]) lists the keys of one kind of mapping; each [Key] has its documentation,
// an example that the tests run, the [Shape] of its value, and the function that reads it.
// Parser, reference and schema all come from these tables, so that none can say what another
// does not.
package grammar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lazy"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Shape is what may stand behind a key, in words and as a JSON Schema.
type Shape struct {
	Text   string
	Schema map[string]any
	Canon  func(text string) string // the spelling that all texts of one meaning share; nil for the text itself
}

// In returns s with a spelling for all texts of one meaning.
func (s Shape) In(canon func(string) string) Shape {
	s.Canon = canon
	return s
}

// A Key is one key of a mapping that is read into a T by a decoder D.
type Key[D, T any] struct {
	Name     string
	Required bool
	Shape    Shape
	Doc      string // one or two sentences: meaning, unit, default
	Example  string // a piece of a file that uses it
	Read     func(d D, t *T, n *source.Node)

	// Of keys that have a figure in their names, as “any 48 hours”: Name says how they are written, and ReadNamed, in the place
	// of Read, is given the name of one too.
	Kind      *Kind
	ReadNamed func(d D, t *T, name, n *source.Node)
}

// A Kind is of keys that have a figure in their names.
type Kind struct {
	Pattern string   // the regular expression of the names
	Common  []string // some of them, which are proposed to who misspells one
	re      *lazy.Regexp
}

// KindOf returns the kind of the keys whose names match a regular expression as a whole.
func KindOf(pattern string, common ...string) *Kind {
	return &Kind{pattern, common, lazy.MustCompile("^(" + pattern + ")$")}
}

func (k *Kind) has(name string) bool { return k != nil && k.re.MatchString(name) }

// An Object is one kind of mapping.
type Object[D, T any] struct {
	Name string
	Doc  string
	Keys []Key[D, T]
	Hint func(d D, key string) string // how to write what somebody meant by a key that is none; "" for nothing better than the names

	once sync.Once
	at   map[string]int // of each name: its index in Keys, for ledgers of thousands of entries
}

// Names returns the names of the keys, in the order of the table; of a kind of keys, those that are common.
func (o *Object[D, T]) Names() []string {
	names := make([]string, 0, len(o.Keys))
	for i := range o.Keys {
		if k := &o.Keys[i]; k.Kind != nil {
			names = append(names, k.Kind.Common...)
		} else {
			names = append(names, k.Name)
		}
	}
	return names
}

// kind returns the index of the kind of keys that a name is of; ok is false where there is none.
func (o *Object[D, T]) kind(name string) (i int, ok bool) {
	i = slices.IndexFunc(o.Keys, func(k Key[D, T]) bool { return k.Kind.has(name) })
	return i, i >= 0
}

// Decode reads a mapping into t, key by key in the order of the table, so that what an
// early key says is there for a later one.
func (o *Object[D, T]) Decode(r *Reader, d D, n *source.Node, t *T) {
	if !r.Want(n, source.Mapping, o.Name) {
		return
	}
	o.once.Do(func() {
		o.at = make(map[string]int, len(o.Keys))
		for i := range o.Keys {
			if o.Keys[i].Kind == nil {
				o.at[o.Keys[i].Name] = i
			}
		}
	})
	var misspelt []string
	var named map[int][]source.Field // of each kind of keys
	values := make([]*source.Node, len(o.Keys))
	for _, f := range n.Fields {
		if at, known := o.at[f.Key.Value]; known {
			if values[at] == nil { // of a key that stands twice, which the parser has said
				values[at] = f.Value
			}
		} else if at, is := o.kind(f.Key.Value); is {
			if named == nil {
				named = map[int][]source.Field{}
			}
			named[at] = append(named[at], f)
		} else {
			if near, ok := diag.Nearest(f.Key.Value, o.Names()); ok {
				misspelt = append(misspelt, near) // so that it is not reported as missing as well
			}
			help := diag.DidYouMean(f.Key.Value, o.Names())
			if _, near := diag.Nearest(f.Key.Value, o.Names()); !near && f.Value.Kind == source.Scalar && f.Value.Value == "" { // what followed a comma
				help = "quote a text that holds a comma: between braces a comma begins the next key"
			}
			if o.Hint != nil {
				help = cmp.Or(o.Hint(d, f.Key.Value), help)
			}
			r.Add(diag.UnknownKey, f.Key.Range, help, "%s has no key “%s”", o.Name, f.Key.Value)
		}
	}
	for i := range o.Keys {
		k := &o.Keys[i]
		for _, f := range named[i] {
			k.ReadNamed(d, t, f.Key, f.Value)
		}
		switch {
		case values[i] != nil:
			k.Read(d, t, values[i])
		case k.Required && !slices.Contains(misspelt, k.Name):
			help := "add `" + k.Name + ": …`; it takes " + k.Shape.Text
			if strings.HasPrefix(k.Example, k.Name+": ") && !strings.ContainsAny(k.Example, "{[\n") { // which says it whole
				if help = "add `" + k.Example + "`"; strings.Contains(k.Shape.Text, ",") || !strings.HasPrefix(k.Shape.Text, "one of") {
					help = "add it, as: `" + k.Example + "`; it takes " + k.Shape.Text
				}
			}
			r.Add(diag.MissingKey, n.Range, help, "%s has no “%s”", o.Name, k.Name)
		}
	}
}

// A Reader reads scalars and lists, and collects what it finds wrong with them.
type Reader struct {
	Found *diag.List
}

// Add appends a finding.
func (r *Reader) Add(code diag.Code, at diag.Range, help, format string, args ...any) *diag.Diagnostic {
	return r.Found.Add(code, at, help, format, args...)
}

// Want reports whether n has the wanted shape, and a finding if not.
func (r *Reader) Want(n *source.Node, kind source.Kind, what string) bool {
	if n.Kind == kind {
		return true
	}
	r.Add(diag.WrongType, n.Range, "", "%s must be %v, not %v", what, kind, n.Kind)
	return false
}

// Text reads a scalar that is not empty.
func (r *Reader) Text(n *source.Node, what string) string {
	if !r.Want(n, source.Scalar, what) {
		return ""
	}
	if strings.TrimSpace(n.Value) == "" {
		r.Add(diag.WrongType, n.Range, "write a value, or remove the key", "%s is empty", what)
	}
	return n.Value
}

// Word reads a scalar that must be one of a list.
func (r *Reader) Word(n *source.Node, what string, words []string) string {
	if !r.Want(n, source.Scalar, what) {
		return ""
	}
	if !slices.Contains(words, n.Value) {
		r.Add(diag.BadWord, n.Range, diag.DidYouMean(n.Value, words), "“%s” is not a %s: %s", n.Value, what, strings.Join(words, ", "))
		return ""
	}
	return n.Value
}

// List reads a list, or a single value as a list of one.
func (r *Reader) List(n *source.Node) []*source.Node {
	if n.Kind == source.Sequence {
		if len(n.Items) == 0 {
			r.Add(diag.WrongType, n.Range, "write at least one entry, or remove the key", "the list is empty")
		}
		return n.Items
	}
	return []*source.Node{n}
}

// Texts reads one text or several.
func (r *Reader) Texts(n *source.Node, what string) []string {
	var list []string
	for _, item := range r.List(n) {
		list = append(list, r.Text(item, what))
	}
	return list
}

// Amount reads an amount whose unit satisfies ok; want says in words what that is.
func (r *Reader) Amount(n *source.Node, what, want string, ok func(quantity.Unit) bool) quantity.Amount {
	if !r.Want(n, source.Scalar, what) {
		return quantity.Amount{}
	}
	a, err := quantity.Parse(n.Value)
	if low, high, is := AsRange(n.Value); err != nil && is {
		r.Add(diag.BadAmount, n.Range, "write one of them, "+want+"; where a clinician chooses the dose, write each as a tier", "%s is one amount, and “%s” says two, %s and %s", what, n.Value, low, high)
		return quantity.Amount{}
	}
	if err != nil {
		help := "write a number and a unit, " + want
		if pe, is := err.(*quantity.ParseError); is && pe.Unit != "" {
			if near, found := diag.Nearest(pe.Unit, quantity.UnitNames()); found {
				_, rate, per := strings.Cut(n.Value, "/")
				if per {
					near += "/" + rate
				}
				help = "did you mean “" + near + "”?"
			}
		}
		r.Add(diag.BadAmount, n.Range, help, "%s: %v", what, err)
		return quantity.Amount{}
	}
	switch {
	case !ok(a.Unit()):
		r.Add(diag.BadAmount, n.Range, "write "+want, "%s cannot be in %v", what, a.Unit())
	case a.Sign() == 0:
		r.Add(diag.BadAmount, n.Range, "remove it, or write "+want, "%s must be more than nothing", what)
	default:
		return a
	}
	return quantity.Amount{}
}

var reRange = lazy.MustCompile(`^([0-9.]+)( ?[A-Za-z/%]+)? ?(?:\.\.|to|[-–—]) ?([0-9.]+)( ?[A-Za-z/%0-9]+)$`)

// AsRange returns the two ends of a text that says a range of amounts in one of the ways in which people do, as “10 to 20 mg”;
// ok is false of any other.
func AsRange(text string) (low, high string, ok bool) {
	m := reRange.FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	if m[2] == "" {
		m[2] = m[4]
	}
	return m[1] + m[2], m[3] + m[4], true
}

// Period reads a length of time of any unit.
func (r *Reader) Period(n *source.Node, what string) civil.Period {
	if !r.Want(n, source.Scalar, what) {
		return civil.Period{}
	}
	p, err := civil.ParsePeriod(n.Value)
	if err != nil {
		r.Add(diag.BadTime, n.Range, "write a whole number and a unit, as 14 days", "%s: %v", what, err)
	} else if p.N == 0 {
		r.Add(diag.BadTime, n.Range, "", "%s must be more than nothing", what)
	}
	return p
}

// Days reads a period in days or longer.
func (r *Reader) Days(n *source.Node, what string) civil.Period {
	p := r.Period(n, what)
	if _, elapsed := p.Elapsed(); elapsed {
		r.Add(diag.BadTime, n.Range, "write it in days, weeks, months or years", "%s cannot be in %ss", what, p.Unit)
		return civil.Period{}
	}
	return p
}

// Elapsed reads a period in minutes or hours.
func (r *Reader) Elapsed(n *source.Node, what string) civil.Period {
	p := r.Period(n, what)
	if _, ok := p.Elapsed(); !ok && p.IsSet() {
		r.Add(diag.BadTime, n.Range, "write it in minutes or hours", "%s cannot be in %ss", what, p.Unit)
		return civil.Period{}
	}
	return p
}

// Range reads "18..75 years", "45..150 kg", "18.. years", "..150 kg".
func (r *Reader) Range(n *source.Node, what, want string, parse func(string) (quantity.Amount, error)) Bounded {
	text := r.Text(n, what)
	lo, hi, ok := strings.Cut(text, "..")
	b := Bounded{Range: n.Range}
	unit := ""
	if i := strings.IndexByte(hi, ' '); i >= 0 {
		hi, unit = hi[:i], hi[i:]
	} else if i := strings.IndexFunc(hi, func(c rune) bool { return c != '.' && (c < '0' || c > '9') }); i >= 0 {
		hi, unit = hi[:i], hi[i:]
	}
	lo, hi = strings.TrimSpace(lo), strings.TrimSpace(hi)
	if !ok || lo == "" && hi == "" {
		r.Add(diag.BadAmount, n.Range, "write a range as "+want, "%s: “%s” is not a range", what, text)
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
			r.Add(diag.BadAmount, n.Range, "write a range as "+want, "%s: %v", what, err)
			return Bounded{Range: n.Range}
		}
		*end.to = a
	}
	if b.Min.IsSet() && b.Max.IsSet() && b.Max.Cmp(b.Min) < 0 {
		r.Add(diag.BadOrder, n.Range, "put the smaller figure first", "%s: the range %s ends before it begins", what, text)
	}
	return b
}

var reAge = lazy.MustCompile(`^(0|[1-9]\d{0,3}) ?(years?|months?)$`)

// Age reads an age, “18 years” or “7 months”. inMonths says that it is stated to the month.
func Age(text string) (age civil.Age, inMonths, ok bool) {
	m := reAge.FindStringSubmatch(text)
	if m == nil {
		return 0, false, false
	}
	n := Atoi(m[1])
	if inMonths = strings.HasPrefix(m[2], "m"); !inMonths {
		return civil.Years(n), false, true
	}
	return civil.Age(n), true, true
}

// Ages reads a range of ages with both ends included, “18..75 years” or “6 months..17 years”, as bare completed
// months: somebody of 75 completed years is 75 years and 11 months old at most.
func (r *Reader) Ages(n *source.Node, what string) Bounded {
	text := r.Text(n, what)
	b := Bounded{Range: n.Range}
	lo, hi, ok := strings.Cut(text, "..")
	unit := ""
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		unit = text[i:]
	}
	lo, hi = strings.TrimSpace(lo), strings.TrimSpace(strings.TrimSuffix(hi, unit))
	if !ok || lo == "" && hi == "" {
		r.Add(diag.BadAmount, n.Range, "write a range as 18..75 years, 6..23 months or 6 months..17 years", "%s: “%s” is not a range", what, text)
		return b
	}
	read := func(end string) (age civil.Age, inMonths bool) {
		if !strings.Contains(end, " ") {
			end += unit
		}
		age, inMonths, good := Age(end)
		if !good && ok {
			ok = false
			r.Add(diag.BadAmount, n.Range, "write a range as 18..75 years, 6..23 months or 6 months..17 years", "%s: “%s” is not an age", what, end)
		}
		return age, inMonths
	}
	months := func(a civil.Age) quantity.Amount { return quantity.New(int64(a), 1, quantity.None) }
	if lo != "" {
		age, _ := read(lo)
		b.Min = months(age)
	}
	if hi != "" {
		age, inMonths := read(hi)
		if !inMonths {
			age += 11
		}
		b.Max = months(age)
	}
	if !ok {
		return Bounded{Range: n.Range}
	}
	if b.Min.IsSet() && b.Max.IsSet() && b.Max.Cmp(b.Min) < 0 {
		r.Add(diag.BadOrder, n.Range, "put the smaller figure first", "%s: the range %s ends before it begins", what, text)
	}
	return b
}

// AgeWords says a range of ages in words: in completed years where its ends are of whole ones.
func (b Bounded) AgeWords() string {
	least, most := int64(0), int64(0)
	if n, ok := b.Min.Int(); ok && b.Min.IsSet() {
		least = int64(n)
	}
	if n, ok := b.Max.Int(); ok && b.Max.IsSet() {
		most = int64(n)
	}
	low := civil.Age(least).String()
	inYears := !b.Max.IsSet() || most%12 == 11 && (most >= 24 || least >= 12 && least%12 == 0)
	if least == 0 && inYears {
		low = "0 years"
	}
	high := civil.Plural(int(most), "month")
	if inYears {
		high = civil.Plural(int(most)/12, "year")
	}
	switch {
	case !b.Max.IsSet():
		return low + " and over"
	case !b.Min.IsSet():
		return "up to " + high
	}
	if number, unit, _ := strings.Cut(low, " "); strings.TrimSuffix(unit, "s") == strings.TrimSuffix(strings.SplitN(high, " ", 2)[1], "s") {
		low = number
	}
	return low + " to " + high
}

// WholeNumber reads a bare whole number.
func WholeNumber(text string) (quantity.Amount, error) {
	a, err := quantity.ParseNumber(text)
	if err != nil {
		return a, err
	}
	if _, ok := a.Int(); !ok {
		return quantity.Amount{}, &quantity.ParseError{Text: text, Reason: "“" + text + "” is not a whole number"}
	}
	return a, nil
}

// Count reads a bare whole number from 1 to most; want says how to write it. It returns 1
// where there is none.
func (r *Reader) Count(n *source.Node, what, want string, most int) int {
	text := r.Text(n, what)
	if n.Kind != source.Scalar {
		return 1
	}
	a, err := WholeNumber(text)
	k, _ := a.Int()
	switch {
	case err != nil || k < 1 || k > most:
		r.Add(diag.BadAmount, n.Range, "write "+want, "“%s” is not %s", n.Value, what)
		return 1
	case n.Quoted:
		r.Add(diag.YAMLTrap, n.Range, "take the quotes away", "the number %s stands in quotes, which make it a text to YAML readers", n.Value)
	}
	return k
}

// In returns a test for plain units of the given dimensions.
func In(dims ...quantity.Dimension) func(quantity.Unit) bool {
	return func(u quantity.Unit) bool {
		return u.Per() == quantity.PerNothing && slices.Contains(dims, u.Dimension())
	}
}

var reName = lazy.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Name checks a name that the file defines.
func (r *Reader) Name(n *source.Node, what string) string {
	if why := n.Trap(); why != "" {
		r.Add(diag.YAMLTrap, n.Range, "choose another name", "“%s” cannot be the name of a %s: %s", n.Value, what, why)
		return n.Value
	}
	if !reName.MatchString(n.Value) || len(n.Value) > 64 {
		r.Add(diag.BadWord, n.Range, "use small letters, digits and single hyphens, starting with a letter", "“%s” cannot be the name of a %s", n.Value, what)
	}
	return n.Value
}

// A Bounded is a closed range of amounts, either end of which may be unset.
type Bounded struct {
	Min, Max quantity.Amount
	Range    diag.Range
}

// IsSet reports whether b bounds anything.
func (b Bounded) IsSet() bool { return b.Min.IsSet() || b.Max.IsSet() }

// Contains reports whether a lies within b, ends included.
func (b Bounded) Contains(a quantity.Amount) bool {
	return !(b.Min.IsSet() && a.Cmp(b.Min) < 0) && !(b.Max.IsSet() && a.Cmp(b.Max) > 0)
}

// Words says b in words; unit follows the figures of a range of bare numbers.
func (b Bounded) Words(unit string) string {
	switch {
	case !b.Max.IsSet():
		return b.Min.String() + unit + " and over"
	case !b.Min.IsSet():
		return "up to " + b.Max.String() + unit
	case b.Min.Cmp(b.Max) == 0:
		return b.Max.String() + unit
	}
	return b.Min.Decimal() + " to " + b.Max.String() + unit
}

func (b Bounded) String() string { return b.Words("") }

// Atoi reads digits that a pattern has already matched; a number too large for any use
// comes out as a large one.
func Atoi(s string) int {
	n := 0
	for _, c := range s {
		n = min(n*10+int(c-'0'), 1<<30)
	}
	return n
}

// IsName reports whether text can be the name of something that a file defines.
func IsName(text string) bool { return reName.MatchString(text) && len(text) <= 64 }

// A KeyDoc documents one key.
type KeyDoc struct {
	Name     string
	Required bool
	Shape    Shape
	Doc      string
	Example  string
	Kind     *Kind // of keys that have a figure in their names; nil for the one key of the name
}

// Is reports whether the name of a key is the documented one, or of the documented kind.
func (k *KeyDoc) Is(name string) bool {
	return k.Kind == nil && k.Name == name || k.Kind.has(name)
}

// An ObjectDoc documents one kind of mapping.
type ObjectDoc struct {
	Name string
	Doc  string
	Keys []KeyDoc
}

// Markdown returns the tables of a reference, each headed by what kind of file it is of.
func Markdown(kind string, docs []ObjectDoc) string {
	var b strings.Builder
	for _, o := range docs {
		fmt.Fprintf(&b, "\n### %s: %s\n\n%s\n\n| key | value | meaning | example |\n| --- | --- | --- | --- |\n", kind, o.Name, o.Doc)
		for _, k := range o.Keys {
			required := ""
			if k.Required {
				required = " (required)"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s | `%s` |\n", k.Name, required, k.Shape.Text, k.Doc, strings.ReplaceAll(k.Example, "|", "\\|"))
		}
	}
	return b.String()
}

// Describe returns the documentation of o.
func (o *Object[D, T]) Describe() ObjectDoc {
	doc := ObjectDoc{Name: o.Name, Doc: o.Doc}
	for _, k := range o.Keys {
		doc.Keys = append(doc.Keys, KeyDoc{k.Name, k.Required, k.Shape, k.Doc, k.Example, k.Kind})
	}
	return doc
}
