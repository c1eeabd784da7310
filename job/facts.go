package job

import "strings"

// facts are what the rest of a job says about numbers in it. A nil pointer knows nothing.
type facts struct {
	known []string        // order numbers and long ids, which the job may repeat although they look like card numbers
	own   map[string]bool // first six and last four digits of the job's own cards (masked_pan)
	days  []string        // the days of the job, YYMMDD
}

func (f *facts) owns(d []digit) bool {
	if f == nil || len(f.own) == 0 || len(d) < minPAN || len(d) > maxPAN {
		return false
	}
	return f.own[written(d[:6])+written(d[len(d)-4:])]
}

// factsOf reads what the guard needs before it walks: order numbers, masked card numbers and days.
func factsOf(root *node, sh *shape) *facts {
	p := root.get("payload")
	f := facts{}
	f.known = orderNumbers(p, sh.prop("payload"))
	if id := digitsOf(root.str("job_id")); len(id) > 16 {
		f.known = append(f.known, id)
	}
	f.card(p.get("card").str("masked_pan"))
	for _, name := range []string{"details", "not_uploaded", "rejected"} {
		if list := p.get(name); list != nil && list.kind == 'a' {
			for i := range list.arr {
				f.card(list.arr[i].str("masked_pan"))
			}
		}
	}
	f.day(root.str("created_at"))
	for _, name := range []string{"transacted_at", "updated_at", "settled_at", "placed_at"} {
		f.day(p.str(name))
	}
	return &f
}

// card notes a card number that shows at least its first six and its last four digits.
func (f *facts) card(masked string) {
	if masked == "" {
		return
	}
	s, ok := cleanMasked(masked)
	if !ok || len(s) < 12 {
		return
	}
	if key := s[:6] + s[len(s)-4:]; !strings.Contains(key, "*") {
		if f.own == nil {
			f.own = map[string]bool{}
		}
		f.own[key] = true
	}
}

// day notes the date of a time such as 2026-08-11T12:34:56+08:00.
func (f *facts) day(at string) {
	if len(at) >= 10 && at[4] == '-' && at[7] == '-' {
		f.days = append(f.days, at[2:4]+at[5:7]+at[8:10])
	}
}

// cleanMasked brings the usual ways to write a masked card number to digits and asterisks.
func cleanMasked(s string) (string, bool) {
	var b strings.Builder
	for _, r := range fold(s) {
		switch {
		case '0' <= r && r <= '9', r == '*':
			b.WriteRune(r)
		case r == 'x', r == 'X', r == '#', r == '•', r == '●', r == '·', r == '∗':
			b.WriteByte('*')
		case r == ' ', r == '-', r == '.', r == '_':
		default:
			return "", false
		}
	}
	return b.String(), true
}

// orderNumbers gives the digits of the order numbers in a payload, where its kind has them and they are well formed.
// Programs like to build the job_id from them and to repeat them, and one in forty looks like a card number.
func orderNumbers(p *node, sh *shape) []string {
	var out []string
	for _, at := range []struct {
		n    *node
		sh   *shape
		name string
	}{
		{p, sh, "order_no"}, {p.get("scan"), sh.prop("scan"), "merchant_order_no"}, {p.get("scan"), sh.prop("scan"), "channel_transaction_id"},
	} {
		field, id := at.sh.prop(at.name), at.n.str(at.name)
		if field == nil || field.guard != guardExempt || !field.pattern.MatchString(id) {
			continue
		}
		if d := digitsOf(id); d != "" {
			out = append(out, d)
		}
	}
	return out
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
