package patient

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

// said are texts for every field, and what is wrong with some of them.
var said = []struct{ field, text, wrong string }{
	{"id", "P-1", ""}, {"id", "a\x01b", "cannot be used"},
	{"weight", "72 kg", ""}, {"weight", "158lb", ""}, {"weight", "72", "has no unit"}, {"weight", "7200 kg", "not that of a person"},
	{"height", "5 ft 10 in", ""}, {"height", "1.8 m", ""}, {"height", "5 ft 14 in", "feet and inches"}, {"height", "18 m", "not that of a person"},
	{"body surface", "1.73 m2", ""}, {"body surface", "17.3 m2", "not that of a person"}, {"body surface", "1.73 cm", "cannot be in"},
	{"birth date", "1984-02-29", ""}, {"birth date", "1985-02-29", "no such day"},
	{"age", "41", ""}, {"age", "41 years", ""}, {"age", "131", "not an age"},
	{"sex", "female", ""}, {"sex", "F", "neither"},
	{"start", "2026-03-02", ""}, {"start", "today", "not a date"},
	{"time zone", "Europe/Berlin", ""}, {"time zone", "Berlin", "unknown time zone"},
	{"present", "asthma", ""}, {"absent", "psychosis", ""}, {"medications", "lamotrigine", ""},
	{"received", "doxorubicin=240 mg/m2", ""}, {"received", "doxorubicin = 0 mg", ""}, {"received", "doxorubicin", "without a name"}, {"received", "doxorubicin=240 cm", "not a total"},
	{"dates", "departure=2026-07-01", ""}, {"dates", "operation=2026-07-01 09:00", ""}, {"dates", "operation=2026-07-01 9", "not a time of day"}, {"dates", "departure", "without a name"}, {"dates", "departure=soon", "not a date"},
	{"measurements", "creatinine=1.1 mg/dL", ""}, {"measurements", "creatinine clearance = 60 mL/min", ""}, {"measurements", "creatinine", "without a name"}, {"measurements", "creatinine=1.1", "no number with a unit"},
	{"acuity", "high", ""}, {"acuity", "severe", "neither"},
}

// A parameter is read alike from a file, from a table, from a line of JSON and from a flag.
func TestOneWayIn(t *testing.T) {
	for _, x := range said {
		var flags Builder
		flags.State(x.field, diag.Range{}, x.text)
		flag, flagFound := flags.Patient()
		if x.wrong == "" && len(flagFound) > 0 || x.wrong != "" && (len(flagFound) != 1 || !strings.Contains(flagFound[0].Message, x.wrong) || flagFound[0].Field != x.field) {
			t.Errorf("%s %q: %v, want %q", x.field, x.text, flagFound, x.wrong)
		}
		file := x.field + `: "` + x.text + `"`
		if x.field == "present" || x.field == "absent" {
			file = "conditions: { " + file + " }"
		}
		if strings.Contains(x.text, "\x01") {
			file = strings.ReplaceAll(file, "\x01", `\x01`)
		}
		node, _ := source.Parse("p.yaml", []byte(file))
		fromFile, fileFound := Decode(node)
		header, _ := NewHeader([]string{strings.ReplaceAll(x.field, " ", "_")}, nil)
		var row, object Builder
		row.Row(header, []string{x.text}, func(int) diag.Range { return diag.Range{} })
		fromTable, tableFound := row.Patient()
		line, _ := json.Marshal(x.text)
		text := `{"` + strings.ReplaceAll(x.field, " ", "_") + `":` + string(line) + `}`
		if x.field == "present" || x.field == "absent" {
			text = `{"conditions":` + text + `}`
		}
		object.JSON("p.ndjson", 1, []byte(text))
		fromLine, lineFound := object.Patient()
		for name, got := range map[string]struct {
			p     *Patient
			found diag.List
		}{"file": {fromFile, fileFound}, "table": {fromTable, tableFound}, "line": {fromLine, lineFound}} {
			if diff := cmp.Diff(flag, got.p, cmp.Comparer(sameAmount), cmp.Comparer(func(a, b civil.Zone) bool { return a.String() == b.String() }), cmp.Comparer(func(a, b civil.Date) bool { return a == b }), cmp.Comparer(func(a, b civil.OptionalClock) bool { return a == b }), cmp.Comparer(func(a, b lab.Value) bool { return a.String() == b.String() })); diff != "" {
				t.Errorf("%s %q by %s: %s", x.field, x.text, name, diff)
			}
			if len(got.found) != len(flagFound) || len(flagFound) > 0 && (got.found[0].Message != flagFound[0].Message || got.found[0].Help != flagFound[0].Help || got.found[0].Field != x.field) {
				t.Errorf("%s %q by %s: %v, want %v", x.field, x.text, name, got.found, flagFound)
			}
		}
	}
	for _, f := range FieldNames() {
		if !slices.ContainsFunc(said, func(x struct{ field, text, wrong string }) bool { return x.field == f }) {
			t.Errorf("the field %s is not tried", f)
		}
	}
}

func sameAmount(a, b quantity.Amount) bool {
	return a.IsSet() == b.IsSet() && (!a.IsSet() || a.Unit() == b.Unit() && a.Cmp(b) == 0)
}

// What flags state counts, and the file below them answers the rest.
func TestLayers(t *testing.T) {
	below := func(file string, flags ...string) (*Patient, diag.List) {
		var b Builder
		for i := 0; i < len(flags); i += 2 {
			b.State(flags[i], diag.Range{File: "--" + flags[i]}, flags[i+1])
		}
		b.Below()
		node, _ := source.Parse("p.yaml", []byte(file))
		b.File(node)
		return b.Patient()
	}
	p, found := below("weight: 7\nage: 41\nstart: 2026-03-02\nconditions: { present: [asthma], absent: [psychosis] }\n", "weight", "80 kg", "birth date", "1990-01-01", "present", "gout")
	if len(found) > 0 || p.Weight.String() != "80 kg" || p.AgeStated || p.BirthDate.IsZero() || p.Start.IsZero() || !slices.Equal(p.Present, []string{"gout", "asthma"}) || len(p.Absent) != 1 {
		t.Errorf("%+v, %v", p, found)
	}
	p, found = below("received: { doxorubicin: 320 mg/m2 }\nmeasurements: { creatinine: 1 mg/dL, GFR: 50 mL/min }\nmedications: [insulin, lithium]\n", "received", "doxorubicin=10mg/m2", "measurements", "creatinine=2mg/dL", "medications", "Lithium")
	if len(found) > 0 || len(p.Received) != 2 || p.Measurement("creatinine").String() != "2 mg/dL" || len(p.Measured) != 2 || !slices.Equal(p.Medications, []string{"Lithium", "insulin"}) {
		t.Errorf("%+v, %v", p, found)
	}
	for _, x := range []struct{ file, flag, text, wrong string }{
		{"age: 41\nbirth date: 1984-01-01\n", "sex", "male", "both stated"},
		{"conditions: { absent: [asthma] }\n", "present", "Asthma", "as present and as absent"},
		{"birth date: 1984-01-01\n", "age", "41", "both stated"},
		{"start: 2026-03-02\n", "birth date", "2027-01-01", "after the start"},
		{"start: 2026-03-02\n", "weight", " ", "is empty"},
		{"start: 2026-03-02\n", "wieght", "72 kg", "no “wieght”"},
	} {
		if _, found := below(x.file, x.flag, x.text); len(found) != 1 || !strings.Contains(found[0].Message, x.wrong) {
			t.Errorf("%s, %s %s: %v; want %q", x.file, x.flag, x.text, found, x.wrong)
		}
	}
	var b Builder
	b.State("age", diag.Range{}, "41")
	b.State("birth date", diag.Range{}, "1984-01-01")
	b.State("weight", diag.Range{}, "72 kg", "80 kg")
	b.Below()
	if _, found := b.Patient(); len(found) != 2 {
		t.Errorf("two of a kind: %v", found)
	}
}

// A line of JSON is read with its shapes, and its faults are found.
func TestJSON(t *testing.T) {
	read := func(text string) (*Patient, diag.List) {
		var b Builder
		b.JSON("p.ndjson", 3, []byte(text))
		return b.Patient()
	}
	p, found := read(`{"kind":"patient","doseplan":1,"id":"Ä","age":41,"weight":null,"conditions":{"present":["asthma","gout"],"absent":"psychosis"},"medications":["a","b"]}`)
	if len(found) > 0 || p.ID != "Ä" || p.StatedAge.Years() != 41 || p.Weight.IsSet() || len(p.Present) != 2 || len(p.Absent) != 1 || len(p.Medications) != 2 {
		t.Errorf("%+v, %v", p, found)
	}
	for text, want := range map[string]string{
		`{"id":"Ä","wieght":"72 kg"}`:             `p.ndjson:3:11: error: patients have no “wieght”`,
		`{"id":"A","id":"B"}`:                     "stands twice",
		`{"weight":{"value":72}}`:                 "must be a single value",
		`{"weight":["72 kg"]}`:                    "must be a single value",
		`{"weight":72}`:                           "has no unit",
		`{"present":["asthma"]}`:                  "no key “present”",
		`{"conditions":["asthma"]}`:               "must be a mapping",
		`{"conditions":{"past":["asthma"]}}`:      "no key “past”",
		`{"conditions":{"present":[["asthma"]]}}`: "must be a single value",
		`{"kind":"protocol"}`:                     "not a patient",
		`{"id":"A","weight":"7`:                   "ends in the middle",
		`{"id":"A"`:                               "ends in the middle",
		`{"id":"A"} {"id":"B"}`:                   "in braces",
		`[{"id":"A"}]`:                            "in braces",
		`{"id":"A",}`:                             "not JSON",
		`{id:"A"}`:                                "not JSON",
	} {
		if _, found := read(text); !strings.Contains(found.Error(), want) {
			t.Errorf("%s: %v; want %s", text, found, want)
		}
	}
}

// No line crashes the reader.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"id":"A","conditions":{"present":["a",1,true,null]},"x":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b Builder
		b.JSON("p", 1, text)
		b.Patient()
	})
}

// What is stated by name can stand as a mapping, in a file and in a line of JSON.
func TestPairs(t *testing.T) {
	node, _ := source.Parse("p.yaml", []byte("received: { doxorubicin: 240 mg/m2, \"3002\": 1 g }\n"))
	file, found := Decode(node)
	var b Builder
	b.JSON("p.ndjson", 1, []byte(`{"received":{"doxorubicin":"240 mg/m2","3002":"1 g"}}`))
	line, more := b.Patient()
	if found = append(found, more...); len(found) > 0 || len(file.Received) != 2 {
		t.Fatalf("%v: %v", file, found)
	}
	if diff := cmp.Diff(file.Received, line.Received, cmp.Comparer(sameAmount)); diff != "" {
		t.Error(diff)
	}
	if total := file.ReceivedOf("Cyclophosphamide", "3002"); len(total) != 1 || total[0].String() != "1 g" {
		t.Errorf("by its code: %v", total)
	}
	if len(file.ReceivedOf("cyclophosphamide", "")) > 0 {
		t.Error("a medicine that the file does not name")
	}
}
