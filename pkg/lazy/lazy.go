// Package lazy holds values that are made when they are first used, so that a program that
// prints its help does not pay for what reads a protocol.
package lazy

import (
	"regexp"
	"strings"
	"sync"
)

// A Regexp is a regular expression that is compiled when it is first used, on a text that it may match. Its methods are those
// of package regexp.
type Regexp struct {
	begins, ends string // what every text begins and ends with that it matches, as far as that is known
	compiled     func() *regexp.Regexp
}

// MustCompile returns an expression, whose first use panics if it is not one.
func MustCompile(text string) *Regexp {
	r := &Regexp{compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })}
	if single(text) {
		r.begins, r.ends = beginning(text), ending(text)
	}
	return r
}

// may reports whether the expression may match a text.
func (r *Regexp) may(s string) bool {
	return strings.HasPrefix(s, r.begins) && strings.HasSuffix(s, r.ends)
}

// single reports whether an expression is one, and not several of which one may match, and has no flags: then what it begins
// and ends with is to be seen there as it is.
func single(text string) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[': // up to its end, which is not its first character
			if n := strings.IndexByte(text[min(i+2, len(text)):], ']'); n >= 0 {
				i += 2 + n
			}
		case '(':
			if rest := text[i+1:]; strings.HasPrefix(rest, "?") && !strings.HasPrefix(rest, "?:") {
				return false
			}
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				return false
			}
		}
	}
	return true
}

// plain reports whether a character of an expression stands for itself.
func plain(c byte) bool { return ' ' <= c && c <= '~' && strings.IndexByte(`\.+*?()|[]{}^$`, c) < 0 }

// beginning returns the plain characters with which an expression begins, if it is one of the beginning of a text.
func beginning(text string) string {
	rest, ok := strings.CutPrefix(text, "^")
	n := 0
	for ok && n < len(rest) && plain(rest[n]) {
		n++
	}
	if n > 0 && n < len(rest) && strings.IndexByte("?*{", rest[n]) >= 0 {
		n-- // the last may be missing
	}
	return rest[:n]
}

// ending returns the plain characters with which an expression ends, if it is one of the end of a text.
func ending(text string) string {
	rest, ok := strings.CutSuffix(text, "$")
	n := len(rest)
	for ok && n > 0 && plain(rest[n-1]) {
		n--
	}
	if n > 0 && rest[n-1] == '\\' { // the first of them is no more what it looks like
		return ""
	}
	return rest[n:]
}

// MatchString reports whether s matches.
func (r *Regexp) MatchString(s string) bool { return r.may(s) && r.compiled().MatchString(s) }

// FindStringSubmatch returns the leftmost match and its groups, or nil.
func (r *Regexp) FindStringSubmatch(s string) []string {
	if !r.may(s) {
		return nil
	}
	return r.compiled().FindStringSubmatch(s)
}

// FindStringSubmatchIndex returns where the leftmost match and its groups stand, or nil.
func (r *Regexp) FindStringSubmatchIndex(s string) []int {
	if !r.may(s) {
		return nil
	}
	return r.compiled().FindStringSubmatchIndex(s)
}

// FindAllStringSubmatch returns the first n matches and their groups, or all of them for a negative n.
func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	if !r.may(s) {
		return nil
	}
	return r.compiled().FindAllStringSubmatch(s, n)
}

// FindAllStringSubmatchIndex returns where the first n matches and their groups stand, or all of them for a negative n.
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	if !r.may(s) {
		return nil
	}
	return r.compiled().FindAllStringSubmatchIndex(s, n)
}

// FindStringIndex returns where the leftmost match stands, or nil.
func (r *Regexp) FindStringIndex(s string) []int {
	if !r.may(s) {
		return nil
	}
	return r.compiled().FindStringIndex(s)
}

// Split returns the first n texts between matches, or all of them for a negative n.
func (r *Regexp) Split(s string, n int) []string { return r.compiled().Split(s, n) }

// ReplaceAllString replaces matches by a template.
func (r *Regexp) ReplaceAllString(s, by string) string {
	if !r.may(s) {
		return s
	}
	return r.compiled().ReplaceAllString(s, by)
}

// Match reports whether b matches.
func (r *Regexp) Match(b []byte) bool { return r.compiled().Match(b) }
