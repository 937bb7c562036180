package ledger_test

import (
	"fmt"
	"testing"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/ledger"
)

// A course of daily doses, each of which was written down.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{200, 2000, 10000} {
		var entries []string
		day := civil.MustDate("2026-03-02")
		for k := range n {
			entries = append(entries, fmt.Sprintf("  - { on: %v, by: A, given: daily %d, at: 09:00, amount: 10 mg }\n", day.AddDays(k), k+1))
		}
		c := decode(b, written(entries...))
		source := sourceOf(daily)
		b.Run(fmt.Sprintf("%d entries", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if cal, found := ledger.Fold(c, source, ledger.Options{}); cal == nil {
					b.Fatal(found)
				}
			}
		})
	}
}
