package link

// OpenPort opens a serial device the way systems without a second descriptor do.
func OpenPort(device string) (Conn, error) {
	d, err := Parse(device)
	if err != nil {
		return nil, err
	}
	return openPort(d)
}
