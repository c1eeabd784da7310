package plain

import "strings"

// Nearest gives the known word that a mistyped one most likely meant, "" where none is near. A word in another case is near.
func Nearest(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		d := changes(strings.ToLower(word), strings.ToLower(k))
		if d == 2 && len([]rune(word)) <= 4 { // half of it is another word
			continue
		}
		if d < least && d < len([]rune(word)) || d == least && best != "" && strings.HasPrefix(k, word) {
			best, least = k, d
		}
	}
	return best
}

// Meant asks whether another word was meant, in both languages; empty where none is near.
func Meant(word string, known []string) (zh, en string) {
	best := Nearest(word, known)
	if best == "" || best == word {
		return "", ""
	}
	return "（是不是 " + best + "？）", "; did you mean " + best + "?"
}

// changes counts the letters to be put in, taken out, changed or swapped with the next to make one word of another.
func changes(from, to string) int {
	a, b := []rune(from), []rune(to)
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(now[j-1]+1, last[j]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
