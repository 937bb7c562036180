package texttemplate

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/doseplan/doseplan/pkg/view"
	"github.com/doseplan/doseplan/pkg/view/jsondoc"
)

// A schema is the JSON Schema of schedules, as far as it says which keys there are.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       any                `json:"type"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	Defs       map[string]*schema `json:"$defs"`
}

func newSchema() (*schema, error) {
	all := &schema{}
	if err := json.Unmarshal(jsondoc.Schema(), all); err != nil {
		return nil, err
	}
	s := all.Defs["calendar"]
	s.Defs = all.Defs
	return s, nil
}

// values returns a document as maps and lists, with every key that the schema has.
func (s *schema) values(d *jsondoc.Document) (map[string]any, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return nil, err
	}
	return s.whole(s, raw).(map[string]any), nil
}

// whole returns a value of the document with the keys that it has not, empty, and with its texts
// as they can be shown. Numbers are whole ones.
func (s *schema) whole(at *schema, value any) any {
	if at != nil && at.Ref != "" {
		at = s.Defs[strings.TrimPrefix(at.Ref, "#/$defs/")]
	}
	if at == nil {
		at = &schema{}
	}
	switch v := value.(type) {
	case map[string]any:
		for key, one := range v {
			v[key] = s.whole(at.Properties[key], one)
		}
		for key, of := range at.Properties {
			if _, ok := v[key]; !ok && of.Type == "array" {
				v[key] = []any{}
			} else if !ok {
				v[key] = ""
			}
		}
	case []any:
		for i := range v {
			v[i] = s.whole(at.Items, v[i])
		}
	case string:
		return view.Clean(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		return v.String()
	}
	return value
}
