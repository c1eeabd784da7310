package virtual

// pulse is one pulse over a pin of the drawer connector: m 0 or 48 is pin 2, 1 or 49 pin 5 (Epson programming guide, ESC p). One for
// another pin is none. It opens the drawer that has a spring.
func (h *host) pulse(m byte) {
	switch m {
	case 0, '0':
		h.count.DrawerPin2++
	case 1, '1':
		h.count.DrawerPin5++
	default:
		return
	}
	h.count.Drawer++
	if s := &h.cond.sense; s.springs && !s.drawer {
		s.drawer = true
		h.note()
	}
}
