package settings_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/hub/settings"
	"github.com/receiptd/receiptd/internal/config"
)

// TestSample: the sample is a whole file, with every key in it.
func TestSample(t *testing.T) {
	h, err := settings.Parse("/etc/receiptd/hub.toml", []byte(settings.Sample()))
	if err != nil || h.Cert != "/etc/receiptd/hub1/cert.pem" || h.Listen != "127.0.0.1:9190" {
		t.Fatalf("%+v %v", h, err)
	}
	_, all, _ := strings.Cut(settings.Sample(), "\n")
	all = strings.ReplaceAll(all, "\n# ", "\n")
	if h, err := settings.Parse("/etc/receiptd/hub.toml", []byte(all)); err != nil || h.TLSListen == "" || h.Drop == "" || h.Log == "" {
		t.Fatalf("%+v %v", h, err)
	}
}

// TestWrongSettings: each mistake names its key in both languages.
func TestWrongSettings(t *testing.T) {
	good := "[hub]\nname=\"hub1\"\ntenant=\"acme\"\nbroker=\"tls://h\"\ncert=\"c\"\nkey=\"k\"\n"
	if _, err := settings.Parse("f", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ text, says string }{
		{strings.Replace(good, "hub1", "a b", 1), "hub.name"},
		{strings.Replace(good, "tls://", "tcp://", 1), "hub.broker"},
		{good + "listen=\"0.0.0.0:9190\"\n", "hub.listen"},
		{good + "tls_listen=\":9443\"\n", "hub.tls_listen"},
		{good + "tls_cert=\"x\"\n", "hub.tls_cert"},
		{good + "keep_days=0\n", "hub.keep_days"},
		{good + "locale=\"fr\"\n", "hub.locale"},
		{good + "log=\"loud\"\n", "hub.log"},
		{good + "data=\"drop/shop-1\"\ndrop=\"drop\"\n", "hub.data"},
		{good + "drop=\".\"\n", "hub.cert"},
		{good + "nonsense=\"x\"\n", "hub.nonsense"},
		{strings.Replace(good, "cert=\"c\"\n", "", 1), "hub.cert"},
		{"[hub\n", "f:1:"},
	} {
		_, err := settings.Parse("f", []byte(x.text))
		var wrong *config.Error
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Text("zh"), x.says) || !strings.Contains(wrong.Text("en"), x.says) {
			t.Errorf("%s: %v", x.says, err)
		}
	}
}
