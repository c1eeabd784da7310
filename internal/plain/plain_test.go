package plain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/internal/plain/plaintest"
)

// What the system and the library say reaches nobody: real errors of both become sentences in both languages that name the thing.
func TestError(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := lis.Addr().String()
	_, taken := net.Listen("tcp", address)
	lis.Close()
	late, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-late.Done()
	get := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/v1/jobs", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	open := func(name string) error { _, err := os.Open(name); return err }
	number := func(text string) error { _, err := strconv.ParseInt(text, 10, 64); return err }
	read := func(text string) error {
		var into struct {
			A int `json:"a"`
		}
		return json.Unmarshal([]byte(text), &into)
	}
	for name, row := range map[string]struct {
		err  error
		says string // in both
	}{
		"no file":       {open(filepath.Join(dir, "none")), filepath.Join(dir, "none")},
		"wrapped":       {fmt.Errorf("read configuration: %w", open(filepath.Join(dir, "none"))), filepath.Join(dir, "none")},
		"no folder":     {open(filepath.Join(file, "x")), "file"},
		"rename":        {os.Rename(filepath.Join(dir, "none"), file), "file"},
		"there already": {os.Mkdir(file, 0o700), "file"},
		"not empty":     {os.Remove(dir), dir},
		"refused":       {get(t.Context()), ""},
		"taken":         {taken, address},
		"late":          {get(late), ""},
		"number":        {number("12x"), "12x"},
		"large number":  {fmt.Errorf("read the width: %w", number("99999999999999999999")), "99999999999999999999"},
		"no JSON":       {read(`{"a": }`), "7"},
		"other JSON":    {read(`{"a": "x"}`), "9"},
		"half a file":   {fmt.Errorf("read backup: %w", io.ErrUnexpectedEOF), ""},
		"deadline":      {fmt.Errorf("ask: %w", context.DeadlineExceeded), ""},
		"no program":    {exec.Command("no-such-program").Run(), "no-such-program"},
		"failed":        {fmt.Errorf("systemctl start: %w", exec.Command("false").Run()), "1"},
		"two":           {errors.Join(open(filepath.Join(dir, "none")), io.ErrUnexpectedEOF), "none"},
	} {
		if row.err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		said := plain.Error(row.err)
		for lang, text := range map[string]string{"zh": said.Zh, "en": said.En} {
			if wrong := plaintest.Judge(lang, text, "none", "file"); wrong != "" || strings.Contains(text, "没有料到") || !strings.Contains(text, row.says) {
				t.Errorf("%s: %s: %q of %v", name, wrong, text, row.err)
			}
		}
	}
	if said := plain.Error(fmt.Errorf("write result: %w", open("none"))).En; !strings.HasPrefix(said, "write result: ") {
		t.Errorf("the program's own act is lost: %q", said)
	}
	if said := plain.Error(errors.Join(open("none"), io.ErrUnexpectedEOF)); !strings.Contains(said.Zh, "没有这个文件") || !strings.Contains(said.Zh, "中途就断了") {
		t.Errorf("of two errors: %q", said.Zh)
	}
	if said := plain.Error(errors.New("nobody knows this")); !strings.Contains(said.Zh, "“nobody knows this”") {
		t.Errorf("%q", said.Zh)
	}
}
