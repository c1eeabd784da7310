package job

import (
	"slices"
	"strings"
)

// findPANs gives the parts [from, to) of a run of digits that are card numbers, merged where they overlap.
//
// A number that fills whole groups counts when it has 13 to 19 digits, begins with 2 to 6 or 9 and passes the Luhn
// check (ISO/IEC 7812-1). One that begins or ends inside a group must also have the prefix and length of a known
// scheme: one in ten random numbers passes Luhn, and long order numbers are made of many candidates. In a loose reading,
// where times, amounts and the cells of a row run into each other, it must have both and be grouped as on a card.
func findPANs(run []digit, rd reading) [][2]int {
	var found [][2]int
	for from := 0; from+minPAN <= len(run); from++ {
		if first := run[from].v; (first < 2 || first > 6) && first != 9 {
			continue
		}
		for n := minPAN; n <= maxPAN && from+n <= len(run); n++ {
			if !luhn(run[from : from+n]) {
				continue
			}
			d := run[from : from+n]
			whole := d[0].first && (from+n == len(run) || run[from+n].first)
			if whole && dated(d) || !whole && !scheme(d) || inIdentifier(run, from, n, rd.known) {
				continue
			}
			if rd.loose && (!whole || !scheme(d) || !cardGroups(d)) {
				continue
			}
			if k := len(found) - 1; k >= 0 && from < found[k][1] {
				found[k][1] = max(found[k][1], from+n)
			} else {
				found = append(found, [2]int{from, from + n})
			}
		}
	}
	return found
}

// luhn checks the last digit (ISO/IEC 7812-1, annex B).
func luhn(d []digit) bool {
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i].v)
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// number reads n digits.
func number(d []digit, from, n int) int {
	v := 0
	for _, x := range d[from : from+n] {
		v = v*10 + int(x.v)
	}
	return v
}

// A prefix is one range of issuer numbers of a scheme, with the lengths it issues.
type prefix struct {
	digits, low, high int
	minLen, maxLen    int
}

// schemes are the ranges in use, as their owners publish them (ISO/IEC 7812-1 gives the first digits out).
var schemes = []prefix{
	{1, 4, 4, 13, 13}, {1, 4, 4, 16, 16}, {1, 4, 4, 19, 19}, // Visa
	{2, 51, 55, 16, 16}, {4, 2221, 2720, 16, 16}, // Mastercard
	{2, 34, 34, 15, 15}, {2, 37, 37, 15, 15}, // American Express
	{2, 62, 62, 16, 19},                                                                      // UnionPay
	{4, 6011, 6011, 16, 19}, {3, 644, 649, 16, 19}, {2, 65, 65, 16, 19}, {2, 60, 60, 16, 16}, // Discover, RuPay
	{4, 3528, 3589, 16, 19},                                         // JCB
	{3, 300, 305, 14, 14}, {2, 36, 36, 14, 14}, {2, 38, 39, 14, 14}, // Diners Club
	{2, 50, 50, 13, 19}, {2, 56, 58, 13, 19}, {2, 67, 67, 13, 19}, {2, 63, 63, 13, 19}, // Maestro
	{4, 2200, 2204, 16, 19}, // Mir
}

// scheme reports whether a number has the prefix and the length of a known scheme.
func scheme(d []digit) bool {
	for _, p := range schemes {
		if len(d) >= p.minLen && len(d) <= p.maxLen {
			if v := number(d, 0, p.digits); p.low <= v && v <= p.high {
				return true
			}
		}
	}
	return false
}

// dated reports whether a number begins with a date and time of this century, as time stamps and order numbers do
// (20260811123456): no scheme issues cards with the prefix 20.
func dated(d []digit) bool {
	if number(d, 0, 2) != 20 {
		return false
	}
	month, day := number(d, 4, 2), number(d, 6, 2)
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	return len(d) < 14 || number(d, 8, 2) < 24 && number(d, 10, 2) < 60 && number(d, 12, 2) < 61
}

// inIdentifier reports whether a candidate lies within one group that is a known number, or that looks like the
// transaction number of a payment channel: 28 digits, WeChat's beginning with 4200 or 1000, Alipay's with the date.
func inIdentifier(run []digit, from, n int, known []string) bool {
	start, end := from, from+n
	for !run[start].first {
		start--
	}
	for end < len(run) && !run[end].first {
		end++
	}
	group := run[start:end]
	text := make([]byte, len(group))
	for i, d := range group {
		if i > 0 && d.first {
			return false
		}
		text[i] = '0' + d.v
	}
	if slices.Contains(known, string(text)) {
		return true
	}
	if len(group) != 28 {
		return false
	}
	head := number(group, 0, 4)
	return head == 4200 || head == 1000 || dated(group[:8])
}

// maskPANs puts asterisks for the digits of each card number in s, its last four excepted, and reports how many it found.
func maskPANs(s string, rd reading) (string, int) {
	count := 0
	for range 8 {
		hide := panSpans(s, rd)
		if len(hide) == 0 {
			return s, count
		}
		count = max(count, 1)
		s = star(s, hide)
	}
	return maskRuns(s, rd), count
}

// panSpans gives the bytes of s to hide, in order. It is read strictly and loosely, and what looks like an escape both
// ways: it may be one for the printer and mere text for a person.
func panSpans(s string, rd reading) [][2]int {
	var hide [][2]int
	collect := func(run []digit) {
		for _, p := range findPANs(run, rd) {
			for _, d := range run[p[0] : p[1]-4] {
				hide = append(hide, [2]int{d.from, d.to})
			}
		}
	}
	escaped := strings.ContainsAny(s, `\%`)
	for _, rd.loose = range []bool{false, true} {
		rd.plain = false
		before := len(hide)
		runs(s, rd, collect)
		if len(hide) == before && escaped {
			rd.plain = true
			runs(s, rd, collect)
		}
	}
	slices.SortFunc(hide, func(a, b [2]int) int { return a[0] - b[0] })
	return hide
}

// maskRuns hides every run of 13 digits or more.
func maskRuns(s string, rd reading) string {
	for _, rd.plain = range []bool{false, true} {
		var hide [][2]int
		runs(s, rd, func(run []digit) {
			for _, d := range run {
				hide = append(hide, [2]int{d.from, d.to})
			}
		})
		s = star(s, hide)
	}
	return s
}

// star puts one asterisk for each span; spans that begin alike are one.
func star(s string, hide [][2]int) string {
	if len(hide) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, h := range hide {
		if h[0] < at {
			continue
		}
		b.WriteString(s[at:h[0]])
		b.WriteByte('*')
		at = h[1]
	}
	b.WriteString(s[at:])
	return b.String()
}

// MaskCardNumbers hides all but the last four digits of each card number in a text that comes from outside, a file name
// say, and reports whether there was one.
func MaskCardNumbers(s string) (string, bool) {
	m, n := maskPANs(s, reading{lines: true})
	return m, n > 0
}

// isCardNumber reports whether a job_id holds a card number: a whole run of 13 to 19 digits, written together or in the
// groups of a card (4-4-4-4, 4-6-5). Other groups are common in a job_id (counter, batch, voucher) and mean nothing.
func isCardNumber(id string) bool {
	hit := false
	runs(id, reading{}, func(run []digit) {
		for from := range run {
			if !run[from].first {
				continue
			}
			for end := from + minPAN; end <= len(run) && end <= from+maxPAN; end++ {
				if end < len(run) && !run[end].first {
					continue
				}
				d := run[from:end]
				hit = hit || luhn(d) && issued(d) && !dated(d) && cardGroups(d)
			}
		}
	})
	return hit
}

// issued reports whether a number may be a card's by its first two digits.
func issued(d []digit) bool {
	switch d[0].v {
	case 2:
		return 2 <= d[1].v && d[1].v <= 7
	case 3, 4, 5, 6, 9:
		return true
	}
	return false
}

// cardGroups reports whether digits are grouped as on a card, or not at all.
func cardGroups(d []digit) bool {
	sizes := []int{0}
	for i, x := range d {
		if i > 0 && x.first {
			sizes = append(sizes, 0)
		}
		sizes[len(sizes)-1]++
	}
	last := len(sizes) - 1
	if last == 0 || last == 2 && sizes[0] == 4 && sizes[1] == 6 {
		return true
	}
	for _, n := range sizes[:last] {
		if n != sizes[0] || n > 4 {
			return false
		}
	}
	return sizes[last] <= sizes[0]
}

// digitsOf gives the one run of digits of an identifier such as mt-5415221202244734, "" when there are several.
func digitsOf(id string) string {
	fields := strings.FieldsFunc(id, func(r rune) bool { return r < '0' || r > '9' })
	long := ""
	for _, f := range fields {
		if len(f) < minPAN {
			continue
		}
		if long != "" {
			return ""
		}
		long = f
	}
	return long
}
