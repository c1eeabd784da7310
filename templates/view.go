package templates

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// View is what a template sees as its dot. Texts are cleaned but not escaped; amounts are Money; what a job does not
// say is empty or nil, so that [[if]] can ask for it. Only the fields of the job's kind are filled.
type View struct {
	Locale      string
	Width, Half int    // cells per row; half of it for text of double width
	SmallWidth  int    // cells per row of small text (font:small); Width where the printer has no smaller font
	Wide        bool   // 40 cells or more: 80 mm paper
	Copy        string // merchant, bank, cardholder, kitchen, customer, delivery, document
	CopyTitle   string // 商户存根
	CopyTitleEn string // MERCHANT COPY
	Test        bool
	Mark        Mark
	Logo        bool   // the shop has one for this slip: {logo:shop}
	EReceipt    string // a link to the slip on the net, on what customers get
	Hotline     string
	Footer      []string

	// transactions, reversals, settlements
	MerchantName, MerchantNo string
	TerminalNo, OperatorNo   string
	BatchNo, VoucherNo       string
	Time                     string // 2006/01/02 15:04:05, as the terminal's clock said it
	At                       time.Time
	Remarks                  []string

	// transactions, and what reversals share with them
	UnionPay       bool
	Issuer         string
	Acquirer       string
	Card           *Card
	Type           string // 消费(SALE)
	AuthCode       string
	ReferenceNo    string
	SettlementDate string // 01/02
	OrderNo        string
	ResponseCode   string
	Amount         *Money // the whole
	Parts          bool   // the whole has parts: tip, cash-back, surcharge
	Base           *Money // the amount without its parts; nil when there are none
	Paid           *Money
	Tip            *Money
	CashBack       *Money
	Surcharge      *Money
	Discount       *Money
	Cumulative     *Money
	DCC            *DCC
	Taxes          *Taxes
	Balance        *Money // electronic cash left on the card
	Original       Original
	EMV            []string // ARQC:..., chip and contactless only
	Messages       []Message
	Reference      bool // there is something for the remarks block
	Signature      bool // this copy has a signature line
	NoSignature    bool // the terminal said that no signature is required
	NoPIN          bool // and no PIN was asked for
	NoCVMLimit     *Money
	Legal          bool // this copy carries the cardholder's acknowledgement
	Scan           *Scan

	Reversal   *Reversal
	Settlement *Settlement
	Order      *Order
}

// Mark is what a copy says about itself.
type Mark struct {
	Any       bool // the copy is not a plain original
	Lines     bool // there is something to say of it besides what stands on top
	Reprint   int  // 1 for the second physical copy; 0 for the original
	At        string
	Operator  string
	Late      bool
	Voided    bool
	Reversed  bool
	TornPiece bool
	Possible  bool
	Archive   string // the case number of a retrieval copy
	From      string // the printer that should have printed it
	SameAs    string // 01/02 15:04: when an order of exactly this content came before
}

// Card is the card as the slip may show it, under the mask policy.
type Card struct {
	Number     string // 6222 02** **** 6620
	Entry      string // I, C, S, M, N
	Scheme     string // upper case; empty for UnionPay
	Expiry     string // 2029/12; empty unless this copy may show it
	SequenceNo string
}

// Original names the transaction that this one undoes or completes.
type Original struct {
	VoucherNo, ReferenceNo, AuthCode, BatchNo string
	Date                                      string // 2006/01/02
}

// Message is a text that a host sent.
type Message struct{ From, Text string }

// Scan is the part of a scan payment's slip.
type Scan struct {
	Channel         string
	MerchantOrderNo string
	TransactionID   string
	Payer           string
	Coupon          *Money
}

// Reversal is how far a reversal has come.
type Reversal struct {
	Pending, Succeeded, Failed bool
	Attempts                   int
	Reason                     string
	TransactedAt               string
}

const (
	stampLayout = "2006/01/02 15:04:05"
	dateLayout  = "2006/01/02"

	minuteLayout = "01/02 15:04"
)

// stamp writes t as slips do, in the slip's own offset; it avoids the cost of a general layout.
func (r *renderer) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	var b [len(stampLayout)]byte
	return string(t.In(r.zone).AppendFormat(b[:0], stampLayout))
}

// slipZone gives the clock in which all times of a slip are written, its marks included: that of its own time. A time that ends in
// Z tells no clock; then it is the shop's, and UTC where the shop's is not known. So it is for a document, which need not have a time.
func slipZone(j *job.Job, shop *time.Location) *time.Location {
	at, told := j.At(), j.TellsOffset()
	switch {
	case told:
		_, offset := at.Zone()
		return time.FixedZone("", offset)
	case shop != nil:
		return shop
	case at.IsZero():
		return time.Local
	}
	return time.UTC
}

// Small is how many cells a row of these texts has under font:small: a small font has letters, digits and signs, no Chinese.
func (v *View) Small(texts []string) int {
	for _, s := range texts {
		for i := range len(s) {
			if s[i] >= utf8.RuneSelf {
				return v.Width
			}
		}
	}
	return v.SmallWidth
}

func (r *renderer) view(in *Input) *View {
	v := &View{
		Locale: r.locale, Width: in.Width, Half: in.Width / 2, SmallWidth: cmp.Or(in.Small, in.Width), Wide: in.Width >= 40,
		Copy: string(in.Copy.Base()), Test: in.Job.Test, Mark: r.mark(in),
	}
	if in.Copy != job.CopyDocument { // which has no title
		w := slipWord(vocabulary.KindCopy, string(in.Copy.Base()))
		v.CopyTitle, v.CopyTitleEn = w.zh, w.en
	}
	switch {
	case in.Job.Transaction != nil:
		r.transaction(v, in, in.Job.Transaction)
	case in.Job.Reversal != nil:
		r.reversal(v, in, in.Job.Reversal)
	case in.Job.Settlement != nil:
		r.settlement(v, in, in.Job.Settlement)
	case in.Job.Order != nil:
		r.order(v, in, in.Job.Order)
	}
	r.shopLines(v, in)
	return v
}

// mark words the facts that the queue gives. A copy with a print number above 1 is a reprint whatever its kind says.
func (r *renderer) mark(in *Input) Mark {
	m := in.Mark
	out := Mark{
		Late:   m.Late || m.Kind == job.MarkLate,
		Voided: m.Voided, Reversed: m.Reversed, TornPiece: m.TornPiece, Possible: m.Possible,
		Archive: clean(m.Archive), From: clean(m.From), Operator: r.operator(m.Operator),
	}
	if m.PrintNo > 1 {
		out.Reprint = m.PrintNo - 1
	} else if m.Kind == job.MarkDuplicate || m.Kind == job.MarkRecovery {
		out.Reprint = 1
	}
	if out.Reprint > 0 || out.Late || out.Archive != "" {
		out.At = r.stamp(m.At)
	}
	if !m.SameAs.IsZero() {
		out.SameAs = m.SameAs.In(r.zone).Format(minuteLayout)
	}
	if out.Reprint > 0 && out.Operator == "" {
		out.Operator = word{"未登记/NOT GIVEN", "NOT GIVEN"}.in(r.lang)
	}
	out.Lines = out.Reprint > 0 || out.Late || out.Voided || out.Reversed || out.TornPiece || out.Archive != "" || out.From != "" || out.SameAs != ""
	out.Any = out.Lines || out.Possible
	return out
}

func (r *renderer) operator(name string) string {
	if strings.EqualFold(name, "system") {
		return word{"系统/SYSTEM", "SYSTEM"}.in(r.lang)
	}
	return clean(name)
}

func institution(i job.Institution) string {
	if name := clean(i.Name); name != "" {
		return name
	}
	return clean(i.Code)
}

func (r *renderer) card(in *Input, c *job.Card) *Card {
	if c == nil {
		return nil
	}
	out := &Card{
		Number: maskCard(c.MaskedPAN, in.Shop.MaskPolicy), Entry: entryLetters[c.EntryMode],
		SequenceNo: clean(c.SequenceNo),
	}
	if c.Scheme != "" && !isUnionPay(c.Scheme) {
		out.Scheme = strings.ToUpper(clean(c.Scheme))
	}
	if in.showsExpiry() {
		out.Expiry = expiry(c.Expiry)
	}
	return out
}

func isUnionPay(scheme string) bool { return scheme == "" || scheme == "unionpay" || scheme == "cup" }

// showsExpiry decides by the shop's settings whether this copy may carry the card's expiry date. US law forbids it on
// what the cardholder gets (FACTA, 15 U.S.C. 1681c(g)).
func (in *Input) showsExpiry() bool {
	if in.Shop.MaskPolicy == MaskLast5NoExpiry {
		return false
	}
	switch in.Shop.PrintExpiry {
	case ExpiryBoth:
		return true
	case ExpiryMerchantOnly:
		return in.Copy == job.CopyMerchant || in.Copy == job.CopyBank
	}
	return false
}

// expiry writes YYYY-MM as YYYY/MM; all zeros say that there is none.
func expiry(s string) string {
	s = strings.ReplaceAll(clean(s), "-", "/")
	if strings.Trim(s, "0/") == "" {
		return ""
	}
	return s
}

// maskCard shows the clear digits that the policy allows and groups the number by four. One policy holds for every
// copy of a slip: two different truncations of one number would help to restore it (PCI SSC FAQ 1091).
func maskCard(pan string, policy MaskPolicy) string {
	lead, tail := 6, 4
	switch policy {
	case MaskLast4:
		lead = 0
	case MaskLast5NoExpiry:
		lead, tail = 0, 5
	}
	s := strings.Map(cardRune, pan)
	b := make([]byte, 0, len(s)+len(s)/4)
	for i := range len(s) {
		if i > 0 && i%4 == 0 {
			b = append(b, ' ')
		}
		c := s[i]
		if i >= lead && i < len(s)-tail {
			c = '*'
		}
		b = append(b, c)
	}
	return string(b)
}

func cardRune(r rune) rune {
	switch {
	case r >= '0' && r <= '9', r == '*':
		return r
	case r == 'x', r == 'X':
		return '*'
	}
	return -1
}

func itoa(n int) string { return strconv.Itoa(n) }
