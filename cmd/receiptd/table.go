package main

import (
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// A table is rows of cells for people, aligned by display width: a Chinese character is as wide as two letters.
type table struct {
	rows  [][]string
	right map[int]bool // columns of numbers
}

// newTable begins a table with its head.
func newTable(head ...string) *table { return &table{rows: [][]string{head}, right: map[int]bool{}} }

// numbers aligns columns to the right.
func (t *table) numbers(columns ...int) *table {
	for _, c := range columns {
		t.right[c] = true
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write writes the table, each line after indent. The last column is not filled up.
func (t *table) write(w io.Writer, indent string) {
	var wide []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], cells(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		line := indent
		for i, cell := range row {
			fill := strings.Repeat(" ", wide[i]-cells(cell))
			if i > 0 {
				line += "  "
			}
			if t.right[i] {
				line += fill + cell
			} else {
				line += cell + fill
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, _ = io.WriteString(w, b.String()) // a closed pipe is the reader's wish
}

// cells is how many columns of a terminal a text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wideRune(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wideRune(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}
