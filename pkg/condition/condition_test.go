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
