package config

import (
	"os"
	"path/filepath"
)

// DefaultPath is where the configuration is looked for when nothing else is said.
var DefaultPath = folder("", "receiptd.toml")

// folder is where receiptd keeps something when the configuration does not say: below ProgramData, as service install makes it.
func folder(_, name string) string {
	root := os.Getenv("ProgramData")
	if root == "" {
		root = `C:\ProgramData`
	}
	return filepath.Join(root, "receiptd", name)
}
