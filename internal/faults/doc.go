// Package faults holds no code of the daemon: its tests run a whole daemon in a process of its own and break what it stands
// on - the process itself at each system call that matters, the disk, the journal's file, another process - and check the
// promises on paper, in the journal and in the drop folder.
//
// Each row is a failure that was found or feared once; rows stay. The tests need Linux, strace and the right to mount.
package faults
