//go:build !linux && !windows

package link

import "errors"

func openUSB(d Device) (Conn, error) { return nil, openError(d, errors.ErrUnsupported) }
