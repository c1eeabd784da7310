// Package packaging holds the files that an installation puts beside the program: they are the same whether a package brings
// them or `receiptd service install` writes them.
//
// It owns no state and starts no goroutines.
package packaging

import _ "embed" // the files

// The files of a Linux installation.
var (
	//go:embed linux/receiptd.service
	Unit string // systemd unit; starts /usr/bin/receiptd
	//go:embed linux/sysusers.conf
	Sysusers string // the user receiptd and its groups
	//go:embed linux/tmpfiles.conf
	Tmpfiles string // the folders and who may use them
	//go:embed linux/70-receiptd.rules
	Udev string // access to printers, and names that stay
)

// PostRemove is the shell script that a package runs when it was removed or purged. After "purge" it takes the folders of a
// configuration as further arguments.
//
//go:embed scripts/postremove.sh
var PostRemove string

// Config is the configuration of a new installation: no printer yet.
//
//go:embed linux/receiptd.toml
var Config string
