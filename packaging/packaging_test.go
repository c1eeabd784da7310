package packaging_test

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/packaging"
)

// The configuration of a new installation is sound, and stays so when the printer's # are removed.
func TestConfig(t *testing.T) {
	c, err := config.Parse("receiptd.toml", []byte(packaging.Config), nil)
	if err != nil || len(c.Printers) != 0 {
		t.Errorf("as shipped: %v, %+v", err, c)
	}
	text := packaging.Config
	for _, key := range []string{"[[printer]]", "name", "device", "profile"} {
		text = strings.Replace(text, "\n#"+key, "\n"+key, 1)
	}
	if c, err = config.Parse("receiptd.toml", []byte(text), nil); err != nil || len(c.Printers) != 1 {
		t.Errorf("with a printer: %v\n%s", err, text)
	}
}

// The unit keeps what the product needs: it is hardened, and the printer stays within reach.
func TestUnit(t *testing.T) {
	for _, line := range []string{"Type=notify", "User=receiptd", "SupplementaryGroups=lp dialout", "ProtectSystem=strict", "ExecReload=/bin/kill -HUP $MAINPID",
		"DeviceAllow=char-180 rw", "DeviceAllow=char-188 rw", "DeviceAllow=char-166 rw", "DeviceAllow=char-ttyS rw", "CapabilityBoundingSet=",
		"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"} {
		if !strings.Contains(packaging.Unit, "\n"+line+"\n") {
			t.Errorf("the unit lacks %q", line)
		}
	}
	if strings.Contains(packaging.Unit, "PrivateDevices=yes") || !strings.Contains(packaging.Unit, "WatchdogSec=") {
		t.Error("the unit hides the printer, or is not watched")
	}
}

// No number of crashes in a row, and no way to end but `systemctl stop`, keeps the daemon down; the codes after which it stays
// down are those that TestEndsAsTheUnitExpects of cmd/receiptd holds against the program. A hang is seen and ended within 45 s.
func TestUnitComesBack(t *testing.T) {
	setting := map[string]string{}
	for line := range strings.SplitSeq(packaging.Unit, "\n") {
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			setting[key] = value
		}
	}
	seconds := func(key string) int {
		n, err := strconv.Atoi(setting[key])
		if err != nil || n <= 0 {
			t.Errorf("%s=%s", key, setting[key])
		}
		return n
	}
	if setting["Restart"] != "always" || setting["StartLimitIntervalSec"] != "0" || seconds("RestartSec") > 5 {
		t.Errorf("Restart=%s StartLimitIntervalSec=%s", setting["Restart"], setting["StartLimitIntervalSec"])
	}
	if hang := seconds("WatchdogSec") + seconds("TimeoutStopSec") + seconds("RestartSec"); hang > 45 {
		t.Errorf("a daemon that hangs is back after %d s", hang)
	}
	if codes := strings.Fields(setting["RestartPreventExitStatus"]); slices.ContainsFunc([]string{"1", "2", "4", "5"}, func(c string) bool { return slices.Contains(codes, c) }) {
		t.Errorf("RestartPreventExitStatus=%v holds a code with which the Go runtime ends a process that broke off", codes)
	}
}

// A release knows when it was made, which doctor needs to tell a wrong clock: its build takes no date from git.
func TestReleaseKnowsItsDate(t *testing.T) {
	text, err := os.ReadFile("lib.sh")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "-X main.release=$1 -X main.built=$SOURCE_DATE_EPOCH") {
		t.Error("lib.sh does not give version and date")
	}
	for _, script := range []string{"build.sh", "release.sh"} {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), ". packaging/lib.sh") || !strings.Contains(string(text), "compile \"$version\"") || strings.Contains(string(text), "-ldflags") {
			t.Errorf("%s does not build as lib.sh says", script)
		}
	}
}

// A release is cut in the changes: versions as semver has them, the newest first, each with its day.
func TestChangelogIsCut(t *testing.T) {
	text, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	heads := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(heads) < 2 || heads[0][1] != "Unreleased" {
		t.Fatalf("sections: %q", heads)
	}
	for i, h := range heads[1:] {
		version, day, ok := strings.Cut(h[1], ", ")
		if _, err := time.Parse(time.DateOnly, day); !ok || err != nil || !regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9a-z.]+)?$`).MatchString(version) {
			t.Errorf("section %d: %q is no \"VERSION, DAY\"", i, h[1])
		}
	}
}

// The bill of materials names what is in the binary.
func TestSBOM(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "sbom")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./sbom").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), binary, binary, "1.2.3").Output()
	if err != nil {
		t.Fatal(err)
	}
	var b struct {
		BomFormat    string `json:"bomFormat"`
		SerialNumber string `json:"serialNumber"`
		Components   []struct{ Name, Version, Purl string }
	}
	if err := json.Unmarshal(out, &b); err != nil {
		t.Fatal(err)
	}
	if b.BomFormat != "CycloneDX" || len(b.SerialNumber) != len("urn:uuid:00000000-0000-5000-8000-000000000000") || len(b.Components) == 0 || b.Components[0].Name != "std" {
		t.Errorf("%s", out)
	}
	again, err := exec.CommandContext(t.Context(), binary, binary, "1.2.3").Output()
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("the second is another: %v", err)
	}
}

// The licences of all modules that are built in are passed on.
func TestLicences(t *testing.T) {
	dir := t.TempDir()
	tool, program := filepath.Join(dir, "licences"), filepath.Join(dir, "receiptd")
	for out, pkg := range map[string]string{tool: "./licences", program: "../cmd/receiptd"} {
		if said, err := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", out, pkg).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
	}
	text, err := exec.CommandContext(t.Context(), tool, program).Output()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		if m.Replace == nil && !strings.Contains(string(text), "\n"+m.Path+" "+m.Version+": ") {
			t.Errorf("no licence of %s", m.Path)
		}
	}
	if !strings.Contains(string(text), "\nGo go1.") {
		t.Error("no licence of Go")
	}
}
