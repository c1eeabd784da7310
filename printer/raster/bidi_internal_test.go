package raster

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func shownLine(text string, rtl bool) string {
	line := []rune(text)
	out := ""
	for _, s := range order(line, rtl) {
		for _, r := range s.shown(line) {
			out += string(r)
		}
	}
	return out
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		in, ltr, rtl string
	}{
		{"abc", "abc", "abc"},
		{"שלום", "םולש", "םולש"},
		{"a שלום b", "a םולש b", "b םולש a"},
		{"שלום 12.50", "12.50 םולש", "12.50 םולש"},
		{"שלום 12.50 תודה", "הדות 12.50 םולש", "הדות 12.50 םולש"},
		{"תודה (רבה) x", "(הבר) הדות x", "x (הבר) הדות"},
		{"א 1/2 ב x ג", "ב 1/2 א x ג", "ג x ב 1/2 א"},
		{"סה\"כ ₪12.50 (x2)", "₪12.50 כ\"הס (x2)", "(x2) ₪12.50 כ\"הס"},
		{"المجموع 1,234.50 SAR", "1,234.50 عومجملا SAR", "SAR 1,234.50 عومجملا"},
		{"Total المجموع 20%", "Total 20 عومجملا%", "%20 عومجملا Total"},
	} {
		if got := shownLine(c.in, false); got != c.ltr {
			t.Errorf("%q from left to right is shown as %q, want %q", c.in, got, c.ltr)
		}
		if got := shownLine(c.in, true); got != c.rtl {
			t.Errorf("%q from right to left is shown as %q, want %q", c.in, got, c.rtl)
		}
	}
}

// tool gives the path of a program of Debian's, or skips: the gate installs it.
func tool(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed (Debian: %s)", name, pkg)
		}
		t.Skipf("%s is not installed (Debian: %s)", name, pkg)
	}
	return path
}

// Random lines of letters of both directions, digits, separators, signs and brackets stand where GNU FriBidi puts them.
func TestOrderAgainstFriBidi(t *testing.T) {
	fribidi := tool(t, "fribidi", "libfribidi-bin")
	tokens := []string{"a", "bc", "א", "בג", "ع", "رب", " ", " ", "1", "23", "4.5", "١٢", ",", ".", ":", "/", "-", "+", "%", "$", "₪", "(", ")", "[x]", "元", "#", "*", "!"}
	random := rand.New(rand.NewPCG(3, 4))
	lines := make([]string, 4000)
	for i := range lines {
		for range 1 + random.IntN(12) {
			lines[i] += tokens[random.IntN(len(tokens))]
		}
	}
	for _, base := range []string{"--ltr", "--rtl"} {
		cmd := exec.Command(fribidi, "--charset", "UTF-8", "--nobreak", "--novisual", "--vtol", base)
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		if len(want) != len(lines) {
			t.Fatalf("%d lines of %d", len(want), len(lines))
		}
		bad := 0
		for i, line := range lines {
			if got := positions([]rune(line), base == "--rtl"); strings.Join(got, " ") != strings.TrimSpace(want[i]) {
				if bad++; bad <= 5 {
					t.Errorf("%q (%s) is shown as %q, want %q", line, base, got, want[i])
				}
			}
		}
		if bad > 0 {
			t.Errorf("%d of %d lines differ", bad, len(lines))
		}
	}
}

// positions gives the places of a line's characters from left to right.
func positions(line []rune, rtl bool) (out []string) {
	for _, s := range order(line, rtl) {
		for i := range s.to - s.from {
			at := s.from + i
			if s.rtl {
				at = s.to - 1 - i
			}
			out = append(out, strconv.Itoa(at))
		}
	}
	return out
}
