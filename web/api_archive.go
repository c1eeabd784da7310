package web

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// An Archive has slips that came out as files; the daemon fills it.
type Archive interface {
	// Status tells how it stands with it.
	Status() (api.ArchiveStatus, error)
	// Stopped tells why nothing is filed although it should be, "" when all is well. It reads no disk.
	Stopped() (code string, text vocabulary.Text)
	// Lines gives the lines of a day. Error: queue.ErrNotFound.
	Lines(day string) ([]api.FiledSlip, error)
	// File gives a file. Error: queue.ErrNotFound.
	File(day, name string) ([]byte, error)
}

// The archiveAPI shows the archive to a supervisor.
type archiveAPI struct {
	door    *door
	archive Archive // nil: there is none
	log     *slog.Logger
}

func (x *archiveAPI) routes(handle register) {
	handle("GET /v1/archive", x.getStatus)
	handle("GET /v1/archive/{day}", x.permitted(x.getDay))
	handle("GET /v1/archive/{day}/{file}", x.permitted(x.getFile))
}

// permitted lets a request pass that carries the supervisor's PIN: the archive holds what a retrieval copy shows.
func (x *archiveAPI) permitted(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !x.door.supervised(w, r):
		case x.archive == nil:
			failed(w, r, x.log, queue.ErrNotFound)
		default:
			next(w, r)
		}
	}
}

// getStatus tells how it stands with the archive: nothing of a slip.
func (x *archiveAPI) getStatus(w http.ResponseWriter, r *http.Request) {
	st := api.ArchiveStatus{Days: []string{}}
	if x.archive != nil {
		var err error
		if st, err = x.archive.Status(); err != nil {
			failed(w, r, x.log, err)
			return
		}
	}
	reply(w, http.StatusOK, st)
}

func (x *archiveAPI) getDay(w http.ResponseWriter, r *http.Request) {
	list, err := x.archive.Lines(r.PathValue("day"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	if list == nil {
		list = []api.FiledSlip{}
	}
	reply(w, http.StatusOK, api.FiledSlips{Slips: list})
}

func (x *archiveAPI) getFile(w http.ResponseWriter, r *http.Request) {
	file, err := x.archive.File(r.PathValue("day"), r.PathValue("file"))
	if err != nil {
		failed(w, r, x.log, err)
		return
	}
	x.log.Info("a file of the archive was read", "day", r.PathValue("day"), "file", r.PathValue("file"))
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(file) // the reader has gone: nobody to tell
}

// archiveAlarms tells that slips are not filed although they should be.
func archiveAlarms(a Archive) Alarms {
	return func(context.Context) ([]Alarm, error) {
		if a == nil {
			return nil, nil
		}
		code, text := a.Stopped()
		if code == "" {
			return nil, nil
		}
		return []Alarm{{Key: "archive:" + code, Kind: "archive", Text: text}}, nil
	}
}
