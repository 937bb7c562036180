package proof

import (
	"testing"

	"github.com/doseplan/doseplan/pkg/protocol"
	"github.com/doseplan/doseplan/protocols"
)

func shipped(t testing.TB, id string) *protocol.Protocol {
	t.Helper()
	resolve := func(name, _ string) (string, []byte, error) {
		text, err := protocols.Read(name)
		return name + ".yaml", text, err
	}
	text, err := protocols.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	p, found := protocol.Decode(id+".yaml", text, resolve)
	if found.HasErrors() {
		t.Fatal(found)
	}
	return p
}

func TestShippedProtocolsAreProved(t *testing.T) {
	for _, id := range protocols.IDs() {
		r := Check(shipped(t, id))
		for _, d := range r.Found {
			t.Errorf("%s: %v\n%s", id, d, d.Help)
		}
		if len(r.Rows) == 0 {
			t.Errorf("%s has no worst case", id)
		}
	}
}
