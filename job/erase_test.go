package job_test

import (
	"fmt"
	"testing"

	"github.com/receiptd/receiptd/job"
)

// TestShows: a number is found where a person reads it as that number, and not inside another one or in what was sent to the printer.
func TestShows(t *testing.T) {
	for text, want := range map[string]bool{
		"A77": true, "No.A77": true, "单号A77号": true, "#A77,": true, "x\nA77\ny": true, "A777 A77": true,
		"A777": false, "BA77": false, "A77-1": false, "1-A77": false, "A7 7": false, "": false, "a77": false,
	} {
		content := fmt.Appendf(nil, `{"kind":"document","payload":{"capture":{"name":"A77"},"blocks":[{"type":"columns","cells":[{"text":%q}]}]}}`, text)
		if got := job.Shows(content, "A77"); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if job.Shows(content, "") || job.Shows([]byte(text), "A77") {
			t.Errorf("%q: no number, or no job", text)
		}
	}
	if job.Shows([]byte(`{"kind":"order","payload":{"remark":"A77"}}`), "A77") {
		t.Error("an order's remark is no document")
	}
	if _, _, err := job.WithoutPerson([]byte("{")); err == nil {
		t.Error("no job, and no error")
	}
}
