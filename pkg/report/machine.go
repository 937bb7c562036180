package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/doseplan/doseplan/pkg/diag"
)

// A Tool names the program in reports for machines.
type Tool struct {
	Name, Version string
}

// A place is a range for JSON.
type place struct {
	File      string `json:"file"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

func placeOf(r diag.Range) *place {
	if !r.IsSet() {
		return nil
	}
	return &place{r.File, r.Start.Line, r.Start.Column, r.End.Line, r.End.Column}
}

type jsonRelated struct {
	place
	Message string `json:"message"`
}

type jsonFinding struct {
	Code     diag.Code     `json:"code"`
	Severity string        `json:"severity"`
	Message  string        `json:"message"`
	Help     string        `json:"help,omitempty"`
	At       *place        `json:"at,omitempty"`
	Related  []jsonRelated `json:"related,omitempty"`
}

// JSON writes findings as one document: the files that were looked at, the findings in
// order, and how many there are of each severity.
func JSON(w io.Writer, found diag.List, files []string) error {
	doc := struct {
		Format   int            `json:"format"`
		Files    []string       `json:"files"`
		Findings []jsonFinding  `json:"findings"`
		Count    map[string]int `json:"count"`
	}{1, append([]string{}, files...), []jsonFinding{}, map[string]int{"error": 0, "warning": 0, "note": 0, "refused": 0}}
	for i := range found {
		d := &found[i]
		f := jsonFinding{Code: d.Code, Severity: d.Severity.String(), Message: d.Message, Help: d.Help, At: placeOf(d.Range)}
		for _, r := range d.Related {
			if p := placeOf(r.Range); p != nil {
				f.Related = append(f.Related, jsonRelated{*p, r.Message})
			}
		}
		doc.Findings = append(doc.Findings, f)
		doc.Count[d.Severity.String()]++
	}
	return encode(w, doc)
}

func encode(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// The part of SARIF 2.1.0 that findings need.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name            string      `json:"name"`
		SemanticVersion string      `json:"semanticVersion"`
		Rules           []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string     `json:"id"`
		Short         sarifText  `json:"shortDescription"`
		Full          sarifText  `json:"fullDescription"`
		Configuration sarifLevel `json:"defaultConfiguration"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

var sarifLevels = map[diag.Severity]string{diag.Note: "note", diag.Warning: "warning", diag.Error: "error", diag.Refusal: "error"}

// SARIF writes findings in the Static Analysis Results Interchange Format, 2.1.0. A
// fingerprint is made of the code, the file and the text of the line, so that a finding
// keeps it when lines are added above.
func SARIF(w io.Writer, found diag.List, files Files, tool Tool) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: tool.Name, SemanticVersion: tool.Version}
	index := map[diag.Code]int{}
	for i, e := range diag.Codes() {
		index[e.Code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(e.Code), sarifText{e.Title}, sarifText{e.Explain}, sarifLevel{sarifLevels[e.Severity]}})
	}
	seen, source := map[string]int{}, lines{files: files}
	for i := range found {
		d := &found[i]
		text := d.Message
		if d.Help != "" {
			text += ". Help: " + d.Help
		}
		r := sarifResult{RuleID: string(d.Code), RuleIndex: index[d.Code], Level: sarifLevels[d.Severity], Message: sarifText{text}}
		if d.Range.IsSet() {
			r.Locations = []sarifLocation{{Physical: physical(d.Range)}}
		}
		for k, rel := range d.Related {
			if rel.Range.IsSet() {
				r.Related = append(r.Related, sarifLocation{ID: k + 1, Physical: physical(rel.Range), Message: &sarifText{rel.Message}})
			}
		}
		r.Fingerprints = map[string]string{"doseplan/v1": fingerprint(d, &source, seen)}
		run.Results = append(run.Results, r)
	}
	return encode(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func physical(r diag.Range) sarifPhysical {
	p := sarifPhysical{Artifact: sarifArtifact{strings.ReplaceAll(strings.TrimPrefix(r.File, "./"), `\`, "/")}}
	if r.Start.Line > 0 {
		p.Region = &sarifRegion{r.Start.Line, r.Start.Column, r.End.Line, r.End.Column}
	}
	return p
}

// fingerprint names a finding without its line number. Equal ones are told apart by their
// order.
func fingerprint(d *diag.Diagnostic, source *lines, seen map[string]int) string {
	line, _ := source.line(d.Range.File, d.Range.Start.Line)
	line = strings.TrimSpace(line)
	key := fmt.Sprintf("%s\x00%s\x00%s\x00%s", d.Code, d.Range.File, line, d.Message)
	seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
	return hex.EncodeToString(sum[:16])
}

// GitHub writes findings as workflow commands, which show as annotations of the lines.
func GitHub(w io.Writer, found diag.List) error {
	var b strings.Builder
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	for i := range found {
		d := &found[i]
		level := map[diag.Severity]string{diag.Note: "notice", diag.Warning: "warning", diag.Error: "error", diag.Refusal: "error"}[d.Severity]
		fmt.Fprintf(&b, "::%s title=%s", level, property.Replace(string(d.Code)))
		if d.Range.IsSet() {
			fmt.Fprintf(&b, ",file=%s", property.Replace(d.Range.File))
			if d.Range.Start.Line > 0 {
				fmt.Fprintf(&b, ",line=%d,col=%d", d.Range.Start.Line, d.Range.Start.Column)
			}
		}
		text := d.Message
		if d.Help != "" {
			text += "\n" + d.Help
		}
		fmt.Fprintf(&b, "::%s\n", message.Replace(text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name     string         `xml:"name,attr"`
		Class    string         `xml:"classname,attr"`
		Failures []junitFailure `xml:"failure"`
		Output   string         `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes one test case for each file; errors are its failures, the rest its output.
func JUnit(w io.Writer, found diag.List, files []string, tool Tool) error {
	var cases []Case
	for _, name := range files {
		c := Case{Name: name, Class: "doseplan"}
		for i := range found {
			if found[i].Range.File == name {
				c.Found = append(c.Found, found[i])
			}
		}
		cases = append(cases, c)
	}
	return junit(w, tool.Name+" validate", cases)
}

// A Case is one test case of a JUnit report: errors are its failures, the rest its output.
type Case struct {
	Name, Class string
	Found       diag.List
}

// JUnitCases writes the test cases of worked examples.
func JUnitCases(w io.Writer, cases []Case, tool Tool) error {
	return junit(w, tool.Name+" test", cases)
}

func junit(w io.Writer, name string, cases []Case) error {
	suite := junitSuite{Name: name}
	for _, one := range cases {
		c := junitCase{Name: one.Name, Class: one.Class}
		for i := range one.Found {
			if d := &one.Found[i]; d.Severity >= diag.Error {
				c.Failures = append(c.Failures, junitFailure{string(d.Code), d.Message, d.Error() + "\n" + d.Help})
			} else {
				c.Output += d.Error() + "\n"
			}
		}
		suite.Tests++
		if len(c.Failures) > 0 {
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
