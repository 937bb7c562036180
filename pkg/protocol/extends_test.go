package protocol

import (
	"fmt"
	"strings"
	"testing"
)

// What a file states of a dose by its cases is all that it has: a case of the protocol that it extends, left between them,
// gave 150 mg where the file reads 50 mg at most.
func TestExtendsReplacesCases(t *testing.T) {
	base := strings.Replace(small, "phases", "population: { weight: 40..120 kg }\nphases", 1)
	base = strings.Replace(base, "dose: 50 mg", "dose: { by weight: { under 60 kg: 50 mg, from 60 kg: 100 mg, from 90 kg: 150 mg } }", 1)
	if !strings.Contains(base, "from 90 kg") {
		t.Fatal("the protocol of the tests has no dose of 50 mg")
	}
	p, found := decodeTexts(t, base, "phases: { course: { dose: { by weight: { under 60 kg: 25 mg, from 60 kg: 50 mg } } } }\n")
	if found.HasErrors() {
		t.Fatal(found)
	}
	if d, ok := p.Phases[0].Dose.(*ByCase); !ok || len(d.Cases) != 2 {
		t.Errorf("the dose is %v, not the two cases that the file states", d)
	}
}

// A phase that a file adds stands where the file puts it, since each follows the one before it.
func TestExtendsKeepsOrder(t *testing.T) {
	base := strings.Replace(small, "course: { dose: 50 mg, frequency: every 3 days, course: 10 doses }",
		"load: { dose: 50 mg, frequency: weekly, course: 2 doses }, main: { dose: 25 mg, frequency: weekly, course: 2 doses }", 1)
	for _, x := range []struct{ phases, want string }{
		{"{ load: { course: 3 doses }, bridge: BRIDGE, main: { dose: 30 mg } }", "load bridge main"},
		{"{ bridge: BRIDGE, main: { dose: 30 mg } }", "load bridge main"},
		{"{ bridge: BRIDGE, load: { dose: 30 mg } }", "bridge load main"},
		{"{ load: { dose: 30 mg }, bridge: BRIDGE }", "load bridge main"},
		{"{ bridge: BRIDGE }", "load main bridge"},
	} {
		text := "phases: " + strings.Replace(x.phases, "BRIDGE", "{ dose: 40 mg, frequency: weekly, course: 1 dose }", 1) + "\n"
		p, found := decodeTexts(t, base, text)
		var names []string
		for i := range p.Phases {
			names = append(names, p.Phases[i].Name)
		}
		if got := strings.Join(names, " "); got != x.want || found.HasErrors() {
			t.Errorf("%s: %s, not %s %v", x.phases, got, x.want, found)
		}
	}
}

// A check-in of each cycle comes in all cycles of all runs, also of a course whose end is a day; one that says day 1 means it.
func TestEachCycle(t *testing.T) {
	for _, x := range []struct{ phase, on, doses string }{
		{`frequency: "days 1, 8 of 21", course: 3 cycles`, "day 1 of each cycle of course", "1 3 5"},
		{`frequency: "days 1, 8 of 21", course: 3 cycles, repeat: 2`, "1 day before day 1 of each cycle of course", "1 3 5 7 9 11"},
		{`frequency: "days 1, 8 of 21", course: 3 cycles, repeat: 2`, "day 1 of each run of course", "1 7"},
		{`frequency: "days 1, 8 of 21", course: 5 doses, repeat: 2`, "day 1 of each cycle of course", "1 3 5 6 8 10"},
		{`frequency: "days 1, 8 of 21", course: 12 weeks`, "10 days after day 1 of each cycle of course", "1 3 5 7"},
		{`frequency: "days 1, 8 of 21", course: 64 days`, "day 1 of each cycle of course", "1 3 5 7"},
		{`frequency: "5 days on, 2 days off", course: 2 weeks`, "day 1 of each cycle of course", "1 6"},
		{`frequency: weekly, course: 3 doses, repeat: 2`, "day 1 of each run of course", "1 4"},
		{`frequency: "days 5-9 of 28", course: 2 cycles`, "first dose of each cycle of course", "1 6"},
		{`frequency: "days 5-9 of 28", course: 2 cycles`, "day 1 of each cycle of course", "DP205"},
		{`frequency: "days 1, 8 of 21", course: open-ended`, "day 1 of each cycle of course", "DP310"},
	} {
		p, found := decodeTexts(t, small, "phases: { course: { dose: 50 mg, "+x.phase+" } }\ncheck-ins: { count: { on: "+x.on+", mode: lab } }\n")
		var got []string
		if found.HasErrors() {
			for _, f := range found {
				got = append(got, string(f.Code))
			}
		} else {
			for _, w := range p.CheckIns[0].On {
				got = append(got, fmt.Sprint(w.N))
			}
		}
		if strings.Join(got, " ") != x.doses {
			t.Errorf("%s, %s: %v, not %s", x.phase, x.on, got, x.doses)
		}
	}
}
