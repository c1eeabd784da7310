package fleettest

import (
	"net"
	"sync"
)

// A door lets connections in to the broker, and knows when each has been let in: mochi may not wait for its clients to go while one of them is
// still being counted (sync.WaitGroup: the first Add comes before Wait).
type door struct {
	net.Listener
	shut    chan struct{} // closed when nobody is let in any more
	waiting sync.WaitGroup
}

func newDoor(l net.Listener) *door { return &door{Listener: l, shut: make(chan struct{})} }

func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil { // it was closed
		close(d.shut)
		return nil, err
	}
	d.waiting.Add(1)
	return &guest{Conn: c, in: sync.OnceFunc(d.waiting.Done)}, nil
}

// close lets nobody in any more, and returns when those that came are counted.
func (d *door) close() {
	_ = d.Close()
	<-d.shut
	d.waiting.Wait()
}

// A guest has been counted when it is first read from.
type guest struct {
	net.Conn
	in func()
}

func (g *guest) Read(p []byte) (int, error) {
	g.in()
	return g.Conn.Read(p)
}
