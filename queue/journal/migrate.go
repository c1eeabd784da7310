package journal

import (
	"context"
	"fmt"
)

// migrate brings the journal to the form that this program knows, all of it or none: the steps are one transaction, and a failure ends with
// the connection closed.
func (o *opening) migrate(ctx context.Context) error {
	names, err := schemaSteps()
	if err != nil {
		return err
	}
	conn := o.w.conn
	version, known, err := versions(conn.once)
	if err != nil {
		return err
	}
	if version > known {
		return fmt.Errorf("%w: version %d, this one knows %d", ErrNewer, version, known)
	}
	if version > 0 && version < known {
		if err := keepVersion(ctx, o.path, version, o.Now(), o.Logger); err != nil {
			return err
		}
	}
	if version == known {
		return nil
	}
	if err := conn.script(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for i, name := range names[version:] {
		text, err := schema.ReadFile(name)
		if err != nil {
			return err
		}
		step := fmt.Sprintf("%s\nPRAGMA user_version = %d;", text, version+i+1)
		if err := conn.script(ctx, step); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
	}
	return conn.script(ctx, "COMMIT")
}
