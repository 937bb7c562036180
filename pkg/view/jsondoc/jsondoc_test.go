package jsondoc

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

const small = `{"format":1,"protocol":{"id":"x","title":"X","version":"1.0.0","sha256":"","status":"template","model":"other","setting":"home","sources":[]},
"patient":{"start":"2026-03-02","time_zone":"UTC"},"generator":{"name":"doseplan","version":"0","tzdata":"x"},"events":[],
"summary":{"doses":0,"check_ins":0,"observations":0,"phases":[]},"notes":[],"confirm":[],"overrides":[]}`

func TestReadRefuses(t *testing.T) {
	if _, err := Read(strings.NewReader(small)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"": "not a schedule", "[]": "not a schedule", `{"format":2}`: "format 2",
		strings.Replace(small, `"notes"`, `"nots"`, 1): "unknown field",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

// What is read and written again reads the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Read(bytes.NewReader(again))
		if err != nil {
			t.Fatalf("what was written does not read: %v", err)
		}
		if third, _ := json.Marshal(e); !bytes.Equal(again, third) {
			t.Errorf("%s\n%s", again, third)
		}
	})
}
