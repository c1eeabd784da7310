package link

import (
	"context"
	"path/filepath"
	"sort"
	"strings"
)

func scanSystem(ctx context.Context) []Found { return realUSB.scan(ctx) }

// scan lists USB printers first, then serial ports.
func (u usbTree) scan(ctx context.Context) []Found {
	return append(u.scanUSB(ctx), u.scanSerial(ctx)...)
}

func (u usbTree) scanUSB(ctx context.Context) (out []Found) {
	all, err := u.printers()
	if err != nil {
		return []Found{found(Device{Scheme: USB}, Words{ZH: "USB 打印机", EN: "USB printers"}, err)}
	}
	for _, n := range all {
		if ctx.Err() != nil {
			return out
		}
		d := n.device(all)
		c, err := u.open(d)
		if err == nil {
			err = c.Close()
		}
		name := strings.Join(strings.Fields(n.maker+" "+n.product+" "+n.path), " ")
		out = append(out, found(d, Words{ZH: "USB 打印机 " + name, EN: "USB printer " + name}, err))
	}
	return out
}

// serialNames are the names that Linux drivers give to serial ports.
var serialNames = []string{"ttyUSB*", "ttyACM*", "ttyS*", "ttyAMA*", "ttyHS*", "ttyO*", "ttymxc*", "rfcomm*"}

func (u usbTree) scanSerial(ctx context.Context) (out []Found) {
	for _, pattern := range serialNames {
		paths, _ := filepath.Glob(filepath.Join(u.dev, pattern)) // errs for a bad pattern only
		sort.Strings(paths)
		for _, p := range paths {
			if ctx.Err() != nil {
				return out
			}
			class := filepath.Join(u.sys, "class/tty", filepath.Base(p))
			if attr(class, "type") == "0" { // PORT_UNKNOWN: the kernel keeps names for ports that are not there
				continue
			}
			out = append(out, found(usualSerial(p), u.describe(class), u.tryPort(p)))
		}
	}
	return out
}

// tryPort opens and locks a port as Open would, without touching its settings.
func (u usbTree) tryPort(path string) error {
	d := usualSerial(path)
	fd, err := openFd(u.calls, path)
	if err != nil {
		return openError(d, err)
	}
	err = claim(fd.fd, path)
	if cerr := fd.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return openError(d, err)
	}
	return nil
}

// describe names the USB adapter behind a port, up to four folders above its entry in sysfs.
func (u usbTree) describe(class string) Words {
	dir, err := filepath.EvalSymlinks(filepath.Join(class, "device"))
	for i := 0; err == nil && i < 4; i++ {
		if product := attr(dir, "product"); product != "" {
			name := strings.TrimSpace(attr(dir, "manufacturer") + " " + product)
			return Words{ZH: "USB 转串口 " + name, EN: "USB serial adapter " + name}
		}
		dir = filepath.Dir(dir)
	}
	return serialPort
}
