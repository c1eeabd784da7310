package queue

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
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
)

//go:embed schema/*.sql
var schema embed.FS

// checkedSize is the size of journal up to which Open checks every page; a bigger one is checked by Verify.
const checkedSize = 16 << 20

// Open opens the journal at path, making it when there is none, and settles what a crash left: attempts that had begun
// become uncertain. It takes the lock file "lock" in the same folder. Errors: ErrLocked, ErrCorrupt, ErrNewer.
func Open(ctx context.Context, path string, o Options) (*Queue, error) {
	o.fill()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("journal path: %w", err)
	}
	lock, err := takeLock(filepath.Join(filepath.Dir(path), "lock"))
	if err != nil {
		return nil, err
	}
	q := &Queue{
		o: o, log: o.Logger, path: path, lock: lock, workers: map[string]*worker{}, written: map[string]int64{}, stmts: map[string]*sql.Stmt{},
	}
	q.jobs.init()
	err = q.open(ctx)
	if errors.Is(err, ErrCorrupt) && o.ReplaceCorrupt {
		var kept string
		if kept, err = setAside(path, corruptMark, q.now()); err == nil {
			q.log.Error("the journal was damaged: a new one begins, the old one is kept", "kept", kept)
			err = q.open(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, err), lock.release())
	}
	return q, nil
}

func (q *Queue) open(ctx context.Context) error {
	if err := q.keepLog(); err != nil {
		return err
	}
	if err := q.privateJournal(); err != nil {
		return err
	}
	w, err := startWriter(ctx, q, dsn(q.path, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-4000)", "secure_delete(1)"))
	if err != nil {
		return damage(err)
	}
	q.w = w
	if err := q.prepare(ctx); err != nil {
		return errors.Join(damage(err), w.close())
	}
	q.rdb, err = sql.Open("sqlite", dsn(q.path, "query_only(1)", "cache_size(-2000)"))
	if err != nil {
		return errors.Join(err, w.close())
	}
	q.rdb.SetMaxOpenConns(4)
	q.rdb.SetMaxIdleConns(4)
	return nil
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
func (q *Queue) prepare(ctx context.Context) error {
	if err := q.check(); err != nil {
		return err
	}
	if err := q.migrate(ctx); err != nil {
		return err
	}
	if err := q.w.do(ctx, q.load); err != nil {
		return err
	}
	if err := q.w.do(ctx, q.afterCrash); err != nil {
		return err
	}
	if err := q.w.do(ctx, q.sealJournal); err != nil {
		q.log.Warn("the journal has no seal: a loss of its end would not be seen", "error", err)
	}
	if err := q.reserveLog(ctx); err != nil {
		q.log.Warn("the write-ahead log is not reserved: slips start slower", "error", err)
	}
	q.ballast = ballast{path: ballastPath(q.path), size: q.o.Ballast}
	if err := q.ballast.make(); err != nil {
		q.log.Warn("no ballast file: a full disk will stop answers too", "error", err)
	}
	return nil
}

// check finds a damaged file early where that is cheap.
func (q *Queue) check() error {
	info, err := os.Stat(q.path)
	if err != nil || info.Size() > checkedSize {
		return err
	}
	var found string
	if err := q.w.conn.once("PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, found)
	}
	return nil
}

func (q *Queue) migrate(ctx context.Context) error {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return err
	}
	slices.Sort(names)
	version, known, err := versions(q.w.conn.once)
	if err != nil {
		return err
	}
	if version > known {
		return fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, version, known)
	}
	for i, name := range names[version:] {
		text, err := schema.ReadFile(name)
		if err != nil {
			return err
		}
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT;", text, version+i+1)
		if err := q.w.conn.script(ctx, step); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return nil
}

// versions gives the version of a journal's schema, 0 when it has none, and the one that this program knows.
func versions(row func(query string) scanner) (version, known int, err error) {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return 0, 0, err
	}
	err = row("PRAGMA user_version").Scan(&version)
	return version, len(names), err
}

// load reads, or makes at birth, the numbers that the queue counts by.
func (q *Queue) load(t *tx) error {
	var unborn bool
	err := t.row("SELECT NOT EXISTS (SELECT 1 FROM meta) AND NOT EXISTS (SELECT 1 FROM jobs) AND NOT EXISTS (SELECT 1 FROM files)").Scan(&unborn)
	if err != nil {
		return err
	}
	seals, err := readSeals(q.path)
	if err != nil {
		q.log.Error("the journal's seal cannot be read", "error", err) // as if there were none
	}
	var traces []string
	if unborn {
		if traces, err = q.traces(seals); err != nil {
			return err
		}
		if err := q.birth(t); err != nil {
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
	putUint48(q.nonce[:], uint64(m["nonce"]))
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
		files = max(files, millis(q.now()))
		if err := t.lose(lost); err != nil {
			return err
		}
	}
	if m, err = readMeta(t); err != nil {
		return err
	}
	q.born, q.replaced = fromMillis(m["born"]), m["replaced"] != 0
	q.birthID = m["birth"]
	q.loss.Store(standingLoss(m))
	q.feed.start(t.event)
	return q.fileSeq.load(t, files)
}

// readMeta reads the journal's own numbers.
func readMeta(s source) (map[string]int64, error) {
	m := map[string]int64{}
	rows, err := s.query("SELECT key, value FROM meta")
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
func (q *Queue) birth(t *tx) error {
	var r [12]byte
	randomBytes(r[:])
	for k, v := range map[string]int64{
		"born":  millis(q.now()),
		"proof": (1 + int64(uint48(r[:6])%(proofIDs/proofStep-1))) * proofStep,
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
func (q *Queue) traces(seals []seal) ([]string, error) {
	var found []string
	for _, mark := range []string{corruptMark, replacedMark, lostMark} {
		list, err := filepath.Glob(globQuote(q.path) + mark + "*")
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	if len(seals) > 0 {
		found = append(found, sealPath(q.path))
	}
	if ballast := ballastPath(q.path); exists(ballast) {
		found = append(found, ballast)
	}
	if q.o.Traces != nil {
		found = append(found, q.o.Traces()...)
	}
	return found, nil
}

// keepLog keeps the write-ahead log of a journal that is gone or empty aside: SQLite would remove it, and it may hold all that is
// left.
func (q *Queue) keepLog() error {
	if info, err := os.Stat(q.path); err == nil && info.Size() > 0 {
		return nil
	}
	if info, err := os.Stat(q.path + "-wal"); err != nil || info.Size() == 0 {
		return nil
	}
	kept, err := setAside(q.path, lostMark, q.now())
	if err == nil {
		q.log.Error("the journal is gone or empty: its write-ahead log is kept", "kept", kept+"-wal")
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
