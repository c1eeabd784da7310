package escpos

import (
	"github.com/receiptd/receiptd/printer/profile"
	"github.com/receiptd/receiptd/printer/raster"
	"github.com/receiptd/receiptd/receiptline"
)

// A Slip is the bytes of one attempt, without proof requests.
type Slip struct {
	Content []byte // from ESC @ to the line start right before the last cut
	Cut     []byte // the last cut with its feed; empty when the document does not end in a cut
	Dots    int    // paper length of Content, in dots
	Drawn   []int  // source lines sent as dots, because they hold a character that the printer's fonts lack
}

// Options of Encode. The zero value is what slips are printed with.
type Options struct {
	Fonts    raster.Fonts // what is drawn with that the printer's own fonts lack
	Commands bool         // send CommandRows as they are; false drops them with a warning
}

// Encode turns a layout into the bytes that print it on a printer of profile p. Nothing is sent. It never fails: what
// the printer cannot do by itself is drawn as dots, and what cannot be drawn either stands there as a box and is named
// in a warning.
func Encode(l *receiptline.Layout, p *profile.Profile, o Options) (Slip, []Warning) {
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.reset(l, p, o)
	last, cut := raster.End(l)
	e.plan(l.Rows[:last])
	e.begin()
	for i := 0; i < last; i++ {
		if n := e.blanks(i, last); n > 0 {
			e.blank(n)
			i += n - 1
			continue
		}
		e.encode(i)
	}
	e.settle()
	s := Slip{Content: e.take(), Dots: e.dots, Drawn: e.drawn}
	if cut {
		e.cut()
		s.Cut = e.take()
	}
	e.l, e.o = nil, Options{}
	return s, e.warnings
}

// An encoder holds what the printer will know at the point reached so far, so that only changes are sent.
type encoder struct {
	*wire
	l     *receiptline.Layout
	p     *profile.Profile
	o     Options
	chars *profile.Chars

	lineAlign []uint8    // by row: what ESC a is to be
	costs     [][3]uint8 // by row: from which alignment each one is best reached

	places []placed // of the images and codes, in order
	placed int      // how many of them are done

	align    uint8 // ESC a
	tight    bool  // line pitch 24 instead of the default
	twoByte  bool  // FS & instead of FS .
	page     int   // ESC t
	small    bool  // font B: ESC M 1, or its bit of ESC !
	size     byte  // GS !, or the size bits of ESC ! and FS !
	bold     bool
	invert   bool
	line1    bool // one-byte characters are underlined
	line2    bool // two-byte characters are underlined
	barWide  int  // GS w, 0: not known
	barHigh  int  // GS h
	hriBelow bool // GS H

	font     bool // the row at work is in font B
	cell     int  // dots a cell of it is wide
	x        int  // dots from the left margin, in the row at work
	high     int  // magnification the row at work leaves room for
	lift     bool
	feed     int // dots that are still to be fed
	dots     int // paper used so far
	drawn    []int
	warnings []Warning
}

// begin brings the printer into a known state. ESC @ leaves automatic status off and, on many clones, two-byte mode on
// (Epson programming guide, GS a; reports on XP-300, XP-C2008 and others), so both are said explicitly. ESC R 0 is the set of
// ASCII: with another country's, which switches or an earlier program may have chosen, $ # \ and others print as its letters.
func (e *encoder) begin() {
	e.initialize()
	e.row = append(e.row, 0x1B, 'R', 0)
	switch e.p.TwoByte {
	case "":
		e.row = append(e.row, 0x1C, '.')
	case "shift_jis":
		e.row = append(e.row, 0x1C, 'C', 1, 0x1C, '&') // FS C 1: Shift-JIS instead of JIS
	default:
		e.row = append(e.row, 0x1C, '&')
	}
	e.twoByte = e.p.TwoByte != ""
	if e.p.StatusASB {
		e.row = append(e.row, 0x1D, 'a', 0xFF)
	}
}

func (e *encoder) encode(i int) {
	r := &e.l.Rows[i]
	e.font, e.cell = r.Small && e.p.SmallDots > 0, raster.CellDots(r, e.p)
	switch r.Kind {
	case receiptline.TextRow:
		switch {
		case len(r.Runs) == 0 && len(r.Bars) == 0:
			e.feed += raster.Advance(e.l, i, e.p)
		case raster.Drawn(r, e.p):
			e.dotsRow(i)
		default:
			e.textRow(i)
		}
	case receiptline.RuleRow:
		e.ruleRow(i)
	case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
		e.object(i)
	case receiptline.CutRow:
		e.settle()
		e.cut()
		e.dots += e.p.CutFeedDots
	case receiptline.CommandRow:
		e.command(r)
	}
}

// blanks counts the ordinary blank rows from i on.
func (e *encoder) blanks(i, last int) int {
	n := 0
	for ; i < last; i++ {
		r := &e.l.Rows[i]
		if r.Kind != receiptline.TextRow || len(r.Runs) > 0 || len(r.Bars) > 0 || r.Height > 1 {
			break
		}
		n++
	}
	return n
}

// blank feeds n ordinary rows: LF, or ESC d n where that is shorter.
func (e *encoder) blank(n int) {
	e.settle()
	e.setTight(false)
	e.dots += n * e.p.LineDots
	for n > 0 {
		if n < 4 {
			e.row = append(e.row, "\n\n\n"[:n]...)
			break
		}
		k := min(n, 255)
		e.feedLines(k)
		n -= k
	}
}

// lineFeed ends text row or rule i.
func (e *encoder) lineFeed(i int) {
	e.setTight(raster.Tight(e.l, i))
	e.row = append(e.row, '\n')
	lead := raster.Leading(e.l, i, e.p)
	e.dots += raster.Advance(e.l, i, e.p) - lead
	e.feed += lead
	e.flush()
}

// setTight chooses the line pitch: the default (ESC 2), or none of its own (ESC 3 0), with which the paper moves by the
// height of the characters. Other values of ESC 3 are avoided: their unit differs from model to model.
func (e *encoder) setTight(tight bool) {
	switch {
	case tight == e.tight:
	case tight:
		e.linePitch(0)
	default:
		e.defaultPitch()
	}
	e.tight = tight
}

// settle feeds what is still to be fed, so that the next print begins in the right place: whole lines by LF, the rest
// as white dots one byte wide, of double height (m = 2) where that comes out even: to a printer that does not know the
// command, zeros are nothing. ESC J would be shorter, but its unit differs from model to model.
func (e *encoder) settle() {
	e.dots += e.feed
	for ; e.feed >= e.p.LineDots; e.feed -= e.p.LineDots {
		e.setTight(false)
		e.row = append(e.row, '\n')
	}
	if e.feed > 0 && e.p.RasterRows > 0 {
		mode, rows := byte(0), e.feed
		if rows%2 == 0 {
			mode, rows = 2, rows/2
		}
		e.row = append(e.row, 0x1D, 'v', '0', mode, 1, 0, byte(rows), 0)
		e.row = append(e.row, make([]byte, rows)...)
	}
	e.feed = 0
}

// setAlign sends ESC a n, which acts at a line start only.
func (e *encoder) setAlign(a uint8) {
	if a != e.align {
		e.row = append(e.row, 0x1B, 'a', a)
		e.align = a
	}
}

// cut sends the feed to the cutter and the cut; without a cutter it feeds up to the tear bar. GS V 65 and 66 feed by
// themselves (Epson programming guide p. 373).
func (e *encoder) cut() {
	switch e.p.Cutter {
	case "full":
		e.row = append(e.row, 0x1D, 'V', 65, 0)
	case "partial":
		e.row = append(e.row, 0x1D, 'V', 66, 0)
	default:
		e.feedLines((e.p.CutFeedDots + e.p.LineDots - 1) / e.p.LineDots)
	}
}

// command sends the raw bytes of a trusted template and forgets what it knew about the printer's settings.
func (e *encoder) command(r *receiptline.Row) {
	if !e.o.Commands {
		e.warn(r, "command_dropped", 0, "命令未发送：本打印机不允许模板发送原始命令。", "Command not sent: raw commands are not allowed here.")
		return
	}
	e.settle()
	e.row = append(e.row, r.Raw...)
	e.row = append(e.row, 0x1B, 'a', 0, 0x1D, '!', 0, 0x1B, 'E', 0, 0x1B, '-', 0, 0x1D, 'B', 0)
	if e.p.SmallDots > 0 {
		e.row = append(e.row, 0x1B, 'M', 0)
	}
	e.align, e.small, e.size, e.bold, e.line1, e.invert = 0, false, 0, false, false, false
	e.barWide, e.barHigh, e.page = 0, 0, -1
	if e.p.TwoByte != "" {
		e.row = append(e.row, 0x1C, '-', 0, 0x1C, '&')
		e.line2, e.twoByte = false, true
	}
	e.setTight(!e.tight) // said anew, whatever the command did
	e.setTight(!e.tight)
}
