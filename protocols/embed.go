// Package protocols holds the protocols that doseplan ships, as YAML files.
package protocols

import (
	"embed"
	"io/fs"
	"strings"
)

// FS holds the shipped files, named ID.yaml.
//
//go:embed *.yaml
var FS embed.FS

// Read returns the file of a shipped protocol. The error is fs.ErrNotExist for an unknown id.
func Read(id string) ([]byte, error) {
	if strings.ContainsAny(id, "/\\") {
		return nil, fs.ErrNotExist
	}
	return FS.ReadFile(id + ".yaml")
}

// IDs returns the ids of the shipped protocols, sorted.
func IDs() []string {
	entries, err := FS.ReadDir(".")
	if err != nil {
		return nil
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return ids
}
