package cli

import (
	"cmp"
	"hash/maphash"
	"slices"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/diag"
)

// An idSet knows the ids of the patients of a batch, each by 64 bits of a hash: two of a million
// patients share one by chance in less than one batch of ten million, and the second is then rejected.
type idSet struct {
	seed maphash.Seed
	ids  map[uint64]struct{}
}

func newIDSet() *idSet { return &idSet{maphash.MakeSeed(), map[uint64]struct{}{}} }

// add reports whether an id is new. That of a row whose id cannot be read is no id.
func (s *idSet) add(id string) bool {
	if id == "" {
		return true
	}
	h := maphash.String(s.seed, id)
	_, known := s.ids[h]
	s.ids[h] = struct{}{}
	return !known
}

// unique rejects the rows of a part whose id an earlier row has, whatever became of that: two calendars
// under one id would be read as one, and a patient who was refused in one row is not let in by another.
func (s *idSet) unique(p *batch.Part) {
	kept, out, begin, k := p.Patients[:0], p.Output.Bytes()[:0], 0, 0
	refused := p.Rejects
	for _, pat := range p.Patients {
		for ; k < len(refused) && refused[k].Row < pat.Row; k++ {
			s.add(refused[k].ID)
		}
		data := p.Output.Bytes()[begin:pat.End]
		begin = pat.End
		if !s.add(pat.ID) {
			p.Rejects = append(p.Rejects, sameID(&pat, "an earlier row has this id", "give every patient an id of its own, and one row"))
			continue
		}
		out = append(out, data...) // which stands no earlier in the same bytes
		pat.End = len(out)
		kept = append(kept, pat)
	}
	for ; k < len(refused); k++ {
		s.add(refused[k].ID)
	}
	if len(kept) < len(p.Patients) {
		p.Output.Truncate(len(out))
		p.Patients = kept
		inOrder(p.Rejects)
	}
}

// sameID is the reject of a row whose id stands for another.
func sameID(pat *batch.Patient, message, help string) batch.Reject {
	return batch.Reject{Row: pat.Row, Line: pat.Line, ID: pat.ID, Diagnostic: diag.Diagnostic{Code: diag.DuplicateKey, Severity: diag.Error, Field: "id", Message: message, Help: help}}
}

// inOrder puts rejects into the order of their rows.
func inOrder(list []batch.Reject) {
	slices.SortStableFunc(list, func(a, b batch.Reject) int { return cmp.Compare(a.Row, b.Row) })
}
