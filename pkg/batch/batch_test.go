package batch_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/schedule"
)

const file = `doseplan: 1
kind: protocol
id: test
version: 1.0.0
title: Test
status: template
model: other
setting: clinic
medication: { name: examplamine }
routes: { iv: { over: 40 minutes, round: 1 mg } }
population: { weight: 40..160 kg }
phases:
  course: { dose: 0.5 mg/kg, frequency: 3 a week, course: 6 doses }
check-ins:
  vitals: { around each dose: [0 min, 40 min, 120 min], mode: in person, measure: [blood pressure] }
  review: { on: day 8, mode: phone, measure: [PHQ-9] }
limits: { single dose: 90 mg, interval: 40 h }
evidence: [ { note: a test } ]
`

func plan(t testing.TB) *schedule.Plan {
	t.Helper()
	p, found := protocol.Decode("test.yaml", []byte(file), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	pl, found := schedule.NewPlan(p, schedule.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	return pl
}

func writer() batch.Write { return write }

// write is a format that is easily looked at: the id, and the day of each dose.
func write(b *bytes.Buffer, s *schedule.Schedule) error {
	fmt.Fprint(b, s.Patient.ID)
	for i := range s.Events {
		if e := &s.Events[i]; e.Kind == schedule.Dose {
			fmt.Fprintf(b, " %v", e.Date)
		}
	}
	fmt.Fprintln(b)
	return nil
}

// run returns the output of a job and its rejects, as row:id:code.
func run(t testing.TB, j *batch.Job, text string) (out string, rejects []string, load batch.Load) {
	t.Helper()
	in, found := batch.Open("p", strings.NewReader(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	var b strings.Builder
	err := j.Run(context.Background(), in, func(p *batch.Part) error {
		b.Write(p.Output.Bytes())
		for _, r := range p.Rejects {
			rejects = append(rejects, fmt.Sprintf("%d:%s:%s", r.Row, r.ID, r.Code))
		}
		load.Merge(&p.Load)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), rejects, load
}

// table returns a table of so many patients, of whom some cannot have a calendar.
func table(n int) string {
	var b strings.Builder
	b.WriteString("id,weight,start,time_zone\n")
	for i := range n {
		weight := fmt.Sprint(50+i%100, "kg")
		switch {
		case i%97 == 5:
			weight = "72"
		case i%89 == 7:
			weight = "170kg"
		}
		fmt.Fprintf(&b, "P-%d,%s,2026-03-%02d,Europe/Berlin\n", i, weight, 1+i%28)
	}
	return b.String()
}

// What comes out of many cores is what one patient after the other comes to.
func TestOrder(t *testing.T) {
	const n = 3000
	pl := plan(t)
	got, rejects, _ := run(t, &batch.Job{Plan: pl, Writer: writer}, table(n))
	_, _, load := run(t, &batch.Job{Plan: pl, Sums: true}, table(n))
	list, _ := patient.DecodeTable("p", []byte(table(n)))
	var want bytes.Buffer
	var refused []string
	patients, doses := 0, 0
	for i, p := range list {
		if p == nil {
			refused = append(refused, fmt.Sprintf("%d:P-%d:DP204", i+1, i))
			continue
		}
		s, found := pl.Run(p)
		if s == nil {
			for _, d := range found {
				if d.Severity >= diag.Error {
					refused = append(refused, fmt.Sprintf("%d:P-%d:%s", i+1, i, d.Code))
				}
			}
			continue
		}
		patients++
		doses += 6
		_ = write(&want, s)
	}
	if got != want.String() {
		t.Error("the outputs differ")
	}
	if !slices.Equal(rejects, refused) {
		t.Errorf("rejected: %v\nwant: %v", rejects, refused)
	}
	dates := load.Dates()
	all := load.On(dates[0], dates[len(dates)-1].AddDays(1))
	if load.Patients != patients || all.Doses != doses || all.Minutes != int64(doses)*120 || all.CheckIns != patients {
		t.Errorf("the load is %+v of %d patients; want %d doses of %d", all, load.Patients, doses, patients)
	}
}

// The shares of a population are all of it, each patient in one.
func TestShards(t *testing.T) {
	pl := plan(t)
	text := table(800) + ",72kg,2026-03-02,UTC\nx\n"
	whole, rejects, _ := run(t, &batch.Job{Plan: pl, Writer: writer}, text)
	for _, n := range []int{2, 3, 7} {
		var lines, shared []string
		for i := range n {
			out, r, _ := run(t, &batch.Job{Plan: pl, Writer: writer, Shard: batch.Shard{Index: i, Count: n}}, text)
			if len(out) < len(whole)/n/2 {
				t.Errorf("share %d of %d is small", i, n)
			}
			lines = append(lines, strings.SplitAfter(out, "\n")...)
			shared = append(shared, r...)
		}
		want := strings.SplitAfter(whole, "\n")
		slices.Sort(lines)
		slices.Sort(want)
		if strings.Join(lines, "") != strings.Join(want, "") {
			t.Errorf("%d shares are not the whole", n)
		}
		slices.Sort(shared)
		if all := slices.Sorted(slices.Values(rejects)); !slices.Equal(all, shared) {
			t.Errorf("%d shares reject %v, want %v", n, shared, all)
		}
	}
	// Worked out with Python's hashlib.
	for id, want := range map[string]batch.Shard{"P-0042": {Index: 1, Count: 7}, "Ä": {Index: 1, Count: 4}, "1": {Index: 1, Count: 3}} {
		if out, _, _ := run(t, &batch.Job{Plan: pl, Writer: writer, Shard: want}, "id,weight,start\n"+id+",72kg,2026-03-02\n"); out == "" {
			t.Errorf("%s is not in the share %v", id, want)
		}
	}
	for _, text := range []string{"", "1", "4/4", "-1/4", "0/0", "a/b", "0/4/4"} {
		if _, err := batch.ParseShard(text); err == nil {
			t.Errorf("%q is a share", text)
		}
	}
}

// A batch that is stopped and gone on with anywhere comes to the same.
func TestGoingOn(t *testing.T) {
	pl := plan(t)
	text := table(500)
	whole, _, _ := run(t, &batch.Job{Plan: pl, Writer: writer}, text)
	stop := errors.New("stop")
	for _, after := range []int{1, 2, 5} {
		var out strings.Builder
		var at batch.Position
		for done := false; !done; {
			in, _ := batch.Open("p", strings.NewReader(text))
			if at.Rows > 0 {
				if err := in.Skip(at); err != nil {
					t.Fatal(err)
				}
			}
			parts := 0
			err := (&batch.Job{Plan: pl, Writer: writer}).Run(context.Background(), in, func(p *batch.Part) error {
				if parts++; parts > after {
					return stop
				}
				out.Write(p.Output.Bytes())
				at = p.End
				return nil
			})
			if done = err == nil; !done && !errors.Is(err, stop) {
				t.Fatal(err)
			}
		}
		if out.String() != whole {
			t.Errorf("stopped after every %d parts, the output differs", after)
		}
	}
	in, _ := batch.Open("p", strings.NewReader(text))
	if err := in.Skip(batch.Position{Rows: 1, Lines: 1, Offset: 1 << 30}); err == nil {
		t.Error("a shorter input is gone on with")
	}
}

// When the context ends, rows that were begun are taken whole.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, _ := batch.Open("p", strings.NewReader(table(2000)))
	rows, lines := 0, 0
	err := (&batch.Job{Plan: plan(t), Writer: writer}).Run(ctx, in, func(p *batch.Part) error {
		cancel()
		rows, lines = p.End.Rows, lines+len(p.Patients)+len(p.Rejects)
		return nil
	})
	if !errors.Is(err, context.Canceled) || rows == 0 || rows == 2000 || rows != lines {
		t.Errorf("%v after %d rows, of which %d were taken", err, rows, lines)
	}
}

// Whatever goes wrong with one row is said of that row, and the others are computed.
func TestOneRow(t *testing.T) {
	const good = "G,72kg,2026-03-02,UTC\n"
	head := "id,weight,start,time_zone\n"
	for name, x := range map[string]struct{ row, want string }{
		"too long":         {strings.Repeat("x", 10<<20) + "\n", "1::DP104"},
		"an open quote":    {"\"A,72kg\n" + strings.Repeat("B,72kg,2026-03-02,UTC\n", 60000), "1::DP104"},
		"not UTF-8":        {"A\xff,72kg,2026-03-02,UTC\n", "1::DP103"},
		"a control":        {"A\x1b,72kg,2026-03-02,UTC\n", "1::DP401"},
		"a hidden mark":    {"A\u202e,72kg,2026-03-02,UTC\n", "1::DP401"},
		"no id":            {",72kg,2026-03-02,UTC\n", "1::DP402"},
		"a cell too few":   {"A,72kg,2026-03-02\n", "1::DP203"},
		"a cell too many":  {"A,72kg,2026-03-02,UTC,\n", "1::DP203"},
		"a bare quote":     {"A\"B,72kg,2026-03-02,UTC\n", "1::DP101"},
		"no such day":      {"A,72kg,2026-02-30,UTC\n", "1:A:DP205"},
		"outside":          {"A,170kg,2026-03-02,UTC\n", "1:A:DP403"},
		"over two lines":   {"\"A\nB\",72kg,2026-03-02,UTC\n", "1::DP401"},
		"a fault":          {"FAULT,72kg,2026-03-02,UTC\n", "1:FAULT:DP604"},
		"an empty line":    {"\n\r\n  \n", ""},
		"windows line end": {"A,72,2026-03-02,UTC\r\n", "1:A:DP204"},
	} {
		j := &batch.Job{Plan: plan(t), Writer: writer, Adds: func(s *schedule.Schedule) {
			if s.Patient.ID == "FAULT" {
				panic("a fault")
			}
		}}
		out, rejects, _ := run(t, j, head+x.row+good)
		want := []string{}
		if x.want != "" {
			want = append(want, x.want)
		}
		if len(rejects) > 1 && name == "an open quote" { // what follows the lost part is read again
			t.Errorf("%s: %d rejects", name, len(rejects))
		} else if name != "an open quote" && (!slices.Equal(rejects, want) && len(rejects)+len(want) > 0 || strings.Count(out, "G 2026") != 1 || strings.Count(out, "\n") != 1) {
			t.Errorf("%s: %.200q, %v; want %s", name, out, rejects, x.want)
		}
		if !strings.Contains(out, "G 2026") {
			t.Errorf("%s: the good row is missing", name)
		}
	}
	// The end of a file is the end of a row, torn where cells are missing.
	for text, want := range map[string]string{
		head + good + "A,72kg,2026-0": "2::DP203",
		head + good + "\"A,72kg":      "2::DP101",
		`{"id":"G","weight":"72 kg","start":"2026-03-02"}` + "\n" + `{"id":"A","weight":"7`: "2:A:DP101",
	} {
		if _, rejects, _ := run(t, &batch.Job{Plan: plan(t), Writer: writer}, text); !slices.Equal(rejects, []string{want}) {
			t.Errorf("%q: %v, want %s", text, rejects, want)
		}
	}
}

func TestOpen(t *testing.T) {
	for text, want := range map[string]string{"": "DP105", " \n": "DP105", "[{}]": "DP203", "id,wieght\n": "DP201", "id,id\n": "DP102", "\"id\n": "DP101"} {
		if _, found := batch.Open("p", strings.NewReader(text)); len(found) != 1 || string(found[0].Code) != want {
			t.Errorf("%q: %v, want %s", text, found, want)
		}
	}
	out, rejects, _ := run(t, &batch.Job{Plan: plan(t), Writer: writer, Strict: true}, "\ufeff\n"+`{"id":"G","weight":"72 kg","start":"2026-03-02"}`)
	if out != "" || len(rejects) == 0 { // a template's calendars have a warning
		t.Errorf("strict: %q, %v", out, rejects)
	}
}

// A table is cut where the reader of CSV cuts it, whatever its cells hold.
func TestCutting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOfN(rapid.RuneFrom([]rune("ab,\"\n\r é;")), 0, 12, -1)
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		n := rapid.IntRange(1, 20).Draw(t, "rows")
		rows := [][]string{{"id", "present"}}
		for range n {
			rows = append(rows, []string{"P" + cell.Draw(t, "id"), cell.Draw(t, "present")})
		}
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		in, found := batch.Open("p", bytes.NewReader(b.Bytes()))
		if found.HasErrors() {
			t.Fatal(found)
		}
		var whole bytes.Buffer
		var r batch.Row
		for i := 1; ; i++ {
			if err := in.Next(&r); errors.Is(err, io.EOF) {
				if i != n+1 {
					t.Fatalf("%d rows, want %d", i-1, n)
				}
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if r.Number != i {
				t.Fatalf("row %d is counted as %d", i, r.Number)
			}
			whole.Write(r.Text)
			var p patient.Builder
			in.Reader()(&p, &r)
			if _, found := p.Patient(); strings.Contains(found.Error(), "quotes") {
				t.Fatalf("%q: %v", r.Text, found)
			}
		}
		if at := in.At(); at.Offset != int64(b.Len()) || !bytes.HasSuffix(b.Bytes(), whole.Bytes()) {
			t.Fatalf("the rows are not the text")
		}
	})
}
