package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/config"
)

// The usual mistakes in a configuration are told by line, with what is wrong and how the line must read, in both languages.
func TestUsualMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"[[printer]]\nname = front\n":                       `name = "front"`,
		"[[printer]]\nname = front desk # till\n":           `name = "front desk"`,
		"[[printer]]\nname = “front”\n":                     `name = "front"`,
		"[[printer]]\nname ＝ \"front\"\n":                   `name = "front"`,
		"［［printer］］\nname = \"front\"\n":                   `[[printer]]`,
		"[[printer]]\ndevice = tcp://127.0.0.1:9100\n":      `device = "tcp://127.0.0.1:9100"`,
		"[spool]\ndir = C:\\shop\\spool\n":                  `dir = 'C:\shop\spool'`,
		"[[printer]]\nname = ‘front’\n":                     `name = 'front'`,
		"\xff\xfe[\x00s\x00p\x00o\x00o\x00l\x00]\x00\n\x00": "UTF-8",
	} {
		_, err := config.Parse("shop.toml", []byte(text), nil)
		var bad *config.Error
		if !errors.As(err, &bad) || len(bad.Problems) == 0 {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if p := bad.Problems[0]; p.Line == 0 || !strings.Contains(p.Zh, want) || !strings.Contains(p.En, want) {
			t.Errorf("%q: line %d, %s / %s", text, p.Line, p.Zh, p.En)
		}
	}
	if _, err := config.Parse("shop.toml", []byte("[[notify]]\nkey = geheim123\n"), nil); err == nil || strings.Contains(err.Error(), "geheim123") {
		t.Errorf("a key is repeated: %v", err)
	}
	if _, err := config.Parse("shop.toml", []byte("# 说明：“引号”没关系\n[shop]\nname = \"“老成都”面馆\"\n"), nil); err != nil && strings.Contains(err.Error(), "full-width") {
		t.Errorf("curly marks within text are refused: %v", err)
	}
}
