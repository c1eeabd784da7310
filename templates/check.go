package templates

import (
	"errors"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
)

// DoorDots is the longest slip that is taken, in dots: 10 m. Five times as much is printed, so that what was taken comes out
// on a narrower printer too, and with the marks of a reprint, and the longest settlement on any.
const DoorDots = receiptline.MaxDots / 5

// Paper is what one copy of a job may be printed on.
type Paper struct {
	Copy    job.CopyName
	Width   int              // as in Input
	Small   int              // as in Input
	Measure func(r rune) int // as in Input
}

// Check tries whether a job can be printed on these papers at all, and gives what is wrong with it: for a document with the
// line and column inside of its markup. Of data, only a large order can be too long; without papers a document is set
// on common ones.
func (s *Set) Check(j *job.Job, papers []Paper) []job.Problem {
	if len(DoubtfulCopies(j)) == 0 {
		return nil
	}
	if len(papers) == 0 {
		for _, c := range DoubtfulCopies(j) {
			papers = append(papers, Paper{Copy: c})
		}
	}
	for _, p := range papers {
		_, err := s.Render(Input{Job: j, Copy: p.Copy, Width: p.Width, Small: p.Small, Measure: p.Measure, MaxDots: DoorDots, Strict: true,
			Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1}})
		if err != nil {
			return problems(j, err)
		}
	}
	return nil
}

// DoubtfulCopies names the copies of a job that may be impossible to print, one for each template: of a document, or of an
// order of more text than any kitchen reads.
func DoubtfulCopies(j *job.Job) []job.CopyName {
	const enough = 4000 // bytes that surely take no paper of metres
	switch {
	case j.Document != nil:
		return []job.CopyName{job.CopyDocument}
	case j.Order != nil && orderSize(j.Order) > enough:
		return j.Tickets([]job.CopyName{job.CopyKitchen, job.CopyCustomer})
	}
	return nil
}

// orderSize is about how much an order has to print, in bytes.
func orderSize(o *job.Order) int {
	const each = 20 // what an item costs beside its text
	n := len(o.Remark)
	for _, bag := range o.Bags {
		n += each + len(bag.Name)
		for i := range bag.Items {
			n += each + len(bag.Items[i].Name) + len(bag.Items[i].Spec)
			for _, option := range bag.Items[i].Options {
				n += each + len(option)
			}
		}
	}
	for _, gift := range o.Gifts {
		n += each + len(gift)
	}
	return n
}

// problems words why a job cannot be printed.
func problems(j *job.Job, err error) []job.Problem {
	pointer, code := "/payload", "order_"
	if j.Document != nil {
		code = "document_"
	}
	place := func(line, column int) (int, int) {
		if j.Document == nil { // a line of the template, which nobody can correct in the job
			return 1, 1
		}
		return line, column
	}
	if j.Document != nil && j.Document.ReceiptLine != "" {
		pointer = "/payload/receiptline"
	}
	fix := job.Text{Zh: "改正这一处，再投递一次", En: "correct this place and drop it again"}
	var all []job.Problem
	var bad *Error
	if errors.As(err, &bad) {
		for _, d := range bad.Diagnostics {
			if d.Severity == receiptline.Error {
				line, column := place(d.Line, d.Column)
				all = append(all, job.Problem{Code: code + d.Code, Pointer: pointer, Line: line, Column: column,
					Message: job.Text{Zh: d.Zh, En: d.En}, Fix: fix})
			}
		}
	}
	if len(all) == 0 {
		all = append(all, job.Problem{Code: code + "unprintable", Pointer: "/payload", Line: 1, Column: 1,
			Message: job.Text{Zh: "这张小票排不出来：" + why(err).zh, En: "This slip cannot be set: " + why(err).en}, Fix: fix})
	}
	return all
}
