package patient

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/diag"
)

// JSON takes in a patient from one line of JSON: the keys of a patient file, where birth_date is
// read as birth date. A null states nothing. line is the number of the line, for findings.
func (b *Builder) JSON(name string, line int, text []byte) {
	r := jsonReader{Builder: b, dec: json.NewDecoder(bytes.NewReader(text)), name: name, line: line, text: text}
	r.dec.UseNumber()
	if err := r.read(); err != nil {
		b.found = append(b.found, r.broken(err))
	}
}

type jsonReader struct {
	*Builder
	dec  *json.Decoder
	name string
	line int
	text []byte
}

var errNotAPatient = errors.New("a patient is an object of keys and values, in braces")

// read reads the whole line. Its errors are of the JSON; what is wrong with values is found.
func (r *jsonReader) read() error {
	if t, err := r.dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errNotAPatient
	}
	if err := r.object(func(key string, at diag.Range) error {
		switch key {
		case "doseplan", "kind":
			t, err := r.dec.Token()
			if text, _ := scalar(t); err == nil && text != map[string]string{"doseplan": "1", "kind": "patient"}[key] {
				r.fault("", at, &fault{diag.BadWord, "this is not a patient of version 1", "leave doseplan and kind out, or write 1 and patient"})
			}
			return err
		case "conditions":
			return r.conditions(at)
		case fieldPresent, fieldAbsent:
			r.fault(key, at, &fault{diag.UnknownKey, "patient has no key “" + key + "”", "put it below “conditions”"})
			return r.skip()
		}
		return r.value(key, at)
	}); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return errNotAPatient
	}
	return nil
}

// object reads the keys of an object that has begun, each once.
func (r *jsonReader) object(value func(key string, at diag.Range) error) error {
	var seen []string
	for r.dec.More() {
		t, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		at := r.here(len(key))
		for _, s := range seen {
			if s == key {
				r.fault(key, at, &fault{diag.DuplicateKey, "the key “" + key + "” stands twice", "keep one of the two"})
			}
		}
		seen = append(seen, key)
		if err := value(strings.ReplaceAll(key, "_", " "), at); err != nil {
			return err
		}
	}
	_, err := r.dec.Token()
	return err
}

func (r *jsonReader) conditions(at diag.Range) error {
	t, err := r.dec.Token()
	switch {
	case err != nil || t == nil:
		return err
	case t != json.Delim('{'):
		r.fault("", at, &fault{diag.WrongType, "conditions must be a mapping of keys to values", "write those the patient has under `present`, and those that were asked for and are not there under `absent`"})
		return r.rest(t)
	}
	return r.object(func(key string, at diag.Range) error {
		if key != fieldPresent && key != fieldAbsent {
			r.fault("", at, &fault{diag.UnknownKey, "conditions has no key “" + key + "”", diag.DidYouMean(key, []string{fieldPresent, fieldAbsent})})
			return r.skip()
		}
		return r.value(key, at)
	})
}

// value states a field: one value, or a list of them.
func (r *jsonReader) value(key string, at diag.Range) error {
	t, err := r.dec.Token()
	if err != nil || t == nil {
		return err
	}
	if text, ok := scalar(t); ok {
		r.State(key, at, text)
		return nil
	}
	i := fieldOf(key)
	if t == json.Delim('{') && i >= 0 && fields[i].pairs != nil {
		return r.named(key, at)
	}
	if t != json.Delim('[') || i >= 0 && !fields[i].several() {
		r.fault(key, at, &fault{diag.WrongType, "“" + key + "” must be a single value", ""})
		return r.rest(t)
	}
	var texts []string
	for r.dec.More() {
		t, err := r.dec.Token()
		if err != nil {
			return err
		}
		text, ok := scalar(t)
		if !ok {
			r.fault(key, at, &fault{diag.WrongType, "an entry of “" + key + "” must be a single value", ""})
			if err := r.rest(t); err != nil {
				return err
			}
			continue
		}
		texts = append(texts, text)
	}
	r.State(key, at, texts...)
	_, err = r.dec.Token()
	return err
}

// named states a field by names: an object that has begun.
func (r *jsonReader) named(field string, at diag.Range) error {
	var texts []string
	if err := r.object(func(key string, at diag.Range) error {
		t, err := r.dec.Token()
		if err != nil {
			return err
		}
		text, ok := scalar(t)
		if !ok {
			r.fault(field, at, &fault{diag.WrongType, "an entry of “" + field + "” must be a single value", ""})
			return r.rest(t)
		}
		texts = append(texts, key+"="+text)
		return nil
	}); err != nil {
		return err
	}
	r.State(field, at, texts...)
	return nil
}

// scalar returns the text of a value that is one.
func scalar(t json.Token) (string, bool) {
	switch t := t.(type) {
	case string:
		return t, true
	case json.Number:
		return t.String(), true
	case bool:
		if t {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// skip passes over a value.
func (r *jsonReader) skip() error {
	t, err := r.dec.Token()
	if err != nil {
		return err
	}
	return r.rest(t)
}

// rest passes over what follows the first token of a value.
func (r *jsonReader) rest(t json.Token) error {
	if _, opens := t.(json.Delim); !opens {
		return nil
	}
	for depth := 1; depth > 0; {
		t, err := r.dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// here returns the place of the token that was read last, which is so many bytes long in its quotes.
func (r *jsonReader) here(length int) diag.Range {
	end := int(r.dec.InputOffset())
	column := utf8.RuneCount(r.text[:max(end-length-2, 0)]) + 1
	return diag.Range{File: r.name, Start: diag.Pos{Line: r.line, Column: column}, End: diag.Pos{Line: r.line, Column: column + length + 2}}
}

// broken says what is wrong with the JSON, without repeating any of it.
func (r *jsonReader) broken(err error) diag.Diagnostic {
	message, help := "this is not JSON", "check the quotes, the commas and the braces"
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		message, help = "the JSON ends in the middle", "check that the file is whole"
	case errors.Is(err, errNotAPatient):
		message, help = err.Error(), "write one patient a line"
	}
	return diag.Diagnostic{Code: diag.Syntax, Severity: diag.Syntax.Severity(), Range: r.here(0), Message: message, Help: help}
}
