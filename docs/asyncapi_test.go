package docs_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/receiptd/receiptd/fleet/wire"
)

// TestAsyncAPI: the messages of the fleet are described as the program has them. What stands below "schemas:" is made from the types.
func TestAsyncAPI(t *testing.T) {
	const file = "asyncapi.yaml"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "  schemas:\n"
	at := bytes.Index(data, []byte(mark))
	if at < 0 {
		t.Fatal("no schemas")
	}
	var b strings.Builder
	b.Write(data[:at])
	b.WriteString(mark)
	done := map[reflect.Type]bool{}
	var todo []reflect.Type
	for _, v := range []any{wire.Command{}, wire.Ack{}, wire.Event{}, wire.State{}, wire.Answer{}, wire.Reply{}} {
		todo = append(todo, reflect.TypeOf(v))
	}
	for len(todo) > 0 {
		typ := todo[0]
		todo = todo[1:]
		if done[typ] {
			continue
		}
		done[typ] = true
		var required []string
		var lines strings.Builder
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
			if rest == "" {
				required = append(required, name)
			}
			text, of := asyncType(f.Type)
			if of != nil {
				todo = append(todo, of)
			}
			fmt.Fprintf(&lines, "        %s: %s\n", name, text)
		}
		fmt.Fprintf(&b, "    %s:\n      type: object\n", typ.Name())
		if len(required) > 0 {
			fmt.Fprintf(&b, "      required: [%s]\n", strings.Join(required, ", "))
		}
		fmt.Fprintf(&b, "      properties:\n%s", lines.String())
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if b.String() != string(data) {
		t.Error("docs/asyncapi.yaml is not of these types: go test ./docs -update")
	}
}

func asyncType(typ reflect.Type) (text string, of reflect.Type) {
	switch typ.Kind() {
	case reflect.Pointer:
		return asyncType(typ.Elem())
	case reflect.Slice:
		text, of = asyncType(typ.Elem())
		return "{type: array, items: " + text + "}", of
	case reflect.Struct:
		if typ == reflect.TypeFor[time.Time]() {
			return "{type: string, format: date-time}", nil
		}
		return "{$ref: '#/components/schemas/" + typ.Name() + "'}", typ
	case reflect.Bool:
		return "{type: boolean}", nil
	case reflect.Int, reflect.Int64:
		return "{type: integer}", nil
	}
	return "{type: string}", nil
}
