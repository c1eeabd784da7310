package escpos

// A Status is what a printer's sensors say. The zero value is a printer that is well.
type Status struct {
	Offline       bool
	CoverOpen     bool
	FeedButton    bool // someone holds the paper feed button
	PaperEnd      bool // no paper; unreliable while the cover is open
	NearEnd       bool // the roll is nearly used up: never a reason to wait
	Cutter        bool // the cutter is stuck: recoverable, but no sensor tells that fingers are out
	Mechanical    bool // another recoverable error
	Unrecoverable bool // only switching it off and on helps, and its buffers are lost
	Hot           bool // recovers by itself: the head is too hot, or the cover was opened while printing
	DrawerHigh    bool // level of the drawer's pin 3; what it means depends on the drawer
}

// FromFrame reads an automatic status. Epson programming guide, GS a.
func FromFrame(f [4]byte) Status {
	return Status{
		Offline:       f[0]&0x08 != 0,
		CoverOpen:     f[0]&0x20 != 0,
		FeedButton:    f[0]&0x40 != 0 || f[1]&0x02 != 0,
		DrawerHigh:    f[0]&0x04 != 0,
		Mechanical:    f[1]&0x04 != 0,
		Cutter:        f[1]&0x08 != 0,
		Unrecoverable: f[1]&0x20 != 0,
		Hot:           f[1]&0x40 != 0,
		NearEnd:       f[2]&0x03 != 0,
		PaperEnd:      f[2]&0x0c != 0,
	}
}

// Answer takes over what b, the answer to question n, says; bits that belong to other questions stay. A printer that
// answers AskPrinter with "online" has no cause left, so the others' bits are cleared with it.
// Epson programming guide, DLE EOT.
func (s *Status) Answer(n, b byte) {
	switch n {
	case AskPrinter:
		if b&0x08 == 0 {
			*s = Status{NearEnd: s.NearEnd}
		}
		s.Offline = b&0x08 != 0
		s.DrawerHigh = b&0x04 != 0
	case AskOffline:
		s.CoverOpen = b&0x04 != 0
		s.FeedButton = b&0x08 != 0
		s.PaperEnd = b&0x20 != 0
		if b&0x40 == 0 {
			s.Mechanical, s.Cutter, s.Unrecoverable, s.Hot = false, false, false, false
		}
	case AskError:
		s.Mechanical = b&0x04 != 0
		s.Cutter = b&0x08 != 0
		s.Unrecoverable = b&0x20 != 0
		s.Hot = b&0x40 != 0
	case AskRoll:
		s.NearEnd = b&0x0c != 0
		s.PaperEnd = b&0x60 != 0
	}
}
