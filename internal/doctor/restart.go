package doctor

import (
	"context"
	"strings"

	"github.com/receiptd/receiptd/internal/hint"
)

// restart tells of changes of the configuration that the running daemon has not taken over.
func (x *examination) restart(ctx context.Context) {
	if !x.running || x.o.Waiting == nil {
		return
	}
	sections, err := x.o.Waiting(ctx)
	if err != nil || len(sections) == 0 {
		return // a daemon that has just answered and is gone now is told of by the next call
	}
	list := "[" + strings.Join(sections, "] [") + "]"
	x.add("restart", Warning, list, text("改了还没生效，等重新启动", "the change waits for a restart"), text("没有单子在打时："+hint.Restart(), "when no slip is printing: "+hint.Restart()))
}
