package daemon_test

import (
	"os"
	"testing"

	"github.com/receiptd/receiptd/internal/parallel"
)

func TestMain(m *testing.M) {
	parallel.AtLeast(12) // they wait for printers, but each has a journal that syncs
	os.Exit(m.Run())
}
