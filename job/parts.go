package job

import (
	"math/big"
	"strconv"
	"strings"
)

// differ warns that amounts do not add up. It is never an error: the money was moved, and its slip is printed as the terminal
// software wrote it.
func (c *checker) differ(n *node, pointer, rule string) {
	c.warns = append(c.warns, found{problem("amounts_differ", pointer, rule, rule), n.off})
}

// surcharge looks whether what is said to be part of the total is larger than it. Tip and cash-back alone are an error already.
func (c *checker) surcharge(amount *node, pointer string) {
	total, ok := whole(amount.get("total"))
	surcharge, said := whole(amount.get("surcharge"))
	tip, _ := whole(amount.get("tip"))
	cash, _ := whole(amount.get("cash_back"))
	if ok && said && tip+cash <= total && tip+cash+surcharge > total {
		c.differ(amount.get("surcharge"), pointer+"/surcharge", "tip + cash_back + surcharge <= total")
	}
}

// dcc compares the two totals of a conversion by its rate. The rate on a slip is rounded, so a difference that the digits it does
// not show can explain is none.
func (c *checker) dcc(p *node) {
	d := p.get("dcc")
	if d == nil || d.kind != 'o' {
		return
	}
	amount := p.get("amount")
	local, okLocal := exact(amount.get("total"), amount.str("currency"))
	foreign, okForeign := exact(d.get("amount"), d.str("currency"))
	rate, okRate := new(big.Rat).SetString(d.str("rate"))
	if !okLocal || !okForeign || !okRate {
		return
	}
	from, to, unit := local, foreign, minorUnit(d.str("currency"))
	if d.str("rate_of") == "cardholder" {
		from, to, unit = foreign, local, minorUnit(amount.str("currency"))
	}
	off := new(big.Rat).Sub(new(big.Rat).Mul(from, rate), to)
	allowed := new(big.Rat).Add(unit, new(big.Rat).Mul(from, lastDigit(d.str("rate"))))
	if d.str("rate_of") == "cardholder" { // the card's amount is rounded too
		allowed.Add(allowed, new(big.Rat).Mul(rate, minorUnit(d.str("currency"))))
	}
	if off.Abs(off).Cmp(allowed) > 0 {
		c.differ(d.get("rate"), "/payload/dcc/rate", "amount.total x rate = dcc.amount")
	}
}

// exact is an amount in whole units of its currency.
func exact(n *node, currency string) (*big.Rat, bool) {
	minor, ok := whole(n)
	return new(big.Rat).Mul(new(big.Rat).SetInt64(minor), minorUnit(currency)), ok
}

// minorUnit is the smallest amount of a currency, as a part of one unit.
func minorUnit(currency string) *big.Rat {
	e, _ := CurrencyExponent(currency)
	return tenth(e)
}

// lastDigit is what one step of a decimal's last digit is worth.
func lastDigit(decimal string) *big.Rat {
	_, places, _ := strings.Cut(decimal, ".")
	return tenth(len(places))
}

func tenth(places int) *big.Rat {
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	return new(big.Rat).SetFrac(big.NewInt(1), n)
}

// taxes looks whether each row adds up, and whether more is taxed than was paid. Less is right: not everything is taxed.
func (c *checker) taxes(p *node, total *int64) {
	list := p.get("taxes")
	if list == nil || list.kind != 'a' {
		return
	}
	var sum int64
	for i := range list.arr {
		row := &list.arr[i]
		tax, _ := whole(row.get("tax"))
		net, hasNet := whole(row.get("net"))
		gross, hasGross := whole(row.get("gross"))
		if hasNet && hasGross && net+tax != gross {
			c.differ(row.get("gross"), "/payload/taxes/"+strconv.Itoa(i)+"/gross", "net + tax = gross")
		}
		switch {
		case hasGross:
			sum += gross
		case hasNet:
			sum += net + tax
		default:
			sum += tax
		}
	}
	if total != nil && *total >= 0 && sum > *total {
		c.differ(list, "/payload/taxes", "taxes <= total")
	}
}

// tenders looks whether what was handed over, without the change, is what the order costs.
func (c *checker) tenders(p *node, due *int64) {
	list := p.get("tenders")
	if list == nil || list.kind != 'a' || len(list.arr) == 0 {
		return
	}
	var sum int64
	for i := range list.arr {
		amount, ok := whole(list.arr[i].get("amount"))
		if !ok {
			return
		}
		sum += amount
	}
	change, _ := whole(p.get("change"))
	if due != nil && sum-change != *due {
		c.differ(list, "/payload/tenders", "tenders - change = total")
	}
}

// due is what an order costs in the end, nil where it does not say.
func due(p *node) *int64 {
	if paid, ok := whole(p.get("paid_total")); ok {
		return &paid
	}
	total, ok := whole(p.get("original_total"))
	if !ok {
		return nil
	}
	if list := p.get("discounts"); list != nil && list.kind == 'a' {
		for i := range list.arr {
			d, _ := whole(list.arr[i].get("amount"))
			total += d
		}
	}
	return &total
}
