package job

// A scheme is one range of issuer numbers with the lengths that are issued there.
type scheme struct {
	name      string
	digits    int // how many digits low and high have
	low, high int
	lengths   []int
	source    string
}

// schemes are the ranges in use, as their owners publish them (ISO/IEC 7812-1 gives the first digits out). All of them
// end in the check digit of ISO/IEC 7812-1, annex B (Luhn). UnionPay's do in practice (payment libraries that once exempted
// them check them too); old numbers without one are found by their agreement with the job's own masked_pan.
var schemes = func() []scheme {
	const (
		visa     = "Visa Core Rules; ISO/IEC 7812-1 (13 digits: cards of the first years)"
		mc       = "Mastercard Rules, BIN series 51-55 and 2221-2720"
		amex     = "American Express merchant guide"
		cup      = "ISO/IEC 7812 register: all of 62 is UnionPay's; Discover Network IIN ranges (810-817)"
		oldCUP   = "savings cards older than the 62 range that are still in use (ICBC 9558, ABC 9559)"
		discover = "Discover Network IIN ranges"
		rupay    = "NPCI RuPay BIN ranges"
		maestro  = "Mastercard Rules, Maestro BIN ranges"
		mir      = "NSPK, Mir BIN range"
	)
	return []scheme{
		{"Visa", 1, 4, 4, []int{13, 16, 19}, visa},
		{"Mastercard", 2, 51, 55, []int{16}, mc}, {"Mastercard", 4, 2221, 2720, []int{16}, mc},
		{"American Express", 2, 34, 34, []int{15}, amex}, {"American Express", 2, 37, 37, []int{15}, amex},
		{"UnionPay", 2, 62, 62, []int{16, 17, 18, 19}, cup}, {"UnionPay", 4, 8100, 8171, []int{16, 17, 18, 19}, cup},
		{"UnionPay", 4, 9558, 9559, []int{19}, oldCUP},
		{"JCB", 4, 3528, 3589, []int{16, 17, 18, 19}, discover},
		{"Diners Club", 3, 300, 305, []int{14, 16}, discover}, {"Diners Club", 4, 3095, 3095, []int{14, 16}, discover},
		{"Diners Club", 2, 36, 36, []int{14, 16}, discover}, {"Diners Club", 2, 38, 39, []int{14, 16}, discover},
		{"Discover", 4, 6011, 6011, []int{16, 17, 18, 19}, discover}, {"Discover", 3, 644, 649, []int{16, 17, 18, 19}, discover},
		{"Discover", 2, 65, 65, []int{16, 17, 18, 19}, discover},
		{"RuPay", 2, 60, 60, []int{16}, rupay}, {"RuPay", 2, 82, 82, []int{16}, rupay},
		{"Maestro", 2, 50, 50, []int{16, 17, 18, 19}, maestro}, {"Maestro", 2, 56, 58, []int{16, 17, 18, 19}, maestro},
		{"Maestro", 2, 63, 63, []int{16, 17, 18, 19}, maestro}, {"Maestro", 2, 67, 67, []int{16, 17, 18, 19}, maestro},
		{"Mir", 4, 2200, 2204, []int{16, 17, 18, 19}, mir},
	}
}()

// byLength holds the schemes that issue numbers of a length.
var byLength = func() (by [maxPAN + 1][]scheme) {
	for _, s := range schemes {
		for _, n := range s.lengths {
			by[n] = append(by[n], s)
		}
	}
	return by
}()

// schemeOf names the scheme whose prefix and length a number has, and whose check digit; "" for none.
func schemeOf(d []digit) string {
	if len(d) < minPAN || len(d) > maxPAN {
		return ""
	}
	for _, s := range byLength[len(d)] {
		if v := number(d[:s.digits]); s.low <= v && v <= s.high {
			if luhn(d) {
				return s.name
			}
			return ""
		}
	}
	return ""
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

// number reads digits.
func number(d []digit) int {
	v := 0
	for _, x := range d {
		v = v*10 + int(x.v)
	}
	return v
}

// written gives digits as ASCII.
func written(d []digit) string {
	b := make([]byte, len(d))
	for i, x := range d {
		b[i] = '0' + x.v
	}
	return string(b)
}

// groupings are the ways in which the digits of a card are set in groups, by the number of digits: as they are embossed
// and as payment forms write them (four by four; 4-6-5 and 4-6-4 for American Express, Diners Club and 15-digit cards;
// 6-13 on Chinese savings cards).
var groupings = map[int][][]int{
	13: {{4, 4, 4, 1}, {4, 3, 3, 3}, {4, 4, 5}},
	14: {{4, 6, 4}, {4, 4, 4, 2}},
	15: {{4, 6, 5}, {4, 4, 4, 3}},
	16: {{4, 4, 4, 4}},
	17: {{4, 4, 4, 4, 1}, {4, 4, 4, 5}},
	18: {{4, 4, 4, 4, 2}, {4, 4, 4, 6}},
	19: {{4, 4, 4, 4, 3}, {4, 4, 4, 7}, {6, 13}},
}
