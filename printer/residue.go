package printer

import (
	"time"
)

const (
	lostTime = 3 * time.Second // how long a lost link is waited for, in case the proof is still to come
	maxMends = 3               // fences in vain before a printer is believed to be empty
	minPad   = 32              // ends any command that is not a picture
)

// mendPads are the zeros before the second and the third fence.
var mendPads = [maxMends - 1]int{1024, 8192}

// A leftover is what an unproven attempt may have left in the printer: the rest of a binary command that it still
// waits for, data that it still prints, a torn piece. Nothing new is sent before that is out of the way.
type leftover struct {
	id    ID
	gsh   bool   // it had asked for its id
	pad   int    // zeros that end any command that may be unfinished
	cut   []byte // separates the torn piece from the next slip
	torn  bool   // its end was never proven
	empty bool   // the printer has nothing of it left
	bytes int    // how many of it may be there, at most
	hoped bool   // that is not known

	foreign bool // it is another program's
	mech    time.Duration

	padded int // the epoch on which the zeros were sent
	epoch  int // the epoch on which the fence was sent
	tries  int
	until  time.Time
}

// residue is what earlier slips may have left in the printer, and how far the mending is. It is got out of the way before
// anything new is sent.
type residue struct {
	core    *core
	device  *device
	port    *port
	line    *line
	task    *task
	sensors *sensors
	paper   *paper
	dirty   *leftover // what an unproven attempt may have left in the printer
	tail    *tail     // the cut behind the last proven slip
	mend    mend
	put     put
}

// A tail is what comes behind a proven slip: its cut.
type tail struct {
	id    ID
	cut   []byte
	until time.Time
}

const (
	cutTime = 5 * time.Second        // how long a cut and the feed before it may take
	cutMean = 500 * time.Millisecond // how long a cut takes, without the feed
)

// endTail gives up waiting for the proof behind the last cut.
func (r *residue) endTail() {
	if r.tail == nil || r.core.now.Before(r.tail.until) {
		return
	}
	if r.sensors.reason() != "" && r.port.up() { // a stuck cutter says so by itself
		r.tail.until = r.core.now.Add(cutTime)
		return
	}
	r.tail = nil
	r.device.alarm("the last slip came out but its cut was not confirmed")
}

// dropTail is for a link that goes while the proof behind a cut is awaited: the printer may be in the middle of the cut's
// command, which would swallow the beginning of the next slip, and may not have cut.
func (r *residue) dropTail() {
	if r.tail == nil {
		return
	}
	if r.dirty == nil {
		r.dirty = &leftover{id: r.tail.id.Plus(-stepCut), gsh: true, pad: minPad, cut: r.tail.cut, torn: true, empty: true}
	}
	r.tail = nil
}
