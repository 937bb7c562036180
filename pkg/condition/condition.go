// Package condition compares what is stated of a patient with the terms of a protocol: in words, in the codes of
// code systems, and by the words that are usual for the conditions that protocols ask about.
package condition

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lazy"
)

// A Code is a concept of a code system, or a range of them.
type Code struct {
	system      string // "icd-10", "snomed ct" or "rxnorm"
	first, last string // the same where it is no range
}

var (
	reCoded  = lazy.MustCompile(`(?i)^(icd-?10(?:-cm)?|snomed(?: ct)?|rxnorm)[ :]+([a-z0-9.]+)(?: ?[-–] ?([a-z0-9.]+))?$`)
	reICD    = lazy.MustCompile(`^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$`)
	reNumber = lazy.MustCompile(`^[0-9]{1,18}$`)
)

// ParseCode reads a code with its system, as “ICD-10 F20”, “ICD-10 F20-F29”, “SNOMED CT 77386006” or
// “RxNorm 6130”. One of ICD-10 may stand alone, as F20.9.
func ParseCode(text string) (c Code, ok bool) {
	if !strings.ContainsAny(text, "0123456789") {
		return Code{}, false
	}
	text = strings.TrimSpace(text)
	if upper := strings.ToUpper(text); reICD.MatchString(upper) {
		return Code{"icd-10", upper, upper}, true
	}
	m := reCoded.FindStringSubmatch(text)
	if m == nil {
		return Code{}, false
	}
	c = Code{strings.ToLower(m[1]), strings.ToUpper(m[2]), strings.ToUpper(m[2])}
	if m[3] != "" {
		c.last = strings.ToUpper(m[3])
	}
	form := reNumber
	switch {
	case strings.HasPrefix(c.system, "icd"):
		c.system, form = "icd-10", reICD
	case strings.HasPrefix(c.system, "snomed"):
		c.system = "snomed ct"
	}
	several := c.first != c.last
	return c, form.MatchString(c.first) && form.MatchString(c.last) && (!several || form == reICD && c.first < c.last && len(c.first) == 3 && len(c.last) == 3)
}

// Covers reports whether a code of a patient is the rule's, or a narrower one: F20.9 is one of F20, and
// of F20 to F29. One that is wider than the rule's may be meant, and counts too.
func (c Code) Covers(stated Code) bool {
	switch {
	case c.system != stated.system:
		return false
	case c.system != "icd-10":
		return c.first == stated.first
	case c.first != c.last:
		return stated.last[:3] >= c.first && stated.first[:3] <= c.last
	}
	return strings.HasPrefix(stated.first, c.first) || strings.HasPrefix(c.first, stated.first) || stated.first != stated.last && c.first[:3] >= stated.first && c.first[:3] <= stated.last
}

// reUndotted is a code of ICD-10 whose point was left out, as F209.
var reUndotted = lazy.MustCompile(`^[A-Z][0-9][0-9A-Z][0-9A-Z]{1,4}$`)

// codes returns the codes in a term: it is one, or one of ICD-10 stands among its words, with or without its point.
func codes(term string) (list []Code) {
	if c, ok := ParseCode(term); ok {
		return []Code{c}
	}
	if !strings.ContainsAny(term, "0123456789") {
		return nil
	}
	apart := func(r rune) bool { return r != '.' && notWord(r) }
	for _, w := range strings.FieldsFunc(strings.ToUpper(term), apart) {
		w = strings.Trim(w, ".")
		if reUndotted.MatchString(w) {
			w = w[:3] + "." + w[3:]
		}
		if reICD.MatchString(w) {
			list = append(list, Code{"icd-10", w, w})
		}
	}
	return list
}

// LooksCoded reports whether a term names a code system.
func LooksCoded(term string) bool {
	head, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(term)), " ")
	return strings.HasPrefix(head, "icd-") || strings.HasPrefix(head, "icd10") || strings.HasPrefix(head, "snomed") || strings.HasPrefix(head, "rxnorm")
}

// Same reports whether two terms are of the same words, whatever their case, their hyphens and spaces, and a plural s.
func Same(a, b string) bool { return strings.Join(words(a), "") == strings.Join(words(b), "") }

// Inflected reports whether two terms of one word are forms of it, as pregnant and pregnancy: they begin alike but for a
// few letters at their ends.
func Inflected(a, b string) bool {
	x, y := words(a), words(b)
	if len(x) != 1 || len(y) != 1 {
		return false
	}
	n := 0
	for n < min(len(x[0]), len(y[0])) && x[0][n] == y[0][n] {
		n++
	}
	return n >= 5 && n >= max(len(x[0]), len(y[0]))-3
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// words splits a term so that case, hyphens and a plural s do not matter.
func words(term string) []string {
	fields := strings.FieldsFunc(strings.ToLower(term), notWord)
	for i, w := range fields {
		if len(w) > 4 && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "is") {
			fields[i] = strings.TrimSuffix(w, "s")
		}
	}
	return fields
}

// commonWords say nothing of which disease a term names.
var commonWords = []string{"disease", "disorder", "severe", "active", "acute", "chronic", "history", "current", "recent", "uncontrolled", "untreated", "with", "without", "other", "allergy", "use", "failure", "attack", "high", "raised", "elevated", "breast"}

// Likeness says how alike two terms are: 0 for not at all, more for each word that is in both,
// in another form or with a slip of the keys, and most where both are of one of the usual conditions.
func Likeness(a, b string) int {
	score := 0
	if rule, ok := ParseCode(b); ok && slices.ContainsFunc(codes(a), rule.Covers) {
		return 6
	}
	if of := usualOf(a); of != 0 && of&usualOf(b) != 0 {
		score = 6
	}
	for _, v := range words(a) {
		if len(v) < 4 || slices.Contains(commonWords, v) {
			continue
		}
		best := 0
		for _, w := range words(b) {
			if len(w) >= 4 && !slices.Contains(commonWords, w) {
				best = max(best, likeWords(v, w))
			}
		}
		score += best
	}
	return score
}

// opposite reports whether one word is of too little of what another is too much of, as hypotension and hypertension.
func opposite(v, w string) bool {
	less, ok := strings.CutPrefix(v, "hypo")
	more, also := strings.CutPrefix(w, "hyper")
	return ok && also && less == more
}

func likeWords(v, w string) int {
	switch {
	case v == w:
		return 3
	case opposite(v, w) || opposite(w, v):
		return 0
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

//go:embed words.txt
var wordsText string

// vocabulary are words as protocols spell them: of the conditions and tests that they name, the names of medicines, and ordinary
// words that stand beside them.
var vocabulary = sync.OnceValue(func() (v struct{ conditions, medicines, ordinary []string }) {
	into := &v.conditions
	for line := range strings.Lines(wordsText) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"), line == "[conditions]":
		case line == "[medicines]":
			into = &v.medicines
		case line == "[ordinary]":
			into = &v.ordinary
		default:
			*into = append(*into, strings.Fields(line)...)
		}
	}
	return v
})

// IsMedicine reports whether a word, in lower case, is a name that medicines have.
func IsMedicine(word string) bool { return slices.Contains(vocabulary().medicines, word) }

// Misspelt returns the first word of a text that is like one which conditions, tests or medicines are named with, and is
// neither it nor another that is usual. Names of medicines are like each other: of those, a letter alone may be another.
func Misspelt(text string) (word, near string, ok bool) {
	v := vocabulary()
	usually := func(w string) bool {
		return slices.ContainsFunc(usual[:], func(u struct{ words, codes []string }) bool { return slices.Contains(u.words, w) })
	}
	known := func(w string) bool {
		return usually(w) || slices.Contains(v.conditions, w) || slices.Contains(v.medicines, w) || slices.Contains(v.ordinary, w)
	}
	if word, near, ok = slip(text, v.conditions, 2, true, known); ok {
		return word, near, ok
	}
	if word, near, ok = slip(text, v.medicines, 1, false, known); ok {
		return word, near, ok
	}
	return slip(text, v.ordinary, 1, true, known)
}

// measures are what check-ins measure in more than a word, or in a short one: as a whole they are not like each other.
var measures = [...]string{"mood", "pain", "sleep", "heart rate", "resting heart rate", "pulse", "pulse rate", "respiratory rate", "blood pressure", "body weight", "weight", "blood count",
	"platelet count", "neutrophil count", "white cell count", "oxygen saturation", "visual acuity", "bone density", "waist", "liver enzymes", "kidney function", "viral load", "side effects", "adverse effects"}

// MisspeltMeasure returns the usual measure that a text is like, a letter apart, and is not.
func MisspeltMeasure(text string) (near string, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if slices.Contains(measures[:], text) {
		return "", false
	}
	for _, m := range measures {
		if Same(text, m) || Inflected(text, m) || len(text) == len(m) && len(m) < 6 && !swapped(text, m) {
			continue
		}
		if text[:min(1, len(text))] == m[:1] && diag.Distance(text, m) == 1 && text+"s" != m && text != m+"s" {
			return m, true
		}
	}
	return "", false
}

// Slip returns the first word of a text that is like one of a vocabulary of names, in lower case, and is none of them: a letter
// apart, or two of a long word.
func Slip(text string, names []string) (word, near string, ok bool) {
	return slip(text, names, 2, false, func(string) bool { return false })
}

// slip returns the first word of a text that is like one of a vocabulary and is neither one of them nor known otherwise: a
// letter apart, or up to most of a long word. Words that inflect have other endings too.
func slip(text string, vocabulary []string, most int, inflect bool, known func(word string) bool) (word, near string, ok bool) {
	for _, w := range strings.FieldsFunc(strings.ToLower(text), notWord) {
		if len(w) < 5 || slices.Contains(vocabulary, w) || known(w) {
			continue
		}
		if len(w) == 5 { // short words are like many: two letters of it that changed places are not
			if i := slices.IndexFunc(vocabulary, func(v string) bool { return swapped(w, v) }); i >= 0 {
				return w, vocabulary[i], true
			}
			continue
		}
		least, formed := most+1, most+1 // how far the nearest is, and the nearest of which it is a form
		for _, v := range vocabulary {
			if w[0] != v[0] || len(v)-len(w) > most || len(w)-len(v) > most {
				continue
			}
			apart := diag.Distance(w, v)
			switch like := apart == 1 || apart <= most && len(v) >= 8 && len(w) >= 8; {
			case !like || opposite(w, v) || opposite(v, w):
			case Same(w, v), inflect && Inflected(w, v) && !shortened(w, v):
				formed = min(formed, apart)
			case apart < least, apart == least && strings.HasSuffix(w, "s") && strings.HasSuffix(v, "s"):
				least, near = apart, v
			}
		}
		if least <= most && least <= formed {
			return w, near, true
		}
	}
	return "", "", false
}

// swapped reports whether two neighbouring letters of a word have changed places in another.
func swapped(w, v string) bool {
	if len(w) != len(v) {
		return false
	}
	i := 0
	for i < len(w) && w[i] == v[i] {
		i++
	}
	return i+1 < len(w) && w[i] == v[i+1] && w[i+1] == v[i] && w[i+2:] == v[i+2:]
}

// OneWord reports whether two words are one, of which the other is a slip: two neighbouring letters have changed places, or one
// inside a long word is left out.
func OneWord(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if swapped(a, b) {
		return true
	}
	if len(a) != len(b)+1 || len(b) < 7 || a == strings.ToUpper(a) {
		return false
	}
	for i := 1; i < len(a)-2; i++ {
		if a[:i]+a[i+1:] == b {
			v := vocabulary()
			return !slices.Contains(v.conditions, b) && !slices.Contains(v.ordinary, b)
		}
	}
	return false
}

// shortened reports whether a word that begins and ends as another is not a form of it: a letter within is left out, or is
// another, but for the plural of a Greek word.
func shortened(w, v string) bool {
	plural := strings.HasSuffix(w, "es") && strings.HasSuffix(v, "is") || strings.HasSuffix(w, "is") && strings.HasSuffix(v, "es")
	return len(w) <= len(v) && w[len(w)-1] == v[len(v)-1] && !plural
}
