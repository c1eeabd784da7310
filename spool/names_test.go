package spool_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/receiptd/receiptd/queue"
)

// The answer lies under exactly the file's name, whatever it is, and the claimed file goes.
func TestAnyNameIsAnswered(t *testing.T) {
	s := newShop(t)
	s.run()
	names := []string{"a b.json", "订单-1.json", "x", "100%.json", "60270435_931619_129632.json", "it's.json", "ends-.json"}
	for _, n := range []int{235, 236, 239, 240, 250, 251, 254, 255} {
		names = append(names, strings.Repeat("n", n-5)+".json")
	}
	names = append(names, strings.Repeat("单", 85), strings.Repeat("7", 16)+strings.Repeat("n", 239))
	if runtime.GOOS != "windows" {
		names = append(names, "latin-\xe9.json", "two\nlines.json", `back\slash.json`, "star*.json", "quote\".json", "colon:.json", "-rf", "0000000000000000001-x.json", "0000000000000000001")
	}
	for i, name := range names {
		s.dropAs(name, sale(t, i+1))
	}
	for i, name := range names {
		if a := s.answer(name); a.Outcome != queue.Accepted {
			t.Errorf("%q (%d): %+v", name, i, a)
		}
	}
	s.await("the claimed files to go", func() bool {
		left, err := os.ReadDir(s.path("spool", ".taken"))
		return err == nil && len(left) == 0
	})
}

// dropAs drops a file under a name that leaves no room for another name of its own.
func (s *shop) dropAs(name string, data []byte) {
	s.t.Helper()
	if err := os.WriteFile(s.incoming(".next.tmp"), data, 0o660); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.incoming(".next.tmp"), s.incoming(name)); err != nil {
		s.t.Fatal(err)
	}
}

// A name that holds a card number is answered under that name, and two that look the same when they are masked each have their
// own answer. The number is nowhere but in the names in incoming, .taken and results: not in an answer, the journal, the log.
func TestCardNumberInAName(t *testing.T) {
	s := newShop(t)
	stop := s.run()
	// Published by the schemes for tests; the first two look the same when they are masked.
	numbers := []string{"4111111111111111", "4012888888881111", "5555555555554444"}
	numbers[1] = likeness(numbers[0])
	bad := "5105105105105100"
	for i, n := range numbers {
		s.drop(n+".json", sale(t, i+1))
	}
	s.drop(bad+".json", []byte(`{"job_id":"b","kind":"nonsense"}`))
	must := func(n, id string) {
		t.Helper()
		a := s.answer(n + ".json")
		if id != a.JobID || !strings.HasSuffix(a.File, n[12:]+".json") || strings.Contains(a.File, n) {
			t.Errorf("answer for %s: %+v", id, a)
		}
	}
	must(numbers[0], "sale-000001")
	must(numbers[1], "sale-000002")
	must(numbers[2], "sale-000003")
	must(bad, "b")
	if err := os.Mkdir(s.incoming("4242424242424242"), 0o700); err != nil { // left there, and told of
		t.Fatal(err)
	}
	s.answer("4242424242424242")
	s.await("a masked copy of the refused job", func() bool {
		list, err := os.ReadDir(s.path("spool", "rejected"))
		return err == nil && len(list) == 1
	})
	stop()
	if err := s.journal.Close(); err != nil {
		t.Fatal(err)
	}
	all := append(numbers, bad, "4242424242424242")
	nowhere := func(where string, text string) {
		t.Helper()
		for _, n := range all {
			if strings.Contains(text, n) {
				t.Errorf("%s holds %s", where, n)
			}
		}
	}
	nowhere("the log", s.log.String())
	err := filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		nowhere(path, string(data))
		if strings.Contains(path, "rejected") {
			nowhere("a name", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// likeness makes another number with the same first six and last four digits and a right check digit.
func likeness(number string) string {
	d := []byte(number)
	for i := 0; i < 100; i++ {
		d[8], d[9] = byte('0'+i/10), byte('0'+i%10)
		if luhn(d) && string(d) != number {
			return string(d)
		}
	}
	return ""
}

func luhn(d []byte) bool {
	sum := 0
	for i, c := range d {
		n := int(c - '0')
		if (len(d)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
