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

// What was mistyped is named, and how it is written: the command before its flags, a flag's value that stands apart, a command that is a
// part of another one.
func TestMistypedIsNamed(t *testing.T) {
	for _, x := range []struct{ args, zh, en string }{
		{"reprnt --last", "没有命令 reprnt（是不是 reprint？）", `unknown command "reprnt"; did you mean reprint?`},
		{"job lst --state printed", "没有子命令 lst（是不是 list？）", "has no command lst; did you mean list?"},
		{"preview x.json", "没有命令 preview（是不是 receiptd job preview？）", "did you mean receiptd job preview?"},
		{"reprint --last --wait 30s", "连着写：--wait=30s", "written in one: --wait=30s"},
		{"reprint --last --wait soon", "多出来的参数：soon\n", "this is too much: soon\n"},
		{"report day --csv --pdf", "这些参数只能用一个：--csv --pdf --print", "only one of these flags can be used: --csv --pdf --print"},
	} {
		for lang, want := range map[string]string{"zh": x.zh, "en": x.en} {
			if r := runIn(t, language(lang), "", strings.Fields(x.args)...); r.code != exitUsage || !strings.Contains(r.stderr, want) {
				t.Errorf("%s in %s: %d\n%s\nwant %q", x.args, lang, r.code, r.stderr, want)
			}
		}
	}
}
