package fleet

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// How many commands are remembered, and for how long: whoever asked asks again for a minute.
const (
	rememberedMost = 256
	remembered     = 10 * time.Minute
)

// A memory has each command done once: a centre asks again until it hears the reply. Its methods may be used by many goroutines.
type memory struct {
	mu   sync.Mutex // guards what follows
	done []*once    // the oldest first
}

// A once is a command that is being done, or was; the memory's lock guards reply.
type once struct {
	key   string
	sum   [sha256.Size]byte
	at    time.Time
	reply *wire.Reply // nil: it is being done
}

// begin tells what to do with a command: do it, where mine is not nil, and say so by end or forget; else answer with reply, where that is not
// nil; else nothing, for it is being done and will be answered.
func (m *memory) begin(centre, id string, payload []byte, now time.Time) (mine *once, reply *wire.Reply) {
	key, sum := centre+"/"+id, sha256.Sum256(payload)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = slices.DeleteFunc(m.done, func(x *once) bool { return x.reply != nil && now.Sub(x.at) > remembered })
	if i := slices.IndexFunc(m.done, func(x *once) bool { return x.key == key }); i >= 0 {
		if x := m.done[i]; !bytes.Equal(x.sum[:], sum[:]) {
			r := refuse(id, "invalid", "这个 cmd_id 已经用在另一个命令上。", "This cmd_id stands for another command already.", "每个新命令用新的 cmd_id。", "Use a new cmd_id for each new command.")
			return nil, &r
		}
		return nil, m.done[i].reply
	}
	if len(m.done) >= rememberedMost {
		i := slices.IndexFunc(m.done, func(x *once) bool { return x.reply != nil })
		m.done = slices.Delete(m.done, max(i, 0), max(i, 0)+1)
	}
	mine = &once{key: key, sum: sum, at: now}
	m.done = append(m.done, mine)
	return mine, nil
}

// end remembers the reply.
func (m *memory) end(x *once, r *wire.Reply, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x.reply, x.at = r, now
}

// forget has the command done anew when it is asked for again.
func (m *memory) forget(x *once) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = slices.DeleteFunc(m.done, func(y *once) bool { return y == x })
}
