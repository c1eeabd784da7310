package web_test

import (
	"context"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A filing is an archive of one slip.
type filing struct{ stopped string }

func (f *filing) text() vocabulary.Text {
	if f.stopped == "" {
		return vocabulary.Text{}
	}
	return vocabulary.Text{Zh: "存档停了", En: "slips are not filed"}
}

func (f *filing) Status() (api.ArchiveStatus, error) {
	return api.ArchiveStatus{On: true, Dir: "archive", Filed: 1, Stopped: f.stopped, Text: f.text(), Days: []string{"2026-08-11"}}, nil
}

func (f *filing) Stopped() (string, vocabulary.Text) { return f.stopped, f.text() }

func (f *filing) Lines(day string) ([]api.FiledSlip, error) {
	if day != "2026-08-11" {
		return nil, queue.ErrNotFound
	}
	return []api.FiledSlip{{PrintedCopy: api.PrintedCopy{Event: 7, JobID: "a", Kind: job.KindTransaction, CopyID: "01K", Copy: job.CopyMerchant, PrintNo: 1,
		State: queue.Printed, Proof: queue.ProofPrinted, Mark: job.MarkOriginal, Printer: "front"}, Journal: "j", File: "a.pdf", Bytes: 4}}, nil
}

func (f *filing) File(day, name string) ([]byte, error) {
	if day != "2026-08-11" || name != "a.pdf" {
		return nil, queue.ErrNotFound
	}
	return []byte("%PDF"), nil
}

func (f *filing) Erase(_ context.Context, orderNo, _, _ string) (api.Erased, error) {
	switch orderNo {
	case "none":
		return api.Erased{}, queue.ErrNotFound
	case "waits":
		return api.Erased{}, queue.ErrNotOut
	}
	return api.Erased{OrderNo: orderNo, Jobs: []string{"a"}, Copies: []string{}}, nil
}

// An archive that stopped is told on every page and to who watches.
func TestArchiveStopped(t *testing.T) {
	s := newShop(t)
	v := s.visitor()
	for _, stopped := range []string{"", "disk_low"} {
		s.archive.stopped = stopped
		page, metrics := v.page("/"), v.page("/metrics")
		if told := strings.Contains(page, "存档停了"); told != (stopped != "") {
			t.Errorf("%q: the page says so: %v", stopped, told)
		}
		if told := strings.Contains(metrics, `receiptd_archive_stopped{code="disk_low"} 1`); told != (stopped != "") {
			t.Errorf("%q: the metrics say so: %v", stopped, told)
		}
	}
}
