package mqtt

import (
	"errors"
	"sync"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	"github.com/eclipse/paho.golang/paho/session"
	"github.com/eclipse/paho.golang/paho/session/state"
)

// Acks is the session of one connection. What came in is acknowledged when its receiver says so, in the order in which it came (MQTT 5,
// 4.6: MQTT-4.6.0-2), in the call that makes it possible. The client's own manual acknowledgement looks for some at an interval: a shop to
// which nothing comes would wake its machine for it fifty times a second.
type acks struct {
	session.SessionManager

	mu    sync.Mutex
	order []*unacked // what came and is not acknowledged; guarded by mu
}

// An unacked is a message that the broker would send again.
type unacked struct {
	of     *acks
	packet packets.Publish // number and QoS alone
	ready  bool            // guarded by of.mu
}

func newAcks() *acks { return &acks{SessionManager: state.NewInMemory()} }

// Ack is called by the client when its handler has returned, which is too soon.
func (a *acks) Ack(*packets.Publish) error { return nil }

// ConnectionLost ends the session, too: nothing of it is for another connection.
func (a *acks) ConnectionLost(d *packets.Disconnect) error {
	return errors.Join(a.SessionManager.ConnectionLost(d), a.Close())
}

// came notes a message, in the order of the calls. It gives nil for one that no broker waits for, and what it gave before for one that the broker
// sent twice.
func (a *acks) came(p *paho.Publish) *unacked {
	if p.QoS == 0 {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, u := range a.order {
		if u.packet.PacketID == p.PacketID {
			return u
		}
	}
	u := &unacked{of: a, packet: packets.Publish{PacketID: p.PacketID, QoS: p.QoS}}
	a.order = append(a.order, u)
	return u
}

// ack acknowledges the message, once all before it are. It waits until the connection has taken the bytes; at one that is gone it does nothing.
func (u *unacked) ack() {
	a := u.of
	a.mu.Lock()
	defer a.mu.Unlock()
	u.ready = true
	for len(a.order) > 0 && a.order[0].ready {
		_ = a.SessionManager.Ack(&a.order[0].packet) // a message of a connection that is gone comes again
		a.order = a.order[1:]
	}
}
