// Package medicine is what is known of medicines, whatever a protocol says of them: what their labels,
// or common practice where there is none for the use, call for.
//
// The table that comes with doseplan is the file known.yaml, each entry with its source. A clinic adds to it, or
// puts its own entry in the place of one, by a file of the same kind.
package medicine

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Medicine is what is known of one.
type Medicine struct {
	Name             string
	Also             []string // brands and other names: abbreviations that are misread (ISMP's list has MTX), spellings of other countries
	RxNorm           string   // the ingredient's concept identifier, where it was checked; or ""
	Schedule         string   // the schedule of controlled substances in the USA, as a file writes it; or ""
	PartOf           string   // the medicine of which it is a part, so that the two add up; or ""
	AsksFor          []string // words of Asks
	Routes           []string // those by which alone it is given; nil for any
	Apart            civil.Period
	Single           []Bound  // the largest single dose by a route
	First            []Bound  // the largest dose that a course begins with, by a route
	Contraindication []string // absolute ones, as the label has them
	Caution          []string // what is asked about, as one or the other kind
	Source           string
}

// A Bound is the largest amount by one route, in mass or units, or those per kg.
type Bound struct {
	Route  string
	Amount quantity.Amount
}

// What a medicine can ask for, beside a bound.
const (
	NoDriving   = "no driving"  // no driving after a dose
	Observation = "observation" // given under direct observation only
	Company     = "company"     // at home: somebody who can be reached; in an intensive course a sitter and a cuff
	Interval    = "interval"    // a shortest time between doses belongs into its limits
)

// Asks are the words for what a medicine can ask for.
var Asks = []string{NoDriving, Observation, Company, Interval}

// Calls reports whether a medicine asks for something.
func (m Medicine) Calls(what string) bool { return slices.Contains(m.AsksFor, what) }

// Weekly reports whether a medicine is one of once a week, never of every day.
func (m Medicine) Weekly() bool { return m.DaysApart() == 6 || m.DaysApart() == 7 }

// DaysApart returns the shortest time in days from one day with a dose to the next; 0 where there is none.
func (m Medicine) DaysApart() int {
	_, days, _ := m.Apart.Calendar()
	return days
}

// A Table is what is known of some medicines.
type Table []Medicine

//go:embed known.yaml
var known []byte

// Text returns the file of the table that comes with doseplan.
func Text() []byte { return slices.Clone(known) }

// Known returns the table that comes with doseplan.
var Known = sync.OnceValue(func() Table {
	root, found := source.Parse("known.yaml", known)
	table, more := Decode(root)
	if found = append(found, more...); len(found) > 0 {
		panic(found[0])
	}
	return table
})

// With returns a table with the entries of another. What an entry says of a medicine of which something is known takes the
// place of that, key by key, and lists add up: nobody loses a guard who only adds a name.
func (t Table) With(own Table) Table {
	out := slices.Clone(t)
	for _, o := range own {
		if i := slices.IndexFunc(out, func(m Medicine) bool { return strings.EqualFold(o.Name, m.Name) }); i >= 0 {
			out[i] = out[i].with(o)
		} else {
			out = append(out, o)
		}
	}
	return out
}

func (m Medicine) with(o Medicine) Medicine {
	join := func(a, b []string) []string { return append(slices.Clip(a), b...) }
	bounds := func(a, b []Bound) []Bound {
		kept := slices.DeleteFunc(slices.Clone(a), func(x Bound) bool {
			return slices.ContainsFunc(b, func(y Bound) bool { return y.Route == x.Route })
		})
		return append(kept, b...)
	}
	out := Medicine{
		Name: m.Name, Also: join(m.Also, o.Also), RxNorm: cmp.Or(o.RxNorm, m.RxNorm), Schedule: cmp.Or(o.Schedule, m.Schedule), PartOf: cmp.Or(o.PartOf, m.PartOf),
		AsksFor: join(m.AsksFor, o.AsksFor), Routes: m.Routes, Apart: m.Apart, Single: bounds(m.Single, o.Single), First: bounds(m.First, o.First),
		Contraindication: join(m.Contraindication, o.Contraindication), Caution: join(m.Caution, o.Caution), Source: m.Source + "; " + o.Source,
	}
	if len(o.Routes) > 0 {
		out.Routes = o.Routes
	}
	if o.Apart.IsSet() {
		out.Apart = o.Apart
	}
	return out
}

// Of returns what is known of a medicine by its name or a brand's, whatever salt, strength or form is written beside it; the
// zero Medicine where nothing is.
func (t Table) Of(text string) Medicine {
	if m := t.Named(text); m.Name != "" {
		return m
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	for n := min(2, len(words)); n > 0; n-- {
		for i := range len(words) - n + 1 {
			if m := t.Named(strings.Join(words[i:i+n], " ")); m.Name != "" {
				return m
			}
		}
	}
	return Medicine{}
}

// Named is Of by a name that stands alone.
func (t Table) Named(name string) Medicine {
	same := func(s string) bool { return strings.EqualFold(s, name) }
	for _, m := range t {
		if same(m.Name) || slices.ContainsFunc(m.Also, same) {
			return m
		}
	}
	return Medicine{}
}

// OfCode returns what is known of a medicine by its RxNorm code; the zero Medicine where nothing is.
func (t Table) OfCode(rxnorm string) Medicine {
	for _, m := range t {
		if m.RxNorm == rxnorm && rxnorm != "" {
			return m
		}
	}
	return Medicine{}
}

// Related reports whether one of two medicines is a part of the other, so that what is given of both
// acts together though their limits count each alone.
func (t Table) Related(a, b string) bool {
	x, y := t.Of(a), t.Of(b)
	return x.PartOf != "" && x.PartOf == y.Name || y.PartOf != "" && y.PartOf == x.Name
}
