package diag

import (
	"slices"
	"strings"
)

// Nearest returns the candidate most like word, if one is near enough to be a slip of the
// keys: at most a third of its letters inserted, removed, changed, or swapped with a
// neighbour. But for a single such slip, a candidate one of whose words it is goes first: “zone” is
// the time zone. Ties go to the first candidate.
func Nearest(word string, candidates []string) (string, bool) {
	word = strings.ToLower(word)
	best, bestDistance := "", len(word)/3+2
	if len(word) < 4 {
		bestDistance = 2 // of so few letters, two others are another word
	}
	for _, c := range candidates {
		if d := Distance(word, strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if bestDistance > 1 {
		for _, c := range candidates {
			if parts := strings.FieldsFunc(strings.ToLower(c), func(r rune) bool { return r == ' ' || r == '-' }); len(parts) > 1 && len(word) > 2 && slices.Contains(parts, word) {
				return c, true
			}
		}
	}
	return best, best != ""
}

// DidYouMean returns a help text that names the nearest candidate, or else all of them.
func DidYouMean(word string, candidates []string) string {
	if near, ok := Nearest(word, candidates); ok {
		return "did you mean “" + near + "”?"
	}
	switch len(candidates) {
	case 0:
		return ""
	case 1:
		return "did you mean “" + candidates[0] + "”?"
	}
	return "use one of: " + strings.Join(candidates, ", ")
}

// Distance is the optimal string alignment distance between a and b.
func Distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	prev2, prev, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(y)]
}
