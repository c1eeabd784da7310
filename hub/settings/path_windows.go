package settings

import (
	"path/filepath"

	"github.com/receiptd/receiptd/internal/config"
)

// DefaultPath is where a hub's file is looked for: beside a shop's.
var DefaultPath = filepath.Join(filepath.Dir(config.DefaultPath), "hub.toml")

var (
	dataFolder = filepath.Join(filepath.Dir(config.DefaultPath), "hub")      // where a hub keeps its store when its file does not say
	dropFolder = filepath.Join(filepath.Dir(config.DefaultPath), "hub-drop") // the sample's
)
