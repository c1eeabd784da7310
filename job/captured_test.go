package job_test

import (
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
)

// captured makes a job of a slip's lines, each in a block of its own where it begins with a star.
func captured(text string) job.Result {
	var blocks []job.Block
	for _, part := range strings.Split(text, "\n*") {
		blocks = append(blocks, job.Block{Type: job.BlockText, Text: part})
	}
	return job.Parser{}.Captured(job.Job{ID: "cap-1", CreatedAt: time.Date(2026, 8, 11, 12, 0, 0, 0, time.UTC)}, job.Capture{Name: "till", Stream: []byte("stream")}, blocks, nil)
}

// TestCaptured: a stream stays only where nothing in its text is card data, and no number stays anywhere.
func TestCaptured(t *testing.T) {
	const pan = "4111111111111111"
	for text, clean := range map[string]bool{
		"RECEIPT\nCoffee  4.00\nTOTAL  4.00":     true,
		"4.00  12.50\n6.00   3.20\n1111  1111":   true,
		"order 411111\n2026-08-11 12:34":         true,
		"CARD " + pan:                            false,
		"CARD 4111 1111 1111 1111":               false,
		"a\n*CARD 4111 1111\n*1111 1111":         false,
		"4111  a\n1111  b\n1111  c\n1111  d":     false,
		"a  4111\nbb  1111\nc  1111\nd  1111":    true, // not below each other
		" a  4111\nbb  1111\n c  1111\n d  1111": false,
		"卡号  ４１１１１１１１１１１１１１１１":                   false,
		";" + pan + "=30122010000000000000?":     false,
		"x  " + pan + "  y\n*z  " + pan + "  w\nname  ４１１１ １１１１ １１１１ １１１１": false,
	} {
		r := captured(text)
		if r.Job == nil {
			t.Errorf("%q: %+v", text, r.Errors)
			continue
		}
		if r.Job.Captured() != clean {
			t.Errorf("%q: the stream stays: %v; %s", text, r.Job.Captured(), r.Job.JSON)
		}
		digits := strings.Map(func(c rune) rune {
			switch {
			case c >= '0' && c <= '9':
				return c
			case c >= '０' && c <= '９':
				return c - '０' + '0'
			}
			return -1
		}, wordsOf(r.Job))
		if !clean && strings.Contains(digits, pan) {
			t.Errorf("%q: %s", text, r.Job.JSON)
		}
		again, err := job.FromJSON(r.Job.JSON)
		if err != nil || again.Hash != r.Job.Hash || again.Captured() != clean {
			t.Errorf("%q: reads back as %+v, %v", text, again, err)
		}
	}
	dropped := job.Parse([]byte(`{"job_id":"a","kind":"document","created_at":"2026-08-11T12:34:56Z","payload":{"blocks":[{"type":"text","text":"x"}],"capture":{"name":"till","stream":"eHg="}}}`))
	if dropped.Job == nil || dropped.Job.Captured() {
		t.Errorf("a dropped job holds a stream: %+v %+v", dropped.Job, dropped.Errors)
	}
}

func wordsOf(j *job.Job) string {
	var b strings.Builder
	for _, k := range j.Document.Blocks {
		b.WriteString(k.Text + "\n")
	}
	return b.String()
}
