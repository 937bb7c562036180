package protocol

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/protocols"
)

var reWant = regexp.MustCompile(`# want ((?:DP\d{3} ?)+)`)

// Every file of testdata/protocol/err states, on the line of each fault, the codes that it
// raises. All of them must be found, and nothing else.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("../../testdata/protocol/err/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for i, line := range strings.Split(string(text), "\n") {
				if m := reWant.FindStringSubmatch(line); m != nil {
					for _, code := range strings.Fields(m[1]) {
						want = append(want, fmt.Sprintf("%d %s", i+1, code))
					}
				}
			}
			_, found := Decode(file, text, nil)
			for _, d := range found {
				got = append(got, fmt.Sprintf("%d %s", d.Range.Start.Line, d.Code))
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("found %v\nwant  %v\n%v", got, want, found)
			}
		})
	}
}

func TestShippedProtocolsAreSound(t *testing.T) {
	for _, id := range protocols.IDs() {
		text, err := protocols.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		p, found := Decode(id+".yaml", text, func(name, _ string) (string, []byte, error) {
			b, err := protocols.Read(name)
			return name + ".yaml", b, err
		})
		if len(found) > 0 {
			t.Errorf("%s: %v", id, found)
		}
		if p.ID != id {
			t.Errorf("%s.yaml has the id %s", id, p.ID)
		}
		if len(p.Evidence) == 0 {
			t.Errorf("%s has no evidence", id)
		}
		if p.Status == Published && !slices.ContainsFunc(p.Evidence, func(e Evidence) bool { return (e.Cite != "" || e.Label != "") && len(e.For) > 0 }) {
			t.Errorf("%s does not say what its sources are for", id)
		}
	}
}

func TestExtends(t *testing.T) {
	files := map[string]string{
		"base.yaml":   small,
		"clinic.yaml": "extends: base.yaml\nid: clinic\nphases: { course: { dose: 55 mg } }\n",
		"loop-a.yaml": "extends: loop-b.yaml\n",
		"loop-b.yaml": "extends: loop-a.yaml\n",
	}
	resolve := func(name, _ string) (string, []byte, error) {
		text, ok := files[name]
		if !ok {
			return "", nil, os.ErrNotExist
		}
		return name, []byte(text), nil
	}
	p, found := Decode("mine.yaml", []byte("extends: clinic.yaml\nid: mine\nversion: 2.0.0\n"), resolve)
	if len(found) > 0 {
		t.Fatal(found)
	}
	ph, _ := p.Phase("course")
	if p.ID != "mine" || p.Title != "An example" || ph.Dose.(*Amount).Quantity.String() != "55 mg" || ph.Course.Doses != 10 {
		t.Errorf("the protocol is %+v", p)
	}
	if at := ph.Dose.(*Amount).Range.String(); at != "clinic.yaml:3:27" {
		t.Errorf("the dose stands at %s", at)
	}
	if e := p.Origin.Extends; len(e) != 2 || e[0].ID != "clinic" || e[1].ID != "example" || len(e[1].SHA256) != 64 {
		t.Errorf("it extends %+v", e)
	}
	for text, want := range map[string]string{
		"extends: loop-a.yaml\n": "leads back", "extends: gone.yaml\n": "cannot be read", "extends: [a]\n": "single value",
	} {
		_, found := Decode("mine.yaml", []byte(text), resolve)
		if !found.HasErrors() || !strings.Contains(found.Error(), want) {
			t.Errorf("%q: %v", text, found)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(small))
	files, _ := filepath.Glob("../../testdata/protocol/err/*.yaml")
	corpus, _ := filepath.Glob("../../testdata/corpus/*.yaml")
	for _, file := range append(files, corpus...) {
		if text, err := os.ReadFile(file); err == nil {
			f.Add(text)
		}
	}
	for _, id := range protocols.IDs() {
		if text, err := protocols.Read(id); err == nil {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, found := Decode("x.yaml", text, func(name, _ string) (string, []byte, error) {
			b, err := protocols.Read(name)
			return name, b, err
		})
		if found.HasErrors() {
			return
		}
		if p.ID == "" || len(p.Phases) == 0 || len(p.Medications) == 0 {
			t.Errorf("a protocol without its parts has no fault")
		}
	})
}

// What is taken as needed has no days, and a medicine of its own.
func TestAsNeededHasNoDays(t *testing.T) {
	const file = "doseplan: 1\nkind: protocol\nid: example\ntitle: An example\nversion: 1.0.0\nstatus: template\nmodel: other\nsetting: home\npopulation: { weight: 40..120 kg }\nmedications: { examplamine: { routes: { oral: { round: 5 mg } } }, otheramine: { routes: { oral: { round: 1 mg } }, limits: { LIMITS } } }\nphases: { course: { medication: examplamine, dose: 50 mg, frequency: every 3 days, course: 10 doses } }\nas needed: { sick: { medication: WHICH, dose: DOSE, reason: nausea, apart: 8 hours, at most: MOST } }\n"
	for _, c := range []struct {
		limits, which, dose, most string
		code                      diag.Code
	}{
		{"single dose: 10 mg", "otheramine", "10 mg", "2 doses in 24 hours", ""},
		{"single dose: 10 mg", "otheramine", "{ by weight: { up to 50 kg: 5 mg, above 50 kg: 10 mg } }", "20 mg in 24 hours", ""},
		{"single dose: 10 mg", "examplamine", "10 mg", "2 doses in 24 hours", ""}, // beside the planned doses
		{"single dose: 10 mg", "otheramine", "{ by day: { from 1: 10 mg, from 2: 5 mg } }", "2 doses in 24 hours", diag.KeysExclude},
		{"single dose: 10 mg", "otheramine", "{ start: 5 mg, increase: 5 mg, every: 1 week, to: 10 mg }", "2 doses in 24 hours", diag.KeysExclude},
		{"in the course: 100 mg", "otheramine", "10 mg", "2 doses in 24 hours", diag.KeysExclude},
		{"in a lifetime: 100 mg", "otheramine", "10 mg", "2 doses in 24 hours", diag.KeysExclude},
		{"doses: 10", "otheramine", "10 mg", "2 doses in 24 hours", diag.KeysExclude},
		{"interval: 9 hours", "otheramine", "10 mg", "2 doses in 24 hours", diag.IntervalLimit},
		{"interval: 8 hours", "otheramine", "10 mg", "2 doses in 24 hours", ""},
		{"single dose: 10 mg", "otheramine", "10 mg", "5 doses in 24 hours", diag.LooseLimit},
		{"single dose: 10 mg", "otheramine", "10 mg", "2 doses a day", diag.BadTime},
		{"single dose: 10 mg", "nothing", "10 mg", "2 doses in 24 hours", diag.UnknownName},
		{"each day: 20 mg", "otheramine", "10 mg", "2 doses in 24 hours", diag.KeysExclude}, // a day can have 25 hours
		{"any 24 hours: 20 mg", "otheramine", "10 mg", "2 doses in 24 hours", ""},
		{"single dose: 10 mg", "otheramine", "10 mg", "25 mL in 24 hours", diag.LimitUnit},
		{"single dose: 10 mg", "otheramine", "10 mg", "2 doses in 24 hours }, worse: { medication: otheramine, dose: 5 mg, reason: worse, apart: 8 hours, at most: 1 doses in 24 hours", diag.KeysExclude},
	} {
		text := strings.NewReplacer("LIMITS", c.limits, "WHICH", c.which, "DOSE", c.dose, "MOST", c.most).Replace(file)
		_, found := Decode("test.yaml", []byte(text), nil)
		if c.code == "" && found.HasErrors() || c.code != "" && !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == c.code }) {
			t.Errorf("%v: %v", c, found)
		}
	}
}

// Of a `max` or a `min` that stands around cases and inside one of them, nobody could say which holds.
func TestOneMaximum(t *testing.T) {
	for dose, wrong := range map[string]bool{
		"{ by weight: { under 70 kg: 10 mg/kg, from 70 kg: { amount: 12 mg/kg, max: 900 mg } }, max: 500 mg }":  true,
		"{ by weight: { under 70 kg: { amount: 10 mg/kg, min: 50 mg }, from 70 kg: 12 mg/kg }, min: 100 mg }":   true,
		"{ by weight: { under 70 kg: { amount: 10 mg/kg, min: 50 mg }, from 70 kg: 12 mg/kg }, max: 900 mg }":   false,
		"{ by weight: { under 70 kg: { amount: 10 mg/kg, round: 5 mg }, from 70 kg: 12 mg/kg }, round: 10 mg }": false,
	} {
		text := strings.Replace(small, "dose: 50 mg", "dose: "+dose, 1) + "population: { weight: 40..120 kg }\n"
		_, found := Decode("x.yaml", []byte(text), nil)
		if found.HasErrors() != wrong {
			t.Errorf("%s: %v", dose, found)
		}
	}
}

// Of a medicine that is given on days and as needed, no calendar can promise what both come to: nothing but the largest
// single dose is taken as a limit.
func TestBesidePlannedDoses(t *testing.T) {
	const text = "limits: { LIMITS }\nas needed: { rescue: { dose: 10 mg, reason: pain, apart: 4 hours, at most: 2 doses in 24 hours } }\n"
	for limits, refused := range map[string]bool{
		"single dose: 100 mg": false, "any 24 hours: 100 mg": true, "each day: 100 mg": true, "in the course: 900 mg": true, "in a lifetime: 900 mg": true,
		"interval: 2 h": true, "interval: 2 days": true, "doses: 20": true, "reassess: every 6 months": true,
	} {
		p, found := decodeOn(t, strings.Replace(text, "LIMITS", limits, 1))
		if found.HasErrors() != refused {
			t.Errorf("%s: %v", limits, found)
		}
		if !refused && (p == nil || !p.AsNeeded[0].Beside || !strings.Contains(p.AsNeeded[0].Words(), "beside the planned doses")) {
			t.Errorf("%s: it is not said to be beside the planned doses", limits)
		}
	}
}

// A rule in the words of a label that the language does not have is answered with those that it has.
func TestFrequencyHelp(t *testing.T) {
	for text, want := range map[string]string{"at 0, 7 and 21 days": "on days 1, 8 and 22", "at 0, 8, 24 and 36 hours": "a phase for each interval", "hours 0, 12 and 24": "a phase for each interval", "now and then": "write it as: daily",
		"weeks 0, 2 and 6, then every 8 weeks": "write two phases: one with `weeks 0, 2 and 6`, and one with `every 8 weeks` that starts 8 weeks after last dose of the first",
		"daily for a week then weekly":         "and one with `weekly`"} {
		_, found := Decode("x.yaml", []byte("doseplan: 1\nkind: protocol\nphases: { a: { dose: 1 mg, frequency: \""+text+"\", course: 3 doses } }\n"), nil)
		if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.BadFrequency && strings.Contains(d.Help, want) }) {
			t.Errorf("%s: %v", text, found)
		}
	}
}

// What somebody meant by a key or an amount that the language does not have is said in its words.
func TestHelpInWords(t *testing.T) {
	const measured = "measurements: { creatinine clearance: { range: 10..150 mL/min } }\n"
	for text, want := range map[string]string{
		measured + "phases: { a: { dose: { by creatinine clearance: { under 30 mL/min: 1 mg, from 30 mL/min: 2 mg } } } }": "write `by measurement: { creatinine clearance: … }`",
		measured + "phases: { a: { for: { creatinine clearance: under 30 mL/min } } }":                                     "write `measurement: { creatinine clearance: … }`",
		"phases: { a: { dose: 10-20 mg } }":                                                   "write one of them",
		"phases: { a: { dose: 10 mg to 20 mg } }":                                             "write one of them",
		"phases: { a: { titration: { start: 25 mg, increase: 12.5 to 25 mg, to: 100 mg } } }": "write it as 12.5..25 mg",
	} {
		_, found := Decode("x.yaml", []byte("doseplan: 1\nkind: protocol\n"+text+"\n"), nil)
		if !slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return strings.Contains(d.Help, want) }) {
			t.Errorf("%s: %v", text, found)
		}
	}
}

// What says from when a check-in comes at intervals stands beside `every` alone, and once.
func TestWhereIntervalsBegin(t *testing.T) {
	for rule, wrong := range map[string]bool{
		"every: 1 week, from: day 15":               false,
		"every: 1 week, after: day 15":              false,
		"every: 1 week, from: day 15, after: day 8": true,
		"every: 1 week, after: day 8, from: day 15": true,
		"on: day 8, from: day 15":                   true,
		"on: day 8, after: day 15":                  true,
		"before: first dose, after: day 15":         true,
		"around each dose: [1 h], after: day 15":    true,
	} {
		_, found := Decode("x.yaml", []byte(small+"check-ins: { visit: { "+rule+", mode: phone } }\n"), nil)
		if got := slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Code == diag.KeysExclude }); got != wrong || found.HasErrors() != wrong {
			t.Errorf("%s: %v", rule, found)
		}
	}
}
