package virtual

// A typesetter is all that sets text, codes and pictures, and what it keeps for that.
//
//	memory      what the host gave the printer to keep
//	page        lines, the sheet of page mode, and how they look
//	characters  bytes of text into characters
//	symbols     two-dimensional codes
//	pictures    pictures that are kept before they are printed
type typesetter struct {
	mem      memory
	page     page
	chars    characters
	symbols  symbols
	pictures pictures
}

// A memory is what the host gave the printer to keep.
type memory struct {
	ram   store // gone with ESC @ and power
	flash store // keeps
}

// build joins the parts.
func (t *typesetter) build(model *Model, buffer *printBuffer, census *census) {
	t.page = page{model: model, buffer: buffer, census: census, mem: &t.mem}
	t.reset()
}

// reset is what power-on does.
func (t *typesetter) reset() {
	p := &t.page
	*p = page{model: p.model, buffer: p.buffer, census: p.census, mem: &t.mem}
	t.mem = memory{flash: t.mem.flash}
	t.chars, t.symbols, t.pictures = characters{page: p, mem: &t.mem}, symbols{page: p}, pictures{page: p, mem: &t.mem}
	p.defaults()
}

// drop forgets the line and the sheet that are being set; settings stay (PG, DLE ENQ).
func (t *typesetter) drop() {
	t.page.closeSheet()
	t.page.line.clear()
	t.chars.lead, t.chars.four = 0, nil
}

// idle reports that nothing is set that is not given to the print buffer.
func (t *typesetter) idle() bool {
	return !t.chars.amidCharacter() && t.page.line.empty() && !t.page.sheet.wait
}
