package config

import (
	"cmp"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A place is a file or a folder that the configuration names.
type place struct {
	key  string
	path *string
}

// places are all files and folders that a configuration names.
func places(c *Config) []place {
	all := []place{{"spool.dir", &c.Spool.Dir}, {"data.dir", &c.Data.Dir}, {"templates.dir", &c.Templates.Dir}, {"log.file", &c.Log.File},
		{"http.cert_file", &c.HTTP.CertFile}, {"http.key_file", &c.HTTP.KeyFile}, {"fleet.ca", &c.Fleet.CA}, {"fleet.cert", &c.Fleet.Cert}, {"fleet.key", &c.Fleet.Key}}
	if !storedLogo.MatchString(c.Slip.Logo) {
		all = append(all, place{"slip.logo", &c.Slip.Logo})
	}
	for i := range c.Printers {
		all = append(all, place{fmt.Sprintf("printer[%d].font", i), &c.Printers[i].Font})
	}
	for i := range c.Notify {
		n, key := &c.Notify[i], fmt.Sprintf("notify[%d].", i)
		all = append(all, place{key + "url_file", &n.URLFile}, place{key + "secret_file", &n.SecretFile}, place{key + "ca_file", &n.CAFile})
	}
	for i := range c.Captures {
		all = append(all, c.Captures[i].place(fmt.Sprintf("capture[%d].listen", i)))
	}
	return all
}

// folders wants nothing of receiptd's own in the folders of the drop folder: whatever lies there is taken for a job and removed, or removed when
// it is old. A journal there would be gone at once.
func (v values) folders(c *Config) {
	if c.Spool.Dir == "" {
		return
	}
	var taken, own []string
	for _, name := range []string{"incoming", "results", "rejected", ".taken"} {
		taken = append(taken, filepath.Join(c.Spool.Dir, name))
	}
	all := places(c)
	for _, p := range all {
		own = append(own, *p.path)
	}
	for i, folder := range Inside(taken, own) {
		if folder != "" {
			v.add(all[i].key, fmt.Sprintf("在投递文件夹的 %s 里，放在那里的东西会被当作任务收走或清掉；换一个文件夹", folder),
				fmt.Sprintf("lies in %s of the drop folder, where everything is taken for a job or cleared away; choose another folder", folder))
		}
	}
}

// longestLook bounds how long the disk is asked for symbolic links: a share that has gone away may never answer.
const longestLook = 2 * time.Second

// looks are those at disks that have not answered yet. A look that never ends keeps its place: so many goroutines, and threads of the
// system, may a dead share keep, however often the configuration is read.
var looks = make(chan struct{}, 4)

// Inside gives for each path that of the folders which it is or lies in, "" for none and for an empty path. Symbolic links are followed as
// far as they exist, where the disk answers soon; if it does not, the names alone count: it is a look for mistakes, not for attackers.
func Inside(folders, paths []string) []string {
	return inside(folders, paths, follower{followed, looks}.follow(slices.Concat(folders, paths), time.After(longestLook)))
}

// A follower asks the disk where paths really lead.
type follower struct {
	ask   func(string) string
	looks chan struct{} // a place for each look that is under way
}

// follow asks once for each path, and gives the answers by path, none if they are not there until late. A look that never ends keeps its place
// and its goroutine.
func (f follower) follow(paths []string, late <-chan time.Time) map[string]string {
	answer := make(chan map[string]string, 1)
	look := func() {
		defer func() { <-f.looks }()
		real := map[string]string{}
		for _, path := range paths {
			if _, ok := real[path]; !ok && path != "" {
				real[path] = f.ask(path)
			}
		}
		answer <- real
	}
	select {
	case f.looks <- struct{}{}:
		go look()
	case <-late:
		return nil
	}
	select {
	case real := <-answer:
		return real
	case <-late:
		return nil
	}
}

// inside compares paths; real is where they lead, as far as it is known.
func inside(folders, paths []string, real map[string]string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		at := slices.IndexFunc(folders, func(folder string) bool {
			return path != "" && within(absolute(cmp.Or(real[folder], folder)), absolute(cmp.Or(real[path], path)))
		})
		if at >= 0 {
			out[i] = folders[at]
		}
	}
	return out
}

// within reports whether a path is a folder or lies in it, by their names.
func within(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// followed is a path without symbolic links; what does not exist yet is left as it is written.
func followed(path string) string {
	path = absolute(path)
	rest := ""
	for at := path; ; at = filepath.Dir(at) {
		if real, err := filepath.EvalSymlinks(at); err == nil {
			return filepath.Join(real, rest)
		}
		if at == filepath.Dir(at) {
			return path
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// ownPorts wants no printer at an address where receiptd itself listens: what goes out would come in again, without end. Nor may two of its
// own doors have one port.
func (v values) ownPorts(c *Config) {
	own := map[string][]string{} // addresses by key
	for i, p := range c.Captures {
		own[fmt.Sprintf("capture[%d].listen", i)] = []string{strings.TrimPrefix(p.Listen, "tcp://")}
	}
	own["http.listen"] = c.HTTP.Listen
	if c.HTTP.LAN {
		own["http.lan_listen"] = c.HTTP.LANListen
	}
	for _, key := range sortedKeys(own) {
		for _, addr := range own[key] {
			for i, p := range c.Printers {
				if device, tcp := strings.CutPrefix(p.Device, "tcp://"); tcp && samePort(withPort(device), addr) {
					v.add(fmt.Sprintf("printer[%d].device", i), "这是 receiptd 自己的地址（"+key+"），打出去的又会收进来；写打印机的地址",
						"is an address of receiptd itself ("+key+"): what it prints would come in again; give the printer's address")
				}
			}
			if strings.HasPrefix(key, "capture") && (meets(addr, c.HTTP.Listen) || c.HTTP.LAN && meets(addr, c.HTTP.LANListen)) {
				v.add(key, "页面也用这个地址（[http]）；每处要有自己的端口", "the page has this address ([http]); each needs a port of its own")
			}
		}
	}
}

func meets(addr string, all []string) bool {
	for _, other := range all {
		if samePort(addr, other) {
			return true
		}
	}
	return false
}

// withPort adds the port of network printers where an address has none.
func withPort(addr string) string {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return net.JoinHostPort(strings.Trim(addr, "[]"), "9100")
	}
	return addr
}

// samePort reports whether one who connects to the first address meets one who listens at the second, as far as the two tell by themselves.
func samePort(to, at string) bool {
	host, port, err := net.SplitHostPort(to)
	door, own, err2 := net.SplitHostPort(at)
	if err != nil || err2 != nil || number(port) != number(own) {
		return false
	}
	a, b := net.ParseIP(host), net.ParseIP(door)
	here := host == "localhost" || a != nil && (a.IsLoopback() || a.IsUnspecified())
	switch {
	case door == "" || b != nil && b.IsUnspecified():
		return here || host == ""
	case door == "localhost" || host == "localhost":
		return here && (door == "localhost" || b != nil && b.IsLoopback())
	case a != nil && a.IsUnspecified():
		return b != nil && b.IsLoopback()
	}
	return a != nil && b != nil && a.Equal(b)
}

func number(port string) int {
	n, err := strconv.Atoi(port)
	if err != nil {
		return -1
	}
	return n
}
