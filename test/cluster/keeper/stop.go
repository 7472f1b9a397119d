//go:build unix

package keeper

import (
	"context"
	"os"
	"syscall"
	"time"
)

// stopLimit is how long a supervisor may take to end its parts; it kills them, so it takes no time.
const stopLimit = 20 * time.Second

// Stop ends the cluster, waits until it is gone and removes what is left of it. It tells whether one ran.
func (k *Keeper) Stop(ctx context.Context) (bool, error) {
	release, err := k.exclude(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	ran, err := send(k.at("lock"), syscall.SIGTERM)
	if err != nil {
		return ran, err
	}
	if err := k.gone(ctx); err != nil {
		return ran, err
	}
	return ran, os.RemoveAll(k.folder)
}

// gone waits until nobody holds the lock. Without their supervisor the parts end by themselves.
func (k *Keeper) gone(ctx context.Context) error {
	late := time.NewTimer(stopLimit)
	defer late.Stop()
	for {
		pid, err := holder(k.at("lock"))
		if err != nil || pid == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late.C:
			if _, err := send(k.at("lock"), syscall.SIGKILL); err != nil {
				return err
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
}
