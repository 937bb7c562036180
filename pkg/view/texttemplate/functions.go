package texttemplate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/mattn/go-runewidth"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/terminal"
)

// A Function is something that templates can call beside what package template has.
type Function struct{ Use, Doc string }

// Functions returns what templates can call.
func Functions() []Function {
	return []Function{
		{`where "kind" "dose" .events`, "those of a list whose key has a value; with more keys and values, all of them"},
		{`date .date`, "a date with its day of the week: Mon 2026-03-02"},
		{`longdate .date`, "a date in words: Monday 2 March 2026"},
		{`route .dose.route`, "a route in words: iv is intravenous"},
		{`join "; " .requirements`, "a list in one text"},
		{`wrap 78 "  " TEXT`, "a text in lines of so many characters, those after the first indented"},
		{`pad 20 TEXT`, "a text with spaces up to so many characters"},
		{`plural 3 "dose"`, "a number and a noun: 3 doses"},
		{`upper TEXT`, "in capital letters"},
		{`distinct "requirements" .events`, "what the lists under a key hold, each once"},
		{`about .patient`, "what is known of the patient, from the age to what was measured, in one text"},
		{`worked (where "kind" "dose" .events)`, "how the amounts of doses come about, with the doses whose arithmetic it is"},
		{`required (where "kind" "dose" .events)`, "what must be so for doses, with the doses for which it must"},
	}
}

var functions = template.FuncMap{
	"where": where, "date": date, "longdate": longDate, "route": protocol.RouteWords, "join": join, "wrap": wrap, "pad": pad,
	"plural": civil.Plural, "upper": strings.ToUpper, "distinct": distinct, "required": required,
	"about": about, "worked": worked,
}

func where(args ...any) ([]any, error) {
	if len(args) < 3 || len(args)%2 == 0 {
		return nil, fmt.Errorf(`write it as: where "kind" "dose" .events`)
	}
	list, ok := args[len(args)-1].([]any)
	if !ok {
		return nil, fmt.Errorf("the last of its values is no list")
	}
	var out []any
	for _, item := range list {
		m, _ := item.(map[string]any)
		fits := true
		for i := 0; i+1 < len(args); i += 2 {
			value, known := m[fmt.Sprint(args[i])]
			if !known {
				return nil, fmt.Errorf("there is no key “%v”", args[i])
			}
			fits = fits && fmt.Sprint(value) == fmt.Sprint(args[i+1])
		}
		if fits {
			out = append(out, item)
		}
	}
	return out, nil
}

func distinct(key string, list []any) ([]any, error) {
	seen := map[string]bool{}
	var out []any
	for _, item := range list {
		m, _ := item.(map[string]any)
		value, known := m[key]
		if !known {
			return nil, fmt.Errorf("there is no key “%s”", key)
		}
		texts, _ := value.([]any)
		for _, t := range texts {
			if text := fmt.Sprint(t); !seen[text] {
				seen[text] = true
				out = append(out, t)
			}
		}
	}
	return out, nil
}

// about says what is known of a patient beside the name and the birth date.
func about(patient map[string]any) string {
	var parts []string
	add := func(what string, value any) {
		if m, ok := value.(map[string]any); ok && m["amount"] != nil {
			value = fmt.Sprintf("%v %v", m["amount"], m["unit"])
		}
		if text, ok := value.(string); ok && text != "" || !ok && value != nil {
			parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %v", what, value)))
		}
	}
	if months := patient["age_months"]; months != nil && fmt.Sprint(months) != "" {
		parts = append(parts, fmt.Sprintf("age %v months", months))
	} else {
		add("age", patient["age"])
	}
	add("", patient["sex"])
	add("weight", patient["weight"])
	add("height", patient["height"])
	add("body surface", patient["body_surface"])
	measured, _ := patient["measurements"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(measured)) {
		add(name, measured[name])
	}
	return strings.Join(parts, ", ")
}

// worked says how the amounts of doses come about: what follows the rule in their derivation, once for all doses of
// a phase, one after the other, that have the same.
func worked(doses []any) []string {
	type run struct {
		phase, text string
		first, last any
	}
	var runs []run
	for _, item := range doses {
		m, _ := item.(map[string]any)
		steps, _ := m["derivation"].([]any)
		var texts []string
		for _, s := range steps[min(1, len(steps)):] {
			step, _ := s.(map[string]any)
			texts = append(texts, fmt.Sprint(step["text"]))
		}
		r := run{fmt.Sprint(m["phase"]), strings.Join(texts, "; "), m["number"], m["number"]}
		switch k := len(runs) - 1; {
		case r.text == "" || r.first == nil:
		case k >= 0 && runs[k].phase == r.phase && runs[k].text == r.text:
			runs[k].last = r.last
		default:
			runs = append(runs, r)
		}
	}
	list := make([]string, len(runs))
	for i, r := range runs {
		list[i] = fmt.Sprintf("%s %v: %s", r.phase, r.first, r.text)
		if r.first != r.last {
			list[i] = fmt.Sprintf("%s %v to %v: %s", r.phase, r.first, r.last, r.text)
		}
	}
	return list
}

// required says what must be so for doses: a sentence for what holds for all of them, for the first, for those of a
// phase, or on some days.
func required(doses []any) []string {
	var list []view.DoseNeeds
	for _, item := range doses {
		m, _ := item.(map[string]any)
		needs := view.DoseNeeds{Phase: fmt.Sprint(m["phase"]), Date: fmt.Sprint(m["date"])}
		texts, _ := m["requirements"].([]any)
		for _, t := range texts {
			needs.Texts = append(needs.Texts, fmt.Sprint(t))
		}
		list = append(list, needs)
	}
	return view.Required(list)
}

func date(text string) (string, error) {
	d, err := civil.ParseDate(text)
	return view.Date(d), err
}

func longDate(text string) (string, error) {
	d, err := civil.ParseDate(text)
	if err != nil {
		return "", err
	}
	year, month, day := d.Parts()
	return fmt.Sprintf("%v %d %v %d", d.Weekday(), day, month, year), nil
}

func join(sep string, list any) string {
	texts, _ := list.([]any)
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = fmt.Sprint(t)
	}
	return strings.Join(out, sep)
}

func wrap(width int, indent, text string) string {
	return strings.Join(terminal.Wrap(text, max(width-len(indent), 20)), "\n"+indent)
}

func pad(width int, text any) string {
	s := fmt.Sprint(text)
	return s + strings.Repeat(" ", max(width-runewidth.StringWidth(s), 0))
}
