// Command receiptd prints payment slips with proof. See the README, or `receiptd help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run()) }

// run is the only place that touches arguments, environment and signals.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer func() {
		signal.Ignore(os.Interrupt, syscall.SIGTERM) // what is done is done: the exit code says so
		stop()
	}()
	app := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), hangups: hangups}
	app.lang = app.chooseLang(os.Args[1:])
	root := newRootCommand(app)
	root.SetArgs(os.Args[1:])
	return app.run(ctx, root)
}

// run does what the command line says, and gives the program's exit code.
func (a *app) run(ctx context.Context, root *cobra.Command) int {
	asked, err := root.ExecuteContextC(ctx)
	a.asked = asked
	return a.exitCode(err)
}

// hangups are the signals that ask a running daemon to read its configuration again. Only `receiptd run` asks for them: any
// other command ends with its terminal.
func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}
