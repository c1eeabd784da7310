package daemon

import (
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/templates"
)

// TestCodeOnATextPrinter: a document with a code is taken for a printer that draws none, the answer says so, and so does the paper.
func TestCodeOnATextPrinter(t *testing.T) {
	const text = "[[printer]]\nname = \"front\"\nlabel = \"前台\"\ndevice = \"tcp://192.0.2.1:9100\"\nprofile = \"epson-tm-u220\"\n"
	c, err := config.Parse("", []byte(text), nil, Check)
	if err != nil {
		t.Fatal(err)
	}
	set, err := templates.Load(templates.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := job.Parse([]byte(`{"job_id":"d1","kind":"document","payload":{"blocks":[{"type":"text","text":"ok"},{"type":"qr","data":"12345678"}]}}`))
	if r.Job == nil {
		t.Fatal(r.Errors)
	}
	errs, warnings := ExamineJob(c, set, r.Job)
	if len(errs) > 0 {
		t.Errorf("it is refused: %v", errs)
	}
	var found bool
	for _, w := range warnings {
		found = found || w.Code == "code_not_drawn" && strings.Contains(w.Message.Zh, "打印机 前台") && w.Message.En != ""
	}
	if !found {
		t.Errorf("the answer does not tell of the code: %v", warnings)
	}
}
