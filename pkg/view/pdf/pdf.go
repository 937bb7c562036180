// Package pdf writes a document as a page in PDF, for those who have no browser at hand: the same
// page as package html, from the same model.
//
// It names its language and its title, and has an outline; it has no structure tree, which the
// library that writes it cannot make. Who reads by ear is better served by the page in HTML.
package pdf

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
)

// The measures of a page, in millimetres.
const (
	margin = 13.0
	foot   = 14.0 // under which nothing stands but the number of the page
)

// A sheet is a page that is being written.
type sheet struct {
	*fpdf.Fpdf
	width, height float64 // of what can be written on
	size          float64 // of plain text, in points
	lost          bool    // whether the font lacks a letter of what was said
}

// Write writes a document as a page for the reader that its options name.
func Write(w io.Writer, d *view.Document) error {
	size := fpdf.PageSizeA4
	if d.Paper == view.Letter {
		size = fpdf.PageSizeLetter
	}
	pdf := fpdf.New(fpdf.OrientationPortrait, fpdf.UnitMillimeter, size, "")
	// The clock is never read: the same calendar is the same file.
	made := time.Unix(d.Parts[0].Start.Unix(0), 0).UTC()
	pdf.SetCreationDate(made)
	pdf.SetModificationDate(made)
	pdf.SetCatalogSort(true)
	pdf.SetProducer(d.Generator.Name+" "+d.Generator.Version, true)
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	pdf.AddUTF8FontFromBytes("go", "I", goitalic.TTF)
	pdf.AddUTF8FontFromBytes("go", "BI", gobolditalic.TTF)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AliasNbPages("{nb}")
	pageWidth, pageHeight := pdf.GetPageSize()
	s := &sheet{Fpdf: pdf, width: pageWidth - 2*margin, height: pageHeight - foot, size: 9.4}
	if d.Large {
		s.size = 13
	}
	pdf.SetFooterFunc(func() {
		pdf.SetFont("go", "", 7)
		pdf.SetXY(margin, pageHeight-10)
		whose := s.printable(strings.TrimSpace(cut(phrase.Plain(d.Parts[0].Patient.ID)) + "  " + cut(phrase.Plain(d.Clinic)) + "  " + cut(phrase.Plain(d.Phone))))
		pdf.CellFormat(s.width, 4, whose, "", 0, "L", false, 0, "")
		pdf.SetXY(margin, pageHeight-10)
		pdf.CellFormat(s.width, 4, strconv.Itoa(pdf.PageNo())+" / {nb}", "", 0, "R", false, 0, "")
	})
	pdf.AddPage()
	pdf.SetXY(margin, margin)
	if d.For == view.ForClinician {
		s.clinician(page.NewClinician(d))
	} else {
		s.patient(page.NewPatient(d))
	}
	return pdf.Output(w)
}

var letters = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
})

// printable returns a text with a box for each letter that the font lacks.
func (s *sheet) printable(text string) string {
	var buf sfnt.Buffer
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if at, err := letters().GlyphIndex(&buf, r); r != ' ' && r != '\u00a0' && (err != nil || at == 0 || r > 0xffff) {
			r, s.lost = '□', true
		}
		out = append(out, r)
	}
	return string(out)
}

// A token is a word with what it looks like.
type token struct {
	text  string
	style string
	width float64
	glued bool // to the word before
}

// lines breaks a text into lines of a width, in a size in points, between words: what is glued
// stays together as long as a line can hold it.
func (s *sheet) lines(w phrase.Words, width, size float64, style string) [][]token {
	var all []token
	glued := false
	for _, r := range w {
		st := style
		if r.Strong && st != "B" {
			st = "B" + st
		}
		s.SetFont("go", st, size)
		all = append(all, s.tokens(r.Text, st, width, &glued)...)
	}
	s.SetFont("go", style, size)
	space := s.GetStringWidth(" ")
	var lines [][]token
	var line []token
	used := 0.0
	for len(all) > 0 {
		n, long := 1, all[0].width
		for n < len(all) && all[n].glued && long+all[n].width <= width {
			long, n = long+all[n].width, n+1
		}
		gap := space
		if len(line) == 0 || all[0].glued {
			gap = 0
		}
		if used+gap+long > width && len(line) > 0 {
			lines, line, used, gap = append(lines, line), nil, 0, 0
		}
		line, used, all = append(line, all[:n]...), used+gap+long, all[n:]
	}
	return append(lines, line)
}

// tokens splits a text into words; one that is wider than a line is cut.
func (s *sheet) tokens(text, style string, width float64, glued *bool) []token {
	var list []token
	start := -1
	runes := []rune(s.printable(text))
	add := func(word []rune) {
		for {
			n := len(word)
			for n > 1 && s.GetStringWidth(string(word[:n])) > width {
				n--
			}
			list = append(list, token{string(word[:n]), style, s.GetStringWidth(string(word[:n])), *glued})
			*glued = true
			if word = word[n:]; len(word) == 0 {
				return
			}
		}
	}
	for i, r := range runes {
		switch {
		case r == ' ':
			if start >= 0 {
				add(runes[start:i])
				start = -1
			}
			*glued = false
		case start < 0:
			start = i
		case runes[i-1] == '-': // where a word may be broken, if it must be
			add(runes[start:i])
			start = i
		}
	}
	if start >= 0 {
		add(runes[start:])
		*glued = true
	}
	return list
}

// lead is the height of a line of a size in points.
func lead(size float64) float64 { return size * 0.3528 * 1.3 }

// draw writes lines at a place, each stretch of one style in one piece, so that what is copied
// out of the file comes as whole words.
func (s *sheet) draw(x, y float64, lines [][]token, size float64) {
	for i, line := range lines {
		at := x
		for k := 0; k < len(line); {
			style, text := line[k].style, line[k].text
			s.SetFont("go", style, size)
			if k > 0 && !line[k].glued {
				at += s.GetStringWidth(" ")
			}
			for k++; k < len(line) && line[k].style == style; k++ {
				if !line[k].glued {
					text += " "
				}
				text += line[k].text
			}
			s.Text(at, y+lead(size)*float64(i)+size*0.3528, text)
			at += s.GetStringWidth(text)
		}
	}
}

// fitting returns a size at which no word of a text is wider than a column, of those from size down to two
// thirds of it.
func (s *sheet) fitting(text string, width, size float64, style string) float64 {
	least := size * 2 / 3
	for _, word := range strings.Fields(s.printable(text)) {
		for s.SetFont("go", style, size); size > least && s.GetStringWidth(word) > width; s.SetFont("go", style, size) {
			size = max(size*0.96, least)
		}
	}
	return size
}

// need begins a new page where so much height is not left.
func (s *sheet) need(height float64) {
	if s.GetY()+height > s.height && s.GetY() > margin {
		s.AddPage()
		s.SetXY(margin, margin)
	}
}

// write writes a text into a column at the present height, over as many pages as it takes.
func (s *sheet) write(w phrase.Words, x, width, size float64, style string) {
	for _, line := range s.lines(w, width, size, style) {
		s.need(lead(size))
		s.draw(x, s.GetY(), [][]token{line}, size)
		s.SetY(s.GetY() + lead(size))
	}
}

// heading writes a title with a line under it, and keeps it with what follows.
func (s *sheet) heading(text string) {
	s.need(lead(s.size*1.15) + 12)
	s.Bookmark(s.printable(text), 0, -1)
	s.write(phrase.Text(text), margin, s.width, s.size*1.15, "B")
	s.rule(0.2)
	s.SetY(s.GetY() + 1)
}

func (s *sheet) rule(width float64) {
	s.SetLineWidth(width)
	s.Line(margin, s.GetY(), margin+s.width, s.GetY())
}

// list writes texts with a mark before each.
func (s *sheet) list(list []phrase.Words, x, width float64) {
	for _, w := range list {
		s.need(lead(s.size))
		s.draw(x, s.GetY(), s.lines(phrase.Text("•"), 4, s.size, ""), s.size)
		s.write(w, x+3.6, width-3.6, s.size, "")
		s.SetY(s.GetY() + 0.5)
	}
	s.SetY(s.GetY() + 1.5)
}

// gray is the ink of what matters less; it is black enough for any printer.
func (s *sheet) gray(on bool) {
	shade := 0
	if on {
		shade = 75
	}
	s.SetTextColor(shade, shade, shade)
}

// dashed draws what follows broken, or whole again.
func (s *sheet) dashed(on bool) {
	if on {
		s.SetDashPattern([]float64{1, 0.8}, 0)
		return
	}
	s.SetDashPattern(nil, 0)
}

// cut shortens a text for the foot of a page.
func cut(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
