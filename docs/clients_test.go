package docs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// clients are the example clients and how each is started in a folder with examples/.
var clients = []struct {
	name    string
	command []string
}{
	{"shell", []string{"sh", "examples/clients/shell/drop.sh"}},
	{"python", []string{"python3", "examples/clients/python/drop.py"}},
	{"node", []string{"node", "examples/clients/node/drop.mjs"}},
	{"java", []string{"java", "examples/clients/java/Drop.java"}},
	{"go", []string{"go", "run", "examples/clients/go/main.go"}},
}

// Each client drops what a terminal would and must tell the outcomes apart: printed, the same job again, other content
// under the same id, a broken job, no paper, a closed batch, and a slip of which only a person can say whether it came out.
func TestClients(t *testing.T) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			need(t, c.command[0])
			s := openShop(t)
			client := func(job, seconds string, code int, says string) {
				t.Helper()
				args := append(c.command[1:len(c.command):len(c.command)], s.spool, job, seconds)
				cmd := exec.Command(c.command[0], args...)
				cmd.Dir, cmd.Env = s.dir, append(s.env, "TMPDIR="+t.TempDir(), "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
				out, err := cmd.CombinedOutput()
				got := exitCode(t, err, out)
				if c.name == "go" && got == 1 { // go run reports every failure as 1 and names the code
					if _, err := fmt.Sscanf(string(out[max(0, bytes.LastIndex(out, []byte("exit status "))):]), "exit status %d", &got); err != nil {
						t.Fatalf("no exit status in %s", out)
					}
				}
				if got != code || !strings.Contains(string(out), says) {
					t.Errorf("%s: exit %d, want %d with %q:\n%s", filepath.Base(job), got, code, says, out)
				}
			}
			job := s.edit("01-sale-chip", "c1-000122-105233-a", "client-1", "105233", "200001")
			client(job, "20", 0, "accepted")
			c.command = compiled(t, s.dir, c.command) // once as it is documented: each start compiles the source anew
			client(job, "20", 0, "duplicate")
			client(s.edit("01-sale-chip", "c1-000122-105233-a", "client-1", "105233", "200002"), "20", 7, "conflict")
			client("examples/bad/amount-float.json", "20", 3, "bad_amount")

			s.fault(`{"paper":"out"}`)
			held := s.edit("01-sale-chip", "c1-000122-105233-a", "client-2", "105233", "200003")
			client(held, "5", 5, "Not printed yet") // it waits all that time, so that the answer may come late
			s.fault(`{"paper":"ok"}`)
			client(held, "20", 0, "printed") // the first answer, written anew as it changed, or the duplicate's

			client("examples/jobs/17-settlement.json", "20", 0, "accepted")
			client(s.edit("13-reprint-by-voucher", `"job_id": "`, `"job_id": "late-`), "20", 7, "batch_settled")

			torn := s.edit("01-sale-chip", "c1-000122-105233-a", "client-3", "105233", "200004", "000122", "000123")
			s.fault(`{"paper_left_mm":30}`)
			client(torn, "0", 5, "Do not send it again under another job_id.") // whether an answer was there in no time or not
			s.await("the paper to end within the slip", s.daemon, func() bool { return strings.Contains(s.control(http.MethodGet, ""), `"paper":"out"`) })
			s.fault(`{"link":"drop"}`)
			s.await("the torn slip to be uncertain", s.daemon, func() bool { return slices.Contains(s.states("client-3"), "uncertain") })
			client(torn, "5", 6, "Nobody knows") // the other copy still waits, and so does the client

			if left, err := filepath.Glob(filepath.Join(s.spool, "incoming", "*")); err != nil || len(left) > 0 {
				t.Errorf("left in the drop folder: %v, %v", left, err)
			}
		})
	}
}

// compiled gives the command that runs a Java client compiled, where there is a compiler.
func compiled(t *testing.T, dir string, command []string) []string {
	t.Helper()
	javac, err := exec.LookPath("javac")
	if command[0] != "java" || err != nil {
		return command
	}
	to := t.TempDir()
	cmd := exec.Command(javac, "-d", to, command[1])
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return []string{"java", "-cp", to, strings.TrimSuffix(filepath.Base(command[1]), ".java")}
}

func exitCode(t *testing.T, err error, out []byte) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatalf("%v\n%s", err, out)
	return -1
}

// edit writes a sample with words replaced and gives its path.
func (s *shop) edit(sample string, oldnew ...string) string {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "examples", "jobs", sample+".json"))
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			s.t.Fatalf("%s does not hold %s", sample, oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	f, err := os.CreateTemp(s.dir, "job-*.json")
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
	return f.Name()
}

// fault changes the state of the virtual printer.
func (s *shop) fault(state string) {
	s.t.Helper()
	s.control(http.MethodPost, state)
}

// control asks the virtual printer's control for its state, with a change if there is one.
func (s *shop) control(method, change string) string {
	s.t.Helper()
	for _, pair := range s.env {
		control, ok := strings.CutPrefix(pair, "PRINTER=")
		if !ok {
			continue
		}
		req, err := http.NewRequest(method, control+"/state", strings.NewReader(change))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			s.t.Fatalf("%s: %s, %v\n%s", change, resp.Status, err, body)
		}
		return string(body)
	}
	s.t.Fatal("there is no printer")
	return ""
}
