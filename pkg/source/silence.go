package source

import (
	"strings"
	"unicode/utf8"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/lazy"
)

var (
	reSilence = lazy.MustCompile(`(?:^|\s)#\s*doseplan:\s*ignore\b(.*)$`)
	reReason  = lazy.MustCompile(`^\s+(DP\d{3})\s+because\s+\S.*$`)
)

// Silence takes the warnings and notes out of found that comments of the file silence:
// `# doseplan: ignore DP207 because …`, on the line of the finding or alone on the line
// before it. A comment that gives no reason is a finding of its own. unused holds a finding
// for each comment that silences nothing, which only a caller with all findings should
// report. Errors are never silenced.
func Silence(name string, text []byte, found diag.List) (kept, unused diag.List) {
	type comment struct {
		code diag.Code
		line int // that it speaks of
		at   diag.Range
		used bool
	}
	var comments []comment
	out := diag.List{}
	for i, line := range strings.Split(string(text), "\n") {
		m := reSilence.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		start := diag.Pos{Line: i + 1, Column: utf8.RuneCountInString(line[:strings.Index(line, "#")]) + 1}
		at := diag.Range{File: name, Start: start, End: diag.Pos{Line: i + 1, Column: utf8.RuneCountInString(line) + 1}}
		reason := reReason.FindStringSubmatch(strings.TrimRight(line[m[2]:m[3]], "\r"))
		if reason == nil {
			out.Add(diag.BadSilence, at, "write `# doseplan: ignore DP207 because …`", "the comment does not say which code is silenced, and why")
			continue
		}
		c := comment{code: diag.Code(reason[1]), line: i + 1, at: at}
		if strings.TrimSpace(line[:m[0]]) == "" {
			c.line++
		}
		comments = append(comments, c)
	}
	for _, d := range found {
		silenced := false
		for k := range comments {
			c := &comments[k]
			if d.Severity < diag.Error && d.Code == c.code && d.Range.File == name && d.Range.Start.Line == c.line {
				c.used, silenced = true, true
			}
		}
		if !silenced {
			out = append(out, d)
		}
	}
	for _, c := range comments {
		if !c.used {
			unused.Add(diag.SilentNothing, c.at, "remove the comment, or put it on the line of the warning", "the comment silences nothing: there is no warning %s on line %d", c.code, c.line)
		}
	}
	return out, unused
}
