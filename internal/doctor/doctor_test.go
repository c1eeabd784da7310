package doctor_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/diagnosis"
	"github.com/receiptd/receiptd/internal/doctor"
	"github.com/receiptd/receiptd/internal/service"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/packaging"
	"github.com/receiptd/receiptd/printer/link"
	"github.com/receiptd/receiptd/printer/virtual"
	"github.com/receiptd/receiptd/queue"
	"github.com/receiptd/receiptd/vocabulary"
)

// A clinic is a shop that is examined: folders and one printer.
type clinic struct {
	t       *testing.T
	dir     string
	o       doctor.Options
	printer *virtual.Printer
	addr    string
}

func newClinic(t *testing.T, extra string) *clinic {
	t.Helper()
	c := &clinic{t: t, dir: t.TempDir(), printer: virtual.New(virtual.Options{Speed: virtual.Max})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.printer.ServeTCP(ctx, l) }()
	t.Cleanup(func() { cancel(); <-done })
	c.addr = l.Addr().String()
	for _, d := range []string{"spool/incoming", "data"} {
		if err := os.MkdirAll(filepath.Join(c.dir, d), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(c.dir, d), 0o777); err != nil { // a service user, where there is one, may write too
			t.Fatal(err)
		}
	}
	c.configure("[http]\nlisten=[]\n[[printer]]\nname=\"front\"\nprofile=\"epson-tm-t88\"\ndevice=\"tcp://" + c.addr + "\"\n" + extra)
	return c
}

// configure takes a configuration, or its error, as the command does.
func (c *clinic) configure(text string) {
	text = fmt.Sprintf("[spool]\ndir=%q\n[data]\ndir=%q\n", filepath.Join(c.dir, "spool"), filepath.Join(c.dir, "data")) + text
	path := filepath.Join(c.dir, "receiptd.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.o.Config, c.o.ConfigErr = config.Load(path, nil)
}

// find gives the finding of a check.
func find(list []doctor.Finding, check string) (doctor.Finding, bool) {
	i := slices.IndexFunc(list, func(f doctor.Finding) bool { return f.Check == check })
	if i < 0 {
		return doctor.Finding{}, false
	}
	return list[i], true
}

// expect runs the examination and wants one finding with a fix that holds a command.
func (c *clinic) expect(check string, l doctor.Level, fix string) {
	c.t.Helper()
	list := doctor.Run(c.t.Context(), c.o)
	f, ok := find(list, check)
	if !ok || f.Level != l {
		c.t.Fatalf("no %s %s in:\n%s", l, check, doctor.Text(list, "en"))
	}
	if !strings.Contains(f.Fix.En, fix) || f.What.Zh == "" || f.What.En == "" || (f.Fix.Zh == "") != (f.Fix.En == "") {
		c.t.Errorf("%+v, want a fix with %q in both languages", f, fix)
	}
	if wayOut := `proof = "D"`; strings.Contains(f.Fix.En, wayOut) != strings.Contains(f.Fix.Zh, wayOut) {
		c.t.Errorf("one language names a way out that the other does not: %+v", f.Fix)
	}
	if doctor.Bad(list) != slices.ContainsFunc(list, func(f doctor.Finding) bool { return f.Level == doctor.Problem }) {
		c.t.Error("Bad does not tell of the problem")
	}
}

// A sound shop has no problem, and the examination leaves nothing behind.
func TestSound(t *testing.T) {
	c := newClinic(t, "")
	list := doctor.Run(t.Context(), c.o)
	if doctor.Bad(list) {
		t.Errorf("a problem in a sound shop:\n%s", doctor.Text(list, "en"))
	}
	if f, ok := find(list, "printer"); !ok || f.Level != doctor.Good {
		t.Errorf("the printer was not asked:\n%s", doctor.Text(list, "en"))
	}
	left, err := os.ReadDir(filepath.Join(c.dir, "spool", "incoming"))
	if err != nil || len(left) != 0 {
		t.Errorf("left in the drop folder: %v %v", left, err)
	}
	if len(c.printer.Pieces()) != 0 {
		t.Error("the examination printed")
	}
}

func capture(addr string) string {
	return "[[capture]]\nname=\"till\"\nlisten=\"tcp://" + addr + "\"\nprinter=\"front\"\n"
}

func TestFindings(t *testing.T) {
	never := func(context.Context, string) (link.Conn, error) { return nil, errors.New("not opened") }
	cause := func(k link.Cause, err error) func(context.Context, string) (link.Conn, error) {
		return func(_ context.Context, device string) (link.Conn, error) {
			d, perr := link.Parse(device)
			if perr != nil {
				return nil, perr
			}
			return nil, &link.OpenError{Device: d, Cause: k, Err: err}
		}
	}
	usb := "[[printer]]\nname=\"front\"\ndevice=\"usb:///dev/usb/lp0\"\n"
	mute := true
	for _, row := range []struct {
		name    string
		prepare func(*clinic)
		check   string
		level   doctor.Level
		fix     string
	}{
		{"unknown key", func(c *clinic) { c.configure("[shop]\nlocal=\"en\"\n") }, "config", doctor.Problem, "receiptd config check"},
		{"no printer", func(c *clinic) { c.configure("") }, "config", doctor.Problem, "receiptd printer scan"},
		{"other printer", func(c *clinic) { c.o.Printer = "bar" }, "printer", doctor.Problem, "receiptd printer list"},
		{"device", func(c *clinic) { c.configure("[[printer]]\nname=\"front\"\ndevice=\"COM3\"\n") }, "device", doctor.Problem, "tcp://"},
		{"profile", func(c *clinic) { c.configure(strings.Replace(usb, "device", "profile=\"x\"\ndevice", 1)) }, "profile", doctor.Problem, "printer list --profiles"},
		{"font", func(c *clinic) { c.configure(usb + "font=\"/no/such.ttf\"\n") }, "font", doctor.Problem, "font"},
		{"unplugged", func(c *clinic) { c.configure(usb); c.o.Open = cause(link.NotFound, syscall.ENOENT) }, "unplugged", doctor.Problem, "receiptd printer scan"},
		{"permission", func(c *clinic) { c.configure(usb); c.o.Open = cause(link.Permission, syscall.EACCES) }, "permission", doctor.Problem, "sudo "},
		{"port taken", func(c *clinic) { c.configure(usb); c.o.Open = cause(link.Busy, syscall.EBUSY) }, "port_taken", doctor.Problem, "sudo fuser -v /dev/usb/lp0"},
		{"not opened", func(c *clinic) { c.o.Open = never }, "printer", doctor.Problem, "receiptd printer scan"},
		{"paper out", func(c *clinic) { c.set(virtual.Change{Paper: "out"}) }, "not_ready", doctor.Problem, `load a roll and close the cover; if that is not so its sensor is wrong: clean it, and until it is repaired set proof = "D"`},
		{"cover", func(c *clinic) { c.set(virtual.Change{Cover: "open"}) }, "not_ready", doctor.Problem, `close the cover; if that is not so its sensor is wrong: clean it, and until it is repaired set proof = "D"`},
		{"mute", func(c *clinic) { c.set(virtual.Change{Mute: &mute}) }, "mute", doctor.Problem, "receiptd printer test front"},
		{"not a printer", func(c *clinic) { c.httpServer() }, "mute", doctor.Problem, "self-test slip"},
		{"drop folder is a file", func(c *clinic) { c.replaceDropFolder() }, "drop_folder", doctor.Problem, "sudo mv"},
		{"drop folder that nobody can make", func(c *clinic) { c.o.Config.Spool.Dir = "/proc/receiptd/spool" }, "drop_folder", doctor.Problem, "sudo install -d -o "},
		{"data folder that nobody can make", func(c *clinic) { c.o.Config.Data.Dir = "/proc/receiptd/data" }, "data_folder", doctor.Problem, "-m 0750 /proc/receiptd/data"},
		{"drop folder that comes with the start", func(c *clinic) { c.o.Config.Spool.Dir += "/new" }, "drop_folder", doctor.Hint, "systemctl start"},
		{"unit hides the folders", func(c *clinic) { c.unit("") }, "service", doctor.Problem, "/etc/receiptd/"},
		{"unit forbids the folders", func(c *clinic) { c.unit("PrivateTmp=no\nReadWritePaths=-" + c.dir + "/data") }, "service", doctor.Problem, "sudo receiptd service install --config "},
		{"unit forbids the log's folder", func(c *clinic) {
			c.unit("PrivateTmp=no\nReadWritePaths=" + c.dir + "/data " + c.dir + "/spool")
			c.o.Config.Log.File = c.dir + "/log/receiptd.log"
		}, "service", doctor.Problem, "systemctl restart receiptd"},
		{"unit allows the folders", func(c *clinic) { c.unit("PrivateTmp=no\nReadWritePaths=" + c.dir) }, "service", doctor.Good, ""},
		{"clock before the build", func(c *clinic) { c.o.Built = time.Now().Add(48 * time.Hour) }, "clock", doctor.Problem, "timedatectl"},
		{"clock went back", func(c *clinic) {
			c.write("data/journal.db", "")
			c.o.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		}, "clock", doctor.Problem, "timedatectl"},
		{"journal damaged", func(c *clinic) {
			c.write("data/journal.db", "")
			c.verify(job.Text{Zh: "第 3 页坏了", En: "page 3: broken"}, nil)
		}, "journal", doctor.Problem, "sudo cp -a"},
		{"journal gone", func(c *clinic) { c.write("data/journal.db-seal", "") }, "journal", doctor.Problem, "receiptd journal restore"},
		{"journal not readable", func(c *clinic) { c.write("data/journal.db", ""); c.verify(job.Text{}, errors.New("denied")) }, "journal", doctor.Warning, "sudo receiptd doctor"},
		{"second daemon", func(c *clinic) { c.lock() }, "daemon", doctor.Problem, "sudo fuser -v"},
		{"no right to ask", func(c *clinic) {
			c.o.Daemon = func(context.Context) ([]doctor.Live, error) { return nil, doctor.ErrNoAccess }
			c.o.Open = never
		}, "daemon", doctor.Warning, "sudo receiptd doctor"},
		{"no daemon", func(*clinic) {}, "daemon", doctor.Warning, "systemctl start receiptd"},
		{"page's port", func(c *clinic) { c.configure("[http]\nlisten=\"" + c.addr + "\"\n" + usb) }, "page_port", doctor.Problem, "ss -ltnp"},
		{"held at the daemon", func(c *clinic) { c.live("held") }, "not_ready", doctor.Problem, "receiptd printer status front"},
		{"the daemon has the port, and no answer", func(c *clinic) {
			c.configure(strings.Replace(usb, "usb:///dev/usb/lp0", "serial:///dev/ttyS0?baud=19200", 1))
			c.trouble(diagnosis.NoAnswer)
		}, "mute", doctor.Problem, "sudo systemctl stop receiptd, then receiptd doctor --printer front"},
		{"the daemon is kept out", func(c *clinic) { c.configure(usb); c.trouble(diagnosis.Sandbox) }, "permission", doctor.Problem, "DeviceAllow=/dev/usb/lp0 rw"},
		{"receiptd itself has the port", func(c *clinic) {
			c.configure(usb)
			c.o.Daemon = func(context.Context) ([]doctor.Live, error) {
				return []doctor.Live{{Name: "other", Device: "usb:///dev/usb/lp0", State: "ready"}}, nil
			}
			c.o.Open = cause(link.Busy, syscall.EBUSY)
		}, "port_taken", doctor.Problem, "receiptd printer status other"},
		{"log below a file", func(c *clinic) { c.write("file", ""); c.configure("[log]\nfile=\"file/receiptd.log\"\n" + usb) }, "log", doctor.Problem, "correct [log] file"},
		{"log is a folder", func(c *clinic) { c.configure("[log]\nfile=\"data\"\n" + usb) }, "log", doctor.Problem, "data/receiptd.log"},
		{"broken template", func(c *clinic) {
			c.write("templates/sale.zh-CN.receipt", "[[ .NoSuchField ]]\n=\n")
			c.configure("[templates]\ndir=\"" + c.dir + "/templates\"\n" + usb)
		}, "templates", doctor.Warning, "receiptd template lint"},
		{"a capture's port is taken", func(c *clinic) { c.configure(usb + capture(c.addr)) }, "capture", doctor.Problem, "another one in listen"},
		{"nobody is at a capture's port", func(c *clinic) { c.configure(usb + capture("127.0.0.1:1")); c.live("ready") }, "capture", doctor.Problem, "restart receiptd"},
		{"a capture", func(c *clinic) { c.configure(usb + capture(c.addr)); c.live("ready") }, "capture", doctor.Good, ""},
		{"general profile", func(c *clinic) { c.configure(strings.Replace(usb, "device", "profile=\"generic-80\"\ndevice", 1)) }, "chinese_font", doctor.Hint, "receiptd printer test front"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t, "")
			row.prepare(c)
			c.expect(row.check, row.level, row.fix)
		})
	}
}

// The unit is held against the service's own configuration only.
func TestOtherConfiguration(t *testing.T) {
	c := newClinic(t, "")
	c.unit("ExecStart=\nExecStart=/usr/bin/receiptd run --config /etc/other.toml")
	if f, ok := find(doctor.Run(t.Context(), c.o), "service"); ok {
		t.Errorf("%+v", f)
	}
}

// A device of which the daemon says that it is down is looked at directly, one that works is left alone.
func TestDaemonHasPrinter(t *testing.T) {
	c := newClinic(t, "")
	opened := 0
	c.o.Open = func(ctx context.Context, device string) (link.Conn, error) {
		opened++
		return link.Open(ctx, device, link.Options{})
	}
	c.live("ready")
	c.expect("printer", doctor.Good, "")
	if opened != 0 {
		t.Error("a printer that the daemon has was opened")
	}
	c.live("down")
	c.expect("printer", doctor.Good, "")
	if opened != 1 {
		t.Error("a printer that is down was not looked at")
	}
}

// Without the right to ask the daemon no printer is touched: it may be printing.
func TestNoAccess(t *testing.T) {
	c := newClinic(t, "")
	c.o.Daemon = func(context.Context) ([]doctor.Live, error) { return nil, doctor.ErrNoAccess }
	c.o.Open = func(context.Context, string) (link.Conn, error) {
		t.Error("a printer was opened that a daemon may have")
		return nil, errors.New("no")
	}
	doctor.Run(t.Context(), c.o)
}

// On a serial line at the wrong speed the right one is found and the device to write is given; noise is no answer.
func TestWrongBaud(t *testing.T) {
	c := newClinic(t, "")
	c.configure("[[printer]]\nname=\"front\"\nprofile=\"epson-tm-t88\"\ndevice=\"serial:///dev/ttyUSB7?baud=9600&flow=none\"\n")
	noise := c.serve(func(conn net.Conn) { conn.Write([]byte{0x12, 0x80, 0xFE}) })
	echo := c.serve(func(conn net.Conn) { conn.Write([]byte{0x12, 0x16}) })
	var tried []int
	c.o.Open = func(ctx context.Context, device string) (link.Conn, error) {
		d, err := link.Parse(device)
		if err != nil {
			return nil, err
		}
		tried = append(tried, d.Baud)
		if d.Baud == 38400 {
			return link.Open(ctx, "tcp://"+c.addr, link.Options{})
		}
		if d.Baud == 115200 {
			return link.Open(ctx, "tcp://"+echo, link.Options{})
		}
		return link.Open(ctx, "tcp://"+noise, link.Options{})
	}
	c.expect("baud", doctor.Problem, "serial:///dev/ttyUSB7?baud=38400&flow=none")
	if !slices.Equal(tried, []int{9600, 115200, 38400}) {
		t.Errorf("tried %v", tried)
	}
}

// The bundle helps a technician and holds no card number and no secret, whatever the log held.
func TestBundle(t *testing.T) {
	c := newClinic(t, "")
	const pan, token, pageKey = "4111111111111111", "TOKENTOKENTOKENTOKEN", "PAGEKEYPAGEKEYPAGEKEY"
	c.write("data/token", token+"\n")
	c.write("data/page-key", pageKey)
	c.write("data/tiers.json", `{"tcp://x":{"tier":"A"}}`)
	c.write("spool/incoming/secret-name.json", pan)
	c.write("receiptd.log", "2026-08-11 12:34:56 card "+pan+" and 4111 1111 1111 1111 and 123456789012345678901\n/pair?key="+pageKey+" Authorization: Bearer "+token+"\npin=123456 token=othersecret printer=front\n")
	c.configure("[log]\nfile=\"" + c.dir + "/receiptd.log\"\n[[printer]]\nname=\"front\"\ndevice=\"tcp://" + c.addr + "\"\n# " + pan + "\n")
	var out bytes.Buffer
	if err := doctor.WriteBundle(t.Context(), &out, c.o, doctor.Run(t.Context(), c.o)); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(data)
		for _, secret := range []string{pan, "4111 1111", token, pageKey, "123456789012345678901", "othersecret", "pin=123456", "secret-name"} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s holds %q", f.Name, secret)
			}
		}
	}
	for name, want := range map[string]string{"receiptd.log": "2026-08-11 12:34:56 card", "receiptd.toml": "name=\"front\"", "tiers.json": `"tier":"A"`,
		"findings.txt": "[good]", "folders.json": `"spool/incoming": "1 files"`, "version.json": "linux"} {
		if name == "version.json" {
			want = "\"os\""
		}
		if !strings.Contains(files[name], want) {
			t.Errorf("%s lacks %q:\n%s", name, want, files[name])
		}
	}
	if !strings.Contains(files["receiptd.log"], "printer=front") {
		t.Errorf("too much is hidden:\n%s", files["receiptd.log"])
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"batch 000122 voucher 105233":                    "batch 000122 voucher 105233",
		"2026-08-11 12:34:56.123456 ok":                  "2026-08-11 12:34:56.123456 ok",
		"time=2026-08-11T12:34:56.123456789+08:00 msg=x": "time=2026-08-11T12:34:56.123456789+08:00 msg=x",
		"ref 20260811123456 end":                         "ref ************** end",
		`{"token":"abcdef"}`:                             `{"token":"[hidden]"}`,
		"supervisor_pin: 1234":                           "supervisor_pin: [hidden]",
		"device = \"serial:///dev/ttyUSB0?baud=115200\"": "device = \"serial:///dev/ttyUSB0?baud=115200\"",
		"card ４１１１１１１１１１１１１１１１ full width":               "card ************１１１１ full width",
		"a secret word":                                  "a [hidden] word",
	} {
		if got := doctor.Redact(in, "secret"); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func (c *clinic) set(ch virtual.Change) {
	c.t.Helper()
	if err := c.printer.Set(ch); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) verify(found job.Text, err error) {
	c.o.Verify = func(context.Context) (job.Text, error) { return found, err }
}

// trouble has a daemon answer that its printer cannot be used, and nobody else may try.
func (c *clinic) trouble(cause diagnosis.Cause) {
	p := c.o.Config.Printers[0]
	d, err := link.Parse(p.Device)
	if err != nil {
		c.t.Fatal(err)
	}
	found := diagnosis.Case{Device: d, Cause: cause, Printer: p.Name}.Diagnosis()
	c.o.Daemon = func(context.Context) ([]doctor.Live, error) {
		return []doctor.Live{{Name: p.Name, Device: p.Device, State: "down", Text: found.Text(), Cause: cause, What: found.What, Fix: found.Fix}}, nil
	}
	c.o.Open = func(context.Context, string) (link.Conn, error) {
		c.t.Error("a port that the daemon has was tried")
		return nil, syscall.EBUSY
	}
}

func (c *clinic) live(state vocabulary.Readiness) {
	c.o.Daemon = func(context.Context) ([]doctor.Live, error) {
		return []doctor.Live{{Name: "front", State: state, Text: job.Text{Zh: "缺纸", En: "out of paper"}}}, nil
	}
}

// unit installs the service for this shop's configuration, with lines that an operator added.
func (c *clinic) unit(extra string) {
	text := packaging.Unit + "\n[Service]\nExecStart=\nExecStart=/usr/bin/receiptd run --config \"" + c.o.Config.Path + "\"\n" + extra + "\n"
	c.o.Service = func(context.Context) (service.Unit, bool) { return service.ParseUnit(text), true }
}

func (c *clinic) replaceDropFolder() {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.dir, "spool", "incoming")); err != nil {
		c.t.Fatal(err)
	}
	c.write("spool/incoming", "")
}

// lock opens the journal as a second daemon does.
func (c *clinic) lock() {
	c.t.Helper()
	q, err := queue.Open(c.t.Context(), filepath.Join(c.dir, "data", "journal.db"), queue.Options{Ballast: -1})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { q.Close() })
}

// serve answers every connection's first bytes in a way of its own, and gives its address.
func (c *clinic) serve(answer func(net.Conn)) string {
	c.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 64)
				for {
					if _, err := conn.Read(buf); err != nil {
						return
					}
					answer(conn)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// httpServer stands where the printer should be.
func (c *clinic) httpServer() {
	addr := c.serve(func(conn net.Conn) { io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n") })
	c.configure("[http]\nlisten=[]\n[[printer]]\nname=\"front\"\nprofile=\"epson-tm-t88\"\ndevice=\"tcp://" + addr + "\"\n")
}
