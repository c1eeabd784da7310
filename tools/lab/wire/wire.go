// Package wire is what the host says to the agent in a guest. Every conversation is a stream of a yamux session over one
// virtio-serial port: it begins with a Request as one line of JSON.
package wire

import (
	"io"
	"time"

	"github.com/hashicorp/yamux"
)

// Port is the name of the virtio-serial port.
const Port = "lab.agent"

// The things that an agent does.
const (
	Run  = "run"  // a shell script (Text); what it says comes back, then ExitMark and its exit code
	Put  = "put"  // writes the file Text with Mode from what follows
	Dial = "dial" // connects to the TCP address Text in the guest, from its network namespace From
	USB  = "usb"  // plugs in a device whose USB/IP side is the rest of the stream; the end of the stream pulls it out
)

// ExitMark begins the line that ends the output of Run.
const ExitMark = "\x00exit "

// A Request opens a stream.
type Request struct {
	Do   string
	Text string
	Mode uint32
	From string
}

// Config is for both ends: a guest without hardware virtualisation may be silent for long, and a stream may be half closed for
// as long as a script runs.
func Config() *yamux.Config {
	c := yamux.DefaultConfig()
	c.EnableKeepAlive = false
	c.StreamCloseTimeout = 0
	c.StreamOpenTimeout = 0
	c.ConnectionWriteTimeout = 10 * time.Minute
	c.LogOutput = io.Discard
	return c
}
