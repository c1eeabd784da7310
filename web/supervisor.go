package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/receiptd/receiptd/internal/wholefile"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
)

// SetPin stores a supervisor's PIN of 4 to 72 bytes as a bcrypt hash, readable for the daemon's user only.
func SetPin(file, pin string) error {
	if len(pin) < 4 || len(pin) > 72 {
		return errors.New("a PIN has 4 to 72 characters")
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(pin), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("hash PIN: %w", err)
	}
	if err := wholefile.Write(file, append(hash, '\n'), 0o600); err != nil {
		return fmt.Errorf("write PIN: %w", err)
	}
	return nil
}

// pinGuard slows guessing down: after five wrong PINs nobody gets a try for a minute.
type pinGuard struct {
	mu     sync.Mutex
	wrong  int
	closed time.Time
}

const (
	pinTries = 5
	pinPause = time.Minute
)

// check compares a PIN with the stored hash.
func (g *pinGuard) check(file, pin string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Now().Before(g.closed) {
		return errTooManyTries
	}
	hash, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return errNoPin
	}
	if err != nil {
		return fmt.Errorf("read PIN: %w", err)
	}
	if bcrypt.CompareHashAndPassword([]byte(strings.TrimSpace(string(hash))), []byte(pin)) != nil {
		if g.wrong++; g.wrong >= pinTries {
			g.wrong, g.closed = 0, time.Now().Add(pinPause)
		}
		return errWrongPin
	}
	g.wrong = 0
	return nil
}

var (
	errNoPin        = errors.New("no supervisor's PIN is set")
	errWrongPin     = errors.New("wrong PIN")
	errTooManyTries = errors.New("too many wrong PINs")
)

// permitted tells whether the request carries the supervisor's PIN. A wrong one is answered here, and ok is false.
func (s *Server) permitted(w http.ResponseWriter, r *http.Request) (permitted, ok bool) {
	pin := r.Header.Get("X-Supervisor-Pin")
	if pin == "" {
		return false, true
	}
	p, err := s.checkPin(pin)
	switch {
	case err != nil:
		s.failed(w, r, err)
	case p.Code != "":
		fail(w, http.StatusForbidden, p)
	default:
		return true, true
	}
	return false, false
}

// checkPin compares a PIN with the supervisor's and words why it is not right; no code means that it is.
func (s *Server) checkPin(pin string) (job.Problem, error) {
	switch err := s.pins.check(s.o.PinFile, pin); {
	case err == nil:
		return job.Problem{}, nil
	case errors.Is(err, errNoPin):
		return problem("not_permitted", "还没有设主管密码。", "No supervisor's PIN is set.", "在这台机器上运行 receiptd supervisor set-pin。", "Run receiptd supervisor set-pin on this machine."), nil
	case errors.Is(err, errTooManyTries):
		s.log.Warn("a supervisor's PIN was given while none is taken")
		return problem("not_permitted", "密码错了太多次,先停一分钟。", "Too many wrong PINs; wait a minute.", "一分钟后再试。", "Try again in a minute."), nil
	case errors.Is(err, errWrongPin):
		s.log.Warn("a wrong supervisor's PIN was given")
		return problem("not_permitted", "主管密码不对。", "The supervisor's PIN is wrong.", "请主管重新输入。", "Ask the supervisor to enter it again."), nil
	default:
		return job.Problem{}, err
	}
}

func (s *Server) getBatches(w http.ResponseWriter, r *http.Request) {
	list, err := s.o.Journal.Batches(r.Context(), r.URL.Query().Get("batch_no"))
	if err != nil {
		s.failed(w, r, err)
		return
	}
	reply(w, http.StatusOK, map[string]any{"batches": list})
}

// postBatch closes or reopens a batch by hand, with the supervisor's PIN.
func (s *Server) postBatch(turn func(ctx context.Context, id int64, operator string) (queue.Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		permitted, ok := s.permitted(w, r)
		if !ok {
			return
		}
		if !permitted {
			fail(w, http.StatusForbidden, problem("not_permitted", "这一步要主管密码。", "This needs the supervisor's PIN.", "请主管输入密码(X-Supervisor-Pin)。", "Send the PIN as X-Supervisor-Pin."))
			return
		}
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			s.failed(w, r, queue.ErrNotFound)
			return
		}
		a, err := turn(r.Context(), id, operatorOf(r.URL.Query().Get("operator_no")))
		if err != nil {
			s.failed(w, r, err)
			return
		}
		answered(w, a)
	}
}
