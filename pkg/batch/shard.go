package batch

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// A Shard is a share of the patients: those whose id falls to Index of Count equal shares, from
// 0. The first eight bytes of the id's SHA-256, as a big-endian number, are taken modulo Count.
// The zero Shard is all of them.
type Shard struct {
	Index, Count int
}

// MaxShards is the most shares that there can be.
const MaxShards = 1 << 20

// ParseShard reads “0/4”, the first of four shares.
func ParseShard(text string) (Shard, error) {
	index, count, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	if !ok || err1 != nil || err2 != nil || i < 0 || n < 1 || i >= n || n > MaxShards {
		return Shard{}, fmt.Errorf("“%s” is not a share: it is a number from 0, a slash, and how many there are", text)
	}
	return Shard{i, n}, nil
}

// has reports whether a patient belongs to the share. A row whose id cannot be read goes by its
// number, so that one of the shares rejects it.
func (s Shard) has(id string, row int) bool {
	if s.Count <= 1 {
		return true
	}
	if id == "" {
		id = "#" + strconv.Itoa(row)
	}
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.Uint64(sum[:8])%uint64(s.Count) == uint64(s.Index)
}
