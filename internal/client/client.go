// Package client is the command line's way to a running daemon: the HTTP API on loopback, with the token from the data
// folder. It keeps nothing and starts no goroutines.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
)

// ErrUnreachable says that no daemon answered.
var ErrUnreachable = errors.New("the daemon is not reachable")

// ErrNoToken says that the token file cannot be read: the caller is not in the group receiptd, or the daemon has never run.
var ErrNoToken = errors.New("the token cannot be read")

// A Refusal is an answer of the daemon other than success.
type Refusal struct {
	Status   int           // HTTP status
	Problems []job.Problem // at least one
	Answer   *api.Answer   // when the daemon answered with one
}

// Error gives the first problem in English.
func (r *Refusal) Error() string {
	if len(r.Problems) == 0 {
		return fmt.Sprintf("the daemon answered with HTTP status %d", r.Status)
	}
	return r.Problems[0].Message.En
}

// Client talks to one daemon.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New makes a client for the first of the listen addresses; dataDir holds the token.
func New(listen []string, dataDir string) (*Client, error) {
	if len(listen) == 0 {
		return nil, fmt.Errorf("%w: no http.listen is configured", ErrUnreachable)
	}
	token, err := os.ReadFile(filepath.Join(dataDir, "token"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w: %w", ErrUnreachable, ErrNoToken, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoToken, err)
	}
	return &Client{base: "http://" + listen[0], token: strings.TrimSpace(string(token)), http: &http.Client{}}, nil
}

// A Call is one request.
type Call struct {
	Method, Path string
	Body         any    // nil, []byte (sent as it is) or a value sent as JSON
	Key          string // Idempotency-Key
	Pin          string // X-Supervisor-Pin
}

// Do sends the call and decodes a successful answer into out (nil to drop it). Another answer is a *Refusal; a daemon that
// does not answer is ErrUnreachable. A request that errs may have been carried out: repeat it with the same Key or job id.
func (c *Client) Do(ctx context.Context, call Call, out any) error {
	resp, err := c.send(ctx, call)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return fmt.Errorf("%w: read answer: %w", ErrUnreachable, err)
	}
	if resp.StatusCode >= 300 {
		return refusal(resp.StatusCode, data)
	}
	if raw, ok := out.(*[]byte); ok {
		*raw = data
		return nil
	}
	if out == nil || len(data) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("read the daemon's answer to %s: %w", call.Path, err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, call Call) (*http.Response, error) {
	var body io.Reader
	switch b := call.Body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, c.base+call.Path, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if call.Key != "" {
		req.Header.Set("Idempotency-Key", call.Key)
	}
	if call.Pin != "" {
		req.Header.Set("X-Supervisor-Pin", call.Pin)
	}
	resp, err := c.http.Do(req)
	var netErr *net.OpError
	if errors.As(err, &netErr) {
		return nil, fmt.Errorf("%w at %s: %w", ErrUnreachable, c.base, err)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	return resp, nil
}

// refusal reads an answer or a problem+json document.
func refusal(status int, data []byte) error {
	r := &Refusal{Status: status}
	var a api.Answer
	if json.Unmarshal(data, &a) == nil && a.Outcome != "" {
		r.Answer, r.Problems = &a, a.Errors
		return r
	}
	var p struct {
		Errors []job.Problem `json:"errors"`
		job.Problem
	}
	if json.Unmarshal(data, &p) == nil && p.Code != "" {
		r.Problems = p.Errors
		if len(r.Problems) == 0 {
			r.Problems = []job.Problem{p.Problem}
		}
	}
	return r
}

// WaitAnswer asks for the answer to a job until settled says it is final or ctx ends; it gives the last answer seen.
func (c *Client) WaitAnswer(ctx context.Context, jobID string, settled func(api.Answer) bool) (api.Answer, error) {
	var last api.Answer
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := c.Do(ctx, Call{Method: http.MethodGet, Path: "/v1/jobs/" + jobID + "/answer"}, &last)
		if err != nil && ctx.Err() == nil {
			return last, err
		}
		if settled(last) {
			return last, nil
		}
		select {
		case <-ctx.Done():
			return last, nil
		case <-tick.C:
		}
	}
}

// Stream sends the call and copies a successful answer to w as it comes. An answer that breaks off is ErrUnreachable; what
// was copied then is not whole.
func (c *Client) Stream(ctx context.Context, call Call, w io.Writer) error {
	resp, err := c.send(ctx, call)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil {
			return fmt.Errorf("%w: read answer: %w", ErrUnreachable, err)
		}
		return refusal(resp.StatusCode, data)
	}
	_, err = io.Copy(w, struct{ io.Reader }{resp.Body})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the answer broke off: %w", ErrUnreachable, err)
	}
	if err != nil {
		return fmt.Errorf("copy the daemon's answer: %w", err)
	}
	return nil
}

// Base is the daemon's address, for people: http://127.0.0.1:9180.
func (c *Client) Base() string { return c.base }
