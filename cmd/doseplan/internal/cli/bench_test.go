package cli

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
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
	draw, day := rand.New(rand.NewPCG(1, 1)), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		zone := []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata"}[draw.IntN(3)]
		fmt.Fprintf(&table, "P-%07d,%.1fkg,19%d-06-15,%s,%s\n", i, 45+draw.Float64()*95, 65+draw.IntN(35), day.AddDate(0, 0, draw.IntN(360)).Format(time.DateOnly), zone)
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
