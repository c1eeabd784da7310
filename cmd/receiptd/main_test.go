package main

import (
	"os"
	"testing"
)

// asProgram makes the test binary behave as receiptd itself: tests start it as a real process that can be killed.
const asProgram = "RECEIPTD_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run())
	}
	os.Exit(m.Run())
}
