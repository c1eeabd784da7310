package templates

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
	"github.com/receiptd/receiptd/vocabulary"
)

// MaskPolicy says how much of a card number slips show. One policy holds for all copies of a slip.
type MaskPolicy string

// The mask policies.
const (
	MaskUnionPay64    MaskPolicy = "unionpay_6_4"    // the first six and the last four digits; also the zero value's meaning
	MaskLast4         MaskPolicy = "last4"           // the last four digits
	MaskLast5NoExpiry MaskPolicy = "last5_no_expiry" // at most the last five digits, and never an expiry date
)

// ExpiryPolicy says which copies show the card's expiry date.
type ExpiryPolicy string

// The expiry policies.
const (
	ExpiryNever        ExpiryPolicy = "never" // also the zero value's meaning
	ExpiryMerchantOnly ExpiryPolicy = "merchant_only"
	ExpiryBoth         ExpiryPolicy = "both"
)

// Shop holds the settings that change what slips show.
type Shop struct {
	MaskPolicy  MaskPolicy
	PrintExpiry ExpiryPolicy
	Zone        *time.Location // the shop's clock, for times that tell none (...Z); nil: not known, they stay UTC
	Money       []MoneyStyle   // how amounts are written; the first that serves an amount counts; none: 1234.56
	Negative    []string       // transactions whose amounts are written below zero: void, refund
	Hotline     string         // a number to call, on payments and on what guests get of an order
	Footer      []string       // lines at the end of these slips, declined ones excepted
	Logo        Logo           // on top of these slips
}

// Input is one copy of one job to be set.
type Input struct {
	Job      *job.Job
	Copy     job.CopyName
	Mark     job.Mark
	Width    int    // cells per row, 24-96; 0 means 48
	Small    int    // cells per row in the printer's small font; 0: it has none
	Locale   string // empty: the job's own, else the set's
	Shop     Shop
	Received *int             // settlements: slips that receiptd itself has of the batch; nil: not known
	MaxDots  int              // longest paper, in dots; 0: receiptline.MaxDots
	Strict   bool             // a code that cannot be drawn is an error, not a note on the paper: to check a job before it is taken
	TextOnly bool             // the printer draws neither dots nor codes: a note stands for each code
	Measure  func(r rune) int // cells a character takes on this printer; nil: as on a GB18030 printer
}

// normalise fills in the defaults and keeps the width where package receiptline keeps it.
func (in *Input) normalise() {
	if in.Width == 0 {
		in.Width = 48
	}
	in.Width = min(max(in.Width, 24), 96)
	if in.Measure == nil {
		in.Measure = receiptline.GB18030Width
	}
}

// Slip is a copy ready to be drawn.
type Slip struct {
	Source   string // the ReceiptLine text it was set from
	Layout   *receiptline.Layout
	Template string // the template that was used: sale.zh-CN
	Warnings []receiptline.Diagnostic
	Marks    *receiptline.Layout // of a document: its marks alone, nil when it has none
}

// ErrNoSlip is returned for a job that prints nothing: a command, or a transaction of unknown result.
var ErrNoSlip = errors.New("this job prints no slip")

// An Error says why a template could not make a slip.
type Error struct {
	Template    string
	Diagnostics []receiptline.Diagnostic // of the finished ReceiptLine text; empty when Err is set
	Err         error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return "render " + e.Template + ": " + e.Err.Error()
	}
	for _, d := range e.Diagnostics {
		if d.Severity == receiptline.Error {
			return fmt.Sprintf("render %s: line %d, column %d: %s", e.Template, d.Line, d.Column, d.En)
		}
	}
	return "render " + e.Template + ": failed"
}

func (e *Error) Unwrap() error { return e.Err }

// Render makes one copy's slip. It may be called by several goroutines at once and may be called again: the same input
// gives the same slip. When an override fails on this job, the built-in template is used and a warning tells so: a
// shop's own template never costs it a slip. Its errors are ErrNoSlip and *Error.
func (s *Set) Render(in Input) (*Slip, error) {
	name, err := templateName(in.Job, in.Copy)
	if err != nil {
		return nil, err
	}
	in.normalise()
	if in.Locale == "" {
		in.Locale = in.Job.Locale
	}
	if in.Locale == "" {
		in.Locale = s.locale
	}
	slip, err := s.render(name, &in)
	if err == nil && (in.Mark.Electronic > 0 || !in.Mark.Filed.IsZero()) {
		err = slip.frame(&in)
	}
	return slip, err
}

// render fills the template in use, or the built-in one when that fails.
func (s *Set) render(name string, in *Input) (*Slip, error) {
	t := s.table.Load()
	c := t.find(name, in.Locale)
	slip, err := c.render(in)
	builtin := t.builtin(c)
	if err == nil || c == builtin {
		return slip, err
	}
	fallback, fallbackErr := builtin.render(in)
	if fallbackErr != nil {
		return nil, err
	}
	fallback.Warnings = append(fallback.Warnings, receiptline.Diagnostic{
		Severity: receiptline.Warning, Code: string(vocabulary.ReasonTemplateFallback), Line: 1, Column: 1,
		Zh: "自定义模板 " + c.id() + " 无法用于本单（" + why(err).zh + "），已改用内置模板。请运行 receiptd template lint。",
		En: "The shop's own template " + c.id() + " failed on this slip (" + why(err).en + "); the built-in one was used. Run receiptd template lint.",
	})
	return fallback, nil
}

// templateName picks the template of a job's copy.
func templateName(j *job.Job, copy job.CopyName) (string, error) {
	switch {
	case j == nil:
		return "", ErrNoSlip
	case j.Transaction != nil:
		return transactionTemplate(j.Transaction)
	case j.Reversal != nil:
		return "reversal", nil
	case j.Settlement != nil:
		return "settlement", nil
	case j.Order != nil && copy.Base() == job.CopyKitchen:
		return "kitchen", nil
	case j.Order != nil:
		return "order", nil
	case j.Document != nil:
		return "document", nil
	}
	return "", ErrNoSlip
}

func transactionTemplate(t *job.Transaction) (string, error) {
	switch t.Result {
	case job.Declined:
		return "declined", nil
	case job.Approved:
	default:
		return "", ErrNoSlip
	}
	switch t.Type {
	case job.SaleVoid, job.PreAuthVoid, job.PreAuthCompletionVoid:
		return "void", nil
	case job.Refund:
		return "refund", nil
	case job.PreAuth, job.PreAuthAdd:
		return "pre-auth", nil
	case job.PreAuthCompletion, job.PreAuthCompletionAdvice:
		return "completion", nil
	case job.ScanPay, job.ScanPayVoid, job.ScanPayRefund:
		return "scan-pay", nil
	}
	return "sale", nil
}

// renderer is what words and shapes depend on besides the job.
type renderer struct {
	locale   string // of the template
	wanted   string // of the slip, which may be one that a template of another locale serves
	lang     language
	zone     *time.Location
	shop     *Shop
	negative bool // amounts are written below zero
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (c *compiled) render(in *Input) (*Slip, error) {
	source, err := c.execute(in)
	if err != nil {
		return nil, &Error{Template: c.id(), Err: err}
	}
	o := receiptline.Options{Width: in.Width, Small: in.Small, Measure: in.Measure, MaxDots: in.MaxDots, Words: true, Notes: !in.Strict, TextOnly: in.TextOnly}
	trusted := o
	trusted.Logos = true
	layout, diags := receiptline.Set(source, trusted)
	if receiptline.HasError(diags) {
		return nil, &Error{Template: c.id(), Diagnostics: diags}
	}
	slip := &Slip{Source: source, Layout: layout, Template: c.id(), Warnings: diags}
	if in.Job.Document == nil {
		return slip, nil
	}
	return slip.withBody(in, o)
}

// execute gives the slip's ReceiptLine text.
func (c *compiled) execute(in *Input) (string, error) {
	r := renderer{locale: c.locale, wanted: in.Locale, lang: c.lang, zone: slipZone(in.Job, in.Shop.Zone), shop: &in.Shop}
	v := r.view(in)
	run, _ := c.runners.Get().(*runner)
	if run == nil {
		var err error
		if run, err = c.newRunner(); err != nil {
			return "", err
		}
	}
	defer c.runners.Put(run)
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	run.env.measure, run.env.out = in.Measure, b
	if err := run.tmpl.Execute(b, v); err != nil {
		return "", err
	}
	return in.Shop.Logo.place(withoutBreak(b.Bytes())), nil
}

// withoutBreak leaves out the line break at the end, which would be one more empty line.
func withoutBreak(text []byte) string {
	return string(bytes.TrimSuffix(text, []byte("\n")))
}
