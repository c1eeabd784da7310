package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	sendTime   = 15 * time.Second // for one message, from the first question for a name to the last byte of the answer
	mostAnswer = 4 << 10          // bytes of an answer that are read
	mostPause  = time.Hour        // that a receiver may ask for
)

// send tells a receiver one message and gives why it was not taken, nil when it was. It blocks at most for sendTime. A message that
// failed may have arrived all the same.
func (r *Receiver) send(ctx context.Context, m *message, now time.Time) *Failure {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	at, secret, err := r.keys()
	if err != nil {
		return sorted(err)
	}
	f, ok := formOf(r.Form)
	if !ok {
		return &Failure{Code: "url"}
	}
	p, err := f.build(m, secret, now)
	if err != nil {
		return sorted(err)
	}
	client, err := r.client(at)
	if err != nil {
		return sorted(err)
	}
	defer client.CloseIdleConnections()
	to := *at.url
	if p.query != "" {
		if to.RawQuery != "" {
			to.RawQuery += "&"
		}
		to.RawQuery += p.query
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(p.body))
	if err != nil {
		return &Failure{Code: "url"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "receiptd")
	for k, v := range p.header {
		req.Header.Set(k, v)
	}
	res, err := client.Do(req)
	if err != nil {
		return sorted(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil && len(body) == 0 {
		return sorted(err)
	}
	return f.judge(res, body)
}

// judge says whether an answer means that the message was taken.
func (f form) judge(res *http.Response, body []byte) *Failure {
	n := int64(res.StatusCode)
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return f.accepted(res.StatusCode, body)
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return &Failure{Code: "redirect", Number: n}
	case res.StatusCode == http.StatusTooManyRequests:
		return &Failure{Code: "too_fast", Number: n, Pause: max(time.Minute, retryAfter(res.Header))}
	}
	return &Failure{Code: "status", Number: n, Pause: retryAfter(res.Header)}
}

// retryAfter reads the seconds for which a receiver wants quiet; a date is passed over, for clocks differ.
func retryAfter(h http.Header) time.Duration {
	for _, key := range []string{"Retry-After", "X-Ogw-Ratelimit-Reset"} {
		if n, err := strconv.ParseUint(h.Get(key), 10, 31); err == nil {
			return min(time.Duration(n)*time.Second, mostPause)
		}
	}
	return 0
}

// client makes a client for one message: it keeps no connection, follows no redirect, and dials only what the section allows. A proxy of
// the environment is not used: it would resolve the name by itself, where nobody looks at the address.
func (r *Receiver) client(at *address) (*http.Client, error) {
	roots, err := r.roots()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Control: at.control}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: 32 << 10},
	}, nil
}

func (r *Receiver) roots() (*x509.CertPool, error) {
	if r.CAFile == "" {
		return nil, nil
	}
	data, err := os.ReadFile(r.CAFile)
	if err != nil {
		return nil, &Failure{Code: "ca_file", cause: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, &Failure{Code: "ca_file", cause: errors.New(r.CAFile)}
	}
	return pool, nil
}
