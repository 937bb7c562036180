// Package html writes a document as one page of HTML that stands alone: no script, no request,
// nothing to load. It prints in black and white on A4 and Letter, shows light or dark on a screen,
// one day below the other on a small one, and can be read aloud.
package html

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/page"
	"github.com/doseplan/doseplan/pkg/view/phrase"
	"github.com/doseplan/doseplan/pkg/view/svg"
)

//go:embed *.gohtml *.css
var files embed.FS

var templates = sync.OnceValue(func() *template.Template {
	css, err := files.ReadFile("page.css")
	if err != nil {
		panic(err) // the file is part of the program
	}
	return template.Must(template.New("").Funcs(template.FuncMap{
		"words": words,
		"box":   box,
		"tel":   tel,
		"css":   func() template.CSS { return template.CSS(css) },
		"chart": func(c *phrase.Catalogue, chart *page.Chart) template.HTML {
			return template.HTML(svg.Inline(c, chart, false))
		},
		"curve": func(chart *page.Chart) template.HTML { return template.HTML(svg.Inline(phrase.In("en"), chart, true)) },
		"say":   func(p *page.Patient, key string) string { return p.Say(key).String() },
	}).ParseFS(files, "*.gohtml"))
})

// Write writes a document as a page for the reader that its options name.
func Write(w io.Writer, d *view.Document) error {
	var out bytes.Buffer
	name, data := "patient.gohtml", any(nil)
	if d.For == view.ForClinician {
		name, data = "clinician.gohtml", page.NewClinician(d)
	} else {
		data = page.NewPatient(d)
	}
	if err := templates().ExecuteTemplate(&out, name, data); err != nil {
		return err
	}
	_, err := out.WriteTo(w)
	return err
}

// words writes a text with its marks: what is bold, and what is in another language than the page.
func words(w phrase.Words) template.HTML {
	var b strings.Builder
	for _, r := range w {
		open, shut := "", ""
		switch r.Source {
		case phrase.OfProtocol:
			open, shut = `<bdi lang="en">`, `</bdi>`
		case phrase.OfPerson:
			open, shut = `<bdi>`, `</bdi>`
		}
		if r.Strong {
			open, shut = "<b>"+open, shut+"</b>"
		}
		b.WriteString(open + template.HTMLEscapeString(r.Text) + shut)
	}
	return template.HTML(b.String())
}

func box(b page.Box) template.HTML {
	switch b {
	case page.OpenBox:
		return `<span class="box" aria-hidden="true"></span>`
	case page.MaybeBox:
		return `<span class="box m" aria-hidden="true"></span>`
	case page.DoneBox:
		return `<span class="box" aria-hidden="true">✓</span>`
	case page.VisitBox:
		return `<span class="visit" aria-hidden="true"></span>`
	}
	return `<span></span>`
}

// tel is the address of a telephone number: what can be dialled of it.
func tel(number string) template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number))
}
