package drop_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/receiptd/receiptd/fleet/fleettest"
	"github.com/receiptd/receiptd/hub"
	"github.com/receiptd/receiptd/hub/drop"
	"github.com/receiptd/receiptd/hub/store"
)

// A door is a hub without a line; it fails as often as it is told to.
type door struct {
	*hub.Hub
	mu    sync.Mutex
	fails int
}

func (d *door) Submit(ctx context.Context, s hub.Submission) (hub.Submitted, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails > 0 {
		d.fails--
		return hub.Submitted{}, store.ErrFull
	}
	return d.Hub.Submit(ctx, s)
}

// TestFolder: what is dropped for a shop is in the hub's store once and answered; wrong files are answered, others left alone; a crash behind
// the claim and a full disk lose nothing.
func TestFolder(t *testing.T) {
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir, d := t.TempDir(), &door{Hub: hub.New(hub.Options{Store: s, Broker: "tls://127.0.0.1:1", Tenant: "acme", Name: "hub1"}), fails: 2}
	write := func(name, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("shop-1/a.json", fleettest.Order("o-1"))
	write("shop-1/again.json", fleettest.Order("o-1"))
	write("shop-1/other.json", strings.Replace(fleettest.Order("o-1"), `"qty":"1"`, `"qty":"2"`, 1))
	write("shop-1/bad.json", `{"job_id":]`)
	write("shop-1/long.json", strings.Repeat(" ", 300<<10))
	write("shop-1/.hidden.json", "x")
	write("shop-1/notes.txt", "x")
	write("not a shop/a.json", fleettest.Order("o-9"))
	write("shop-2/.taken/left.json", fleettest.Order("o-2")) // a crash came behind the claim
	outside := filepath.Join(t.TempDir(), "outside.json")
	if err := os.WriteFile(outside, []byte(fleettest.Order("o-8")), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Symlink(outside, filepath.Join(dir, "shop-1", "link.json")) // where the system has none there is nothing to look at
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- drop.New(dir, d, nil, 10*time.Millisecond).Run(ctx) }()
	result := func(name string) (r drop.Result) {
		t.Helper()
		for limit := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			data, err := os.ReadFile(filepath.Join(dir, filepath.Dir(name), "results", filepath.Base(name)))
			if err == nil {
				if err := json.Unmarshal(data, &r); err != nil {
					t.Fatal(err)
				}
				return r
			}
			if time.Now().After(limit) {
				t.Fatal(name, "was not answered")
			}
		}
	}
	for _, x := range []struct{ name, outcome string }{{"shop-1/a.json", "taken"}, {"shop-1/again.json", "duplicate"}, {"shop-1/other.json", "conflict"}, {"shop-1/bad.json", "rejected"}, {"shop-1/long.json", "rejected"}, {"shop-2/left.json", "taken"}} {
		if r := result(x.name); r.Outcome != x.outcome || r.Outcome == "rejected" && (len(r.Errors) == 0 || r.Errors[0].Fix.Zh == "") {
			t.Errorf("%s: %+v", x.name, r)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	jobs, err := s.Jobs(t.Context(), store.Filter{})
	if err != nil || len(jobs) != 2 {
		t.Errorf("%+v %v", jobs, err)
	}
	for _, name := range []string{"shop-1/.hidden.json", "shop-1/notes.txt", "not a shop/a.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(name, "was touched")
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "shop-1", ".taken")); err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}

// A taker takes whatever is submitted, and notes it.
type taker struct {
	mu  sync.Mutex
	got []string
}

func (k *taker) Submit(_ context.Context, s hub.Submission) (hub.Submitted, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.got = append(k.got, s.Shop+" "+string(s.Data))
	return hub.Submitted{}, nil
}

func (k *taker) taken() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.got)
}

// TestSlowWriter: a file whose writer pauses in the middle is taken when it is whole, not before; what is not finished for half a minute is
// taken as it is, so that it gets its answer.
func TestSlowWriter(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		shop := filepath.Join(dir, "shop-1")
		if err := os.MkdirAll(shop, 0o755); err != nil {
			t.Fatal(err)
		}
		k := &taker{}
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		go func() { _ = drop.New(dir, k, nil, 0).Run(ctx) }()
		want := func(when string, n int) {
			t.Helper()
			if got := k.taken(); len(got) != n {
				t.Fatalf("%s: %q", when, got)
			}
		}
		whole := "\ufeff" + `{"job_id":"o-1","name":"面"}`
		w, err := os.Create(filepath.Join(shop, "a.json"))
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		for _, end := range []int{0, 2, 3, 10, len(whole) - 3, len(whole) - 1} { // also in the middle of a character
			if _, err := w.WriteAt([]byte(whole[:end]), 0); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
			want("in the middle", 0)
		}
		if _, err := w.WriteAt(make([]byte, len(whole)-10), 10); err != nil { // as a network share makes room for what comes
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		want("room for the rest", 0)
		if _, err := w.WriteAt([]byte(whole), 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		want("whole", 1)
		if err := os.WriteFile(filepath.Join(shop, "b.json"), []byte(whole[:10]), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(25 * time.Second)
		want("not yet", 1)
		time.Sleep(10 * time.Second)
		want("given up", 2)
		if got := k.taken(); got[0] != "shop-1 "+whole || got[1] != "shop-1 "+whole[:10] {
			t.Errorf("%q", got)
		}
	})
}

// TestOneFileHoldsUpNoOther: a file that cannot be read stays where it is, an answer that cannot be written is tried again, and the shop's
// other files are taken meanwhile. A second file of a name that is not answered yet does not replace the first.
func TestOneFileHoldsUpNoOther(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		shop := filepath.Join(dir, "shop-1")
		if err := os.MkdirAll(filepath.Join(shop, "results", "b.json"), 0o755); err != nil {
			t.Fatal(err)
		}
		write := func(name, id string, mode os.FileMode) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(shop, name), []byte(`{"job_id":"`+id+`"}`), mode); err != nil {
				t.Fatal(err)
			}
		}
		there := func(name string) bool { _, err := os.Stat(filepath.Join(shop, name)); return err == nil }
		write("a.json", "secret", 0)
		write("b.json", "first", 0o600)
		write("c.json", "third", 0o600)
		k := &taker{}
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		go func() { _ = drop.New(dir, k, nil, 0).Run(ctx) }()
		time.Sleep(5 * time.Second)
		got := strings.Join(k.taken(), "")
		if !strings.Contains(got, "first") || !strings.Contains(got, "third") || !there("results/c.json") || !there(".taken/b.json") {
			t.Fatalf("%q", got)
		}
		if os.Geteuid() != 0 && runtime.GOOS != "windows" && !there("a.json") { // an administrator reads everything
			t.Error("what cannot be read was moved")
		}
		write("b.json", "second", 0o600)
		time.Sleep(5 * time.Second)
		if got := strings.Join(k.taken(), ""); strings.Contains(got, "second") || !there("b.json") {
			t.Fatalf("%q", got)
		}
		if err := os.Remove(filepath.Join(shop, "results", "b.json")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if got := strings.Join(k.taken(), ""); !strings.Contains(got, "second") || there("b.json") || there(".taken/b.json") {
			t.Fatalf("%q", got)
		}
	})
}

// TestAnswersGo: an answer goes after a week; a younger one stays, and so does what is no answer.
func TestAnswersGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	results := filepath.Join(dir, "shop-1", "results")
	if err := os.MkdirAll(results, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"old.json": 8 * 24 * time.Hour, "young.json": 6 * 24 * time.Hour, "notes.txt": 8 * 24 * time.Hour} {
		path, at := filepath.Join(results, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("{}"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- drop.New(dir, &taker{}, nil, 10*time.Millisecond).Run(ctx) }()
	for gone := false; !gone && t.Context().Err() == nil; time.Sleep(time.Millisecond) {
		_, err := os.Stat(filepath.Join(results, "old.json"))
		gone = errors.Is(err, os.ErrNotExist)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(results)
	if err != nil || len(left) != 2 || left[0].Name() != "notes.txt" || left[1].Name() != "young.json" {
		t.Error(left, err)
	}
}
