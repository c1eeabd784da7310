// Package packaging holds the files that an installation puts beside the program: they are the same whether a package brings
// them or `receiptd service install` writes them.
//
// It owns no state and starts no goroutines.
package packaging

import (
	_ "embed" // the files
	"strings"
)

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

// The files of a fleet's centre: docs/fleet.md.
var (
	//go:embed fleet/receiptd-hub.service
	HubUnit string // systemd unit of a hub
	//go:embed fleet/mosquitto.conf
	MosquittoConf string
	//go:embed fleet/mosquitto.acl
	mosquittoACL string
)

// MosquittoACL lets the shops of a tenant, and its centre hub1, use their topics.
func MosquittoACL(tenant string) string {
	_, rest, _ := strings.Cut(mosquittoACL, " Put your tenant in the place of acme.")
	return strings.ReplaceAll("# A shop may use its own topics and no others; %u is the name in its certificate."+rest, "/acme/", "/"+tenant+"/")
}

// MosquittoHub is the block of one more centre in that file.
func MosquittoHub(name, tenant string) string {
	acl := MosquittoACL(tenant)
	return strings.ReplaceAll(acl[strings.Index(acl, "user hub1"):], "hub1", name)
}
