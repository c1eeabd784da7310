package daemon_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/printer/virtual"
)

// A folder that was swapped makes /readyz say so, and the next job comes out when it is put back. Two daemons on one drop folder: the
// second does not start.
func TestReadyAndOneDaemon(t *testing.T) {
	t.Parallel()
	s := newTestShop(t, virtual.Options{Speed: virtual.Max}, "front")
	s.write("", "front")
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.page = page
	s.start()
	ready := func() (int, map[string]string) {
		resp, err := http.Get("http://" + page.Addr().String() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var a struct{ Checks map[string]string }
		if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, a.Checks
	}
	s.await("it to be ready", func() bool { code, _ := ready(); return code == http.StatusOK })
	_, checks := ready()
	for _, name := range []string{"drop_folder", "take_loop", "answer_loop"} {
		if checks[name] != "ok" {
			t.Errorf("%s: %q", name, checks[name])
		}
	}
	incoming := filepath.Join(s.dir, "spool", "incoming")
	if err := os.Rename(incoming, incoming+".away"); err != nil {
		t.Fatal(err)
	}
	s.await("it not to be ready", func() bool {
		code, checks := ready()
		return code == http.StatusServiceUnavailable && strings.Contains(checks["drop_folder"], "incoming")
	})
	if err := os.Rename(incoming+".away", incoming); err != nil {
		t.Fatal(err)
	}
	s.sale(770001, "")
	s.proven(770001)

	other := newTestShop(t, virtual.Options{}, "front")
	other.write("", "front")
	cfg, err := other.load()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Spool.Dir = filepath.Join(s.dir, "spool")
	if err := daemon.Run(t.Context(), cfg, daemon.Options{}); err == nil || !strings.Contains(err.Error(), "another receiptd uses this drop folder") {
		t.Errorf("a second daemon: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data.Dir, "journal.db")); !os.IsNotExist(err) {
		t.Error("the second daemon looked at a journal before it knew that the drop folder is not its own:", err)
	}
}
