package job

import (
	"bytes"
	"encoding/json"
)

// personal are the parts of a payload that are about a person: who ordered, where it goes, what was said, and what leads to it.
var personal = []string{"customer", "invoice", "remark", "remarks", "e_receipt"}

// WithoutPerson gives a job's content without what it says of a person: name, telephone, address, invoice, remarks, the link of a receipt,
// references of tenders. Dishes, amounts and numbers stay. changed is false where there was nothing of it.
func WithoutPerson(content []byte) (left []byte, changed bool, err error) {
	var all map[string]any
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.UseNumber() // an amount stays what it is
	if err := dec.Decode(&all); err != nil {
		return nil, false, err
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
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all); err != nil {
		return nil, false, err
	}
	return bytes.TrimSpace(out.Bytes()), true, nil
}
