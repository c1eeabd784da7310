package wire

import (
	"fmt"
	"regexp"
	"strings"
)

// Root is what all topics begin with; the number is that of the protocol.
const Root = "rd/v1/"

// The last part of a topic.
const (
	PartJob   = "job"   // centre to shop: one job
	PartCmd   = "cmd"   // centre to shop: a Command
	PartAck   = "ack"   // centre to shop: an Ack
	PartEvent = "event" // shop to centres: an Event
	PartState = "state" // shop to centres, retained: a State
	PartReply = "reply" // shop to one centre, whose name follows: a Reply or an Answer
)

// MaxJob is how long a job may be, as in the drop folder.
const MaxJob = 256 << 10

var name = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// GoodName tells whether a tenant, a shop or a centre can be called so: nothing in it means anything to a broker.
func GoodName(s string) bool { return name.MatchString(s) }

// A Place is one shop of one tenant.
type Place struct{ Tenant, Shop string }

func (p Place) to(part string) string { return Root + p.Tenant + "/" + p.Shop + "/" + part }

// Job is where jobs come in.
func (p Place) Job() string { return p.to(PartJob) }

// Cmd is where commands come in.
func (p Place) Cmd() string { return p.to(PartCmd) }

// Ack is where centres say how far they have stored what the shop told.
func (p Place) Ack() string { return p.to(PartAck) }

// Event is where the shop tells what happened.
func (p Place) Event() string { return p.to(PartEvent) }

// State is where the shop's last state is kept.
func (p Place) State() string { return p.to(PartState) }

// Reply is where one centre is answered.
func (p Place) Reply(centre string) string { return p.to(PartReply) + "/" + centre }

// CentreOf gives the centre that a response topic belongs to; false for any topic that is not this shop's reply topic: a shop publishes
// nowhere else, whatever a message asks for.
func (p Place) CentreOf(response string) (string, bool) {
	centre, ok := strings.CutPrefix(response, p.to(PartReply)+"/")
	return centre, ok && GoodName(centre)
}

// ClientID is what the shop calls itself to the broker, which lets only one connection have it.
func (p Place) ClientID() string { return "rd." + p.Tenant + "." + p.Shop }

// All is the filter of one part of all shops of a tenant.
func All(tenant, part string) string { return Root + tenant + "/+/" + part }

// Parse takes a topic apart. rest is the centre of a reply.
func Parse(topic string) (p Place, part, rest string, err error) {
	tail, ok := strings.CutPrefix(topic, Root)
	parts := strings.Split(tail, "/")
	if !ok || len(parts) < 3 || len(parts) > 4 || !GoodName(parts[0]) || !GoodName(parts[1]) || (len(parts) == 4) != (parts[2] == PartReply) {
		return Place{}, "", "", fmt.Errorf("%q is no topic of a shop", topic)
	}
	if len(parts) == 4 {
		if rest = parts[3]; !GoodName(rest) {
			return Place{}, "", "", fmt.Errorf("%q names no centre", topic)
		}
	}
	return Place{parts[0], parts[1]}, parts[2], rest, nil
}
