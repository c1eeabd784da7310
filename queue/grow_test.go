package queue_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// A journal of any size is made of a part that grew as a shop's does, of copies of that part's rows with numbers and values of their own, and
// of an end that grew again: a million slips take minutes, not an hour. The rows are as long as the product's, and lie as theirs do. The first
// part's events stand behind those of the copies, so that the newest ones, which a start looks at, are whole; the chain over the copied ones is not, and those of the newest copies are as if there had been none.
const (
	grownPart = 20000  // slips that are copied: whole batches of refSlip
	grownEnd  = 1000   // and that grow behind the copies
	partSpan  = 200000 // more than the part has events
)

// grow brings the journal to -slips. A run that was ended is gone on with.
func grow(b *testing.B, path string, o queue.Options) {
	most := *slips - grownEnd // that are copied or were
	if most > grownPart {
		leaveRoom(b, path, o, int64(most/grownPart)*partSpan)
	}
	growTo(b, path, o, min(*slips, grownPart))
	if most > grownPart {
		copyRows(b, path, most)
	}
	growTo(b, path, o, *slips)
}

// leaveRoom lets the events of a new journal begin behind so many numbers.
func leaveRoom(b *testing.B, path string, o queue.Options, events int64) {
	b.Helper()
	q, err := queue.Open(b.Context(), path, o)
	if err != nil {
		b.Fatal(err)
	}
	q.Close()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO meta SELECT 'event', ? WHERE NOT EXISTS (SELECT 1 FROM events) ON CONFLICT DO NOTHING", events); err != nil {
		b.Fatal(err)
	}
}

// growTo adds what the journal lacks of n slips, as a shop does: each slip comes as a file, and its copies come out of one of several
// printers that take no time.
func growTo(b *testing.B, path string, o queue.Options, slips int) {
	const printers = 64 // as many starts and ends share a commit
	var turn atomic.Int64
	o.Route = func(*job.Job, job.CopyName) string { return fmt.Sprintf("p%02d", turn.Add(1)%printers) }
	q, err := queue.Open(b.Context(), path, o)
	if err != nil {
		b.Fatal(err)
	}
	defer q.Close()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := count(b, db, "SELECT count(*) FROM jobs")
	if n >= slips {
		return
	}
	ctx, cancel := context.WithCancel(b.Context())
	names := make([]string, printers)
	for i := range names {
		names[i] = fmt.Sprintf("p%02d", i)
	}
	done := make(chan error, 1)
	go func() { done <- q.Printing.Run(ctx, names, printAtOnce) }()
	await := func(most int) {
		for count(b, db, "SELECT count(*) FROM copies WHERE "+queue.IsOpen) > most {
			time.Sleep(time.Millisecond)
		}
	}
	for ; n < slips; n += 1000 {
		acceptDropped(b, q, n, min(1000, slips-n))
		await(200)
	}
	await(0)
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

func count(b *testing.B, db *sql.DB, query string) (n int) {
	b.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// printAtOnce is a printer that takes no time.
func printAtOnce(ctx context.Context, d queue.Delivery) queue.Result {
	_, err := d.Begin(ctx)
	if err != nil {
		return queue.Result{State: queue.Queued}
	}
	return queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 1800}
}

// copiedRows copy the rows of the first ?1 slips, once: ?2 is added to the numbers of jobs, 2*?2 to those of copies, ?3 to those of events, which is less than nothing, ?4 to
// those of batches, ?5 to those of attempts, ?6 to those of files. No slip beyond ?7 is made. Vouchers, amounts and cards are those of
// refSlip.
var copiedRows = []string{
	`INSERT INTO batches SELECT id + ?4, merchant_no, terminal_no, printf('%06d', batch_no + ?4), 'superseded', began + ?2 * 20000, coalesce(ended, began + 100000000) + ?2 * 20000,
		opened_at, closed_at, closed_by, settlement, first_job + ?2, last_job + ?2, 0
		FROM batches WHERE first_job <= ?1 AND first_job + ?2 <= ?7`,
	`INSERT INTO jobs SELECT seq + ?2, printf('c1-%08d', seq - 1 + ?2), randomblob(length(hash)), kind, outcome, source, printf('sale-%08d.json', seq - 1 + ?2), aliases, test, at,
		created + ?2 * 20000, target, batch + ?4, merchant_no, terminal_no, printf('%06d', batch_no + ?4), (seq - 1 + ?2) % 999999 + 1, original, type, result, revision,
		100 + (seq - 1 + ?2) * 7919 % 900000, currency, printf('%04d', (seq - 1 + ?2) * 31 % 10000), order_no, transacted + ?2 * 20000, zone, operator, copies, rev + ?3, notes, json, ref, refers, due
		FROM jobs WHERE seq <= ?1 AND seq + ?2 <= ?7`,
	`INSERT INTO keys SELECT (job + ?2) >> 12, CASE substr(key, 1, 1) WHEN 'v' THEN 'v' || ((job - 1 + ?2) % 999999 + 1) WHEN 'a' THEN 'a' || (100 + (job - 1 + ?2) * 7919 % 900000)
		ELSE 'l' || printf('%04d', (job - 1 + ?2) * 31 % 10000) END, job + ?2 FROM keys WHERE job <= ?1 AND job + ?2 <= ?7 ORDER BY 1, 2, 3`,
	`INSERT INTO copies SELECT seq + 2 * ?2, job + ?2, request + ?2, name, printer, moved, ord + 2 * ?2, print_no, state, reason, proof, mark, base, operator, why, archive, torn, auto, fresh, replaces,
		attempt + ?5, asked, at, rev + ?3 FROM copies WHERE job <= ?1 AND job + ?2 <= ?7`,
	`INSERT INTO attempts SELECT proof + ?5, copy + 2 * ?2, printer, started, ended, outcome, reason, bytes, hash, paper FROM attempts WHERE copy <= 2 * ?1 AND copy + 2 * ?2 <= 2 * ?7`,
	`INSERT INTO files SELECT seq + ?6, printf('sale-%08d.json', job - 1 + ?2), sha256, outcome, job_id, job + ?2, at, rev + ?3, written, notes
		FROM files WHERE job <= ?1 AND job + ?2 <= ?7`,
	`INSERT INTO events SELECT seq + ?3, at, type, job + ?2, job_id, request, copy + 2 * ?2, file, printer, state, reason, operator, batch + ?4, detail, iif(job + ?2 > ?7 - 300, 0, chain), about, same
		FROM part WHERE job <= ?1 AND job + ?2 <= ?7`,
}

// copyRows brings a journal whose first part has grown to so many slips.
func copyRows(b *testing.B, path string, slips int) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=cache_size(-100000)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if count(b, db, "SELECT count(*) FROM jobs") > grownPart {
		return
	}
	span := func(column, table string) int {
		return count(b, db, "SELECT max("+column+") - min("+column+") + 1000 FROM "+table)
	}
	proofs, files, batches := (span("proof", "attempts")+3)/4*4, span("seq", "files"), count(b, db, "SELECT max(id) FROM batches")
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	exec := func(text string, args ...any) {
		b.Helper()
		if _, err := tx.Exec(text, args...); err != nil {
			b.Fatal(text, err)
		}
	}
	exec("CREATE TEMP TABLE part AS SELECT * FROM events ORDER BY seq")
	exec("DELETE FROM events")
	parts := (slips+grownPart-1)/grownPart - 1
	for i := 1; i <= parts; i++ {
		for _, text := range copiedRows {
			exec(text, grownPart, i*grownPart, (i-1-parts)*partSpan, i*batches, i*proofs, i*files, slips)
		}
	}
	exec("INSERT INTO events SELECT * FROM part")
	exec("UPDATE batches SET state = 'superseded', ended = coalesce(ended, began + 100000000)")
	exec("UPDATE batches SET state = 'open', ended = NULL WHERE id = (SELECT max(id) FROM batches)")
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
