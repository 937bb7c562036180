package source

import (
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lazy"
)

var truths = []string{"yes", "no", "on", "off", "true", "false"}

// The traps of what begins with a digit or a point.
var traps = []struct {
	pattern *lazy.Regexp
	why     string
}{
	{lazy.MustCompile(`^[0-9]+(:[0-5]?[0-9])+$`), "many YAML readers take it for a number to the base 60"},
	{lazy.MustCompile(`^0[0-9]+$`), "many YAML readers take a number with a leading zero for an octal one"},
	{lazy.MustCompile(`^0[xob][0-9a-fA-F]+$`), "YAML takes it for a number to another base"},
	{lazy.MustCompile(`^[0-9.]+[eE][-+]?[0-9]+$`), "YAML takes it for a number with an exponent"},
	{lazy.MustCompile(`^[0-9]+(_[0-9]+)+$`), "some YAML readers take the underscores out"},
	{lazy.MustCompile(`^\.(?i:inf|nan)$`), "YAML takes it for a number that is none"},
}

// Trap says how YAML readers may take a scalar otherwise than it looks, or returns "".
func (n *Node) Trap() string {
	if n.Kind != Scalar || n.Quoted {
		return ""
	}
	if slices.ContainsFunc(truths, func(word string) bool { return strings.EqualFold(word, n.Value) }) {
		return "many YAML readers take the bare word for a truth value"
	}
	if n.Value == "" || n.Value[0] != '.' && (n.Value[0] < '0' || n.Value[0] > '9') {
		return ""
	}
	for _, t := range traps {
		if t.pattern.MatchString(n.Value) {
			return t.why
		}
	}
	return ""
}

// ExplainTraps adds to the help of every error at a value of the tree how YAML readers may
// take it.
func ExplainTraps(root *Node, found diag.List) {
	if root == nil || !found.HasErrors() {
		return
	}
	at := map[diag.Range]string{}
	var walk func(n *Node)
	walk = func(n *Node) {
		if why := n.Trap(); why != "" {
			at[n.Range] = why
		}
		for _, f := range n.Fields {
			walk(f.Key)
			walk(f.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	walk(root)
	for i := range found {
		if why, ok := at[found[i].Range]; ok && found[i].Severity == diag.Error {
			found[i].Help = strings.TrimPrefix(found[i].Help+"; "+why, "; ")
		}
	}
}
