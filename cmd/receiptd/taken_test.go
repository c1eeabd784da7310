package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/capture/line"
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
