package web

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
)

// The journalAPI copies and verifies the journal for who looks after the machine.
type journalAPI struct {
	journal *queue.Journal
	dir     string // of the data
	log     *slog.Logger
}

func (x *journalAPI) routes(handle register) {
	handle("GET /v1/journal/backup", x.getBackup)
	handle("POST /v1/journal/verify", x.postVerify)
	handle("POST /v1/journal/acknowledge", x.postAcknowledge)
}

// getBackup streams a whole copy of the journal.
func (x *journalAPI) getBackup(w http.ResponseWriter, r *http.Request) {
	dir, err := os.MkdirTemp(x.dir, ".backup-")
	if err != nil {
		failed(w, r, x.log, fmt.Errorf("backup: %w", err))
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "journal.db")
	if err := x.journal.Backup(r.Context(), path); err != nil {
		failed(w, r, x.log, err)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		failed(w, r, x.log, fmt.Errorf("backup: %w", err))
		return
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		failed(w, r, x.log, fmt.Errorf("backup: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	w.Header().Set("Content-Length", strconv.FormatInt(st.Size(), 10))
	_, _ = io.Copy(w, f) // a reader that has gone sees a short body
}

// postVerify reads the whole journal and says what is wrong with it, if anything.
func (x *journalAPI) postVerify(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	err := x.journal.Verify(r.Context())
	found, damaged := queue.DamageOf(err)
	if err != nil && !damaged {
		failed(w, r, x.log, err)
		return
	}
	answer := api.Verified{OK: !damaged, Text: found, Seconds: time.Since(begun).Seconds()}
	if damaged {
		answer.Found = err.Error()
	}
	reply(w, http.StatusOK, answer)
}

// postAcknowledge notes that a person knows what the journal lost.
func (x *journalAPI) postAcknowledge(w http.ResponseWriter, r *http.Request) {
	lost, err := x.journal.Acknowledge(r.Context(), who(r))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"lost": lost})
}
