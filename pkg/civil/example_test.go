package civil_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/civil"
)

func ExampleDate_AddMonths() {
	anchor := civil.MustDate("2026-01-31")
	for n := range 4 {
		fmt.Println(anchor.AddMonths(n))
	}
	// Output:
	// 2026-01-31
	// 2026-02-28
	// 2026-03-31
	// 2026-04-30
}

// On 8 March 2026 the clocks of New York go from 02:00 to 03:00.
func ExampleZone_At() {
	zone, _ := civil.LoadZone("America/New_York")
	at, shift := zone.At(civil.MustDate("2026-03-08"), civil.MustClock("02:30"))
	fmt.Println(at, shift == civil.Skipped)
	// Output: 2026-03-08 03:00:00 -0400 EDT true
}
