//go:build wine

package wine

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/internal/cupstest"
	"github.com/receiptd/receiptd/printer/virtual"
)

// TestSpooler: slips through a print queue. wine's spooler has the queues of CUPS, and CUPS has the virtual printer behind a raw one: what
// receiptd.exe hands to winspool.drv lies on its paper. A queue tells nothing, so they are sent and never printed; a reprint is marked there too.
func TestSpooler(t *testing.T) {
	cups := cupstest.Start(t)
	printer := virtual.New(virtual.Options{Speed: virtual.Max})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served(t, func(ctx context.Context) error { return printer.ServeTCP(ctx, l) })
	cups.Raw(t, "slips", l.Addr().String())
	t.Setenv("CUPS_SERVER", cups.Socket) // wine's libcups asks there
	if r := receiptd(t, "--lang", "en", "printer", "scan"); !strings.Contains(r.out, "windows://slips") {
		t.Errorf("the queue is not found: %+v\n%s", r, cups.Log())
	}

	s := newShop(t, "queue", "windows://slips", "", printer)
	s.start()
	s.ready()
	name := s.drop(890001)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s\n%s\n%s", s.answer(name), s.log.String(), cups.Log())
		}
	})
	await(t, "both copies to be sent", func() bool { return strings.Count(s.answer(name), `"state": "sent"`) == 2 })
	await(t, "both copies on paper", func() bool { return len(printer.Pieces()) == 2 })
	for i, label := range []string{"MERCHANT COPY", "CARDHOLDER COPY"} {
		if text := printer.Pieces()[i].Text(); !strings.Contains(text, "890001") || !strings.Contains(text, label) || strings.Contains(text, "DUPLICATE") {
			t.Errorf("%s:\n%s", label, text)
		}
	}
	if st := printer.State(); len(st.NotDone) != 0 {
		t.Errorf("bytes changed on the way: %+v", st)
	}
	if r := receiptd(t, "--lang", "en", "reprint", "--voucher", "890001", "--operator", "01", "--config", s.root+`\receiptd.toml`); r.code != 0 {
		t.Fatalf("reprint: %+v", r)
	}
	await(t, "the reprint of both copies", func() bool { return len(printer.Pieces()) == 4 })
	for _, piece := range printer.Pieces()[2:] {
		if text := piece.Text(); !strings.Contains(text, "DUPLICATE") {
			t.Errorf("the reprint is not marked:\n%s", text)
		}
	}
}
