package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
