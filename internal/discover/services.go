package discover

import (
	"cmp"
	"context"
	"io"
	"log"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/mdns"
)

// A Service is what a device announces of itself (DNS-SD).
type Service struct {
	Addr netip.Addr
	Name string
	Port int      // of raw printing; 0: not told
	PDL  []string // what it takes: application/pdf, image/urf
	IPP  bool
}

// office reports a device that takes pages.
func (s Service) office() bool {
	if s.IPP {
		return true
	}
	for _, pdl := range s.PDL {
		for _, page := range []string{"pdf", "postscript", "pcl", "urf", "pwg", "pclm", "jpeg"} {
			if strings.Contains(strings.ToLower(pdl), page) {
				return true
			}
		}
	}
	return false
}

func merged(a, b Service) Service {
	b.Name, b.Port = cmp.Or(a.Name, b.Name), cmp.Or(a.Port, b.Port)
	b.PDL, b.IPP = append(a.PDL, b.PDL...), a.IPP || b.IPP
	return b
}

// serviceTime is how long is listened for announcements.
const serviceTime = 1500 * time.Millisecond

// announced asks on each network card who offers raw printing or IPP.
func announced(ctx context.Context) []Service {
	cards, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var mu sync.Mutex
	var out []Service
	var asked sync.WaitGroup
	for _, c := range cards {
		if c.Flags&net.FlagUp == 0 || c.Flags&net.FlagMulticast == 0 || c.Flags&net.FlagLoopback != 0 {
			continue
		}
		for _, kind := range []string{"_pdl-datastream._tcp", "_ipp._tcp"} {
			asked.Go(func() {
				for _, s := range browse(ctx, &c, kind) {
					mu.Lock()
					out = append(out, s)
					mu.Unlock()
				}
			})
		}
	}
	asked.Wait()
	return out
}

// mostServices bounds what one network card may tell.
const mostServices = 256

func browse(ctx context.Context, card *net.Interface, kind string) []Service {
	entries := make(chan *mdns.ServiceEntry, mostServices) // sends do not block: what is beyond is dropped
	ctx, cancel := context.WithTimeout(ctx, serviceTime+500*time.Millisecond)
	defer cancel()
	err := mdns.QueryContext(ctx, &mdns.QueryParam{Service: kind, Domain: "local", Timeout: serviceTime, Interface: card, Entries: entries, DisableIPv6: true, WantUnicastResponse: true,
		Logger: log.New(io.Discard, "", 0)})
	if err != nil {
		return nil // a card without multicast, or a machine without a route for it: what has IPP is known by its port
	}
	var out []Service
	for {
		select {
		case e := <-entries:
			if s, ok := service(e, kind); ok {
				out = append(out, s)
			}
		default:
			return out
		}
	}
}

func service(e *mdns.ServiceEntry, kind string) (Service, bool) {
	a, ok := netip.AddrFromSlice(e.AddrV4.To4())
	if !ok || !strings.Contains(e.Name, kind) {
		return Service{}, false
	}
	name, _, _ := strings.Cut(e.Name, "."+kind)
	s := Service{Addr: a, Name: clean(strings.ReplaceAll(name, `\`, "")), IPP: kind == "_ipp._tcp"}
	if !s.IPP && e.Port > 0 && e.Port < 1<<16 {
		s.Port = e.Port
	}
	for _, field := range e.InfoFields {
		if pdl, ok := strings.CutPrefix(field, "pdl="); ok {
			s.PDL = append(s.PDL, strings.Split(clean(pdl), ",")...)
		}
	}
	return s, true
}
