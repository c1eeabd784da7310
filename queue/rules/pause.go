package rules

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/receiptd/receiptd/queue/record"
	"github.com/receiptd/receiptd/vocabulary"
)

// pausedKey begins the key in meta of a printer that a person has paused; its value says since when. It stands in the journal, so a
// printer that somebody paused does not begin to print by itself after a power cut.
const pausedKey = "paused:"

// Pause notes that a person wants nothing new to begin at a printer, or that it may go on again. It reports whether that changes
// anything, and when the pause began.
func (r *Rules) Pause(ctx context.Context, printer string, on bool, operator string) (changed bool, since time.Time, err error) {
	err = r.do(ctx, func(t act) error {
		changed = false
		var was int64
		if err := t.Row("SELECT coalesce((SELECT value FROM meta WHERE key = ?), 0)", pausedKey+printer).Scan(&was); err != nil {
			return err
		}
		since = record.FromMillis(was)
		if on == (was != 0) {
			return nil
		}
		changed = true
		detail, write := "the printer goes on", t.Exec("DELETE FROM meta WHERE key = ?", pausedKey+printer)
		if on {
			since = t.Now
			detail, write = "the printer is paused", t.Exec("INSERT INTO meta (key, value) VALUES (?, ?)", pausedKey+printer, record.Millis(t.Now))
		}
		if write != nil {
			return write
		}
		_, err := t.Emit(record.Event{Type: vocabulary.EventPersonSaid, Printer: printer, Operator: operator, Detail: detail})
		return err
	})
	if err != nil {
		return false, since, fmt.Errorf("pause printer %s: %w", printer, err)
	}
	return changed, since, nil
}

// Paused gives the printers that a person has paused, and since when.
func Paused(s record.Source) (map[string]time.Time, error) {
	rows, err := s.Query("SELECT key, value FROM meta WHERE key >= ? AND key < ?", pausedKey, strings.TrimSuffix(pausedKey, ":")+";")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	paused := map[string]time.Time{}
	for rows.Next() {
		var key string
		var at int64
		if err := rows.Scan(&key, &at); err != nil {
			return nil, err
		}
		paused[strings.TrimPrefix(key, pausedKey)] = record.FromMillis(at)
	}
	return paused, rows.Err()
}

// CancelWaiting cancels all copies that wait for a printer and of which nothing has left, as far as they were asked for by then: what
// came later was not seen by who decided. It gives the number of copies cancelled.
func (r *Rules) CancelWaiting(ctx context.Context, printer string, then time.Time, operator string) (int, error) {
	n := 0
	err := r.do(ctx, func(t act) error {
		n = 0
		list, err := record.Copies(t, waitingAt, printer)
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].Asked > record.Millis(then) {
				continue
			}
			if err := t.copies().setState(&list[i], causeCancel, vocabulary.StateCancelled, vocabulary.ReasonCancelled, vocabulary.ProofNone, "by "+operator); err != nil {
				return err
			}
			n++
		}
		t.copies().wake(printer)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("cancel what waits for %s: %w", printer, err)
	}
	return n, nil
}
