package job

import (
	"regexp"
	"strings"
	"unicode"
)

// redactRaw masks a file that is not JSON: every run of 13 digits or more, in figures or in words, and what follows a forbidden name.
func redactRaw(data []byte) []byte {
	s := strings.ToValidUTF8(string(data), "\uFFFD")
	s = named.ReplaceAllString(s, "${1}"+withheld)
	s = escapedBreaks.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + " " + m[len(m)-1:] })
	readings := []reading{{}, {plain: true}}
	if hanRow(s) {
		readings = append(readings, reading{plain: true, han: true})
	}
	for _, rd := range readings {
		s = star(s, longRuns(s, rd))
	}
	s, _ = MaskCardNumbers(s)
	return []byte(s)
}

// escapedBreaks are line breaks and tabulators between digits, written as in a JSON string: where the file is no JSON they look like
// letters.
var escapedBreaks = regexp.MustCompile(`[0-9](?:\\+[nrt]|[ ])*\\+[nrt](?:\\+[nrt]|[ ])*[0-9]`)

// longRuns gives the digits of all runs of minPAN digits or more, read generously: blanks, and up to maxGap other
// characters that are no letters, may stand between two digits, and what separates the fields of a magnetic track.
func longRuns(s string, rd reading) [][2]int {
	const maxGap = 4
	if !mayHold(s) {
		return nil
	}
	var hide [][2]int
	start, gap := 0, 0 // of the run in hide, and the marks since its last digit
	flush := func() {
		if len(hide)-start < minPAN {
			hide = hide[:start]
		}
		start, gap = len(hide), 0
	}
	for i := 0; i < len(s); {
		g := glyphAt(s[i:], rd)
		switch {
		case g.what == isDigit:
			for range len(g.value) {
				hide = append(hide, [2]int{i, i + g.n})
			}
			gap = 0
		case g.what == isMark && g.r != 'D' && unicode.IsLetter(g.r):
			flush()
		case g.what == isMark && g.r != '\n':
			if gap++; gap > maxGap {
				flush()
			}
		}
		i += g.n
	}
	flush()
	return hide
}
