package receiptline

import (
	"strings"
	"unicode/utf8"
)

// Text returns the layout as plain text, one line for each row: rules as '-', boxes as '+', '-' and '|'. A magnified
// character is followed by blanks up to its width, a half cell is rounded up, blanks at the end of a row are left out.
// Images, codes, logos, cuts and commands have no text.
func (l *Layout) Text() string {
	var b strings.Builder
	b.Grow(len(l.Rows) * (l.Width + 8))
	measure := l.measure
	if measure == nil {
		measure = GB18030Width
	}
	var line []byte
	for i := range l.Rows {
		r := &l.Rows[i]
		switch r.Kind {
		case TextRow:
			line = r.appendText(line[:0], measure)
		case RuleRow:
			line = r.appendRule(line[:0])
		default:
			continue
		}
		for len(line) > 0 && line[len(line)-1] == ' ' {
			line = line[:len(line)-1]
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// pad appends blanks from cell at to cell x and returns the farther of the two.
func pad(line []byte, at, x int) ([]byte, int) {
	for ; at < x; at++ {
		line = append(line, ' ')
	}
	return line, at
}

// appendText draws the runs and bars of a row.
func (r *Row) appendText(line []byte, measure func(rune) int) []byte {
	at := 0 // cell
	bars := r.Bars
	bar := func(before int) {
		for len(bars) > 0 && bars[0] < before {
			line, at = pad(line, at, bars[0]/2)
			line = append(line, '|')
			at++
			bars = bars[1:]
		}
	}
	for _, run := range r.Runs {
		bar(run.X)
		line, at = pad(line, at, (run.X+1)/2)
		line = run.appendText(line, measure)
		at += run.Cells
	}
	bar(1 << 30)
	return line
}

// appendText appends the text of a run, each character followed by the blanks of its magnification.
func (run *Run) appendText(line []byte, measure func(rune) int) []byte {
	if run.Style.Width == 1 {
		return append(line, run.Text...)
	}
	for _, c := range run.Text {
		line = utf8.AppendRune(line, c)
		for range measure(c) * (run.Style.Width - 1) {
			line = append(line, ' ')
		}
	}
	return line
}

// appendRule draws a rule and its joints.
func (r *Row) appendRule(line []byte) []byte {
	line, at := pad(line, 0, r.Left/2)
	joints := r.Joints
	for end := at + r.Cells; at < end; at++ {
		if len(joints) > 0 && joints[0].X/2 == at {
			line = append(line, '+')
			joints = joints[1:]
		} else {
			line = append(line, '-')
		}
	}
	return line
}
