package templates

import (
	"errors"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/receiptline"
)

// Check tries whether a document job can be set at all, and gives what is wrong with its markup: with the line and column
// inside the document. Jobs of other kinds are data, which cannot spoil a template.
func (s *Set) Check(j *job.Job) []job.Problem {
	if j.Document == nil {
		return nil
	}
	_, err := s.Render(Input{Job: j, Copy: job.CopyDocument, Mark: job.Mark{Kind: job.MarkOriginal, PrintNo: 1}})
	if err == nil {
		return nil
	}
	fix := job.Text{Zh: "改正文档里的这一处，再投递一次", En: "correct this place of the document and drop it again"}
	var problems []job.Problem
	var bad *Error
	if errors.As(err, &bad) {
		for _, d := range bad.Diagnostics {
			if d.Severity == receiptline.Error {
				problems = append(problems, job.Problem{Code: "document_" + d.Code, Pointer: "/payload/receiptline", Line: d.Line, Column: d.Column,
					Message: job.Text{Zh: d.Zh, En: d.En}, Fix: fix})
			}
		}
	}
	if len(problems) == 0 {
		problems = append(problems, job.Problem{Code: "document_unprintable", Pointer: "/payload", Line: 1, Column: 1,
			Message: job.Text{Zh: "这份文档排不出来：" + err.Error(), En: "This document cannot be set: " + err.Error()}, Fix: fix})
	}
	return problems
}
