package icalendar

import (
	"io"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/view"
)

// maxLine is how many octets a line may have, its end not counted (RFC 5545, 3.1).
const maxLine = 75

// lines writes content lines: folded, and ended by CRLF. What was wrong with a write is kept
// for flush.
type lines struct {
	w    io.Writer
	buf  []byte
	line []byte // the line that is being made, not yet folded
	err  error
}

// add appends text to the present line as it stands.
func (l *lines) add(text string) { l.line = append(l.line, text...) }

// end writes the present line, and begins another.
func (l *lines) end() {
	text, room := l.line, maxLine
	for len(text) > room {
		n := room
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		l.buf = append(append(l.buf, text[:n]...), "\r\n "...)
		text, room = text[n:], maxLine-1
	}
	l.buf = append(append(l.buf, text...), "\r\n"...)
	l.line = l.line[:0]
	if len(l.buf) > 1<<16 {
		l.pass()
	}
}

// put writes one line as it stands.
func (l *lines) put(text string) {
	l.add(text)
	l.end()
}

func (l *lines) pass() {
	if l.err == nil {
		_, l.err = l.w.Write(l.buf)
	}
	l.buf = l.buf[:0]
}

// flush writes what is left, and returns the first error of any write.
func (l *lines) flush() error {
	l.pass()
	return l.err
}

// escape appends a text as a value of type TEXT (RFC 5545, 3.3.11). Characters that are not
// seen, and could hide or turn round others, become U+FFFD.
func escape(out []byte, text string) []byte {
	from := 0
	for i := 0; i < len(text); {
		if plain[text[i]] {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if r >= 0xa0 && r != utf8.RuneError && !view.Hidden(r) {
			i += n
			continue
		}
		out = append(out, text[from:i]...)
		switch r {
		case '\\', ';', ',':
			out = append(out, '\\', byte(r))
		case '\n':
			out = append(out, `\n`...)
		default:
			out = utf8.AppendRune(out, utf8.RuneError)
		}
		i += n
		from = i
	}
	return append(out, text[from:]...)
}

// plain are the octets that stand for themselves.
var plain = func() (p [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		p[c] = c != '\\' && c != ';' && c != ','
	}
	return p
}()
