package eligibility

import (
	"slices"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/source"
)

const text = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: home
medication: { name: examplamine }
routes: { oral: {} }
phases: { x: { dose: 50 mg, frequency: daily, course: 3 doses } }
population: { age: 18..75 years, weight: 45..150 kg, height: 140.. cm, bmi: ..40 }
contraindications:
  absolute: [uncontrolled hypertension, psychosis: [schizophrenia]]
  relative: [liver disease, lamotrigine]
`

func check(t *testing.T, params string) (diag.List, []string) {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p.yaml", []byte(params))
	pat, found := patient.Decode(node)
	if len(found) > 0 {
		t.Fatal(found)
	}
	found, questions := Check(p, pat, civil.MustDate("2026-03-02"), nil)
	var words []string
	for _, q := range questions {
		words = append(words, q.String())
	}
	return found, words
}

func TestCheck(t *testing.T) {
	const fit = "age: 40\nweight: 70 kg\nheight: 170 cm\n"
	for _, c := range []struct {
		params string
		codes  string
	}{
		{fit, ""},
		{"age: 17\n", "DP403"},
		{"age: 18\nweight: 45 kg\n", "DP409 DP409"}, // the ends belong to the range, and are near it
		{"weight: 150.1 kg\n", "DP403"},
		{"height: 139 cm\n", "DP403"},
		{"weight: 149 kg\nheight: 160 cm\n", "DP409 DP403"}, // 58 kg/m²
		{fit + "conditions: { present: [Psychosis] }\n", "DP404"},
		{fit + "conditions: { present: [schizophrenia] }\n", "DP404"},
		{fit + "conditions: { present: [Uncontrolled-Hypertension] }\n", "DP404"},
		{fit + "conditions: { present: [hypertension] }\n", "DP410"}, // shares a word: to confirm
		{fit + "conditions: { present: [liver diseases] }\n", "DP405"},
		{fit + "medications: [Lamotrigine]\n", "DP405"},
		{fit + "acuity: high\n", "DP408 DP408"},
	} {
		found, _ := check(t, c.params)
		var codes []string
		for _, d := range found {
			codes = append(codes, string(d.Code))
		}
		if got := strings.Join(codes, " "); got != c.codes {
			t.Errorf("%q: %s, want %s", c.params, got, c.codes)
		}
	}
}

// Nothing is taken to be absent because it is not stated.
func TestWhatNobodyAnswered(t *testing.T) {
	_, confirm := check(t, "{}")
	want := "age 18 to 75 years|weight 45 to 150 kg|height 140 cm and over|body mass index up to 40|no uncontrolled hypertension|no psychosis|no liver disease (relative)|no lamotrigine (relative)"
	if got := strings.Join(confirm, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	_, confirm = check(t, "age: 40\nweight: 70 kg\nheight: 170 cm\nconditions: { present: [hypertension], absent: [psychosis, liver disease] }\n")
	want = "no uncontrolled hypertension|no lamotrigine (relative)"
	if got := strings.Join(confirm, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What is stated and matches no rule is said, with the nearest rule, and in no message that
// could travel.
func TestStatedAndUnmatched(t *testing.T) {
	for stated, nearest := range map[string]string{
		"schizofrenia": "absolute contraindication “psychosis”", "psychotic": "absolute contraindication “psychosis”", "hypertensive": "absolute contraindication “uncontrolled hypertension”",
		"asthma": "", "disease": "",
	} {
		// Where the nearest rule is absolute, nothing is given until the file answers it.
		open, _ := check(t, "age: 40\nweight: 70 kg\nheight: 170 cm\nconditions: { present: ["+stated+"] }\n")
		if refused := open.Worst() == diag.Refusal; refused != (nearest != "") || strings.Contains(open[0].Error(), stated) {
			t.Errorf("%s: %v", stated, open)
		}
		found, _ := check(t, "age: 40\nweight: 70 kg\nheight: 170 cm\nconditions: { present: ["+stated+"], absent: [psychosis, uncontrolled hypertension] }\n")
		if stated == "psychotic" { // a form of the word that is stated as absent
			if len(found) == 0 || found[0].Code != diag.BadPatient || strings.Contains(found[0].Error(), stated) {
				t.Errorf("%s: %v", stated, found)
			}
			continue
		}
		if len(found) != 2 || found[0].Code != diag.Unmatched || found[1].Code != diag.OnRecord || strings.Contains(found[0].Error(), stated) {
			t.Errorf("%s: %v", stated, found)
			continue
		}
		want := "stated and unmatched: “" + stated + "”"
		if nearest != "" {
			want += "; the nearest rule is the " + nearest
		}
		if found[0].Private != want {
			t.Errorf("%s: %q, want %q", stated, found[0].Private, want)
		}
	}
}

func TestAbsentAndUnmatched(t *testing.T) {
	found, _ := check(t, "age: 40\nweight: 70 kg\nheight: 170 cm\nconditions: { absent: [psycosis] }\n")
	if len(found) != 1 || found[0].Code != diag.Unmatched || found[0].Severity != diag.Note || !strings.Contains(found[0].Private, "psycosis") {
		t.Error(found)
	}
	found, _ = check(t, "age: 40\nweight: 70 kg\nheight: 170 cm\nconditions: { present: [schizophrenia], absent: [psychosis] }\n")
	if !found.HasErrors() {
		t.Error(found)
	}
}

func TestHighAcuityNamesTheCrisisLine(t *testing.T) {
	found, _ := check(t, "acuity: high\n")
	if !strings.Contains(found.Error(), "988") {
		t.Errorf("%v", found)
	}
}

// A protocol for one sex refuses the other, and asks where the file does not say.
func TestSex(t *testing.T) {
	p, found := protocol.Decode("test.yaml", []byte(strings.Replace(text, "population: {", "population: { sex: female,", 1)), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	for params, want := range map[string]string{"sex: female": "", "sex: male": "DP403", "age: 40": "asks"} {
		node, _ := source.Parse("p.yaml", []byte(params))
		pat, _ := patient.Decode(node)
		found, questions := Check(p, pat, civil.MustDate("2026-03-02"), nil)
		got := ""
		for _, d := range found {
			if d.Code == diag.OutsideRange {
				got = string(d.Code)
			}
		}
		for _, q := range questions {
			if q.String() == "sex female" {
				got += "asks"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", params, got, want)
		}
	}
}

// To be without one of several answers nothing; what is taken is no allergy; and an allergy to a medicine is found by its
// other names.
func TestPartsAndAllergies(t *testing.T) {
	const file = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: home
medication: { name: methotrexate }
routes: { oral: {} }
phases: { x: { dose: 10 mg, frequency: weekly, course: 3 doses } }
contraindications:
  absolute: [monoamine oxidase inhibitors: [phenelzine, tranylcypromine, linezolid], hypersensitivity to methotrexate, active bleeding]
`
	p, found := protocol.Decode("test.yaml", []byte(file), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	for params, want := range map[string]struct {
		codes string
		asks  string // one of the questions
	}{
		"conditions: { absent: [linezolid] }":                                                {"DP410", "no monoamine oxidase inhibitors"},
		"conditions: { absent: [monoamine oxidase inhibitors] }":                             {"DP414", "no hypersensitivity to methotrexate"},
		"conditions: { absent: [linezolid] }\nmedications: [phenelzine]":                     {"DP404 DP410", ""},
		"conditions: { absent: [linezolid] }\nmedications: [Nardil]":                         {"DP410 DP410", ""},
		"medications: [Trexall 10 mg]":                                                       {"DP542", ""},
		"medications: [methotrexate oral]":                                                   {"DP542", ""},
		"conditions: { present: [MTX allergy] }":                                             {"DP410", ""},
		"conditions: { present: [gastrointestinal haemorrhage] }":                            {"DP410", ""},
		"conditions: { present: [K92.2] }":                                                   {"DP410", ""},
		"conditions: { present: [MTX allergy], absent: [hypersensitivity to methotrexate] }": {"DP410 DP414", ""},
	} {
		node, _ := source.Parse("p.yaml", []byte(params))
		pat, found := patient.Decode(node)
		if len(found) > 0 {
			t.Fatal(found)
		}
		found, questions := Check(p, pat, civil.MustDate("2026-03-02"), nil)
		var codes []string
		refused := false
		for _, d := range found {
			codes = append(codes, string(d.Code))
			refused = refused || d.Severity == diag.Refusal
		}
		slices.Sort(codes)
		if got := strings.Join(codes, " "); got != want.codes {
			t.Errorf("%s: %s, want %s: %v", params, got, want.codes, found)
		}
		stops := strings.Contains(params, "present: [") && !strings.Contains(params, "], absent") || strings.Contains(params, "phenelzine") || strings.Contains(params, "Nardil")
		if refused != stops {
			t.Errorf("%s: refused %v: %v", params, refused, found)
		}
		if want.asks != "" && !slices.ContainsFunc(questions, func(q Question) bool { return q.String() == want.asks }) {
			t.Errorf("%s: asks %v", params, questions)
		}
	}
}
