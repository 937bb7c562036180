package jsondoc

import (
	"strconv"
	"unicode/utf8"
)

// appendString appends a text as a JSON string, as package encoding/json writes it without
// escapes for HTML.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	return append(appendText(b, s), '"')
}

// plain are the bytes that stand for themselves in a JSON string.
var plain = func() (is [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		is[c] = c != '"' && c != '\\'
	}
	return is
}()

// appendText appends a text as the inside of a JSON string.
func appendText[T string | []byte](b []byte, s T) []byte {
	const hex = "0123456789abcdef"
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		size, escape := 1, ""
		switch {
		case c == '"', c == '\\':
			escape = `\` + string(rune(c))
		case c == '\n':
			escape = `\n`
		case c == '\r':
			escape = `\r`
		case c == '\t':
			escape = `\t`
		case c == '\b':
			escape = `\b`
		case c == '\f':
			escape = `\f`
		case c < ' ':
			escape = `\u00` + string(hex[c>>4]) + string(hex[c&15])
		default:
			var r rune
			r, size = utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			switch {
			case r == utf8.RuneError && size == 1:
				escape = `\ufffd`
			case r == '\u2028':
				escape = `\u2028`
			case r == '\u2029':
				escape = `\u2029`
			}
		}
		if escape != "" {
			b = append(append(b, s[done:i]...), escape...)
			done = i + size
		}
		i += size
	}
	return append(b, s[done:]...)
}

// A writer appends the members of JSON objects: a comma goes before each but the first.
type writer struct{ b []byte }

// key begins a member of an object. name is one of the format's own, which need no escapes.
func (w *writer) key(name string) {
	w.comma()
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

// comma separates what comes from what stands before it in an object or a list.
func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != ':' && w.b[n-1] != '\n' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

func (w *writer) text(name, s string) {
	w.key(name)
	w.b = appendString(w.b, s)
}

// some is text for a member that is left out where it is empty.
func (w *writer) some(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *writer) number(name string, n int) {
	w.key(name)
	w.b = strconv.AppendInt(w.b, int64(n), 10)
}

func (w *writer) truth(name string, v bool) {
	w.key(name)
	w.b = strconv.AppendBool(w.b, v)
}

func (w *writer) texts(name string, list []string) {
	w.key(name)
	w.b = append(w.b, '[')
	for _, s := range list {
		w.comma()
		w.b = appendString(w.b, s)
	}
	w.b = append(w.b, ']')
}

// someTexts is texts for a member that is left out where it is empty.
func (w *writer) someTexts(name string, list []string) {
	if len(list) > 0 {
		w.texts(name, list)
	}
}
