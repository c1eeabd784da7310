package evidence_test

import (
	"testing"

	"github.com/receiptd/receiptd/printer/evidence"
)

// TestIDTwice: an id that comes once more, long after the answers behind it, shows nothing of a device that sends its ids when it has read:
// the first one counts.
func TestIDTwice(t *testing.T) {
	const once = "0 ask sign 3;" + fourAsked + "2.5 id; 2.6 order; 2.6 order; 2.7 id2; 2.8 order; 2.8 order; 2.9 sign; 3.9 ask poll; 4 well asked 3.9"
	for _, tape := range []string{once, once + "; 4.5 id", once + "; 4.5 id2", once + "; 4.5 id; 4.6 id2"} {
		c := &evidence.Case{T: transcript(t, tape), Slip: newA, Device: unknown, Now: at(12)}
		if got := evidence.Judge(c); got.State == evidence.Printed || got.Behind || c.FoundBehind() {
			t.Errorf("%s: %+v", tape, got)
		}
	}
	c := &evidence.Case{T: transcript(t, fourAsked+"2.4 order; 2.4 order; 2.5 id; 2.6 order; 2.6 order; 2.7 id2"), Slip: newA, Device: unknown, Now: at(12)}
	if !c.FoundBehind() {
		t.Error("an id that comes behind the answers is not seen")
	}
}
