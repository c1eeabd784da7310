package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/pause"
	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Journal tells what came out.
type Journal interface {
	ID() string
	// Printed gives copies that came out, each once, in the order of events: at most so many, of events behind after. upTo is the event
	// up to which there is none else. A negative after gives none, and the newest event.
	Printed(ctx context.Context, after int64, most int) (list []api.PrintedCopy, upTo int64, err error)
	// Await blocks until there is an event behind after, a negative one stands for the newest, or ctx ends. It reads no disk where after is
	// one of the newest.
	Await(ctx context.Context, after int64) error
	// AgreedTime is the time by which old records are removed; zero while nobody knows.
	AgreedTime(ctx context.Context) (time.Time, error)
}

// Config is the section [archive]. It is asked each time.
type Config struct {
	On      bool
	Months  int            // days older than this are removed
	MinFree int64          // bytes of the disk that the archive leaves to the journal
	Zone    *time.Location // of the days; nil: the machine's
}

// Options are what a Keeper needs.
type Options struct {
	Store   *Store
	Journal Journal
	Config  func() Config
	// Draw writes a slip as a PDF file. An error of ErrNoSlip's kind costs this slip only: its line says so.
	Draw   func(ctx context.Context, w io.Writer, c *api.PrintedCopy, filed time.Time) error
	Room   func(dir string) (bytes, files int64, err error) // what is free on the disk
	Filed  func()                                           // is called where slips were filed and no more are to be; nil is fine
	Logger *slog.Logger                                     // nil discards
}

// Why nothing is filed.
const (
	diskLow = "disk_low"
	failed  = "failed"
)

const (
	rest     = 2 * time.Second  // after something happened: a slip that follows goes first
	longest  = 30 * time.Second // that a rest may become while something happens all the time
	share    = 9                // of the time for the others, for one that is used
	retry    = time.Minute      // until it is tried again what did not go
	step     = 32               // slips that are read at once
	minFiles = 1000             // files that must still fit on the disk
)

// A Keeper files what comes out. Run is called once; Status by any goroutine.
type Keeper struct {
	o      Options
	cursor int64  // up to this event everything is filed; only Run uses it
	purged string // the day on which old days were last removed

	mu     sync.Mutex // guards what follows
	status api.ArchiveStatus
}

// New gives a keeper; Run starts it.
func New(o Options) *Keeper {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Keeper{o: o, cursor: -1}
}

// Status tells how it stands. An error is the folder's.
func (k *Keeper) Status() (api.ArchiveStatus, error) {
	days, err := k.o.Store.Days()
	k.mu.Lock()
	defer k.mu.Unlock()
	st := k.status
	st.On, st.Dir, st.Days = k.o.Config().On, k.o.Store.Dir(), append([]string{}, days...)
	if !st.On {
		st.Stopped, st.Text = "", vocabulary.Text{}
	}
	return st, err
}

// Stopped tells why nothing is filed although it should be, "" when all is well. It reads no disk.
func (k *Keeper) Stopped() (code string, text vocabulary.Text) {
	if !k.o.Config().On {
		return "", vocabulary.Text{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status.Stopped, k.status.Text
}

// Run files what came out and what comes out until ctx ends. It returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	seen := int64(-1)
	for ctx.Err() == nil {
		err := k.work(ctx, &seen)
		if err == nil {
			k.quiet(ctx, seen)
			continue
		}
		k.cursor = -1 // nobody knows whether the line is on disk: it is looked up
		if ctx.Err() == nil {
			k.stop(err)
			pause.For(ctx, retry)
		}
	}
	return nil
}

// quiet waits until something happened and nothing more does. It reads no journal: what happens is a slip on its way to the printer, and
// a read at each of its steps made its first byte come 15 % later.
func (k *Keeper) quiet(ctx context.Context, seen int64) {
	if k.o.Journal.Await(ctx, seen) != nil {
		return
	}
	limit, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for limit.Err() == nil {
		pause, end := context.WithTimeout(limit, rest)
		err := k.o.Journal.Await(pause, -1)
		end()
		if err != nil {
			return // nothing happened for a while, or ctx ended
		}
	}
}

// work files what is not filed yet, and removes old days: also of an archive that is off, and where the disk is too full to file, since
// that makes room. seen is the newest event that was looked at.
func (k *Keeper) work(ctx context.Context, seen *int64) error {
	err := k.fileAll(ctx, seen)
	if ctx.Err() != nil {
		return err
	}
	return cmp.Or(err, k.purge(ctx))
}

func (k *Keeper) fileAll(ctx context.Context, seen *int64) error {
	c := k.o.Config()
	if !c.On || *seen < 0 { // from there on, where the archive is new
		k.cursor = -1
		_, newest, err := k.o.Journal.Printed(ctx, -1, 0)
		if err == nil {
			*seen = newest
		}
		if err != nil || !c.On {
			return err
		}
	}
	if k.cursor < 0 {
		if err := k.find(ctx, *seen); err != nil {
			return err
		}
	}
	filed := 0
	for ctx.Err() == nil {
		list, upTo, err := k.o.Journal.Printed(ctx, k.cursor, step)
		if err != nil {
			return err
		}
		for i := range list {
			began := time.Now()
			if err := k.file(ctx, &list[i], k.o.Config()); err != nil {
				return err
			}
			k.cursor = list[i].Event
			filed++
			if !pause.For(ctx, share*time.Since(began)) {
				return nil
			}
		}
		k.cursor, *seen = max(k.cursor, upTo), max(*seen, upTo)
		if len(list) < step {
			break
		}
	}
	k.well()
	if filed > 0 && k.o.Filed != nil {
		k.o.Filed()
	}
	return nil
}

// find gives the event up to which this journal's slips are filed: the newest line says it. Where there is none a line is written that
// says from where on they are: behind newest, or from its beginning for a journal that took another's place.
func (k *Keeper) find(ctx context.Context, newest int64) error {
	last, err := k.o.Store.newest()
	if err != nil {
		return err
	}
	if err := k.o.Store.tidy(); err != nil {
		return err
	}
	cursor, others := int64(-1), false
	for _, x := range last {
		if x.Journal != k.o.Journal.ID() {
			others = true
			continue
		}
		cursor = max(cursor, x.Event)
	}
	if cursor >= 0 {
		k.cursor = cursor
		return nil
	}
	if others {
		newest = 0
	}
	if err := k.mayWrite(k.o.Config()); err != nil {
		return err
	}
	now := time.Now().In(zone(k.o.Config()))
	root, err := k.o.Store.day(now)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := k.o.Store.add(root, &api.FiledSlip{PrintedCopy: api.PrintedCopy{Event: newest, At: now}, Journal: k.o.Journal.ID(), Began: true}); err != nil {
		return err
	}
	k.cursor = newest
	return ctx.Err()
}

func zone(c Config) *time.Location {
	if c.Zone == nil {
		return time.Local
	}
	return c.Zone
}

// file puts one slip into the archive.
func (k *Keeper) file(ctx context.Context, c *api.PrintedCopy, conf Config) error {
	if err := k.mayWrite(conf); err != nil {
		return err
	}
	c.At = c.At.In(zone(conf))
	x := api.FiledSlip{PrintedCopy: *c, Journal: k.o.Journal.ID()}
	var made bytes.Buffer
	err := k.o.Draw(ctx, &made, c, c.At)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	root, rootErr := k.o.Store.day(c.At)
	if rootErr != nil {
		return rootErr
	}
	defer root.Close()
	if err != nil {
		k.o.Logger.Error("a slip is not in the archive: it cannot be drawn", "job", c.JobID, "copy", c.Name(), "err", err)
		x.Why = notRendered
	} else {
		sum := sha256.Sum256(made.Bytes())
		x.File, x.Bytes, x.SHA256 = nameOf(c), made.Len(), hex.EncodeToString(sum[:])
		if err := wholefile.WriteIn(root, x.File, made.Bytes(), 0o600); err != nil {
			return err
		}
	}
	if err := k.o.Store.add(root, &x); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status.Filed++
	k.status.LastAt = c.At
	return nil
}

// nameOf is the name of a copy's file: that of no other, and of no device of the system's.
func nameOf(c *api.PrintedCopy) string {
	return fmt.Sprintf("%s-%s-%s-%d.pdf", c.CopyID, c.JobID, c.Copy.Base(), c.PrintNo)
}

// lowDisk says that the disk has too little room left.
type lowDisk struct{ free int64 }

func (e lowDisk) Error() string { return fmt.Sprintf("%d MB left on the disk", e.free>>20) }

// mayWrite looks whether the disk has room for more than the journal.
func (k *Keeper) mayWrite(c Config) error {
	if err := os.MkdirAll(k.o.Store.Dir(), 0o700); err != nil {
		return err
	}
	free, files, err := k.o.Room(k.o.Store.Dir())
	if err == nil && (free < c.MinFree || files >= 0 && files < minFiles) {
		return lowDisk{free}
	}
	return err
}

// stop tells, once, that nothing is filed now.
func (k *Keeper) stop(err error) {
	code, text := failed, vocabulary.Text{Zh: "存档写不进去：" + err.Error(), En: "the archive cannot be written: " + err.Error()}
	var low lowDisk
	if errors.As(err, &low) {
		mb := fmt.Sprintf("%d MB", low.free>>20)
		code, text = diskLow, vocabulary.Text{Zh: "磁盘只剩 " + mb + "，存档停了；打印照常，腾出空间后接着补存", En: "the disk has " + mb + " left, so slips are not filed; they print as usual and are filed when there is room"}
	}
	k.mu.Lock()
	told := k.status.Stopped == code
	k.status.Stopped, k.status.Text = code, text
	k.mu.Unlock()
	if !told {
		k.o.Logger.Error("slips are not filed in the archive", "code", code, "err", err)
	}
}

func (k *Keeper) well() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.status.Stopped != "" {
		k.o.Logger.Info("slips are filed in the archive again")
	}
	k.status.Stopped, k.status.Text = "", vocabulary.Text{}
}

// purge removes days that are too old, once a day, by a time that does not jump.
func (k *Keeper) purge(ctx context.Context) error {
	days, err := k.o.Store.Days()
	if err != nil || len(days) == 0 { // nothing was ever filed: the journal need not be read
		return err
	}
	now, err := k.o.Journal.AgreedTime(ctx)
	if err != nil || now.IsZero() {
		return err
	}
	c := k.o.Config()
	oldest := now.In(zone(c)).AddDate(0, -c.Months, 0).Format(time.DateOnly)
	if k.purged == oldest {
		return nil
	}
	last, err := k.o.Store.newest()
	if err != nil {
		return err
	}
	keep, event := "", int64(-1) // the newest line stays, however old: it tells how far the journal was followed
	for day, x := range last {
		if x.Journal == k.o.Journal.ID() && x.Event > event {
			keep, event = day, x.Event
		}
	}
	slices.Reverse(days)
	for _, day := range days {
		if day >= oldest || day == keep {
			continue
		}
		if err := k.o.Store.removeDay(day); err != nil {
			return err
		}
		k.o.Logger.Info("an old day of the archive was removed", "day", day)
	}
	k.purged = oldest
	return nil
}
