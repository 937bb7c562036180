package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doseplan/doseplan/pkg/lazy"
)

// ownKey is what a file of doseplan's says of itself, as YAML or as JSON. It is looked for in the
// text, since templates of other programs need not be readable YAML.
var ownKey = lazy.MustCompile(`(?m)^(?:["']?doseplan["']?\s*:\s*["']?\d|\s*\{?\s*"doseplan"\s*:\s*\d|\s*"kind"\s*:\s*"(?:protocol|patient|course|medicines)"|\{?\s*kind\s*:\s*["']?(?:protocol|patient|course|medicines)\b|medications?\s*:)`)

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
	return holds(name, ownKey)
}

// holds reports whether a file has a text that an expression matches, or cannot be read.
func holds(name string, what *lazy.Regexp) bool {
	text, err := os.ReadFile(name)
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) { // UTF-16, of which somebody must be told
		text = bytes.ReplaceAll(text[2:], []byte{0}, nil)
	}
	return err != nil || what.Match(text)
}

// walk is filepath.WalkDir that follows a link to the folder itself.
func walk(path string, visit fs.WalkDirFunc) error {
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		path += string(filepath.Separator)
	}
	return filepath.WalkDir(path, visit)
}

// yamlFiles returns the files that paths stand for, each once: of a folder, doseplan's YAML files
// below it. Named files that are not doseplan's are passed over where that is asked for.
func yamlFiles(paths []string, skipForeign bool) ([]string, error) {
	var names []string
	for _, path := range paths {
		if path == "-" {
			names = append(names, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, unreadable(path, err)
		}
		if !info.IsDir() {
			if !skipForeign || own(path) {
				names = append(names, path)
			}
			continue
		}
		err = walk(path, func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() && strings.HasPrefix(e.Name(), ".") && filepath.Clean(name) != filepath.Clean(path) {
				return filepath.SkipDir
			}
			if ext := strings.ToLower(filepath.Ext(name)); !e.IsDir() && (ext == ".yaml" || ext == ".yml") && own(name) {
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, unreadable(path, err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// first names the first of some files, and how many more there are.
func first(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + fmt.Sprintf(" and %d more", len(names)-n)
}
