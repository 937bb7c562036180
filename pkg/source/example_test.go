package source_test

import (
	"fmt"

	"github.com/doseplan/doseplan/pkg/source"
)

// Scalars stay text, and duplicate keys are found.
func ExampleParse() {
	root, found := source.Parse("x.yaml", []byte("dose: 0.10 mg\nstart: 2026-03-02\ndose: 1 mg\n"))
	fmt.Println(root.Get("dose").Value, root.Get("start").Range)
	fmt.Println(found)
	// Output:
	// 0.10 mg x.yaml:2:8
	// x.yaml:3:1: error: the key “dose” stands twice [DP102]
}
