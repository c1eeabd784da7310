package templates

import (
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
)

// withBody sets the document of a document job below the marks that its template made. The two are set apart from each
// other, so that a document can neither hide the marks nor be changed by them; after every cut inside the document the
// marks come again, since each piece of paper goes its own way.
func (s *Slip) withBody(in *Input, o receiptline.Options) (*Slip, error) {
	body := strings.TrimSuffix(in.Job.Document.ReceiptLine, "\n")
	o.Words = body == "" // a ReceiptLine source breaks as the language says
	if body == "" {
		body = blocksMarkup(in.Job.Document.Blocks, in.Width, in.Measure)
	}
	layout, diags := receiptline.Set(body, o)
	if receiptline.HasError(diags) {
		return nil, &Error{Template: s.Template, Diagnostics: diags}
	}
	out := &Slip{Source: s.Source + body, Template: s.Template, Warnings: diags, Layout: layout}
	layout.Rows = endInCut(layout.Rows)
	if s.Source == "" {
		return out, nil
	}
	out.Source = s.Source + "\n" + body
	out.Marks = s.Layout
	marks := s.Layout.Rows
	rows := append([]receiptline.Row{}, marks...)
	for i, row := range layout.Rows {
		rows = append(rows, row)
		if row.Kind == receiptline.CutRow && prints(layout.Rows[i+1:]) {
			rows = append(rows, marks...)
		}
	}
	layout.Rows = rows
	return out, nil
}

// endInCut makes the last cut the last row, and adds one where there is none: the next slip must not hang on this one.
func endInCut(rows []receiptline.Row) []receiptline.Row {
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].Kind == receiptline.CutRow && !prints(rows[i:]) {
			return rows[:i+1]
		}
	}
	return append(rows, receiptline.Row{Kind: receiptline.CutRow})
}

// prints reports whether rows hold anything to see.
func prints(rows []receiptline.Row) bool {
	for _, r := range rows {
		if r.Kind != receiptline.CutRow && (r.Kind != receiptline.TextRow || len(r.Runs) > 0) {
			return true
		}
	}
	return false
}

// scaleMarks are the ^ runs that enlarge text to 1 to 6 times in both directions.
var scaleMarks = [...]string{"", "", "^^^", "^^^^", "^^^^^", "^^^^^^", "^^^^^^^"}

// blocksMarkup writes blocks as ReceiptLine. Every text and every code's data is escaped; nothing in a block is markup.
func blocksMarkup(blocks []job.Block, width int, measure func(rune) int) string {
	var b strings.Builder
	for i := range blocks {
		writeBlock(&b, &blocks[i], width, measure)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func writeBlock(b *strings.Builder, k *job.Block, width int, measure func(rune) int) {
	switch k.Type {
	case job.BlockText:
		writeText(b, k, width, measure)
	case job.BlockColumns:
		writeColumns(b, k, width)
	case job.BlockRule:
		b.WriteString("---\n")
	case job.BlockQR:
		// The blank rows are the quiet zone, which scanners need: 4 modules on each side (ISO/IEC 18004).
		b.WriteString("\n{code:" + escapeValue(k.Data) + ";option:qrcode,4,m}\n\n")
	case job.BlockBarcode:
		b.WriteString("{code:" + escapeValue(k.Data) + ";option:" + symbology(k.Symbology) + ",2,72,hri}\n")
	case job.BlockFeed:
		b.WriteString(strings.Repeat("\n", min(max(k.Lines, 1), 20)))
	case job.BlockCut:
		b.WriteString("=\n")
	}
}

// symbology lets only names of the language through: the value of an option is never data.
func symbology(name string) string {
	switch name {
	case "upc", "ean", "jan", "code39", "itf", "codabar", "nw7", "code93":
		return name
	}
	return "code128"
}

func writeText(b *strings.Builder, k *job.Block, width int, measure func(rune) int) {
	scale := min(max(k.Scale, 1), 6)
	style := scaleMarks[scale]
	if k.Bold {
		style += `"`
	}
	text := wrap(measure, width/scale, blockText(k.Text))
	if text == "" {
		b.WriteByte('\n')
		return
	}
	text = style + escapeText(text)
	switch k.Align {
	case "center":
	case "right":
		text += "|"
	default:
		text = "|" + text
	}
	b.WriteString(text + "\n")
}

// blockText keeps a block's line breaks, empty lines too.
func blockText(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// writeColumns sets the first cells to the left and the last one to the right, in widths by weight.
func writeColumns(b *strings.Builder, k *job.Block, width int) {
	if len(k.Cells) == 0 {
		return
	}
	b.WriteString("{width:")
	for i, w := range shares(k, width-len(k.Cells)+1) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(w))
	}
	b.WriteString("}\n")
	last := len(k.Cells) - 1
	for i, cell := range k.Cells {
		if text := escapeText(cleanLines(cell)); i == last && i > 0 {
			b.WriteString("| " + text + "|")
		} else {
			b.WriteString("|" + text + " ")
		}
	}
	if last == 0 {
		b.WriteByte('|')
	}
	b.WriteString("\n{width:auto}\n")
}

// shares divides n cells among the columns, at least one each, what is left over to the first.
func shares(k *job.Block, n int) []int {
	weights := k.Weights
	sum := 0
	for _, w := range weights {
		sum += max(w, 1)
	}
	if len(weights) != len(k.Cells) {
		weights, sum = make([]int, len(k.Cells)), len(k.Cells)
	}
	out := make([]int, len(weights))
	rest := n
	for i, w := range weights {
		out[i] = max(n*max(w, 1)/sum, 1)
		rest -= out[i]
	}
	out[0] = max(out[0]+rest, 1)
	return out
}
