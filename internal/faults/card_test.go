//go:build linux

package faults

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/receiptd/receiptd/queue/record"
)

var (
	cardSeed = flag.Uint64("card-seed", 0, "seed of TestNoCardNumberStays; 0 takes one from the clock")
	cards    = flag.Int("cards", 150, "how many card numbers TestNoCardNumberStays plants")
)

// testNumbers are published by the schemes and processors for tests.
var testNumbers = []string{
	"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000", "4012888888881881",
	"5105105105105100", "371449635398431", "6200000000000005", "30569309025904",
}

// TestNoCardNumberStays plants card numbers anywhere in jobs - texts, values, names, file names, broken files - and looks for
// them in all that a daemon leaves: journal and its log, answers, refused jobs, its log, the paper.
func TestNoCardNumberStays(t *testing.T) {
	t.Parallel()
	seed := *cardSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -card-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	samples, err := filepath.Glob(filepath.Join("..", "..", "examples", "jobs", "*.json"))
	if err != nil || len(samples) < 20 {
		t.Fatal(samples, err)
	}
	h := newHouse(t)
	planted := map[string][]byte{}
	for n := range *cards {
		data, err := os.ReadFile(samples[r.IntN(len(samples))])
		if err != nil {
			t.Fatal(err)
		}
		number := testNumbers[r.IntN(len(testNumbers))]
		data = plant(t, r, data, n, number)
		name := fmt.Sprintf("%d.json", n)
		if r.IntN(10) == 0 {
			name = fmt.Sprintf("%d %s.json", n, disguise(r, number, false))
		}
		planted[name] = data
		if err := os.WriteFile(h.path("spool", "incoming", name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.start()
	h.await("all to be answered", func() bool {
		waiting, err := filepath.Glob(h.path("spool", "incoming", "*"))
		claimed, err2 := filepath.Glob(h.path("spool", ".taken", "*"))
		return err == nil && err2 == nil && len(waiting)+len(claimed) == 0
	})
	h.await("all to be printed", func() bool { return h.allSettled() })
	h.kill() // the write-ahead log stays as it was
	h.search(planted)
}

// allSettled is settled for whatever lies in results.
func (h *house) allSettled() bool {
	names, err := filepath.Glob(h.path("spool", "results", "*.json"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.dropped = h.dropped[:0]
	for _, n := range names {
		h.dropped = append(h.dropped, filepath.Base(n))
	}
	return len(names) > 0 && h.settled()
}

// search looks for the test numbers in everything that is left.
func (h *house) search(planted map[string][]byte) {
	h.t.Helper()
	leaked := ""
	look := func(where, text string) {
		text = plain(text)
		for _, number := range testNumbers {
			if i := strings.Index(text, number); i >= 0 {
				leaked = number
				h.t.Errorf("%s is in %s: ...%q...", number, where, text[max(0, i-60):min(len(text), i+80)])
			}
		}
	}
	look("the log", h.log.String())
	for _, p := range h.printer.Pieces() {
		look(fmt.Sprintf("piece %d", p.N), p.Text())
	}
	err := filepath.WalkDir(h.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ := filepath.Rel(h.dir, path)
		// Names below these folders are the sender's own words: whoever waits for an answer looks for it under the name it gave.
		if dir := filepath.Base(filepath.Dir(name)); dir != "results" && dir != "incoming" && dir != ".taken" {
			look("the name "+name, name)
		}
		data, err := os.ReadFile(path)
		if strings.HasPrefix(filepath.Base(name), "journal.db") {
			data = parted(data)
		}
		look(name, string(data))
		return err
	})
	if err != nil {
		h.t.Error(err)
	}
	h.lookIntoContents(look)
	for name, data := range planted {
		if leaked != "" && strings.Contains(plain(name+string(data)), leaked) {
			h.t.Logf("%s: %s", name, data)
		}
	}
}

// lookIntoContents shows the contents that the journal holds, which are packed there.
func (h *house) lookIntoContents(look func(where, text string)) {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+h.path("data", "journal.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(h.t.Context(), "SELECT job_id, json FROM jobs")
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var id string
		var kept []byte
		if err := rows.Scan(&id, &kept); err != nil {
			h.t.Fatal(err)
		}
		text, err := record.Unpack(kept)
		if err != nil {
			h.t.Errorf("the content of %s: %v", id, err)
		}
		look("the content of "+id, string(text))
		n += len(text)
	}
	if err := rows.Err(); err != nil || n == 0 {
		h.t.Errorf("the journal's contents: %v, %d bytes", err, n)
	}
}

// parted puts a break for what no text holds: two records that lie side by side in a database's page are no number. (In the index of
// last four digits one 1111 follows the other, with nothing but their lengths in between.)
func parted(page []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return 0
		}
		return r
	}, page)
}

// plain takes out what can stand between the digits of one number, and makes all digits plain ones.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		switch {
		case unicode.IsDigit(r) && r > '9':
			v := 0
			for unicode.IsDigit(r-1) && v < 9 {
				r, v = r-1, v+1
			}
			fmt.Fprint(&b, v)
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '*' || r == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// disguise writes a number as people and programs write numbers. inText allows what cannot be in a file's name.
func disguise(r *rand.Rand, number string, inText bool) string {
	seps := []string{"", "", " ", "-", ".", "_", "\u00a0", "\u200b"}
	if inText {
		seps = append(seps, "\u0002", " - ", "/")
	}
	sep, every := seps[r.IntN(len(seps))], 4
	if r.IntN(5) == 0 {
		every = 1 + r.IntN(6)
	}
	var b strings.Builder
	wide := r.IntN(6) == 0
	for i, d := range number {
		if i > 0 && i%every == 0 {
			b.WriteString(sep)
		}
		if wide {
			d += '０' - '0'
		}
		b.WriteRune(d)
	}
	return b.String()
}

// exempt are fields that are never taken for card numbers while their format is right (contract, section 2).
var exempt = []string{"no", "order_no", "merchant_order_no", "channel_transaction_id", "tax_no", "target_job_id", "job_id", "aid", "arqc", "tc", "iad"}

// plant puts a number somewhere into a job and gives the job an id of its own.
func plant(t *testing.T, r *rand.Rand, data []byte, n int, number string) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	doc["job_id"] = fmt.Sprintf("planted-%d", n)
	if r.IntN(12) == 0 {
		doc["job_id"] = fmt.Sprintf("p%d-%s", n, number)
	}
	var places []func()
	collect(r, doc, number, &places)
	places[r.IntN(len(places))]()
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if r.IntN(10) == 0 {
		out = append(out[:len(out)-1], "] "+disguise(r, number, false)...) // no JSON any more
	}
	return out
}

// collect lists what may be done to a document.
func collect(r *rand.Rand, v any, number string, places *[]func()) {
	text := func(old string) string {
		return []string{number, disguise(r, number, true), old + " 号" + disguise(r, number, true), "号" + disguise(r, number, true) + "x" + old}[r.IntN(4)]
	}
	put := func(key string, old any, set func(any)) {
		for _, e := range exempt {
			if key == e {
				return
			}
		}
		if s, ok := old.(string); ok {
			*places = append(*places, func() { set(text(s)) })
			return
		}
		collect(r, old, number, places)
		*places = append(*places, func() { set([]any{json.Number(number), number, []any{text("")}}[r.IntN(3)]) })
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			old := v[k]
			put(k, old, func(x any) { v[k] = x })
		}
		*places = append(*places, func() { v["x "+disguise(r, number, true)] = text("y") })
	case []any:
		for i, old := range v {
			put("", old, func(x any) { v[i] = x })
		}
	}
}
