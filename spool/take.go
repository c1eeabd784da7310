package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

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
// the first in between, both are taken: the one in memory and the one claimed. One that is gone was taken back, or by somebody
// else, and is not ours to print.
func (k *taker) claim(seq int64, c candidate, data []byte, info fs.FileInfo) []arrival {
	claimed, err := k.moveToTaken(seq, c.name)
	if errors.Is(err, fs.ErrNotExist) {
		called, _ := k.names.called(c.name)
		k.reports.say(slog.LevelWarn, "a file was gone when it was to be taken; it is not printed", called, nil)
		return nil
	}
	if err != nil {
		k.remember(c, time.Now(), true)
		called, _ := k.names.called(c.name)
		k.reports.say(slog.LevelError, "a job file cannot be removed from the drop folder; it is printed once and left there", called, err)
		return []arrival{{name: c.name, data: data, modified: info.ModTime(), result: k.parse(data)}}
	}
	delete(k.seen, c.name)
	first := arrival{name: c.name, seq: seq, claimed: claimed, data: data, modified: info.ModTime()}
	if now, err := k.taken.root.Lstat(claimed); err != nil || unchanged(info, now) {
		first.result = k.parse(data)
		return []arrival{first}
	}
	now, nowInfo, err := readFile(k.taken, claimed)
	if err != nil {
		called, _ := k.names.called(c.name)
		k.reports.say(slog.LevelError, "a claimed job file cannot be read again; what was read before is taken", called, err)
		first.result = k.parse(data)
		return []arrival{first}
	}
	second := arrival{name: c.name, seq: seq, claimed: claimed, data: now, modified: nowInfo.ModTime(), result: k.parse(now)}
	if os.SameFile(info, nowInfo) { // its writer went on after it looked complete
		return []arrival{second}
	}
	return []arrival{{name: c.name, data: data, modified: info.ModTime(), result: k.parse(data)}, second}
}

// unchanged tells whether a file is still the one that was read.
func unchanged(then, now fs.FileInfo) bool {
	return os.SameFile(then, now) && then.Size() == now.Size() && then.ModTime().Equal(now.ModTime())
}

// A claimed file is called by its number of arrival, 19 digits, and its own name: NUMBER-NAME, or NUMBER/NAME, in a folder of its
// own, where that is too long for one name.
const claimDigits = 19

// moveToTaken claims a file and gives its name in .taken.
func (k *taker) moveToTaken(seq int64, name string) (claimed string, err error) {
	number := fmt.Sprintf("%0*d", claimDigits, seq)
	if claimDigits+1+len(name) <= maxName {
		claimed = number + "-" + name
		return claimed, k.incoming.move(name, k.taken, claimed)
	}
	if err := k.taken.root.Mkdir(number, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	claimed = number + "/" + name
	if err = k.incoming.move(name, k.taken, claimed); err != nil {
		_ = k.taken.remove(number) // an empty one is removed at the next start
	}
	return claimed, err
}

// splitClaim gives what a claimed file's name says.
func splitClaim(claimed string) (seq int64, name string, ok bool) {
	if len(claimed) <= claimDigits+1 || claimed[claimDigits] != '-' && claimed[claimDigits] != '/' {
		return 0, "", false
	}
	seq, err := strconv.ParseInt(claimed[:claimDigits], 10, 64)
	return seq, claimed[claimDigits+1:], err == nil
}

// claims lists the claimed files by their numbers.
func (s *Spool) claims(taken *folder) ([]string, error) {
	entries, err := taken.names()
	if err != nil {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if _, _, ok := splitClaim(e); ok {
			list = append(list, e)
			continue
		}
		if _, err := strconv.ParseInt(e, 10, 64); err != nil || len(e) != claimDigits {
			continue
		}
		sub, err := taken.openIn(e)
		if err != nil {
			continue
		}
		inside, err := sub.names()
		sub.close()
		for _, name := range inside {
			list = append(list, e+"/"+name)
		}
		if err == nil && len(inside) == 0 {
			_ = taken.remove(e) // a crash left it; it holds nothing
		}
	}
	slices.Sort(list)
	return list, nil
}

// unclaim removes a claimed file that was answered.
func unclaim(taken *folder, claimed string) error {
	if err := taken.remove(claimed); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if number, _, long := strings.Cut(claimed, "/"); long {
		_ = taken.remove(number) // an empty one is removed at the next start
	}
	return nil
}

// takenLeft takes what an earlier run had claimed and not finished, in the order it was claimed.
func (k *taker) takenLeft(ctx context.Context) {
	entries, err := k.claims(k.taken)
	if err != nil {
		k.reports.say(slog.LevelError, "claimed job files of an earlier run cannot be read", "", err)
		return
	}
	k.unfinished = false
	for chunk := range slices.Chunk(entries, most) {
		var left []arrival
		for _, e := range chunk {
			k.pulse.beat()
			seq, name, ok := splitClaim(e)
			if !ok {
				continue
			}
			data, info, err := readFile(k.taken, e)
			if err != nil {
				called, _ := k.names.called(name)
				k.reports.say(slog.LevelError, "a claimed job file cannot be read; it stays", called, err)
				continue
			}
			left = append(left, arrival{name: name, seq: seq, claimed: e, data: data, modified: info.ModTime(), result: k.parse(data)})
		}
		if err := k.accept(ctx, left); err != nil {
			k.reports.say(slog.LevelError, "claimed job files wait: the journal does not accept them", "", err)
			return
		}
	}
}

// accept commits arrivals in order; their answers are written next, and then the files removed. What the journal does not take
// stays claimed and is met again.
func (k *taker) accept(ctx context.Context, arrivals []arrival) error {
	if len(arrivals) == 0 {
		return nil
	}
	inOrder(arrivals)
	batch := make([]queue.Arrival, len(arrivals))
	now := time.Now()
	for i, a := range arrivals {
		k.keepRefused(a)
		called, _ := k.names.called(a.name)
		batch[i] = queue.Arrival{File: called, FileSeq: a.seq, Parsed: a.result, Source: queue.SourceSpool}
		batch[i].Age = a.waited(now)
	}
	_, errs := k.requests.AcceptAll(ctx, batch)
	k.pulse.beat()
	for i, a := range arrivals {
		if errs[i] != nil {
			k.unfinished = true
			delete(k.seen, a.name) // not answered: look again
			continue
		}
		k.answers.mark(batch[i].File, a.claimed)
	}
	return errors.Join(errs...)
}

// keepRefused keeps a masked copy of what is no job, before the answer tells of it.
func (k *taker) keepRefused(a arrival) {
	if a.result.Job != nil || len(a.result.Redacted) == 0 {
		return
	}
	called, _ := k.names.called(a.name)
	rejected, err := k.tree.in(rejectedDir)
	if err == nil {
		err = wholefile.Put(rejected.root, k.names.kept(a.name), a.result.Redacted, 0o640)
	}
	if err != nil {
		k.reports.say(slog.LevelWarn, "the masked copy of a refused job cannot be written", called, err)
	}
}
