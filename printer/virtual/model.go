package virtual

import (
	"fmt"
	"slices"
	"strings"
)

// A Model is how one kind of printer behaves. Lengths are dots unless the name says otherwise.
type Model struct {
	Name      string
	Maker     string // GS I 66
	Product   string // GS I 67; clones claim to be an Epson
	Serial    string // GS I 68
	Dots      int    // width of the print head
	DPI       int
	Columns   int // font A cells per row
	Speed     int // paper speed, mm per second
	HeadToCut int // from the head to the cutter
	CutMillis int // how long a cut takes
	LookAhead int // paper length the print buffer may hold ahead of the mechanism
	NearEndMM int // near-end sensor fires with less paper than this; 0: no such sensor

	Buffer    int // receive buffer, bytes
	BusyAt    int // BUSY when at most this many bytes are free
	BusyUntil int // ready again when at least this many are free
	// BusyFullOnly is the BUSY switch in its ON position: BUSY only when the buffer is full, not when offline.
	BusyFullOnly bool
	LANDrops     bool // the network board throws away what does not fit instead of closing the window
	// TruncateOnClose: closing the connection throws away what was not parsed yet.
	TruncateOnClose bool
	ClosesAtCut     bool // the network board ends the connection, in order, when a cut is done

	NoDLEEOT, NoGSR, NoASB, NoGSH, NoClear bool
	Mute                                   bool // no back channel at all
	GSRInverted                            bool // GS r 1: 00 = paper end, 03 = paper present
	ProofAtParse                           bool // GS ( H answered when parsed, not when printed
	FailID                                 bool // GS ( H answered 37 33 id 00 while there is no paper
	OfflineResponse                        bool // GS ( H fn 49
	JunkFirst                              bool // a stray 2B after the link opened
	ReplyLag                               bool // DLE EOT answers with the previous request's answer
	ASBAtPowerOn                           bool // the network board itself sends GS a FF

	TwoByte       string // "", gbk, gb18030
	CJKAfterReset bool   // ESC @ and power-on leave two-byte mode on
	EscBangCJK    bool   // ESC ! enlarges two-byte characters too
	NoGSBangCJK   bool   // GS ! does not
	CodePages     map[byte]string
	RasterRows    int  // a GS v 0 with more rows desynchronises; 0: no limit
	RasterBytes   int  // and one with more bytes
	NoGraphics    bool // GS ( L unknown
	NoQR          bool // GS ( k unknown: its data print as text
	NoCutter      bool
	// CoverStops: an open cover while printing is a recoverable error that needs DLE ENQ (memory switch 8-8).
	CoverStops bool
	// GarbageAfterStop: a stop inside an image makes the rest of the image print as characters.
	GarbageAfterStop bool
	// DropsOnPaperOut: the rest of the job is thrown away when paper ends.
	DropsOnPaperOut bool
}

// generic80 is what most of the market does: 80 mm, 203 dpi.
func generic80() Model {
	return Model{
		Name: "generic-80", Maker: "GENERIC", Product: "POS-80", Serial: "VIRTUAL001", Dots: 576, DPI: 203, Columns: 48,
		Speed: 250, HeadToCut: 120, CutMillis: 250, LookAhead: 240, NearEndMM: 2000,
		Buffer: 4096, BusyAt: 128, BusyUntil: 256, TwoByte: "gb18030",
	}
}

func models() []Model {
	with := func(name string, f func(*Model)) Model {
		m := generic80()
		m.Name = name
		f(&m)
		return m
	}
	epson := func(m *Model) {
		m.Maker, m.Product = "EPSON", "TM-T88V"
		m.Dots, m.DPI, m.Columns, m.Speed, m.HeadToCut = 512, 180, 42, 300, 106
		m.OfflineResponse = true
	}
	clone := func(m *Model) { m.Maker, m.Product = "EPSON", "TM-T88III" }
	small := func(m *Model) {
		m.Dots, m.Columns, m.Speed, m.NearEndMM = 384, 32, 90, 0
		m.NoCutter, m.Product = true, "POS-58"
	}
	return []Model{
		generic80(),
		with("generic-58", small),
		with("epson-tm-t88", epson),
		with("epson-tm-t88iii", func(m *Model) {
			epson(m)
			m.Product, m.NoGSH, m.NoClear, m.OfflineResponse = "TM-T88III", true, true, false
		}),
		with("epson-western", func(m *Model) { epson(m); m.TwoByte = "" }),
		with("epson-cover-switch", func(m *Model) { epson(m); m.CoverStops = true }),
		with("epson-lan", func(m *Model) { epson(m); m.ASBAtPowerOn = true }),
		with("xprinter-80", func(m *Model) { clone(m); m.CJKAfterReset = true; m.Buffer = 128 << 10 }),
		with("xprinter-58", func(m *Model) { clone(m); small(m); m.CJKAfterReset, m.NoGSH = true, true }),
		with("rongta-80", func(m *Model) {
			clone(m)
			m.ProofAtParse = true
			m.CodePages = map[byte]string{6: "1251", 7: "866", 15: "862", 17: "1253", 23: "8859-1", 30: "1250"}
		}),
		with("gprinter-80", func(m *Model) { clone(m); m.NoASB = true }),
		with("hprt-tp80k", func(m *Model) { m.Maker, m.Product = "HPRT", "TP80K"; m.GSRInverted, m.NoGSH = true, true }),
		with("nz", func(m *Model) { clone(m); m.FailID = true }),
		with("zj-5890", func(m *Model) { small(m); m.Mute = true }),
		with("inner-58", func(m *Model) { small(m); m.NoDLEEOT, m.NoASB, m.NoGSH = true, true, true }),
		with("clone-no-gsh", func(m *Model) { clone(m); m.NoGSH = true }),
		with("clone-status-only", func(m *Model) { clone(m); m.NoGSH, m.NoGSR, m.NoClear = true, true, true }),
		with("clone-parse-proof", func(m *Model) { clone(m); m.ProofAtParse = true }),
		with("clone-raster-255", func(m *Model) { clone(m); m.RasterRows, m.RasterBytes, m.NoGraphics = 255, 4096*4, true }),
		with("clone-no-qr", func(m *Model) { clone(m); m.NoQR = true }),
		with("clone-gs-bang", func(m *Model) { clone(m); m.NoGSBangCJK = true }),
		with("clone-esc-bang", func(m *Model) { clone(m); m.EscBangCJK = true }),
		with("clone-lan-drops", func(m *Model) { clone(m); m.LANDrops = true }),
		with("clone-truncates", func(m *Model) { clone(m); m.TruncateOnClose = true }),
		with("clone-lagging", func(m *Model) { clone(m); m.ReplyLag, m.JunkFirst = true, true }),
		with("clone-garbage", func(m *Model) { clone(m); m.GarbageAfterStop = true }),
		with("clone-forgets", func(m *Model) { clone(m); m.DropsOnPaperOut = true }),
	}
}

// ModelNames lists the models that ModelByName knows.
func ModelNames() []string {
	var names []string
	for _, m := range models() {
		names = append(names, m.Name)
	}
	return names
}

// ModelByName returns a copy of a model, to be used as it is or changed by a test. The empty name is generic-80.
func ModelByName(name string) (Model, error) {
	all := models()
	if name == "" {
		return all[0], nil
	}
	if i := slices.IndexFunc(all, func(m Model) bool { return m.Name == name }); i >= 0 {
		return all[i], nil
	}
	return Model{}, fmt.Errorf("no virtual printer model %q, known: %s", name, strings.Join(ModelNames(), " "))
}
