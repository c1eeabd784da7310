//go:build wine

package wine

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	long    = flag.Bool("wine.long", false, "also what takes minutes: many kills, the whole zip, the spooler")
	lenient = flag.Bool("wine.lenient", false, "where wine itself does not start, say so and pass: for a gate")
	kills   = flag.Int("wine.kills", 3, "how often TestKill kills the program; -wine.long: 30 at least")
)

// w is the one prefix of all tests: a wine without a desktop, made in a throw-away folder.
var w struct {
	dir     string // holds the prefix and what was built
	loader  string // wine64
	drive   string // C:, seen from here
	exe     string // receiptd.exe, seen from here
	program string // receiptd.exe, seen from Windows
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := 1
	switch err := setUp(); {
	case errors.Is(err, errNoStart) && *lenient:
		fmt.Fprintln(os.Stderr, "wine: NOTHING WAS TRIED:", err)
		code = 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "wine:", err)
	default:
		code = m.Run()
	}
	if w.dir != "" {
		endServer()
		os.RemoveAll(w.dir)
	}
	os.Exit(code)
}

// setUp builds the program and the library that wine lacks, and makes the prefix.
func setUp() (err error) {
	if w.loader, err = exec.LookPath("wine64"); err != nil {
		if w.loader, err = exec.LookPath("/usr/lib/wine/wine64"); err != nil {
			return errors.New("no wine: apt-get install --no-install-recommends wine wine64 gcc-mingw-w64-x86-64")
		}
	}
	if w.dir, err = os.MkdirTemp("", "receiptd-wine-"); err != nil {
		return err
	}
	w.drive, w.exe = filepath.Join(w.dir, "prefix", "drive_c"), filepath.Join(w.dir, "receiptd.exe")
	build := exec.Command("go", "build", "-o", w.exe, "github.com/receiptd/receiptd/cmd/receiptd")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build receiptd.exe: %w\n%s", err, out)
	}
	if err := makePrefix(); err != nil {
		return err
	}
	system := filepath.Join(w.drive, "windows", "system32")
	if err := compile(filepath.Join(system, "bcryptprimitives.dll"), "testdata/bcryptprimitives.c", "-shared", "-ladvapi32"); err != nil {
		return err
	}
	if err := compile(filepath.Join(system, "curl.exe"), "testdata/curl.c", "-municode"); err != nil {
		return err
	}
	program := filepath.Join(w.drive, "receiptd", "receiptd.exe")
	w.program = `C:\receiptd\receiptd.exe`
	if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
		return err
	}
	return os.Link(w.exe, program)
}

// errNoStart is the fault of wine or of the machine: no prefix came about.
var errNoStart = errors.New("wine did not start")

// A first start takes 10 s on a quiet machine, and took two minutes under a load of 48 on two cores. It was also seen to stand still for ever.
const (
	startTries = 2
	startTime  = 3 * time.Minute
)

// makePrefix makes the prefix, anew if it did not come about in time. wine's services outlive wineboot and hold what it writes to, so that is a
// file and no pipe.
func makePrefix() error {
	var err error
	for range startTries {
		began := time.Now()
		if err = bootOnce(); err == nil {
			keepServer()
			fmt.Fprintf(os.Stderr, "wine: first start took %s\n", time.Since(began).Round(time.Second))
			return nil
		}
		if gone := os.RemoveAll(filepath.Join(w.dir, "prefix")); gone != nil {
			err = errors.Join(err, gone)
		}
	}
	return fmt.Errorf("%w in %d tries of %s: %w", errNoStart, startTries, startTime, err)
}

func bootOnce() error {
	said, err := os.Create(filepath.Join(w.dir, "boot.log"))
	if err != nil {
		return err
	}
	defer said.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	boot := command(ctx, "wineboot", "-i")
	boot.Stdout, boot.Stderr = said, said
	boot.Cancel = func() error { return syscall.Kill(-boot.Process.Pid, syscall.SIGKILL) }
	err = boot.Run()
	endServer()
	if err != nil {
		text, _ := os.ReadFile(said.Name()) // as much as there is
		return fmt.Errorf("make a prefix: %w\n%s", err, text)
	}
	return nil
}

// keepServer starts wine's server and services by themselves. Left to the first program of a test they would hold that program's output, so that
// who waits for its end waits for ever.
func keepServer() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	server := exec.CommandContext(ctx, "wineserver", "-p") // until it is told to end
	server.Env = environment()
	_ = server.Run()                                 // else the next program starts one
	_ = command(ctx, "cmd", "/d", "/c", "rem").Run() // its output goes nowhere
}

// endServer ends every program of the prefix; none may be left.
func endServer() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stop := exec.CommandContext(ctx, "wineserver", "-k")
	stop.Env = environment()
	_ = stop.Run() // nothing is left to be stopped, or it goes with the folder
}

// compile builds one of the C files beside this one for Windows.
func compile(to, from string, flags ...string) error {
	out, err := exec.Command("x86_64-w64-mingw32-gcc", append([]string{"-O1", "-Wall", "-Werror", "-o", to, from}, flags...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", from, err, out)
	}
	return nil
}

// environment is that of a program in the prefix. It is told nothing of a desktop, of .NET and of a browser.
func environment() []string {
	return append(os.Environ(), "WINEPREFIX="+filepath.Join(w.dir, "prefix"), "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=", "DISPLAY=", "LC_ALL=C.UTF-8")
}

// command is a program in the prefix.
func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.loader, args...)
	cmd.Env = environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second // a server or service of wine's may hold on to the program's output for ever
	return cmd
}

// A result is what a program wrote and how it ended.
type result struct {
	out, err string
	code     int
}

// run runs a program in the prefix to its end.
func run(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := command(ctx, args...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%q: %v", args, err)
	}
	return result{strings.ReplaceAll(out.String(), "\r\n", "\n"), strings.ReplaceAll(complaints.String(), "\r\n", "\n"), cmd.ProcessState.ExitCode()}
}

// receiptd runs the program to its end.
func receiptd(t *testing.T, args ...string) result {
	t.Helper()
	return run(t, append([]string{w.program}, args...)...)
}

// cmdexe runs a line as somebody types it into a command line: from a file, so that no quotes are added on the way.
func cmdexe(t *testing.T, line string) result {
	t.Helper()
	put(t, `C:\line.cmd`, "@"+line+"\r\n")
	return run(t, "cmd", "/d", "/c", `C:\line.cmd`)
}

// here is a path of Windows' drive C seen from this side.
func here(path string) string {
	return filepath.Join(w.drive, filepath.FromSlash(strings.ReplaceAll(strings.TrimPrefix(path, `C:`), `\`, "/")))
}

// await waits for something that other processes do.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}
