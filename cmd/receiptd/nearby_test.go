package main

import (
	"strings"
	"testing"
)

// A command line that cannot be understood is answered with what was probably meant, and with the help of the command that it named.
func TestWhatWasMeant(t *testing.T) {
	for args, want := range map[string]string{
		"service instal":              "（是不是 install？）\n看用法：receiptd service -h",
		"job list --state prnted":     "（是不是 printed？）\n看用法：receiptd job list -h",
		"jobs":                        "（是不是 job？）\n看用法：receiptd help",
		"help nosuch":                 "没有命令 nosuch\n看用法：receiptd help",
		"completion tcsh":             "没有子命令 tcsh\n看用法：receiptd completion -h",
		"device pair x --rights lok":  "--rights 没有 lok（是不是 look？）",
		"token add x --rights settle": `要补打权限（reprint），再在配置里写 [http] lan_allow = ["settle:x"]`,
	} {
		r := runIn(t, "zh", "", strings.Fields(args)...)
		if r.code != exitUsage || !strings.Contains(r.stderr, want) || r.stdout != "" {
			t.Errorf("%s: %d\n%s%s\nwant %s", args, r.code, r.stdout, r.stderr, want)
		}
	}
}
