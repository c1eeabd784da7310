package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"

	"github.com/receiptd/receiptd/internal/pause"
)

// Options are what a Line needs.
type Options struct {
	Broker   string                      // tls://HOST:PORT or wss://HOST/PATH: see ParseBroker
	TLS      func() (*tls.Config, error) // asked for each connection, so that renewed certificates are used
	ClientID string
	Centre   bool // this end is a centre's: what is said of the line is worded for it
	Will     *Will
	Filters  []string // subscribed to with QoS 1
	// Fresh is called before each connection, when nothing of the one before is under way; nil is fine.
	Fresh func()
	// Receive is given each message, one at a time, in order. It must not block for longer than until Message.Left is closed. It or somebody
	// later calls Message.Ack.
	Receive func(m *Message)
	// Up is called for each connection in a goroutine of its own, when it is subscribed; ctx ends with the connection. At an orderly end
	// ctx ends first, and Goodbye may still publish.
	Up      func(ctx context.Context, c *Conn)
	Goodbye func(ctx context.Context, c *Conn)
	// Changed is told of each change of the status; nil is fine. It must not block.
	Changed func(Status)
	Logger  *slog.Logger // nil discards

	KeepAlive   time.Duration // 0 is a minute
	FirstPause  time.Duration // after the first failure; 0 is a second. Each further one doubles it.
	LastPause   time.Duration // and no more than this; 0 is half a minute
	TakenPause  time.Duration // after somebody else came under the same identity; 0 is a minute
	MostWaiting uint16        // messages that may be unacknowledged; 0 is 64
}

// A Will is what the broker says for somebody whose line broke.
type Will struct {
	Topic   string
	Payload []byte
	Delay   time.Duration
}

// subscribingMost is how long the broker may take to answer: what it kept for this end may come before.
const subscribingMost = 30 * time.Second

// sessionKept is how long a broker keeps what it has for an end that is off.
const sessionKept = 7 * 24 * time.Hour

// A Status is how a line is.
type Status struct {
	Connected bool
	Since     time.Time
	Failure   *Failure  // why it is not connected; nil: it is, or it was not tried yet
	TakenOver time.Time // when somebody else last came under this identity
	Times     int       // how often it was connected
	Bytes     int64     // over the line, both ways, with TLS
	Greeting  int64     // those of them until the broker's welcome, of tries that failed too: with each connection once
}

// A Line is one end's connection, again and again.
type Line struct {
	o     Options
	taken atomic.Bool // this connection ended because somebody else came
	bytes atomic.Int64

	mu sync.Mutex // guards what follows
	st Status
}

// New makes a Line; nothing is sent before Run.
func New(o Options) *Line {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	for _, x := range []struct {
		to  *time.Duration
		def time.Duration
	}{{&o.KeepAlive, time.Minute}, {&o.FirstPause, time.Second}, {&o.LastPause, 30 * time.Second}, {&o.TakenPause, time.Minute}} {
		if *x.to == 0 {
			*x.to = x.def
		}
	}
	if o.MostWaiting == 0 {
		o.MostWaiting = 64
	}
	return &Line{o: o}
}

// Status tells how the line is.
func (l *Line) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.st
	st.Bytes = l.bytes.Load()
	return st
}

// greeted counts what a connection, or a try, has taken so far.
func (l *Line) greeted(before int64) {
	n := l.bytes.Load() - before
	l.mu.Lock()
	defer l.mu.Unlock()
	l.st.Greeting += n
}

func (l *Line) change(fn func(*Status)) {
	l.mu.Lock()
	fn(&l.st)
	st := l.st
	l.mu.Unlock()
	if l.o.Changed != nil {
		l.o.Changed(st)
	}
}

// Run keeps the line up until ctx ends. It returns nil when everything it started has ended.
func (l *Line) Run(ctx context.Context) error {
	tries := 0
	for ctx.Err() == nil {
		if l.o.Fresh != nil {
			l.o.Fresh()
		}
		up, err := l.once(ctx)
		if ctx.Err() != nil {
			break
		}
		if tries++; up {
			tries = 1
		}
		rest := pause.Jitter(min(l.o.FirstPause<<min(tries-1, 16), l.o.LastPause))
		if l.taken.Swap(false) {
			rest = pause.Jitter(l.o.TakenPause)
			err = &Failure{Code: CodeTaken}
		}
		failed := sorted(err)
		failed.centre = l.o.Centre
		l.o.Logger.Warn("the line to the fleet's broker is down", "code", failed.Code, "what", failed.Error())
		l.change(func(s *Status) {
			if s.Connected || s.Since.IsZero() {
				s.Since = time.Now()
			}
			s.Connected, s.Failure = false, failed
			if failed.Code == CodeTaken {
				s.TakenOver = time.Now()
			}
		})
		pause.For(ctx, rest)
	}
	return nil
}

// once connects and stays until the line is lost or ctx ends. What was under way on a connection ends with it: kept, it would be sent again
// hours later with all of its time before it. Who wanted it to arrive sends it again.
func (l *Line) once(ctx context.Context) (up bool, err error) {
	dialling, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	said, before := alert{}, l.bytes.Load()
	way, err := l.dial(dialling, &said)
	if err != nil {
		l.greeted(before)
		return false, said.or(err)
	}
	conn := &leaving{Conn: way, left: make(chan struct{})}
	lost := make(chan error, 4)
	tell := func(err error) {
		select {
		case lost <- err:
		default:
		}
	}
	c, waiting := &Conn{centre: l.o.Centre}, newAcks()
	client := paho.NewClient(paho.ClientConfig{
		ClientID: l.o.ClientID, Conn: conn, PacketTimeout: subscribingMost, Session: waiting,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			l.o.Receive(message(p.Packet, waiting, conn.left))
			return true, nil
		}},
		OnServerDisconnect: func(d *paho.Disconnect) {
			if d.ReasonCode == packets.DisconnectSessionTakenOver {
				l.taken.Store(true)
			}
			tell(&Failure{Code: CodeRefused, Number: int64(d.ReasonCode)})
		},
		OnClientError: tell,
	})
	c.client = client
	ack, err := client.Connect(dialling, l.connect())
	l.greeted(before)
	if err != nil {
		conn.Close()
		if ack != nil && ack.ReasonCode >= 0x80 {
			err = &Failure{Code: CodeRefused, Number: int64(ack.ReasonCode)}
		}
		return false, said.or(err)
	}
	end := func(reason byte) { _ = client.Disconnect(&paho.Disconnect{ReasonCode: reason}); <-client.Done() }
	if err := l.subscribe(ctx, client); err != nil {
		end(0)
		return false, err
	}
	l.change(func(s *Status) { s.Connected, s.Since, s.Failure, s.Times = true, time.Now(), nil, s.Times+1 })
	l.o.Logger.Info("the line to the fleet's broker is up")
	l.stay(ctx, client, c)
	if ctx.Err() != nil {
		l.goodbye(ctx, c)
		end(0)
		return true, nil
	}
	select {
	case err = <-lost:
	case <-time.After(time.Second): // the client ended without a word
		err = &Failure{Code: CodeLost}
	}
	return true, err
}

// stay runs Up until the line is lost or ctx ends.
func (l *Line) stay(ctx context.Context, client *paho.Client, c *Conn) {
	up, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if l.o.Up != nil {
			l.o.Up(up, c)
		}
	}()
	select {
	case <-client.Done():
	case <-ctx.Done():
	}
	cancel()
	<-done
}

func (l *Line) goodbye(ctx context.Context, c *Conn) {
	if l.o.Goodbye == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	l.o.Goodbye(ctx, c)
}

func (l *Line) connect() *paho.Connect {
	kept, most := uint32(sessionKept/time.Second), l.o.MostWaiting
	cp := &paho.Connect{ClientID: l.o.ClientID, KeepAlive: uint16(l.o.KeepAlive / time.Second),
		Properties: &paho.ConnectProperties{SessionExpiryInterval: &kept, ReceiveMaximum: &most, RequestProblemInfo: true}}
	if w := l.o.Will; w != nil {
		delay := uint32(w.Delay / time.Second)
		cp.WillMessage = &paho.WillMessage{Topic: w.Topic, Payload: w.Payload, QoS: 1, Retain: true}
		cp.WillProperties = &paho.WillProperties{WillDelayInterval: &delay}
	}
	return cp
}

// subscribe asks for everything that is to come in, and is not content with less.
func (l *Line) subscribe(ctx context.Context, client *paho.Client) error {
	if len(l.o.Filters) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, subscribingMost)
	defer cancel()
	s := &paho.Subscribe{}
	for _, f := range l.o.Filters {
		s.Subscriptions = append(s.Subscriptions, paho.SubscribeOptions{Topic: f, QoS: 1})
	}
	for range int(l.o.MostWaiting) + 1 { // each time the packet has another number
		ack, err := client.Subscribe(ctx, s)
		if ack == nil {
			return err
		}
		bad := slices.IndexFunc(ack.Reasons, func(r byte) bool { return r >= 0x80 })
		if bad < 0 {
			return err
		}
		if ack.Reasons[bad] != numberTaken {
			return &Failure{Code: CodeDenied, Number: int64(ack.Reasons[bad])}
		}
	}
	return &Failure{Code: CodeDenied, Number: numberTaken}
}

// numberTaken says that a packet's number stands for another packet. A broker that has messages waiting for an end that was killed may say
// so of their numbers, although those are the other direction's (mochi 2.7.9 does).
const numberTaken = 0x91

// ErrGone says that the line was lost before a message was out.
var ErrGone = errors.New("the line is down")
