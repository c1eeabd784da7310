package main

import (
	"context"
	"net/http"

	"github.com/receiptd/receiptd/internal/client"
	"github.com/receiptd/receiptd/internal/config"
)

// ask asks the running daemon for what stands at a path, for no longer than doctor waits.
func ask[T any](ctx context.Context, cfg *config.Config, path string) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, daemonTime)
	defer cancel()
	c, err := client.New(cfg.HTTP.Listen, cfg.Data.Dir)
	if err != nil {
		return answer, err
	}
	err = c.Do(ctx, client.Call{Method: http.MethodGet, Path: path}, &answer)
	return answer, err
}
