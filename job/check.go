package job

import (
	"slices"
	"strconv"
	"strings"
)

// A checker holds the rules between fields, which a schema cannot say. It reads the tree and not the typed job, so that
// its findings come together with the schema's.
type checker struct {
	errs  []found
	warns []found
}

func (c *checker) fail(n *node, code, pointer, args string) {
	c.errs = append(c.errs, found{problem(code, pointer, args, args), n.off})
}

func (c *checker) job(root *node) {
	p := root.get("payload")
	if p == nil || p.kind != 'o' {
		return
	}
	switch Kind(root.str("kind")) {
	case KindTransaction:
		c.transaction(p)
	case KindSettlement:
		c.settlement(p)
	case KindDocument:
		c.document(p)
	case KindOrder:
		c.order(p)
		c.taxes(p, due(p))
		c.tenders(p, due(p))
	case KindReversal:
		if a := p.get("amount"); a != nil && a.kind == 'o' {
			c.surcharge(a, "/payload/amount")
		}
	}
	c.copies(root, p)
}

func (c *checker) transaction(p *node) {
	t := TransactionType(p.str("transaction_type"))
	c.original(p, t)
	if p.get("scan") == nil && (t == ScanPay || t == ScanPayVoid || t == ScanPayRefund) {
		c.fail(p, "missing_field", "/payload/scan", "")
	}
	a := p.get("amount")
	if a == nil || a.kind != 'o' {
		return
	}
	const at = "/payload/amount"
	total, okTotal := whole(a.get("total"))
	discount, okDiscount := whole(a.get("discount"))
	if paid, ok := whole(a.get("paid")); ok && okTotal && okDiscount && discount+paid != total {
		c.fail(a.get("paid"), "amount_mismatch", at+"/paid", "discount + paid = total")
	}
	tip, _ := whole(a.get("tip"))
	cash, _ := whole(a.get("cash_back"))
	if okTotal && tip+cash > total {
		c.fail(a.get("total"), "amount_mismatch", at+"/total", "tip + cash_back <= total")
	}
	c.surcharge(a, at)
	c.dcc(p)
	if okTotal {
		c.taxes(p, &total)
	}
}

// original wants what a slip must say about the transaction that this one undoes or completes.
func (c *checker) original(p *node, t TransactionType) {
	var need []string
	switch t {
	case SaleVoid, PreAuthVoid, PreAuthCompletionVoid, ScanPayVoid:
		need = []string{"voucher_no"}
	case Refund:
		need = []string{"reference_no", "transacted_on"}
	case PreAuthCompletion, PreAuthCompletionAdvice:
		need = []string{"auth_code"}
	}
	o := p.get("original")
	if t == PreAuthVoid && o.str("auth_code") != "" {
		return // a pre-authorisation may be older than the batch; its slip shows the code
	}
	for _, name := range need {
		if o != nil && (o.kind != 'o' || o.str(name) != "") {
			continue
		}
		place := p
		if o != nil {
			place = o
		}
		c.fail(place, "missing_original", "/payload/original/"+name, "original."+name)
	}
}

// whole reads an integer that the schema accepts as an amount.
func whole(n *node) (int64, bool) {
	if n == nil || n.kind != 'n' {
		return 0, false
	}
	v, err := strconv.ParseInt(n.text, 10, 64)
	return v, err == nil && v >= -maxMoney && v <= maxMoney
}

func (c *checker) settlement(p *node) {
	blocks := p.get("blocks")
	if blocks == nil {
		return
	}
	var seen []string
	for i := range blocks.arr {
		scope := blocks.arr[i].str("scope")
		if scope != "" && slices.Contains(seen, scope) {
			c.fail(blocks.arr[i].get("scope"), "block_twice", "/payload/blocks/"+strconv.Itoa(i)+"/scope", "")
		}
		seen = append(seen, scope)
	}
}

// order wants the price of a line where quantity and unit price do not give it: rounding is the till's business.
func (c *checker) order(p *node) {
	bags := p.get("bags")
	if bags == nil {
		return
	}
	stations := map[string]bool{}
	for i := range bags.arr {
		items := bags.arr[i].get("items")
		if items == nil {
			continue
		}
		for k := range items.arr {
			if s := items.arr[k].get("station"); s != nil && s.kind == 's' && !stations[s.text] {
				if stations[s.text] = true; len(stations) == MaxStations+1 {
					c.fail(s, "too_many", "/payload/bags/"+strconv.Itoa(i)+"/items/"+strconv.Itoa(k)+"/station", strconv.Itoa(MaxStations))
				}
			}
		}
		for k := range items.arr {
			it := &items.arr[k]
			price, ok := whole(it.get("unit_price"))
			if amount := it.get("amount"); !ok || amount != nil && amount.kind != 'z' {
				continue
			}
			total := lineTotal(it.str("qty"), price)
			if total == nil || *total > maxMoney || *total < -maxMoney {
				c.fail(it.get("unit_price"), "amount_needed", "/payload/bags/"+strconv.Itoa(i)+"/items/"+strconv.Itoa(k)+"/amount", "")
			}
		}
	}
}

func (c *checker) document(p *node) {
	source, blocks := p.get("receiptline"), p.get("blocks")
	if (source == nil) == (blocks == nil) {
		c.fail(p, "document_source", "/payload", "")
	}
	if blocks == nil {
		return
	}
	for i := range blocks.arr {
		b := &blocks.arr[i]
		cells, weights := b.get("cells"), b.get("weights")
		if cells != nil && weights != nil && len(cells.arr) != len(weights.arr) {
			c.fail(weights, "weights_mismatch", "/payload/blocks/"+strconv.Itoa(i)+"/weights", strconv.Itoa(len(cells.arr)))
		}
	}
}

// copies checks that the job's kind and result have the copies it asks for. The copies of a command are those of its
// target: the queue knows.
func (c *checker) copies(root, p *node) {
	list := root.get("copies")
	if list == nil || list.kind != 'a' {
		return
	}
	if Kind(root.str("kind")) == KindTransaction && ResultName(p.str("result")) == Unknown {
		c.warns = append(c.warns, found{problem("copies_ignored", "/copies", "", ""), list.off})
		*list = node{kind: 'z', off: list.off}
		return
	}
	j := skeleton(root, p)
	allowed := j.AllowedCopies()
	if allowed == nil && j.Command == nil {
		return
	}
	var names []string
	for _, a := range allowed {
		names = append(names, string(a))
	}
	args := strings.Join(names, ", ")
	if j.Command != nil {
		args = "payload.copies"
	}
	for i := range list.arr {
		if n := &list.arr[i]; n.kind == 's' && !j.AllowsCopy(CopyName(n.text)) {
			c.fail(n, "copy_not_allowed", "/copies/"+strconv.Itoa(i), args)
		}
	}
}

// skeleton is just enough of a job to ask which copies it has; its fields may still be wrong.
func skeleton(root, p *node) *Job {
	switch Kind(root.str("kind")) {
	case KindTransaction:
		return &Job{Transaction: &Transaction{Result: ResultName(p.str("result"))}}
	case KindReversal:
		return &Job{Reversal: &Reversal{Status: ReversalStatus(p.str("status"))}}
	case KindSettlement:
		return &Job{Settlement: &Settlement{}}
	case KindOrder:
		return &Job{Order: &Order{}}
	case KindDocument:
		return &Job{Document: &Document{}}
	case KindCommand:
		return &Job{Command: &Command{}}
	}
	return &Job{}
}
