package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// hub is the kernel's virtual USB host controller (vhci-hcd).
const hub = "/sys/devices/platform/vhci_hcd.0"

// freePort is a port of the hub with nothing in it. A line of its status reads "hs  0000 004 000 ...": 004 is free.
func freePort() (int, error) {
	text, err := os.ReadFile(hub + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kind string
		var port, state int
		if n, _ := fmt.Sscanf(line, "%s %d %d", &kind, &port, &state); n == 3 && kind == "hs" && state == 4 {
			return port, nil
		}
	}
	return 0, errors.New("every port of the hub is taken")
}

// plug gives one end of a socket to the hub and joins the other with the stream, until the stream ends.
func plug(s *stream) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	mine := os.NewFile(uintptr(ends[1]), "usb")
	c, err := net.FileConn(mine)
	mine.Close()
	if err != nil {
		return err
	}
	defer c.Close()
	const highSpeed = 3
	err = os.WriteFile(hub+"/attach", fmt.Appendf(nil, "%d %d %d %d", port, ends[0], 1<<16|(port+1), highSpeed), 0o200)
	syscall.Close(ends[0])
	if err != nil {
		return err
	}
	go io.Copy(s, c)
	_, _ = io.Copy(c, s)
	err = os.WriteFile(hub+"/detach", fmt.Appendf(nil, "%d", port), 0o200)
	for range 500 { // the port is free when the kernel has let go of the device
		if text, _ := os.ReadFile(hub + "/status"); strings.Contains(string(text), fmt.Sprintf("%04d 004", port)) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}
