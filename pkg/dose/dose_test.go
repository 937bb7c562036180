package dose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/source"
)

const head = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: clinic
medication: { name: examplamine }
routes: { oral: { round: 5 mg }, im: { round: 0.1 mL, concentration: 50 mg/mL } }
tiers: { low: 25 mg, high: { oral: 50 mg, im: 45 mg } }
phases: { x: { frequency: daily, course: 3 doses, dose: `

func resolve(t *testing.T, rule, params string, choice Choice) (*Regimen, diag.List) {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(head+rule+" } }\n"), nil)
	if found.HasErrors() {
		t.Fatalf("%s: %v", rule, found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, found := patient.Decode(node)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return Resolve(p, &p.Phases[0], pat, choice)
}

func TestDerivations(t *testing.T) {
	const params = "weight: 83 kg\nheight: 170 cm\nsex: female\nage: 70\nstart: 2026-03-02\n"
	for _, c := range []struct {
		rule   string
		choice Choice
		amount string
		steps  string
	}{
		{"tier", Choice{Tier: "low", Route: "oral"}, "25 mg", "tier low, oral|25 mg"},
		{"tier", Choice{Tier: "high", Route: "im"}, "45 mg", "tier high, im|45 mg|45 mg ÷ 50 mg/mL = 0.9 mL"},
		{"{ by tier: { low: 25 mg, high: 40 mg } }", Choice{Tier: "high", Route: "oral"}, "40 mg", "tier high|40 mg"},
		{"0.5 mg/kg", Choice{Route: "oral"}, "40 mg", "0.5 mg/kg × 83 kg = 41.5 mg|41.5 mg → 40 mg in steps of 5 mg"},
		{"0.5 mg/kg", Choice{Route: "im"}, "40 mg", "0.5 mg/kg × 83 kg = 41.5 mg|41.5 mg → 40 mg in steps of 5 mg|40 mg ÷ 50 mg/mL = 0.8 mL"},
		{"{ amount: 1 mg/kg, max: 72 mg }", Choice{Route: "oral"}, "70 mg", "1 mg/kg × 83 kg = 83 mg|more than the maximum: 83 mg → 72 mg|72 mg → 70 mg in steps of 5 mg"},
		{"{ amount: 1 mg/kg, max: 73 mg }", Choice{Route: "oral"}, "70 mg", "1 mg/kg × 83 kg = 83 mg|more than the maximum: 83 mg → 73 mg|73 mg → 70 mg in steps of 5 mg, not past the maximum of 73 mg"},
		{"{ amount: 0.1 mg/kg, min: 11 mg }", Choice{Route: "oral"}, "15 mg", "0.1 mg/kg × 83 kg = 8.3 mg|less than the minimum: 8.3 mg → 11 mg|11 mg → 15 mg in steps of 5 mg, not under the minimum of 11 mg"},
		{"{ amount: 0.5 mg/kg, weight: ideal weight, round: 0.5 mg }", Choice{Route: "oral"}, "30.5 mg", "ideal weight (Devine, female, 170 cm) = ≈61.437 kg|0.5 mg/kg × ≈61.437 kg = ≈30.7185 mg|≈30.7185 mg → 30.5 mg in steps of 0.5 mg"},
		{"{ amount: 100 mg, max: 1.6 mg/kg }", Choice{Route: "oral"}, "100 mg", "100 mg|1.6 mg/kg × 83 kg = 132.8 mg"},
		{"{ amount: 150 mg, max: 1.6 mg/kg }", Choice{Route: "oral"}, "130 mg", "150 mg|1.6 mg/kg × 83 kg = 132.8 mg|more than the maximum: 150 mg → 132.8 mg|132.8 mg → 130 mg in steps of 5 mg, not past the maximum of 132.8 mg"},
		{"{ amount: 0.5 mg/kg, round: 5 mg up }", Choice{Route: "oral"}, "45 mg", "0.5 mg/kg × 83 kg = 41.5 mg|41.5 mg → 45 mg in steps of 5 mg up"},
		{"{ amount: 0.5 mg/kg, round: none }", Choice{Route: "oral"}, "41.5 mg", "0.5 mg/kg × 83 kg = 41.5 mg"},
		{"{ amount: 0.5 mg/kg, weight: lower of actual and ideal weight, round: 0.5 mg }", Choice{Route: "oral"}, "30.5 mg", "the lower of actual weight, 83 kg, and ideal weight (Devine, female, 170 cm), ≈61.437 kg|0.5 mg/kg × ≈61.437 kg = ≈30.7185 mg|≈30.7185 mg → 30.5 mg in steps of 0.5 mg"},
		{"{ amount: 0.5 mg/kg, weight: 'actual weight, adjusted above 120 % of ideal', round: 0.5 mg }", Choice{Route: "oral"}, "35 mg", "83 kg is above 120 % of ideal weight (Devine, female, 170 cm: ≈61.437 kg), ≈73.7244 kg: adjusted weight|ideal weight (Devine, female, 170 cm) = ≈61.437 kg; adjusted weight ≈61.437 kg + 0.4 × (83 kg − ≈61.437 kg) = ≈70.0622 kg|0.5 mg/kg × ≈70.0622 kg = ≈35.0311 mg|≈35.0311 mg → 35 mg in steps of 0.5 mg"},
		{"{ amount: 0.5 mg/kg, weight: 'actual weight, ideal from 140 % of ideal weight' }", Choice{Route: "oral"}, "40 mg", "83 kg is under 140 % of ideal weight (Devine, female, 170 cm: ≈61.437 kg), ≈86.0118 kg: actual weight|0.5 mg/kg × 83 kg = 41.5 mg|41.5 mg → 40 mg in steps of 5 mg"},
		{"{ by age: { from 18: 50 mg, from 65: 25 mg } }", Choice{Route: "oral"}, "25 mg", "age 70 years: the dose from 65 years|25 mg"},
		{"{ by weight: { from 40 kg: 50 mg, from 83 kg: 75 mg } }", Choice{Route: "oral"}, "75 mg", "weight 83 kg: the dose from 83 kg|75 mg"},
		{"{ by weight: { up to 83 kg: 50 mg, above 83 kg: 75 mg } }", Choice{Route: "oral"}, "50 mg", "weight 83 kg: the dose up to 83 kg|50 mg"},
		{"{ by weight: { under 83 kg: not given, from 83 kg: 75 mg } }", Choice{Route: "oral"}, "75 mg", "weight 83 kg: the dose from 83 kg|75 mg"},
		{"{ by age: { up to 69 years: 50 mg, above 69 years: 75 mg } }", Choice{Route: "oral"}, "75 mg", "age 70 years: the dose above 69 years|75 mg"},
		{"{ by age: { under 70: 50 mg, from 70: 75 mg } }", Choice{Route: "oral"}, "75 mg", "age 70 years: the dose from 70 years|75 mg"},
		{"{ by route: { oral: 50 mg, im: 25 mg } }", Choice{Route: "im"}, "25 mg", "route im|25 mg|25 mg ÷ 50 mg/mL = 0.5 mL"},
	} {
		reg, found := resolve(t, c.rule, params, c.choice)
		if len(found) > 0 {
			t.Errorf("%s: %v", c.rule, found)
			continue
		}
		d := reg.Doses[reg.At(Place{Number: 1, Day: 1})]
		var steps []string
		for _, s := range d.Derivation() {
			steps = append(steps, s.String())
		}
		if got := strings.Join(steps, "|"); d.Amount.String() != c.amount || got != c.steps {
			t.Errorf("%s is %v:\n     %s\nwant %s", c.rule, d.Amount, got, c.steps)
		}
	}
}

// Rounding never takes a step past the highest that steps may reach, whether that is an amount or a rate.
func TestStepsNeverPassTheirTop(t *testing.T) {
	for rule, want := range map[string]string{
		"{ start: 0.5 mg/kg, increase: 0.5 mg/kg, every: 7 days, to: 1 mg/kg, round: 45 mg }":              "45 mg",  // and not 90 mg, for 83 kg
		"{ start: 0.5 mg/kg, increase: 0.5 mg/kg, every: 7 days, to: 1 mg/kg, max: 200 mg, round: 45 mg }": "45 mg",  // beside a maximum
		"{ start: 2 mg/kg, decrease: 1 mg/kg, every: 7 days, to: 1 mg/kg, round: 45 mg }":                  "180 mg", // one that falls
	} {
		reg, found := resolve(t, rule, "weight: 83 kg\nstart: 2026-03-02\n", Choice{Route: "oral", First: 1})
		most := reg.Doses[0].Amount
		for _, d := range reg.Doses {
			most = quantity.Max(most, d.Amount)
		}
		if found.HasErrors() || most.String() != want {
			t.Errorf("%s: %v, %v", rule, most, found)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		rule, params string
		choice       Choice
		code         diag.Code
		says         string
	}{
		{"0.5 mg/kg", "{}", Choice{Route: "oral"}, diag.MissingPatient, "weight"},
		{"{ amount: 50 mg/m2, round: 5 mg }", "weight: 70 kg", Choice{Route: "oral"}, diag.MissingPatient, "height"},
		{"{ amount: 1 mg/kg, weight: ideal weight }", "height: 170 cm", Choice{Route: "oral"}, diag.MissingPatient, "sex"},
		{"{ amount: 1 mg/kg, weight: adjusted weight }", "height: 170 cm\nsex: male", Choice{Route: "oral"}, diag.MissingPatient, "weight"},
		{"{ amount: 1 mg/kg, weight: 'actual weight, ideal from BMI 30' }", "weight: 70 kg", Choice{Route: "oral"}, diag.MissingPatient, "height"},
		{"{ amount: 1 mg/kg, weight: ideal weight }", "height: 150 cm\nsex: male", Choice{Route: "oral"}, diag.FormulaUndefined, "5 ft"},
		{"0.01 mg/kg", "weight: 50 kg", Choice{Route: "oral"}, diag.NoDose, "rounds to nothing"},
		{"{ amount: 1 mg/kg, min: 51 mg, max: 54 mg }", "weight: 50 kg", Choice{Route: "oral"}, diag.NoDose, "no multiple"},
		{"{ amount: 10 mg, min: 60 mg, max: 1 mg/kg }", "weight: 50 kg", Choice{Route: "oral"}, diag.NoDose, "60 mg, lies above its maximum, 50 mg"},
		{"{ by age: { from 18: 50 mg } }", "weight: 50 kg", Choice{Route: "oral"}, diag.MissingPatient, "age"},
		{"{ by age: { from 18: 50 mg } }", "age: 17\nstart: 2026-03-02", Choice{Route: "oral"}, diag.NoDose, "under the age of 18 years"},
		{"{ by age: { from 6 months: 50 mg, from 2 years: 60 mg } }", "age: 5 months\nstart: 2026-03-02", Choice{Route: "oral"}, diag.NoDose, "under the age of 6 months"},
		{"{ by age: { from 6 months: 50 mg } }", "age: 0\nstart: 2026-03-02", Choice{Route: "oral"}, diag.MissingPatient, "age in months"},
		{"{ by weight: { under 40 kg: not given, from 40 kg: 50 mg } }", "weight: 39.9 kg", Choice{Route: "oral"}, diag.NotGiven, "not given"},
		{"{ by weight: { up to 60 kg: 50 mg } }", "weight: 60.1 kg", Choice{Route: "oral"}, diag.NoDose, "over weight 60 kg"},
		{"{ by weight: { from 40 kg: 50 mg } }", "{}", Choice{Route: "oral"}, diag.MissingPatient, "weight"},
		{"{ by weight: { from 40 kg: 50 mg } }", "weight: 39.9 kg", Choice{Route: "oral"}, diag.NoDose, "under weight 40 kg"},
		{"tier", "{}", Choice{Route: "oral", Tier: "mid"}, diag.UnknownName, "mid"},
		{"50 mg", "{}", Choice{Route: "iv"}, diag.UnknownName, "iv"},
		{"{ by tier: { low: 25 mg, high: 50 mg } }", "{}", Choice{Route: "oral", Tier: "mid"}, diag.NoDose, "tier “mid”"},
	} {
		_, found := resolve(t, c.rule, c.params, c.choice)
		if len(found) == 0 || found[0].Code != c.code || !strings.Contains(found[0].Message, c.says) {
			t.Errorf("%s for %s: %v", c.rule, c.params, found)
		}
	}
}

// Du Bois's surface of 170 cm and 70 kg is 1.81 m².
func TestBodySurfaceOfTheProtocol(t *testing.T) {
	for _, c := range []struct{ rule, params, steps string }{
		{"{ formula: Du Bois, round: 0.01 m2 }", "weight: 70 kg\nheight: 170 cm", "body surface (Du Bois) 0.007184 × (170 cm)^0.725 × (70 kg)^0.425 = 1.809707 m2|surface 1.809707 m2 → 1.81 m2 in steps of 0.01 m2|100 mg/m2 × 1.81 m2 = 181 mg"},
		{"{ formula: stated, max: 1.7 m2 }", "body surface: 1.73 m2", "body surface as stated = 1.73 m2|more than the largest surface: 1.73 m2 → 1.7 m2|100 mg/m2 × 1.7 m2 = 170 mg"},
	} {
		text := strings.Replace(head, "medication:", "body surface: "+c.rule+"\nmedication:", 1) + "{ amount: 100 mg/m2, round: 1 mg } } }\n"
		p, found := protocol.Decode("test.yaml", []byte(text), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		node, _ := source.Parse("p", []byte(c.params))
		pat, _ := patient.Decode(node)
		reg, found := Resolve(p, &p.Phases[0], pat, Choice{Route: "oral"})
		if len(found) > 0 {
			t.Fatal(found)
		}
		var steps []string
		for _, s := range reg.Doses[0].Derivation() {
			steps = append(steps, s.String())
		}
		if got := strings.Join(steps, "|"); got != c.steps {
			t.Errorf("%s:\n     %s\nwant %s", c.rule, got, c.steps)
		}
	}
}

// A woman of 170 cm and 50 kg weighs less than her ideal 61.4 kg: an adjusted weight, 56.9 kg,
// would raise her dose, and is taken only where the file says so.
func TestAdjustedWeightRaisesNoDose(t *testing.T) {
	const params = "weight: 50 kg\nheight: 170 cm\nsex: female\n"
	for rule, want := range map[string]string{
		"{ amount: 1 mg/kg, weight: adjusted weight, round: 0.1 mg }":                             "50 mg",
		"{ amount: 1 mg/kg, weight: 'adjusted weight, also above actual weight', round: 0.1 mg }": "56.9 mg",
		"{ amount: 1 mg/kg, weight: lower of actual and ideal weight, round: 0.1 mg }":            "50 mg",
	} {
		reg, found := resolve(t, rule, params, Choice{Route: "oral"})
		if len(found) > 0 || reg.Doses[0].Amount.String() != want {
			t.Errorf("%s: %v, %v; want %s", rule, reg.Doses, found, want)
		}
	}
}

// A step is put into words as package fmt does it.
func TestStepInWords(t *testing.T) {
	for _, s := range []Step{
		{Form: "plain, 30 %"}, {Form: "%v × %v = %v", Args: []any{quantity.MustParse("0.5 mg/kg"), quantity.MustParse("72 kg"), 36}},
		{Form: "%s: %d %% of %v", Args: []any{"a", int32(7), civil.MustDate("2026-03-02")}}, {Form: "%.2f and %q", Args: []any{1.5, "x"}},
		{Form: "%v %v", Args: []any{civil.Clock(540), []int{1}}}, {Form: "%v %v", Args: []any{1}},
	} {
		want := s.Form
		if len(s.Args) > 0 {
			want = fmt.Sprintf(s.Form, s.Args...)
		}
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A total is divided among the doses of its time: equally, each then rounded and each with its share of the
// bounds, or with what the others leave at one time of day.
func TestTotals(t *testing.T) {
	const params = "weight: 83 kg\nage: 70\nstart: 2026-03-02\n"
	for _, c := range []struct{ rule, want, steps string }{
		{"frequency: 3 times daily, dose: { amount: 4 mg/kg, total of: a day }", "110 110 110", "4 mg/kg × 83 kg = 332 mg|332 mg a day ÷ 3 doses = ≈110.6667 mg|≈110.6667 mg → 110 mg in steps of 5 mg"},
		{"frequency: every 6 hours elapsed, dose: { amount: 4 mg/kg, total of: a day }", "85", "4 mg/kg × 83 kg = 332 mg|332 mg a day ÷ 4 doses = 83 mg|83 mg → 85 mg in steps of 5 mg"},
		{"frequency: 3 times daily, dose: { amount: 4 mg/kg, total of: a day, max: 310 mg }", "100 100 100", "4 mg/kg × 83 kg = 332 mg|more than the maximum: 332 mg → 310 mg|310 mg a day ÷ 3 doses = ≈103.3333 mg|≈103.3333 mg → 100 mg in steps of 5 mg, not past the maximum of ≈103.3333 mg"},
		{"frequency: 'mon, wed and fri', dose: { amount: 6 mg/kg, total of: a week }", "165", "6 mg/kg × 83 kg = 498 mg|498 mg a week ÷ 3 doses = 166 mg|166 mg → 165 mg in steps of 5 mg"},
		{"frequency: '5 days on, 2 off', dose: { amount: 6 mg/kg, total of: a week }", "100", "6 mg/kg × 83 kg = 498 mg|498 mg a week ÷ 5 doses = 99.6 mg|99.6 mg → 100 mg in steps of 5 mg"},
		{"frequency: twice daily, times: [morning, evening], dose: { amount: 75 mg, total of: a day, larger part: evening, round: 25 mg }", "25 50", "75 mg|75 mg a day in 2 doses: 25 mg each, and 50 mg at evening"},
		{"frequency: 3 times daily, times: ['07:00', '13:00', '19:00'], dose: { amount: 1 mg/kg, total of: a day, larger part: '07:00', round: 10 mg }", "40 20 20", "1 mg/kg × 83 kg = 83 mg|83 mg → 80 mg in steps of 10 mg|80 mg a day in 3 doses: 20 mg each, and 40 mg at 07:00"},
		{"frequency: twice daily, dose: { start: 40 mg, increase: 20 mg, every: 1 week, to: 60 mg, total of: a day }", "20 20", "start 40 mg|40 mg|40 mg a day ÷ 2 doses = 20 mg"},
	} {
		text := strings.Replace(head, "frequency: daily, course: 3 doses, dose: ", "course: 30 days, ", 1)
		p, found := protocol.Decode("test.yaml", []byte(text+c.rule+" } }\n"), nil)
		if found.HasErrors() {
			t.Errorf("%s: %v", c.rule, found)
			continue
		}
		node, _ := source.Parse("p", []byte(params))
		pat, _ := patient.Decode(node)
		f := p.Phases[0].Frequencies[0].Frequency
		reg, found := Resolve(p, &p.Phases[0], pat, Choice{Route: "oral", Frequency: f})
		if found.HasErrors() {
			t.Errorf("%s: %v", c.rule, found)
			continue
		}
		var got []string
		for slot := range max(f.PerDay(), 1) {
			got = append(got, reg.Doses[reg.At(Place{Number: 1, Day: 1, Slot: slot})].Amount.Decimal())
		}
		var steps []string
		for _, s := range reg.Doses[reg.At(Place{Number: 1, Day: 1})].Derivation() {
			steps = append(steps, s.String())
		}
		if strings.Join(got, " ") != c.want || strings.Join(steps, "|") != c.steps {
			t.Errorf("%s\ngives %s\nby    %s\nnot   %s\nby    %s", c.rule, strings.Join(got, " "), strings.Join(steps, "|"), c.want, c.steps)
		}
	}
	for rule, code := range map[string]diag.Code{
		"frequency: every 2 weeks, dose: { amount: 60 mg, total of: a week }":                                               diag.BadDose,
		"frequency: every 5 hours elapsed, dose: { amount: 60 mg, total of: a day }":                                        diag.BadDose,
		"frequency: twice daily, dose: { amount: 60 mg, total of: a day, larger part: evening }":                            diag.UnknownName,
		"frequency: daily, times: [evening], dose: { amount: 60 mg, total of: a day, larger part: evening }":                diag.KeysExclude,
		"frequency: twice daily, dose: { amount: 60 mg, larger part: evening }":                                             diag.KeysExclude,
		"frequency: twice daily, dose: { start: 40 mg, increase: 50 %, every: 1 week, to: 60 mg, total of: a day }":         diag.KeysExclude,
		"frequency: 3 times daily, dose: { amount: 50 mg, total of: a day }":                                                diag.NotDispensable,
		"frequency: twice daily, dose: { total of: a day, by weight: { from 5 kg: { amount: 1 mg/kg, total of: a day } } }": diag.KeysExclude,
	} {
		text := strings.Replace(head, "frequency: daily, course: 3 doses, dose: ", "course: 30 days, ", 1)
		if _, found := protocol.Decode("test.yaml", []byte(text+rule+" } }\n"), nil); !found.HasErrors() || found[0].Code != code {
			t.Errorf("%s: %v", rule, found)
		}
	}
	// A course that ends before a whole day, or week, of the total.
	for rule, severity := range map[string]diag.Severity{
		"frequency: every 2 hours, course: 3 doses, dose: { amount: 60 mg, total of: a day }":   diag.Error,
		"frequency: every 12 hours, course: 3 doses, dose: { amount: 70 mg, total of: a week }": diag.Error,
		"frequency: twice daily, course: 3 days, dose: { amount: 140 mg, total of: a week }":    diag.Error,
		"frequency: twice daily, course: 5 doses, dose: { amount: 60 mg, total of: a day }":     diag.Warning,
		"frequency: twice daily, course: 6 doses, dose: { amount: 60 mg, total of: a day }":     diag.Note,
		"frequency: twice daily, course: 3 days, dose: { amount: 60 mg, total of: a day }":      diag.Note,
	} {
		text := strings.Replace(head, "frequency: daily, course: 3 doses, dose: ", "", 1)
		_, found := protocol.Decode("test.yaml", []byte(text+rule+" } }\n"), nil)
		worst := diag.Note
		for _, d := range found {
			if d.Code == diag.BadDose {
				worst = max(worst, d.Severity)
			}
		}
		if worst != severity {
			t.Errorf("%s: %v", rule, found)
		}
	}
}
