package job

import (
	"encoding/json"
	"flag"
	"strings"
	"testing"
)

var linearSize = flag.Int("linear", 30_000, "bytes of text in TestGuardIsLinear, then twice as many; the gate takes 100000")

// TestGuardIsLinear: twice the text is at most 2.1 times the work, whatever its shape and wherever it stands.
func TestGuardIsLinear(t *testing.T) {
	shapes := map[string]string{
		"digits": "4", "digits with blanks": "4 ", "groups of four": "4111 ", "mixed letters": "a4b11", "cards": "4111111111111111 ", "cards in groups": "4111 1111 1111 1111, ",
		"cards with letters": "x4111111111111111y", "dashes": "4-", "dots": "411111.", "sixes and thirteens": "622202 4111111111111 ", "lines": "4111\n", "halves": "41111111\n11111111\n\n",
		"exponents": "4.111e15 ", "escapes": `\x34\x31`, "percent": "%34", "wide": "４", "circled": "④", "words": "四", "words in groups": "四一一一 ", "tracks": "4111111111111111=2812", "tags": "5A084111111111111111",
		"cells": "4111|1111|1111|1111\n", "stroke": "4111|", "accounts": "DE4111111111111111 ", "capitals": "AB41", "braces": "{c:4111111111111111}\n", "brackets": "(10)4111111111111111",
		"labels": "order no. 4111111111111111 ", "hexadecimal": "ab4111111111111111cd", "objects": "0002015416411111111111111100", "zero width": "4\u200b", "decoration": `4"^`, "underlines": "4_", "silent lines": "4111\n{a:left}\n",
	}
	places := map[string]func(s string) []byte{
		"text":       func(s string) []byte { return document(`"blocks":[{"type":"text","text":` + s + `}]`) },
		"markup":     func(s string) []byte { return document(`"receiptline":` + s) },
		"code":       func(s string) []byte { return document(`"blocks":[{"type":"qr","data":` + s + `}]`) },
		"list":       func(s string) []byte { return document(`"title":[` + s + `,` + s + `,"4111","1111"]`) },
		"identifier": func(s string) []byte { return []byte(`{"job_id":` + s + `,"kind":"document","payload":{}}`) },
		"name":       func(s string) []byte { return document(s + `:1`) },
		"masked": func(s string) []byte {
			return []byte(`{"job_id":"x","kind":"reversal","payload":{"card":{"masked_pan":` + s + `}}}`)
		},
	}
	for shape, unit := range shapes {
		for place, put := range places {
			steps := func(units int) int {
				text, err := json.Marshal(strings.Repeat(unit, units))
				if err != nil {
					t.Fatal(err)
				}
				s := scanner{data: put(string(text)), build: true}
				root, err := s.document()
				if err != nil {
					t.Fatal(shape, place, err)
				}
				sh := shapeOf(&root)
				g := guard{facts: factsOf(&root, sh)}
				g.walk(&root, sh)
				return g.room.steps
			}
			n := *linearSize / 5
			if place == "text" || place == "markup" {
				n = *linearSize
			}
			if testing.Short() { // it counts steps, which the race detector changes nothing about
				n /= 10
			}
			units := max(1, n/len(unit)/16) * 16 // of four groups each: a row that is cards and nothing else costs more
			if one, two := steps(units), steps(2*units); 10*two > 21*one+10_000 {
				t.Errorf("%s in %s: %d steps, then %d", shape, place, one, two)
			} else if one > 400*n {
				t.Errorf("%s in %s: %d steps for %d bytes", shape, place, one, n)
			}
		}
	}
}

func document(payload string) []byte {
	return []byte(`{"job_id":"x","kind":"document","payload":{` + payload + `}}`)
}
