package devices_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/devices"
)

// A shop is a list whose clock the test turns.
type shop struct {
	*devices.List
	dir string
	now time.Time
}

func open(t *testing.T) *shop {
	t.Helper()
	s := &shop{dir: t.TempDir(), now: time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)}
	s.reopen(t)
	return s
}

func (s *shop) reopen(t *testing.T) {
	t.Helper()
	var err error
	if s.List, err = devices.Open(s.dir, func() time.Time { return s.now }); err != nil {
		t.Fatal(err)
	}
}

func tablet(name string) api.Device { return api.Device{Name: name, Rights: []string{api.RightLook}} }

// A code pairs once, in five minutes, and what it gives is known after a restart by its hash alone.
func TestPairing(t *testing.T) {
	s := open(t)
	code, until, err := s.Code(tablet("厨房平板"))
	if err != nil || until.Sub(s.now) != 5*time.Minute {
		t.Fatal(until, err)
	}
	d, secret, err := s.Join(strings.ToLower(strings.ReplaceAll(code, "-", " ")), "192.168.1.50")
	if err != nil || d.Name != "厨房平板" {
		t.Fatal(d, err)
	}
	if _, _, err := s.Join(code, "192.168.1.51"); !errors.Is(err, devices.ErrCode) {
		t.Errorf("a used code: %v", err)
	}
	s.reopen(t)
	if got, _, ok := s.Who(secret); !ok || got.ID != d.ID || got.Rights[0] != api.RightLook {
		t.Errorf("after a restart: %+v %v", got, ok)
	}
	data, err := os.ReadFile(filepath.Join(s.dir, devices.File))
	if err != nil || strings.Contains(string(data), secret) {
		t.Errorf("the file tells the secret: %v %s", err, data)
	}
	if info, err := os.Stat(filepath.Join(s.dir, devices.File)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	late, _, err := s.Code(tablet("late"))
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(5 * time.Minute)
	if _, _, err := s.Join(late, "192.168.1.50"); !errors.Is(err, devices.ErrCode) {
		t.Errorf("a code of five minutes ago: %v", err)
	}
	if late, _, err = s.Code(tablet("late")); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(5*time.Minute - time.Nanosecond)
	if _, _, err := s.Join(late, "192.168.1.50"); err != nil {
		t.Errorf("a code of nearly five minutes ago: %v", err)
	}
	if late, _, err = s.Code(tablet("later")); err != nil {
		t.Fatal(err)
	}
	s.reopen(t)
	if _, _, err := s.Join(late, "192.168.1.50"); !errors.Is(err, devices.ErrCode) {
		t.Errorf("a code of before the restart: %v", err)
	}
	for _, wrong := range []string{"", secret[:10], secret + "x", strings.Repeat("x", 1000), d.ID} {
		if _, _, ok := s.Who(wrong); ok {
			t.Errorf("%q is somebody", wrong)
		}
	}
}

// A code cannot be guessed: each machine has five tries a minute, all have fifty. The right code of another machine still counts.
func TestGuessing(t *testing.T) {
	s := open(t)
	code, _, err := s.Code(tablet("a"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		want := devices.ErrCode
		if i >= 5 {
			want = devices.ErrTooMany
		}
		if _, _, err := s.Join(fmt.Sprintf("2222-222%d", i), "192.168.1.66"); !errors.Is(err, want) {
			t.Errorf("try %d: %v", i, err)
		}
	}
	if _, _, err := s.Join(code, "192.168.1.66"); !errors.Is(err, devices.ErrTooMany) {
		t.Errorf("the guesser: %v", err)
	}
	if _, _, err := s.Join(code, "192.168.1.50"); err != nil {
		t.Errorf("the tablet: %v", err)
	}
	s.now = s.now.Add(time.Minute)
	for i := range 60 {
		want := devices.ErrCode
		if i >= 50 {
			want = devices.ErrTooMany
		}
		if _, _, err := s.Join("22222222", fmt.Sprintf("192.168.2.%d", i)); !errors.Is(err, want) {
			t.Errorf("of many machines, try %d: %v", i, err)
		}
	}
	s.now = s.now.Add(time.Minute)
	if code, _, err = s.Code(tablet("b")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Join(code, "192.168.2.1"); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// One code given by many at once pairs one of them.
func TestOneOfMany(t *testing.T) {
	s := open(t)
	code, _, err := s.Code(tablet("a"))
	if err != nil {
		t.Fatal(err)
	}
	var in sync.Map
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, secret, err := s.Join(code, fmt.Sprint(i)); err == nil {
				in.Store(i, secret)
			}
		})
	}
	all.Wait()
	n := 0
	in.Range(func(any, any) bool { n++; return true })
	if n != 1 || len(s.All()) != 1 {
		t.Errorf("%d came in, %d are paired", n, len(s.All()))
	}
}

// Revoked is out at once and for good, with what it has open.
func TestRevoke(t *testing.T) {
	s := open(t)
	_, secret, err := s.Add(tablet("a"))
	if err != nil {
		t.Fatal(err)
	}
	other, keep, err := s.Add(api.Device{Name: "b", Program: true, Rights: []string{api.RightSubmit, api.RightLook, api.RightLook}})
	if err != nil || len(other.Rights) != 2 {
		t.Fatal(other, err)
	}
	_, alive, _ := s.Who(secret)
	if alive.Err() != nil {
		t.Error("ended before")
	}
	if gone, err := s.Revoke("a"); err != nil || gone.Name != "a" {
		t.Fatal(gone, err)
	}
	if alive.Err() == nil {
		t.Error("what it has open goes on")
	}
	for range 2 {
		if _, _, ok := s.Who(secret); ok {
			t.Error("it is still known")
		}
		if _, alive, ok := s.Who(keep); !ok || alive.Err() != nil {
			t.Error("the other one is gone")
		}
		s.reopen(t)
	}
	if _, err := s.Revoke("a"); !errors.Is(err, devices.ErrNone) {
		t.Error(err)
	}
	if _, err := s.Revoke(other.ID); err != nil {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	s := open(t)
	if _, _, err := s.Add(tablet("a")); err != nil {
		t.Fatal(err)
	}
	for want, list := range map[error][]api.Device{
		devices.ErrName:   {tablet(""), tablet("a"), tablet(" b"), tablet("b\n"), tablet(strings.Repeat("字", 41))},
		devices.ErrRights: {{Name: "b"}, {Name: "b", Rights: []string{"settle"}}},
	} {
		for _, d := range list {
			if _, _, err := s.Add(d); !errors.Is(err, want) {
				t.Errorf("%+v: %v", d, err)
			}
			if _, _, err := s.Code(d); !errors.Is(err, want) {
				t.Errorf("a code for %+v: %v", d, err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, devices.File), []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := devices.Open(s.dir, nil); err == nil {
		t.Error("a broken file is taken for an empty one: a revoked device would not be known")
	}
}

// What cannot be written does not count.
func TestNotWritten(t *testing.T) {
	s := open(t)
	_, secret, err := s.Add(tablet("a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Add(tablet("b")); err == nil || len(s.All()) != 1 {
		t.Error(err, s.All())
	}
	if _, err := s.Revoke("a"); err == nil {
		t.Error("revoked, but not on disk")
	}
	if _, _, ok := s.Who(secret); !ok {
		t.Error("a failed revocation must not look like one that holds")
	}
}

func TestSeen(t *testing.T) {
	s := open(t)
	_, secret, err := s.Add(tablet("a"))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		s.now = s.now.Add(50 * time.Minute)
		s.Who(secret)
		if got := s.All()[0].Seen; !got.Equal(s.now) {
			t.Errorf("seen %v, want %v", got, s.now)
		}
	}
	s.reopen(t)
	if got := s.now.Sub(s.All()[0].Seen); got > time.Hour {
		t.Errorf("after a restart it was seen %v ago", got)
	}
}
