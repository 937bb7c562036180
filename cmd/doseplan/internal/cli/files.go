package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/lazy"
)

// A file of doseplan's says so with its first key, as YAML or as JSON, and a course, of which nobody may lose sight, by its
// kind. One that does not is one all the same if it has a kind or a key of doseplan's together with another that its files
// have: the first key may be misspelt. They are looked for in the text, since templates of other programs need not be readable
// YAML.
var (
	ownKey     = lazy.MustCompile(`(?m)^\s*\{?\s*["']?doseplan["']?\s*:\s*["']?\d|^kind\s*:\s*course\b`)
	likelyKey  = lazy.MustCompile(`(?m)(?:^|^\s*\{\s*|^\s*"|,\s*")(?:kind["']?\s*:\s*["']?(?:protocol|patient|medicines)\b|medications?["']?\s*:)`)
	besidesKey = lazy.MustCompile(`(?m)(?:^|[{,]\s*|^\s*)["']?(?:phases|routes|population|contraindications|check-ins|default tier|birth date|weight|entries|medicines)["']?\s*:`)
)

// whose reports whether a text is that of a file of doseplan's.
func whose(text []byte) bool {
	return ownKey.Match(text) || likelyKey.Match(text) && besidesKey.Match(text)
}

// someFolder reports whether one of some paths is a folder: one in which nothing is looked at was named by mistake, or
// has lost its files.
func someFolder(paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.IsDir()
	})
}

// noneOf says that folders hold no file that a command could look at: one that checks nothing must not pass for one that
// found nothing.
func noneOf(paths []string) error {
	return usage("name a folder with protocol files, or the files", "no file of doseplan's is in %s", strings.Join(paths, " "))
}

// own reports whether the file of a name is one of doseplan's, or cannot be read.
func own(name string) bool {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return false
	}
	return holds(name, whose)
}

// holds reports whether a file has a text that something is so of, or cannot be read.
func holds(name string, what func([]byte) bool) bool {
	text, err := os.ReadFile(name)
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) { // UTF-16, of which somebody must be told
		text = bytes.ReplaceAll(text[2:], []byte{0}, nil)
	}
	return err != nil || what(text)
}

// walk is filepath.WalkDir that follows a link to the folder itself.
func walk(path string, visit fs.WalkDirFunc) error {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		path += string(filepath.Separator)
	}
	return filepath.WalkDir(path, visit)
}

// yamlFiles returns the files that paths stand for, each once: of a folder, doseplan's YAML files
// below it. Named files that are not doseplan's are passed over where that is asked for, and so is what is left out.
func yamlFiles(paths []string, skipForeign bool, leftOut []string) ([]string, error) {
	var names []string
	for _, pattern := range leftOut {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return nil, usage("write a name or a path, with * for any letters in it", "--exclude: “%s” is no pattern", pattern)
		}
	}
	for _, root := range paths {
		if root == "-" {
			names = append(names, root)
			continue
		}
		info, err := os.Stat(root)
		if err != nil && len(paths) > 1 { // the others are looked at, and what is wrong with this one is said where it is read
			names = append(names, root)
			continue
		}
		if err != nil {
			return nil, unreadable(root, err)
		}
		if !info.IsDir() {
			if !excluded(root, leftOut) && (!skipForeign || own(root)) {
				names = append(names, root)
			}
			continue
		}
		err = walk(root, func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if excluded(name, leftOut) {
				if e.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if e.IsDir() && strings.HasPrefix(e.Name(), ".") && filepath.Clean(name) != filepath.Clean(root) {
				return filepath.SkipDir
			}
			if ext := strings.ToLower(filepath.Ext(name)); !e.IsDir() && (ext == ".yaml" || ext == ".yml") && own(name) {
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, unreadable(root, err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// excluded reports whether a pattern is of a path, of one of the folders that it lies in, or of a last part of either.
func excluded(name string, patterns []string) bool {
	parts := strings.Split(filepath.ToSlash(filepath.Clean(name)), "/")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		pattern = path.Clean(filepath.ToSlash(pattern))
		n := strings.Count(pattern, "/") + 1
		for end := n; end <= len(parts); end++ {
			if ok, _ := path.Match(pattern, strings.Join(parts[end-n:end], "/")); ok {
				return true
			}
		}
		return false
	})
}

// first names the first of some files, and how many more there are.
func first(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %d more", len(names)-n)
}
