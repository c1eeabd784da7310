package config_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// What is said of the page on the network is looked at, in both languages; nothing of it is on by itself.
func TestLAN(t *testing.T) {
	if h := config.Default().HTTP; h.LAN || !slices.Equal(h.LANListen, config.Strings{":9443"}) || len(h.LANAllow) > 0 {
		t.Errorf("by default: %+v", h)
	}
	for text, key := range map[string]string{
		"lan = true": "", "lan = true\nlan_listen = \"192.168.1.10:9443\"": "", "lan_allow = [\"settle\", \"archive\", \"reversal\", \"cancel_waiting\", \"setup\", \"pin:Büro Tablet\"]": "",
		"cert_file = \"c.pem\"\nkey_file = \"k.pem\"": "",
		"lan = \"yes\"": "http.lan", "lan = true\nlisten = []": "http.lan", "lan = true\nlan_listen = []": "http.lan_listen", "lan_listen = \"9443\"": "http.lan_listen",
		"lan_listen = \":0\"": "http.lan_listen", "lan_listen = \"till:9443\"": "http.lan_listen", "lan_allow = [\"erase\"]": "http.lan_allow", "lan_allow = [\"erase:tablet\"]": "http.lan_allow", "lan_allow = [\"settle:\"]": "http.lan_allow", "lan_allow = [\"settle: tablet\"]": "http.lan_allow",
		"cert_file = \"c.pem\"": "http.cert_file", "key_file = \"k.pem\"": "http.key_file", "listen = \"0.0.0.0:9180\"": "http.listen",
	} {
		_, err := config.Parse("", []byte("[http]\n"+text+"\n"), nil)
		var wrong *config.Error
		switch {
		case key == "" && err != nil:
			t.Errorf("%q: %v", text, err)
		case key == "":
		case !errors.As(err, &wrong) || wrong.Problems[0].Key != key || !strings.ContainsFunc(wrong.Problems[0].Zh, func(r rune) bool { return r > 0x4e00 }) || wrong.Problems[0].En == "":
			t.Errorf("%q: %v, want %s", text, err, key)
		}
	}
	c, err := config.Parse("", nil, []string{"RECEIPTD_HTTP_LAN=true", "RECEIPTD_HTTP_LAN_LISTEN=:9444"})
	if err != nil || !c.HTTP.LAN || c.HTTP.LANListen[0] != ":9444" {
		t.Errorf("%v %+v", err, c)
	}
	if _, err := config.Parse("", nil, []string{"RECEIPTD_HTTP_LAN=yes"}); err == nil {
		t.Error("RECEIPTD_HTTP_LAN=yes is taken")
	}
}
