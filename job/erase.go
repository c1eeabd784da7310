package job

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// personal are the parts of a payload that are about a person: who ordered, where it goes, what was said, and what leads to it.
var personal = []string{"customer", "invoice", "remark", "remarks", "e_receipt"}

// WithoutPerson gives a job's content without what it says of a person: name, telephone, address, invoice, remarks, the link of a receipt,
// references of tenders. Dishes, amounts and numbers stay. A document is free text: of it nothing stays. changed is false where there was nothing of it.
func WithoutPerson(content []byte) (left []byte, changed bool, err error) {
	var all map[string]any
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.UseNumber() // an amount stays what it is
	if err := dec.Decode(&all); err != nil {
		return nil, false, err
	}
	if all["kind"] == string(KindDocument) {
		left, err = withoutContent(all)
		return left, true, err
	}
	payload, _ := all["payload"].(map[string]any)
	for _, key := range personal {
		if _, ok := payload[key]; ok {
			delete(payload, key)
			changed = true
		}
	}
	tenders, _ := payload["tenders"].([]any)
	for _, one := range tenders {
		if t, ok := one.(map[string]any); ok && t["reference"] != nil {
			delete(t, "reference")
			changed = true
		}
	}
	if !changed {
		return content, false, nil
	}
	left, err = encode(all)
	return left, true, err
}

// withoutContent gives a document, captured ones too, with nothing of what it printed: a text says instead that it was erased. What of it is
// about a person nobody can tell, so all of it goes. What rules read off a captured slip stays: amounts and numbers of the payment.
func withoutContent(all map[string]any) ([]byte, error) {
	payload, _ := all["payload"].(map[string]any)
	left := map[string]any{"blocks": []any{map[string]any{"type": BlockText, "text": "已按要求删除\nERASED ON REQUEST"}}}
	if c, ok := payload["capture"].(map[string]any); ok {
		delete(c, "stream")
		left["capture"] = c
	}
	all["payload"] = left
	return encode(all)
}

// Shows tells whether a word stands in one of the texts of a document, captured ones too, as no part of a longer one. Other jobs have a field
// for an order's number.
func Shows(content []byte, word string) bool {
	var all map[string]any
	if word == "" || !bytes.Contains(content, []byte(word)) || json.Unmarshal(content, &all) != nil || all["kind"] != string(KindDocument) {
		return false
	}
	return shows(all["payload"], word)
}

func shows(value any, word string) bool {
	switch v := value.(type) {
	case string:
		return hasWord(v, word)
	case []any:
		for _, x := range v {
			if shows(x, word) {
				return true
			}
		}
	case map[string]any:
		for key, x := range v {
			if key != "capture" && shows(x, word) { // what was sent stands in the blocks too, in words
				return true
			}
		}
	}
	return false
}

// hasWord finds a word that is no part of a longer one.
func hasWord(text, word string) bool {
	inside := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '-' || r == '_'
	}
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at+i])
		after, _ := utf8.DecodeRuneInString(text[at+i+len(word):])
		if !inside(before) && !inside(after) {
			return true
		}
		at += i + 1
	}
}

func encode(all map[string]any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}
