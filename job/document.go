package job

// A Document is free text to print. Exactly one of ReceiptLine and Blocks is set.
type Document struct {
	Title       string  `json:"title,omitempty"`
	ReceiptLine string  `json:"receiptline,omitempty"` // source in the strict profile: no raw commands
	Blocks      []Block `json:"blocks,omitempty"`
	// Capture is set on what a program sent to a printer that receiptd stands in for: Blocks are then what a person reads of it.
	Capture *Capture `json:"capture,omitempty"`
}

// BlockType is what a block prints.
type BlockType string

// The types of blocks.
const (
	BlockText    BlockType = "text"
	BlockColumns BlockType = "columns"
	BlockRule    BlockType = "rule"
	BlockQR      BlockType = "qr"
	BlockBarcode BlockType = "barcode"
	BlockFeed    BlockType = "feed"
	BlockCut     BlockType = "cut"
)

// A Block is one piece of a document, from top to bottom.
type Block struct {
	Type      BlockType `json:"type"`
	Text      string    `json:"text,omitempty"`      // text; may hold line breaks
	Align     string    `json:"align,omitempty"`     // text: left (also when empty), center, right
	Bold      bool      `json:"bold,omitempty"`      // text
	Scale     int       `json:"scale,omitempty"`     // text: 1 (also when 0) to 6
	Cells     []string  `json:"cells,omitempty"`     // columns: 1 to 8; the last one is set to the right by custom
	Weights   []int     `json:"weights,omitempty"`   // columns: as many as Cells; empty: all alike
	Data      string    `json:"data,omitempty"`      // qr, barcode
	Symbology string    `json:"symbology,omitempty"` // barcode: upc ean jan code39 itf codabar nw7 code93 code128
	Lines     int       `json:"lines,omitempty"`     // feed: 1 (also when 0) to 20
}
