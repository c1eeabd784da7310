package web

import (
	"sync"
	"time"
)

// backlogFrom is how many slips must wait at one printer before the page shows how it gets on with them.
const backlogFrom = 4

// A backlog is how a printer gets on with many slips that wait.
type backlog struct {
	Printer     string
	Done, Total int
	Left        float64 // seconds until the rest is out as it goes now; 0: not known
	Paused      bool
}

// Backlogs remember how many slips each printer had to print. It is a help for the eye: it begins anew with each start, and counts
// while somebody looks.
type backlogs struct {
	mu  sync.Mutex
	all map[string]*backlogSeen // guarded by mu; by printer
}

type backlogSeen struct {
	since, at   time.Time // when it was first and last seen; since moves on while the printer stands
	waiting     int
	done, total int
}

// note takes what waits now, and gives the printers that have much to print.
func (x *backlogs) note(b *standing, now time.Time) []backlog {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.all == nil {
		x.all = map[string]*backlogSeen{}
	}
	var list []backlog
	for _, p := range b.Printers {
		waiting, oldest := 0, now
		for _, o := range b.Waiting {
			if o.Printer == p.Name {
				waiting += o.Count
				if o.Oldest.Before(oldest) {
					oldest = o.Oldest
				}
			}
		}
		s := x.all[p.Name]
		if s == nil || waiting == 0 || oldest.After(s.at) { // nothing of what was seen before waits any more
			s = &backlogSeen{since: now}
			x.all[p.Name] = s
		}
		stands := !p.Paused.IsZero() || p.State == "held" || p.State == "down"
		if stands && !s.at.IsZero() {
			s.since = s.since.Add(now.Sub(s.at)) // or a roll that was empty for an hour would promise hours for the rest
		}
		s.done += max(0, s.waiting-waiting)
		s.waiting, s.at, s.total = waiting, now, s.done+waiting
		if s.total < backlogFrom || waiting == 0 {
			continue
		}
		line := backlog{Printer: p.Name, Done: s.done, Total: s.total, Paused: !p.Paused.IsZero()}
		if took := now.Sub(s.since).Seconds(); s.done >= backlogFrom-1 && !stands {
			line.Left = took / float64(s.done) * float64(waiting)
		}
		list = append(list, line)
	}
	return list
}
