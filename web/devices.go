package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/job"
)

// The devicesPage stands at the machine only: who may come in from the shop's network, and how one more does.
type devicesPage struct {
	frame   *frame
	door    *door
	list    *devices.List
	network Network // nil: the page is not on the network
	log     *slog.Logger
}

func (x *devicesPage) routes(paired register) {
	paired("GET /devices", x.page)
	paired("POST /do/devices/pair", x.pair)
	paired("POST /do/devices/revoke", x.revoke)
	paired("POST /do/devices/authority", x.authority)
	paired("GET /ca.crt", certificate(x.network))
}

// devicesBody is the page.
type devicesBody struct {
	LAN    api.LAN
	PinSet bool
	Done   string // what was done: revoked, authority
}

func (x *devicesPage) page(w http.ResponseWriter, r *http.Request) {
	v := x.frame.view(r, "devices", "devices")
	v.Path = "/devices"
	v.Body = devicesBody{LAN: lanOf(x.list, x.network, x.door.allow), PinSet: x.door.pins.Exists(), Done: r.URL.Query().Get("done")}
	x.frame.show(w, r, http.StatusOK, v)
}

// WithPIN words what a device may do on the network with the supervisor's PIN, "" for nothing.
func (v *view) WithPIN(d api.Device) string {
	var list []string
	if slices.Contains(d.Rights, api.RightReprint) {
		for _, action := range api.Allowable {
			if api.Allowed(v.door.allow, action, d.Name) {
				list = append(list, v.Text(supervisedWords[action]))
			}
		}
	}
	if v.Zh {
		return strings.Join(list, "、")
	}
	return strings.Join(list, ", ")
}

// supervisedWords are api.Allowable as people call it.
var supervisedWords = map[string]job.Text{
	api.AllowSettle: words["devices.settle"], api.AllowArchive: words["devices.archive"], api.AllowReversal: words["devices.reversal"],
	api.AllowCancel: words["devices.cancel"], api.AllowSetup: words["devices.setup"], api.AllowPIN: words["devices.pin"],
}

// pairingBody is a code, as it is shown once.
type pairingBody struct {
	Name string
	api.Pairing
	Link        string // what the picture says
	Size        int
	Path        string // of the picture, in modules
	Fingerprint string
}

// pair shows a code, after the PIN.
func (x *devicesPage) pair(w http.ResponseWriter, r *http.Request) {
	if !x.frame.supervised(w, r) {
		return
	}
	d := api.Device{Name: strings.TrimSpace(r.PostFormValue("name")), Rights: []string{api.RightLook}}
	if r.PostFormValue("rights") == api.RightReprint {
		d.Rights = append(d.Rights, api.RightReprint)
	}
	if r.PostFormValue("drawer") != "" {
		d.Rights = append(d.Rights, api.RightDrawer)
	}
	p, err := pairing(x.list, x.network, d)
	if err != nil {
		x.refused(w, r, err)
		return
	}
	body := pairingBody{Name: d.Name, Pairing: *p, Link: p.Links[0], Fingerprint: x.network.State().Fingerprint}
	if body.Size, body.Path, err = picture(body.Link); err != nil {
		x.frame.broken(w, r, err)
		return
	}
	v := x.frame.view(r, "pairing", "devices.code")
	v.Path, v.Body = "/devices", body
	x.frame.show(w, r, http.StatusOK, v)
}

func (x *devicesPage) refused(w http.ResponseWriter, r *http.Request, err error) {
	if status, p := deviceProblem(r, x.log, err); status != 0 {
		x.frame.notice(w, r, status, notice{Title: words["refused"], Problems: []job.Problem{p}, Back: "/devices"})
	}
}

func (x *devicesPage) revoke(w http.ResponseWriter, r *http.Request) {
	gone, err := x.list.Revoke(r.PostFormValue("device"))
	if err != nil {
		x.refused(w, r, err)
		return
	}
	x.log.Warn("a device was revoked", "device", gone.Name)
	http.Redirect(w, r, "/devices?done=revoked", http.StatusSeeOther)
}

func (x *devicesPage) authority(w http.ResponseWriter, r *http.Request) {
	if !x.frame.supervised(w, r) {
		return
	}
	err := errNoNetwork
	if x.network != nil {
		err = x.network.NewAuthority()
	}
	if err != nil {
		x.refused(w, r, err)
		return
	}
	http.Redirect(w, r, "/devices?done=authority", http.StatusSeeOther)
}

// picture draws a QR code as the path of an SVG picture, one unit for each module.
func picture(text string) (size int, path string, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return 0, "", fmt.Errorf("draw a QR code: %w", err)
	}
	var b strings.Builder
	size = code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if dark, _, _, _ := code.At(x, y).RGBA(); dark == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return size, b.String(), nil
}

// Frame is the picture's viewBox, with the quiet zone that readers need.
func (p pairingBody) Frame() string { return fmt.Sprintf("-4 -4 %d %d", p.Size+8, p.Size+8) }
