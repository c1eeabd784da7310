package doctor_test

import (
	"context"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/doctor"
)

// How the page stands on the shop's network is told where the shop wants it there, each time with the next step.
func TestNetworkPage(t *testing.T) {
	good := api.LAN{On: true, Own: true, Links: []string{"https://192.168.1.10:9443"}, Until: time.Now().Add(300 * 24 * time.Hour)}
	for name, x := range map[string]struct {
		change func(*api.LAN)
		want   []doctor.Level
	}{
		"good":          {func(*api.LAN) {}, []doctor.Level{doctor.Good}},
		"not restarted": {func(l *api.LAN) { *l = api.LAN{} }, []doctor.Level{doctor.Problem}},
		"the port":      {func(l *api.LAN) { l.Problem = "listen on :9443: address already in use" }, []doctor.Level{doctor.Problem}},
		"no network":    {func(l *api.LAN) { l.Links = nil }, []doctor.Level{doctor.Warning}},
		"ends soon":     {func(l *api.LAN) { l.Until = time.Now().Add(time.Hour) }, []doctor.Level{doctor.Good, doctor.Warning}},
		"nobody's name": {func(l *api.LAN) {
			l.Allow = []string{"settle", "setup:office", "pin:Office"}
			l.Devices = []api.Device{{Name: "office"}}
		}, []doctor.Level{doctor.Good, doctor.Hint}},
		"another address": {func(l *api.LAN) { l.Missing = []string{"192.168.1.20"} }, []doctor.Level{doctor.Good, doctor.Hint}},
	} {
		c := newClinic(t, "")
		lan := good
		x.change(&lan)
		c.o.Config.HTTP.LAN = true
		c.o.Daemon = func(context.Context) ([]doctor.Live, error) { return nil, nil }
		c.o.LAN = func(context.Context) (api.LAN, error) { return lan, nil }
		var got []doctor.Level
		for _, f := range doctor.Run(t.Context(), c.o) {
			if f.Check != "lan" {
				continue
			}
			got = append(got, f.Level)
			if f.Level != doctor.Good && (f.Fix.Zh == "" || f.Fix.En == "") {
				t.Errorf("%s: no next step: %+v", name, f)
			}
		}
		if len(got) != len(x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
			continue
		}
		for i := range got {
			if got[i] != x.want[i] {
				t.Errorf("%s: %v, want %v", name, got, x.want)
			}
		}
	}
}
