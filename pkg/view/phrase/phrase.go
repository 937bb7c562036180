// Package phrase holds what the program says to a patient, in every language that it speaks.
//
// A language is one file of this folder, such as de.yaml: a key and a phrase on each line. Phrases
// are whole sentences or whole parts of a list, so that none depends on the grammar of another. A
// name in braces stands for a value; what stands between asterisks is printed bold. A phrase with
// a number has two forms, KEY.one and KEY.other. To add a language, translate en.yaml: a test
// compares the keys and the values of each.
//
// What a protocol or a patient says is never translated. It stands inside phrases as written, and
// is marked: [Quote] and [Name].
package phrase

import (
	"embed"
	"fmt"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/doseplan/doseplan/pkg/source"
)

//go:embed *.yaml
var files embed.FS

// catalogues are all languages, by name.
var catalogues = sync.OnceValue(func() map[string]*Catalogue {
	list := map[string]*Catalogue{}
	for _, lang := range Languages() {
		text, err := files.ReadFile(lang + ".yaml")
		if err != nil {
			panic(err) // the file is part of the program
		}
		root, found := source.Parse(lang+".yaml", text)
		if found.HasErrors() {
			panic(found.Error())
		}
		c := &Catalogue{Lang: lang, phrases: map[string]string{}}
		for _, f := range root.Fields {
			c.phrases[f.Key.Value] = f.Value.Value
		}
		list[lang] = c
	}
	return list
})

// Languages returns the languages that there are, as BCP 47 names them, in order.
func Languages() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(path.Base(e.Name()), ".yaml")
	}
	return names
}

// A Catalogue is the phrases of one language.
type Catalogue struct {
	Lang    string // as BCP 47 names it: "de"
	phrases map[string]string
}

// In returns the catalogue of a language, and English for one that there is not.
func In(lang string) *Catalogue {
	if c := catalogues()[lang]; c != nil {
		return c
	}
	return catalogues()["en"]
}

// Has reports whether there is a phrase of a key.
func (c *Catalogue) Has(key string) bool { return c.phrases[key] != "" }

// Words are a text that remembers who said what.
type Words []Run

// A Run is a stretch of text of one kind.
type Run struct {
	Text   string
	Strong bool
	Source Source
}

// A Source says whose words a text is.
type Source uint8

// The sources.
const (
	Ours       Source = iota // the catalogue's, in the language of the page
	OfProtocol               // a protocol's, in English
	OfPerson                 // a patient's or a clinic's, in a language that nobody stated
)

// Quote marks a text that a protocol, or the program in English, says.
func Quote(text string) Words { return Words{{Text: Plain(text), Source: OfProtocol}} }

// Name marks a text that a patient or a clinic says.
func Name(text string) Words { return Words{{Text: Plain(text), Source: OfPerson}} }

// Text returns a text in the language of the page.
func Text(text string) Words { return Words{{Text: Plain(text)}} }

// String returns the bare text.
func (w Words) String() string {
	var b strings.Builder
	for _, r := range w {
		b.WriteString(r.Text)
	}
	return b.String()
}

// Strong returns w in bold.
func (w Words) Strong() Words {
	out := make(Words, len(w))
	for i, r := range w {
		out[i], out[i].Strong = r, true
	}
	return out
}

// Join puts texts together with a separator.
func Join(list []Words, separator string) Words {
	var out Words
	for i, w := range list {
		if i > 0 {
			out = append(out, Run{Text: separator})
		}
		out = append(out, w...)
	}
	return out
}

// A Value stands for a name in a phrase. Its value is Words, a text of the catalogue or a whole
// number.
type Value struct {
	Name  string
	Value any
}

// V returns a Value.
func V(name string, value any) Value { return Value{name, value} }

// Say returns a phrase with its values.
func (c *Catalogue) Say(key string, values ...Value) Words {
	phrase, ok := c.phrases[key]
	if !ok {
		panic("no phrase has the key " + key)
	}
	var out Words
	strong := false
	add := func(text string) {
		if text != "" {
			out = append(out, Run{Text: text, Strong: strong})
		}
	}
	for phrase != "" {
		i := strings.IndexAny(phrase, "*{")
		if i < 0 {
			add(phrase)
			break
		}
		add(phrase[:i])
		if phrase[i] == '*' {
			strong, phrase = !strong, phrase[i+1:]
			continue
		}
		name, rest, _ := strings.Cut(phrase[i+1:], "}")
		phrase = rest
		for _, r := range words(key, name, values) {
			r.Strong = r.Strong || strong
			out = append(out, r)
		}
	}
	return out
}

func words(key, name string, values []Value) Words {
	for _, v := range values {
		if v.Name != name {
			continue
		}
		switch x := v.Value.(type) {
		case Words:
			return x
		case string:
			return Words{{Text: x}}
		case int:
			return Words{{Text: strconv.Itoa(x)}}
		}
	}
	panic(fmt.Sprintf("the phrase %s needs a value for %s", key, name))
}

// Count returns the phrase for a number: KEY.one or KEY.other, where {n} is the number.
func (c *Catalogue) Count(key string, n int, values ...Value) Words {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return c.Say(key+form, append(values, V("n", n))...)
}

// And returns a list in words: "a, b and c".
func (c *Catalogue) And(list []Words) Words {
	if len(list) < 2 {
		return Join(list, "")
	}
	last := len(list) - 1
	return c.Say("and", V("a", Join(list[:last], ", ")), V("b", list[last]))
}
