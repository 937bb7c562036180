package proof

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/pkg/worked"
)

// The cookbook holds published regimens with worked examples, whose doses were worked out by hand
// from the source. Every file decodes and passes the proof with no finding, keeps its examples,
// and says where it comes from.
func TestCookbook(t *testing.T) {
	files, _ := filepath.Glob("../../testdata/cookbook/*.yaml")
	if len(files) < 40 {
		t.Fatalf("%d regimens", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, found := protocol.Decode(filepath.Base(file), text, nil)
			if found.HasErrors() {
				t.Fatal(found)
			}
			for _, d := range append(found, Check(p).Found...) {
				t.Error(d)
			}
			if len(p.Examples) < 2 {
				t.Error("the regimen has too few examples")
			}
			for _, d := range worked.Check(p) {
				t.Error(d)
			}
			if p.Status == protocol.Published && (len(p.Evidence) == 0 || p.Evidence[0].Label+p.Evidence[0].Cite == "") {
				t.Error("the regimen cites nothing")
			}
		})
	}
}
