package virtual

type trigger int

const (
	onReceived trigger = iota
	onParsed
	onDots
	onReply
)

// A hook makes a change at an exact count.
type hook struct {
	on     trigger
	left   int
	change Change
}

// hooks are the faults that wait for their count.
type hooks struct {
	waiting []*hook
	due     []Change // of those whose count was reached
}

// AfterBytes makes c happen when n more bytes have arrived, before byte n+1 is looked at. It panics on a change that Set
// would refuse; so do the other fault hooks.
func (p *Printer) AfterBytes(n int, c Change) { p.addHook(onReceived, n, c) }

// AfterParsed makes c happen when the parser has taken n more bytes out of the receive buffer.
func (p *Printer) AfterParsed(n int, c Change) { p.addHook(onParsed, n, c) }

// AtDots makes c happen at the end of the line in which paper has moved n more dots forward.
func (p *Printer) AtDots(n int, c Change) { p.addHook(onDots, n, c) }

// AfterReplies makes c happen when n more replies have been given to the link, ASB frames included.
func (p *Printer) AfterReplies(n int, c Change) { p.addHook(onReply, n, c) }

// ClearHooks forgets all changes that have not happened yet.
func (p *Printer) ClearHooks() {
	p.lock()
	defer p.unlock()
	p.in.hooks.waiting = nil
}

func (p *Printer) addHook(on trigger, n int, c Change) {
	if err := c.check(); err != nil {
		panic(err)
	}
	p.lock()
	defer p.unlock()
	if n <= 0 {
		p.in.apply(c)
		p.in.pump()
		return
	}
	p.in.hooks.waiting = append(p.in.hooks.waiting, &hook{on, n, c})
}

// room is how many of n units may pass before a hook must look.
func (k *hooks) room(on trigger, n int) int {
	for _, h := range k.waiting {
		if h.on == on {
			n = min(n, h.left)
		}
	}
	return n
}

// fire counts n units; due changes wait for the next point at which nothing is half done.
func (k *hooks) fire(on trigger, n int) {
	for i := 0; i < len(k.waiting); i++ {
		h := k.waiting[i]
		if h.on != on {
			continue
		}
		if h.left -= n; h.left <= 0 {
			k.due = append(k.due, h.change)
			k.waiting = append(k.waiting[:i], k.waiting[i+1:]...)
			i--
		}
	}
}
