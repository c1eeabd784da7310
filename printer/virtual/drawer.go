package virtual

// kick is one pulse over a pin of the drawer connector: m 0 or 48 is pin 2, 1 or 49 pin 5 (Epson programming guide, ESC p). One for
// another pin is none.
func (n *Counters) kick(m byte) bool {
	switch m {
	case 0, '0':
		n.DrawerPin2++
	case 1, '1':
		n.DrawerPin5++
	default:
		return false
	}
	n.Drawer++
	return true
}

// pulse opens the drawer that has a spring.
func (m *machine) pulse(pin byte) {
	if !m.count.kick(pin) || !m.cond.sense.springs || m.cond.sense.drawer {
		return
	}
	m.cond.sense.drawer = true
	m.host.note()
}

// pulse is that of a command that is read in order.
func (ip *interpreter) pulse(pin byte) {
	if !ip.count.kick(pin) || !ip.host.cond.sense.springs || ip.host.cond.sense.drawer {
		return
	}
	ip.host.cond.sense.drawer = true
	ip.host.note()
}
