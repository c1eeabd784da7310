// Package certs keeps the certificate under which the page is answered on the shop's network: a given one, or leaves of an authority
// that this machine made for itself and that may vouch for its own names and addresses only.
//
// It owns lan-ca.pem and lan-leaf.pem in the data folder, each a certificate and its key in one file of mode 0600 that is written whole
// or not at all: after a crash the old pair stands or the new one. Run starts no goroutines. What a connection gets is exchanged while
// the page runs: a renewal needs no restart.
package certs

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/receiptd/receiptd/internal/pause"
	"github.com/receiptd/receiptd/internal/wholefile"
)

// The files of the data folder.
const (
	AuthorityFile = "lan-ca.pem"
	leafFile      = "lan-leaf.pem"
)

// How long things hold. Browsers take no leaf of more than 398 days; an authority cannot be exchanged without a walk to each device.
const (
	leafTime      = 395 * 24 * time.Hour
	leafRenewed   = 60 * 24 * time.Hour // before its end
	authorityTime = 20 * 365 * 24 * time.Hour
	backdated     = 24 * time.Hour // a device whose clock is behind takes it too
	lookEvery     = 10 * time.Second
)

// Options are what a Keeper needs.
type Options struct {
	Dir string // the data folder
	// CertFile and KeyFile are a given certificate with its chain, and its key; "": an own authority.
	CertFile, KeyFile string
	// Names are further names, addresses and networks (192.168.1.0/24) that this machine has or may get.
	Names []string
	// Trusted tells whether devices trust the authority already: then it is not made anew by itself. nil: none does.
	Trusted func() bool
	Machine func() (Machine, error) // nil: This
	Now     func() time.Time        // nil: time.Now
	Logger  *slog.Logger            // nil discards
}

// A State is what people are told.
type State struct {
	Own         bool      // the authority is this machine's own
	Names       []string  // names and addresses under which the certificate holds now, names first
	Missing     []string  // addresses of this machine under which it does not
	Until       time.Time // end of the certificate
	Fingerprint string    // SHA-256 of the own authority, in groups of two digits
	Problem     string    // why there is no certificate, or only the one before; "" for nothing
}

// A Keeper keeps one certificate. Any goroutine may call its methods.
type Keeper struct {
	o       Options
	current atomic.Pointer[held]

	mu        sync.Mutex // guards the rest, and the files
	authority *pair
	leaf      *pair
	told      string // the last problem that the log was told
}

// held is what connections get, and what is said of it. It never changes.
type held struct {
	cert    *tls.Certificate
	machine Machine
	state   State
	der     []byte // the own authority
}

// A pair is a certificate and its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Open reads the certificate, or makes authority and leaf where there are none. Without a certificate that can be used there is still a
// Keeper: State says why, and Run tries again.
func Open(o Options) *Keeper {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Machine == nil {
		o.Machine = This
	}
	if o.Trusted == nil {
		o.Trusted = func() bool { return false }
	}
	k := &Keeper{o: o}
	k.current.Store(&held{})
	k.Look()
	return k
}

// Run looks every few seconds whether the certificate still fits, until ctx ends. It returns nil.
func (k *Keeper) Run(ctx context.Context) error {
	for pause.For(ctx, pause.InStep(lookEvery)) {
		k.Look()
	}
	return nil
}

// Get is the GetCertificate of a tls.Config.
func (k *Keeper) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c := k.current.Load().cert; c != nil {
		return c, nil
	}
	return nil, errors.New("there is no certificate for the local network")
}

// State tells how it stands.
func (k *Keeper) State() State { return k.current.Load().state }

// Authority is the certificate of the own authority, in DER; nil when the certificate is a given one.
func (k *Keeper) Authority() []byte { return k.current.Load().der }

// Answers tells whether a host, as a browser names it, is this machine: a name of the certificate, or an address that it has.
func (k *Keeper) Answers(host string) bool {
	h := k.current.Load()
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if a, err := netip.ParseAddr(host); err == nil {
		return slices.Contains(h.machine.Addresses, a) || slices.Contains(h.state.Names, a.String())
	}
	return host != "" && (slices.Contains(h.machine.Names, host) || h.cert != nil && h.cert.Leaf.VerifyHostname(host) == nil)
}

// Look makes certificate and machine fit each other again: it takes over a given file that was changed, and renews a leaf that nears its
// end or lacks a name or an address of this machine.
func (k *Keeper) Look() {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, err := k.machine()
	if err == nil {
		if k.o.CertFile != "" {
			err = k.given(m)
		} else {
			err = k.own(m, false)
		}
	}
	if err == nil {
		k.told = ""
		return
	}
	before := *k.current.Load()
	before.state.Problem = err.Error()
	k.current.Store(&before)
	if k.told != err.Error() {
		k.told = err.Error()
		k.o.Logger.Error("the page has no new certificate for the local network", "err", err)
	}
}

// NewAuthority makes an authority anew, with what this machine is called now. Each device has to trust it anew.
func (k *Keeper) NewAuthority() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.o.CertFile != "" {
		return errors.New("the certificate is a given one")
	}
	m, err := k.machine()
	if err != nil {
		return err
	}
	return k.own(m, true)
}

func (k *Keeper) machine() (Machine, error) {
	m, err := k.o.Machine()
	if err != nil {
		return m, fmt.Errorf("look at this machine's addresses: %w", err)
	}
	return m.with(k.o.Names), nil
}

// own makes what is missing of authority and leaf.
func (k *Keeper) own(m Machine, anew bool) error {
	now := k.o.Now()
	if k.authority == nil {
		k.authority = k.read(AuthorityFile)
	}
	if anew || !serves(k.authority, now) || len(m.outside(k.authority.cert)) > 0 && !k.o.Trusted() {
		made, err := newAuthority(m, now)
		if err != nil {
			return err
		}
		if err := k.write(AuthorityFile, made); err != nil {
			return err
		}
		k.authority, k.leaf = made, nil
		k.o.Logger.Warn("an authority for the page on the local network was made: devices have to trust it", "names", strings.Join(m.all(), " "), "fingerprint", fingerprint(made.cert.Raw))
	}
	within := m.within(k.authority.cert)
	if k.leaf == nil {
		k.leaf = k.read(leafFile)
	}
	if !k.leafFits(within, now) {
		made, err := newLeaf(k.authority, within, now)
		if err != nil {
			return err
		}
		if err := k.write(leafFile, made); err != nil {
			return err
		}
		k.leaf = made
		k.o.Logger.Info("the page on the local network has a new certificate", "names", strings.Join(within.all(), " "), "until", made.cert.NotAfter)
	}
	k.current.Store(&held{
		cert:    &tls.Certificate{Certificate: [][]byte{k.leaf.cert.Raw, k.authority.cert.Raw}, PrivateKey: k.leaf.key, Leaf: k.leaf.cert},
		machine: m, der: k.authority.cert.Raw,
		state: State{Own: true, Names: within.all(), Missing: m.outside(k.authority.cert), Until: k.leaf.cert.NotAfter, Fingerprint: fingerprint(k.authority.cert.Raw)}})
	return nil
}

// serves tells whether an authority can be used at this time.
func serves(p *pair, now time.Time) bool {
	return p != nil && p.cert.IsCA && now.After(p.cert.NotBefore) && now.Before(p.cert.NotAfter)
}

func (k *Keeper) leafFits(m Machine, now time.Time) bool {
	l := k.leaf
	return l != nil && l.cert.CheckSignatureFrom(k.authority.cert) == nil && now.After(l.cert.NotBefore) && now.Add(leafRenewed).Before(l.cert.NotAfter) &&
		slices.Equal(namesOf(l.cert).all(), m.all())
}

// read reads a pair; nil when there is none that can be used.
func (k *Keeper) read(name string) *pair {
	data, err := os.ReadFile(filepath.Join(k.o.Dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		var c tls.Certificate
		if c, err = tls.X509KeyPair(data, data); err == nil {
			if key, ok := c.PrivateKey.(*ecdsa.PrivateKey); ok {
				return &pair{c.Leaf, key}
			}
			err = errors.New("its key is of another kind")
		}
	}
	k.o.Logger.Warn("a certificate in the data folder cannot be used; a new one is made", "file", name, "err", err)
	return nil
}

func (k *Keeper) write(name string, p *pair) error {
	key, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}
	var out bytes.Buffer
	for _, b := range []*pem.Block{{Type: "CERTIFICATE", Bytes: p.cert.Raw}, {Type: "PRIVATE KEY", Bytes: key}} {
		if err := pem.Encode(&out, b); err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
	}
	return wholefile.Write(filepath.Join(k.o.Dir, name), out.Bytes(), 0o600)
}

// given takes a given certificate over, when it is another one than before.
func (k *Keeper) given(m Machine) error {
	c, err := Load(k.o.CertFile, k.o.KeyFile)
	if err != nil {
		return err
	}
	names := namesOf(c.Leaf)
	state := State{Names: names.all(), Until: c.Leaf.NotAfter}
	for _, a := range m.Addresses {
		if c.Leaf.VerifyHostname(a.String()) != nil {
			state.Missing = append(state.Missing, a.String())
		}
	}
	if old := k.current.Load().cert; old == nil || !bytes.Equal(old.Certificate[0], c.Certificate[0]) {
		k.o.Logger.Info("the page on the local network has the given certificate", "names", strings.Join(state.Names, " "), "until", state.Until)
	}
	k.current.Store(&held{cert: c, machine: m, state: state})
	return nil
}

// Load reads a given certificate and its key.
func Load(certFile, keyFile string) (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate %s with its key %s: %w", certFile, keyFile, err)
	}
	if _, ok := c.PrivateKey.(crypto.Signer); !ok {
		return nil, fmt.Errorf("the key %s cannot sign", keyFile)
	}
	return &c, nil
}

// fingerprint is what a person compares: SHA-256 in groups of two digits.
func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	digits := strings.ToUpper(hex.EncodeToString(sum[:]))
	var groups []string
	for pair := range slices.Chunk([]byte(digits), 2) {
		groups = append(groups, string(pair))
	}
	return strings.Join(groups, ":")
}
