package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/doseplan/doseplan/protocols"
)

// A thousand files, as many of each shipped protocol as of any other.
func BenchmarkValidateThousand(b *testing.B) {
	dir := b.TempDir()
	ids := protocols.IDs()
	for i := range 1000 {
		id := ids[i%len(ids)]
		text, err := protocols.Read(id)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", id, i)), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var out, notes bytes.Buffer
		if status := Main([]string{"validate", dir}, &Environment{Out: &out, Err: &notes, Getenv: func(string) (string, bool) { return "", false }}); status != 0 {
			b.Fatalf("status %d\n%s%s", status, out.String(), notes.String())
		}
	}
}
