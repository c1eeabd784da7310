package printer

import (
	"fmt"
	"time"

	"github.com/receiptd/receiptd/printer/evidence"
	"github.com/receiptd/receiptd/printer/profile"
)

// settings are what a machine is made with.
type settings struct {
	prof      profile.Profile
	proof     string
	idleClose time.Duration
	clears    bool   // a torn slip is cancelled inside the printer
	without   uint32 // doubts left out, by the check that each is needed
}

// device is what is known of the printer, and what is shown of it.
type device struct {
	core        *core
	set         settings
	known       Known
	probing     bool          // a probe is under way: what was known, and a person's pin, do not count
	idsDoubtful bool          // its ids came back, and nothing shows that they tell of paper
	delay       time.Duration // how late its answers come, as far as that was seen
	unordered   bool          // it does not answer questions in order, as far as is known
	show        Status        // the snapshot, but for its times
}

// evidence puts together what an attempt is judged by.
func (d *device) evidence(a *attempt) *evidence.Case {
	return &evidence.Case{T: &a.t, Slip: a.facts, Now: d.core.now, Without: d.set.without, Device: evidence.Device{
		Pinned: d.pinned(), Tier: d.known.Tier, Early: d.known.Early, Behind: d.known.Behind, Probing: d.probing}}
}

// alarm shows a person something.
func (d *device) alarm(text string) {
	if text != "" {
		d.show.Alarm = text
		d.core.emit(effect{kind: doAlarm, text: text})
	}
}

// pinned gives the tier a person chose, 0 for auto.
func (d *device) pinned() byte {
	if d.probing {
		return 0
	}
	switch d.set.proof {
	case "A", "B", "C", "D":
		return d.set.proof[0]
	}
	return 0
}

// tier is the tier to work on, and whether a person chose it.
func (d *device) tier() (byte, bool) {
	switch {
	case d.pinned() != 0:
		return d.pinned(), true
	case d.known.Tier != 0:
		return d.known.Tier, false
	case d.set.prof.FenceGSH:
		return 'A', false
	case d.set.prof.FenceGSR:
		return 'B', false
	case d.set.prof.StatusDLE || d.set.prof.StatusASB:
		return 'C', false
	}
	return 'D', false
}

// trusted says whether ids of this device are known to prove printing. A person's pin overrules what was measured.
func (d *device) trusted() bool {
	return d.pinned() == 'A' || d.known.Behind && !d.known.Early
}

// noteSpoke notes that tier t spoke for a slip.
func (d *device) noteSpoke(t byte) {
	if d.pinned() != 0 || d.known.Tier == t && d.known.Failures == 0 {
		return
	}
	if d.known.Tier == 0 || t <= d.known.Tier {
		d.learn(Known{Tier: t, Early: d.known.Early, Behind: d.known.Behind})
	}
}

// noteSilent notes that the tier in use did not speak although the status was clean, and lowers it to t when that has
// happened too often. It returns what a person should see.
func (d *device) noteSilent(t byte) string {
	if d.pinned() != 0 {
		return ""
	}
	from, _ := d.tier()
	k := d.known
	k.Failures++
	if k.Failures < maxFailures {
		d.learn(k)
		return ""
	}
	d.learn(Known{Tier: t, Early: k.Early, Behind: k.Behind})
	d.core.emit(effect{kind: doWarn, text: "proof tier lowered", was: string(from), is: string(t)})
	return fmt.Sprintf("no proof for %d slips in a row: tier lowered from %c to %c", maxFailures, from, t)
}

// learn remembers k; while a probe is under way, until it ends.
func (d *device) learn(k Known) {
	k.At = d.core.now
	k.PortBits, k.Drawer = k.PortBits|d.known.PortBits, d.known.Drawer
	if k.Said == (Said{}) {
		k.Said = d.known.Said
	}
	d.known = k
	if !d.probing {
		d.core.emit(effect{kind: doSave, known: k})
	}
	d.showTier()
}

// showTier brings the snapshot up to date with what is known.
func (d *device) showTier() {
	d.show.Tier, d.show.Pinned = d.tier()
	d.show.Early = d.known.Early || d.idsDoubtful
	d.show.Said = d.known.Said
}
