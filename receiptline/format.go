package receiptline

import "strings"

// A format is what property lines have set and following lines obey.
type format struct {
	wrap   bool
	small  bool  // font:small
	lines  bool  // border:line
	border int   // blank cells between columns; 1 with lines
	align  Align // of a line narrower than the paper
	widths []width
	option Code
}

// A width is one visible column of a width list.
type width struct {
	index int // of the column in the line
	cells int // or star
}

// maxColumns is more columns than the widest paper has room for; maxWidth more cells. Bounding a width changes nothing: a
// column shrinks below that before any narrower one does.
const (
	maxColumns = 100
	maxWidth   = 100
)

// initialFormat is the format at the start of a document.
func initialFormat() format {
	return format{
		wrap: true, border: 1, align: AlignCenter,
		option: Code{Symbology: "code128", Module: 2, Height: 72, Level: 'l'},
	}
}

// area returns where rules, images, codes stand: the left edge and the width, in cells.
func (f *format) area(paper int) (left, cells int) {
	if f.widths == nil {
		return 0, paper
	}
	n := 0
	for _, w := range f.widths {
		if w.cells == star {
			return 0, paper
		}
		cells += w.cells
		n++
	}
	if f.lines && n > 0 {
		cells += n + 1
	} else if n > 0 {
		cells += (n - 1) * f.border
	}
	cells = min(cells, paper)
	return (paper - cells) * f.align.halves() / 2, cells
}

// list splits a list property at each comma and at each run of white space. The items are good until the next call.
func (s *setter) list(value string) []string {
	s.items = appendList(s.items[:0], strings.ToLower(value))
	return s.items
}

func appendList(items []string, s string) []string {
	from := 0
	for i := 0; i < len(s); {
		switch {
		case s[i] == ',':
			items = append(items, s[from:i])
			i++
			from = i
		case isBlank(s[i]):
			items = append(items, s[from:i])
			for i < len(s) && isBlank(s[i]) {
				i++
			}
			from = i
		default:
			i++
		}
	}
	return append(items, s[from:])
}

// number reads a whole number, no larger than most; ok is false if s is not all digits.
func number(s string, most int) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(s[i]-'0'), most)
	}
	return n, s != ""
}

// properties applies a property line, then prints what it holds: the end of a box, image, logo, code, command, in that order
// whatever the order in the source.
func (s *setter) properties() {
	var image, code, command, logo *Property
	boxed := s.format.lines
	props := s.line.Properties
	for i := range props {
		switch p := &props[i]; p.Key {
		case "text":
			s.format.wrap = strings.ToLower(p.Value) != "nowrap"
			if v := strings.ToLower(p.Value); v != "wrap" && v != "nowrap" {
				s.report(Warning, "unknown_value", p.off, p.Key, p.Value, "wrap")
			}
		case "font":
			s.font(p)
		case "border":
			s.border(p)
		case "width":
			s.widths(p)
		case "align":
			s.align(p)
		case "option":
			s.option(p)
		case "image":
			image = p
		case "code":
			code = p
		case "command":
			command = p
		case "logo":
			logo = p
		}
	}
	if s.format.lines && !boxed {
		s.box = boxArmed
	}
	if boxed && !s.format.lines {
		if s.box != boxArmed {
			s.closeBox()
		}
		s.box = boxNone
	}
	if image != nil {
		s.image(image)
	}
	if logo != nil && s.o.Logos {
		s.logo(logo)
	}
	if code != nil {
		s.code(code)
	}
	if command != nil && s.o.Commands {
		left, cells := s.format.area(s.o.Width)
		s.row(Row{Kind: CommandRow, Height: 1, Left: 2 * left, Cells: cells, Align: s.line.Align, Raw: rawBytes(command.Value)})
	}
}

// rawBytes takes each character of a command as one byte; characters above U+00FF are no bytes and are left out.
func rawBytes(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r < 0x100 {
			b = append(b, byte(r))
		}
	}
	return b
}

// font chooses the size of letters: font:small or font:normal. It is ours; the reference implementation does not know it.
func (s *setter) font(p *Property) {
	v := strings.ToLower(p.Value)
	s.format.small = v == "small" && !s.o.Lax
	if v != "small" && v != "normal" {
		s.report(Warning, "unknown_value", p.off, p.Key, p.Value, "normal")
	}
}

func (s *setter) border(p *Property) {
	s.format.lines, s.format.border = false, 1
	switch v := strings.ToLower(p.Value); v {
	case "line":
		s.format.lines = true
	case "space":
	case "none":
		s.format.border = 0
	default:
		if n, ok := number(v, 3); ok && n <= 2 {
			s.format.border = n
		} else {
			s.report(Warning, "unknown_value", p.off, p.Key, p.Value, "space")
		}
	}
}

func (s *setter) align(p *Property) {
	switch strings.ToLower(p.Value) {
	case "left":
		s.format.align = AlignLeft
	case "right":
		s.format.align = AlignRight
	case "center":
		s.format.align = AlignCenter
	default:
		s.format.align = AlignCenter
		s.report(Warning, "unknown_value", p.off, p.Key, p.Value, "center")
	}
}

func (s *setter) widths(p *Property) {
	items := s.list(p.Value)
	for _, item := range items {
		if item == "auto" {
			s.format.widths = nil
			return
		}
	}
	s.format.widths = s.listed[:0]
	for i, item := range items {
		w, ok := number(item, maxWidth)
		switch {
		case item == "*":
			w = star
		case item == "":
			s.report(Warning, "width_gap", p.off)
		case !ok:
			s.report(Error, "bad_width", p.off, item)
		}
		if w != 0 && len(s.format.widths) < maxColumns {
			s.format.widths = append(s.format.widths, width{i, w})
		}
	}
	s.listed = s.format.widths
}
