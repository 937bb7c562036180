package protocol

import (
	"regexp"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
)

// routes are the words for routes, as in the SNOMED CT route hierarchy's common terms: the
// name in files, the word that is printed with every amount, and other words that are read.
// Abbreviations that are on lists of error-prone ones are read, and never printed.
var routes = []struct {
	name, words string
	also        []string
}{
	{"iv", "intravenous", []string{"intravenous", "intravenously", "i.v."}},
	{"im", "intramuscular", []string{"intramuscular", "intramuscularly", "i.m."}},
	{"subcutaneous", "subcutaneous", []string{"sc", "s.c.", "sq", "subq", "sub-q", "sub q", "subcut", "subcutaneously"}},
	{"sublingual", "sublingual", []string{"sl", "s.l.", "under the tongue"}},
	{"buccal", "buccal", nil},
	{"oral", "oral", []string{"po", "p.o.", "by mouth", "orally"}},
	{"intranasal", "intranasal", []string{"nasal", "nasally", "by nose"}},
	{"inhaled", "inhaled", []string{"inhalation", "nebulized", "nebulised", "by nebulizer"}},
	{"rectal", "rectal", nil},
	{"vaginal", "vaginal", nil},
	{"transdermal", "transdermal", nil},
	{"topical", "topical", nil},
	{"intradermal", "intradermal", nil},
	{"intrathecal", "intrathecal", nil},
	{"epidural", "epidural", nil},
	{"intra-articular", "intra-articular", []string{"intraarticular"}},
	{"intraosseous", "intraosseous", nil},
	{"intraperitoneal", "intraperitoneal", nil},
	{"intravesical", "intravesical", nil},
	{"intravitreal", "intravitreal", nil},
	{"ophthalmic", "ophthalmic", nil},
	{"otic", "otic", nil},
	{"enteral", "enteral", nil},
}

var routeNames = func() []string {
	names := make([]string, len(routes))
	for i := range routes {
		names[i] = routes[i].name
	}
	return names
}()

// Injected reports whether a route brings the whole dose into the body past gut and liver: by vein, into
// a muscle or under the skin.
func Injected(route string) bool {
	return route == "iv" || route == "im" || route == "subcutaneous"
}

// RouteNames returns the names of routes in files.
func RouteNames() []string { return slices.Clone(routeNames) }

// ParseRoute returns the name of a route from it or one of the other words for it, whatever
// the case. A text that is no route comes back as it is.
func ParseRoute(text string) string {
	lower := strings.ToLower(strings.TrimSpace(text))
	for _, r := range routes {
		if r.name == lower || slices.Contains(r.also, lower) {
			return r.name
		}
	}
	return text
}

// unsafeRoutes are other words for routes that are on lists of error-prone abbreviations
// (ISMP 2021): they are read, with a warning that names the safe word.
var unsafeRoutes = []string{"sc", "s.c.", "sq", "subq", "sub-q", "sub q"}

// routePattern matches a route's name or another word for it, in a file.
var routePattern = func() string {
	var all []string
	for _, r := range routes {
		for _, w := range append([]string{r.name}, r.also...) {
			all = append(all, regexp.QuoteMeta(w))
		}
	}
	return strings.Join(all, "|")
}()

// route reads a route's name, or another word for it.
func (d *decoder) route(n *source.Node) string {
	name := ParseRoute(n.Value)
	if slices.Contains(unsafeRoutes, strings.ToLower(n.Value)) {
		d.Add(diag.UnsafeSig, n.Range, "write “"+name+"”", "“%s” is on a list of error-prone abbreviations", n.Value)
	}
	return name
}

// Words returns the route in words, as it is printed with every amount.
func (r *Route) Words() string { return RouteWords(r.Name) }

// RouteWords returns the word that is printed for a route's name.
func RouteWords(name string) string {
	for _, r := range routes {
		if r.name == name {
			return r.words
		}
	}
	return name
}
