package daemon_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/notify/notifytest"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A chat is a service's receiver, which takes only what the service documents.
type chat struct {
	form, answer string
	text         func(body map[string]any) (string, bool)

	mu    sync.Mutex // guards what follows
	heard string
	wrong []string
}

func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	var body map[string]any
	text, ok := "", false
	if err == nil && json.Unmarshal(data, &body) == nil {
		text, ok = c.text(body)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !ok || text == "" || r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		c.wrong = append(c.wrong, string(data))
	}
	c.heard += text + "\n"
	_, _ = io.WriteString(w, c.answer) // it is gone: it says it again
}

// says reports whether one of the words for it was heard.
func (c *chat) says(n vocabulary.Notice, over bool) bool {
	forms := []string{vocabulary.Low, vocabulary.Full}
	if over {
		forms = []string{vocabulary.Over}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(append(forms, ""), func(form string) bool {
		return (form != "" || !over) && strings.Contains(c.heard, vocabulary.Form(vocabulary.KindNotice, n, form).Zh)
	})
}

func at(body map[string]any, key, inner string) (string, bool) {
	m, ok := body[key].(map[string]any)
	text, is := m[inner].(string)
	return text, ok && is
}

// chats are the services, each as its documents say.
func chats() []*chat {
	return []*chat{
		{form: "wecom", answer: `{"errcode":0,"errmsg":"ok"}`, text: func(b map[string]any) (string, bool) {
			text, ok := at(b, "text", "content")
			return text, ok && b["msgtype"] == "text" && len(text) <= 2048
		}},
		{form: "dingtalk", answer: `{"errcode":0,"errmsg":"ok"}`, text: func(b map[string]any) (string, bool) {
			text, ok := at(b, "text", "content")
			return text, ok && b["msgtype"] == "text"
		}},
		{form: "feishu", answer: `{"code":0,"msg":"success","data":{}}`, text: func(b map[string]any) (string, bool) {
			text, ok := at(b, "content", "text")
			return text, ok && b["msg_type"] == "text"
		}},
		{form: "slack", answer: "ok", text: func(b map[string]any) (string, bool) { text, ok := b["text"].(string); return text, ok }},
	}
}

// A toldShop is a shop in which all goes wrong that somebody can be told of.
type toldShop struct {
	*testShop
	page       string
	free       atomic.Int64 // bytes on the disk
	jump, wait atomic.Int64 // how far the clock was set, and how much longer the machine has run
	began      time.Time
	program    *notifytest.Receiver
	chats      []*chat
}

func (s *toldShop) post(path, body string) {
	s.t.Helper()
	token, err := os.ReadFile(filepath.Join(s.dir, "data", "token"))
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://"+s.page+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if said := bodyOf(s.t, resp, err); resp.StatusCode > 299 {
		s.t.Fatal(path, resp.Status, said)
	}
}

// sample drops an example, changed.
func (s *toldShop) sample(name string, change ...string) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "jobs", name))
	if err != nil {
		s.t.Fatal(err)
	}
	s.drop(name, []byte(strings.NewReplacer(change...).Replace(string(data))))
}

// told waits until the program's receiver heard that it is so, or over, and the chats did.
func (s *toldShop) told(n vocabulary.Notice, over bool) {
	s.t.Helper()
	s.await(fmt.Sprintf("%s, over %v", n, over), func() bool {
		for _, m := range s.program.Heard() {
			for _, x := range m.Notices {
				if x.Event == n && x.Over == over {
					return true
				}
			}
		}
		return false
	})
	for _, c := range s.chats {
		s.await(fmt.Sprintf("%s to hear %s, over %v", c.form, n, over), func() bool { return c.says(n, over) })
	}
}

func newToldShop(t *testing.T) *toldShop {
	t.Helper()
	s := &toldShop{testShop: newTestShop(t, virtual.Options{Speed: virtual.Real, MMPerSecond: 200}, "front", "kitchen", "bar"), began: time.Now(), chats: chats()}
	s.patience = time.Minute
	s.page = s.listenPage()
	s.program = notifytest.New(t, false, "/told", func(int) notifytest.Fate { return notifytest.Taken })
	more := "[shop]\ntimezone=\"Asia/Shanghai\"\n[watch]\nprinter=\"5s\"\nsettled_by=\"23:30\"\n" +
		fmt.Sprintf("[[notify]]\nname=\"json\"\nform=\"json\"\nurl=%q\nsecret=%q\n", s.program.URL, notifytest.Secret())
	for _, c := range s.chats {
		server := httptest.NewServer(c)
		t.Cleanup(server.Close)
		more += fmt.Sprintf("[[notify]]\nname=%q\nform=%[1]q\nurl=%q\n", c.form, server.URL)
	}
	s.write(more, "front", "kitchen", "bar")
	s.free.Store(10 << 30)
	s.change = func(o *daemon.Options) {
		o.SetMachine(func(string) (int64, int64, error) { return s.free.Load(), -1, nil },
			func() time.Time { return time.Now().Add(time.Duration(s.jump.Load() + s.wait.Load())) },
			func() time.Duration { return time.Since(s.began) + time.Duration(s.wait.Load()) })
	}
	return s
}

// TestEverythingIsTold: the running daemon tells each receiver of everything that the configuration can name, and that it is over: printers
// that fail, slips that wait, a reversal and a batch that stay open, a disk that fills, a clock that is set, a journal whose seal is gone.
func TestEverythingIsTold(t *testing.T) {
	t.Parallel()
	s := newToldShop(t)
	s.start()
	s.sale(770001, "front")
	s.proven(770001)
	_ = s.end()
	if err := os.Remove(filepath.Join(s.dir, "data", "journal.db-seal")); err != nil {
		t.Fatal(err)
	}
	s.page = s.listenPage()
	s.printers["front"].AtDots(300, virtual.Change{Paper: "out"})
	s.set("kitchen", virtual.Change{Paper: "out"})
	s.set("bar", virtual.Change{Paper: "near_end"})
	s.start()
	s.sale(770002, "front")
	s.await("the slip to be held", func() bool { return s.copyOf(770002).State == queue.Held })
	s.sample("47-order-due-in.json", `"due_in": 120`, `"due_in": 1, "printer": "kitchen"`)
	s.sample("07-reversal-pending.json")         // it waits behind that slip
	s.set("front", virtual.Change{Power: "off"}) // and with it the slip's end
	s.await("the question", func() bool { return s.copyOf(770002).State == queue.Uncertain })
	s.told(vocabulary.NoticeJournal, false) // so the watch has looked at the clock
	s.free.Store(300 << 20)
	s.jump.Store(int64(26 * time.Hour)) // behind the time by which batches are settled
	s.sale(770003, "bar")               // at which the watch looks
	for _, n := range vocabulary.Notices() {
		s.told(n, false)
	}

	s.set("front", virtual.Change{Power: "on", Paper: "ok"})
	s.set("kitchen", virtual.Change{Paper: "ok"})
	s.set("bar", virtual.Change{Paper: "ok"})
	s.free.Store(10 << 30)
	s.wait.Store(int64(11 * time.Minute))
	s.post("/v1/copies/"+s.copyOf(770002).CopyID+"/resolve", `{"came_out":true,"operator_no":"01"}`)
	s.post("/v1/journal/acknowledge", "")
	s.sample("08-reversal-succeeded.json")
	s.sample("17-settlement.json")
	for _, n := range vocabulary.Notices() {
		s.told(n, true)
	}
	if wrong := s.program.Wrong(); wrong != nil {
		t.Error(wrong)
	}
	for _, c := range s.chats {
		c.mu.Lock()
		if len(c.wrong) > 0 {
			t.Errorf("%s cannot read %s", c.form, c.wrong)
		}
		c.mu.Unlock()
	}
	low := `"state":"low","free_mb":300`
	if !slices.ContainsFunc(s.program.Heard(), func(m notifytest.Message) bool { return bytes.Contains(m.Body, []byte(low)) }) {
		t.Errorf("nobody hears how much is left on the disk, %s: %+v", low, s.program.Heard())
	}
}
