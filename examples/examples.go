// Package examples holds the sample jobs that the demo drops and the documents show, and the commented configuration.
package examples

import (
	"embed"
	"strings"
)

// Config is receiptd.toml: every key with its default and its explanation, and one printer.
//
//go:embed receiptd.toml
var Config string

// NewConfig is Config for a new shop: its printer is commented out like everything else.
func NewConfig() string {
	return strings.NewReplacer("\n[[printer]]\n", "\n#[[printer]]\n", "\nname = \"front\"\n", "\n#name = \"front\"\n",
		"\ndevice = \"tcp://192.168.1.100:9100\"\n", "\n#device = \"tcp://192.168.1.100:9100\"\n").Replace(Config)
}

// Jobs holds jobs/*.json: one terminal's day in the order of the names, and some of other shops.
//
//go:embed jobs/*.json
var Jobs embed.FS
