package condition_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/condition"
)

func TestSame(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want bool
	}{
		{"breast-feeding", "Breastfeeding", true}, {"breast-feeding", "breast feeding", true}, {"psychotic-disorders", "psychotic disorder", true},
		{"psychosis", "psychoses", false}, {"liver disease", "severe liver disease", false}, {"mania", "manias", true}, {"", "asthma", false},
	} {
		if got := condition.Same(x.a, x.b); got != x.want {
			t.Errorf("%q and %q: %v", x.a, x.b, got)
		}
	}
}

// What people write for a condition is like the rule that names it, and like no rule of another.
func TestUsualWords(t *testing.T) {
	rules := []string{"uncontrolled hypertension", "uncontrolled cardiac disease", "psychosis", "mania", "recent suicide attempt", "current substance dependence", "pregnancy", "breast-feeding", "severe liver disease", "aneurysmal vascular disease", "raised intraocular pressure"}
	for statement, want := range map[string]string{
		"nursing": "breast-feeding", "lactating mother": "breast-feeding", "stillt": "breast-feeding", "allaitement": "breast-feeding",
		"high blood pressure": "uncontrolled hypertension", "Bluthochdruck": "uncontrolled hypertension", "I10": "uncontrolled hypertension", "HTN": "uncontrolled hypertension",
		"hallucinations": "psychosis", "delusions": "psychosis", "ICD-10 F20.9": "psychosis", "Schizophrenie": "psychosis", "bipolar disorder": "mania",
		"Schwangerschaft": "pregnancy", "grossesse": "pregnancy", "embarazada": "pregnancy", "O09.9": "pregnancy", "Z34.9": "pregnancy",
		"liver failure": "severe liver disease", "hepatic cirrhosis": "severe liver disease", "hepatitis C": "severe liver disease", "K74.6": "severe liver disease",
		"heart attack": "uncontrolled cardiac disease", "ICD-10 I21": "uncontrolled cardiac disease", "alcoholism": "current substance dependence", "F10.2": "current substance dependence",
		"tried to kill herself": "recent suicide attempt", "took an overdose last week": "recent suicide attempt", "wants to die": "recent suicide attempt", "parasuicide": "recent suicide attempt", "positive hCG": "pregnancy", "expecting": "pregnancy", "G2P1": "pregnancy",
		"suicidal thoughts": "recent suicide attempt", "glaucoma": "raised intraocular pressure", "aortic aneurysm": "aneurysmal vascular disease",
		"gout": "", "asthma": "", "renal failure": "", "ICD-10 M10": "", "high cholesterol": "", "heat rash": "", "expectant": "",
	} {
		best, score := "", 0
		for _, r := range rules {
			if n := condition.Likeness(statement, r); n > score {
				best, score = r, n
			}
		}
		if best != want {
			t.Errorf("%q is most like %q, want %q", statement, best, want)
		}
	}
}

// Words of one stem are alike, whichever of them is the longer.
func TestLikeness(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"heart", "heartburn", 2}, {"heartburn", "heart", 2}, {"heart", "heart disease", 9}, {"heart", "hearing", 0}, {"schizofrenia", "schizophrenia", 8}, {"tyroid", "thyroid", 2}, {"liver", "kidney", 0},
		{"CHF", "heart failure", 6}, {"OUD", "opioid use disorder", 6}, {"methadone", "current substance dependence", 6}, {"SI", "recent suicide attempt", 6}, {"AAA", "aortic aneurysm", 6},
		{"SAH", "intracerebral haemorrhage", 6}, {"high BP", "uncontrolled hypertension", 6}, {"primigravida", "pregnancy", 6}, {"hypotension", "uncontrolled hypertension", 0}, {"breast cancer", "breast-feeding", 0}} {
		if got := condition.Likeness(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// A code covers itself, what is narrower and what is wider, and nothing of another chapter or system; it is read among words
// and without its point.
func TestCodes(t *testing.T) {
	for _, x := range []struct {
		rule, stated string
		read, covers bool
	}{
		{"ICD-10 F20", "F20.9", true, true}, {"F20.9", "ICD-10 F20", true, true}, {"ICD-10 F20-F29", "F25.1", true, true}, {"ICD-10 F20-F29", "F31", true, false},
		{"ICD-10 F25", "ICD-10 F20-F29", true, true}, {"ICD-10 F31", "ICD-10 F20-F29", true, false}, {"SNOMED CT 77386006", "snomed 77386006", true, true},
		{"SNOMED CT 77386006", "SNOMED CT 1", true, false}, {"RxNorm 6130", "ICD-10 F20", true, false}, {"ICD-10 F29-F20", "", false, false}, {"ICD-10 20", "", false, false},
		{"SNOMED CT F20", "", false, false}, {"psychosis", "", false, false}, {"grade 3 oedema", "", false, false},
	} {
		rule, ok := condition.ParseCode(x.rule)
		if ok != x.read {
			t.Errorf("%s: read %v", x.rule, ok)
			continue
		}
		if !ok {
			continue
		}
		if stated, ok := condition.ParseCode(x.stated); !ok || rule.Covers(stated) != x.covers {
			t.Errorf("%s covers %s: %v, %v", x.rule, x.stated, ok, !x.covers)
		}
	}
	for statement, like := range map[string]bool{"schizophrenia, F209": true, "known since 2019 (F20.0).": true, "F31 in 2019": false, "in 2019": false, "no code": false} {
		if got := condition.Likeness(statement, "ICD-10 F20") == 6; got != like {
			t.Errorf("%q is like F20: %v", statement, got)
		}
	}
	for term, coded := range map[string]bool{"ICD-10 M10": true, "icd10 M10": true, "SNOMED CT 1": true, "rxnorm 6130": true, "gout": false, "F20": false} {
		if condition.LooksCoded(term) != coded {
			t.Errorf("%q names a code system: %v", term, !coded)
		}
	}
}

// Forms of one word are told from words that only begin alike.
func TestInflected(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"pregnant", "pregnancy"}: true, {"Psychotic", "psychosis"}: true, {"hypertensive", "hypertension"}: true,
		{"hyperthyroidism", "hypertension"}: false, {"asthma", "psychosis"}: false, {"severe liver disease", "liver"}: false, {"gout", "goat"}: false,
	} {
		if got := condition.Inflected(pair[0], pair[1]); got != want {
			t.Errorf("%v: %v", pair, got)
		}
	}
}

// A slip of the keys in a contraindication is told from other words, other forms and what belongs to them.
func TestMisspelt(t *testing.T) {
	for term, want := range map[string]string{
		"preganncy": "pregnancy", "pancreatits": "pancreatitis", "tuberculosos": "tuberculosis", "pimozid": "pimozide", "phenelzin": "phenelzine", "neutrophiles, platlets": "platelets",
		"monoamine oxydase inhibitors": "oxidase", "amoxycillin": "", "thromboses": "", "hepatotoxicity": "", "cefotaxime": "", "Psoriasis arthritis": "", "arthritic": "", "benzodiazepins": "benzodiazepines", "trimetoprim": "trimethoprim", "hypertention": "hypertension",
		"anuerysmal vascular disease": "aneurysmal", "hypersensitvity to ketamine": "hypersensitivity",
		"giant cell arteritis": "", "rifampin": "", "hypokalaemia": "", "hyperglycaemia": "", "neuropathic pain": "", "pregnancy": "", "hypotension": "", "psychoses": "", "hypertensive crisis": "", "anaemia": "", "neuropathy": "", "hyperlipidaemia": "", "cholecystitis": "",
		"hepatitis": "", "renal impairment": "", "suicidality": "", "Schizophrenie": "", "depressive disorder": "", "ischaemia": "", "impaired renal function": "",
	} {
		if _, near, _ := condition.Misspelt(term); near != want {
			t.Errorf("%q: %q, want %q", term, near, want)
		}
	}
}
