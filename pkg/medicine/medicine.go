// Package medicine is what is known of medicines, whatever a protocol says of them: what their labels,
// or common practice where there is none for the use, call for.
package medicine

import (
	"slices"
	"strings"
	"unicode"
)

// A Medicine is what is known of one.
type Medicine struct {
	Name     string
	RxNorm   string   // the ingredient's concept identifier, where it was checked; or ""
	Driving  bool     // no driving after a dose
	Clinic   bool     // given under direct observation only
	Escorted bool     // at home: somebody who can be reached; in an intensive course a sitter and a cuff
	Spaced   bool     // a shortest time between doses belongs into its limits
	Weekly   bool     // once a week, never daily
	Schedule string   // the schedule of controlled substances in the USA, as a file writes it; or ""
	PartOf   string   // the medicine of which it is a part, so that the two add up; or ""
	Brands   []string // and other names: abbreviations that are misread (ISMP's list has MTX), spellings of other countries
}

// all are those that are known.
var all = []Medicine{
	// The label of the nasal spray (Spravato): observed, and no driving until the next day. It is the
	// S-enantiomer of ketamine, as the label's section 11 says.
	{Name: "esketamine", RxNorm: "2119365", Driving: true, Clinic: true, Spaced: true, PartOf: "ketamine", Schedule: "us-c3", Brands: []string{"Spravato"}},
	// Common practice, in the words of that label; at home by the programmes that publish theirs. Its salts and isomers
	// are of schedule III (21 CFR 1308.13).
	{Name: "ketamine", RxNorm: "6130", Driving: true, Escorted: true, Spaced: true, Schedule: "us-c3", Brands: []string{"Ketalar"}},
	// The label (Trexall): for rheumatoid arthritis and psoriasis once a week; taken daily by
	// mistake it has killed.
	{Name: "methotrexate", Weekly: true, Brands: []string{"Trexall", "MTX", "methotrexat"}},
}

// Of returns what is known of a medicine by its name or a brand's, whatever salt, strength or form is written beside it; the
// zero Medicine where nothing is.
func Of(text string) Medicine {
	if m := Named(text); m.Name != "" {
		return m
	}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' }) {
		if m := Named(word); m.Name != "" {
			return m
		}
	}
	return Medicine{}
}

// Named is Of by a name that stands alone.
func Named(name string) Medicine {
	same := func(s string) bool { return strings.EqualFold(s, name) }
	for _, m := range all {
		if same(m.Name) || slices.ContainsFunc(m.Brands, same) {
			return m
		}
	}
	return Medicine{}
}

// OfCode returns what is known of a medicine by its RxNorm code; the zero Medicine where nothing is.
func OfCode(rxnorm string) Medicine {
	for _, m := range all {
		if m.RxNorm == rxnorm && rxnorm != "" {
			return m
		}
	}
	return Medicine{}
}

// Related reports whether one of two medicines is a part of the other, so that what is given of both
// acts together though their limits count each alone.
func Related(a, b string) bool {
	x, y := Of(a), Of(b)
	return x.PartOf != "" && x.PartOf == y.Name || y.PartOf != "" && y.PartOf == x.Name
}
