package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/doseplan/doseplan/pkg/source"
)

// An ownFile is a protocol file of a folder of the user's.
type ownFile struct{ folder, name, id string }

// A sameIDError says that two files of one folder are called the same, so that neither can be named by its id.
type sameIDError struct{ id, one, other string }

func (e *sameIDError) Error() string {
	return fmt.Sprintf("%s and %s are both called “%s”", e.one, e.other, e.id)
}

// ownFiles lists the protocol files of the folders of the settings.
func (a *app) ownFiles() []ownFile {
	a.looked.Do(func() { a.found = a.lookThrough(a.settings.List("protocols")) })
	return a.found
}

// lookThrough lists the protocol files of folders by the ids that stand in them, in the order of the folders and of the files'
// names. A file that says no id is called as its file is: what is wrong with it is said where it is read.
func (a *app) lookThrough(folders []string) (list []ownFile) {
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			ext := filepath.Ext(e.Name())
			if ext != ".yaml" && ext != ".yml" {
				continue
			}
			name := filepath.Join(folder, e.Name())
			if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
				continue // a pipe would keep everybody waiting
			}
			file := ownFile{folder, name, strings.TrimSuffix(e.Name(), ext)}
			if text, err := a.readFile(name, source.MaxBytes); err == nil {
				if kind := topWord(text, "kind"); kind != "" && kind != "protocol" {
					continue
				}
				if id := topWord(text, "id"); id != "" {
					file.id = id
				}
			}
			list = append(list, file)
		}
	}
	return list
}

// topWord returns the word that stands at a key of a YAML file's outermost mapping, as far as its lines alone tell it; "" for none.
func topWord(text []byte, key string) string {
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(key+":")); ok {
			if words := bytes.Fields(rest); len(words) > 0 && words[0][0] != '#' {
				return string(bytes.Trim(words[0], `"'`))
			}
		}
	}
	return ""
}

// ownByID returns the file of the first folder that has a protocol of an id; "" where none has.
func (a *app) ownByID(id string) (string, error) {
	var found ownFile
	for _, file := range a.ownFiles() {
		switch {
		case file.id != id || found.name != "" && file.folder != found.folder:
		case found.name == "":
			found = file
		default:
			return "", &sameIDError{id, found.name, file.name}
		}
	}
	return found.name, nil
}

// ownNamed returns the file that is called as a name is, and has another id, with that; "" where there is none.
func (a *app) ownNamed(name string) (file, id string) {
	for _, f := range a.ownFiles() {
		if base := filepath.Base(f.name); strings.TrimSuffix(base, filepath.Ext(base)) == name {
			return f.name, f.id
		}
	}
	return "", ""
}
