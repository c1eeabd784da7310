package templates

import (
	"fmt"
	"slices"

	"github.com/receiptd/receiptd/receiptline"
)

// frame puts the words of an electronic copy above and below the slip, and above each further piece of a document that is cut in
// several. No template can leave them out: whoever prints the file, or a part of it, has a copy that says so.
func (s *Slip) frame(in *Input) error {
	text := electronicFrame(in)
	o := receiptline.Options{Width: in.Width, Small: in.Small, Measure: in.Measure, Words: true}
	layout, diags := receiptline.Set(text, o)
	if receiptline.HasError(diags) {
		return &Error{Template: s.Template, Diagnostics: diags}
	}
	marks := layout.Rows
	rows := slices.Clone(marks)
	for i, row := range s.Layout.Rows {
		if row.Kind == receiptline.CutRow && !prints(s.Layout.Rows[i:]) {
			break
		}
		rows = append(rows, row)
		if row.Kind == receiptline.CutRow {
			rows = append(rows, marks...)
		}
	}
	rows = append(append(rows, marks...), receiptline.Row{Kind: receiptline.CutRow})
	framed := *s.Layout // a layout may be shared
	framed.Rows = rows
	s.Layout, s.Source = &framed, text+"\n"+s.Source+"\n"+text
	return nil
}

// electronicFrame says in both languages that this is a file, which one of its job, when it was made and for whom; of one of the archive,
// when its paper came out.
func electronicFrame(in *Input) string {
	m := &in.Mark
	r := renderer{zone: slipZone(in.Job, in.Shop.Zone)}
	if !m.Filed.IsZero() { // who asked for the paper stands on the slip itself
		return "---\n^^\"电子存根/ELECTRONIC COPY\n" + escapeText("存档 ON FILE "+r.stamp(m.Filed)) + "\n---"
	}
	asked := "(" + fmt.Sprint(m.Electronic) + ") " + r.stamp(m.At)
	if who := clean(m.Operator); who != "" {
		asked += " " + who
	}
	text := "---\n^^\"电子存根/ELECTRONIC COPY\n" + escapeText(asked) + "\n"
	if m.Archive != "" {
		text += escapeText("案号 CASE NO "+clean(m.Archive)) + "\n"
	}
	return text + "---"
}
