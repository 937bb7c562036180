package ledger_test

import (
	"fmt"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/ledger"
)

// A course of daily doses, each of which was written down: as they were planned, and a little later, of a protocol that begins
// again after days without a dose.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{200, 2000, 10000} {
		benchmarkFold(b, fmt.Sprintf("%d entries", n), daily, "09:00", n)
		benchmarkFold(b, fmt.Sprintf("%d entries at other times", n), daily+"interruptions: { restart after: 6 days }\n", "09:05", n)
	}
}

func benchmarkFold(b *testing.B, name, text, clock string, n int) {
	var entries []string
	day := civil.MustDate("2026-03-02")
	for k := range n {
		entries = append(entries, fmt.Sprintf("  - { on: %v, by: A, given: daily %d, at: %s, amount: 10 mg }\n", day.AddDays(k), k+1, clock))
	}
	c := decode(b, written(entries...))
	source := sourceOf(text)
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if cal, found := ledger.Fold(c, source, ledger.Options{}); cal == nil {
				b.Fatal(found)
			}
		}
	})
}
