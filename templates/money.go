package templates

import (
	"cmp"
	"strings"

	"github.com/receiptd/receiptd/job"
)

// Money is an amount in minor units of an ISO 4217 currency. Printed by itself it reads like on a UnionPay slip:
// RMB 1234.56, EUR 18.90, JPY 500.
type Money struct {
	Minor    int64
	Currency string
	style    MoneyStyle
}

// MoneyStyle is how amounts are written: what stands between groups of three digits, and before the decimals.
type MoneyStyle struct {
	Locale   string // of the slips it is for: de, en-GB; empty: all
	Currency string // of the amounts it is for: EUR; empty: all
	Group    string // one of , . ' and a blank; empty: digits are not grouped
	Decimal  string // . or ,; empty: .
}

// serves reports whether the style is for amounts of a currency on slips of a locale. A style for de serves de-AT.
func (s *MoneyStyle) serves(locale, currency string) bool {
	if s.Currency != "" && s.Currency != currency {
		return false
	}
	locale, want := strings.ReplaceAll(locale, "_", "-"), strings.ReplaceAll(s.Locale, "_", "-")
	return want == "" || strings.EqualFold(locale, want) || len(locale) > len(want) && strings.EqualFold(locale[:len(want)+1], want+"-")
}

// write brings an amount such as -1234.56 to the style. A blank does not break over rows.
func (s *MoneyStyle) write(amount string) string {
	if s.Group == "" && (s.Decimal == "" || s.Decimal == ".") {
		return amount
	}
	sign := ""
	if amount[0] == '-' {
		sign, amount = "-", amount[1:]
	}
	whole, decimals, has := strings.Cut(amount, ".")
	group := s.Group
	if group == " " {
		group = "\u00a0"
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(group)
		}
		b.WriteByte(whole[i])
	}
	if has {
		b.WriteString(cmp.Or(s.Decimal, "."))
		b.WriteString(decimals)
	}
	return b.String()
}

// String gives the currency's name on slips and the amount with the currency's own number of decimals.
func (m *Money) String() string {
	if m == nil {
		return ""
	}
	if m.Currency == "CNY" {
		return "RMB " + m.Number()
	}
	return m.Currency + " " + m.Number()
}

// Number gives the amount alone: 1234.56.
func (m *Money) Number() string {
	if m == nil {
		return ""
	}
	return m.style.write(job.FormatAmount(m.Minor, m.Currency))
}

// Sign gives the amount as shops write prices: ￥1234.56, EUR 18.90.
func (m *Money) Sign() string {
	switch {
	case m == nil:
		return ""
	case m.Currency == "" || m.Currency == "CNY":
		n := m.Number()
		if strings.HasPrefix(n, "-") {
			return "-￥" + n[1:]
		}
		return "￥" + n
	}
	return m.String()
}

// yuan writes an amount as a Chinese sentence does: 1000元, 99.50元, EUR 50.00.
func yuan(m *Money) string {
	if m == nil || m.Currency != "CNY" {
		return m.String()
	}
	n := m.Number()
	if m.Minor%100 == 0 {
		n = n[:len(n)-len(".00")]
	}
	return n + "元"
}

// money gives an amount as this slip writes it.
func (r *renderer) money(minor int64, currency string) *Money {
	m := &Money{Minor: minor, Currency: currency}
	for i := range r.shop.Money {
		if s := &r.shop.Money[i]; s.serves(r.wanted, currency) {
			m.style = *s
			break
		}
	}
	if r.negative {
		m.Minor = -minor
	}
	return m
}

// some gives the amount, or nil for none: a template's [[if .Tip]] asks whether there is one.
func (r *renderer) some(minor int64, currency string) *Money {
	if minor == 0 {
		return nil
	}
	return r.money(minor, currency)
}

func (r *renderer) said(minor *int64, currency string) *Money {
	if minor == nil {
		return nil
	}
	return r.money(*minor, currency)
}

const upperDigits = "零壹贰叁肆伍陆柒捌玖"

// upper writes an amount of renminbi in the capital figures that contracts and cheques use: 壹仟贰佰叁拾肆元伍角陆分.
// Other currencies have no such form: their amount comes back as Money writes it.
func upper(m *Money) string {
	if m == nil {
		return ""
	}
	if m.Currency != "CNY" {
		return m.String()
	}
	minor, sign := m.Minor, ""
	if minor < 0 {
		sign, minor = "负", -minor
	}
	if minor < 0 { // the smallest integer has no positive counterpart
		return m.String()
	}
	yuan, jiao, fen := minor/100, minor/10%10, minor%10
	var b strings.Builder
	b.WriteString(sign)
	if yuan > 0 || minor == 0 {
		b.WriteString(upperInteger(yuan))
		b.WriteString("元")
	}
	switch {
	case jiao == 0 && fen == 0:
		b.WriteString("整")
		return b.String()
	case jiao > 0:
		b.WriteString(upperDigit(jiao) + "角")
	case yuan > 0:
		b.WriteString("零")
	}
	if fen > 0 {
		b.WriteString(upperDigit(fen) + "分")
	}
	return b.String()
}

func upperDigit(d int64) string { return upperDigits[d*3 : d*3+3] }

// upperInteger writes n in groups of four digits: 万, 亿, 万亿, 亿亿. One 零 stands for any run of zeros inside.
func upperInteger(n int64) string {
	if n == 0 {
		return "零"
	}
	groups := []string{"", "万", "亿", "万亿", "亿亿"}
	var parts []string
	for g := 0; n > 0; g++ {
		v := n % 10000
		n /= 10000
		s := ""
		if v > 0 {
			s = upperGroup(v) + groups[g]
		}
		if v < 1000 && n > 0 { // a gap towards the next group
			s = "零" + s
		}
		parts = append(parts, s)
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
	}
	s := b.String()
	for strings.Contains(s, "零零") {
		s = strings.ReplaceAll(s, "零零", "零")
	}
	return strings.TrimSuffix(s, "零")
}

func upperGroup(v int64) string {
	var b strings.Builder
	gap := false
	for _, u := range []struct {
		value int64
		name  string
	}{{1000, "仟"}, {100, "佰"}, {10, "拾"}, {1, ""}} {
		d := v / u.value % 10
		if d == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteString("零")
			gap = false
		}
		b.WriteString(upperDigit(d) + u.name)
	}
	return b.String()
}
