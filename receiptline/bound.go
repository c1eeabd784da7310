package receiptline

// MaxDots is how long the paper of one document may be, in dots: 50 m at 8 dots to the millimetre, as long as common rolls. What a
// document costs to set, to draw and to send grows with it, and with nothing else.
const MaxDots = 400_000

// DotsPerMetre is the resolution that lengths are told in.
const DotsPerMetre = 8000

// The rows of a printer, in dots, as most models have them.
const (
	rowDots   = 24 // of ink
	smallDots = 17 // of ink, small font
	pitchDots = 6  // of white below
	// A cut feeds paper to the knife, and the piece after it may get a heading of its own.
	cutDots = 480
)

const (
	// maxLines bounds lines that take no paper, such as comments.
	maxLines = 10_000
	// maxParts bounds the columns, changes of style, breaks and properties of one line.
	maxParts = 10_000
	// maxPictures is how many dots all pictures of a document may have before they are scaled: each is decoded.
	maxPictures = 8 << 20
	// marksEach is how many marks without width a cell may carry.
	marksEach = 4
)

// Dots is about how much paper a row takes, in dots. No row takes none: each is work.
func (r *Row) Dots() int {
	switch r.Kind {
	case TextRow:
		switch {
		case r.Small:
			return smallDots * max(r.Height, 1)
		case len(r.Bars) > 0:
			return rowDots * max(r.Height, 1)
		}
		return rowDots*max(r.Height, 1) + pitchDots
	case RuleRow:
		if len(r.Joints) > 0 {
			return rowDots
		}
		return rowDots + pitchDots
	case ImageRow:
		return max(r.Image.heightIn(r.Cells*CellDots), rowDots)
	case CodeRow:
		return max(r.Code.heightIn(r.Cells*CellDots), rowDots)
	case LogoRow:
		return max(r.Logo.Height, rowDots)
	case CutRow:
		return cutDots
	case CommandRow:
	}
	return rowDots
}

// heightIn is the height of a picture on paper of that width.
func (i *Image) heightIn(dots int) int {
	if i.Width > dots {
		return i.Height * dots / i.Width
	}
	return i.Height
}

// heightIn is the height of a code on paper of that width.
func (c *Code) heightIn(dots int) int {
	if c.Symbology == "qrcode" {
		side, err := c.Width()
		if err != nil {
			return 0
		}
		return min(side, dots)
	}
	if c.HRI {
		return c.Height + rowDots
	}
	return c.Height
}
