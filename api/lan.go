package api

import (
	"slices"
	"time"
)

// The rights that a device or a program may have.
const (
	RightLook    = "look"    // see everything that the counter sees
	RightReprint = "reprint" // do what the counter does without a PIN
	RightSubmit  = "submit"  // send jobs
	RightDrawer  = "drawer"  // open the cash drawer, and answer for programs that want it open
)

// Rights are all of them.
var Rights = []string{RightLook, RightReprint, RightSubmit, RightDrawer}

// What is done at the machine itself, unless the shop allows it on its network too.
const (
	AllowSettle   = "settle"
	AllowArchive  = "archive"
	AllowReversal = "reversal"
	AllowCancel   = "cancel_waiting"
	AllowSetup    = "setup" // the set-up page
	AllowPIN      = "pin"   // changing the PIN, with the one before
)

// Allowable are all of them.
var Allowable = []string{AllowSettle, AllowArchive, AllowReversal, AllowCancel, AllowSetup, AllowPIN}

// Allowed tells whether a shop's list lets a device do one of Allowable: "settle" lets every device, "settle:NAME" the one of that name.
func Allowed(list []string, action, device string) bool {
	return slices.Contains(list, action) || slices.Contains(list, action+":"+device)
}

// A Device is a tablet or till that was paired, or a program that has a token of its own.
type Device struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Program bool      `json:"program,omitempty"`
	Rights  []string  `json:"rights"`
	At      time.Time `json:"at"`            // paired, or made
	Seen    time.Time `json:"seen,omitzero"` // last; zero: never
}

// A NewDevice answers who adds one: a code for a browser, or a token for a program.
type NewDevice struct {
	Pairing *Pairing `json:"pairing,omitempty"`
	Device  *Device  `json:"device,omitempty"`
	Token   string   `json:"token,omitempty"` // shown this once
}

// A Pairing is a code for one device.
type Pairing struct {
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
	Links []string  `json:"links"` // each pairs, by one of the machine's names and addresses
}

// LAN says how the page stands on the shop's network.
type LAN struct {
	On          bool      `json:"on"`
	Links       []string  `json:"links"`          // where the page is, names first
	Own         bool      `json:"own"`            // the authority is this machine's own
	Fingerprint string    `json:"fingerprint"`    // SHA-256 of the own authority's certificate
	Until       time.Time `json:"until,omitzero"` // end of the certificate
	Missing     []string  `json:"missing"`        // names and addresses of this machine that the certificate lacks
	Problem     string    `json:"problem"`        // what is wrong; "" for nothing
	Devices     []Device  `json:"devices"`
	Allow       []string  `json:"allow"` // what the shop allows there with the PIN: see Allowed
}
