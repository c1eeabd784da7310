package journal

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/receiptd/receiptd/queue/record"
)

//go:embed schema/*.sql
var schema embed.FS

// checkedSize is the size of journal up to which Open checks every page; a bigger one is checked by Verify.
const checkedSize = 16 << 20

// Open opens the journal at path, making it when there is none. It takes the lock file "lock" in the same folder. Errors:
// ErrLocked, ErrCorrupt, ErrNewer.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	o.fill()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("journal path: %w", err)
	}
	lock, err := takeLock(filepath.Join(filepath.Dir(path), "lock"))
	if err != nil {
		return nil, err
	}
	db := &DB{o: o, log: o.Logger, path: path, lock: lock}
	db.readers.statements = map[string]*sql.Stmt{}
	db.contents.init()
	err = db.open(ctx)
	if errors.Is(err, ErrCorrupt) && o.ReplaceCorrupt {
		var kept string
		if kept, err = setAside(path, corruptMark, db.now()); err == nil {
			db.log.Error("the journal was damaged: a new one begins, the old one is kept", "kept", kept)
			err = db.open(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, err), lock.release())
	}
	return db, nil
}

func (o *Options) fill() {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Ballast == 0 {
		o.Ballast = 64 << 20
	}
}

func (db *DB) open(ctx context.Context) error {
	if err := db.keepLog(); err != nil {
		return err
	}
	if err := db.privateJournal(); err != nil {
		return err
	}
	w, err := startWriter(ctx, db, dsn(db.path, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-4000)", "secure_delete(1)"))
	if err != nil {
		return damage(err)
	}
	db.w = w
	if err := db.prepare(ctx); err != nil {
		return errors.Join(damage(err), w.close())
	}
	db.readers.pool, err = sql.Open("sqlite", dsn(db.path, "query_only(1)", "cache_size(-2000)"))
	if err != nil {
		return errors.Join(err, w.close())
	}
	db.readers.pool.SetMaxOpenConns(4)
	db.readers.pool.SetMaxIdleConns(4)
	return nil
}

// Close writes what is asked already, closes the journal and gives up the lock.
func (db *DB) Close() error {
	return errors.Join(db.w.close(), db.readers.pool.Close(), db.lock.release())
}

func dsn(path string, pragmas ...string) string {
	v := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	p := filepath.ToSlash(path)
	if runtime.GOOS == "windows" {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p, RawQuery: v.Encode()}).String()
}

// prepare brings a journal to the present schema and reads what the queue keeps in memory.
func (db *DB) prepare(ctx context.Context) error {
	if err := db.check(); err != nil {
		return err
	}
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.w.do(ctx, db.load); err != nil {
		return err
	}
	if err := db.w.do(ctx, db.settleCrash); err != nil {
		return err
	}
	if err := db.w.do(ctx, db.sealJournal); err != nil {
		db.log.Warn("the journal has no seal: a loss of its end would not be seen", "error", err)
	}
	if err := db.reserveLog(ctx); err != nil {
		db.log.Warn("the write-ahead log is not reserved: slips start slower", "error", err)
	}
	db.space.ballast = ballast{path: ballastPath(db.path), size: db.o.Ballast}
	if err := db.space.ballast.make(); err != nil {
		db.log.Warn("no ballast file: a full disk will stop answers too", "error", err)
	}
	return nil
}

// settleCrash lets the rules settle what a crash left.
func (db *DB) settleCrash(t *Tx) error {
	if db.o.AfterCrash == nil {
		return nil
	}
	return db.o.AfterCrash(t)
}

// check finds a damaged file early where that is cheap.
func (db *DB) check() error {
	info, err := os.Stat(db.path)
	if err != nil || info.Size() > checkedSize {
		return err
	}
	var found string
	if err := db.w.conn.once("PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, found)
	}
	return nil
}

func (db *DB) migrate(ctx context.Context) error {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	version, known, err := versions(db.w.conn.once)
	if err != nil {
		return err
	}
	if version > known {
		return fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, version, known)
	}
	if version > 0 && version < known {
		if err := db.keepVersion(ctx, version); err != nil {
			return err
		}
	}
	for i, name := range names[version:] {
		text, err := schema.ReadFile(name)
		if err != nil {
			return err
		}
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT;", text, version+i+1)
		if err := db.w.conn.script(ctx, step); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

// versions gives the version of a journal's schema, 0 when it has none, and the one that this program knows.
func versions(row func(query string) record.Scanner) (version, known int, err error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return 0, 0, err
	}
	err = row("PRAGMA user_version").Scan(&version)
	return version, len(names), err
}

// load reads, or makes at birth, the numbers that the queue counts by.
func (db *DB) load(t *Tx) error {
	var unborn bool
	err := t.Row("SELECT NOT EXISTS (SELECT 1 FROM meta) AND NOT EXISTS (SELECT 1 FROM jobs) AND NOT EXISTS (SELECT 1 FROM files)").Scan(&unborn)
	if err != nil {
		return err
	}
	seals, err := readSeals(db.path)
	if err != nil {
		db.log.Error("the journal's seal cannot be read", "error", err) // as if there were none
	}
	var traces []string
	if unborn {
		if traces, err = db.traces(seals); err != nil {
			return err
		}
		if err := db.birth(t); err != nil {
			return err
		}
	}
	m, err := readMeta(t)
	if err != nil {
		return err
	}
	if m["born"] == 0 || m["proof"] == 0 {
		return fmt.Errorf("%w: its first records are missing", ErrCorrupt)
	}
	putUint48(db.nonce[:], uint64(m["nonce"]))
	if err := errors.Join(t.loadNumbers(m), t.loadChain(), t.loadProof(m)); err != nil {
		return err
	}
	if m["birth"] == 0 { // of a version without seals
		m["birth"] = newBirth()
		if err := t.note("birth", m["birth"]); err != nil {
			return err
		}
	}
	files := m["file_seq"]
	var lost *finding
	if len(traces) > 0 {
		lost = &finding{Loss{Cause: LossMissing}, strings.Join(traces, ", ")}
	} else if !unborn {
		if lost, err = t.lookForLoss(m, seals); err != nil {
			return err
		}
	}
	for _, s := range seals {
		files = max(files, s.file)
		t.atLeast(&s)
	}
	if lost != nil {
		files = max(files, record.Millis(db.now()))
		if err := t.recordLoss(lost); err != nil {
			return err
		}
	}
	if m, err = readMeta(t); err != nil {
		return err
	}
	db.born, db.replaced = record.FromMillis(m["born"]), m["replaced"] != 0
	db.birthID = m["birth"]
	db.loss.Store(standingLoss(m))
	db.feed.start(t.event)
	return db.fileSeq.load(t, files)
}

// readMeta reads the journal's own numbers.
func readMeta(s record.Source) (map[string]int64, error) {
	m := map[string]int64{}
	rows, err := s.Query("SELECT key, value FROM meta")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k string
		var v int64
		if err := rows.Scan(&k, &v); err != nil {
			return nil, err
		}
		m[k] = v
	}
	return m, rows.Err()
}

// birth writes the first records of a new journal. The proof counter begins at random.
func (db *DB) birth(t *Tx) error {
	var r [12]byte
	randomBytes(r[:])
	for k, v := range map[string]int64{
		"born":  record.Millis(db.now()),
		"proof": (1 + int64(uint48(r[:6])%(record.ProofIDs/record.ProofStep-1))) * record.ProofStep,
		"nonce": int64(uint48(r[6:])),
		"birth": newBirth(),
	} {
		if err := t.note(k, v); err != nil {
			return err
		}
	}
	return nil
}

// newBirth gives a journal the number by which its seal knows it.
func newBirth() int64 {
	var r [6]byte
	randomBytes(r[:])
	return 1 + int64(uint48(r[:]))
}

// traces names what an earlier journal of this folder left: one that was kept aside, also when a crash came between, a seal, a
// ballast, and what the caller knows of.
func (db *DB) traces(seals []seal) ([]string, error) {
	var found []string
	for _, mark := range []string{corruptMark, replacedMark, lostMark} {
		list, err := filepath.Glob(globQuote(db.path) + mark + "*")
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	if len(seals) > 0 {
		found = append(found, sealPath(db.path))
	}
	if ballast := ballastPath(db.path); exists(ballast) {
		found = append(found, ballast)
	}
	if db.o.Traces != nil {
		found = append(found, db.o.Traces()...)
	}
	return found, nil
}

// keepLog keeps the write-ahead log of a journal that is gone or empty aside: SQLite would remove it, and it may hold all that is
// left.
func (db *DB) keepLog() error {
	if info, err := os.Stat(db.path); err == nil && info.Size() > 0 {
		return nil
	}
	if info, err := os.Stat(db.path + "-wal"); err != nil || info.Size() == 0 {
		return nil
	}
	kept, err := setAside(db.path, lostMark, db.now())
	if err == nil {
		db.log.Error("the journal is gone or empty: its write-ahead log is kept", "kept", kept+"-wal")
	}
	return err
}

// damage turns what SQLite says about a broken file into ErrCorrupt.
func damage(err error) error {
	if code := sqliteCode(err); code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

// sqliteCode gives the primary result code of an SQLite error, 0 for others.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// Marks in the names of journals that were set aside: because they were damaged, because a backup took their place, because only
// their write-ahead log was left.
const (
	corruptMark  = ".corrupt-"
	replacedMark = ".replaced-"
	lostMark     = ".lost-"
)

// globQuote makes a path its own pattern.
func globQuote(path string) string {
	if runtime.GOOS == "windows" {
		return path // a backslash quotes nothing there, and file names hold no * and ?
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// setAside renames a journal and its side files, never over another file.
func setAside(path, mark string, now time.Time) (string, error) {
	kept := path + mark + now.UTC().Format("20060102T150405Z")
	for i := 1; exists(kept); i++ {
		kept = strings.TrimSuffix(kept, "."+strconv.Itoa(i-1)) + "." + strconv.Itoa(i)
	}
	for _, side := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+side, kept+side); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("keep the old journal: %w", err)
		}
	}
	return kept, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// A Options tunes a DB. The zero value works.
type Options struct {
	Logger *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now

	// ReplaceCorrupt lets Open begin a new journal when the old one is damaged; the old one is kept aside.
	ReplaceCorrupt bool
	// Traces names what only a journal that was here before can have left: when there is none beside them, it was lost. It is
	// called when there is no journal; nil gives nothing.
	Traces func() []string
	// Ballast is the size in bytes of the file given up when the disk is full; 0 is 64 MiB, negative is none.
	Ballast int64

	// AfterCrash is called in a transaction of its own as soon as the journal can be written: it settles what a crash left. nil
	// settles nothing.
	AfterCrash func(*Tx) error
	// Offer is called when all that a transaction holds is written, before it is committed. It may hand the first copy that the
	// transaction made (see Tx.SetFirstCopy) to a printer without work, and gives its number then: the transaction waits a moment for
	// that copy's start, see startTime. 0, or a nil Offer: there is none.
	Offer func(*Tx) (copySeq int64)
}
