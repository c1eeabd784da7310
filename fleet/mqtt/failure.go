package mqtt

import (
	"cmp"
	"errors"
	"fmt"
	"net"

	"github.com/receiptd/receiptd/internal/plain"
	"github.com/receiptd/receiptd/vocabulary"
)

// Why a line is down.
const (
	CodeTaken   = "taken_over"
	CodeRefused = "refused_by_broker"
	CodeDenied  = "denied"
	CodeFiles   = "files"
	CodeLost    = "lost"
)

// A Failure is why a line is down.
type Failure struct {
	Code   string
	Number int64 // MQTT's reason code
	cause  error // of a file: its name is no secret
}

// Error is the English text.
func (f *Failure) Error() string { return f.Text().En }

// Text says what happened and what to do.
func (f *Failure) Text() vocabulary.Text {
	t, ok := failures[f.Code]
	if !ok {
		t = failures[CodeLost]
	}
	if f.Number != 0 {
		t.Zh, t.En = fmt.Sprintf("%s（MQTT %d）", t.Zh, f.Number), fmt.Sprintf("%s (MQTT %d)", t.En, f.Number)
	}
	if f.cause != nil {
		t.Zh, t.En = t.Zh+"："+f.cause.Error(), t.En+": "+f.cause.Error()
	}
	return t
}

var failures = map[string]vocabulary.Text{
	"dns":         {Zh: "找不到总部服务器的主机名；检查网络和 fleet.broker", En: "the broker's host name does not resolve; check the network and fleet.broker"},
	"refused":     {Zh: "总部服务器没有在听；检查它有没有开，端口对不对", En: "the broker does not listen; check that it runs and the port"},
	"unreachable": {Zh: "到不了总部服务器；检查网络和防火墙", En: "the broker cannot be reached; check network and firewall"},
	"timeout":     {Zh: "总部服务器没有及时回答；检查网络和防火墙", En: "the broker did not answer in time; check network and firewall"},
	"tls":         {Zh: "证书不被接受；检查电脑的时钟、fleet.ca、fleet.cert 和它的有效期", En: "a certificate was not accepted; check this computer's clock, fleet.ca, and fleet.cert and its dates"},
	CodeTaken:     {Zh: "另一台 receiptd 用了同一个门店身份；只留一台，或给另一台发新证书", En: "another receiptd came under this shop's identity; keep one, or enroll the other under its own name"},
	CodeRefused:   {Zh: "总部服务器拒绝了连接；检查证书里的门店名和服务器的日志", En: "the broker refused the connection; check the shop's name in the certificate and the broker's log"},
	CodeDenied:    {Zh: "总部服务器不许用这个门店的主题；检查 fleet.tenant、fleet.shop 和它的 ACL", En: "the broker does not allow this shop's topics; check fleet.tenant, fleet.shop and the broker's ACL"},
	CodeFiles:     {Zh: "证书文件不能用；重新运行 receiptd fleet enroll，或检查 fleet.ca、cert、key", En: "a certificate file cannot be used; run receiptd fleet enroll again, or check fleet.ca, cert and key"},
	CodeLost:      {Zh: "连接断了；会自己重连", En: "the connection was lost; it is made again"},
}

// sorted turns an error of a connection into a failure.
func sorted(err error) *Failure {
	var f *Failure
	var op *net.OpError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &op) && op.Op == "remote error": // what crypto/tls calls an alert: the broker does not take our certificate
		return &Failure{Code: "tls"}
	}
	return &Failure{Code: cmp.Or(plain.Unreached(err), CodeLost)}
}
