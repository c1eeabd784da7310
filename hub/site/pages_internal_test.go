package site

import (
	"testing"

	"github.com/receiptd/receiptd/internal/apitest"
)

// The pages are parsed only when somebody looks; here all of them are, and there is one of each name that is asked for.
func TestPagesParse(t *testing.T) {
	all, err := pages()
	apitest.Pages(t, all, err)
}
