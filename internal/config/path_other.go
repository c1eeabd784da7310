//go:build !windows

package config

// DefaultPath is where the configuration is looked for when nothing else is said.
const DefaultPath = "/etc/receiptd/receiptd.toml"

// folder is where receiptd keeps something when the configuration does not say.
func folder(unix, _ string) string { return unix }
