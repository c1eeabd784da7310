package capture

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/capture/stream"
	"github.com/receiptd/receiptd/job"
)

// TestUnseenCard: a card number that the program takes back, or hides in what no paper shows, does not stay either. The slip comes out.
func TestUnseenCard(t *testing.T) {
	pan := strings.Repeat("4", 1) + strings.Repeat("1", 15)
	store := func(sort byte, fn byte, data string) string {
		return fmt.Sprintf("\x1d(k%c%c%c%c%s", len(data)+2, 0, sort, fn, data)
	}
	print49, pairs := store('1', 81, "0"), ""
	for i := 0; i < len(pan); i += 2 {
		pairs += string(rune((pan[i]-'0')*10 + pan[i+1] - '0'))
	}
	for name, sent := range map[string]string{
		"reset in the line":          pan + "\x1b@",
		"reset between two halves":   pan[:8] + "\x1b@" + pan[8:] + "\n",
		"page taken back":            "\x1bL" + pan + "\n\x18\x1bS",
		"page left":                  "\x1bL" + pan + "\x1bS",
		"line erased":                pan + "\x1dT\x30",
		"QR stored only":             store('1', 80, "0"+pan),
		"QR stored over":             store('1', 80, "0"+pan) + store('1', 80, "0hello") + print49,
		"QR printed behind another":  store('1', 80, "0"+pan) + store('0', 80, "0hello") + print49,
		"a setting with text in it":  store('1', 67, pan),
		"a character set's name":     "\x1c(C\x12\x000\x02" + pan,
		"a picture's place with one": "\x1d(P\x10\x00" + pan,
		"pairs of CODE128":           "\x1dkI" + string(rune(2+len(pairs))) + "{C" + pairs,
	} {
		var slip stream.Slip
		r := stream.NewReader(stream.Options{})
		for b := []byte("\x1b@Receipt\n" + sent + "\nTotal 4.00\n"); len(b) > 0; {
			n, _ := r.Next(b)
			b = b[n:]
		}
		slip = r.Take(true)
		res := Job(job.Parser{}, "till", "x", "", time.Now(), slip, nil)
		if res.Job == nil {
			t.Errorf("%s: %v", name, res.Errors)
			continue
		}
		if res.Job.Captured() || bytes.Contains(res.Job.JSON, []byte(pan)) {
			t.Errorf("%s: it stays: %q", name, slip.Stream)
		}
		if lines := strings.Join(res.Job.Lines(), "\n"); !strings.Contains(lines, "Total 4.00") || !strings.Contains(lines, "Receipt") {
			t.Errorf("%s: %q", name, lines)
		}
	}
	// What is taken back and is no card number changes nothing.
	slips := stream.Read([]byte("\x1b@Receipt\nTea\x1b@\nTotal 4.00\n"+store('1', 80, "0https://a.example")+print49), stream.Options{})
	if res := Job(job.Parser{}, "till", "x", "", time.Now(), slips[0], nil); res.Job == nil || !res.Job.Captured() || strings.Contains(string(res.Job.JSON), `"Tea`) {
		t.Errorf("%+v", res)
	}
}

// TestBlankFirst: a blank line before a title, between two cuts or at the end keeps no slip from being taken.
func TestBlankFirst(t *testing.T) {
	for name, c := range map[string]struct{ sent, want string }{
		"before a large title":      {"\x1b@\n\x1d!\x11SHOP\n\x1d!\x00Tea 4.00\n", "|SHOP|Tea 4.00"},
		"before a centred one":      {"\x1b@ \n\n\x1ba\x01SHOP\n", "||SHOP"},
		"before a code":             {"\x1b@\n\x1ba\x01\x1dkI\x04{B12\n", "|[CODE128 12]|"},
		"behind a cut":              {"\x1b@Tea\n\x1dVB\x00\n\x1bE\x01SHOP\n", "Tea|||SHOP"},
		"between two cuts":          {"\x1b@Tea\n\x1dVB\x00\n\x1dVB\x00Milk\n", "Tea|||Milk"},
		"behind the last of a slip": {"\x1b@Tea\n\x1dVB\x00\n", "Tea|"},
	} {
		t.Run(name, func(t *testing.T) {
			r := stream.NewReader(stream.Options{})
			for b := []byte(c.sent); len(b) > 0; {
				n, _ := r.Next(b)
				b = b[n:]
			}
			res := Job(job.Parser{}, "till", "x", "", time.Now(), r.Take(true), nil)
			if res.Job == nil {
				t.Fatal(res.Errors)
			}
			if got := strings.Join(res.Job.Lines(), "|"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
