package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/DeRuina/timberjack"

	"github.com/receiptd/receiptd/internal/config"
	"github.com/receiptd/receiptd/internal/service"
)

// openLog makes the logger that the configuration asks for, and what closes it. A file that cannot be written is an error now,
// while somebody looks; one that cannot be written later goes on in standard error.
func (a *app) openLog(c config.Log) (*slog.Logger, func(), error) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked with the configuration
	w, closeLog := a.stderr, func() {}
	if c.File != "" {
		if err := tryLog(c.File); err != nil {
			return nil, nil, codeError{exitFailed, fmt.Sprintf(a.say("日志文件写不了：%v\n改 [log] file，或让运行 receiptd 的用户能写这个文件夹；不写 file 就记到系统日志。",
				"the log file cannot be written: %v\ncorrect [log] file, or let the user that runs receiptd write there; without file the system's journal is used."), err)}
		}
		file := &timberjack.Logger{Filename: c.File, MaxSize: c.MaxMB, MaxBackups: c.MaxFiles, FileMode: os.FileMode(0o640)}
		w, closeLog = &sureLog{file: file, other: a.stderr, say: a.say}, func() { file.Close() }
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(service.EventLog(slog.NewJSONHandler(w, o))), closeLog, nil
	}
	return slog.New(service.EventLog(slog.NewTextHandler(w, o))), closeLog, nil
}

// tryLog makes the log file and its folder, and writes nothing.
func tryLog(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	return f.Close()
}

// A sureLog writes to a file, and elsewhere what the file does not take.
type sureLog struct {
	file, other io.Writer
	say         func(zh, en string) string

	mu      sync.Mutex // held while a line is written
	failing bool       // guarded by mu
}

// Write writes one line of the log.
func (l *sureLog) Write(line []byte) (int, error) {
	_, err := l.file.Write(line)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		l.failing = false
		return len(line), nil
	}
	if !l.failing {
		l.failing = true
		fmt.Fprintf(l.other, "receiptd: "+l.say("日志文件写不了，先记在这里：%v", "the log file cannot be written, the log goes on here: %v")+"\n", err)
	}
	n, err := l.other.Write(line)
	if err != nil {
		return n, fmt.Errorf("write log: %w", err)
	}
	return n, nil
}
