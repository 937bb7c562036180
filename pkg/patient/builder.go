package patient

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/source"
)

// A Builder makes a patient of what is stated, in layers: flags, then the file below them. A
// layer answers what those before it left open, so that what is stated first counts, and
// whatever a file says of it is not looked at. Lists add up: what a file knows of a patient's
// conditions, medicines and what was received is not forgotten for more of them. The zero
// Builder states nothing.
type Builder struct {
	patient Patient
	found   diag.List
	stated  set        // the fields that this layer states
	settled set        // the fields that layers before it have stated
	lists   set        // the lists that layers before it have stated, to which it adds
	absent  diag.Range // where the absent conditions are stated
}

// A set of fields, by their index.
type set uint32

// lists are the fields that can state any number of texts.
var lists = func() (s set) {
	for i := range fields {
		if fields[i].several() {
			s |= 1 << i
		}
	}
	return s
}()

func (s set) has(name string) bool { return s&(1<<fieldOf(name)) != 0 }

// Below begins the layer below: a file under flags.
func (b *Builder) Below() {
	b.lists |= b.stated & lists
	b.settled |= b.stated &^ lists
	b.stated = 0
	// An age and a birth date answer the same question.
	if b.settled.has(fieldAge) || b.settled.has(fieldBirthDate) {
		b.settled |= 1<<fieldOf(fieldAge) | 1<<fieldOf(fieldBirthDate)
	}
}

// Apart begins a layer that is not of this patient alone: it adds to no list that others have stated.
func (b *Builder) Apart() {
	b.Below()
	b.settled |= b.lists
	b.lists = 0
}

// Open reports whether no layer has stated a parameter yet.
func (b *Builder) Open(name string) bool { return !(b.settled | b.lists | b.stated).has(name) }

// State takes in what is stated of a parameter, by its name in [FieldNames]: one text, or any
// number of them where it is a list. at is where that was written, for findings.
func (b *Builder) State(name string, at diag.Range, texts ...string) {
	i := fieldOf(name)
	if i < 0 {
		b.fault(name, at, &fault{diag.UnknownKey, "patients have no “" + name + "”", diag.DidYouMean(name, FieldNames())})
		return
	}
	b.state(i, at, texts...)
}

func (b *Builder) state(i int, at diag.Range, texts ...string) {
	f := &fields[i]
	if !b.open(i, at) {
		return
	}
	b.clear(i)
	for _, text := range texts {
		b.text(f, at, text)
	}
	if !f.several() && len(texts) != 1 {
		b.fault(f.name, at, &fault{diag.WrongType, f.what + " must be a single value", ""})
	}
}

// clear takes out what a list held before in this layer.
func (b *Builder) clear(i int) {
	switch f := &fields[i]; {
	case b.lists&(1<<i) != 0: // it adds to what is there
	case f.list != nil:
		*f.list(&b.patient) = nil
	case f.pairs != nil:
		f.pairs.clear(&b.patient)
	}
}

// open takes down that a field is stated, and reports whether it is left to this layer.
func (b *Builder) open(i int, at diag.Range) bool {
	if b.settled&(1<<i) != 0 {
		if fields[i].name == fieldBirthDate && b.patient.AgeStated {
			b.fault(fieldAge, at, &fault{diag.BadPatient, "an age and a birth date are both stated", "leave the age out: it follows from the birth date of the patient's file"})
		}
		return false
	}
	b.stated |= 1 << i
	switch fields[i].name {
	case fieldAge, fieldBirthDate:
		if b.stated.has(fieldAge) && b.stated.has(fieldBirthDate) {
			b.fault(fieldAge, at, &fault{diag.BadPatient, "an age and a birth date are both stated", "state the birth date alone"})
		}
	case fieldAbsent:
		b.absent = at
	}
	return true
}

// text takes in one text of a field.
func (b *Builder) text(f *field, at diag.Range, text string) {
	switch {
	case strings.TrimSpace(text) == "":
		b.fault(f.name, at, &fault{diag.WrongType, f.what + " is empty", "write a value, or remove the key"})
	case f.pairs != nil:
		name, value, ok := strings.Cut(text, "=")
		wrong := &fault{diag.WrongType, f.what + " is stated without a name", "write it as name=value"}
		if name, value = strings.TrimSpace(name), strings.TrimSpace(value); b.lists.has(f.name) && f.pairs.known != nil && f.pairs.known(&b.patient, name) {
			return // what is stated first counts
		}
		if ok && name != "" {
			wrong = f.pairs.set(&b.patient, name, value)
		}
		if wrong != nil {
			b.fault(f.name, at, wrong)
		}
	case f.list != nil:
		if list := f.list(&b.patient); !b.lists.has(f.name) || !slices.ContainsFunc(*list, func(s string) bool { return strings.EqualFold(s, text) }) {
			*list = append(*list, text)
		}
	default:
		if wrong := f.set(&b.patient, text); wrong != nil {
			b.fault(f.name, at, wrong)
		}
	}
}

func (b *Builder) fault(field string, at diag.Range, f *fault) {
	b.found = append(b.found, diag.Diagnostic{Code: f.code, Severity: f.code.Severity(), Range: at, Message: f.message, Help: f.help, Field: field})
}

// Add takes in what was found wrong with the text of a file before it was read as a patient's.
func (b *Builder) Add(found ...diag.Diagnostic) { b.found = append(b.found, found...) }

// Patient returns the patient of all layers. It is one that a person can be where the findings
// hold no error.
func (b *Builder) Patient() (*Patient, diag.List) {
	p := &b.patient
	for _, s := range p.Present {
		if slices.ContainsFunc(p.Absent, func(a string) bool { return strings.EqualFold(a, s) }) {
			b.fault(fieldPresent, b.absent, &fault{diag.BadPatient, "a condition is stated as present and as absent", "state it once"})
		}
	}
	if !b.found.HasErrors() {
		b.found = append(b.found, p.Check()...)
	}
	return p, b.found.Sort()
}

// Decode reads a patient from the tree of a file. A nil tree states nothing.
func Decode(n *source.Node) (*Patient, diag.List) {
	var b Builder
	if n != nil {
		b.File(n)
	}
	return b.Patient()
}
