package raster

import (
	"slices"

	"github.com/receiptd/receiptd/printer/profile"
)

// visual puts text into the order in which it is read from the left: each stretch from one right-to-left letter to the
// next is reversed, numbers and words in between keep their own order. The line itself runs from left to right. It
// returns rs itself when there is nothing to do.
func visual(rs []rune) []rune {
	first := slices.IndexFunc(rs, profile.RightToLeft)
	if first < 0 {
		return rs
	}
	out := slices.Clone(rs)
	for i := first; i < len(out); i++ {
		if !profile.RightToLeft(out[i]) {
			continue
		}
		end := stretch(out, i)
		slices.Reverse(out[i:end])
		restore(out[i:end])
		i = end
	}
	return out
}

// stretch ends behind the last right-to-left letter that no Latin letter parts from the one at i, or behind the bracket
// that closes one opened before it.
func stretch(rs []rune, i int) int {
	end, open := i+1, 0
	for j := i; j < len(rs) && !strong(rs[j]); j++ {
		switch {
		case profile.RightToLeft(rs[j]):
			end = j + 1
		case rs[j] == '(' || rs[j] == '[':
			open++
		case (rs[j] == ')' || rs[j] == ']') && open > 0:
			open--
			if end == j {
				end = j + 1
			}
		}
	}
	return end
}

func strong(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0xC0 && !profile.RightToLeft(r) && r != 0x20AC && r != 0x20AA
}

// restore turns numbers in a reversed stretch round again and mirrors brackets.
func restore(rs []rune) {
	for i := 0; i < len(rs); i++ {
		if m, ok := mirrored[rs[i]]; ok {
			rs[i] = m
		}
		if rs[i] < '0' || rs[i] > '9' {
			continue
		}
		j := i + 1
		for j < len(rs) && (rs[j] >= '0' && rs[j] <= '9' || j+1 < len(rs) && inNumber(rs[j]) && rs[j+1] >= '0' && rs[j+1] <= '9') {
			j++
		}
		slices.Reverse(rs[i:j])
		i = j - 1
	}
}

func inNumber(r rune) bool { return r == '.' || r == ',' || r == ':' || r == '/' }

var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '<': '>', '>': '<', '{': '}', '}': '{'}
