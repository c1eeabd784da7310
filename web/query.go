package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/api"
	"github.com/receiptd/receiptd/job"
)

// listQuery gives the limit of a list, 0 for the default, and what is wrong with the query.
func listQuery(q url.Values) (limit int, bad *job.Problem) {
	wrong := func(key, fixZh, fixEn string) (int, *job.Problem) {
		p := problem("invalid", key+" 不对："+q.Get(key), key+" is wrong: "+q.Get(key), fixZh, fixEn)
		p.Pointer = "/" + key
		return 0, &p
	}
	if text := q.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 500 {
			return wrong("limit", "limit 是 1 到 500。", "limit is 1 to 500.")
		}
	}
	if text := q.Get("cursor"); text != "" {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return wrong("cursor", "用上一页答的 next。", "Use next of the page before.")
		}
	}
	if text := q.Get("state"); text != "" && !api.KnownState(text) {
		return wrong("state", "用 "+strings.Join(api.States(), "、")+"。", "Use one of "+strings.Join(api.States(), ", ")+".")
	}
	return limit, nil
}

// decodeBody reads a request's JSON: one object with known keys and nothing after it.
func decodeBody(r *http.Request, to any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the object")
	}
	return nil
}

// bodyProblem says what is wrong with a request's JSON, and names the key.
func bodyProblem(err error) job.Problem {
	var kind *json.UnmarshalTypeError
	p := problem("invalid", "请求不是完整的 JSON 对象。", "The request is not a complete JSON object.", "检查 JSON。", "Check the JSON.")
	if errors.As(err, &kind) && kind.Field != "" {
		is, of, _ := strings.Cut(kind.Value, " ") // "number 5"
		zh := map[string]string{"string": "文字", "number": "数字", "bool": "true 或 false", "array": "列表", "object": "对象"}[is]
		p = problem("invalid", kind.Field+" 的类型不对：不能是"+strings.TrimSpace(zh+" "+of), kind.Field+" has the wrong type: "+kind.Value,
			"字段和类型见 /openapi.json。", "See /openapi.json for the keys and their types.")
		p.Pointer = "/" + kind.Field
	} else if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		key := strings.Trim(quoted, `"`)
		p = problem("invalid", "没有这个字段："+key, "There is no key "+key, "字段和类型见 /openapi.json。", "See /openapi.json for the keys and their types.")
		p.Pointer = "/" + key
	}
	return p
}
