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
	id      ID
	fenced  bool   // it had asked for its id
	pad     int    // zeros that end any command that may be unfinished
	cut     []byte // separates the torn piece from the next slip
	torn    bool   // its end was never proven
	empty   bool   // the printer has nothing of it left
	bytes   int    // how many of it may be there, at most
	assumed bool   // that is not known

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
	core     *core
	device   *device
	port     *port
	line     *line
	task     *task
	sensors  *sensors
	paper    *paper
	leftover *leftover // what an unproven attempt may have left in the printer
	openCut  *openCut  // the cut behind the last proven slip
	mend     mend
	put      put
}

// An openCut is what comes behind a proven slip: its cut.
type openCut struct {
	id    ID
	cut   []byte
	until time.Time
}

const (
	cutTime = 5 * time.Second        // how long a cut and the feed before it may take
	cutMean = 500 * time.Millisecond // how long a cut takes, without the feed
)

// endCut gives up waiting for the proof behind the last cut.
func (r *residue) endCut() {
	if r.openCut == nil || r.core.now.Before(r.openCut.until) {
		return
	}
	if r.sensors.reason() != "" && r.port.up() { // a stuck cutter says so by itself
		r.openCut.until = r.core.now.Add(cutTime)
		return
	}
	r.openCut = nil
	r.device.alarm("the last slip came out but its cut was not confirmed")
}

// dropCut is for a link that goes while the proof behind a cut is awaited: the printer may be in the middle of the cut's
// command, which would swallow the beginning of the next slip, and may not have cut.
func (r *residue) dropCut() {
	if r.openCut == nil {
		return
	}
	if r.leftover == nil {
		r.leftover = &leftover{id: r.openCut.id.Plus(-stepCut), fenced: true, pad: minPad, cut: r.openCut.cut, torn: true, empty: true}
	}
	r.openCut = nil
}
