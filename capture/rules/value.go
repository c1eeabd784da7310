package rules

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
)

// Fold writes full-width characters as half-width ones, as patterns see a slip.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == 0x3000 || r == 0xA0 || r == 0x2007 || r == 0x2009 || r == 0x202F:
			return ' '
		case r == 0xFFE5:
			return '¥'
		case r == 0x2212:
			return '-'
		}
		return r
	}, s)
}

var (
	idText  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,20}$`)
	orderNo = regexp.MustCompile(`^[A-Za-z0-9._/#-]{1,40}$`)
	number  = regexp.MustCompile(`^[0-9]{1,6}$`)
	last4   = regexp.MustCompile(`[0-9]{4}$`)
)

// settable are the facts that a rule may set, and how they look.
var settable = map[string]*regexp.Regexp{factTerminal: idText, factMerchant: idText, factBatch: number}

// value brings what a group found to its one form. It reports false for what cannot be that fact.
func (r *rule) value(fact, s string) (string, bool) {
	s = strings.TrimSpace(s)
	switch fact {
	case factBatch, factVoucher, factOriginal:
		return job.NormalVoucher(s), number.MatchString(s)
	case factTerminal, factMerchant, factOperator:
		return s, idText.MatchString(s)
	case factOrder:
		return s, orderNo.MatchString(s)
	case factCard: // no more of it is kept
		s = last4.FindString(s)
		return s, s != ""
	case factAmount, factTotal:
		n, ok := Amount(s, r.Currency, r.Decimal)
		return strconv.FormatInt(n, 10), ok
	case factTime:
		_, ok := clock(s, time.UTC)
		return s, ok
	}
	return "", false
}

var (
	money   = regexp.MustCompile(`^(-?)\s*(?:[A-Za-z]{3}|[^\sA-Za-z0-9.,'+-]{1,3})?\s*(-?)([0-9][0-9., ']*)(-?)$`)
	lastSep = regexp.MustCompile(`[.,]([0-9]+)$`)
	groups  = regexp.MustCompile(`^[0-9]{1,3}(?:[., '][0-9]{3})+$`)
)

// Amount reads an amount of money in minor units: 1234.56, 1,234.56, 1.234,56, ¥12, RMB -3.00. What can be read in two ways is none,
// unless decimal says which sign stands before the decimals.
func Amount(s, currency, decimal string) (int64, bool) {
	m := money.FindStringSubmatch(strings.TrimSpace(Fold(s)))
	if m == nil || len(m[3]) > 24 {
		return 0, false
	}
	negative := 0
	for _, sign := range []string{m[1], m[2], m[4]} {
		negative += len(sign)
	}
	if negative > 1 {
		return 0, false
	}
	exponent := 2
	if currency != "" {
		exponent, _ = job.CurrencyExponent(currency)
	}
	whole, cents, ok := parts(strings.TrimSpace(m[3]), exponent, decimal)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	if err != nil || n > 1e15 {
		return 0, false
	}
	if negative == 1 {
		n = -n
	}
	return n, true
}

// parts divides an amount into its digits before and after the decimal sign.
func parts(s string, exponent int, decimal string) (whole, cents string, ok bool) {
	whole = s
	if m := lastSep.FindStringSubmatchIndex(s); m != nil {
		sign, digits := s[m[0]:m[0]+1], s[m[2]:m[3]]
		grouped := len(digits) == 3 && exponent != 3
		switch {
		case decimal != "" && sign == decimal, decimal == "" && !grouped:
			if whole, cents = s[:m[0]], digits; strings.Contains(whole, sign) {
				return "", "", false // 1.234.56
			}
		case decimal == "" && exponent != 0 && !strings.ContainsAny(s[:m[0]], "., '") && len(s[:m[0]]) <= 3 && s[0] == '0':
			return "", "", false // 0.123
		}
		if cents != "" && len(cents) != exponent {
			return "", "", false
		}
	}
	if strings.ContainsAny(whole, "., '") {
		if !groups.MatchString(whole) || mixed(whole) {
			return "", "", false
		}
		whole = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, whole)
	}
	if whole == "" {
		return "", "", false
	}
	if cents == "" {
		cents = strings.Repeat("0", exponent)
	}
	return whole, cents, true
}

// mixed reports whether thousands are divided by more than one sign.
func mixed(s string) bool {
	seen := byte(0)
	for i := range len(s) {
		if c := s[i]; c < '0' || c > '9' {
			if seen != 0 && c != seen {
				return true
			}
			seen = c
		}
	}
	return false
}

var times = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "02-01-2006 15:04:05", "02-01-2006 15:04", "20060102 150405"}

// clock reads a time as it stands on slips: the year comes first, or the day.
func clock(s string, zone *time.Location) (time.Time, bool) {
	s = strings.Join(strings.Fields(strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", " ", "T", " ").Replace(s)), " ")
	for _, form := range times {
		if t, err := time.ParseInLocation(form, s, zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
