package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
	"github.com/receiptd/receiptd/web"
)

const (
	token    = "a-token-of-the-tests"
	pageKey  = "a-page-key-of-the-tests"
	rightPin = "246813"
)

// A shop is the site on a real journal, with a printer that does what the test says.
type shop struct {
	t      testing.TB
	later  atomic.Int64 // nanoseconds that the journal's clock is ahead
	q      *queue.Queue
	site   *web.Server
	server *httptest.Server

	archive filing // set before anybody asks

	mu       sync.Mutex
	status   []api.Printer
	changed  chan struct{}
	next     []queue.Result // used up first; then everything is printed
	pieces   []string
	commands []string
	hold     chan struct{} // when set, deliveries wait for it
}

func newShop(t testing.TB, change ...func(*web.Options)) *shop {
	t.Helper()
	dir := t.TempDir()
	s := &shop{t: t, changed: make(chan struct{}), status: []api.Printer{{Name: "default", Device: "tcp://127.0.0.1:9100", Profile: "generic-80",
		State: "ready", Text: job.Text{Zh: "正常。", En: "Ready."}, Since: time.Now(), Tier: "A"}}}
	q, err := queue.Open(context.Background(), filepath.Join(dir, "journal.db"), queue.Options{Ballast: -1, Now: func() time.Time { return time.Now().Add(time.Duration(s.later.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	s.q = q
	o := web.Options{Queue: q, Printers: s, Previews: s, Token: token, PageKey: pageKey, PinFile: filepath.Join(dir, "pin"), Version: "test", Shop: func() web.Shop { return web.Shop{Locale: "zh-CN"} }, SetUp: newSetUp(t, dir), Archive: &s.archive, Erase: &s.archive}
	hash, err := bcrypt.GenerateFromPassword([]byte(rightPin), bcrypt.MinCost) // pin.Set's own cost is for attackers, not for tests
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.PinFile, hash, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&o)
	}
	s.site = web.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.site.Run(ctx) })
	wg.Go(func() {
		if err := q.Printing.Run(ctx, []string{"default"}, s.deliver); err != nil {
			t.Error(err)
		}
	})
	s.server = httptest.NewServer(s.site.Handler())
	t.Cleanup(func() {
		s.server.CloseClientConnections()
		s.server.Close()
		cancel()
		wg.Wait()
		q.Close()
	})
	return s
}

// Printers, Command, Changed, TestPage, Probe and Preview are what the daemon would fill.
func (s *shop) Printers() []api.Printer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]api.Printer(nil), s.status...)
}

func (s *shop) Command(_ context.Context, name, command string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != "default" || command != "jam-cleared" {
		return "", api.ErrNoPrinter
	}
	s.commands = append(s.commands, command)
	return "ok", nil
}

func (s *shop) Pause(ctx context.Context, name string, on bool, operator string) error {
	if name != "default" {
		return api.ErrNoPrinter
	}
	_, err := s.q.Printing.Pause(ctx, name, on, operator)
	since, _ := s.q.Printing.Paused(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[0].Paused = since
	return err
}

func (s *shop) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *shop) TestPage(_ context.Context, name string) (api.TestPage, error) {
	if name != "default" {
		return api.TestPage{}, api.ErrNoPrinter
	}
	if s.Printers()[0].State == "held" {
		return api.TestPage{}, &api.NotReadyError{Reason: "paper_out", Text: job.Text{Zh: "缺纸。", En: "Out of paper."}}
	}
	return api.TestPage{Printer: name, State: "printed", Tier: "A"}, nil
}

func (s *shop) Probe(_ context.Context, name string, _ bool, report func(string)) (api.Probe, error) {
	report("looking")
	return api.Probe{Printer: name, Tier: "A"}, nil
}

func (s *shop) Preview(w io.Writer, j *job.Job, c job.CopyName, m job.Mark, format string) error {
	if format == "txt" {
		_, err := fmt.Fprintf(w, "%s %s %s %d\n", j.ID, c, m.Kind, m.PrintNo)
		return err
	}
	return png.Encode(w, image.NewGray(image.Rect(0, 0, 576, 800)))
}

// printerIs changes the printer's state and tells who watches.
func (s *shop) printerIs(state vocabulary.Readiness, reason vocabulary.Reason, text job.Text) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[0].State, s.status[0].Reason, s.status[0].Text, s.status[0].Since = state, reason, text, time.Now()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *shop) deliver(ctx context.Context, d queue.Delivery) queue.Result {
	s.mu.Lock()
	r := queue.Result{State: queue.Printed, Proof: queue.ProofPrinted, Bytes: 100}
	if len(s.next) > 0 {
		r, s.next = s.next[0], s.next[1:]
	}
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		d.Report(queue.Held, "paper_out")
		select {
		case <-hold:
		case <-ctx.Done():
			return queue.Result{State: queue.Queued, At: time.Now()}
		}
	}
	if _, err := d.Begin(ctx); err != nil {
		return queue.Result{State: queue.Queued, At: time.Now()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pieces = append(s.pieces, fmt.Sprintf("%s %s %d %s %s", d.Job.ID, d.Copy, d.Mark.PrintNo, d.Mark.Kind, d.Mark.Operator))
	r.At = time.Now()
	return r
}

func (s *shop) came() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.pieces...)
}

// then makes the next copies end like this.
func (s *shop) then(r ...queue.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, r...)
}

// accept puts a job through the journal.
func (s *shop) accept(text string) queue.Answer {
	s.t.Helper()
	r := job.Parse([]byte(text))
	if r.Job == nil {
		s.t.Fatalf("job: %v\n%s", r.Errors, text)
	}
	a, err := s.q.Requests.Accept(context.Background(), queue.Arrival{Parsed: r, Source: queue.SourceHTTP})
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// sale takes a sale with a merchant copy and waits until it is out, or as it was told to end.
func (s *shop) sale(voucher string, fen int) string {
	s.t.Helper()
	id := "sale-" + voucher
	s.accept(saleJob(id, voucher, fen))
	s.idle()
	return id
}

// idle waits until nothing is on its way to the printer.
func (s *shop) idle() {
	s.t.Helper()
	until(s.t, "the printer has nothing to do", func() bool {
		list, err := s.q.Waiting.Outstanding(context.Background())
		if err != nil {
			return false
		}
		for _, o := range list {
			if o.State != queue.Uncertain {
				return false
			}
		}
		return true
	})
}

func saleJob(id, voucher string, fen int) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"transaction","created_at":%q,"copies":["merchant"],"payload":{"transaction_type":"sale","result":"approved",
		"merchant":{"name":"人民商场","no":"898510154110283"},"terminal_no":"00012345","operator_no":"01","card":{"masked_pan":"622202******6620","entry_mode":"chip"},
		"batch_no":"000122","voucher_no":%q,"transacted_at":%q,"amount":{"total":%d,"currency":"CNY"}}}`,
		id, time.Now().Format(time.RFC3339), voucher, time.Now().Format(time.RFC3339), fen)
}

func reversalJob(id, voucher, status string) string {
	return fmt.Sprintf(`{"job_id":%q,"kind":"reversal","created_at":%q,"payload":{"status":%q,"attempts":3,"reason":"no_response","merchant":{"name":"人民商场","no":"898510154110283"},
		"terminal_no":"00012345","batch_no":"000122","voucher_no":%q,"card":{"masked_pan":"622202******6620","entry_mode":"chip"},"amount":{"total":5000,"currency":"CNY"},
		"original":{"voucher_no":%q,"transacted_at":%q},"updated_at":%q}}`,
		id, time.Now().Format(time.RFC3339), status, voucher, voucher, time.Now().Format(time.RFC3339), time.Now().Format(time.RFC3339))
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within a minute: %s", what)
}

// A visitor is a paired browser without script.
type visitor struct {
	s      *shop
	client *http.Client
}

func (s *shop) visitor() *visitor {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	v := &visitor{s: s, client: &http.Client{Jar: jar}}
	if status, body := v.get("/pair?key=" + pageKey); status != http.StatusOK {
		s.t.Fatalf("pairing: %d\n%s", status, body)
	}
	return v
}

func (v *visitor) read(resp *http.Response, err error) (int, string) {
	v.s.t.Helper()
	if err != nil {
		v.s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.s.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (v *visitor) get(path string) (int, string) {
	v.s.t.Helper()
	return v.read(v.client.Get(v.s.server.URL + path))
}

// page gets a page that must be there.
func (v *visitor) page(path string) string {
	v.s.t.Helper()
	status, body := v.get(path)
	if status != http.StatusOK {
		v.s.t.Fatalf("GET %s: %d\n%s", path, status, body)
	}
	return body
}

func (v *visitor) post(path string, fields url.Values) (int, string) {
	v.s.t.Helper()
	return v.read(v.client.PostForm(v.s.server.URL+path, fields))
}

var (
	formRE  = regexp.MustCompile(`(?s)<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>`)
	inputRE = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// form finds the first form with this action whose inner HTML has this text, and gives its hidden fields.
func (v *visitor) form(page, action, with string) url.Values {
	v.s.t.Helper()
	for _, m := range formRE.FindAllStringSubmatch(page, -1) {
		if m[1] != action || !strings.Contains(m[2], with) {
			continue
		}
		fields := url.Values{}
		for _, in := range inputRE.FindAllStringSubmatch(m[2], -1) {
			fields.Set(in[1], strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`).Replace(in[2]))
		}
		return fields
	}
	v.s.t.Fatalf("no form %s with %q in\n%s", action, with, page)
	return nil
}

// call asks the API as a program does and decodes the answer.
func (s *shop) call(method, path, body string, out any, headers ...string) int {
	s.t.Helper()
	req, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	switch out := out.(type) {
	case nil:
	case *bytes.Buffer:
		out.Write(data)
	default:
		if err := json.Unmarshal(data, out); err != nil {
			s.t.Fatalf("%s %s: %v\n%s", method, path, err, data)
		}
	}
	return resp.StatusCode
}
