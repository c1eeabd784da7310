package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// BenchmarkCounterPage measures the counter page from the daemon with 100,000 slips in the batch: what the browser waits
// for before its first paint.
func BenchmarkCounterPage(b *testing.B) {
	s := newShop(b)
	const slips, chunk = 100_000, 1000
	for from := 0; from < slips; from += chunk {
		list := make([]queue.Arrival, chunk)
		for i := range list {
			n := from + i + 1
			// Of the bulk nothing is printed, so that the benchmark measures the page and not 100,000 prints.
			text := strings.Replace(saleJob(fmt.Sprintf("bulk-%06d", n), fmt.Sprintf("%06d", n), n), `"approved"`, `"unknown"`, 1)
			list[i] = queue.Arrival{Parsed: job.Parse([]byte(text)), Source: queue.SourceHTTP}
		}
		_, errs := s.q.Requests.AcceptAll(context.Background(), list)
		for _, err := range errs {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	for i := range 30 {
		s.sale(fmt.Sprintf("%06d", slips+i+1), 100)
	}
	v := s.visitor()
	for b.Loop() {
		if status, body := v.get("/"); status != http.StatusOK || !strings.Contains(body, "100030") {
			b.Fatal(status)
		}
	}
}
