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

// CleanLines is Clean for a text of several lines, which keeps their ends. Where styled, the few
// sequences that style a terminal stay too.
func CleanLines(text string, styled bool) string {
	var b strings.Builder
	for len(text) > 0 {
		i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && (Hidden(r) || r == utf8.RuneError) })
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		if n := styleLength(text); styled && n > 0 {
			b.WriteString(text[:n])
			text = text[n:]
			continue
		}
		_, n := utf8.DecodeRuneInString(text)
		b.WriteRune(utf8.RuneError)
		text = text[n:]
	}
	b.WriteString(text)
	return b.String()
}

// styleLength returns the length of the sequence with which a text begins that sets the weight or
// the colour of what follows, or 0.
func styleLength(text string) int {
	rest, ok := strings.CutPrefix(text, "\x1b[")
	if !ok {
		return 0
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return r != ';' && (r < '0' || r > '9') })
	if n < 0 || n > 4 || rest[n] != 'm' {
		return 0
	}
	return len("\x1b[") + n + 1
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
