package docs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/freeaddr"
)

// demoJobs are what `receiptd run --demo` drops.
var demoJobs = []string{"01-sale-chip", "02-sale-contactless-no-sign", "03-sale-void", "06-scan-pay-wechat", "11-order-meituan"}

// A shop is what a reader has who follows a page: a daemon and a virtual printer as real programs, the demo's slips
// printed, and a folder with the examples. The printer takes no time, which the demo's does; so its proof is pinned, for it
// would come too early to count. It keeps its link, so that it is ready when a page looks at it, however late.
type shop struct {
	t     *testing.T
	dir   string // where commands run
	spool string
	env   []string

	daemon *program
}

func openShop(t *testing.T) *shop {
	t.Helper()
	need(t, "bash")
	s := &shop{t: t, dir: t.TempDir()}
	s.spool = filepath.Join(s.dir, "spool")
	if err := os.CopyFS(filepath.Join(s.dir, "examples"), os.DirFS("../examples")); err != nil {
		t.Fatal(err)
	}
	printer := s.start("virtual-printer", "--listen", "tcp://127.0.0.1:0", "--control", "127.0.0.1:0", "--speed", "max",
		"--paper", filepath.Join(s.dir, "paper"))
	device := s.awaitMatch(printer, `tcp://[0-9.:]+`)
	control := s.awaitMatch(printer, `http://[0-9.:]+`)
	page, err := freeaddr.On("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(s.dir, "receiptd.toml")
	text := fmt.Sprintf("[spool]\ndir = %q\nsettle = \"1s\"\n[data]\ndir = %q\n[http]\nlisten = %q\n[templates]\ndir = %q\n[[printer]]\nname = \"front\"\ndevice = %q\nproof = \"A\"\nidle_close = \"1h\"\n",
		s.spool, filepath.Join(s.dir, "data"), page, filepath.Join(s.dir, "templates"), device)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = append(os.Environ(), "RECEIPTD_CONFIG="+config, "RECEIPTD_LANG=en", "SPOOL="+s.spool, "PRINTER="+control,
		"PAGE=http://"+page, "DATA="+filepath.Join(s.dir, "data"), "TMPDIR="+s.dir,
		"PATH="+filepath.Dir(receiptd)+string(os.PathListSeparator)+os.Getenv("PATH"))
	daemon := s.start("run")
	s.daemon = daemon
	get := func(path string) (int, string) {
		resp, err := http.Get("http://" + page + path)
		if err != nil {
			return 0, ""
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body) // half a page holds less than is awaited
		return resp.StatusCode, string(body)
	}
	s.await("the daemon to answer", daemon, func() bool {
		status, _ := get("/healthz")
		return status == http.StatusOK
	})
	for _, name := range demoJobs {
		s.drop(name)
	}
	for _, name := range demoJobs {
		s.await(name+" to be printed", daemon, func() bool { return s.printed(name) })
	}
	s.await("the metrics, which come after the journal", daemon, func() bool {
		_, body := get("/metrics")
		counted := 0
		for _, m := range regexp.MustCompile(`(?m)^receiptd_jobs_total\{.*outcome="accepted"\} (\d+)$`).FindAllStringSubmatch(body, -1) {
			n, _ := strconv.Atoi(m[1])
			counted += n
		}
		return counted == len(demoJobs)
	})
	return s
}

// start starts receiptd and interrupts it when the test ends.
func (s *shop) start(args ...string) *program {
	s.t.Helper()
	cmd := exec.Command(receiptd, args...)
	cmd.Env = s.env
	if cmd.Env == nil {
		cmd.Env = append(os.Environ(), "RECEIPTD_LANG=en")
	}
	p := launch(s.t, cmd)
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		<-p.ended
		if p.err != nil {
			s.t.Errorf("receiptd %v did not end cleanly: %v\n%s", args, p.err, p.String())
		}
	})
	return p
}

// A program runs and collects what it prints.
type program struct {
	ended chan struct{}
	err   error // once it has ended
	mu    sync.Mutex
	out   strings.Builder
}

func launch(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p
}

func (p *program) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(text)
}

func (p *program) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func (s *shop) bash(ctx context.Context, script string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.dir, s.env, lastWords/2 // what bash started may hold its output open
	return cmd
}

// drop drops a sample.
func (s *shop) drop(name string) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "examples", "jobs", name+".json"))
	if err != nil {
		s.t.Fatal(err)
	}
	incoming := filepath.Join(s.spool, "incoming")
	tmp := filepath.Join(incoming, "."+name+".tmp")
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(incoming, name+".json")); err != nil {
		s.t.Fatal(err)
	}
}

// printed reports whether every copy of a dropped sample is proven.
func (s *shop) printed(name string) bool {
	states := s.states(name)
	return states != nil && !slices.ContainsFunc(states, func(state string) bool { return state != "printed" })
}

// states gives the states of a job's copies as its answer has them, nil when there is none.
func (s *shop) states(name string) []string {
	data, err := os.ReadFile(filepath.Join(s.spool, "results", name+".json"))
	if err != nil {
		return nil
	}
	var a struct {
		Copies []struct{ State string }
	}
	if err := json.Unmarshal(data, &a); err != nil {
		s.t.Fatalf("results/%s.json: %v\n%s", name, err, data)
	}
	states := []string{}
	for _, c := range a.Copies {
		states = append(states, c.State)
	}
	return states
}

// late reports that the time that go test gives is nearly over. There is no bound before it: on a busy machine each program takes its time,
// and what never happens is still told.
func late(t *testing.T) bool {
	end, ok := t.Deadline()
	return ok && time.Until(end) < lastWords
}

// lastWords is what is left of a test's time to say what it waited for.
const lastWords = 20 * time.Second

func (s *shop) awaitMatch(out *program, pattern string) (found string) {
	s.t.Helper()
	s.await(pattern, out, func() bool {
		found = regexp.MustCompile(pattern).FindString(out.String())
		return found != ""
	})
	return found
}

func (s *shop) await(what string, out *program, ok func() bool) {
	s.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if late(s.t) {
			s.t.Fatalf("waited in vain for %s\n%s", what, out.String())
		}
		select {
		case <-tick.C:
		case <-out.ended:
			if ok() {
				return
			}
			s.t.Fatalf("it ended before %s: %v\n%s", what, out.err, out.String())
		}
	}
}
