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
	e.planner.plan(l.Rows[:last])
	e.begin()
	for i := 0; i < last; i++ {
		if n := e.blanks(i, last); n > 0 {
			e.paper.feedRows(n)
			i += n - 1
			continue
		}
		e.encode(i)
	}
	e.paper.settle()
	s := Slip{Content: e.out.take(), Dots: e.paper.dots, Drawn: e.report.drawn}
	if cut {
		e.paper.cut()
		s.Cut = e.out.take()
	}
	warnings := e.report.warnings
	e.job, e.report = job{}, report{} // nothing of the document stays
	return s, warnings
}

// An encoder turns rows into bytes. Its parts each have their own state; reset says which of the others a part calls.
type encoder struct {
	out     *wire
	job     job
	modes   modes
	bars    bars
	paper   paper
	pen     pen
	planner planner
	report  report
}

// A job is what is printed, and on what. It does not change.
type job struct {
	l     *receiptline.Layout
	p     *profile.Profile
	o     Options
	chars *profile.Chars
}

// modes are what the printer will be set to at the point reached so far, so that only changes are sent.
type modes struct {
	out *wire
	job *job

	align   uint8 // ESC a
	tight   bool  // line pitch 24 instead of the default
	twoByte bool  // FS & instead of FS .
	page    int   // ESC t
	small   bool  // font B: ESC M 1, or its bit of ESC !
	size    byte  // GS !, or the size bits of ESC ! and FS !
	bold    bool
	invert  bool
	line1   bool // one-byte characters are underlined
	line2   bool // two-byte characters are underlined
}

// bars are the settings of its own codes.
type bars struct {
	barWide  int  // GS w, 0: not known
	barHigh  int  // GS h
	hriBelow bool // GS H
}

// paper is how far the paper has come.
type paper struct {
	out   *wire
	job   *job
	modes *modes

	feed int // dots that are still to be fed
	dots int // used so far
}

// A pen prints characters in the row at work.
type pen struct {
	out   *wire
	job   *job
	modes *modes

	font bool // the row is in font B
	cell int  // dots a cell of it is wide
	x    int  // dots from the left margin
	high int  // magnification the row leaves room for
	lift bool
}

// report is what does not come out as the document says.
type report struct {
	job      *job
	drawn    []int
	warnings []Warning
}

// begin brings the printer into a known state. ESC @ leaves automatic status off and, on many clones, two-byte mode on
// (Epson programming guide, GS a; reports on XP-300, XP-C2008 and others), so both are said explicitly. ESC R 0 is the set of
// ASCII: with another country's, which switches or an earlier program may have chosen, $ # \ and others print as its letters.
func (e *encoder) begin() {
	e.out.initialize()
	e.out.row = append(e.out.row, 0x1B, 'R', 0)
	switch e.job.p.TwoByte {
	case "":
		e.out.row = append(e.out.row, 0x1C, '.')
	case "shift_jis":
		e.out.row = append(e.out.row, 0x1C, 'C', 1, 0x1C, '&') // FS C 1: Shift-JIS instead of JIS
	default:
		e.out.row = append(e.out.row, 0x1C, '&')
	}
	e.modes.twoByte = e.job.p.TwoByte != ""
	if e.job.p.StatusASB {
		e.out.row = append(e.out.row, 0x1D, 'a', 0xFF)
	}
}

func (e *encoder) encode(i int) {
	r := &e.job.l.Rows[i]
	e.pen.font, e.pen.cell = r.Small && e.job.p.SmallDots > 0, raster.CellDots(r, e.job.p)
	switch r.Kind {
	case receiptline.TextRow:
		switch {
		case len(r.Runs) == 0 && len(r.Bars) == 0:
			e.paper.feed += raster.Advance(e.job.l, i, e.job.p)
		case raster.Drawn(r, e.job.p):
			e.dotsRow(i)
		default:
			e.textRow(i)
		}
	case receiptline.RuleRow:
		e.ruleRow(i)
	case receiptline.ImageRow, receiptline.CodeRow, receiptline.LogoRow:
		e.object(i)
	case receiptline.CutRow:
		e.paper.settle()
		e.paper.cut()
		e.paper.dots += e.job.p.CutFeedDots
	case receiptline.CommandRow:
		e.command(r)
	}
}

// blanks counts the ordinary blank rows from i on.
func (e *encoder) blanks(i, last int) int {
	n := 0
	for ; i < last; i++ {
		r := &e.job.l.Rows[i]
		if r.Kind != receiptline.TextRow || len(r.Runs) > 0 || len(r.Bars) > 0 || r.Height > 1 {
			break
		}
		n++
	}
	return n
}

// feedRows feeds n ordinary rows: LF, or ESC d n where that is shorter.
func (a *paper) feedRows(n int) {
	a.settle()
	a.modes.setTight(false)
	a.dots += n * a.job.p.LineDots
	for n > 0 {
		if n < 4 {
			a.out.row = append(a.out.row, "\n\n\n"[:n]...)
			break
		}
		k := min(n, 255)
		a.out.feedLines(k)
		n -= k
	}
}

// lineFeed ends text row or rule i.
func (a *paper) lineFeed(i int) {
	a.modes.setTight(raster.Tight(a.job.l, i))
	a.out.row = append(a.out.row, '\n')
	lead := raster.Leading(a.job.l, i, a.job.p)
	a.dots += raster.Advance(a.job.l, i, a.job.p) - lead
	a.feed += lead
	a.out.flush()
}

// setTight chooses the line pitch: the default (ESC 2), or none of its own (ESC 3 0), with which the paper moves by the
// height of the characters. Other values of ESC 3 are avoided: their unit differs from model to model.
func (m *modes) setTight(tight bool) {
	switch {
	case tight == m.tight:
	case tight:
		m.out.linePitch(0)
	default:
		m.out.defaultPitch()
	}
	m.tight = tight
}

// settle feeds what is still to be fed, so that the next print begins in the right place: whole lines by LF, the rest
// as white dots one byte wide, of double height (m = 2) where that comes out even: to a printer that does not know the
// command, zeros are nothing. ESC J would be shorter, but its unit differs from model to model.
func (a *paper) settle() {
	a.dots += a.feed
	for ; a.feed >= a.job.p.LineDots; a.feed -= a.job.p.LineDots {
		a.modes.setTight(false)
		a.out.row = append(a.out.row, '\n')
	}
	if a.feed > 0 && a.job.p.RasterRows > 0 {
		mode, rows := byte(0), a.feed
		if rows%2 == 0 {
			mode, rows = 2, rows/2
		}
		a.out.row = append(a.out.row, 0x1D, 'v', '0', mode, 1, 0, byte(rows), 0)
		a.out.row = append(a.out.row, make([]byte, rows)...)
	}
	a.feed = 0
}

// setAlign sends ESC a n, which acts at a line start only.
func (m *modes) setAlign(a uint8) {
	if a != m.align {
		m.out.row = append(m.out.row, 0x1B, 'a', a)
		m.align = a
	}
}

// cut sends the feed to the cutter and the cut; without a cutter it feeds up to the tear bar. GS V 65 and 66 feed by
// themselves (Epson programming guide p. 373).
func (a *paper) cut() {
	switch a.job.p.Cutter {
	case "full":
		a.out.row = append(a.out.row, 0x1D, 'V', 65, 0)
	case "partial":
		a.out.row = append(a.out.row, 0x1D, 'V', 66, 0)
	default:
		a.out.feedLines((a.job.p.CutFeedDots + a.job.p.LineDots - 1) / a.job.p.LineDots)
	}
}

// command sends the raw bytes of a trusted template and forgets what it knew about the printer's settings.
func (e *encoder) command(r *receiptline.Row) {
	if !e.job.o.Commands {
		e.report.warn(r, "command_dropped", 0, "命令未发送：本打印机不允许模板发送原始命令。", "Command not sent: raw commands are not allowed here.")
		return
	}
	e.paper.settle()
	e.out.row = append(e.out.row, r.Raw...)
	e.out.row = append(e.out.row, 0x1B, 'a', 0, 0x1D, '!', 0, 0x1B, 'E', 0, 0x1B, '-', 0, 0x1D, 'B', 0)
	if e.job.p.SmallDots > 0 {
		e.out.row = append(e.out.row, 0x1B, 'M', 0)
	}
	e.modes.align, e.modes.small, e.modes.size, e.modes.bold, e.modes.line1, e.modes.invert = 0, false, 0, false, false, false
	e.bars.barWide, e.bars.barHigh, e.modes.page = 0, 0, -1
	if e.job.p.TwoByte != "" {
		e.out.row = append(e.out.row, 0x1C, '-', 0, 0x1C, '&')
		e.modes.line2, e.modes.twoByte = false, true
	}
	e.modes.setTight(!e.modes.tight) // said anew, whatever the command did
	e.modes.setTight(!e.modes.tight)
}
