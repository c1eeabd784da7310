//go:build !windows

package link

import "errors"

func openUSBPrint(d Device) (Conn, error) { return nil, openError(d, errors.ErrUnsupported) }
func openSpooler(d Device) (Conn, error)  { return nil, openError(d, errors.ErrUnsupported) }
