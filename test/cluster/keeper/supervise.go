//go:build unix

package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"polygraph/test/cluster"
)

// Supervise is the life of the process that [Keeper.Start] spawns: it runs the cluster that the settings
// in the folder describe, until it is told to end or a part ends by itself.
func Supervise(folder string) error {
	// The parts must not inherit them: their ends are what is waited for.
	syscall.CloseOnExec(reportFile)
	syscall.CloseOnExec(leashFile)
	reporting, leashed := os.NewFile(reportFile, "report"), os.NewFile(leashFile, "leash")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	k := &Keeper{name: filepath.Base(folder), folder: folder}

	let := make(chan struct{})
	go func() {
		if n, _ := leashed.Read(make([]byte, 1)); n == 0 {
			cancel(errors.New("the command that started it has ended"))
			return
		}
		close(let)
	}()
	c, err := k.run(ctx)
	if err != nil {
		return errors.Join(err, json.NewEncoder(reporting).Encode(report{Error: err.Error()}))
	}
	if err := json.NewEncoder(reporting).Encode(report{}); err != nil {
		cancel(err)
	}
	reporting.Close()
	select {
	case <-let:
		return k.watch(ctx, c)
	case <-ctx.Done():
		return k.end(c)
	}
}

// run starts the cluster and writes what others read of it.
func (k *Keeper) run(ctx context.Context) (*cluster.Cluster, error) {
	var err error
	if k.held, err = hold(k.at("lock")); err != nil {
		return nil, err
	}
	var settings Settings
	if err := read(k.at("settings.json"), &settings); err != nil {
		return nil, err
	}
	options := cluster.Options{
		Version: settings.Version, Controllers: settings.Controllers, Scheduler: settings.Scheduler,
		Nodes: settings.Nodes, Folder: k.data(settings),
	}
	c, err := cluster.Start(ctx, options)
	if err != nil {
		return nil, err
	}
	if err := c.Kubeconfig(k.Kubeconfig(), "admin", cluster.Administrators); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	status := Status{Settings: settings, URL: c.URL(), Parts: c.Parts(), Started: time.Now()}
	if err := store(k.at("status.json"), status); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// watch waits for the end. What ended by itself leaves its logs and a word why.
func (k *Keeper) watch(ctx context.Context, c *cluster.Cluster) error {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return k.end(c)
		case <-look.C:
		}
		if err := c.Died(); err != nil {
			told := os.WriteFile(k.at("failure"), fmt.Appendln(nil, err), 0o600) // from here on nobody finds it
			_ = c.Close()                                                        // says the same again
			return errors.Join(err, told)
		}
	}
}

// end leaves nothing but the lock: who stops the cluster waits until that is free, and removes it. The status
// goes first, because what has one is said to run.
func (k *Keeper) end(c *cluster.Cluster) error {
	return errors.Join(os.RemoveAll(k.at("status.json")), c.Close(), empty(k.folder, "lock"))
}

// empty removes what is in a folder but for one name.
func empty(folder, kept string) error {
	entries, err := os.ReadDir(folder)
	all := []error{err}
	for _, entry := range entries {
		if entry.Name() != kept {
			all = append(all, os.RemoveAll(filepath.Join(folder, entry.Name())))
		}
	}
	return errors.Join(all...)
}
