package diag_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/diag"
)

func ExampleDidYouMean() {
	fmt.Println(diag.DidYouMean("frequncy", []string{"dose", "frequency", "course"}))
	// Output: did you mean “frequency”?
}

func ExampleLookup() {
	entry, _ := diag.Lookup(diag.DuplicateKey)
	fmt.Println(entry.Code, entry.Severity, entry.Title)
	// Output: DP102 error a key stands twice in one mapping
}
