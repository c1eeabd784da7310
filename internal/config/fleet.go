package config

import (
	"fmt"
	"regexp"
	"strings"
)

var fleetName = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// fleet looks at the section of the chain's centre: all that is needed, or nothing.
func (v values) fleet(f Fleet) {
	for _, x := range []struct{ key, value string }{{"tenant", f.Tenant}, {"shop", f.Shop}} {
		if x.value != "" && !fleetName.MatchString(x.value) {
			v.add("fleet."+x.key, fmt.Sprintf("%q 不能用；用 1 到 32 个字母、数字、横线", x.value), fmt.Sprintf("%q cannot be used; use 1 to 32 letters, digits, dashes", x.value))
		}
	}
	for _, name := range f.Allow {
		v.oneOf("fleet.allow", name, "reprint", "move", "resolve", "settlement", "archive")
	}
	for _, name := range f.Share {
		v.oneOf("fleet.share", name, "amount")
	}
	if !f.On() {
		for _, x := range []struct {
			key   string
			given bool
		}{{"ca", f.CA != ""}, {"cert", f.Cert != ""}, {"key", f.Key != ""}, {"tenant", f.Tenant != ""}, {"shop", f.Shop != ""}, {"allow", len(f.Allow) > 0}, {"share", len(f.Share) > 0}} {
			if x.given {
				v.add("fleet."+x.key, "没有 fleet.broker 就不起作用；写上总部服务器的地址，或去掉这一行", "has no effect without fleet.broker; write that, or remove this line")
			}
		}
		return
	}
	var missing []string
	for _, x := range []struct{ key, value string }{{"tenant", f.Tenant}, {"shop", f.Shop}, {"cert", f.Cert}, {"key", f.Key}} {
		if x.value == "" {
			missing = append(missing, "fleet."+x.key)
		}
	}
	if len(missing) > 0 {
		list := strings.Join(missing, ", ")
		v.add("fleet.broker", "还要写 "+list+"；receiptd fleet enroll 会给出整段配置", "also wants "+list+"; receiptd fleet enroll gives the whole section")
	}
}
