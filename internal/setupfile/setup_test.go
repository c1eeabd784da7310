package setupfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/setupfile"
)

const byHand = "[[printer]]\nname = \"front\"\ndevice = \"tcp://192.0.2.1:9100\"\nfont = \"x.ttf\"\n"

func newStore(t *testing.T, file string) (*setupfile.Store, string, config.Loader) {
	t.Helper()
	dir := t.TempDir()
	l := config.Loader{Path: filepath.Join(dir, "receiptd.toml")}
	if err := os.WriteFile(l.Path, []byte("[data]\ndir = \".\"\n"+file), 0o600); err != nil {
		t.Fatal(err)
	}
	return setupfile.New(dir, l.With), dir, l
}

func apply(t *testing.T, s *setupfile.Store, c api.SetupChange) api.SetupPlan {
	t.Helper()
	now, err := s.Show()
	if err != nil {
		t.Fatal(err)
	}
	c.Version = now.Version
	plan, err := s.Apply(c)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestChangesAndUndo(t *testing.T) {
	s, dir, l := newStore(t, byHand)
	plan := apply(t, s, api.SetupChange{Printer: &api.SetupPrinter{Name: "kitchen", Label: "厨房", Device: "tcp://192.0.2.2:9100", Profile: "generic-58"}})
	if len(plan.Problems) > 0 || len(plan.Differences) == 0 {
		t.Fatalf("%+v", plan)
	}
	apply(t, s, api.SetupChange{Routes: map[string]string{"order": "front", "order/kitchen": "kitchen"}})
	apply(t, s, api.SetupChange{Printer: &api.SetupPrinter{Name: "front", Label: "前台", Device: "tcp://192.0.2.1:9100", Profile: "generic-80"}})
	c, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	if c.PrinterFor("", "order", "kitchen", "", "") != "kitchen" || c.PrinterFor("", "order", "customer", "", "") != "front" || c.Printers[0].Label != "前台" || c.Printers[0].Font == "" {
		t.Errorf("%+v %+v", c.Printers, c.Routes)
	}
	if strings.Contains(string(c.SetUp.Data), "192.0.2.1") {
		t.Errorf("what the file says is repeated:\n%s", c.SetUp.Data)
	}
	now, err := s.Show()
	if err != nil || now.Before == nil || !now.Printers[0].ByHand || !now.Printers[0].ByPage || now.Printers[1].ByHand {
		t.Errorf("%+v, %v", now, err)
	}
	before := string(c.SetUp.Data)
	if plan = apply(t, s, api.SetupChange{Undo: true}); len(plan.Differences) != 1 || plan.Differences[0] != (api.SetupDifference{Key: "printer.front.label", Before: "前台"}) {
		t.Errorf("undo: %+v", plan)
	}
	apply(t, s, api.SetupChange{Undo: true}) // and back
	if data, err := os.ReadFile(filepath.Join(dir, config.SetupFile)); err != nil || string(data) != before {
		t.Errorf("undone twice:\n%s", data)
	}
	info, err := os.Stat(filepath.Join(dir, config.SetupFile))
	if err != nil || info.Mode().Perm()&0o137 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	apply(t, s, api.SetupChange{Remove: "kitchen"})
	if c, err = l.Load(); err != nil || len(c.Printers) != 1 || len(c.Routes) != 1 {
		t.Errorf("%v %+v", err, c)
	}
	if plan = apply(t, s, api.SetupChange{Routes: map[string]string{"order": ""}}); len(plan.Differences) != 1 {
		t.Errorf("%+v", plan)
	}
}

// What would make the whole configuration wrong is not written.
func TestRefusedBeforeItIsWritten(t *testing.T) {
	s, dir, _ := newStore(t, byHand+"[[route]]\nkind = \"order\"\nprinter = \"front\"\n")
	for name, c := range map[string]api.SetupChange{
		"name":             {Printer: &api.SetupPrinter{Name: "厨房", Device: "tcp://h", Profile: "generic-80"}},
		"no device":        {Printer: &api.SetupPrinter{Name: "x", Profile: "generic-80"}},
		"a file":           {Printer: &api.SetupPrinter{Name: "x", Device: "serial:///etc/passwd", Profile: "generic-80"}},
		"two lines":        {Printer: &api.SetupPrinter{Name: "x", Device: "tcp://h", Profile: "generic-80", Label: "a\nb"}},
		"route to nowhere": {Routes: map[string]string{"order": "bar"}},
		"locale":           {Locale: new(string)},
		"timezone":         {Timezone: pointer("Mars/Phobos")},
		"not by page":      {Remove: "front"},
		"nothing to undo":  {Undo: true},
	} {
		if plan := apply(t, s, c); len(plan.Problems) == 0 || plan.Problems[0].Message.Zh == "" || plan.Problems[0].Fix.En == "" {
			t.Errorf("%s: %+v", name, plan)
		}
	}
	// Text is only text.
	if plan := apply(t, s, api.SetupChange{Printer: &api.SetupPrinter{Name: "x", Device: "tcp://h", Profile: "generic-80", Label: "\"]\\'[[spool]]"}}); len(plan.Problems) > 0 {
		t.Errorf("%+v", plan)
	}
	if data, _ := os.ReadFile(filepath.Join(dir, config.SetupFile)); strings.Contains(string(data), "\n[[spool]]") {
		t.Errorf("%s", data)
	}
}

func pointer(s string) *string { return &s }

// Of several who saw the same version one changes it.
func TestOneOfManyEditors(t *testing.T) {
	s, _, l := newStore(t, byHand)
	now, err := s.Show()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for _, label := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			_, err := s.Apply(api.SetupChange{Version: now.Version, Printer: &api.SetupPrinter{Name: "front", Label: label, Device: "tcp://192.0.2.1:9100", Profile: "generic-80"}})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				made++
			} else if !errors.Is(err, api.ErrSetupChanged) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if c, err := l.Load(); err != nil || made != 1 || c.Printers[0].Label == "" {
		t.Errorf("%d changes were made, %v", made, err)
	}
}
