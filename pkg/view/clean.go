package view

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hidden reports whether a character is not seen itself and can do something to what is: a
// control, one that turns the direction of text round, or one without width.
func Hidden(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r > 0x7f && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Clean returns a text on one line and with a mark (U+FFFD) for each hidden character, so that
// a page or a cell shows all that it holds. Ends of lines and tabs become spaces.
func Clean(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return Hidden(r) || r == utf8.RuneError }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case Hidden(r):
			return utf8.RuneError
		}
		return r
	}, text)
}
