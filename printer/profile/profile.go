package profile

// A Profile is what a printer model can do. Lengths are dots unless the name says otherwise; speeds are mm per second.
// Profiles are TOML files embedded in this package; an unknown key is an error.
type Profile struct {
	Name   string `toml:"name"`
	Vendor string `toml:"vendor"`
	Notes  string `toml:"notes"` // for people: where the facts come from

	DPI       int `toml:"dpi"`        // dots per inch across, 180 or 203
	WidthDots int `toml:"width_dots"` // printable width: 384, 512, 576
	Columns   int `toml:"columns"`    // font A cells per row: 32, 42, 48
	CellDots  int `toml:"cell_dots"`  // dots per cell, 12 (42 columns on 512 dots: 12)
	LineDots  int `toml:"line_dots"`  // dots a text row is high, 24, plus spacing: default line pitch 30 (24 set by the encoder)
	SpeedMMS  int `toml:"speed_mms"`  // rated top speed: what a proof may not be faster than

	TwoByte    string         `toml:"two_byte"`   // "" none, gbk, gb18030, big5, shift_jis, ks
	CodePages  map[string]int `toml:"code_pages"` // name (cp437, cp858, cp1252, ...) -> ESC t number
	ESCBangCJK bool           `toml:"esc_bang_cjk"`
	GSBangCJK  bool           `toml:"gs_bang_cjk"` // GS ! enlarges two-byte characters

	FenceGSH    bool `toml:"fence_gs_h"`     // GS ( H fn 48 is worth asking for
	FenceGSR    bool `toml:"fence_gs_r"`     // GS r 1 is worth asking for
	GSRInverted bool `toml:"gs_r_inverted"`  // paper bits of GS r mean the opposite
	StatusDLE   bool `toml:"status_dle_eot"` // DLE EOT is answered
	StatusASB   bool `toml:"status_asb"`     // GS a is answered
	ClearDC4    bool `toml:"clear_dle_dc4"`  // DLE DC4 fn 8 empties the buffers and answers 37 25 00
	BufferBytes int  `toml:"buffer_bytes"`   // receive buffer, bytes
	Reserve     int  `toml:"reserve_bytes"`  // what still fits after BUSY, bytes

	Cutter       string `toml:"cutter"`        // "" none, partial, full
	CutFeedDots  int    `toml:"cut_feed_dots"` // head to cutter
	RasterRows   int    `toml:"raster_rows"`   // most rows in one GS v 0 band
	RasterBytes  int    `toml:"raster_bytes"`  // most bytes in one band
	NativeQR     bool   `toml:"native_qr"`
	NativeCode   bool   `toml:"native_barcode"` // GS k form B with CODE128
	DrawerKick   bool   `toml:"drawer"`
	Buzzer       string `toml:"buzzer"` // "", esc_b, esc_paren_a
	PaperOut     string `toml:"on_paper_out"`
	PaperDotsPer int    `toml:"-"`
}
