package cli

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/doseplan/doseplan/pkg/batch"
	"github.com/doseplan/doseplan/pkg/diag"
)

// An idSet knows the ids of the patients of a batch, each by 64 bits of a hash: two of a million
// patients share one by chance in less than one batch of ten million, and the second is then rejected.
// A million ids take about 12 MB, half of what a map takes.
type idSet struct {
	seed   maphash.Seed
	shares [256]hashSet // by the first bits, so that little is moved when one of them grows
}

func newIDSet() *idSet { return &idSet{seed: maphash.MakeSeed()} }

// add reports whether an id is new. That of a row whose id cannot be read is no id.
func (s *idSet) add(id string) bool {
	if id == "" {
		return true
	}
	h := maphash.String(s.seed, id)
	return s.shares[h>>56].add(h)
}

// A hashSet is a set of hashes. Each stands in the first free slot from the one that its value points to on.
type hashSet struct {
	slots []uint64 // 0 where none stands
	n     int
}

// add reports whether a hash is new.
func (s *hashSet) add(h uint64) bool {
	h = max(h, 1)
	if s.n >= len(s.slots)/5*4 {
		s.grow()
	}
	i := s.slot(h)
	if s.slots[i] == h {
		return false
	}
	s.slots[i] = h
	s.n++
	return true
}

// slot returns where a hash stands, or where it would.
func (s *hashSet) slot(h uint64) int {
	first, _ := bits.Mul64(h<<8, uint64(len(s.slots))) // the bits that tell the shares apart are the same in all
	i := int(first)
	for s.slots[i] != 0 && s.slots[i] != h {
		if i++; i == len(s.slots) {
			i = 0
		}
	}
	return i
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, 16+len(old)/4*5)
	for _, h := range old {
		if h != 0 {
			s.slots[s.slot(h)] = h
		}
	}
}

// unique rejects the rows of a part whose id an earlier row has, whatever became of that: two calendars
// under one id would be read as one, and a patient who was refused in one row is not let in by another. It returns
// their numbers.
func (s *idSet) unique(p *batch.Part) (again map[int]bool) {
	kept, out, begin, k := p.Patients[:0], p.Output.Bytes()[:0], 0, 0
	refused := p.Rejects
	for _, pat := range p.Patients {
		for ; k < len(refused) && refused[k].Row < pat.Row; k++ {
			s.add(refused[k].ID)
		}
		data := p.Output.Bytes()[begin:pat.End]
		if !s.add(pat.ID) {
			begin = pat.End
			if again == nil {
				again = map[int]bool{}
			}
			again[pat.Row] = true
			p.Rejects = append(p.Rejects, sameID(&pat, "an earlier row has this id", "give every patient an id of its own, and one row"))
			continue
		}
		if len(out) == begin {
			out = out[:pat.End] // it stands where it should
		} else {
			out = append(out, data...) // which stands later in the same bytes
		}
		begin = pat.End
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
	return again
}

// sameID is the reject of a row whose id stands for another.
func sameID(pat *batch.Patient, message, help string) batch.Reject {
	return batch.Reject{Row: pat.Row, Line: pat.Line, File: pat.File, ID: pat.ID, Diagnostic: diag.Diagnostic{Code: diag.DuplicateKey, Severity: diag.Error, Field: "id", Message: message, Help: help}}
}

// inOrder puts rejects into the order of their rows.
func inOrder(list []batch.Reject) {
	slices.SortStableFunc(list, func(a, b batch.Reject) int { return cmp.Compare(a.Row, b.Row) })
}
