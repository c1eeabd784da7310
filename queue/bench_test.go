package queue_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

var slips = flag.Int("slips", 20000, "slips in the journal of the growth benchmarks")

// refSlip is a whole chip sale, as a terminal drops it.
func refSlip(n int) job.Result {
	text := strings.Replace(slip{
		id: fmt.Sprintf("c1-%08d", n), voucher: fmt.Sprintf("%06d", n%999999+1), batch: fmt.Sprintf("%06d", 1+n/5000),
		at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 20 * time.Second).Format(time.RFC3339), amount: 100 + n*7919%900000,
	}.String(), `"card":{"masked_pan":"622202******6620"`, fmt.Sprintf(`"response_code":"00","acquirer":{"code":"48025800","name":"银联商务"},
		"issuer":{"code":"01020000","name":"工商银行"},"auth_code":"384928","reference_no":"123456123456",
		"cvm":{"pin":"online","signature_required":true},"emv":{"aid":"A000000333010101","application_label":"UnionPay Debit",
		"arqc":"8F3A6C0A1B2C3D4E","tvr":"0080046000","tsi":"E800","atc":"0012","unpredictable_number":"1A2B3C4D","aip":"7C00"},
		"card":{"masked_pan":"622202******%04d"`, n*31%10000), 1)
	r := job.Parse([]byte(text))
	if r.Job == nil {
		panic(fmt.Sprint(r.Errors))
	}
	return r
}

// floor measures what the disk can do: one-row commits of a bare SQLite file with the same settings.
func floor(b *testing.B, dir string) float64 {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, v BLOB)"); err != nil {
		b.Fatal(err)
	}
	const n = 300
	start := time.Now()
	for range n {
		if _, err := db.Exec("INSERT INTO t (v) VALUES (zeroblob(1200))"); err != nil {
			b.Fatal(err)
		}
	}
	return n / time.Since(start).Seconds()
}

func acceptMany(b *testing.B, q *queue.Queue, from, n, at int) float64 {
	jobs := make([]job.Result, n)
	for i := range jobs {
		jobs[i] = refSlip(from + i)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range at {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				a, err := q.Requests.Accept(context.Background(), queue.Arrival{Parsed: jobs[i], Source: queue.SourceHTTP})
				if err != nil || a.Outcome != queue.Accepted {
					b.Error(err, a)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(start).Seconds()
}

func middle(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// acceptDropped gives the rate of jobs that the drop folder hands over together.
func acceptDropped(b *testing.B, q *queue.Queue, from, n int) float64 {
	list := make([]queue.Arrival, n)
	for i := range list {
		list[i] = queue.Arrival{File: fmt.Sprintf("sale-%08d.json", from+i), Parsed: refSlip(from + i), Source: queue.SourceSpool}
	}
	start := time.Now()
	for chunk := range slices.Chunk(list, 128) {
		answers, errs := q.Requests.AcceptAll(context.Background(), chunk)
		for i := range answers {
			if errs[i] != nil || answers[i].Outcome != queue.Accepted {
				b.Error(errs[i], answers[i])
			}
		}
	}
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkAccept compares jobs that arrive together with jobs one by one, and both with the disk's floor.
func BenchmarkAccept(b *testing.B) {
	s := newShop(b)
	f := floor(b, b.TempDir())
	for n := 0; b.Loop(); n += 10000 {
		var one, many, dropped, ratio []float64 // in turns: the disk is not always as fast
		for i := range 9 {
			one = append(one, acceptMany(b, s.q, n+1000*i, 100, 1))
			many = append(many, acceptMany(b, s.q, n+1000*i+100, 900, 64))
			dropped = append(dropped, acceptDropped(b, s.q, n+1000*i+5_000_000, 900))
			ratio = append(ratio, many[i]/one[i])
		}
		b.ReportMetric(middle(one), "alone/s")
		b.ReportMetric(middle(many), "together/s")
		b.ReportMetric(middle(dropped), "dropped/s")
		b.ReportMetric(middle(ratio), "together/alone")
		b.ReportMetric(middle(one)/f, "alone/floor")
	}
	b.ReportMetric(f, "floor/s")
}

// BenchmarkDrain prints 200 jobs of two copies at a printer that takes no time.
func BenchmarkDrain(b *testing.B) {
	s := newShop(b)
	p := &paper{}
	f := floor(b, b.TempDir())
	n := 0
	for b.Loop() {
		acceptMany(b, s.q, n, 200, 64)
		n += 200
		start := time.Now()
		stop := s.run(p)
		for p.count() < 2*n {
			time.Sleep(time.Millisecond)
		}
		stop()
		rate := 400 / time.Since(start).Seconds()
		b.ReportMetric(rate, "copies/s")
		b.ReportMetric(rate/f, "copies/floor")
		b.ReportMetric(rate/2/f, "jobs/floor")
	}
	b.ReportMetric(f, "floor/s")
}

// BenchmarkGrown measures a journal of -slips slips: opening it, asking it, adding to it.
func BenchmarkGrown(b *testing.B) {
	dir := os.Getenv("RECEIPTD_BENCH_DIR") // kept between runs when set
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, fmt.Sprintf("grown-%d.db", *slips))
	o := queue.Options{Ballast: -1}
	grow(b, path, o)
	empty := newShop(b)
	for b.Loop() {
		start := time.Now()
		q, err := queue.Open(b.Context(), path, o)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start).Microseconds())/1000, "open-ms")
		ask(b, q)
		b.ReportMetric(roomOf(b, path)/float64(*slips), "bytes/slip")
		from := int(time.Now().UnixNano() % 1e9)
		var ratio []float64 // in turns: the disk is not always as fast
		for i := range 15 {
			alone := acceptMany(b, empty.q, from+1000*i, 500, 64)
			ratio = append(ratio, acceptMany(b, q, 10_000_000+from+1000*i, 500, 64)/alone)
		}
		b.ReportMetric(middle(ratio), "accept/empty")
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/1e6, "MB")
		q.Close()
	}
}

// roomOf gives how many bytes a journal takes, without its write-ahead log.
func roomOf(t testing.TB, path string) (bytes float64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&bytes); err != nil {
		t.Fatal(err)
	}
	return bytes
}

// ask times the questions that a cashier waits for.
func ask(b *testing.B, q *queue.Queue) {
	ctx := b.Context()
	timed := func(unit string, fn func(i int) error) {
		var took []float64
		for i := range 21 {
			start := time.Now()
			if err := fn(i); err != nil {
				b.Fatal(unit, err)
			}
			took = append(took, float64(time.Since(start).Microseconds())/1000)
		}
		b.ReportMetric(middle(took), unit)
	}
	mid := *slips / 2
	timed("last-ms", func(int) error { _, err := q.Jobs.Last(ctx, "00012345"); return err })
	timed("voucher-ms", func(i int) error {
		no := fmt.Sprintf("%06d", (mid+i*13)%999999+1)
		_, err := q.Requests.Do(ctx, "", job.Command{Name: job.ReprintByVoucher, VoucherNo: no, TerminalNo: "00012345"}, "", "", false)
		return err
	})
	list := func(f queue.Filter) error { _, _, err := q.Jobs.List(ctx, f); return err }
	timed("amount-ms", func(i int) error {
		return list(queue.Filter{Q: job.FormatAmount(int64(100+(mid+i)*7919%900000), "CNY")})
	})
	timed("last4-ms", func(i int) error { return list(queue.Filter{Q: fmt.Sprintf("%04d", (mid+i)*31%10000)}) })
	timed("time-ms", func(i int) error {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(mid+i) * 20 * time.Second)
		return list(queue.Filter{From: at, To: at.Add(10 * time.Minute)})
	})
	timed("list-ms", func(int) error { return list(queue.Filter{Batch: "current"}) })
	timed("waiting-ms", func(int) error { return list(queue.Filter{State: "uncertain"}) })
	timed("counts-ms", func(int) error { _, err := q.Waiting.Outstanding(ctx); return err })
	timed("batches-ms", func(int) error { _, err := q.Batches.List(ctx, ""); return err })
}
