package service

import (
	"context"
	"errors"
	"os"
)

// Accounts in the sense of Linux are not here: the service runs as the system.

func lookUp(string) (account, error) { return account{}, errors.ErrUnsupported }

func may(context.Context, account, string, string) bool { return true }

func give(*os.File, account) error { return nil }
