//go:build !windows

package settings

// DefaultPath is where a hub's file is looked for.
const DefaultPath = "/etc/receiptd/hub.toml"

const (
	dataFolder = "/var/lib/receiptd-hub"   // where a hub keeps its store when its file does not say
	dropFolder = "/var/spool/receiptd-hub" // the sample's
)
