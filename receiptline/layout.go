package receiptline

// A Layout is a document set into rows of cells at one width. It is what every back end draws: the encoder for
// paper, the rasteriser for previews, and Text. Wrap points are decided here once, so they are the same in all three.
//
// A cell is the width of one Latin character (12 dots on a 203 dpi printer); a wide character takes two. Horizontal
// positions are counted in half cells, because a centred text may begin in the middle of a cell. In a row of small text
// both are counted in the cells of the small font.
type Layout struct {
	Width int // cells per row
	Rows  []Row

	measure func(rune) int // that it was set with; nil: GB18030Width
}

// RowKind says what a row holds.
type RowKind uint8

// The kinds of rows. Each row has exactly one.
const (
	TextRow    RowKind = iota // Runs (none: a blank row), with Bars at its sides when inside a box
	RuleRow                   // a horizontal rule, box top, joint or bottom: Left, Cells, Joints
	ImageRow                  // Image, placed by Left, Cells, Align
	CodeRow                   // Code (bar code or QR), placed by Left, Cells, Align
	CutRow                    // cut the paper here
	CommandRow                // Command: raw bytes of a trusted template
	LogoRow                   // Logo, placed by Left, Cells, Align
)

// Align places an object in its line.
type Align uint8

// The three alignments.
const (
	AlignLeft Align = iota
	AlignCenter
	AlignRight
)

// Style is how a run of text is drawn. Width and Height are magnifications from 1 to 6.
type Style struct {
	Width, Height           int
	Bold, Underline, Invert bool
}

// A Run is text of one style within a row.
type Run struct {
	X     int    // half cells from the left edge of the paper's printable area
	Cells int    // cells it covers, magnification included
	Text  string // no control characters, in the order in which it is read
	Style Style

	RightToLeft bool // its paragraph runs from right to left: the first letter with a direction is Hebrew or Arabic
}

// A Joint is where a rule meets the vertical rule of a box.
type Joint struct {
	X        int  // half cells from the left edge: the cell that holds the crossing
	Up, Down bool // whether the vertical rule goes on above, below
}

// A Row is one row of the slip from top to bottom.
type Row struct {
	Kind   RowKind
	Line   int     // the source line it came from, counted from 1
	Small  bool    // text: in the printer's small font; all of it is printable ASCII, and no box stands around it
	Height int     // text: the tallest run's magnification, at least 1; runs stand on the bottom edge
	Left   int     // rules, images, codes: left edge of the area, in half cells
	Cells  int     // rules, images, codes: width of that area, in cells
	Align  Align   // images, codes: place within the area
	Runs   []Run   // text, from left to right
	Bars   []int   // text inside a box: the half-cell positions of the cells that hold a vertical rule
	Joints []Joint // rules of a box
	Code   *Code
	Image  *Image
	Logo   *Logo
	Raw    []byte // CommandRow
}

// A Code is a bar code or QR code.
type Code struct {
	Symbology string // upc ean jan code39 itf codabar nw7 code93 code128 qrcode
	Data      string // checked: it can be drawn
	Module    int    // bar code: width of the narrow bar in dots, 2-4; QR: dots per module, 3-8
	Height    int    // bar code: dots, 24-240
	HRI       bool   // bar code: print the text below
	Level     byte   // QR: 'l', 'm', 'q' or 'h'
}

// An Image is a PNG or JPEG picture embedded in the document. It may be shared by layouts: read it only.
type Image struct {
	Data          []byte
	Width, Height int // dots
}

// A Logo is a picture in the printer's own memory, called by its number. What it shows, and how large it is, only the
// printer knows.
type Logo struct {
	Number        int // 1-255
	Width, Height int // dots, as the document says: what a preview leaves room for
}
