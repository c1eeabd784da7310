//go:build !linux

package link_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/link"
)

func descriptors(*testing.T) int { return 0 }

func addSystemLinks(*testing.T, map[string]func() (link.Conn, error)) {}
