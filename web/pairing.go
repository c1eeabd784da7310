package web

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
	"github.com/receiptd/receiptd/job"
)

// lanOf tells how the page stands on the network.
func lanOf(list *devices.List, network Network, allow []string) api.LAN {
	lan := api.LAN{Links: []string{}, Missing: []string{}, Devices: []api.Device{}}
	if network != nil {
		lan = network.State()
	}
	lan.Allow = append([]string{}, allow...)
	if list != nil {
		lan.Devices = list.All()
	}
	return lan
}

var errNoNetwork = errors.New("the page is not on the shop's network")

// pairing makes a code for a device, with the links that carry it.
func pairing(list *devices.List, network Network, d api.Device) (*api.Pairing, error) {
	if network == nil {
		return nil, errNoNetwork
	}
	lan := network.State()
	if len(lan.Links) == 0 {
		return nil, errNoNetwork
	}
	d.Program = false
	code, until, err := list.Code(d)
	if err != nil {
		return nil, err
	}
	p := &api.Pairing{Code: code, Until: until}
	for _, link := range lan.Links {
		p.Links = append(p.Links, link+"/join?code="+code)
	}
	return p, nil
}

// deviceProblem words why a device was not added, paired or taken out.
func deviceProblem(r *http.Request, log *slog.Logger, err error) (int, job.Problem) {
	switch {
	case errors.Is(err, devices.ErrNone):
		return http.StatusNotFound, problem("not_found", "没有这台设备。", "There is no such device.", "看有哪些：receiptd device list", "See which there are: receiptd device list")
	case errors.Is(err, devices.ErrName):
		return http.StatusConflict, problem("invalid", "名字不能用：1 到 40 个字，不能和别的设备重名。", "This name cannot be used: 1 to 40 characters, and no other device has it.", "换一个名字，或先撤销旧的。", "Use another name, or revoke the old one first.")
	case errors.Is(err, devices.ErrRights):
		return http.StatusUnprocessableEntity, problem("invalid", "权限不对。", "There is no such right.", "可用：look（看）、reprint（补打）、submit（送任务）、drawer（开钱箱）。", "There are look, reprint, submit and drawer.")
	case errors.Is(err, devices.ErrFull):
		return http.StatusConflict, problem("too_many_devices", "设备太多了。", "There are too many devices.", "撤销不用的：receiptd device list", "Revoke what is not used: receiptd device list")
	case errors.Is(err, devices.ErrCode):
		return http.StatusForbidden, problem("code_wrong", "配对码不对、用过了、过了五分钟，或收银机重启过。", "This code is wrong, used, older than five minutes, or from before the till's restart.", "在收银机的“设备”页取一个新的。", "Get a new one on the till's page \"Devices\".")
	case errors.Is(err, devices.ErrTooMany):
		return http.StatusTooManyRequests, problem("too_many_tries", "配对码错了太多次，先停一分钟。", "Too many wrong codes; wait a minute.", "一分钟后再试。", "Try again in a minute.")
	case errors.Is(err, errNoNetwork):
		return http.StatusConflict, problem("no_network", "局域网上没有开这个页面，或还没有证书。", "The page is not on the shop's network, or has no certificate yet.", "在配置里写 [http] lan = true，重新启动；再看：receiptd doctor", "Write [http] lan = true into the configuration and restart; then see: receiptd doctor")
	}
	return problemOf(r, log, err)
}

// certificate gives the own authority's certificate, which is no secret.
func certificate(network Network) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		var der []byte
		if network != nil {
			der = network.Authority()
		}
		if der == nil {
			fail(w, http.StatusNotFound, problem("not_found", "这个页面没有自己的根证书。", "The page has no authority of its own.", "证书是给定的，设备本来就应当信任它。", "Its certificate is a given one, which devices should trust anyway."))
			return
		}
		w.Header().Set("Content-Type", "application/x-x509-ca-cert")
		w.Header().Set("Content-Disposition", `attachment; filename="receiptd-ca.crt"`)
		_, _ = w.Write(der) // the reader has gone: nobody to tell
	}
}
