package raster

import (
	"iter"
	"slices"

	"github.com/go-text/typesetting/bidi"
	xbidi "golang.org/x/text/unicode/bidi"

	"github.com/receiptd/receiptd/printer/profile"
)

// A segment is a stretch of a line's characters, in the order in which they are written, all of one direction.
type segment struct {
	from, to int  // the characters [from, to) of the line
	rtl      bool // they run from right to left
}

// order gives the segments of a line from left to right, as the Unicode Bidirectional Algorithm (UAX #9) shows it in a
// paragraph that runs from right to left (rtl) or from left to right. A line without right-to-left letters is one segment.
func order(line []rune, rtl bool) []segment {
	if !rtl && !slices.ContainsFunc(line, profile.RightToLeft) {
		return []segment{{0, len(line), false}}
	}
	levels := levelsOf(line, rtl)
	var out []segment
	for from := 0; from < len(line); {
		to := from + 1
		for to < len(line) && levels[to] == levels[from] {
			to++
		}
		out = append(out, segment{from, to, levels[from]%2 == 1})
		from = to
	}
	for level := uint8(2); level > 0; level-- { // rule L2
		for i := 0; i < len(out); i++ {
			end := i
			for end < len(out) && levels[out[end].from] >= level {
				end++
			}
			slices.Reverse(out[i:end])
			i = max(i, end)
		}
	}
	return out
}

// levelsOf gives the embedding level of each character. The library tells stretches of one direction but, of those from left to
// right, not which part of them is on level 0 and which on 2; without explicit embeddings, which are taken out of every text, there
// are no others. In a paragraph from left to right it is the numbers that are on level 2 (rule I1): see numbers.
func levelsOf(line []rune, rtl bool) []uint8 {
	levels := make([]uint8, len(line))
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	var p bidi.Paragraph
	runs := p.Segment(line, base)
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		switch {
		case !r.IsLeftToRight():
			for k := r.Start; k < r.End; k++ {
				levels[k] = 1
			}
		case rtl:
			for k := r.Start; k < r.End; k++ {
				levels[k] = 2
			}
		default:
			numbers(line, levels, r.Start, r.End)
		}
	}
	return levels
}

// numbers puts those numbers in line[from:to] on level 2 that are not part of left-to-right text. A European digit is read by the
// letter before it: behind Arabic it is an Arabic number (rule W2), behind Hebrew a number, else text (W7). A single separator
// between digits belongs to them (W4), and so does a sign beside European ones (W5).
func numbers(line []rune, levels []uint8, from, to int) {
	kind := make([]xbidi.Class, to-from+1) // EN or AN for digits on level 2; one more that is nothing
	strong := strongBefore(line, from)
	for i := from; i < to; i++ {
		switch class := classOf(line[i]); class {
		case xbidi.L, xbidi.R, xbidi.AL:
			strong = class
		case xbidi.AN:
			kind[i-from] = xbidi.AN
		case xbidi.EN:
			switch strong {
			case xbidi.AL:
				kind[i-from] = xbidi.AN
			case xbidi.R:
				kind[i-from] = xbidi.EN
			}
		case xbidi.NSM:
			if i > from {
				kind[i-from] = kind[i-from-1]
			}
		}
	}
	for i := 1; i < to-from; i++ { // W4
		class, before, after := classOf(line[from+i]), kind[i-1], kind[i+1]
		if before == after && (before == xbidi.EN && (class == xbidi.ES || class == xbidi.CS) || before == xbidi.AN && class == xbidi.CS) {
			kind[i] = before
		}
	}
	signs := func(i, step int) { // W5
		for ; i >= 0 && i < to-from && classOf(line[from+i]) == xbidi.ET; i += step {
			kind[i] = xbidi.EN
		}
	}
	for i := range to - from {
		if kind[i] == xbidi.EN && classOf(line[from+i]) != xbidi.ET {
			signs(i-1, -1)
			signs(i+1, 1)
		}
	}
	for i := range to - from {
		if kind[i] == xbidi.EN || kind[i] == xbidi.AN {
			levels[from+i] = 2
		}
	}
}

// strongBefore is the class of the last letter before a place; at the line's beginning, L.
func strongBefore(line []rune, at int) xbidi.Class {
	for i := at - 1; i >= 0; i-- {
		if class := classOf(line[i]); class == xbidi.L || class == xbidi.R || class == xbidi.AL {
			return class
		}
	}
	return xbidi.L
}

func classOf(r rune) xbidi.Class {
	p, _ := xbidi.LookupRune(r)
	return p.Class()
}

// mirrored are the characters that show their mirror image in text from right to left (UAX #9, rule L4), as far as the built-in
// fonts have them.
var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '<': '>', '>': '<', '{': '}', '}': '{', '«': '»', '»': '«',
	'‹': '›', '›': '‹', '（': '）', '）': '（', '【': '】', '】': '【', '《': '》', '》': '《', '「': '」', '」': '「', '≤': '≥', '≥': '≤'}

// shown gives the characters of a segment from left to right, each with its place in the line; a mark follows the letter it
// stands on.
func (s segment) shown(line []rune) iter.Seq2[int, rune] {
	return func(yield func(int, rune) bool) {
		if !s.rtl {
			for i := s.from; i < s.to; i++ {
				if !yield(i, line[i]) {
					return
				}
			}
			return
		}
		for end := s.to; end > s.from; {
			from := end - 1
			for from > s.from && classOf(line[from]) == xbidi.NSM {
				from--
			}
			for i := from; i < end; i++ {
				r := line[i]
				if m, ok := mirrored[r]; ok {
					r = m
				}
				if !yield(i, r) {
					return
				}
			}
			end = from
		}
	}
}

// LeftToRight gives the characters of a text as they are seen, from left to right, in a paragraph that runs from right to left
// (rtl) or from left to right. Brackets are not mirrored.
func LeftToRight(s string, rtl bool) string {
	line := []rune(s)
	var out []rune
	for _, g := range order(line, rtl) {
		part := slices.Clone(line[g.from:g.to])
		if g.rtl {
			slices.Reverse(part)
		}
		out = append(out, part...)
	}
	return string(out)
}
