package patient_test

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/diag"
	"github.com/doseplan/doseplan/pkg/patient"
)

// One patient from the cells of a row, and from a line of JSON.
func BenchmarkDecode(b *testing.B) {
	cells := []string{"P-0042", "72.5kg", "1984-02-29", "2026-03-02", "America/New_York", "asthma; gout"}
	header, found := patient.NewHeader([]string{"id", "weight", "birth_date", "start", "time_zone", "present"}, nil)
	if found.HasErrors() {
		b.Fatal(found)
	}
	nowhere := func(int) diag.Range { return diag.Range{} }
	b.Run("row", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var p patient.Builder
			p.Row(header, cells, nowhere)
			p.Patient()
		}
	})
	line := []byte(`{"id":"P-0042","weight":"72.5 kg","birth_date":"1984-02-29","start":"2026-03-02","time_zone":"America/New_York","conditions":{"present":["asthma","gout"]}}`)
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var p patient.Builder
			p.JSON("p.ndjson", 1, line)
			p.Patient()
		}
	})
}
