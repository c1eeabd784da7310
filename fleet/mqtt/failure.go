package mqtt

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

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
	CodeExpired = "certificate_expired"
	CodeRevoked = "certificate_revoked"
	CodeUnknown = "certificate_unknown"
	CodeBroker  = "broker_certificate"
	CodeClock   = "broker_certificate_time"
)

// A Failure is why a line is down.
type Failure struct {
	Code   string
	Number int64 // MQTT's reason code
	cause  error // of a file: its name is no secret
	centre bool  // the end that reads it is a centre and no shop
}

// Error is the English text.
func (f *Failure) Error() string { return f.Text().En }

// Text says what happened and what to do.
func (f *Failure) Text() vocabulary.Text {
	t, ok := failures[f.Code]
	if !ok {
		t = failures[CodeLost]
	}
	own := ofShop
	if f.centre {
		own = ofCentre
	}
	t.Zh, t.En = own.Replace(t.Zh), own.Replace(t.En)
	if f.Number != 0 {
		t.Zh, t.En = fmt.Sprintf("%s（MQTT %d）", t.Zh, f.Number), fmt.Sprintf("%s (MQTT %d)", t.En, f.Number)
	}
	if f.cause != nil {
		t.Zh, t.En = t.Zh+"："+f.cause.Error(), t.En+": "+f.cause.Error()
	}
	return t
}

// What stands in the texts for the end that reads them.
var (
	ofShop   = strings.NewReplacer("{我}", "本店", "{名}", "店名", "{my}", "this shop's", "{me}", "the shop", "{fleet}", "fleet", "{shop}", "shop", "{平安}", "店里照常打印；", "{on}", "the shop prints on; ")
	ofCentre = strings.NewReplacer("{我}", "总部", "{名}", "总部的名字", "{my}", "this hub's", "{me}", "the hub", "{fleet}", "hub", "{shop}", "name", "{平安}", "任务留在总部，不会丢；", "{on}", "jobs stay in the hub; ")
)

var failures = map[string]vocabulary.Text{
	"dns":         {Zh: "找不到 MQTT 服务器的主机名；检查网络和 {fleet}.broker", En: "the broker's host name does not resolve; check the network and {fleet}.broker"},
	"refused":     {Zh: "MQTT 服务器没有在听；检查它有没有开，端口对不对", En: "the broker does not listen; check that it runs and the port"},
	"unreachable": {Zh: "到不了 MQTT 服务器；检查网络和防火墙", En: "the broker cannot be reached; check network and firewall"},
	"timeout":     {Zh: "MQTT 服务器没有及时回答；检查网络和防火墙", En: "the broker did not answer in time; check network and firewall"},
	"tls":         {Zh: "证书不被接受；检查电脑的时钟、{fleet}.ca、{fleet}.cert 和它的有效期", En: "a certificate was not accepted; check this computer's clock, {fleet}.ca, and {fleet}.cert and its dates"},
	CodeExpired: {Zh: "MQTT 服务器说{我}的证书过期了；在证书机构的电脑上运行 receiptd fleet enroll {名} --renew，换上新证书；日期没到的话检查两边的时钟",
		En: "the broker says that {my} certificate has expired; run receiptd fleet enroll NAME --renew where the authority is and bring the new one; if its date is not over check both clocks"},
	CodeRevoked: {Zh: "{我}的证书被吊销了；{平安}要再连，在证书机构的电脑上重新运行 receiptd fleet enroll {名}",
		En: "{my} certificate was revoked; {on}to come back run receiptd fleet enroll NAME again where the authority is"},
	CodeUnknown: {Zh: "MQTT 服务器不认{我}的证书；检查 {fleet}.cert 是不是这个连锁的 receiptd fleet enroll 发的",
		En: "the broker does not know {my} certificate; check that {fleet}.cert was made by receiptd fleet enroll of this chain"},
	CodeBroker: {Zh: "MQTT 服务器的证书不对：不是 {fleet}.ca 发的，或者不是 {fleet}.broker 里这个主机名的；用 receiptd fleet enroll --host 重新发",
		En: "the broker's certificate is not one of {fleet}.ca, or not for the host name in {fleet}.broker; enroll it again with that --host"},
	CodeClock: {Zh: "MQTT 服务器的证书现在无效：先看这台电脑的日期和时钟对不对，再看服务器的证书是不是过期了",
		En: "the broker's certificate is not valid now: first check this computer's date and clock, then whether the broker's certificate has expired"},
	CodeTaken:   {Zh: "另一台 receiptd 用了{我}的身份；只留一台，或给另一台发新证书", En: "another receiptd came under {my} identity; keep one, or enroll the other under its own name"},
	CodeRefused: {Zh: "MQTT 服务器拒绝了连接；检查证书里的名字和服务器的日志", En: "the broker refused the connection; check {me}'s name in the certificate and the broker's log"},
	CodeDenied:  {Zh: "MQTT 服务器不许用{我}的主题；检查 {fleet}.tenant、{fleet}.{shop} 和它的 ACL", En: "the broker does not allow {my} topics; check {fleet}.tenant, {fleet}.{shop} and the broker's ACL"},
	CodeFiles:   {Zh: "证书文件不能用；重新运行 receiptd fleet enroll，或检查 {fleet}.ca、cert、key", En: "a certificate file cannot be used; run receiptd fleet enroll again, or check {fleet}.ca, cert and key"},
	CodeLost:    {Zh: "连接断了；会自己重连", En: "the connection was lost; it is made again"},
}

// alerts are what a broker says of our certificate, in the words of crypto/tls: it has no names for them.
var alerts = map[string]string{
	"tls: expired certificate": CodeExpired, "tls: revoked certificate": CodeRevoked, "tls: unknown certificate authority": CodeUnknown,
	"tls: bad certificate": CodeUnknown, "tls: certificate required": CodeFiles,
}

// sorted turns an error of a connection into a failure.
func sorted(err error) *Failure {
	var f *Failure
	var op *net.OpError
	var invalid x509.CertificateInvalidError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &op) && op.Op == "remote error": // what crypto/tls calls an alert: the broker does not take our certificate
		return &Failure{Code: cmp.Or(alerts[op.Err.Error()], "tls")}
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired: // or not valid yet
		return &Failure{Code: CodeClock}
	case errors.As(err, &authority), errors.As(err, &host):
		return &Failure{Code: CodeBroker}
	}
	return &Failure{Code: cmp.Or(plain.Unreached(err), CodeLost)}
}
