// Command go drops one job for receiptd and waits for its answer.
//
// Usage: go run ./examples/clients/go SPOOL JOB.json [SECONDS]
//
// Exit: 0 printed, 3 rejected, 5 not printed yet, 6 uncertain, 7 refused or conflict. Only the standard library is used.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// text is a sentence in both languages.
type text struct{ Zh, En string }

// problem is one thing wrong with the job.
type problem struct {
	Code, Pointer string
	Message, Fix  text
}

// answer is what a client needs of an answer file.
type answer struct {
	Outcome string
	Copies  []struct{ Copy, State, Reason string }
	Errors  []problem
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./examples/clients/go SPOOL JOB.json [SECONDS]")
		return 2
	}
	seconds := 60
	if len(args) > 2 {
		n, err := strconv.Atoi(args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, "SECONDS is a whole number:", err)
			return 2
		}
		seconds = n
	}
	a, err := dropAndWait(args[0], args[1], time.Duration(seconds)*time.Second)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return tell(a)
}

func dropAndWait(spool, path string, limit time.Duration) (*answer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read job: %w", err)
	}
	var job struct {
		ID string `json:"job_id"`
	}
	if err := json.Unmarshal(data, &job); err != nil {
		return nil, fmt.Errorf("read job %s: %w", path, err)
	}
	if job.ID == "" {
		return nil, fmt.Errorf("%s holds no job_id", path)
	}
	name := job.ID + ".json"
	if err := drop(spool, name, data); err != nil {
		return nil, fmt.Errorf("drop job: %w", err)
	}
	return wait(filepath.Join(spool, "results", name), limit)
}

// drop puts a job into the drop folder so that receiptd never sees half a file, and a power cut loses nothing.
func drop(spool, name string, data []byte) error {
	incoming := filepath.Join(spool, "incoming")
	err := os.Remove(filepath.Join(spool, "results", name)) // the answer to an earlier drop of the same job
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp := filepath.Join(incoming, "."+name+".tmp")
	f, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(incoming, name)); err != nil {
		return err
	}
	folder, err := os.Open(incoming)
	if err != nil {
		return err
	}
	_ = folder.Sync() // Windows cannot sync a folder
	return folder.Close()
}

// wait gives the answer when nothing more happens by itself, or the latest one (or nil) when the time is over.
func wait(path string, limit time.Duration) (*answer, error) {
	deadline := time.Now().Add(limit)
	var latest *answer
	for {
		data, err := os.ReadFile(path)
		if err == nil {
			latest = new(answer)
			if err := json.Unmarshal(data, latest); err != nil {
				return nil, fmt.Errorf("read answer %s: %w", path, err)
			}
		}
		if latest != nil && !latest.waiting() || time.Now().After(deadline) {
			return latest, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (a *answer) has(states ...string) bool {
	for _, c := range a.Copies {
		for _, s := range states {
			if c.State == s {
				return true
			}
		}
	}
	return false
}

func (a *answer) waiting() bool { return a.has("queued", "sending", "held") }

// tell prints the answer and gives the exit code.
func tell(a *answer) int {
	if a == nil {
		fmt.Println("no answer yet; the job is kept. Do not send it again under another job_id.")
		return 5
	}
	fmt.Println(a.Outcome)
	for _, p := range a.Errors {
		fmt.Printf("%s %s: %s -> %s\n", p.Code, p.Pointer, p.Message.En, p.Fix.En)
	}
	for _, c := range a.Copies {
		fmt.Println(c.Copy, c.State, c.Reason)
	}
	switch {
	case a.Outcome == "rejected":
		return 3
	case a.Outcome == "refused", a.Outcome == "conflict":
		return 7
	case a.has("uncertain"):
		fmt.Println("Nobody knows whether the slip came out. Look at the printer before you answer.")
		return 6
	case a.waiting():
		fmt.Println("Not printed yet; the slip is kept and comes out by itself. Do not send it again under another job_id.")
		return 5
	}
	return 0
}
