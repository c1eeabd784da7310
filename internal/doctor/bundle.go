package doctor

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/printer/link"
)

// logBytes is how much of the end of a log a bundle holds.
const logBytes = 1 << 20

// WriteBundle writes a zip for a technician: findings, configuration, log, devices, what was learned about printers, the system.
// Card numbers, long runs of digits, the token, the page's key and the PIN's hash are hidden; job files and the journal are left
// out. What cannot be read is named in the bundle and is no error.
func WriteBundle(ctx context.Context, w io.Writer, o Options, list []Finding) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &bundle{zip: zip.NewWriter(w), at: o.Now(), secrets: secretsOf(o)}
	b.add("findings.txt", []byte(Text(list, "zh")+"\n"+Text(list, "en")))
	b.addJSON("findings.json", list)
	b.addJSON("version.json", map[string]string{"version": o.Version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "at": b.at.Format(time.RFC3339)})
	b.addJSON("devices.json", link.Scan(ctx))
	if c := o.Config; c != nil {
		b.addConfig(c.Path)
		b.addFile("tiers.json", filepath.Join(c.Data.Dir, "tiers.json"))
		b.addJSON("folders.json", sizes(c.Data.Dir, c.Spool.Dir))
		b.addFile("receiptd.log", c.Log.File)
	}
	if runtime.GOOS == "linux" {
		b.addFile("os-release", "/etc/os-release")
		b.command(ctx, "journal.txt", "journalctl", "-u", "receiptd", "-n", "2000", "--no-pager", "-o", "short-iso")
		b.command(ctx, "service.txt", "systemctl", "status", "receiptd", "--no-pager", "-n", "0")
		b.command(ctx, "kernel.txt", "uname", "-a")
	}
	b.addJSON("left-out.json", b.missing)
	if b.err != nil {
		return fmt.Errorf("write bundle: %w", b.err)
	}
	if err := b.zip.Close(); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// Text lists findings for a person, in zh or en.
func Text(list []Finding, lang string) string {
	say := func(t job.Text) string {
		if lang == "zh" {
			return t.Zh
		}
		return t.En
	}
	marks := map[Level]job.Text{Good: {Zh: "正常", En: "good"}, Hint: {Zh: "留意", En: "hint"}, Warning: {Zh: "注意", En: "warning"}, Problem: {Zh: "有问题", En: "PROBLEM"}}
	var b strings.Builder
	for _, f := range list {
		subject := f.Subject
		if subject != "" {
			subject += ": "
		}
		fmt.Fprintf(&b, "[%s] %s: %s%s\n", say(marks[f.Level]), f.Check, subject, strings.ReplaceAll(say(f.What), "\n", "\n    "))
		if fix := say(f.Fix); fix != "" {
			fmt.Fprintf(&b, "    -> %s\n", fix)
		}
	}
	return b.String()
}

type bundle struct {
	zip     *zip.Writer
	at      time.Time
	secrets []string
	missing map[string]string
	err     error
}

// add writes one text, hidden what must be.
func (b *bundle) add(name string, data []byte) {
	if b.err != nil {
		return
	}
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: b.at})
	if err == nil {
		_, err = io.WriteString(w, Redact(string(data), b.secrets...))
	}
	b.err = err
}

func (b *bundle) addJSON(name string, v any) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		b.leftOut(name, err)
		return
	}
	b.add(name, out.Bytes())
}

// addFile adds the end of a file; path "" is none.
func (b *bundle) addFile(name, path string) {
	if path == "" {
		return
	}
	data, err := tail(path)
	if err != nil {
		b.leftOut(name, err)
		return
	}
	b.add(name, data)
}

// addConfig adds the configuration without its keys.
func (b *bundle) addConfig(path string) {
	if path == "" {
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		b.leftOut("receiptd.toml", err)
		return
	}
	b.add("receiptd.toml", config.Conceal(data))
}

func (b *bundle) command(ctx context.Context, name, program string, args ...string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil && len(out) == 0 {
		b.leftOut(name, err)
		return
	}
	b.add(name, out[max(0, len(out)-logBytes):])
}

func (b *bundle) leftOut(name string, err error) {
	if b.missing == nil {
		b.missing = map[string]string{}
	}
	b.missing[name] = err.Error()
}

func tail(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if st.Size() > logBytes {
		if _, err := f.Seek(-logBytes, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(f, logBytes))
}

// sizes lists how big and how old the files of the data folder are and how many files the drop folders hold: no names of jobs.
func sizes(data, spool string) map[string]string {
	out := map[string]string{}
	entries, _ := os.ReadDir(data) // a folder that cannot be read has no lines
	for _, e := range entries {
		if st, err := e.Info(); err == nil {
			out["data/"+e.Name()] = fmt.Sprintf("%s %d bytes %s", st.Mode(), st.Size(), st.ModTime().UTC().Format(time.RFC3339))
		}
	}
	for _, name := range []string{"incoming", ".taken", "results", "rejected"} {
		if entries, err := os.ReadDir(filepath.Join(spool, name)); err == nil {
			out["spool/"+name] = fmt.Sprintf("%d files", len(entries))
		} else if !errors.Is(err, fs.ErrNotExist) {
			out["spool/"+name] = err.Error()
		}
	}
	return out
}

// secretsOf reads what must not leave the machine.
func secretsOf(o Options) []string {
	var out []string
	if o.Config == nil {
		return nil
	}
	for _, name := range []string{"token", "page-key", "supervisor-pin"} {
		data, err := os.ReadFile(filepath.Join(o.Config.Data.Dir, name))
		if s := strings.TrimSpace(string(data)); err == nil && len(s) >= 4 {
			out = append(out, s)
		}
	}
	for _, n := range o.Config.Notify {
		for _, key := range []string{n.URL.Reveal(), n.Secret.Reveal()} {
			if len(key) >= 4 {
				out = append(out, key)
			}
		}
	}
	return out
}

var (
	keyed  = regexp.MustCompile(`(?i)((?:key|token|pin|password|secret)["']?\s*[=:]\s*["']?|bearer\s+)[^\s"'&]{4,}`)
	digits = regexp.MustCompile(`\d(?:[ -]?\d){12,}`)
	times  = regexp.MustCompile(`^\d{4}-?\d\d-?\d\d[ -]`)
)

// Redact hides what looks like a card number or any other run of 13 digits or more, what stands behind words such as token, and
// the secrets themselves.
func Redact(s string, secrets ...string) string {
	for _, secret := range secrets {
		s = strings.ReplaceAll(s, secret, "[hidden]")
	}
	s = keyed.ReplaceAllString(s, "${1}[hidden]")
	s, _ = job.MaskCardNumbers(s)
	return digits.ReplaceAllStringFunc(s, func(run string) string {
		if times.MatchString(run) {
			return run[:10] + Redact(run[10:])
		}
		return strings.Repeat("*", len(run))
	})
}
