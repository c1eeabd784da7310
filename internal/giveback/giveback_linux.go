package giveback

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"

	"golang.org/x/sys/unix"
)

// ownFile unmaps the pages of the program's own file: the next use maps them again. Where a mapping holds anything that does not stand in the
// file - what a loader or a debugger changed - it is left alone, and where the system does not tell, all are.
func ownFile() {
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range ownMappings(smaps, reflect.ValueOf(ownFile).Pointer()) {
		// It may fail, and then nothing is given back. No pointer of Go's leads into what is unmapped for a while.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

type mapping struct{ from, to uintptr }

// ownMappings gives those mappings of the file in which code lies that nobody may write to and nobody has written to, by proc_pid_smaps(5).
func ownMappings(smaps []byte, code uintptr) []mapping {
	type region struct {
		mapping
		file  string // device, number and name
		clean bool
	}
	var all []region
	own := ""
	for lines := bufio.NewScanner(bytes.NewReader(smaps)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		var r region
		if n, _ := fmt.Sscanf(words[0], "%x-%x", &r.from, &r.to); n == 2 && len(words) >= 5 {
			r.file = strings.Join(words[3:], " ")
			r.clean = len(words[1]) == 4 && words[1][0] == 'r' && words[1][1] == '-' && words[1][3] == 'p' && words[4] != "0"
			all = append(all, r)
			if code >= r.from && code < r.to {
				own = r.file
			}
			continue
		}
		if len(all) == 0 || len(words) < 2 {
			continue
		}
		switch words[0] {
		case "Anonymous:", "Swap:": // what is dirty but not anonymous stands in the file, which is new on the disk
			last := &all[len(all)-1]
			last.clean = last.clean && words[1] == "0"
		}
	}
	var list []mapping
	for _, r := range all {
		if r.clean && r.file == own {
			list = append(list, r.mapping)
		}
	}
	return list
}
