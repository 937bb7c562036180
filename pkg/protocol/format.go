package protocol

import (
	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/grammar"
	"github.com/doseplan/doseplan/pkg/source"
)

// Tables returns the tables of the language.
func Tables() *grammar.Tables { return grammar.NewTables(Reference()) }

// Format rewrites a protocol file in canonical form: see [source.Format]. Keys come in the
// order of the reference; names that the file defines stay in theirs, which means something.
func Format(file string, text []byte) ([]byte, diag.List) {
	return source.Format(file, text, Tables().Rank)
}
