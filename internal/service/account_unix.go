//go:build unix

package service

import (
	"context"
	"os"
	"os/exec"
	osuser "os/user"
	"strconv"
	"syscall"
)

// lookUp reads a user from the system's accounts.
func lookUp(name string) (account, error) {
	u, err := osuser.Lookup(name)
	if err != nil {
		return account{}, err
	}
	groups, err := u.GroupIds()
	if err != nil {
		return account{}, err
	}
	var a account
	if a.uid, err = strconv.Atoi(u.Uid); err == nil {
		a.gid, err = strconv.Atoi(u.Gid)
	}
	for _, g := range groups {
		if n, err := strconv.Atoi(g); err == nil {
			a.groups = append(a.groups, n)
		}
	}
	return a, err
}

// may asks the system, as that user, whether a path can be used: test(1) with -e, -r, -w or -x. Permission bits alone do not
// tell: access lists and network shares decide as well.
func may(ctx context.Context, who account, path, right string) bool {
	cmd := exec.CommandContext(ctx, "test", right, path)
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		groups := make([]uint32, len(who.groups))
		for i, g := range who.groups {
			groups[i] = uint32(g)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(who.uid), Gid: uint32(who.gid), Groups: groups}}
	}
	return cmd.Run() == nil
}

// give hands an open folder to an account.
func give(dir *os.File, owner account) error { return dir.Chown(owner.uid, owner.gid) }
