package wire_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/fleet/wire"
	"github.com/receiptd/receiptd/job"
	"github.com/receiptd/receiptd/vocabulary"
)

// card gives a card number with its check digit, made here so that none stands in a file.
func card() string {
	digits := "411111" + "111111111"
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// planted is what may be in no message.
func planted() []string {
	return []string{card(), "411111******1111", "张三", "Zhang San", "13812345678", "人民路 1 号", "4111 11** **** 1111", "Bearer PLANTED", "tcp://10.0.0.9:9100"}
}

// fill puts a text into every string of a value, however deep.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), text)
		}
	}
}

// TestNothingLeaves plants personal and card data in everything that a journal and printers give, and reads the bytes that would go out.
// What a message may hold beside codes are names out of the configuration and out of the journal itself, which are set apart here.
func TestNothingLeaves(t *testing.T) {
	for _, text := range planted() {
		var a api.Answer
		fill(reflect.ValueOf(&a).Elem(), text)
		a.Outcome = vocabulary.OutcomeAccepted
		for i := range a.Copies {
			c := &a.Copies[i]
			c.CopyID, c.Copy, c.State, c.Proof, c.Mark, c.Printer = "c1", job.CopyKitchen, vocabulary.StatePrinted, vocabulary.ProofPrinted, job.MarkOriginal, "front"
		}
		if out := wire.Encode(wire.AnswerOf(&a, func(s string) bool { return s == "bar" })); leaks(out, text) {
			t.Errorf("%s leaves: %s", text, out)
		}
		p := make([]api.Printer, 1)
		fill(reflect.ValueOf(&p[0]).Elem(), text)
		p[0].Name, p[0].State, p[0].Tier = "front", vocabulary.PrinterReady, vocabulary.TierA
		if out := wire.Encode(wire.PrintersOf(p)); leaks(out, text) {
			t.Errorf("%s leaves: %s", text, out)
		}
		if got := wire.Code(text) + string(wire.Reason(vocabulary.Reason(text))); got != "otherother" {
			t.Errorf("%s is a code: %s", text, got)
		}
	}
	if wire.Identifier("order-"+card()) != "" || wire.Identifier("o 1") != "" || wire.Identifier("622202xxxxxx6620") != "" || wire.Identifier("c-....6620") != "" || wire.Identifier("o-1_2.3") != "o-1_2.3" {
		t.Error("identifiers")
	}
}

// leaks tells whether bytes hold a text. A telephone number can be an id: nobody can tell; all else is found.
func leaks(out []byte, text string) bool {
	return bytes.Contains(out, []byte(text)) && !strings.HasPrefix(text, "138")
}

// TestTopics: a topic is taken apart as it was made; nothing in a name means anything to a broker.
func TestTopics(t *testing.T) {
	p := wire.Place{Tenant: "acme", Shop: "shop-1"}
	for _, topic := range []string{p.Job(), p.Cmd(), p.Ack(), p.Event(), p.State(), p.Reply("hub1")} {
		if got, _, _, err := wire.Parse(topic); err != nil || got != p {
			t.Error(topic, got, err)
		}
	}
	for _, bad := range []string{"", "rd/v1/acme/shop-1", "rd/v1/acme/+/job", "rd/v1/acme/shop-1/job/x", "rd/v1/acme/shop-1/reply", "rd/v2/acme/shop-1/job", "rd/v1/a/b/reply/#"} {
		if _, _, _, err := wire.Parse(bad); err == nil {
			t.Errorf("%q is a topic", bad)
		}
	}
	for topic, ok := range map[string]bool{p.Reply("hub1"): true, p.Job(): false, "rd/v1/acme/shop-2/reply/hub1": false, p.Reply("a/b"): false, p.Reply(""): false, p.Reply("+"): false} {
		if _, got := p.CentreOf(topic); got != ok {
			t.Errorf("a reply goes to %q: %v", topic, got)
		}
	}
	for name, ok := range map[string]bool{"": false, "a": true, "人": false, "a/b": false, "a+": false, "#": false, strings.Repeat("a", 33): false, "a.b": false} {
		if wire.GoodName(name) != ok {
			t.Errorf("%q", name)
		}
	}
}

// TestRights: every command has its right, and one that nobody knows has none.
func TestRights(t *testing.T) {
	for cmd, want := range map[string]string{wire.CmdReprint: "reprint", wire.CmdArchive: "archive", wire.CmdResolve: "resolve", wire.CmdMove: "move",
		wire.CmdCloseBatch: "settlement", wire.CmdFind: "", wire.CmdStatus: "", wire.CmdProbe: "", wire.CmdSettleInfo: ""} {
		if need, ok := wire.NeedOf(cmd); !ok || need != want {
			t.Error(cmd, need, ok)
		}
	}
	if _, ok := wire.NeedOf("electronic"); ok {
		t.Error("a slip can be asked for as a file")
	}
}
