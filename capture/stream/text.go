package stream

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/receiptd/receiptd/printer/profile"
)

// A Kind says what a line of a slip is.
type Kind uint8

// The kinds of lines.
const (
	Text    Kind = iota
	Picture      // Text says how large: [image 384x120]
	Code         // Text is the code's sort and data: [QR https://...]
	Feed         // nothing to see
	CutLine      // the paper is cut here
	Unseen       // it is in the stream and nobody sees it: text that the program takes back, data of a code that is not printed
)

// A Line is what a person sees as one.
type Line struct {
	Kind  Kind
	Text  string
	Data  string // of a code: its data alone
	Align int    // 0 left, 1 centre, 2 right
	Scale int    // 1 to 8
	Bold  bool
}

// chinese says how high bytes are read.
type chinese uint8

const (
	off    chinese = iota // each is a character of a code page
	on                    // two, or four, are a character
	unsure                // nobody has said: two are one where they are a common ideograph, and one that nothing follows is of a code page
)

// A style is how characters look, as far as it changes where they stand or is shown in a layout.
type style struct {
	w, h   int
	fontB  bool
	bold   bool
	space  int // dots behind each
	kw, kh int // of two-byte characters
}

// text keeps what a person reads, and how long the paper is at least.
type text struct {
	pages  map[byte]string // of the printer: the number of ESC t to the name of the code page
	four   bool            // its Chinese has characters of four bytes
	cjkOn  bool            // it has a two-byte font
	escCJK bool            // ESC ! enlarges two-byte characters

	st    style
	cjk   chinese
	utf8  bool
	code  byte
	align int
	pitch int // dots between lines, at least
	tabs  []int
	bar   bar

	char  []byte // a character that has begun
	line  line
	page  page
	lines []Line
	shown int  // bytes of them
	over  bool // more would be shown than a slip may show
	seen  bool // something to see has come
	dots  int
	pic   int // rows of the picture that GS ( L stored
	picW  int
}

// bar is how codes look.
type bar struct {
	module int
	data   map[byte]string // of the codes that were stored, by their sort
}

func newText(p *profile.Profile) text {
	t := text{pages: map[byte]string{}, four: p.TwoByte == "gb18030", cjkOn: p.TwoByte != "", escCJK: p.ESCBangCJK}
	for n, name := range epsonPages {
		t.pages[n] = name
	}
	for name, n := range p.CodePages {
		t.pages[byte(n)] = name
	}
	t.reset()
	return t
}

// reset is what ESC @ does. Some Chinese printers are in two-byte mode then, others wait for FS &.
func (t *text) reset() {
	t.st = style{w: 1, h: 1, kw: 1, kh: 1}
	t.cjk, t.utf8, t.code, t.align, t.pitch, t.tabs = off, false, 0, 0, 30, nil
	if t.cjkOn {
		t.cjk = unsure
	}
	t.bar = bar{module: 3}
	t.discard()
	t.page = page{}
}

// discard takes back what has not come out of the line and of the page.
func (t *text) discard() {
	if !t.line.empty() {
		t.lose(t.line.take(t).Text)
	}
	for _, p := range t.page.parts {
		t.lose(p.line.Text)
	}
	t.page.parts, t.line = nil, line{}
}

// lose notes what nobody sees.
func (t *text) lose(s string) { t.add(Line{Kind: Unseen, Text: s}) }

// maxShown bounds what one slip shows, in bytes of text: a page in page mode, a code or a picture that was stored is printed again by some bytes, and a place
// far to the right is thousands of blanks. A slip as long as it may be, all of feeds, stays below it.
const maxShown = 16 << 20

// add takes one line in.
func (t *text) add(l Line) {
	const each = 48 // what a line takes beside its text
	if t.shown += len(l.Text) + len(l.Data) + each; t.shown > maxShown {
		t.over = true
		return
	}
	t.lines = append(t.lines, l)
}

// amid reports whether the next byte belongs to a character that has begun.
func (t *text) amid() bool { return len(t.char) > 0 }

// take takes one byte of text, and gives the bytes that are to be kept, when a character is whole. again says that c did not belong to the
// character that had begun: it is still to be taken.
func (t *text) take(c byte) (kept []byte, again bool) {
	begun := len(t.char) > 0
	switch {
	case t.utf8 && (begun || c >= 0x80):
		return t.takeUTF8(c)
	case !begun && (c < 0x80 || t.cjk == off):
		t.put(t.single(c), false)
		return []byte{c}, false
	case !begun && (c == 0x80 || c == 0xFF):
		t.put(utf8.RuneError, false)
		return []byte{c}, false
	case len(t.char) == 1 && t.cjk == unsure && (c < 0xA1 || t.char[0] < 0xA1):
		t.put(t.single(t.char[0]), false)
		return t.whole(), true
	case begun && c < 0x20:
		c = 0x20 // no character has such a byte; a printer would eat it here, another one obey it
	}
	t.char = append(t.char, c)
	n := len(t.char)
	if n == 1 || t.four && n < 4 && t.char[1] >= 0x30 && t.char[1] <= 0x39 {
		return nil, false
	}
	t.put(decoded(t.char), true)
	return t.whole(), false
}

// whole gives the bytes of the character that has come, and makes room for the next.
func (t *text) whole() []byte {
	out := bytes.Clone(t.char)
	t.char = t.char[:0]
	return out
}

func (t *text) takeUTF8(c byte) (kept []byte, again bool) {
	if len(t.char) > 0 && c&0xC0 != 0x80 {
		t.put(utf8.RuneError, false)
		return t.whole(), true
	}
	t.char = append(t.char, c)
	if !utf8.FullRune(t.char) {
		return nil, false
	}
	r, _ := utf8.DecodeRune(t.char)
	t.put(r, wide(r))
	return t.whole(), false
}

// wide reports whether a character takes two cells: ideographs and full-width forms.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115F || r >= 0x2E80 && r <= 0xA4CF || r >= 0xAC00 && r <= 0xD7A3 || r >= 0xF900 && r <= 0xFAFF ||
		r >= 0xFE30 && r <= 0xFE6F || r >= 0xFF00 && r <= 0xFF60 || r >= 0xFFE0 && r <= 0xFFE6
}

func decoded(char []byte) rune {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(char)
	if err != nil || utf8.RuneCount(out) != 1 {
		return utf8.RuneError
	}
	r, _ := utf8.DecodeRune(out)
	return r
}

// put places one character.
func (t *text) put(r rune, two bool) {
	t.seen = true
	w, h := 12*t.st.w, 24*t.st.h
	switch {
	case two:
		w, h = 24*t.st.kw, 24*t.st.kh
	case t.st.fontB:
		w, h = 9*t.st.w, 17*t.st.h
	}
	t.line.put(r, w+t.st.space*t.st.w, h, t)
}

// lineFeed prints the line.
func (t *text) lineFeed() { t.print(t.pitch) }

// print prints the line and feeds at least so many dots.
func (t *text) print(feed int) {
	if t.page.on {
		t.page.take(t)
		t.page.y += max(feed, 0)
		return
	}
	l := t.line.take(t)
	if l.Kind == Feed {
		t.dots += max(feed, 0)
	} else {
		t.dots += max(feed, t.line.high)
	}
	t.line = line{}
	t.add(l)
}

// control is HT, CR, FF or CAN.
func (t *text) control(c byte) {
	switch {
	case c == '\t':
		t.line.x = t.nextTab(t.line.x)
	case c == 0x0C && t.page.on: // the page comes out, and page mode ends (Epson, FF "Print and return to Standard mode")
		t.closePage()
		t.page.on = false
	case c == 0x18 && t.page.on:
		t.discard()
	}
}

func (t *text) nextTab(x int) int {
	if t.tabs == nil {
		step := 8 * (12 + t.st.space)
		return (x/step + 1) * step
	}
	for _, stop := range t.tabs {
		if stop > x {
			return stop
		}
	}
	return x
}

// cut notes a cut.
func (t *text) cut() { t.add(Line{Kind: CutLine}) }

// block notes something that stands alone in its rows.
func (t *text) block(l Line, dots int) {
	l.Align, l.Scale, t.seen = t.align, 1, true
	if t.page.on {
		t.page.add(l, t)
		return
	}
	if !t.line.empty() { // it does not come out, says the makers' list; a person may still see it somewhere
		dots = 0
	}
	t.dots += dots
	t.add(l)
}

func (t *text) image(w, h, times int) {
	t.block(Line{Kind: Picture, Text: fmt.Sprintf("[image %dx%d]", w, h*times)}, h*times)
}

// torn reports whether the text ends within a character.
func (t *text) torn() bool { return t.amid() && (t.utf8 || t.cjk == on) }

// lastChar gives what is to be kept of a character that nothing follows. In two-byte mode it would swallow what comes next.
func (t *text) lastChar() []byte {
	if !t.amid() || t.cjk == on && !t.utf8 {
		t.char = t.char[:0]
		return nil
	}
	if t.utf8 {
		t.put(utf8.RuneError, false)
	} else {
		t.put(t.single(t.char[0]), false)
	}
	return t.whole()
}

// end takes what stands in a line that was not ended.
func (t *text) end() {
	if t.page.on {
		t.closePage()
	}
	if !t.line.empty() {
		t.lineFeed()
	}
}

func (t *text) takeLines() ([]Line, int) {
	l, d := t.lines, t.dots
	t.lines, t.dots, t.seen, t.shown = nil, 0, false, 0
	return l, d
}
