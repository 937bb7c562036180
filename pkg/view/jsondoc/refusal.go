package jsondoc

import (
	"encoding/json"
	"io"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/view"
)

// A Refusal is what stands in the place of a calendar that is refused for safety, or that cannot be made of what was given.
type Refusal struct {
	Format    int       `json:"format"`
	Refused   bool      `json:"refused,omitempty"` // for safety
	Failed    bool      `json:"failed,omitempty"`  // of the two one is true: no calendar has either key
	Generator Generator `json:"generator"`
	Findings  []Reason  `json:"findings"`
}

// A Reason is a finding with the place of the rule in its file.
type Reason struct {
	Finding
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// WriteRefusal writes why there is no calendar, with the words and figures of the patient that it is refused for, which
// the error stream leaves out.
func WriteRefusal(w io.Writer, found diag.List, g view.Generator, tzdata string) error {
	return writeRefusal(w, "  ", found, g, tzdata)
}

// WriteRefusalLine is WriteRefusal in one line, for who reads lines.
func WriteRefusalLine(w io.Writer, found diag.List, g view.Generator, tzdata string) error {
	return writeRefusal(w, "", found, g, tzdata)
}

func writeRefusal(w io.Writer, indent string, found diag.List, g view.Generator, tzdata string) error {
	r := Refusal{Format, found.Refused(), !found.Refused(), Generator{g.Name, g.Version, tzdata}, []Reason{}}
	for _, d := range found {
		if d.Private != "" {
			d.Message += "; " + d.Private
		}
		r.Findings = append(r.Findings, Reason{Finding{string(d.Code), d.Severity.String(), d.Message, d.Help}, d.Range.File, d.Range.Start.Line, d.Range.Start.Column})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	return enc.Encode(r)
}
