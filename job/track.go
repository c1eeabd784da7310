package job

import (
	"regexp"
	"slices"
	"strings"
)

// trackIn finds magnetic track data: track 1 in format B, and track 2 with its separator = or D, as ISO/IEC 7813 lays
// them out, and the EMV tags that hold the same. t is room to work in.
func trackIn(s string, t *tokens) (sight, bool) {
	if !mayHold(s) {
		return sight{}, false
	}
	if strings.Contains(s, "57") || strings.Contains(s, "6B") || strings.Contains(s, "6b") {
		if x, ok := emvTrack(s, &t.steps); ok {
			return x, true
		}
	}
	if !trackMarks(s) {
		return sight{}, false
	}
	readings := []reading{{}}
	if strings.ContainsAny(s, `\%`) {
		readings = append(readings, reading{plain: true})
	}
	for _, rd := range readings {
		t.read(s, rd)
		for i, g := range t.groups {
			rule, from := "", i
			switch {
			case g.n >= 12 && g.n <= maxPAN && g.before|0x20 == 'b' && g.after == '^':
				rule = "track1"
			case i+1 < len(t.groups):
				rule, from = t.track2(i)
			}
			if rule == "" {
				continue
			}
			last := t.groups[min(i+1, len(t.groups)-1)]
			if rule == "track1" {
				last = g
			}
			x := sight{rule: rule}
			x.from, x.to = t.bytes(t.groups[from].at, last.at+last.n)
			return x, true
		}
	}
	return sight{}, false
}

// trackMarks reports whether a text could hold what divides the fields of a track.
func trackMarks(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '=', c == '^', c|0x20 == 'd', c == '\\', c == '%', c >= 0xEA, 0xC2 <= c && c <= 0xE3:
			return true
		}
	}
	return false
}

// track2 reports whether group i is the number of a track 2 and the next one its expiry and service code; from is the
// number's first group, which may be written in groups.
func (t *tokens) track2(i int) (rule string, from int) {
	g, next := t.groups[i], t.groups[i+1]
	if next.n < 4 || next.joint != '=' && next.joint|0x20 != 'd' {
		return "", 0
	}
	if month := number(t.of(next)[2:4]); month < 1 || month > 12 {
		return "", 0
	}
	switch {
	case g.n > maxPAN:
	case g.n >= 12 && next.joint == '=' && (g.before == ';' || g.n >= minPAN && luhn(t.of(g))):
		return "track2", i
	case g.n >= minPAN && !latin(g.before) && schemeOf(t.of(g)) != "":
		return "track2", i
	case g.n < 12:
		for _, forms := range groupings {
			for _, sizes := range forms {
				lo := i + 1 - len(sizes)
				if lo < 0 || g.n != sizes[len(sizes)-1] {
					continue
				}
				f := finder{tokens: t}
				if f.sizes(lo, i+1, sizes) && schemeOf(t.digits[t.groups[lo].at:g.at+g.n]) != "" {
					return "track2", lo
				}
			}
		}
	}
	return "", 0
}

// A hexRun is a row of hexadecimal digits, perhaps with blanks between its bytes.
type hexRun struct {
	digits string
	at     []int // where each stands
}

// hexRuns gives the rows of a text that may hold a card number in an EMV tag: tag, length and eight bytes at least.
func hexRuns(s string, yield func(hexRun)) {
	const least = 2 + 2 + 14
	for i := 0; i < len(s); {
		if !hexDigit(s[i]) {
			i++
			continue
		}
		r := hexRun{}
		var b []byte
		for ; i < len(s) && (hexDigit(s[i]) || s[i] == ' ' && i+1 < len(s) && hexDigit(s[i+1])); i++ {
			if s[i] != ' ' {
				b, r.at = append(b, upperHex(s[i])), append(r.at, i)
			}
		}
		if r.digits = string(b); len(b) >= least {
			yield(r)
		}
	}
}

func upperHex(c byte) byte {
	if c >= 'a' {
		return c - 0x20
	}
	return c
}

// tags calls yield for each tag of a row that is BER-TLV from its first to its last digit (EMV book 3, annex B).
func (r hexRun) tags(from, to, depth int, yield func(tag string, from, to int)) bool {
	for from < to {
		at := from
		if from += 2; from > to {
			return false
		}
		first := hexByte(r.digits[at:])
		if first&0x1F == 0x1F {
			if from += 2; from > to || hexByte(r.digits[from-2:])&0x80 != 0 {
				return false
			}
		}
		tag := r.digits[at:from]
		if from+2 > to {
			return false
		}
		n := hexByte(r.digits[from:])
		from += 2
		if n == 0x81 && from+2 <= to {
			n = hexByte(r.digits[from:])
			from += 2
		} else if n > 0x7F {
			return false
		}
		if first == 0 || from+2*n > to {
			return false
		}
		if first&0x20 == 0 || depth > 4 || !r.tags(from, from+2*n, depth+1, yield) {
			yield(tag, from, from+2*n)
		}
		from += 2 * n
	}
	return true
}

func hexByte(s string) int {
	v := func(c byte) int {
		if c <= '9' {
			return int(c - '0')
		}
		return int(c-'A') + 10
	}
	return v(s[0])<<4 | v(s[1])
}

// pan gives the card number at the head of a tag's value, and what follows it.
func (r hexRun) pan(from, to int) (d []digit, rest string) {
	for i := from; i < to && r.digits[i] <= '9'; i++ {
		d = append(d, digit{r.digits[i] - '0', int32(r.at[i]), int32(r.at[i] + 1)})
	}
	return d, r.digits[from+len(d) : to]
}

// emvTrack finds the tags 57 and 9F6B: track 2 of the chip.
func emvTrack(s string, steps *int) (x sight, ok bool) {
	hexRuns(s, func(r hexRun) {
		*steps += len(r.digits)
		var list [][2]int
		if !r.tags(0, len(r.digits), 0, func(tag string, from, to int) {
			if tag == "57" || tag == "9F6B" {
				list = append(list, [2]int{from, to})
			}
		}) {
			return
		}
		for _, v := range list {
			if d, rest := r.pan(v[0], v[1]); !ok && strings.HasPrefix(rest, "D") && schemeOf(d) != "" {
				x, ok = sight{rule: "track2", from: r.at[v[0]], to: r.at[v[1]-1] + 1}, true
			}
		}
	})
	return x, ok
}

// emvNumbers finds the tag 5A: the card number.
func emvNumbers(s string, steps *int) []sight {
	var out []sight
	hexRuns(s, func(r hexRun) {
		*steps += len(r.digits)
		var list [][2]int
		if !r.tags(0, len(r.digits), 0, func(tag string, from, to int) {
			if tag == "5A" {
				list = append(list, [2]int{from, to})
			}
		}) {
			return
		}
		for _, v := range list {
			d, rest := r.pan(v[0], v[1])
			name := schemeOf(d)
			if name == "" || strings.Trim(rest, "F") != "" {
				continue
			}
			x := sight{rule: "emv", scheme: name, from: int(d[0].from), to: int(d[len(d)-1].to), firm: true}
			for _, one := range d[:len(d)-4] {
				x.hide = append(x.hide, [2]int{int(one.from), int(one.to)})
			}
			out = append(out, x)
		}
	})
	slices.SortStableFunc(out, func(a, b sight) int { return a.from - b.from })
	return out
}

// named matches the names of forbidden fields with what follows, in a file that is not JSON.
var named = regexp.MustCompile(`(?i)((?:track[ _-]?[123]?(?:[ _-]?data)?|magstripe|cvv2?|cvc2?|cvn2?|cav2|cid|pin(?:[ _-]?block)?)["']?\s*[:=]\s*)("[^"\n]*"?|[^\s,;}]+)`)
