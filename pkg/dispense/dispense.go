// Package dispense breaks an amount into units that a pharmacy has: 60 mg is 3 tablets of 20 mg.
//
// A [Form] is the strengths that there are and how one unit divides. [Form.Make] finds the way
// that takes the fewest units, and among those the one that leaves least over; amounts are
// exact, and never brought near. What cannot be made has [Form.Near], the nearest amounts that
// can.
package dispense

import (
	"errors"
	"slices"

	"github.com/doseplan/doseplan/pkg/quantity"
)

// A Form is what units there are of a medicine.
type Form struct {
	Strengths []quantity.Amount // in units of one kind, each more than nothing
	Parts     int               // into how many equal parts one unit can be divided: 1, 2 or 4
	Drawn     bool              // any amount is drawn from whole units, as from vials; Parts says nothing then
}

// A Piece is some units of one strength: Whole of them, and Part of Parts of another.
type Piece struct {
	Strength quantity.Amount
	Whole    int
	Part     int // 0 for none
	Parts    int
}

// A Made is how an amount is made up.
type Made struct {
	Pieces []Piece         // from the largest strength to the smallest
	Units  int             // how many are opened, a divided one with the others
	Rest   quantity.Amount // what is left over of a unit that is divided or drawn from; zero for none
}

// The errors of Make. Near says what can be made.
var (
	ErrCannot = errors.New("the strengths do not make the amount up")
	ErrFine   = errors.New("the amount is too fine, or too large, for the strengths")
)

// maxCells bounds the work: amounts in the finest part that the strengths have.
const maxCells = 1 << 18

// A table holds the best way to make up every amount, in cells of the finest part.
type table struct {
	form   Form
	sorted []quantity.Amount // strengths, the largest first, each once
	sizes  []int             // of a whole unit of each, in cells
	cell   quantity.Amount
	stages []stage
}

// A stage is the best ways with the first strengths alone.
type stage struct {
	units []int32 // none where there is no way
	rest  []int32 // cells left over
	whole []bool  // the way ends with a whole unit of the strength
	part  []int8  // and before it, with so many parts of one
}

const none = int32(1 << 30)

// Make returns how an amount is made up, or ErrCannot or ErrFine. The amount and the strengths
// must be in units of one kind.
func (f Form) Make(amount quantity.Amount) (Made, error) {
	t, at, err := f.table(amount)
	if err != nil {
		return Made{}, err
	}
	if f.Drawn {
		return t.drawn(amount)
	}
	if at < 0 || t.last().units[at] == none {
		return Made{}, ErrCannot
	}
	return t.made(at), nil
}

// Near returns the largest amount below one, and the smallest above it, that can be made up;
// either is unset where there is none.
func (f Form) Near(amount quantity.Amount) (below, above quantity.Amount) {
	t, _, err := f.table(amount)
	if err != nil {
		return
	}
	units := t.last().units
	for at := 1; at < len(units); at++ {
		switch a := t.cell.Times(int64(at), 1); {
		case units[at] == none || a.Cmp(amount) == 0:
		case a.Cmp(amount) < 0:
			below = a.In(amount.Unit())
		case !above.IsSet():
			above = a.In(amount.Unit())
		}
	}
	return below, above
}

// table fills the table up to one unit past an amount, and returns the cell of the amount, -1
// where it lies between two.
func (f Form) table(amount quantity.Amount) (*table, int, error) {
	t := &table{form: f, sorted: slices.Clone(f.Strengths)}
	if len(t.sorted) == 0 || amount.Sign() <= 0 {
		return nil, 0, ErrCannot
	}
	slices.SortFunc(t.sorted, func(a, b quantity.Amount) int { return b.Cmp(a) })
	t.sorted = slices.CompactFunc(t.sorted, func(a, b quantity.Amount) bool { return a.Cmp(b) == 0 })
	parts := int64(max(f.Parts, 1))
	if f.Drawn {
		parts = 1
	}
	// The finest part in millionths of a quarter of the unit, all of them whole numbers.
	var pieces []int64
	for _, s := range t.sorted {
		n, ok := s.In(amount.Unit()).Times(4, parts).Scaled()
		if !ok || n <= 0 {
			return nil, 0, ErrFine
		}
		pieces = append(pieces, n)
	}
	finest := pieces[0]
	for _, n := range pieces {
		finest = gcd(finest, n)
	}
	t.cell = quantity.New(finest, 4_000_000, amount.Unit())
	most, ok := amount.Times(4, 1).ScaledFloor()
	if !ok || most/finest+pieces[0]*parts/finest >= maxCells {
		return nil, 0, ErrFine
	}
	for _, n := range pieces {
		t.sizes = append(t.sizes, int(n/finest*parts))
	}
	t.fill(int(most/finest)+t.sizes[0]+1, int(parts))
	at := int(most / finest)
	if t.cell.Times(int64(at), 1).Cmp(amount) != 0 {
		at = -1
	}
	return t, at, nil
}

func (t *table) last() *stage { return &t.stages[len(t.stages)-1] }

// fill finds the best ways strength by strength: whole units of it first, then at most one that
// is divided.
func (t *table) fill(cells, parts int) {
	before := stage{units: make([]int32, cells), rest: make([]int32, cells)}
	for i := range before.units {
		before.units[i] = none
	}
	before.units[0] = 0
	for _, size := range t.sizes {
		s := stage{units: slices.Clone(before.units), rest: slices.Clone(before.rest), whole: make([]bool, cells), part: make([]int8, cells)}
		for at := size; at < cells; at++ {
			if from := at - size; s.units[from] != none && better(s.units[from]+1, s.rest[from], s.units[at], s.rest[at]) {
				s.units[at], s.rest[at], s.whole[at] = s.units[from]+1, s.rest[from], true
			}
		}
		units, rest := slices.Clone(s.units), slices.Clone(s.rest)
		for at := range cells {
			for part := 1; part < parts; part++ {
				from, left := at-part*size/parts, int32((parts-part)*size/parts)
				if from >= 0 && units[from] != none && better(units[from]+1, rest[from]+left, s.units[at], s.rest[at]) {
					s.units[at], s.rest[at], s.part[at] = units[from]+1, rest[from]+left, int8(part)
				}
			}
		}
		t.stages = append(t.stages, s)
		before = s
	}
}

func better(units, rest, thanUnits, thanRest int32) bool {
	return units < thanUnits || units == thanUnits && rest < thanRest
}

// made reads the best way to a cell back from the stages.
func (t *table) made(at int) Made {
	last := t.last()
	m := Made{Units: int(last.units[at]), Rest: t.cell.Times(int64(last.rest[at]), 1)}
	parts := max(t.form.Parts, 1)
	if t.form.Drawn {
		parts = 1
	}
	for i := len(t.stages) - 1; i >= 0; i-- {
		s, p := &t.stages[i], Piece{Strength: t.sorted[i], Parts: parts}
		if s.part[at] > 0 {
			p.Part = int(s.part[at])
			at -= p.Part * t.sizes[i] / parts
		}
		for s.whole[at] {
			p.Whole++
			at -= t.sizes[i]
		}
		if p.Whole > 0 || p.Part > 0 {
			m.Pieces = append(m.Pieces, p)
		}
	}
	slices.Reverse(m.Pieces)
	return m
}

// drawn returns the fewest whole units that hold an amount, and of those the ones that leave
// least over.
func (t *table) drawn(amount quantity.Amount) (Made, error) {
	best, units := -1, none
	for at, n := range t.last().units {
		if n < units && t.cell.Times(int64(at), 1).Cmp(amount) >= 0 {
			best, units = at, n
		}
	}
	if best < 0 {
		return Made{}, ErrCannot
	}
	m := t.made(best)
	m.Rest = t.cell.Times(int64(best), 1).Sub(amount)
	return m, nil
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// A Total adds up what many amounts are made up of. The zero Total is of none.
type Total struct {
	pieces []Piece // Part of Parts beside whole units, as large as it comes to
	lacks  bool    // of some amount it is not known what makes it up
}

// Add adds an amount, so many times.
func (t *Total) Add(m Made, times int) {
	t.lacks = t.lacks || len(m.Pieces) == 0
	for _, p := range m.Pieces {
		i := slices.IndexFunc(t.pieces, func(q Piece) bool { return q.Strength.Cmp(p.Strength) == 0 })
		if i < 0 {
			i = len(t.pieces)
			t.pieces = append(t.pieces, Piece{Strength: p.Strength, Parts: max(p.Parts, 1)})
		}
		t.pieces[i].Whole += times * p.Whole
		t.pieces[i].Part += times * p.Part
	}
}

// Made returns the whole units that all of them take together, what is cut being used up: two halves are
// one unit. There are none where it is not known of some amount.
func (t *Total) Made() Made {
	if t.lacks {
		return Made{}
	}
	var m Made
	for _, p := range t.pieces {
		p.Whole += (p.Part + p.Parts - 1) / p.Parts
		m.Units += p.Whole
		p.Part = 0
		m.Pieces = append(m.Pieces, p)
	}
	slices.SortFunc(m.Pieces, func(a, b Piece) int { return b.Strength.Cmp(a.Strength) })
	return m
}
