package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestDemoSetsUp: the demo's page sets printers up as a shop's does; it said that there is no such page.
func TestDemoSetsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := (&app{stdout: out, stderr: out, lang: "en"}).runDemo(ctx, dir, false)
		out.Close()
		ended <- err
	}()
	var page []string
	for lines := bufio.NewScanner(said); page == nil && lines.Scan(); {
		page = regexp.MustCompile(`counter page +(http://127\.0\.0\.1:[0-9]+)/`).FindStringSubmatch(lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	if page == nil {
		t.Fatal("the demo ended before it named its page")
	}
	token, err := os.ReadFile(filepath.Join(dir, "data", "token"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, page[1]+"/v1/setup", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+string(bytes.TrimSpace(token)))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("GET /v1/setup: %s", resp.Status)
	}
}
