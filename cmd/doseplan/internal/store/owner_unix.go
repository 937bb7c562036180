//go:build unix

package store

import (
	"io/fs"
	"os"
	"syscall"
)

// links returns how many names a file has.
func links(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}

// regroup gives a file the group of another, where the user may.
func regroup(name string, as fs.FileInfo) {
	if s, ok := as.Sys().(*syscall.Stat_t); ok {
		_ = os.Chown(name, -1, int(s.Gid))
	}
}
