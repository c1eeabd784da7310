package main

import "golang.org/x/sys/windows"

// hideEcho keeps a console from showing what is typed until restore is called.
func hideEcho(fd uintptr) (restore func(), err error) {
	console := windows.Handle(fd)
	var old uint32
	if err := windows.GetConsoleMode(console, &old); err != nil {
		return nil, err
	}
	if err := windows.SetConsoleMode(console, old&^windows.ENABLE_ECHO_INPUT|windows.ENABLE_LINE_INPUT|windows.ENABLE_PROCESSED_INPUT); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(console, old) }, nil // nothing else could be done about it
}

// giveTo does nothing: on Windows a file inherits the folder's rights.
func giveTo(string, string) error { return nil }
