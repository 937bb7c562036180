package page_test

import (
	"flag"
	"testing"
)

// Property tests draw the same cases on every run, so that a run fails for a change and not
// by chance. -rapid.seed=0 draws new ones.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "20260302"); err != nil {
		panic(err)
	}
	m.Run()
}
