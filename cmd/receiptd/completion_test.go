package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The shells that are here take the script that receiptd makes for them, and know it as receiptd's afterwards.
func TestShellsTakeTheCompletion(t *testing.T) {
	for shell, script := range map[string]string{
		"bash": `source /dev/stdin && complete -p receiptd`,
		"zsh":  `autoload -Uz compinit; compinit -u -D; source /dev/stdin && print ${_comps[receiptd]}`,
		"fish": `source; complete -c receiptd`,
	} {
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		for _, lang := range []language{"zh", "en"} {
			r := runIn(t, lang, "", "completion", shell)
			cmd := exec.Command(path, "-c", script)
			cmd.Env = append(cmd.Environ(), "HOME="+t.TempDir())
			cmd.Stdin = strings.NewReader(r.stdout)
			if out, err := cmd.CombinedOutput(); r.code != 0 || err != nil || !strings.Contains(string(out), "receiptd") {
				t.Errorf("%s, %s: %d %v\n%s", shell, lang, r.code, err, out)
			}
		}
	}
}
