//go:build unix

package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/filelock"
)

// The files that a supervisor is born with.
const (
	reportFile = 3 // it writes one report
	leashFile  = 4 // one byte lets it live on; the end before that ends it
)

// report is how a supervisor says that the cluster is ready, or why it is not.
type report struct {
	Error string `json:"error,omitempty"`
}

// Start starts the cluster and returns when it is ready, and true where it ran already. Supervisor is the
// command that calls [Supervise] with the state folder that stands at its end. The programs have to be
// built. When it fails, nothing is left.
func (k *Keeper) Start(ctx context.Context, settings Settings, supervisor ...string) (*Status, bool, error) {
	release, err := k.exclude(ctx)
	if err != nil {
		return nil, false, err
	}
	defer release()
	if status, err := k.Find(); status != nil || err != nil {
		return status, status != nil, err
	}
	// Nobody else starts it meanwhile, so a supervisor that is there all the same is one that ends.
	if err := k.gone(ctx); err != nil {
		return nil, false, fmt.Errorf("waiting for the end of the last one: %w", err)
	}
	if err := os.RemoveAll(k.folder); err != nil {
		return nil, false, err
	}
	undo := undo(settings.Folder)
	if err := os.Mkdir(k.folder, 0o700); err != nil {
		return nil, false, err
	}
	if err := store(k.at("settings.json"), settings); err != nil {
		return nil, false, errors.Join(err, os.RemoveAll(k.folder))
	}
	if err := k.spawn(ctx, append(supervisor, k.folder)); err != nil {
		return nil, false, errors.Join(err, os.RemoveAll(k.folder), undo())
	}
	status, err := k.Last()
	return status, false, err
}

// exclude lets one command at a time start or stop the cluster.
func (k *Keeper) exclude(ctx context.Context) (func(), error) {
	state := filepath.Dir(k.folder)
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, fmt.Errorf("the state folder cannot be made: %w; name another one in %s", err, Variable)
	}
	lock, err := filelock.Acquire(ctx, k.folder+".lock", nil)
	if err != nil {
		return nil, fmt.Errorf("waiting for another command about the cluster %s: %w", k.name, err)
	}
	return lock.Release, nil
}

// undo returns what removes the cluster that is about to be made in the folder. One that is there already
// is not touched.
func undo(folder string) func() error {
	entries, err := os.ReadDir(folder)
	switch {
	case folder != "" && errors.Is(err, fs.ErrNotExist):
		return func() error { return os.RemoveAll(folder) }
	case err == nil && len(entries) == 0:
		return func() error { return empty(folder, "") }
	}
	return func() error { return nil }
}

// spawn runs the supervisor until it reports, and lets it go.
func (k *Keeper) spawn(ctx context.Context, command []string) error {
	reads, reporting, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reads.Close()
	leashed, leash, err := os.Pipe()
	if err != nil {
		reporting.Close()
		return err
	}
	defer leash.Close()
	cmd, err := k.command(command, reporting, leashed)
	if err == nil {
		err = cmd.Start()
	}
	reporting.Close()
	leashed.Close()
	if err != nil {
		return err
	}
	reported := make(chan error, 1)
	go func() { reported <- readReport(reads, k.at("supervisor.log")) }()
	select {
	case err = <-reported:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err == nil {
		_, err = leash.Write([]byte{1})
	}
	if err != nil {
		leash.Close() // it ends the parts and itself
		late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		_ = cmd.Wait()
		return err
	}
	return cmd.Process.Release()
}

func (k *Keeper) command(command []string, reporting, leashed *os.File) (*exec.Cmd, error) {
	root, err := binary.Root()
	if err != nil {
		return nil, err
	}
	cache, err := binary.Cache()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(k.at("supervisor.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(command[0], command[1:]...)
	// Its own session: neither Ctrl-C nor the end of the terminal reaches it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "PWD="+root, "POLYGRAPH_CLUSTER_CACHE="+cache)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{reporting, leashed}
	return cmd, nil
}

func readReport(from io.Reader, log string) error {
	var r report
	if err := json.NewDecoder(from).Decode(&r); err != nil {
		text, _ := os.ReadFile(log)
		return fmt.Errorf("the process that was to hold the cluster ended without a word (%w); its log:\n%s", err, text)
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	return nil
}
