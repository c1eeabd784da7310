// Package profile says what a printer model can do, as data.
//
// It owns the embedded model files (models/*.toml) and the character sets that printers carry in their own fonts. It
// keeps no state on disk and starts no goroutine. A model file may build on another with `base`; an unknown key is an
// error. Facts come from maker documentation and field reports; where a fact is a guess the file's notes say so, and
// the guess is on the careful side: less is claimed, more bytes are sent.
package profile

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

// ErrUnknown is wrapped by Load when no model of that name exists.
var ErrUnknown = errors.New("unknown printer profile")

//go:embed models/*.toml
var models embed.FS

// A Profile is what a printer model can do. Lengths are dots unless the name says otherwise; speeds are mm per second.
// A *Profile from Load is shared: read it, copy it before changing it.
type Profile struct {
	Name    string `toml:"name"`
	Base    string `toml:"base"` // the model this one builds on
	Vendor  string `toml:"vendor"`
	Notes   string `toml:"notes"`    // for people: where the facts come from
	NotesZh string `toml:"notes_zh"` // the same in Chinese
	Grade   string `toml:"grade"`    // how well they are known: documented (by the maker), reported (by users), assumed

	DPI       int `toml:"dpi"`         // dots per inch across, 180 or 203
	WidthDots int `toml:"width_dots"`  // printable width: 384, 512, 576
	Columns   int `toml:"columns"`     // font A cells per row: 32, 42, 48
	CellDots  int `toml:"cell_dots"`   // dots a cell is wide: 12
	SmallDots int `toml:"font_b_dots"` // dots a cell of font B (ESC M 1) is wide: 9, and 17 high; 0: it is not used
	LineDots  int `toml:"line_dots"`   // line pitch after ESC @, 30: a cell of 24 dots and 6 dots of white below
	SpeedMMS  int `toml:"speed_mms"`   // rated top speed of the fastest of the family: no proof may be faster
	Magnify   int `toml:"magnify"`     // largest magnification of characters: 8, or 2 where only ESC ! is known

	TwoByte    string         `toml:"two_byte"`     // font in two-byte mode: "" none, gb2312, gbk, gb18030, big5, shift_jis, ks
	CodePages  map[string]int `toml:"code_pages"`   // name (cp437, cp858, cp1252, ...) -> ESC t number
	ESCBangCJK bool           `toml:"esc_bang_cjk"` // ESC ! with FS ! enlarges two-byte characters
	GSBangCJK  bool           `toml:"gs_bang_cjk"`  // GS ! enlarges one-byte and two-byte characters

	FenceGSH    bool `toml:"fence_gs_h"`     // GS ( H fn 48 is worth asking for
	FenceGSR    bool `toml:"fence_gs_r"`     // GS r 1 is worth asking for
	GSRInverted bool `toml:"gs_r_inverted"`  // paper bits of GS r mean the opposite
	StatusDLE   bool `toml:"status_dle_eot"` // DLE EOT is answered
	StatusASB   bool `toml:"status_asb"`     // GS a is answered
	ClearDC4    bool `toml:"clear_dle_dc4"`  // DLE DC4 fn 8 empties the buffers and answers 37 25 00
	BufferBytes int  `toml:"buffer_bytes"`   // receive buffer, bytes
	Reserve     int  `toml:"reserve_bytes"`  // what still fits after BUSY, bytes

	Cutter      string `toml:"cutter"`         // "" none, partial, full
	CutFeedDots int    `toml:"cut_feed_dots"`  // head to cutter, or to the tear bar
	RasterRows  int    `toml:"raster_rows"`    // most rows in one GS v 0 band; 0: no GS v 0
	RasterBytes int    `toml:"raster_bytes"`   // most bytes in one band
	NativeQR    bool   `toml:"native_qr"`      // GS ( k draws QR codes
	NativeCode  bool   `toml:"native_barcode"` // GS k form B with CODE128
	NVLogo      string `toml:"nv_logo"`        // logos in its memory: "" none, fs_p (FS p), gs_l (GS ( L fn 69)
	DrawerKick  bool   `toml:"drawer"`         // it has a connector for a cash drawer
	DrawerPin   int    `toml:"drawer_pin"`     // of the connector: 2 or 5
	DrawerOnMS  int    `toml:"drawer_on_ms"`   // how long the pulse is on, milliseconds: 2 to 510
	DrawerOffMS int    `toml:"drawer_off_ms"`  // and off behind that, before another one
	DrawerNow   bool   `toml:"drawer_dle_dc4"` // DLE DC4 fn 1 opens it at once, also without paper
	Buzzer      string `toml:"buzzer"`         // "", esc_b, esc_paren_a
	Select      bool   `toml:"select"`         // ESC = is understood: ESC = 1 calls the printer back before each slip
	SelectAfter int    `toml:"select_after"`   // what ESC = gives the line back to behind it: 2 the display, 3 both; 0: nobody
	PaperOut    string `toml:"on_paper_out"`   // restart or resume
}

var cache struct {
	sync.Mutex
	byName map[string]*Profile
}

// Names lists the models in alphabetical order.
func Names() []string {
	files, err := fs.Glob(models, "models/*.toml")
	if err != nil { // the pattern is a constant
		panic(err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(f, "models/"), ".toml")
	}
	sort.Strings(names)
	return names
}

// Load returns the model of that name. The error of an unknown name wraps ErrUnknown and lists the known ones.
func Load(name string) (*Profile, error) {
	cache.Lock()
	defer cache.Unlock()
	if p := cache.byName[name]; p != nil {
		return p, nil
	}
	p := new(Profile)
	if err := read(name, p, 0); err != nil {
		return nil, err
	}
	p.Name = name
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	if cache.byName == nil {
		cache.byName = make(map[string]*Profile)
	}
	cache.byName[name] = p
	return p, nil
}

// TextOnly reports a printer that draws neither dots nor codes.
func (p *Profile) TextOnly() bool { return p.RasterRows == 0 && !p.NativeQR && !p.NativeCode }

// SmallColumns is how many cells of font B a row has, 0 without that font.
func (p *Profile) SmallColumns() int {
	if p.SmallDots == 0 {
		return 0
	}
	return p.Columns * p.CellDots / p.SmallDots
}

// MinColumns is the narrowest row that slips are set for.
const MinColumns = 24

// A WidthError says that a printer prints no rows of that many cells.
type WidthError struct {
	Profile       string
	Columns, Most int // cells: what was asked for, what fits on the print head
}

func (e *WidthError) Error() string {
	return fmt.Sprintf("width %d does not fit profile %s: %d to %d cells do", e.Columns, e.Profile, MinColumns, e.Most)
}

// Zh is Error in Chinese.
func (e *WidthError) Zh() string {
	return fmt.Sprintf("宽度 %d 不适合型号 %s：一行可以是 %d 到 %d 格", e.Columns, e.Profile, MinColumns, e.Most)
}

// WithColumns gives p with rows of n cells, p itself for 0. Its error is a *WidthError: what does not fit on the print head
// would be cropped or wrapped by the printer.
func (p *Profile) WithColumns(n int) (*Profile, error) {
	if n == 0 {
		return p, nil
	}
	if most := p.WidthDots / p.CellDots; n < MinColumns || n > most {
		return nil, &WidthError{p.Name, n, most}
	}
	q := *p
	q.Columns = n
	return &q, nil
}

// WithFeed gives p with so many dots from head to tear bar, p itself for 0.
func (p *Profile) WithFeed(dots int) *Profile {
	if dots == 0 {
		return p
	}
	q := *p
	q.CutFeedDots = dots
	return &q
}

// WithSelect gives p for a line that a customer display shares: after is what it gets the line back with, 0 for not at all.
// Without yes p stays as its maker documents it.
func (p *Profile) WithSelect(yes bool, after int) *Profile {
	if !yes && after == 0 {
		return p
	}
	q := *p
	q.Select, q.SelectAfter = true, after
	return &q
}

// read decodes the model's base, then the model itself over it.
func read(name string, p *Profile, depth int) error {
	if depth > 4 {
		return fmt.Errorf("profile %s: bases form a circle", name)
	}
	data, err := models.ReadFile("models/" + name + ".toml")
	if err != nil || strings.ContainsAny(name, "/\\") {
		return fmt.Errorf("%w %q; known are %s", ErrUnknown, name, strings.Join(Names(), ", "))
	}
	var head struct {
		Base string `toml:"base"`
	}
	if err := toml.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("read profile %s: %w", name, err)
	}
	if head.Base != "" {
		if err := read(head.Base, p, depth+1); err != nil {
			return err
		}
	}
	return decode(name, data, p)
}

// decode reads TOML strictly: a key that Profile does not have is an error.
func decode(name string, data []byte, p *Profile) error {
	inherited := p.CodePages
	p.CodePages, p.Notes, p.NotesZh, p.Grade = nil, "", "", ""
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		var strict *toml.StrictMissingError
		if errors.As(err, &strict) {
			return fmt.Errorf("read profile %s: %w\n%s", name, err, strict.String())
		}
		return fmt.Errorf("read profile %s: %w", name, err)
	}
	if p.CodePages == nil {
		p.CodePages = inherited
	}
	return nil
}
