// Package plain says in a shop's words what the system or a library said in English. An error that reaches a person goes through Error: no
// word of the programming language and no half-English sentence comes out of it. Nearest asks which known word a mistyped one meant.
//
// It keeps nothing on disk and starts no goroutine.
package plain

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/receiptd/receiptd/vocabulary"
)

// A Worded error has words of its own in both languages.
type Worded interface {
	error
	Words() (zh, en string)
}

// New is an error with words in both languages; its Error is the English one. Two with the same words are the same error.
func New(zh, en string) error { return worded{zh, en} }

type worded struct{ zh, en string }

func (w worded) Error() string          { return w.en }
func (w worded) Words() (zh, en string) { return w.zh, w.en }

// Error says what an error means for a person. In English the acts that the program wrapped around it stay ("write result: ..."), as they are
// sentences of its own; in Chinese there is the thing and what is wrong with it. An error that nothing is known of is quoted.
func Error(err error) vocabulary.Text {
	if err == nil {
		return vocabulary.Text{}
	}
	if parts, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") { // joined, not one that wraps two
		var zh, en []string
		for _, part := range parts.Unwrap() {
			t := Error(part)
			zh, en = append(zh, t.Zh), append(en, t.En)
		}
		return vocabulary.Text{Zh: strings.Join(zh, "；"), En: strings.Join(en, "; ")}
	}
	if t, ok := Known(err); ok {
		return t
	}
	said := err.Error()
	return vocabulary.Text{Zh: "没有料到的错误，原文：“" + said + "”", En: said}
}

// Known is Error for what has words here; ok is false for anything else.
func Known(err error) (t vocabulary.Text, ok bool) {
	var w Worded
	if errors.As(err, &w) {
		zh, en := w.Words()
		return vocabulary.Text{Zh: zh, En: en}, true
	}
	c := causeOf(err)
	if c.why.Zh == "" {
		return vocabulary.Text{}, false
	}
	t = vocabulary.Text{Zh: c.why.Zh, En: c.why.En}
	if c.thing != "" {
		t = vocabulary.Text{Zh: c.thing + "：" + c.why.Zh, En: c.thing + ": " + c.why.En}
	}
	if act, ok := strings.CutSuffix(err.Error(), c.said); ok { // what the program itself says of it
		t.En = act + t.En
	}
	return t, true
}

// A cause is the innermost part of an error that the system or a library said.
type cause struct {
	thing string // a file, an address; "" for none
	said  string // its English text
	why   vocabulary.Text
}

func causeOf(err error) cause {
	var (
		path    *fs.PathError
		linked  *os.LinkError
		call    *os.SyscallError
		number  *strconv.NumError
		name    *net.DNSError
		dial    *net.OpError
		address *url.Error
		bad     *json.SyntaxError
		shape   *json.UnmarshalTypeError
		program *exec.Error
		ended   *exec.ExitError
		foreign *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &program):
		return cause{program.Name, program.Error(), text("没有这个程序，或不能运行", "there is no such program, or it cannot be run")}
	case errors.As(err, &ended):
		return cause{"", ended.Error(), text("命令以错误结束（退出码 "+strconv.Itoa(ended.ExitCode())+"）", "the command failed (exit code "+strconv.Itoa(ended.ExitCode())+")")}
	case errors.As(err, &foreign):
		return cause{"", foreign.Error(), text("对方的证书不能信任", "the other side's certificate cannot be trusted")}
	case errors.As(err, &path):
		return cause{path.Path, path.Error(), reason(path.Err)}
	case errors.As(err, &linked):
		return cause{linked.New, linked.Error(), reason(linked.Err)}
	case errors.As(err, &number):
		return cause{"", number.Error(), text("“"+number.Num+"”不是能用的数字", strconv.Quote(number.Num)+" is no number that can be used")}
	case errors.As(err, &name):
		return cause{name.Name, said(err, address, name), text("没有叫这个名字的机器", "no machine has this name")}
	case errors.As(err, &dial):
		thing := ""
		if dial.Addr != nil {
			thing = dial.Addr.String()
		}
		return cause{thing, said(err, address, dial), reason(dial.Err)}
	case errors.As(err, &address):
		return cause{address.URL, address.Error(), reason(address.Err)}
	case errors.As(err, &bad):
		return cause{"", bad.Error(), text("第 "+strconv.FormatInt(bad.Offset, 10)+" 个字节处不是 JSON", "no JSON at byte "+strconv.FormatInt(bad.Offset, 10))}
	case errors.As(err, &shape):
		return cause{"", shape.Error(), text("第 "+strconv.FormatInt(shape.Offset, 10)+" 个字节处的值不是要的那种", "a value of another kind than wanted at byte "+strconv.FormatInt(shape.Offset, 10))}
	case errors.As(err, &call):
		return cause{"", call.Error(), reason(call.Err)}
	}
	return cause{"", innermost(err).Error(), reason(err)}
}

// said is the text of the outermost of a request's error and what lies in it.
func said(err error, address *url.Error, inner error) string {
	if errors.As(err, &address) {
		return address.Error()
	}
	return inner.Error()
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// reason words what the system says, empty where it is not known here.
func reason(err error) vocabulary.Text {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.why
		}
	}
	var slow interface{ Timeout() bool }
	if errors.As(err, &slow) && slow.Timeout() {
		return tooLong
	}
	return vocabulary.Text{}
}

var tooLong = text("等了太久，没有回答", "no answer came in time")

// reasons are looked through in their order. Those of one system are in ofSystem.
var reasons = append([]struct {
	err error
	why vocabulary.Text
}{
	{fs.ErrNotExist, text("没有这个文件或文件夹", "there is no such file or folder")},
	{fs.ErrPermission, text("没有权限", "no permission")},
	{fs.ErrExist, text("已经有了", "it is there already")},
	{fs.ErrClosed, text("已经关上了", "it is closed already")},
	{context.Canceled, text("中途停下了", "it was stopped on the way")},
	{context.DeadlineExceeded, tooLong},
	{os.ErrDeadlineExceeded, tooLong},
	{io.ErrUnexpectedEOF, text("没有写完，中途就断了", "it is not whole: it ends too early")},
	{io.EOF, text("里面没有了", "nothing more came")},
	{net.ErrClosed, text("连接已经关上了", "the connection is closed already")},
}, ofSystem...)

func text(zh, en string) vocabulary.Text { return vocabulary.Text{Zh: zh, En: en} }
