package main

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/capture/line"
	"github.com/receiptd/receiptd/internal/hint"
)

// TestTakenPipeIsTold: a start that finds another receiptd on its pipe says in both languages what to do, and which pipe it is.
func TestTakenPipeIsTold(t *testing.T) {
	err := fmt.Errorf("capture till: %w: %s", line.ErrTaken, "/run/receiptd/till")
	for lang, mark := range map[language]string{"en": "would tear the slips", "zh": "撕成两半"} {
		var errs strings.Builder
		a := &app{stderr: &errs, lang: lang}
		code := a.exitCode(err)
		if got := errs.String(); code != exitFailed || !strings.Contains(got, mark) || !strings.Contains(got, "\n/run/receiptd/till") {
			t.Errorf("%d %s", code, got)
		}
	}
}

// TestForeignFileIsTold: a file in a capture's way that another user has made is named, with the command that moves it away: more rights for
// receiptd are no help.
func TestForeignFileIsTold(t *testing.T) {
	err := fmt.Errorf("capture till: %w", &line.ForeignError{Path: "/run/receiptd/.till.lock", Err: fs.ErrPermission})
	for lang, mark := range map[language]string{"en": "another user", "zh": "别的用户"} {
		var errs strings.Builder
		a := &app{stderr: &errs, lang: lang}
		code := a.exitCode(err)
		if got := errs.String(); code != exitNotPermitted || !strings.Contains(got, mark) || !strings.Contains(got, hint.MoveAway("/run/receiptd/.till.lock")) {
			t.Errorf("%d %s", code, got)
		}
	}
}
