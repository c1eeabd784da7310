package daemon_test

import (
	"os"
	"testing"
	"time"

	"github.com/receiptd/receiptd/internal/daemon"
	"github.com/receiptd/receiptd/internal/parallel"
)

func TestMain(m *testing.M) {
	parallel.AtLeast(6) // they wait for printers, but each has a journal that syncs, and a printer whose answer comes 0.8 s late is silent
	daemon.SetStopLimit(time.Minute)
	os.Exit(m.Run())
}
