package daemon_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/internal/pin"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/vocabulary"
)

// A watch reads what a shop gives to a broker: all of a packet that the shop filled in, its will included.
type watch struct {
	b      *fleettest.Broker
	shop   string
	secret map[string]string // what must not be in a packet, and where it stands
	kinds  map[string]bool   // what check has read
}

func watched(b *fleettest.Broker, shop string) *watch {
	return &watch{b: b, shop: shop, secret: map[string]string{}}
}

// mayLeave are the members of a job whose text a fleet is told: identifiers of software, names out of the configuration, codes.
var mayLeave = []string{"schema", "job_id", "kind", "voucher_no", "batch_no", "terminal_no", "copies", "printer", "reason", "command", "target_job_id", "currency"}

var (
	codeText = regexp.MustCompile(`^[a-z_0-9]{1,40}$|^.{1,3}$`) // "approved", "chip": no person's and no card's, and too common to look for
	plain    = regexp.MustCompile(`^[0-9A-Za-z.]+$`)
)

// secrets takes every value of a job that must stay: each text, and each amount of more than four digits.
func (w *watch) secrets(t *testing.T, job string) {
	t.Helper()
	var j map[string]any
	if err := json.Unmarshal([]byte(job), &j); err != nil {
		return // a broken file: what was planted into it is known
	}
	told := ""
	w.walk(j, "", true, func(_, text string) { told += text + "\n" })
	w.walk(j, "", false, func(where, text string) {
		if !strings.Contains(told, text) && !codeText.MatchString(text) {
			w.secret[text] = where
		}
	})
}

// walk visits the values of a job: those that may be told, or the others.
func (w *watch) walk(v any, where string, told bool, visit func(where, text string)) {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if slices.Contains(mayLeave, k) == told || !isText(x[k]) {
				w.walk(x[k], where+"/"+k, told, visit)
			}
		}
	case []any:
		for i := range x {
			w.walk(x[i], where+"/"+strconv.Itoa(i), told, visit)
		}
	case string:
		visit(where, x)
	case float64:
		if text := strconv.FormatFloat(x, 'f', -1, 64); len(text) > 4 && !told {
			visit(where, text)
		}
	}
}

// isText tells what is no object and no list of them.
func isText(v any) bool {
	_, object := v.(map[string]any)
	list, isList := v.([]any)
	return !object && (!isList || len(list) > 0 && isText(list[0]))
}

// check reads all packets of the shop.
func (w *watch) check(t *testing.T, atLeast int) {
	t.Helper()
	seen, kinds := 0, map[string]bool{}
	for _, p := range w.b.Packets() {
		place, part, _, err := wire.Parse(p.TopicName)
		if err != nil || place.Shop != w.shop || part == wire.PartJob || part == wire.PartCmd || part == wire.PartAck {
			continue
		}
		seen++
		kinds[part] = true
		var r map[string]json.RawMessage
		if part == wire.PartReply && json.Unmarshal(p.Payload, &r) == nil {
			for k := range r {
				kinds["reply with "+k] = true
			}
		}
		w.look(t, p.TopicName, append([]byte(fmt.Sprintf("%s %+v %s ", p.TopicName, p.Properties.User, p.Properties.ContentType)), p.Payload...))
	}
	if seen < atLeast {
		t.Errorf("only %d packets", seen)
	}
	w.kinds = kinds
}

// every is each kind of message that a shop sends, and what a reply may hold.
var every = []string{wire.PartEvent, wire.PartState, wire.PartReply, "reply with answer", "reply with problem", "reply with state", "reply with found", "reply with batches", "reply with probe",
	"reply with moved", "reply with copies", "reply with errors"}

func (w *watch) look(t *testing.T, what string, data []byte) {
	t.Helper()
	for text, where := range w.secret {
		for rest := string(data); ; {
			at := strings.Index(rest, text)
			if at < 0 {
				break
			}
			if end := at + len(text); !plain.MatchString(text) || !wordByte(rest, at-1) && !wordByte(rest, end) { // a number may be a part of another
				t.Errorf("%q of %s leaves on %s: %s", text, where, what, data)
				return
			}
			rest = rest[at+1:]
		}
	}
}

func wordByte(s string, i int) bool {
	return i >= 0 && i < len(s) && (s[i] == '-' || plain.MatchString(s[i:i+1]))
}

// cardNumber is one with its check digit and last four of its own, made here so that none stands in a file.
func cardNumber(n int) string {
	digits := fmt.Sprintf("62220211%07d", 7390000+n)
	for check := 0; ; check++ {
		sum := 0
		for i, d := range digits + strconv.Itoa(check) {
			x := int(d - '0')
			if (len(digits)-i)%2 == 1 {
				if x *= 2; x > 9 {
					x -= 9
				}
			}
			sum += x
		}
		if sum%10 == 0 {
			return digits + strconv.Itoa(check)
		}
	}
}

// What people write for digits.
var (
	wide   = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")
	spoken = strings.NewReplacer("0", "〇", "1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六", "7", "七", "8", "八", "9", "九")
)

// planted is what must leave no shop, in the forms in which it may stand in a job.
func planted(n int) map[string]string {
	number := cardNumber(n)
	last := number[len(number)-4:]
	return map[string]string{
		"card":        number,
		"spaced":      number[:4] + " " + number[4:8] + " " + number[8:12] + " " + last,
		"masked":      number[:6] + "******" + last,
		"masked x":    number[:6] + "xxxxxx" + last,
		"last four":   "尾号 " + last,
		"expiry":      "12/27",
		"track":       ";" + number + "=2712101?",
		"cryptogram":  "9F2608" + strings.ToUpper(hex.EncodeToString([]byte(last+last))),
		"name":        "张三丰" + last,
		"name latin":  "ZHANG/SANFENG " + last,
		"phone":       "1381234" + last,
		"phone parts": "138-1234-" + last,
		"address":     "人民路 " + last + " 号 2 单元",
		"address lat": "Flat " + last + ", 2 Renmin Road",
		"phone wide":  "１３８１２３４" + wide.Replace(last),
		"card in zh":  spoken.Replace(number),
		"mail":        "san." + last + "@example.org",
		"slip":        "\x1b@" + "SLIP " + last,
	}
}

// TestNothingLeavesTheShop: jobs with card data and customers' data in every member, from the centre and from the folder, good ones and such
// as are refused; commands with the same in every member; printers that fail; a shop that dies. Every packet is read, for all of the jobs'
// own texts and amounts, and for what was planted.
func TestNothingLeavesTheShop(t *testing.T) {
	b := fleettest.Start(t)
	hub := b.Centre("hub1")
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front", "kitchen")
	w := watched(b, "shop-1")
	var mu sync.Mutex
	var connects []packets.Packet
	b.Takes(func(_ string, p packets.Packet) bool {
		mu.Lock()
		defer mu.Unlock()
		if p.FixedHeader.Type == packets.Connect && strings.HasSuffix(p.Connect.ClientIdentifier, ".shop-1") {
			connects = append(connects, p)
		}
		return true
	})
	section := b.Section("shop-1", "allow=[\"reprint\", \"move\", \"resolve\", \"settlement\", \"archive\"]\n")
	s.write(section, "front", "kitchen")
	s.start()
	if err := pin.Set(filepath.Join(s.dir, "data", "supervisor-pin"), "864207"); err != nil {
		t.Fatal(err)
	}
	hub.Await("online", func(h fleettest.Heard) bool { return h.State("shop-1").Online })

	sent := w.sendJobs(t, s, hub)
	w.sendCommands(t, hub)
	s.await("the folder to be empty", func() bool {
		left, err := filepath.Glob(filepath.Join(s.dir, "spool", "incoming", "*.json"))
		return err == nil && len(left) == 0
	})
	last := saleOf(t, "the-last", 990001)
	hub.DeliverJob("shop-1", "the-last", last)
	hub.Await("the proof of the last one", func(h fleettest.Heard) bool {
		for _, e := range h.Events("shop-1") {
			if e.JobID == "the-last" && e.State == string(vocabulary.StatePrinted) {
				return true
			}
		}
		return false
	})
	b.Cut(wire.Place{Tenant: fleettest.Tenant, Shop: "shop-1"}.ClientID())
	s.end()
	for _, file := range []string{"supervisor-pin", "api-token", "page-key"} {
		if data, err := os.ReadFile(filepath.Join(s.dir, "data", file)); err == nil {
			w.secret[strings.TrimSpace(string(data))] = file
		}
	}
	w.secret["864207"] = "the PIN"
	for _, a := range s.addrs {
		w.secret[a] = "the printer's address"
	}
	w.check(t, sent)
	for _, kind := range every {
		if !w.kinds[kind] {
			t.Errorf("no %s was sent: nothing is known of it", kind)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(connects) == 0 {
		t.Error("no CONNECT was seen")
	}
	for _, p := range connects {
		w.look(t, "CONNECT", []byte(fmt.Sprintf("%s %s %s %s %s %s", p.Connect.ClientIdentifier, p.Connect.Username, p.Connect.Password, p.Connect.WillTopic, p.Connect.WillPayload, p.Payload)))
	}
}

// sendJobs sends each sample as it is, and with something planted into each of its texts; it gives how many.
func (w *watch) sendJobs(t *testing.T, s *testShop, hub *fleettest.Centre) (sent int) {
	t.Helper()
	samples, err := filepath.Glob(filepath.Join("..", "..", "examples", "jobs", "*.json"))
	if err != nil || len(samples) < 20 {
		t.Fatal(samples, err)
	}
	incoming := filepath.Join(s.dir, "spool", "incoming")
	plants := slices.Sorted(maps.Keys(planted(0)))
	for n, file := range samples {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w.secrets(t, string(data))
		if testing.Short() && n%6 != 0 {
			continue
		}
		for k := range 5 {
			var j map[string]any
			if err := json.Unmarshal(data, &j); err != nil {
				t.Fatal(err)
			}
			id := fmt.Sprintf("leak-%d-%d", n, k)
			if j["job_id"] = id; k > 0 {
				what := plants[(n*3+k)%len(plants)]
				text := planted(n)[what]
				if plantInto(j, (n+k)%2 == 0, text); k == 4 { // where a name or a number of software belongs
					plantNames(j, planted(n)[unnameable[n%len(unnameable)]])
				}
				if what == "card" { // also where it is refused already as a job's name, or as that of a member
					j["job_id"], j[text] = "leak-"+text, text
				}
				w.plant(planted(n))
			}
			job, err := json.Marshal(j)
			if err != nil {
				t.Fatal(err)
			}
			w.secrets(t, string(job))
			if sent++; k%2 == 0 {
				hub.Send("shop-1", string(job), time.Minute, false)
				continue
			}
			name := filepath.Join(incoming, fmt.Sprintf("%d-%d 张三丰 13812345678.json", n, k))
			if err := os.WriteFile(name+".tmp", job, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(name+".tmp", name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, broken := range []string{`{"job_id":"` + cardNumber(999) + `"`, `张三丰 13812345678`, `{"job_id":"x","kind":"张三丰 ` + cardNumber(999) + `"}`} {
		hub.Send("shop-1", broken, time.Minute, false)
	}
	w.secret["张三丰"], w.secret["13812345678"] = "a file's name", "a file's name"
	return sent
}

// plant takes note of what was planted, and of the last four digits by themselves.
func (w *watch) plant(p map[string]string) {
	for what, text := range p {
		w.secret[text] = what
	}
	w.secret[p["card"][12:]] = "last four"
}

// unnameable is what no identifier of software looks like, so that it is told in no place.
var unnameable = []string{"card", "masked", "masked x", "spaced", "last four", "expiry", "track", "name", "name latin", "address", "address lat", "phone wide", "card in zh", "slip"}

// plantNames puts a text into the members that a fleet is told of.
func plantNames(v any, text string) {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			switch k {
			case "voucher_no", "batch_no", "terminal_no", "reason", "printer", "target_job_id", "currency", "station":
				x[k] = text
			case "copies":
				x[k] = []string{text}
			default:
				plantNames(x[k], text)
			}
		}
	case []any:
		for i := range x {
			plantNames(x[i], text)
		}
	}
}

// plantInto puts a text into the texts of a job that a person may have written, in all of them or in every third.
func plantInto(v any, all bool, text string) {
	n := 0
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(x)) {
				if old, ok := x[k].(string); ok && !slices.Contains(mayLeave, k) && !codeText.MatchString(old) {
					if n++; all || n%3 == 0 {
						x[k] = text
					}
				}
				walk(x[k])
			}
		case []any:
			for i := range x {
				walk(x[i])
			}
		}
	}
	walk(v)
	if j, ok := v.(map[string]any); ok {
		if p, ok := j["payload"].(map[string]any); ok {
			if _, ok := p["bags"]; ok {
				p["bags"] = []any{map[string]any{"items": []any{map[string]any{"name": text, "qty": "1", "station": "张三丰 1381234"}}}}
			}
		}
	}
}

// sendCommands asks for everything with something planted into every member, and for what is there.
func (w *watch) sendCommands(t *testing.T, hub *fleettest.Centre) {
	t.Helper()
	came := true
	n := 0
	for _, cmd := range []string{wire.CmdReprint, wire.CmdArchive, wire.CmdSettleInfo, wire.CmdCloseBatch, wire.CmdProbe, wire.CmdStatus, wire.CmdFind, wire.CmdResolve, wire.CmdMove, "张三丰"} {
		for _, text := range []string{cardNumber(n), "张三丰 13812345678", planted(n)["masked x"]} {
			n++
			w.plant(planted(n))
			hub.Do("shop-1", wire.Command{CmdID: fmt.Sprint("planted-", n), Cmd: cmd, JobID: text, VoucherNo: text, Terminal: text, BatchNo: text, CaseNo: text, Copies: []string{text}, Reason: text,
				Printer: text, To: text, CopyID: text, CameOut: &came})
		}
	}
	for i, c := range []wire.Command{{Cmd: wire.CmdFind, JobID: "leak-0-0"}, {Cmd: wire.CmdFind, VoucherNo: "105233"}, {Cmd: wire.CmdSettleInfo}, {Cmd: wire.CmdReprint, JobID: "leak-0-0", Reason: "张三丰 13812345678"},
		{Cmd: wire.CmdReprint, Last: true, Reason: "customer_request"}, {Cmd: wire.CmdStatus}, {Cmd: wire.CmdMove, Printer: "front", To: "kitchen"}, {Cmd: wire.CmdProbe, Printer: "nobody"},
		{Cmd: wire.CmdProbe, Printer: "front"}, {Cmd: wire.CmdArchive, VoucherNo: "105233", CaseNo: "张三丰 13812345678"}, {Cmd: wire.CmdResolve, CopyID: "nobody", CameOut: &came},
		{Cmd: wire.CmdCloseBatch, Batch: 1}} {
		c.CmdID = fmt.Sprint("real-", i)
		hub.Do("shop-1", c)
	}
}
