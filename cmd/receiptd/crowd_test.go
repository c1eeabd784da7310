package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// storyCrowd opens connections without a key, of every kind in turn, and asks for the page of a paired browser. They stay
// open, as far as the daemon lets them, until the script ends.
func storyCrowd(ts *testscript.TestScript, _ bool, args []string) {
	s := theShop(ts)
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	kinds := []string{"", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: 127", "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{"}
	for i := range n {
		c, err := net.Dial("tcp", s.addr)
		ts.Check(err)
		ts.Defer(func() { c.Close() })
		_, _ = io.WriteString(c, kinds[i%len(kinds)]) // refused is as good: it is the daemon's way to have room
	}
	key, err := os.ReadFile(filepath.Join(s.dir, "data", "page-key"))
	ts.Check(err)
	req, err := http.NewRequest(http.MethodGet, "http://"+s.addr+"/", nil)
	ts.Check(err)
	req.AddCookie(&http.Cookie{Name: "receiptd", Value: strings.TrimSpace(string(key))})
	resp, err := http.DefaultTransport.RoundTrip(req)
	ts.Check(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("the page answered %s", resp.Status)
	}
}
