package spool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// safeName is a file's name as it is kept and answered: a card number in it is masked.
func safeName(name string) string {
	masked, found := job.MaskCardNumbers(name)
	if !found {
		return name
	}
	return strings.ReplaceAll(masked, "*", "x") // a star is no letter of a file name on Windows
}

// An arrival is one file on its way into the journal.
type arrival struct {
	name     string // its name in the drop folder
	seq      int64  // its number of arrival; 0, for what stays where it is: the journal gives one
	claimed  string // its name in .taken; empty when it could not be claimed and stays where it is
	data     []byte
	modified time.Time
	seen     sight // zero for what an earlier run had claimed
	result   job.Result
}

// claim renames a finished file into .taken and parses what was claimed. When another program renamed a second file over
// the first in between, both are taken: the one in memory and the one claimed.
func (s *Spool) claim(seq int64, c candidate, data []byte, info fs.FileInfo) []arrival {
	claimed := claimName(seq, c.name)
	if err := os.Rename(s.path(incomingDir, c.name), s.path(takenDir, claimed)); err != nil {
		s.remember(c, time.Now(), true)
		s.log.Error("a job file cannot be removed from the drop folder; it is printed once and left there", "err", err)
		return []arrival{{name: c.name, data: data, modified: info.ModTime(), result: s.parse(data)}}
	}
	delete(s.seen, c.name)
	first := arrival{name: c.name, seq: seq, claimed: claimed, data: data, modified: info.ModTime()}
	if now, err := os.Lstat(s.path(takenDir, claimed)); err != nil || unchanged(info, now) {
		first.result = s.parse(data)
		return []arrival{first}
	}
	now, nowInfo, err := readFile(s.path(takenDir, claimed))
	if err != nil {
		s.log.Error("a claimed job file cannot be read again; what was read before is taken", "err", err)
		first.result = s.parse(data)
		return []arrival{first}
	}
	second := arrival{name: c.name, seq: seq, claimed: claimed, data: now, modified: nowInfo.ModTime(), result: s.parse(now)}
	if os.SameFile(info, nowInfo) { // its writer went on after it looked complete
		return []arrival{second}
	}
	return []arrival{{name: c.name, data: data, modified: info.ModTime(), result: s.parse(data)}, second}
}

// unchanged tells whether a file is still the one that was read.
func unchanged(then, now fs.FileInfo) bool {
	return os.SameFile(then, now) && then.Size() == now.Size() && then.ModTime().Equal(now.ModTime())
}

// claimName gives the name a file has while it is claimed: its number of arrival, then its own name.
func claimName(seq int64, name string) string { return fmt.Sprintf("%019d-%s", seq, name) }

// splitClaim is the reverse of claimName.
func splitClaim(claimed string) (seq int64, name string, ok bool) {
	digits, name, ok := strings.Cut(claimed, "-")
	if !ok {
		return 0, "", false
	}
	seq, err := strconv.ParseInt(digits, 10, 64)
	return seq, name, err == nil
}

// takenLeft takes what an earlier run had claimed and not finished, in the order it was claimed.
func (s *Spool) takenLeft(ctx context.Context) {
	entries, err := os.ReadDir(s.path(takenDir)) // sorted by name: by number
	if err != nil {
		s.log.Error("claimed job files of an earlier run cannot be read", "err", err)
		return
	}
	s.unfinished = false
	for chunk := range slices.Chunk(entries, most) {
		var left []arrival
		for _, e := range chunk {
			seq, name, ok := splitClaim(e.Name())
			if !ok {
				continue
			}
			data, info, err := readFile(s.path(takenDir, e.Name()))
			if err != nil {
				s.log.Error("a claimed job file cannot be read; it stays", "err", err)
				continue
			}
			left = append(left, arrival{name: name, seq: seq, claimed: e.Name(), data: data, modified: info.ModTime(), result: s.parse(data)})
		}
		if err := s.accept(ctx, left); err != nil {
			s.log.Error("claimed job files wait: the journal does not accept them", "err", err)
			return
		}
	}
}

// accept commits arrivals in order; their answers are written next, and then the files removed. What the journal does not take stays claimed and is met again.
func (s *Spool) accept(ctx context.Context, arrivals []arrival) error {
	if len(arrivals) == 0 {
		return nil
	}
	inOrder(arrivals)
	batch := make([]queue.Arrival, len(arrivals))
	now := time.Now()
	for i, a := range arrivals {
		s.keepRefused(a)
		sum := sha256.Sum256(a.data)
		batch[i] = queue.Arrival{File: safeName(a.name), FileSeq: a.seq, SHA256: hex.EncodeToString(sum[:]), Parsed: a.result, Source: queue.SourceSpool}
		batch[i].Age = a.waited(now)
	}
	_, errs := s.journal.AcceptAll(ctx, batch)
	for i, a := range arrivals {
		if errs[i] != nil {
			s.unfinished = true
			delete(s.seen, a.name) // not answered: look again
			continue
		}
		s.answers.mark(safeName(a.name), a.claimed)
	}
	return errors.Join(errs...)
}

// keepRefused keeps a masked copy of what is no job, before the answer tells of it.
func (s *Spool) keepRefused(a arrival) {
	if a.result.Job != nil || len(a.result.Redacted) == 0 {
		return
	}
	if err := writeAtomic(s.path(rejectedDir, safeName(a.name)), a.result.Redacted); err != nil {
		s.log.Warn("the masked copy of a refused job cannot be written", "err", err)
	}
}

// inOrder puts files that are taken together, which lie by time and name, into the order of what they say. Of the same time
// (some file systems tell two seconds, or a tick, apart) a settlement goes behind slips and a command behind everything;
// otherwise what was dropped first goes first, for a command is about what was there. A settlement waits for slips of its
// batch that the terminal made before it, whatever the files' times.
func inOrder(arrivals []arrival) {
	rank := func(a arrival) int {
		switch {
		case a.result.Job == nil:
			return 0
		case a.result.Job.Kind == job.KindSettlement:
			return 1
		case a.result.Job.Kind == job.KindCommand:
			return 2
		}
		return 0
	}
	for from := 0; from < len(arrivals); {
		to := from + 1
		for to < len(arrivals) && arrivals[to].modified.Equal(arrivals[from].modified) {
			to++
		}
		slices.SortStableFunc(arrivals[from:to], func(a, b arrival) int { return rank(a) - rank(b) })
		from = to
	}
	for i := len(arrivals) - 1; i >= 0; i-- {
		last := i
		for k := i + 1; k < len(arrivals); k++ {
			if closes(arrivals[i].result.Job, arrivals[k].result.Job) {
				last = k
			}
		}
		a := arrivals[i]
		copy(arrivals[i:last], arrivals[i+1:last+1])
		arrivals[last] = a
	}
}

// closes reports whether a settlement's batch holds a slip: its terminal made the slip no later.
func closes(settlement, slip *job.Job) bool {
	if settlement == nil || settlement.Settlement == nil || slip == nil || slip.Transaction == nil {
		return false
	}
	s, t := settlement.Settlement, slip.Transaction
	return t.TerminalNo == s.TerminalNo && t.BatchNo == s.BatchNo && !t.TransactedAt.After(s.SettledAt)
}

// writeAtomic writes a file so that a reader sees the old or the new content, never a part.
func writeAtomic(path string, data []byte) error {
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp")
	if err := os.WriteFile(tmp, data, 0o660); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
