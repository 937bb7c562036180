package protocol

import (
	"slices"
	"strings"
	"unicode"

	"github.com/doseplan/doseplan/pkg/diag"
)

// Terms returns the contraindication's own term and the other words for it.
func (c *Contraindication) Terms() []string { return append([]string{c.Term}, c.Also...) }

// Matches reports whether a statement about a patient is one of the contraindication's terms,
// whatever the case, hyphens and plural.
func (c *Contraindication) Matches(statement string) bool {
	stated := termWords(statement)
	return slices.ContainsFunc(c.Terms(), func(t string) bool { return slices.Equal(termWords(t), stated) })
}

// termWords splits a term so that case, hyphens and a plural s do not matter.
func termWords(term string) []string {
	fields := strings.FieldsFunc(strings.ToLower(term), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range fields {
		if len(w) > 4 && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "is") {
			fields[i] = strings.TrimSuffix(w, "s")
		}
	}
	return fields
}

// commonWords say nothing of which disease a term names.
var commonWords = []string{"disease", "disorder", "severe", "active", "acute", "chronic", "history", "current", "recent", "uncontrolled", "untreated", "with", "without", "other", "allergy", "use"}

// Likeness says how alike two terms are: 0 for not at all, more for each word that is in both,
// in another form or with a slip of the keys.
func Likeness(a, b string) int {
	score := 0
	for _, v := range termWords(a) {
		if len(v) < 4 || slices.Contains(commonWords, v) {
			continue
		}
		best := 0
		for _, w := range termWords(b) {
			if len(w) >= 4 && !slices.Contains(commonWords, w) {
				best = max(best, likeWords(v, w))
			}
		}
		score += best
	}
	return score
}

func likeWords(v, w string) int {
	switch {
	case v == w:
		return 3
	case len(v) > 5 && len(w) > 5 && diag.Distance(v, w) <= 2:
		return 2
	}
	stem := 0
	for stem < len(v) && stem < len(w) && v[stem] == w[stem] {
		stem++
	}
	if stem >= 5 && 2*stem >= max(len(v), len(w)) {
		return 2
	}
	return 0
}
