package queue_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/receiptd/receiptd/queue"
)

// BenchmarkBatch measures what shows one batch of 1,000, and of 3,000 slips: it grows as its slips do.
func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{1000, 3000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newShop(b)
			acceptMany(b, s.q, 0, n, 64)
			var sums, list time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := s.q.Batches.Sums(b.Context(), 1); err != nil {
					b.Fatal(err)
				}
				sums += time.Since(start)
				start = time.Now()
				if _, _, err := s.q.Jobs.List(b.Context(), queue.Filter{BatchID: 1, Limit: 500}); err != nil {
					b.Fatal(err)
				}
				list += time.Since(start)
			}
			b.ReportMetric(float64(sums.Milliseconds())/float64(b.N), "sums-ms")
			b.ReportMetric(float64(list.Milliseconds())/float64(b.N), "list-ms")
		})
	}
}
