package notify

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	inwords "github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/vocabulary"
)

// A Failure is why a message was not taken. It holds no key: errors of net/http and of names that do not resolve do, so they are
// sorted here and never shown.
type Failure struct {
	Code   string
	Number int64         // the HTTP status, or the number that the service gave
	Pause  time.Duration // before which there is no use in trying again; 0: nothing is known
	cause  error         // of a file that cannot be read: its name is no key
}

// Error is the English text.
func (f *Failure) Error() string { return f.Text().En }

// Text says what happened and what to do.
func (f *Failure) Text() vocabulary.Text {
	t, ok := failures[f.Code]
	if !ok {
		t = failures["lost"]
	}
	if f.Number != 0 {
		n := strconv.FormatInt(f.Number, 10)
		t.Zh, t.En = fmt.Sprintf("%s（%s）", t.Zh, n), fmt.Sprintf("%s (%s)", t.En, n)
	}
	if f.cause != nil {
		t.Zh, t.En = t.Zh+"："+f.cause.Error(), t.En+": "+f.cause.Error()
	}
	return t
}

// failures by their codes.
var failures = map[string]vocabulary.Text{
	"dns":         {Zh: "找不到这个地址的主机；检查网络和 url", En: "its host's name does not resolve; check the network and url"},
	"refused":     {Zh: "对方没有在听；检查它有没有开", En: "nobody listens there; check whether it runs"},
	"unreachable": {Zh: "到不了那里；检查网络和防火墙", En: "it cannot be reached; check network and firewall"},
	"timeout":     {Zh: "对方没有及时回答", En: "it did not answer in time"},
	"tls":         {Zh: "证书不可信；检查电脑的时钟，自己的证书写进 ca_file", En: "its certificate is not trusted; check this computer's clock, or name its own in ca_file"},
	"address":     {Zh: "名字指向不许发的地址；内网的地址要写进 private", En: "its name leads to an address that is not allowed; name a private one in private"},
	"redirect":    {Zh: "对方要转到别处，不跟随；把 url 改成最终的地址", En: "it redirects, which is not followed; put the final address into url"},
	"status":      {Zh: "对方没有收下", En: "it did not take it"},
	"answer":      {Zh: "对方说没有收下；按这个号码查它的说明", En: "it says that it did not take it; look this number up in its documentation"},
	"too_fast":    {Zh: "对方嫌太频繁，过一会儿再试", En: "it says too many; it is tried again later"},
	"stranger":    {Zh: "回答的不是这种服务；检查 form 和 url", En: "what answers is not this kind of service; check form and url"},
	"lost":        {Zh: "连接断了", En: "the connection was lost"},
	"url":         {Zh: "地址不能用；运行 receiptd config check，或检查 url_file 里的内容", En: "its address cannot be used; run receiptd config check, or look into url_file"},
	"secret":      {Zh: "密钥不能用；检查 secret_file 里的内容", En: "its secret cannot be used; look into secret_file"},
	"url_file":    {Zh: "url_file 读不到", En: "url_file cannot be read"},
	"secret_file": {Zh: "secret_file 读不到", En: "secret_file cannot be read"},
	"ca_file":     {Zh: "ca_file 读不到证书", En: "ca_file has no certificate that can be read"},
}

// sorted turns an error of a request into a failure.
func sorted(err error) *Failure {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, errAddress):
		return &Failure{Code: "address"}
	case errors.Is(err, http.ErrSchemeMismatch):
		return &Failure{Code: "tls"}
	}
	return &Failure{Code: cmp.Or(inwords.Unreached(err), "lost")}
}
