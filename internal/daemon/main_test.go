package daemon_test

import (
	"os"
	"testing"

	"github.com/receiptd/receiptd/internal/parallel"
)

func TestMain(m *testing.M) {
	parallel.AtLeast(8) // they wait for printers
	os.Exit(m.Run())
}
