package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain returns a text from outside as it may be shown: spaces of any kind as one space (one that
// does not break stays), and each
// control, formatting, bidirectional or zero-width character as a mark that it was there.
func Plain(text string) string {
	ok := func(r rune) bool {
		return r == ' ' || r == '\u00a0' || unicode.IsGraphic(r) && !unicode.IsSpace(r) && !invisible(r)
	}
	if strings.IndexFunc(text, func(r rune) bool { return !ok(r) }) < 0 && !strings.Contains(text, "  ") {
		return text
	}
	mapped := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case ok(r):
			return r
		}
		return unicode.ReplacementChar
	}, text)
	return strings.Join(strings.Fields(mapped), " ")
}

// invisible reports whether r is graphic by its category and yet shows nothing.
func invisible(r rune) bool {
	switch {
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u17b4', r == '\u17b5', r == '\u3164', r == '\uffa0', r == '\u2800':
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r)
}

// Capital returns a text that begins with a capital letter, where it begins with a letter.
func Capital(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}
