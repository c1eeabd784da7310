// Command receiptd prints payment slips with proof. See the README, or `receiptd help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run is the only place that touches arguments, environment and signals.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ()}
	app.lang = app.chooseLang(os.Args[1:])
	root := newRootCommand(app)
	root.SetArgs(os.Args[1:])
	return app.exitCode(root.ExecuteContext(ctx))
}
