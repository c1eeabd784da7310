package virtual

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// Counters count since New.
type Counters struct {
	BytesReceived int64 `json:"bytes_received"`
	BytesParsed   int64 `json:"bytes_parsed"`
	BytesLost     int64 `json:"bytes_lost"` // did not fit, or came to a printer that was off or cut off
	Replies       int64 `json:"replies"`
	ReplyBytes    int64 `json:"reply_bytes"`
	RepliesLost   int64 `json:"replies_lost"` // mute, or nobody was connected
	Connections   int64 `json:"connections"`
	RealTime      int64 `json:"real_time_requests"`
	Commands      int64 `json:"commands"`
	Unknown       int64 `json:"unknown_commands"`
	Lines         int64 `json:"lines"`
	Proofs        int64 `json:"proofs"`
	Cuts          int64 `json:"cuts"`
	Drawer        int64 `json:"drawer_pulses"`
	DrawerPin2    int64 `json:"drawer_pulses_pin_2"`
	DrawerPin5    int64 `json:"drawer_pulses_pin_5"`
	Beeps         int64 `json:"beeps"`
	Dots          int64 `json:"dots"` // paper moved forward
	Pieces        int64 `json:"pieces"`
}

// A State is a snapshot of the printer. Words are those of Change.
type State struct {
	Model       string   `json:"model"`
	Power       string   `json:"power"`
	Online      bool     `json:"online"`
	Paper       string   `json:"paper"`
	PaperLeftMM int      `json:"paper_left_mm"`
	Cover       string   `json:"cover"`
	Cutter      string   `json:"cutter"` // ok, jam (the next cut fails), error (waits for DLE ENQ)
	Head        string   `json:"head"`
	Error       string   `json:"error"`
	Drawer      string   `json:"drawer"`
	DrawerHas   string   `json:"drawer_has"`    // none: a pulse opens nothing; spring: it opens the drawer
	DrawerLevel string   `json:"drawer_sensor"` // level of pin 3 when it is open: low, high
	Link        string   `json:"link"`
	Mute        bool     `json:"mute"`
	Busy        bool     `json:"busy"`
	Connected   bool     `json:"connected"`
	Buffer      int      `json:"buffer"`        // bytes in the receive buffer
	BufferSize  int      `json:"buffer_size"`   // bytes
	Waiting     int      `json:"waiting_steps"` // steps in the print buffer
	Moving      bool     `json:"moving"`
	HangingDots int      `json:"hanging_dots"` // paper between the last cut and the head
	Idle        bool     `json:"idle"`         // nothing received that is not on paper
	Counters    Counters `json:"counters"`
	// NotDone is what hosts sent since New and this printer did not do, in the order in which it first came.
	NotDone []NotDone `json:"not_done"`
}

// State returns a snapshot.
func (p *Printer) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.in.state()
}

func (m *machine) state() State {
	s := &m.cond.sense
	word := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	st := State{
		Model: m.model.Name, Power: word(s.power, "on", "off"), Online: m.cond.online(),
		Paper: word(s.paperOut, "out", word(m.cond.near(), "near_end", "ok")), PaperLeftMM: s.paperLeft * 254 / (m.model.DPI * 10),
		Cover: word(s.cover, "open", "closed"), Cutter: word(m.cond.fault == faultCutter, "error", word(s.jam, "jam", "ok")),
		Head: word(s.hot, "hot", "ok"), Error: word(s.broken, "unrecoverable", "none"), Drawer: word(s.drawer, "open", "closed"),
		DrawerHas: word(s.springs, "spring", "none"), DrawerLevel: word(s.openHigh, "high", "low"),
		Link: [...]string{"up", "drop", "half_open"}[s.link], Mute: s.mute, Busy: m.host.busy, Connected: m.host.link != nil,
		Buffer: len(m.host.rx), BufferSize: m.model.Buffer, Waiting: m.mech.buffer.waiting(), Moving: m.mech.motor.running,
		HangingDots: m.mech.paper.y - m.mech.paper.top, Counters: m.count,
	}
	st.Idle = len(m.host.rx) == 0 && m.mech.buffer.waiting() == 0 && m.interp.idle()
	st.Counters.Pieces = int64(m.mech.pieces.n)
	st.NotDone = m.census.list()
	return st
}

// A control is a printer's control interface; it has no state of its own.
type control struct{ p *Printer }

// Handler is the control interface:
//
//	GET  /                the printer's page: its paper, its switches
//	GET  /pieces          all pieces as JSON
//	GET  /pieces/N.png    one piece; also N.txt
//	GET  /hanging.png     what hangs out of the printer
//	GET  /roll.png        the latest pieces below each other
//	GET  /state           a State
//	POST /state           a Change; answers the new State
//
// It answers requests that name loopback or the address they came in at, and none that another site's page sent.
func (p *Printer) Handler() http.Handler {
	c := control{p}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pieces", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, c.pieceList()) })
	mux.HandleFunc("GET /pieces/{file}", c.servePiece)
	mux.HandleFunc("GET /hanging.png", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_ = p.Hanging().PNG(w)
	})
	mux.HandleFunc("GET /roll.png", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		_ = p.Roll(w)
	})
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, p.State()) })
	mux.HandleFunc("POST /state", c.serveChange)
	mux.HandleFunc("GET /{$}", c.servePanel)
	mux.HandleFunc("POST /switch", c.serveSwitch)
	mux.HandleFunc("/", c.serveNothing)
	return ownPagesOnly(mux)
}

// ownPagesOnly refuses what a web page from elsewhere makes a browser on this machine send: a name that was made to lead here
// (DNS rebinding), and a change that another site's page asks for.
func ownPagesOnly(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "这个请求来自另一个网站，没有执行。请在命令行里用 curl。", "Another site's page sent this request; it was not done. Use curl on the command line.")
	}))
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !ownAddress(r) {
			refuse(w, http.StatusForbidden, "地址不对：请用启动时显示的地址。", "This address is not the printer's: use the one shown at start.")
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// ownAddress tells whether a request names loopback, or the very address at which it came in.
func ownAddress(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && ip != nil && ip.Equal(at.IP)
}

// pieceList is never nil, so that JSON shows an empty list.
func (c control) pieceList() []Piece { return append([]Piece{}, c.p.Pieces()...) }

func (c control) servePiece(w http.ResponseWriter, r *http.Request) {
	name, kind, _ := strings.Cut(r.PathValue("file"), ".")
	n, err := strconv.Atoi(name)
	piece, ok := c.p.Piece(n)
	if err != nil || !ok || kind != "png" && kind != "txt" {
		refuse(w, http.StatusNotFound, "没有这张纸：看 /pieces", "there is no such piece: see /pieces")
		return
	}
	if kind == "txt" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprintln(w, piece.Text())
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_ = piece.PNG(w)
}

func (c control) serveChange(w http.ResponseWriter, r *http.Request) {
	var change Change
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&change); err != nil {
		refuse(w, http.StatusBadRequest, "看不懂这个请求："+err.Error(), "cannot read this change: "+err.Error())
		return
	}
	var bad *ChangeError
	if err := c.p.Set(change); errors.As(err, &bad) {
		refuse(w, http.StatusUnprocessableEntity,
			fmt.Sprintf("%s 不能是 %q，可以是：%s", bad.Field, bad.Value, bad.Want),
			fmt.Sprintf("%s cannot be %q, it can be: %s", bad.Field, bad.Value, bad.Want))
		return
	}
	writeJSON(w, http.StatusOK, c.p.State())
}

func refuse(w http.ResponseWriter, code int, zh, en string) {
	writeJSON(w, code, map[string]any{"error": map[string]string{"zh": zh, "en": en}})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}
