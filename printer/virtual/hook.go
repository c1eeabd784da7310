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
	p.hooks = nil
}

func (p *Printer) addHook(on trigger, n int, c Change) {
	if err := c.check(); err != nil {
		panic(err)
	}
	p.lock()
	defer p.unlock()
	if n <= 0 {
		p.apply(c)
		p.pump()
		return
	}
	p.hooks = append(p.hooks, &hook{on, n, c})
}

// hookRoom is how many of n units may pass before a hook must look.
func (p *Printer) hookRoom(on trigger, n int) int {
	for _, h := range p.hooks {
		if h.on == on {
			n = min(n, h.left)
		}
	}
	return n
}

// fire counts n units; due changes wait for the next point at which nothing is half done.
func (p *Printer) fire(on trigger, n int) {
	for i := 0; i < len(p.hooks); i++ {
		h := p.hooks[i]
		if h.on != on {
			continue
		}
		if h.left -= n; h.left <= 0 {
			p.due = append(p.due, h.change)
			p.hooks = append(p.hooks[:i], p.hooks[i+1:]...)
			i--
		}
	}
}

// applyDue makes the changes happen whose count was reached; false when there were none.
func (p *Printer) applyDue() bool {
	if len(p.due) == 0 {
		return false
	}
	due := p.due
	p.due = nil
	for _, c := range due {
		p.apply(c)
	}
	return true
}
