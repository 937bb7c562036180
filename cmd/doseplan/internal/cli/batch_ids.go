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

// add reports whether an id is new.
func (s *idSet) add(id string) bool {
	h := maphash.String(s.seed, id)
	_, known := s.ids[h]
	s.ids[h] = struct{}{}
	return !known
}

// unique rejects the rows of a part whose id an earlier row has, whatever became of that: two calendars
// under one id would be read as one, and a patient who was refused in one row is not let in by another.
func (s *idSet) unique(p *batch.Part) {
	known := map[int]bool{} // rows that are rejected already, of which each id counts once
	kept, out, begin, k := p.Patients[:0], p.Output.Bytes()[:0], 0, 0
	rejected := len(p.Rejects)
	refused := func(until int) {
		for ; k < rejected && p.Rejects[k].Row < until; k++ {
			if r := &p.Rejects[k]; r.ID != "" && !known[r.Row] {
				known[r.Row] = true
				s.add(r.ID)
			}
		}
	}
	for _, pat := range p.Patients {
		refused(pat.Row)
		data := p.Output.Bytes()[begin:pat.End]
		begin = pat.End
		if !s.add(pat.ID) {
			p.Rejects = append(p.Rejects, batch.Reject{Row: pat.Row, ID: pat.ID, Diagnostic: diag.Diagnostic{Code: diag.DuplicateKey, Severity: diag.Error, Field: "id",
				Message: "an earlier row has this id", Help: "give every patient an id of its own, and one row"}})
			continue
		}
		out = append(out, data...) // which stands no earlier in the same bytes
		pat.End = len(out)
		kept = append(kept, pat)
	}
	if refused(maxRow); len(kept) < len(p.Patients) {
		p.Output.Truncate(len(out))
		p.Patients = kept
		slices.SortStableFunc(p.Rejects, func(a, b batch.Reject) int { return cmp.Compare(a.Row, b.Row) })
	}
}

// maxRow is after every row.
const maxRow = int(^uint(0) >> 1)
