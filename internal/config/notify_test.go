package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/receiptd/receiptd/internal/config"
)

const planted = "PLANTED-5d1e"

// TestKeysAreNotShown: whatever is wrong with a section, what is said of it holds no address and no secret.
func TestKeysAreNotShown(t *testing.T) {
	head := onePrinter + "[[notify]]\nname = \"owner\"\nform = \"slack\"\n"
	for _, text := range []string{
		head + "ulr = \"https://hooks.example/" + planted + "\"\n",
		head + "url = https://hooks.example/" + planted + "\n",
		head + "url = \"https://hooks.example/" + planted + "\n",
		head + "url = \"https://hooks.example/" + planted + "\"\nnames = \"x\"\n",
		head + "url = [\"" + planted + "\"]\n",
		head + "url = \"" + planted + "\"\nurl = \"x\"\n",
		head + "secret = \"\"\"\n" + planted + "\n\"\"\"\nfoo = 1\n",
		head + "secret = \"" + planted + "\"\n[guard]\nfoo = 1\n",
		head + "events = [\"x\"]\nsecret = \"" + planted + "\"\n",
		head + "\"url\" = \"" + planted + "\\q\"\n",
		"[notifi]\nurl = \"" + planted + "\"\n" + onePrinter,
		"notify = [{url = \"" + planted + "\"\n" + onePrinter,
	} {
		_, err := config.Parse("receiptd.toml", []byte(text), nil)
		var wrong *config.Error
		if !errors.As(err, &wrong) {
			t.Fatalf("%s: %v", text, err)
		}
		if said := wrong.Text("zh") + wrong.Text("en") + fmt.Sprintf("%+v", wrong.Problems); strings.Contains(said, planted) {
			t.Errorf("a key is shown: %s", said)
		}
		if shown := string(config.Conceal([]byte(text))); strings.Contains(shown, planted) {
			t.Errorf("a key is shown: %s", shown)
		}
	}
	good := head + "url = \"https://hooks.example/" + planted + "\"\nsecret = \"" + planted + "\"\n#url = \"" + planted + "\"\n[log]\nlevel = \"debug\"\n"
	c, err := config.Parse("receiptd.toml", []byte(good), nil)
	if err != nil || len(c.Notify) != 1 || c.Notify[0].URL.Reveal() != "https://hooks.example/"+planted {
		t.Fatal(err)
	}
	data, err := toml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown := string(data) + fmt.Sprintf("%v %+v %#v %s %q", c, *c, *c, c.Notify, c.Notify) + string(config.Conceal([]byte(good)))
	if strings.Contains(shown, planted) || !strings.Contains(shown, "owner") || !strings.Contains(shown, "level = \"debug\"") {
		t.Errorf("%s", shown)
	}
}

// TestWatchAndNotify: what cannot be meant is told by its key.
func TestWatchAndNotify(t *testing.T) {
	for text, key := range map[string]string{
		"[watch]\norder = \"1s\"\n":                                              "watch.order",
		"[watch]\nprinter = \"48h\"\n":                                           "watch.printer",
		"[watch]\nsettled_by = \"25:00\"\n":                                      "watch.settled_by",
		"[[notify]]\nname = \"a b\"\n":                                           "notify[0].name",
		"[[notify]]\nname = \"a\"\n[[notify]]\nname = \"a\"\n":                   "notify[1].name",
		"[[notify]]\nname = \"a\"\nevents = [\"everything\"]\n":                  "notify[0].events",
		"[[notify]]\nname = \"a\"\nshare = [\"names\"]\n":                        "notify[0].share",
		"[[notify]]\nname = \"a\"\nfrom = \"" + strings.Repeat("x", 41) + "\"\n": "notify[0].from",
	} {
		_, err := config.Parse("receiptd.toml", []byte(onePrinter+text), nil)
		var wrong *config.Error
		if !errors.As(err, &wrong) || wrong.Problems[0].Key != key || wrong.Problems[0].Line == 0 {
			t.Errorf("%s: %v", text, err)
		}
	}
}
