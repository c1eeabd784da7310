package virtual

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"
	"sync"
)

//go:embed panel.html
var panelText string

// panelPage is parsed when the first browser comes.
var panelPage = sync.OnceValue(func() *template.Template { return template.Must(template.New("panel").Parse(panelText)) })

// A panelSwitch is one button of the printer's page: what it is called, and what it changes.
type panelSwitch struct {
	Key, Zh, En string
	change      Change
}

// panelSwitches are the buttons, each fault beside what mends it.
var panelSwitches = []panelSwitch{
	{"paper-out", "抽掉纸", "Take the paper out", Change{Paper: "out"}}, {"paper-ok", "装上纸", "Load a roll", Change{Paper: "ok"}},
	{"paper-low", "纸快用完", "Paper low", Change{Paper: "near_end"}},
	{"cover-open", "打开盖子", "Open the cover", Change{Cover: "open"}}, {"cover-closed", "合上盖子", "Close the cover", Change{Cover: "closed"}},
	{"cutter-jam", "切刀卡住", "Jam the cutter", Change{Cutter: "jam"}}, {"cutter-ok", "取出卡纸", "Clear the jam", Change{Cutter: "ok"}},
	{"head-hot", "打印头过热", "Overheat", Change{Head: "hot"}}, {"head-ok", "冷却", "Cool down", Change{Head: "ok"}},
	{"drawer-on", "接上钱箱", "Connect a drawer", Change{DrawerHas: "spring"}}, {"drawer-closed", "推上钱箱", "Push the drawer in", Change{Drawer: "closed"}},
	{"link-drop", "拔掉数据线", "Pull the cable", Change{Link: "drop"}}, {"link-up", "插回数据线", "Plug it in again", Change{Link: "up"}},
	{"power-off", "关机", "Switch off", Change{Power: "off"}}, {"power-on", "开机", "Switch on", Change{Power: "on"}},
}

// panelView is what the page shows.
type panelView struct {
	Zh       bool
	State    State
	Pieces   []Piece
	Switches []panelSwitch
	Wrong    string // what was not done, on the page that says so
}

// Say gives one of two texts.
func (v panelView) Say(zh, en string) string {
	if v.Zh {
		return zh
	}
	return en
}

// Text is what a switch is called.
func (v panelView) Text(s panelSwitch) string { return v.Say(s.Zh, s.En) }

// Lang is for the lang attribute.
func (v panelView) Lang() string { return v.Say("zh-CN", "en") }

// piecesShown is how many pieces the page names.
const piecesShown = 12

// servePanel shows the printer: its paper, how it is, and its switches.
func (c control) servePanel(w http.ResponseWriter, r *http.Request) {
	c.showPanel(w, r, http.StatusOK, "")
}

func (c control) showPanel(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	v := panelView{Zh: readsChinese(r), State: c.p.State(), Pieces: c.pieceList(), Switches: panelSwitches, Wrong: wrong}
	v.Pieces = v.Pieces[max(0, len(v.Pieces)-piecesShown):]
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = panelPage().Execute(w, v) // the reader has gone: nobody to tell
}

// serveSwitch does what one button says, and shows the printer again.
func (c control) serveSwitch(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	for _, s := range panelSwitches {
		if s.Key == r.PostFormValue("switch") {
			if err := c.p.Set(s.change); err != nil {
				c.showPanel(w, r, http.StatusConflict, err.Error())
				return
			}
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
	}
	c.serveNothing(w, r)
}

// serveNothing answers an address that there is not: with the printer's page to a person, who is then where everything is.
func (c control) serveNothing(w http.ResponseWriter, r *http.Request) {
	zh, en := "没有这个地址。打印机的页面在 /", "there is no such address: the printer's page is at /"
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		refuse(w, http.StatusNotFound, zh, en)
		return
	}
	v := panelView{Zh: readsChinese(r)}
	c.showPanel(w, r, http.StatusNotFound, v.Say(zh, en))
}

// readsChinese tells whether the first language that a browser names is Chinese.
func readsChinese(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "zh")
}
