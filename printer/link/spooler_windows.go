package link

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	winspool         = windows.NewLazySystemDLL("winspool.drv")
	openPrinter      = winspool.NewProc("OpenPrinterW")
	closePrinter     = winspool.NewProc("ClosePrinter")
	startDocPrinter  = winspool.NewProc("StartDocPrinterW")
	endDocPrinter    = winspool.NewProc("EndDocPrinter")
	startPagePrinter = winspool.NewProc("StartPagePrinter")
	endPagePrinter   = winspool.NewProc("EndPagePrinter")
	writePrinter     = winspool.NewProc("WritePrinter")
	abortPrinter     = winspool.NewProc("AbortPrinter")
	enumPrinters     = winspool.NewProc("EnumPrintersW")
)

func openSpooler(d Device) (Conn, error) { return openQueue(winSpooler{}, d) }

// winSpooler is spooler over winspool.drv.
type winSpooler struct{}

// docInfo is DOC_INFO_1W.
type docInfo struct {
	name, output, datatype *uint16
}

// call makes one winspool call; they return 0 and set the last error when they fail. Memory that args point to is kept
// in place until it returns.
//
//go:uintptrescapes
func call(p *windows.LazyProc, args ...uintptr) (uintptr, error) {
	if err := p.Find(); err != nil {
		return 0, fmt.Errorf("%s: %w", p.Name, err)
	}
	r, _, err := p.Call(args...)
	if r == 0 {
		return 0, fmt.Errorf("%s: %w", p.Name, err)
	}
	return r, nil
}

func (winSpooler) open(queue string) (uintptr, error) {
	name, err := windows.UTF16PtrFromString(queue)
	if err != nil {
		return 0, fmt.Errorf("queue name: %w", err)
	}
	var h uintptr
	_, err = call(openPrinter, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&h)), 0)
	return h, err
}

func (winSpooler) startDoc(h uintptr, title string) error {
	name, err := windows.UTF16PtrFromString(title)
	if err != nil {
		return fmt.Errorf("document title: %w", err)
	}
	raw, err := windows.UTF16PtrFromString("RAW")
	if err != nil {
		return fmt.Errorf("document type: %w", err)
	}
	info := docInfo{name: name, datatype: raw}
	if _, err := call(startDocPrinter, h, 1, uintptr(unsafe.Pointer(&info))); err != nil {
		return err
	}
	_, err = call(startPagePrinter, h)
	return err
}

func (winSpooler) write(h uintptr, p []byte) (int, error) {
	var n uint32
	_, err := call(writePrinter, h, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)), uintptr(unsafe.Pointer(&n)))
	return int(n), err
}

func (winSpooler) endDoc(h uintptr) error {
	if _, err := call(endPagePrinter, h); err != nil {
		return err
	}
	_, err := call(endDocPrinter, h)
	return err
}

func (winSpooler) abort(h uintptr) error {
	_, err := call(abortPrinter, h)
	return err
}

func (winSpooler) close(h uintptr) error {
	_, err := call(closePrinter, h)
	return err
}

// printerInfo4 is PRINTER_INFO_4W.
type printerInfo4 struct {
	name, server *uint16
	attributes   uint32
}

// localAndConnected is PRINTER_ENUM_LOCAL | PRINTER_ENUM_CONNECTIONS.
const localAndConnected = 2 | 4

// queues lists the print queues of this user.
func (winSpooler) queues() ([]string, error) {
	var need, count uint32
	buf := make([]byte, 16<<10)
	for {
		_, err := call(enumPrinters, localAndConnected, 0, 4, uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
			uintptr(unsafe.Pointer(&need)), uintptr(unsafe.Pointer(&count)))
		if err == nil {
			break
		}
		if int(need) <= len(buf) || need > 1<<20 {
			return nil, fmt.Errorf("list print queues: %w", err)
		}
		buf = make([]byte, need)
	}
	var names []string
	for _, p := range unsafe.Slice((*printerInfo4)(unsafe.Pointer(&buf[0])), count) {
		names = append(names, windows.UTF16PtrToString(p.name))
	}
	return names, nil
}
