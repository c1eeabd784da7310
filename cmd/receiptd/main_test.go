package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/receiptd/receiptd/internal/parallel"
)

// asProgram makes the test binary behave as receiptd itself: tests start it as a real process that can be killed.
const asProgram = "RECEIPTD_TEST_AS_PROGRAM"

// breaksOff is the value of asProgram that makes it panic.
const breaksOff = "panic"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
	case breaksOff:
		go func() { panic("a fault of the program") }()
		select {}
	default:
		os.Exit(run())
	}
	parallel.AtLeast(8) // they wait for other processes
	testscript.Main(m, map[string]func(){"receiptd": func() { os.Exit(run()) }})
}
