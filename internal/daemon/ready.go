package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// checks are what must work, beside the journal, for a job to be taken now.
func (d *Daemon) checks() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{"drop_folder": d.dropFolder}
}

// dropFolder makes and removes a file that the drop folder ignores: files can be dropped there, and taken.
func (d *Daemon) dropFolder(context.Context) error {
	f, err := os.CreateTemp(filepath.Join(d.config().Spool.Dir, "incoming"), ".ready-*.tmp")
	if err != nil {
		return fmt.Errorf("write to the drop folder: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write to the drop folder: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return fmt.Errorf("remove from the drop folder: %w", err)
	}
	return nil
}
