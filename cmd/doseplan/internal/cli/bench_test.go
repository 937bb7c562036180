package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/doseplan/doseplan/protocols"
)

// A thousand files, as many of each shipped protocol as of any other.
func BenchmarkValidateThousand(b *testing.B) {
	dir := b.TempDir()
	ids := protocols.IDs()
	for i := range 1000 {
		id := ids[i%len(ids)]
		text, err := protocols.Read(id)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", id, i)), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var out, notes bytes.Buffer
		if status := Main([]string{"validate", dir}, &Environment{Out: &out, Err: &notes, Getenv: func(string) (string, bool) { return "", false }}); status != 0 {
			b.Fatalf("status %d\n%s%s", status, out.String(), notes.String())
		}
	}
}

// Ten thousand patients from a table to lines of JSON.
func BenchmarkBatch(b *testing.B) {
	const n = 10_000
	var table strings.Builder
	table.WriteString("id,weight,birth_date,start,time_zone\n")
	for i := range n {
		fmt.Fprintf(&table, "P-%d,%d.%dkg,19%d-01-01,2026-%02d-%02d,%s\n", i, 50+i%90, i%10, 65+i%34, 1+i%12, 1+i%28, []string{"Europe/Berlin", "America/New_York", "UTC"}[i%3])
	}
	for b.Loop() {
		var notes bytes.Buffer
		env := &Environment{In: strings.NewReader(table.String()), Out: io.Discard, Err: &notes, Getenv: func(string) (string, bool) { return "", false }}
		if status := Main([]string{"batch", "ketamine-iv-intensive", "--patients", "-"}, env); status != 0 {
			b.Fatalf("status %d\n%s", status, notes.String())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n/1000, "µs/patient")
}

// A hundred courses of a daily protocol with two hundred entries each: what is due on the day
// after the last of them.
func BenchmarkAgenda(b *testing.B) {
	const courses, entries = 100, 200
	dir := b.TempDir()
	pin, _, err := pinOf(&fileSet{texts: map[string][]byte{}}, "ketamine-daily-low-dose", dir)
	if err != nil {
		b.Fatal(err)
	}
	var ledger strings.Builder
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	date := func(k int) string { return day.AddDate(0, 0, k).Format(time.DateOnly) }
	for k := range entries {
		fmt.Fprintf(&ledger, "  - on: %s\n    entered: %[1]s\n    by: Nurse Lee\n    given: daily %d\n    at: \"20:00\"\n    amount: 25 mg\n    via: sublingual\n", date(k), k+1)
	}
	for i := range courses {
		text := fmt.Sprintf("doseplan: 1\nkind: course\nid: C-%d\npatient: { id: P-%[1]d, weight: 72 kg, age: 40, time zone: America/New_York }\nprotocol: { id: %s, version: %s, sha256: %s }\nstart: %s\ntier: low\nroute: sublingual\nledger:\n%s", i, pin.ID, pin.Version, pin.SHA256, date(0), ledger.String())
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("c%d.yaml", i)), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var out, notes bytes.Buffer
		env := &Environment{Out: &out, Err: &notes, Getenv: func(string) (string, bool) { return "", false }}
		if status := Main([]string{"agenda", dir, "--on", date(entries)}, env); status != 0 {
			b.Fatalf("status %d\n%s", status, notes.String())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/courses/1000, "µs/course")
}
