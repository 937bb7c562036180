package limit_test

import (
	"fmt"
	"time"

	"github.com/doseplan/doseplan/pkg/limit"
)

// Two doses exactly 24 hours apart do not count together; 23 hours apart, they do.
func ExampleRules_Check() {
	rules := limit.Rules{Rolling: []limit.Rolling{{Within: 24 * time.Hour, Total: 75}}}
	fmt.Println(len(rules.Check([]limit.Dose{{At: 0, Amount: 75}, {At: 24 * 3600, Amount: 75}})))
	fmt.Println(len(rules.Check([]limit.Dose{{At: 0, Amount: 75}, {At: 23 * 3600, Amount: 75}})))
	// Output:
	// 0
	// 1
}
