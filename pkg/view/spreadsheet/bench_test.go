package spreadsheet

import (
	"io"
	"testing"
)

func BenchmarkWrite(b *testing.B) {
	d := document(b, "start: 2026-03-02", 1000)
	for b.Loop() {
		if err := Write(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
}
