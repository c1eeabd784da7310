//go:build !linux

package link

func openSerial(d Device) (Conn, error) { return openPort(d) }
