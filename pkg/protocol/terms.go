package protocol

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/condition"
)

// Terms returns the contraindication's own term and the other words for it.
func (c *Contraindication) Terms() []string { return append([]string{c.Term}, c.Also...) }

// Words says the term, and in brackets the other words for it that are no codes and say something else.
func (c *Contraindication) Words() string {
	var also []string
	for _, t := range c.Also {
		if !condition.LooksCoded(t) {
			also = append(also, t)
		}
	}
	if len(also) == 0 {
		return c.Term
	}
	return c.Term + " (" + strings.Join(also, ", ") + ")"
}

// Matches reports whether what is stated as present of a patient is one of the contraindication's
// terms, whatever the case, hyphens and plural, or a code that one of its codes covers.
func (c *Contraindication) Matches(statement string) bool {
	if code, ok := condition.ParseCode(statement); ok {
		return slices.ContainsFunc(c.Terms(), func(t string) bool { r, ok := condition.ParseCode(t); return ok && r.Covers(code) })
	}
	return c.Names(statement)
}

// Names reports whether words are the contraindication's own, or other words for it, or for a part of it.
func (c *Contraindication) Names(statement string) bool {
	if _, coded := condition.ParseCode(statement); coded {
		return false
	}
	return slices.ContainsFunc(c.Terms(), func(t string) bool { return condition.Same(t, statement) })
}

// AnsweredBy reports whether what is stated as absent answers the contraindication: in its own words alone. Other words
// may be for a part of it, as linezolid is of monoamine oxidase inhibitors: who has one of them has it, and who has not
// may still have another. The same holds of codes.
func (c *Contraindication) AnsweredBy(statement string) bool {
	_, coded := condition.ParseCode(statement)
	return !coded && condition.Same(c.Term, statement)
}
