package frequency_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/civil"
	"github.com/doseplan/doseplan/pkg/frequency"
)

func ExampleFrequency_From() {
	f, _, _ := frequency.Parse("days 1, 4, 8, 11 of 21")
	cursor := f.From(civil.AnchorAt(civil.MustDate("2026-03-02"), civil.Back))
	for range 5 {
		day, _ := cursor.Next()
		fmt.Println(day)
	}
	// Output:
	// 2026-03-02
	// 2026-03-05
	// 2026-03-09
	// 2026-03-12
	// 2026-03-23
}

func ExampleParse() {
	f, warnings, _ := frequency.Parse("QOD")
	fmt.Println(f, warnings[0].Safe)
	// Output: every 2 days every 2 days
}
