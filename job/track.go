package job

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// track matches magnetic track data: track 1 in format B, and track 2 with its separator = or D, as ISO/IEC 7813 lays
// them out.
var track = regexp.MustCompile(`B[0-9]{12,19}\^|[0-9]{12,19}[=D][0-9]{4}`)

// hasTrack reports whether a text holds track data.
func hasTrack(s string) bool {
	return mayHold(s) && strings.ContainsAny(fold(s), "=D^") && track.MatchString(fold(s))
}

// fold brings the ways to write a character to one (NFKC) and drops what cannot be seen.
func fold(s string) string {
	clean := true
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if v, ok := decimal(r); ok {
			return rune(v)
		}
		if unicode.In(r, unicode.M, unicode.C) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

// named matches the names of forbidden fields with what follows, in a file that is not JSON.
var named = regexp.MustCompile(`(?i)((?:track[ _-]?[123]?(?:[ _-]?data)?|magstripe|cvv2?|cvc2?|cvn2?|cav2|cid|pin(?:[ _-]?block)?)["']?\s*[:=]\s*)("[^"\n]*"?|[^\s,;}]+)`)

// redactRaw masks a file that is not JSON: every run of 13 digits or more, and what follows a forbidden name.
func redactRaw(data []byte) []byte {
	s := strings.ToValidUTF8(string(data), "\uFFFD")
	s = named.ReplaceAllString(s, "${1}"+withheld)
	s, _ = maskPANs(maskRuns(s, reading{lines: true, any: true}), reading{lines: true})
	return []byte(s)
}
