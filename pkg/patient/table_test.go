package patient_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doseplan/doseplan/pkg/patient"
	"github.com/doseplan/doseplan/pkg/source"
)

// A row reads as the patient file that says the same.
func TestTable(t *testing.T) {
	list, found := patient.DecodeTable("p.csv", []byte("\ufeffid,weight,birth_date,start,present,medications\r\n"+
		"A,72kg,1980-01-02,2026-03-02,asthma; gout,\r\n"+
		",\"158,7 lb\",,,,\n"+
		"\"C, the third\",158lb,,2026-03-03,,lamotrigine\n"))
	if len(list) != 3 || list[1] != nil || len(found) != 1 || found[0].Range.String() != "p.csv:3:2" {
		t.Fatalf("%v, %v", list, found)
	}
	for i, text := range []string{
		"id: A\nweight: 72 kg\nbirth date: 1980-01-02\nstart: 2026-03-02\nconditions: { present: [asthma, gout] }\n",
		"", "id: C, the third\nweight: 158 lb\nstart: 2026-03-03\nmedications: [lamotrigine]\n",
	} {
		if text == "" {
			continue
		}
		tree, _ := source.Parse("p.yaml", []byte(text))
		want, _ := patient.Decode(tree)
		if diff := cmp.Diff(want.Present, list[i].Present); diff != "" || want.ID != list[i].ID || want.Weight.Cmp(list[i].Weight) != 0 || want.Start != list[i].Start || want.BirthDate != list[i].BirthDate || len(want.Medications) != len(list[i].Medications) {
			t.Errorf("%+v, want %+v", list[i], want)
		}
	}
	for text, want := range map[string]string{
		"":                      "DP105",
		"id,wieght\n":           "DP201",
		"id,conditions\n":       "DP201",
		"id\nA,B\n":             "DP203",
		"id,weight\nA\n":        "DP203",
		"id,weight,id\n":        "DP102",
		"id,weight\n\"A,72kg\n": "DP101",
	} {
		if _, found := patient.DecodeTable("p.csv", []byte(text)); len(found) != 1 || string(found[0].Code) != want {
			t.Errorf("%q: %v, want %s", text, found, want)
		}
	}
}

// No table crashes the reader, and findings never repeat a cell.
func FuzzTable(f *testing.F) {
	f.Add([]byte("id,weight,start\nA,72kg,2026-03-02\n"))
	f.Add([]byte("id,present\n\"A\",\"a;b\n;c\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, found := patient.DecodeTable("p.csv", text)
		for i, p := range list {
			if p == nil && !found.HasErrors() {
				t.Errorf("row %d is missing without a reason", i)
			}
		}
	})
}
