package mqtt

import (
	"context"
	"time"

	"github.com/eclipse/paho.golang/paho"
)

// A Conn is one connection while it stands. Its methods may be used by many goroutines.
type Conn struct {
	client *paho.Client
	centre bool // what is said of it is worded for a centre
}

// An Out is a message that goes out, with QoS 1.
type Out struct {
	Topic       string
	Payload     []byte
	Retain      bool
	Expiry      time.Duration // 0: never
	Response    string        // topic for the answer
	Correlation []byte
	Properties  map[string]string
}

// contentType is that of all messages.
const contentType = "application/json"

func (m *Out) publish() *paho.Publish {
	p := &paho.Publish{Topic: m.Topic, Payload: m.Payload, QoS: 1, Retain: m.Retain, Properties: &paho.PublishProperties{ResponseTopic: m.Response, CorrelationData: m.Correlation}}
	if m.Response != "" { // who asks says in what; the rest goes without: of an event it would be the tenth part
		p.Properties.ContentType = contentType
	}
	if m.Expiry > 0 {
		seconds := uint32((m.Expiry + time.Second - 1) / time.Second)
		p.Properties.MessageExpiry = &seconds
	}
	for k, v := range m.Properties {
		p.Properties.User.Add(k, v)
	}
	return p
}

// Publish sends a message and waits until the broker has it, which is no promise that anybody else will. A broker that does not let this
// end publish there gives a *Failure.
func (c *Conn) Publish(ctx context.Context, m Out) error {
	r, err := c.client.Publish(ctx, m.publish())
	if r != nil && r.ReasonCode >= 0x80 {
		return &Failure{Code: CodeDenied, Number: int64(r.ReasonCode), centre: c.centre}
	}
	return err
}

// Send sends a message behind those before it and does not wait for the broker, unless too many are under way. A nil error says that it
// left before anything that is sent later.
func (c *Conn) Send(ctx context.Context, m Out) error {
	select {
	case <-c.client.Done():
		return ErrGone
	default:
	}
	_, err := c.client.PublishWithOptions(ctx, m.publish(), paho.PublishOptions{Method: paho.PublishMethod_AsyncSend})
	return err
}

// A Message came in.
type Message struct {
	Topic       string
	Payload     []byte
	QoS         byte
	Retained    bool          // it was kept by the broker, and is not new
	Again       bool          // the broker has sent it before
	Expiry      time.Duration // what was left of its time when it came; 0: it does not expire
	Came        time.Time
	Response    string
	Correlation []byte

	packet  *paho.Publish
	unacked *unacked // nil: nobody waits for it
	left    <-chan struct{}
}

func message(p *paho.Publish, a *acks, left <-chan struct{}) *Message {
	m := &Message{Topic: p.Topic, Payload: p.Payload, QoS: p.QoS, Retained: p.Retain, Again: p.Duplicate(), Came: time.Now(), packet: p, unacked: a.came(p), left: left}
	if x := p.Properties; x != nil {
		m.Response, m.Correlation = x.ResponseTopic, x.CorrelationData
		if x.MessageExpiry != nil {
			m.Expiry = max(time.Duration(*x.MessageExpiry)*time.Second, 1)
		}
	}
	return m
}

// Property gives a user property.
func (m *Message) Property(name string) string {
	if m.packet == nil || m.packet.Properties == nil {
		return ""
	}
	return m.packet.Properties.User.Get(name)
}

// Late tells whether the message's time was over before it came to be looked at. It asks no clock but the one that counts from the start.
func (m *Message) Late() bool { return m.Expiry > 0 && time.Since(m.Came) > m.Expiry }

// Gone tells whether the connection that it came by is gone: it was not acknowledged then, and comes again.
func (m *Message) Gone() bool {
	select {
	case <-m.left:
		return true
	default:
		return false
	}
}

// Left gives a channel that is closed when the connection is gone, before all that serves it has ended.
func (m *Message) Left() <-chan struct{} { return m.left }

// Ack tells the broker that the message need not come again, once that is said of all before it. It may be called once the connection is
// gone, and then does nothing.
func (m *Message) Ack() {
	if m.unacked != nil {
		m.unacked.ack()
	}
}
