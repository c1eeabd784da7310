package link

import "errors"

func openUSB(d Device) (Conn, error)      { return nil, openError(d, errors.ErrUnsupported) }
func openUSBPrint(d Device) (Conn, error) { return nil, openError(d, errors.ErrUnsupported) }
func openSpooler(d Device) (Conn, error)  { return nil, openError(d, errors.ErrUnsupported) }
