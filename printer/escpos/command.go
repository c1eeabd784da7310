package escpos

// The requests that make a printer say something, as bytes. None of them prints or moves paper, except where said.
const (
	// ReportAll switches automatic status back on for every group and asks for one frame at once. In order: it is
	// executed when it is parsed, so a printer that is offline says nothing. ESC @ switches it off again.
	// Epson programming guide, GS a, n = FF.
	ReportAll = "\x1da\xff"
	// AskPaper asks for one byte once the parser has come this far. It says nothing about paper that has moved, and
	// its paper bits are inverted on some printers: only that it was answered counts. Epson programming guide, GS r 1.
	AskPaper = "\x1dr\x01"
	// AskSerial asks for the serial number, a Words reply; in order, so a printer that is offline says nothing. Not every maker has
	// it (Citizen has none). Epson programming guide, GS I 68.
	AskSerial = "\x1dID"
	// GoOn leaves a recoverable error and resumes from the line where it happened, which may appear twice. Real-time,
	// not answered; ignored while there is no such error. Epson programming guide, DLE ENQ 1.
	GoOn = "\x10\x05\x01"
	// ClearBuffers throws away what was received but not printed, ends a recoverable error and is answered with a
	// Cleared reply. Real-time; nothing may be sent before the answer. Epson online reference, DLE DC4 fn 8.
	ClearBuffers = "\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
	// FeedAndCut feeds to the cutter and cuts; a printer without one only feeds. Epson programming guide, GS V 66 0.
	FeedAndCut = "\x1dVB\x00"
	// Reset puts the settings back to their defaults and drops the line being composed, not the receive buffer.
	// Epson programming guide, ESC @.
	Reset = "\x1b@"
)

// Select makes the printer take what follows, on a line that it shares with a customer display: whatever came after ESC = 2 went
// to the display only, without a sound. Real-time requests are obeyed in any case. Epson programming guide, ESC = n: bit 0 the
// printer, bit 1 the display.
const Select = "\x1b=\x01"

// AppendHandOver appends ESC = n: 2 gives the line to the display, 3 to both.
func AppendHandOver(dst []byte, n int) []byte { return append(dst, 0x1b, '=', byte(n)) }

// The questions of AppendStatus.
const (
	AskPrinter byte = 1 // online or offline
	AskOffline byte = 2 // why it is offline
	AskError   byte = 3 // which error
	AskRoll    byte = 4 // roll paper sensors
)

// AppendStatus appends the real-time question n (AskPrinter to AskRoll). It is answered with one byte, at once, also
// by a printer that is offline; the answer does not say to which question it belongs, so ask one at a time, and only
// between complete commands. Epson programming guide, DLE EOT n.
func AppendStatus(dst []byte, n byte) []byte {
	return append(dst, 0x10, 0x04, n)
}

// AppendFence appends the request to send id back when everything before it has been printed. Bytes of id must lie in
// 0x20-0x7E. It is answered with a Done reply. Epson programming guide, GS ( H fn 48.
func AppendFence(dst []byte, id [4]byte) []byte {
	return append(dst, 0x1d, '(', 'H', 6, 0, '0', '0', id[0], id[1], id[2], id[3])
}
