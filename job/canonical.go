package job

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// canonical appends a value as the journal keeps it: no white space, members sorted by name, null and unknown members
// left out, whole numbers as written.
func canonical(b []byte, n *node) []byte {
	switch n.kind {
	case 'o':
		mem := make([]*member, 0, len(n.mem))
		for i := range n.mem {
			if m := &n.mem[i]; m.there() {
				mem = append(mem, m)
			}
		}
		slices.SortFunc(mem, func(x, y *member) int { return strings.Compare(x.key, y.key) })
		b = append(b, '{')
		for i, m := range mem {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(quote(b, m.key), ':')
			b = canonical(b, &m.val)
		}
		return append(b, '}')
	case 'a':
		b = append(b, '[')
		for i := range n.arr {
			if i > 0 {
				b = append(b, ',')
			}
			b = canonical(b, &n.arr[i])
		}
		return append(b, ']')
	}
	return scalar(b, n)
}

func scalar(b []byte, n *node) []byte {
	switch n.kind {
	case 's':
		return quote(b, n.text)
	case 'z':
		return append(b, "null"...)
	case 'n':
		if n.text == "-0" {
			return append(b, '0')
		}
	}
	return append(b, n.text...)
}

// quote appends a JSON string with the fewest escapes; s is UTF-8.
func quote(b []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c != 0x7f {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[from:]...), '"')
}

// journalForm gives the canonical form of a whole job, and its content hash.
func journalForm(root *node) ([]byte, string) {
	b := canonical(nil, root)
	kind := canonical(nil, root.get("kind"))
	payload := canonical(make([]byte, 0, len(b)), root.get("payload"))
	return b, hashParts(kind, payload)
}

// hashParts is over kind and payload in canonical form, so that the same slip under another id compares equal.
func hashParts(kind, payload []byte) string {
	b := slices.Concat([]byte(`{"kind":`), kind, []byte(`,"payload":`), payload, []byte("}"))
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// redacted writes what may be kept of a job that was refused: everything, with the hidden values hidden.
func redacted(root *node) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, shown(nil, root), "", "  "); err != nil {
		return nil // cannot be: shown writes JSON
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func shown(b []byte, n *node) []byte {
	switch {
	case n.hide != "":
		return quote(b, n.hide)
	case n.kind == 'o':
		b = append(b, '{')
		for i := range n.mem {
			if i > 0 {
				b = append(b, ',')
			}
			key, _ := MaskCardNumbers(n.mem[i].key)
			b = append(quote(b, key), ':')
			b = shown(b, &n.mem[i].val)
		}
		return append(b, '}')
	case n.kind == 'a':
		b = append(b, '[')
		for i := range n.arr {
			if i > 0 {
				b = append(b, ',')
			}
			b = shown(b, &n.arr[i])
		}
		return append(b, ']')
	}
	return scalar(b, n)
}
