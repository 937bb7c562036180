package nonmem

import (
	"encoding/csv"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
	"github.com/doseplan/doseplan/pkg/source"
	"github.com/doseplan/doseplan/pkg/view"
)

const head = `doseplan: 1
kind: protocol
id: test
title: A test
version: 1.0.0
status: template
model: other
setting: clinic
`

func compute(t *testing.T, text, params string, o schedule.Options) *schedule.Schedule {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(head+text), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	node, _ := source.Parse("p", []byte(params))
	pat, found := patient.Decode(node)
	if found.HasErrors() {
		t.Fatal(found)
	}
	plan, found := schedule.NewPlan(p, o)
	if found.HasErrors() {
		t.Fatal(found)
	}
	s, found := plan.Run(pat)
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// read reads a table as NM-TRAN does with IGNORE=@: lines that begin with a letter or # are passed
// over, items are numbers of at most 24 characters, and those from DOSEDATE on are dropped.
func read(t *testing.T, text string) (rows []map[string]string) {
	t.Helper()
	var names []string
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if len(line) > 300 {
			t.Errorf("a line has %d characters: %.80s", len(line), line)
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		items, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			t.Fatal(err)
		}
		if names == nil {
			names = items
			continue
		}
		row := map[string]string{}
		for i, item := range items {
			if _, ok := new(big.Rat).SetString(item); i < 8 && (!ok || strings.Trim(item, "0123456789.") != "" || len(item) > 24) {
				t.Errorf("%s is %q", names[i], item)
			}
			if strings.ContainsAny(item, " ,\"") || item == "" {
				t.Errorf("%s is %q", names[i], item)
			}
			row[names[i]] = item
		}
		rows = append(rows, row)
	}
	return rows
}

func write(t *testing.T, d *view.Document) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func number(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

// played plays a table out, as the definition of ADDL and II says: each dose as compartment,
// amount and hours.
func played(t *testing.T, rows []map[string]string) (doses []string) {
	t.Helper()
	for _, r := range rows {
		more, err := strconv.Atoi(r["ADDL"])
		if err != nil {
			t.Fatal(err)
		}
		at := number(t, r["TIME"])
		for range more + 1 {
			doses = append(doses, fmt.Sprintf("%s %s %s", r["CMT"], r["AMT"], at.FloatString(4)))
			at = new(big.Rat).Add(at, number(t, r["II"]))
		}
	}
	slices.Sort(doses)
	return doses
}

const infusions = `medication: { name: "examplamine, pure", rxnorm: "1" }
routes: { iv: { over: 50 minutes, round: 0.1 mg } }
phases: { x: { dose: 35.5 mg, frequency: FREQUENCY, course: 60 days } }
`

// Compact and expanded, the table holds the doses of the schedule at their elapsed hours, over
// both changes of the clocks.
func TestTheSameDoses(t *testing.T) {
	for _, frequency := range []string{"daily", "twice daily", "2 a week", "every 7 hours", "every 20 minutes", "days 1-5 of 21", "every 8 hours", "mon, thu"} {
		for _, start := range []string{"2026-03-02", "2026-10-12"} {
			course := "60 days"
			if frequency == "every 20 minutes" {
				course = "30 doses"
			}
			s := compute(t, strings.NewReplacer("FREQUENCY", `"`+frequency+`"`, "60 days", course).Replace(infusions), "id: P-1\nstart: "+start+"\ntime zone: Europe/Berlin\n", schedule.Options{})
			var want []string
			zero := int64(-1)
			for i := range s.Events {
				if e := &s.Events[i]; e.Kind == schedule.Dose {
					if zero < 0 {
						zero = e.At
					}
					want = append(want, "1 35.5 "+big.NewRat(e.At-zero, 3600).FloatString(4))
				}
			}
			slices.Sort(want)
			plain := read(t, write(t, view.Of(s, view.Options{})))
			compact := read(t, write(t, view.Of(s, view.Options{Compact: true})))
			for name, rows := range map[string][]map[string]string{"expanded": plain, "compact": compact} {
				if got := played(t, rows); !slices.Equal(got, want) {
					t.Errorf("%s from %s, %s: %v, want %v", frequency, start, name, got, want)
				}
				last := new(big.Rat)
				for _, r := range rows {
					at := number(t, r["TIME"])
					if at.Cmp(last) < 0 {
						t.Errorf("%s, %s: TIME goes back to %s", frequency, name, r["TIME"])
					}
					last = at
					if (r["ADDL"] == "0") != (r["II"] == "0") {
						t.Errorf("%s, %s: II is %s where ADDL is %s", frequency, name, r["II"], r["ADDL"])
					}
					if r["RATE"] != "42.6" || r["EVID"] != "1" { // 35.5 mg in 50 minutes
						t.Errorf("RATE is %s and EVID %s", r["RATE"], r["EVID"])
					}
				}
			}
			if len(plain) != len(want) || len(compact) > len(want)/2 && frequency != "every 20 minutes" {
				t.Errorf("%s: %d rows and %d compact ones for %d doses", frequency, len(plain), len(compact), len(want))
			}
		}
	}
}

func TestColumns(t *testing.T) {
	s := compute(t, `medications:
  a: { routes: { oral: {} } }
  b: { routes: { iv: { over: 70 minutes } } }
phases:
  first: { medication: b, dose: 10 mg, frequency: daily, course: 3 doses, times: ["08:00"] }
  second: { medication: a, dose: 500 mcg, frequency: daily, course: 2 doses, starts: with first, times: ["20:00"] }
`, "id: \"12\"\nstart: 2026-03-02\ntime zone: America/New_York\n", schedule.Options{
		Timeline: schedule.Timeline{Facts: []schedule.Fact{{Phase: "first", Number: 2, Status: schedule.Missed, Date: civil.MustDate("2026-03-03")}}}})
	out := write(t, view.Of(s, view.Options{Generator: view.Generator{Name: "doseplan", Version: "0"}}))
	for _, want := range []string{"# CMT 1: b intravenous, AMT in mg.\n", "# CMT 2: a oral, AMT in mcg.\n", "# ID 12: TIME counts elapsed hours from 2026-03-02T13:00:00Z.\n", "# Missed or held, and not in the table: 1 dose.\n", "TEMPLATE"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
	var got []string
	for _, r := range read(t, out) {
		got = append(got, strings.Join([]string{r["ID"], r["TIME"], r["AMT"], r["CMT"], r["RATE"], r["DOSEDATE"], r["DOSETIME"], r["UTCOFFSET"], r["DOSE"], r["STATUS"], r["MEDICATION"], r["UNIT"]}, " "))
	}
	want := []string{
		"12 0 10 1 8.571428571 2026-03-02 08:00 -05:00 1 planned b mg",
		"12 12 500 2 0 2026-03-02 20:00 -05:00 1 planned a mcg",
		"12 36 500 2 0 2026-03-03 20:00 -05:00 2 planned a mcg",
		"12 48 10 1 8.571428571 2026-03-04 08:00 -05:00 3 planned b mg",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(Columns()) != 18 || word("a, b=ü") != "a__b__" || word("") != "." {
		t.Error("the words are wrong:", word("a, b=ü"))
	}
}
