package proof

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/calendar"
	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/lab"
	"github.com/doseplan/doseplan/pkg/limit"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/quantity"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/protocols"
)

// The falsifier looks for a patient, a start, a zone and closed days for which a schedule is
// refused of a file that the proof passes. It draws files of its own, with limits near what
// their doses come to, and knows nothing of how the proof looks at them. DOSEPLAN_FALSIFY=N
// makes N calendars on a new seed, which is printed.
func TestFalsifier(t *testing.T) {
	calendars, seed := 160, uint64(20270107)
	if testing.Short() {
		t.Skip("it proves a file for every forty calendars")
	}
	if text := os.Getenv("DOSEPLAN_FALSIFY"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		calendars, seed = n, rand.Uint64()
	}
	t.Logf("%d calendars on the seed %d", calendars, seed)
	f := &falsifier{t: t, r: rand.New(rand.NewPCG(seed, 1)), zones: civil.ZoneNames()}
	for _, id := range protocols.IDs() {
		text, err := protocols.Read(id)
		if err != nil {
			t.Fatal(err)
		}
		f.known = append(f.known, string(text))
		f.attack(string(text), max(1, calendars/200))
	}
	cookbook, err := filepath.Glob("../../testdata/cookbook/*.yaml")
	if err != nil || len(cookbook) == 0 {
		t.Fatal(cookbook, err)
	}
	for _, file := range cookbook {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f.known = append(f.known, string(text))
	}
	for said := 0; f.tried < calendars && f.holes < 5; {
		if n := f.tried * 20 / calendars; n > said { // a long run says how far it is
			said = n
			t.Logf("%d calendars", f.tried)
		}
		text := f.file()
		if f.in(0, 3) == 0 {
			text = f.mutant()
		}
		f.attack(text, max(40, calendars/500)) // the proof of a file takes longer than a calendar
	}
	t.Logf("%d files passed, %d did not, and %d were no protocols; %d calendars", f.passed, f.failed, f.odd, f.tried)
	if f.passed == 0 || f.failed == 0 {
		t.Error("the files are lopsided")
	}
}

// A dose says the same whether it stands in its phase, in a case, or in a tier: what is found of the one file is found
// of the others.
func TestDoseStandsAnywhere(t *testing.T) {
	f := &falsifier{t: t, r: rand.New(rand.NewPCG(20261130, 1)), zones: civil.ZoneNames()}
	codes := func(text string) (list []string) {
		p, found := protocol.Decode("drawn.yaml", []byte(text), resolveShipped)
		if !found.HasErrors() {
			found = append(found, Check(p).Found...)
		}
		for _, d := range found {
			if d.Severity >= diag.Warning {
				list = append(list, string(d.Code))
			}
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	compared := 0
	for range 400 {
		text := f.phases([]string{"twice daily", "daily", "2 a week", "days 1, 8 of 21", "mon, wed and fri"}, []string{
			"{ by time: { \"08:00\": 30 mg, \"20:00\": 20 mg } }", "{ by weekday: { mon: 20 mg, sun: 40 mg, other: 30 mg } }", "{ by day of cycle: { 1: 20 mg, 8: 30 mg } }", "{ by week: { from 1: 20 mg, from 3: 40 mg } }",
			"{ start: 10 mg, increase: 10 mg, every: 6 doses, to: 60 mg }", "{ by dose: { from 1: 20 mg, from 4: 50 mg } }", "{ by frequency: { twice daily: 20 mg, daily: 40 mg } }", "20 mg", "{ amount: 40 mg per day, divided: equally }", "0.4 mg/kg"})
		m := reDose.FindStringSubmatch(text)
		direct := codes(text)
		for _, other := range []string{
			strings.Replace(text, m[1], "{ by route: { oral: "+m[1]+" } }", 1),
			strings.Replace(strings.Replace(text, m[1], "tier", 1), "phases:\n", "tiers: { only: "+m[1]+" }\nphases:\n", 1),
		} {
			if got := codes(other); !slices.Equal(got, direct) {
				t.Errorf("%v of\n%s\n%v of\n%s", direct, text, got, other)
			}
			compared++
		}
	}
	if compared < 800 {
		t.Error(compared, "were compared")
	}
}

var reDose = regexp.MustCompile(`a: \{ dose: (.*), frequency:`)

// phases draws a file of one phase.
func (f *falsifier) phases(rules, doses []string) string {
	course := f.pick("5 days", "8 doses", "4 weeks", "until 0.9 mg/kg in all", "until 300 mg in all")
	return head + fmt.Sprintf("population: { weight: 50..52 kg, height: 152.4..200 cm }\nroutes: { oral: { round: 1 mg } }\nphases:\n  a: { dose: %s, frequency: %q, course: %s }\nlimits: { single dose: %d mg, each day: %d mg, doses: %d }\n",
		f.pick(doses...), f.pick(rules...), course, f.in(20, 60), f.in(30, 120), f.in(4, 20))
}

type falsifier struct {
	t                            *testing.T
	r                            *rand.Rand
	zones                        []string
	known                        []string // files whose figures are changed
	passed, failed, tried, holes int
	odd                          int // files that say nothing
}

func (f *falsifier) in(lo, hi int) int { return lo + f.r.IntN(hi-lo+1) }

func (f *falsifier) pick(list ...string) string { return list[f.r.IntN(len(list))] }

// mutant is a shipped protocol, or a regimen of the cookbook, with one or two figures of its rules changed, as a clinic's
// own might be.
func (f *falsifier) mutant() string {
	whole := f.known[f.r.IntN(len(f.known))]
	rules, rest, _ := strings.Cut(whole, "\nevidence:")
	for range f.in(1, 2) {
		at := reFigure.FindAllStringIndex(rules, -1)
		k := at[f.r.IntN(len(at))]
		n, err := strconv.ParseFloat(rules[k[0]:k[1]], 64)
		if err != nil {
			f.t.Fatal(err)
		}
		changed := []float64{n / 2, n * 2, n + 1, max(n-1, 1), n * 1.1, n * 0.9}[f.in(0, 5)]
		if n == float64(int(n)) && f.in(0, 3) > 0 {
			changed = float64(int(changed))
		}
		rules = rules[:k[0]] + strconv.FormatFloat(changed, 'f', -1, 64) + rules[k[1]:]
	}
	if f.in(0, 1) == 0 {
		return rules + "\nevidence:" + rest
	}
	return rules + "\nevidence: [ { note: drawn } ]\n"
}

var reFigure = regexp.MustCompile(`\b\d+(\.\d+)?\b`)

// file draws a protocol of one medicine, or of two that are kept apart.
func (f *falsifier) file() string {
	var b strings.Builder
	two := f.in(0, 4) == 0
	if two {
		before, _, _ := strings.Cut(head, "medication:")
		fmt.Fprintf(&b, "%smedications:\n  examplamine: { routes: { oral: { round: 1 mg } }, limits: { %s } }\n  otherine: { routes: { oral: { round: 5 mg } }, limits: { %s, interval to: { examplamine: %s } } }\n",
			before, f.limits(), f.limits(), f.pick("30 min", "2 h", "6 h", "24 h", "60 h"))
	} else {
		b.WriteString(head)
	}
	fmt.Fprintf(&b, "population: { weight: %d..%d kg, height: 152.4..200 cm%s%s }\n", f.in(40, 60), f.in(61, 150), f.pick("", "", ", sex: male"), f.pick("", "", "", ", bmi: 16..35"))
	if !two {
		fmt.Fprintf(&b, "routes: { oral: { round: %s mg%s } }\nlimits: { %s%s }\n", f.pick("1", "5", "10"), f.pick("", "", "", ", form: tablet, strengths: [10 mg]", ", form: tablet, strengths: [20 mg, 50 mg]"), f.limits(), f.pick("", "", "", ", reassess: every 3 months"))
	}
	tiered := f.in(0, 4) == 0
	if tiered {
		fmt.Fprintf(&b, "tiers: { low: %s, high: %s }\ndefault tier: low\n", f.dose(), f.dose())
	}
	b.WriteString("phases:\n")
	phases := f.in(1, 3)
	for i := range phases {
		fmt.Fprintf(&b, "  p%d: { ", i)
		if two {
			fmt.Fprintf(&b, "medication: %s, ", f.pick("examplamine", "otherine"))
		}
		f.phase(&b, i, tiered && f.in(0, 1) == 0)
	}
	if !two && f.in(0, 9) == 0 {
		fmt.Fprintf(&b, "as needed:\n  attack: { dose: %s, reason: pain, apart: %d hours, at most: %d mg in 24 hours }\n", f.pick("10 mg", "{ amount: 0.6 mg/kg, weight: ideal weight, round: 5 mg }", "0.3 mg/kg"), f.in(1, 6), 10*f.in(6, 12))
	}
	if two && f.in(0, 2) == 0 {
		fmt.Fprintf(&b, "as needed:\n  attack: { medication: examplamine, dose: 10 mg, reason: pain, apart: %d hours, at most: %d mg in 24 hours }\n", f.in(1, 6), 10*f.in(1, 5))
	}
	if phases > 1 && f.in(0, 3) == 0 {
		fmt.Fprintf(&b, "check-ins: { review: { every: %s, time: %q, mode: phone, gates: p%d } }\n", f.pick("5 weeks", "12 weeks", "3 months", "10 days"), f.pick("09:00", "00:00", "19:00"), f.in(0, phases-1))
		return b.String()
	}
	b.WriteString(f.pick("", "", "check-ins: { review: { on: end of week 2, mode: phone, gates: p0 } }\n", "check-ins: { evaluation: { before: first dose, within: 7 days, mode: phone, gates: first dose } }\n"))
	return b.String()
}

// phase draws a phase, but for its medicine.
func (f *falsifier) phase(b *strings.Builder, i int, tier bool) {
	rule, dose := f.rule(), f.dose()
	if tier {
		dose = "tier"
	}
	if rule == "twice daily" && !tier && f.in(0, 2) == 0 {
		dose = f.pick("{ by time: { \"08:00\": 20 mg, \"20:00\": 30 mg } }", "{ amount: 75 mg, total of: a day, larger part: evening, round: 5 mg }", "{ amount: 60 mg, total of: a day }")
	}
	starts, only := "", ""
	if i > 0 {
		starts = f.pick("", "", ", starts: after p0", ", starts: 1 month after first dose of p0", ", starts: 30 hours after last dose of p0", ", starts: day 15", ", starts: day 200",
			", starts: 3 days after dose 2 of p0", ", starts: 2 weeks after last dose of p0", ", starts: 12 hours after dose 2 of p0", ", starts: with p0", ", starts: 1 day after each dose of p0", ", starts: 2 hours before each dose of p0", ", starts: 1 day after first dose of p0", ", starts: start",
			", starts: first friday on or after day 10", ", starts: 1 week after dose 1 of p0")
	}
	course := f.course(i, dose)
	if strings.Contains(starts, "each") {
		rule, course = f.pick("once", "every 6 hours", "daily"), "1 doses"
		if rule != "once" {
			course = "2 doses"
		}
	}
	times, twice := "", rule == "twice daily"
	switch clock := f.pick("", "01:30", "02:00", "02:30", "00:00", "23:30", "20:00", "by day"); {
	case strings.Contains(dose, "08:00"):
		times = ", times: [\"08:00\", \"20:00\"]"
	case clock == "by day" && !twice && !strings.Contains(rule, "hours"):
		times = fmt.Sprintf(", times: { %q: %q, other: %q }", f.pick("sat, sun", "mon", "wed, sat"), f.pick("10:00", "02:30", "22:00"), f.pick("07:00", "01:00"))
	case clock != "" && clock != "by day" && !twice:
		times = fmt.Sprintf(", times: [%q]", clock)
	}
	if i == 0 && f.in(0, 5) == 0 {
		starts = ", starts: first monday on or after start"
	}
	if starts == "" && f.in(0, 2) == 0 {
		only = "for: { weight: " + f.pick("under 60 kg", "from 60 kg", "from 55 kg and up to 75 kg", "above 75 kg", "under 55 kg") + " }, "
	}
	window := f.pick("", "", ", window: ±1 day", ", window: ±2 days", ", window: -0 to +2 days", ", window: -2 to +0 days", ", window: -1 to +3 days")
	repeat := ""
	if f.in(0, 7) == 0 && !strings.Contains(starts, "hours") && !strings.Contains(starts, "each") {
		repeat = ", repeat: 2" + f.pick("", ", rest: 3 days")
	}
	fmt.Fprintf(b, "%sdose: %s, frequency: %q, course: %s%s%s%s%s }\n", only, dose, rule, course, times, starts, window, repeat)
}

// rule draws a frequency.
func (f *falsifier) rule() string {
	return f.pick("daily", "twice daily", "every 2 days", "weekly", "monthly", "every 6 months", "2 a week", "3 a week", "mon, wed and fri", "sun", "5 days on, 2 off", "once", "on days 1, 4, 8",
		"every 8 hours", "every 4 hours", "every 36 hours", "every 12 hours elapsed", "days 1, 8 of 21", "first monday of each month", "days 1 to 12 of each month", "days 1, 15 of each month", "day 31 of each month", "every 5 days", "every 30 days", "every 12 weeks", "every 50 hours", "every 959 hours")
}

// dose draws a dose.
func (f *falsifier) dose() string {
	return f.pick(fmt.Sprintf("%d0 mg", f.in(1, 9)), fmt.Sprintf("0.%d mg/kg", f.in(2, 9)), "{ by weight: { under 50 kg: not given, from 50 kg: 40 mg, above 90 kg: 70 mg } }",
		fmt.Sprintf("{ amount: %d mg, max: 0.%d mg/kg }", f.in(40, 90), f.in(4, 9)), fmt.Sprintf("{ amount: %d mg/m2, max: 0.%d mg/kg, round: %s }", f.in(20, 40), f.in(5, 9), f.pick("none", "5 mg up", "7 mg down")),
		"{ by body surface: { up to 1.7 m2: 30 mg, above 1.7 m2: 50 mg } }", "{ by weight: { under 60 kg: 20 mg, from 60 kg: { by body surface: { under 1.8 m2: 50 mg, from 1.8 m2: 40 mg } } } }",
		"{ by weekday: { mon: 20 mg, sun: 40 mg, other: 30 mg } }", "{ by weekday: { tue: 60 mg, other: 30 mg } }", "{ by week: { from 1: 20 mg, from 25: 40 mg } }",
		fmt.Sprintf("{ amount: 0.%d mg/kg, weight: %s }", f.in(2, 9), f.pick("ideal weight", "ideal weight", "lower of actual and ideal weight", "adjusted weight")), "{ start: 1 mg/kg, decrease: 25 %, every: 2 doses, to: 0.3 mg/kg, weight: ideal weight }",
		"{ start: 10 mg, increase: 10 mg, every: 6 weeks, to: 60 mg }", "{ by dose: { from 1: 20 mg, from 9: 50 mg } }", "{ by day: { from 1: 20 mg, from 8: 40 mg, from 150: 60 mg } }")
}

// course draws the length of a phase.
func (f *falsifier) course(i int, dose string) string {
	switch {
	case strings.Contains(dose, "start"):
		return f.pick("40 weeks", "40 weeks", "open-ended", "through the last step")
	case f.in(0, 4) == 0:
		return f.pick(fmt.Sprintf("until %d0 mg in all", f.in(2, 40)), fmt.Sprintf("until 0.%d mg/kg in all", f.in(5, 9)), fmt.Sprintf("until %d mg/kg in all", f.in(1, 6)), fmt.Sprintf("until %d0 mg in a lifetime", f.in(9, 60)), "until end of week 6", "until end of month 3")
	case f.in(0, 3) == 0:
		return f.pick("3 weeks", "30 days", "2 months", "1 month")
	case i == 2 && f.in(0, 1) == 0, f.in(0, 7) == 0:
		return "open-ended"
	}
	return fmt.Sprintf("%d doses", f.in(1, 12))
}

// limits draws some limits of a medicine.
func (f *falsifier) limits() string {
	list := []string{fmt.Sprintf("single dose: %d0 mg", f.in(4, 14)), f.pick(fmt.Sprintf("interval: %d h", f.in(1, 26)), fmt.Sprintf("interval: %d days", f.in(1, 8)), fmt.Sprintf("interval: %d days", f.in(9, 40))),
		fmt.Sprintf("any 24 hours: %d0 mg", f.in(4, 30)), fmt.Sprintf("any 7 days: %d0 mg", f.in(10, 90)), fmt.Sprintf("any 30 days: %d0 mg", f.in(30, 300)),
		fmt.Sprintf("each day: %d0 mg", f.in(4, 30)), fmt.Sprintf("each 7 days: %d0 mg", f.in(10, 90)), fmt.Sprintf("each 30 days: %d0 mg", f.in(30, 300)), fmt.Sprintf("in the course: %d0 mg", f.in(30, 400)),
		fmt.Sprintf("any %d hours: %d0 mg", f.in(2, 23), f.in(4, 30)), fmt.Sprintf("any %d hours: %d0 mg", f.in(25, 200), f.in(4, 90)), fmt.Sprintf("any %d days: %d0 mg", f.in(31, 120), f.in(30, 900)), fmt.Sprintf("each %d days: %d0 mg", f.in(31, 120), f.in(30, 900)), fmt.Sprintf("each %d days: %d0 mg", f.in(2, 6), f.in(4, 90)), fmt.Sprintf("doses: %d", f.in(10, 400)),
	}
	f.r.Shuffle(len(list), func(i, k int) { list[i], list[k] = list[k], list[i] })
	return strings.Join(list[:f.in(2, 5)], ", ")
}

// attack makes calendars of a file that the proof passes.
func (f *falsifier) attack(text string, calendars int) {
	p, found := protocol.Decode("drawn.yaml", []byte(text), resolveShipped)
	if found.HasErrors() {
		f.odd++
		return
	}
	r := Check(p)
	if len(r.Found) > 0 {
		f.failed++
		return
	}
	f.passed++
	// Each limit is drawn in to what the proof says is the worst, so that the least that it overlooks shows.
	if tight := tightened(text, r); tight != text {
		if q, found := protocol.Decode("drawn.yaml", []byte(tight), resolveShipped); !found.HasErrors() && len(Check(q).Found) == 0 {
			text, p = tight, q
		}
	}
	for range calendars {
		f.tried++
		pat := f.patient(p)
		o := f.options(p, pat)
		plan, found := schedule.NewPlan(p, o)
		if !found.HasErrors() {
			_, found = plan.Run(pat)
		}
		for _, d := range found {
			if (d.Code == diag.BeforeGate || d.Code == diag.Displaced) && !o.Closed.IsEmpty() {
				continue // the proof assumes that no closed day comes between
			}
			if p.Totals() && o.Policy == calendar.Skip && !o.Closed.IsEmpty() {
				continue // or leaves out a dose on the way to a total
			}
			if d.Severity >= diag.Error && d.Code != diag.NoPlacement && d.Code != diag.NotGiven && d.Code != diag.OutsideRange && d.Code != diag.TooLong {
				f.holes++
				f.t.Errorf("passed, and refused: %v\nfor %v, %v, from %v in %s, until %v, closed %v %v\n%s", d, pat.Weight, pat.Height, pat.Start, pat.TimeZone, o.Until, o.Closed.Dates, o.Policy, text)
				return
			}
		}
	}
}

// tightened is a file whose limits are the worst that the proof found against them.
func tightened(text string, r *Result) string {
	for i := range r.Closest {
		t := &r.Closest[i]
		key, worst := regexp.QuoteMeta(t.Name)+`: `, ""
		switch {
		case t.Days > 0 || t.Endless:
		case t.Name == string(limit.KeyInterval):
			key, worst = key+`\d+(\.\d+)? ?(h|hours?)\b`, fmt.Sprintf("%s: %d min", t.Name, int(t.Apart.Minutes()))
		case t.MostDoses > 0:
			key, worst = key+`\d+\b`, fmt.Sprintf("%s: %d", t.Name, t.Doses)
		case t.Written.IsSet() && t.Written.Unit().Per() == quantity.PerNothing && t.Amount.IsSet():
			key, worst = key+`\d+(\.\d+)? ?mg\b`, t.Name+": "+t.Amount.In(t.Written.Unit()).String()
		}
		if worst == "" {
			continue
		}
		of := regexp.MustCompile(`\b` + key)
		if line := regexp.MustCompile(`(?m)^  ` + regexp.QuoteMeta(t.Medication) + `: \{ routes.*$`); line.MatchString(text) { // of several medicines
			text = line.ReplaceAllStringFunc(text, func(line string) string { return of.ReplaceAllString(line, worst) })
			continue
		}
		text = of.ReplaceAllString(text, worst)
	}
	return text
}

func resolveShipped(name, _ string) (string, []byte, error) {
	text, err := protocols.Read(name)
	return name + ".yaml", text, err
}

func (f *falsifier) patient(p *protocol.Protocol) *patient.Patient {
	if cells, ok := p.Cells(); ok && p.Selective() {
		p = cells[f.r.IntN(len(cells))] // who has some of its phases
	}
	zone := f.zones[f.r.IntN(len(f.zones))]
	loaded, err := civil.LoadZone(zone)
	if err != nil {
		f.t.Fatal(err)
	}
	pat := patient.Patient{
		Weight: f.within(p.Population.Weight, "50 kg", "100 kg"), Height: f.within(p.Population.Height, "153 cm", "199 cm"),
		Sex: patient.Male, StatedAge: civil.Years(40), AgeStated: true, Start: civil.MustDate("2027-01-01").AddDays(f.in(0, 49*365)), TimeZone: loaded.String(), Zone: loaded,
	}
	if age := p.Population.Age; age.Min.IsSet() {
		least, _ := age.Min.Int()
		most := least + 20*12
		if age.Max.IsSet() {
			most, _ = age.Max.Int()
		}
		pat.StatedAge, pat.AgeInMonths = civil.Age(f.in(least, max(least, most))), true
	}
	for i := range p.Measurements {
		m := &p.Measurements[i]
		pat.Measured = append(pat.Measured, patient.Measured{Name: m.Name, Value: lab.Value{Number: f.within(m.Within, "", ""), Unit: m.Unit}})
	}
	pat.Present, pat.Absent = p.Population.Present, p.Population.Absent
	if p.Population.Sex != "" {
		pat.Sex = patient.Sex(p.Population.Sex)
	}
	if p.Population.Surface.IsSet() {
		pat.Surface = f.within(p.Population.Surface, "1 m2", "2 m2")
	}
	// Half of the courses are laid across a change of the clocks in their zone.
	if changes := loaded.Transitions(pat.Start, pat.Start.AddMonths(12)); len(changes) > 0 && f.in(0, 1) == 0 {
		pat.Start = civil.DateOf(changes[f.r.IntN(len(changes))].At).AddDays(-f.in(0, 60))
	}
	for i := range p.Dates {
		d := &p.Dates[i]
		pat.Dates = append(pat.Dates, patient.Named{Name: d.Name, On: pat.Start.AddDays(f.in(d.Least, d.Most))})
	}
	return &pat
}

// within draws an amount of a range, often one of its ends, and of a given one where it has none.
func (f *falsifier) within(b grammar.Bounded, low, high string) quantity.Amount {
	lo, hi := b.Min, b.Max
	if !lo.IsSet() {
		lo = quantity.MustParse(low)
	}
	if !hi.IsSet() {
		hi = quantity.Max(lo, quantity.MustParse(high))
	}
	return lo.Add(hi.Sub(lo).Times(int64(max(0, min(1000, f.in(-100, 1100)))), 1000).FloorTo(quantity.New(1, 1000, lo.Unit())))
}

func (f *falsifier) options(p *protocol.Protocol, pat *patient.Patient) schedule.Options {
	o := schedule.Options{Policy: calendar.Policy(f.in(0, 3)), Horizon: civil.MustPeriod(f.pick("12 weeks", "400 days", "3 years"))}
	if n := len(p.Tiers); n > 0 {
		o.Tier = p.Tiers[f.r.IntN(n)].Name
	}
	if routes := p.Medications[0].Routes; len(p.Medications) == 1 && len(routes) > 1 {
		o.Route = routes[f.r.IntN(len(routes))].Name
	}
	for _, ph := range p.Phases {
		if n := len(ph.Frequencies); n > 1 {
			o.Frequencies = append(o.Frequencies, schedule.FrequencyChoice{Phase: ph.Name, Text: ph.Frequencies[f.r.IntN(n)].Text})
		}
	}
	if f.in(0, 2) > 0 {
		o.Closed = calendar.Closed{Dates: map[civil.Date]string{}}
		for range f.in(1, 40) {
			o.Closed.Dates[pat.Start.AddDays(f.in(0, f.in(1, 400)))] = "closed"
		}
		o.Closed.Weekdays[f.in(0, 6)] = f.in(0, 1) == 0
	}
	return o
}
