package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"polygraph/test/cluster/filelock"
)

// prefix of the temporary folders, by which those of crashed processes are found.
const prefix = "polygraph-cluster-"

// files are the paths below the folder of a cluster.
type files string

func (f files) at(name string) string { return filepath.Join(string(f), name) }

func (f files) lock() string                 { return f.at("lock") }
func (f files) authority() string            { return f.certificate("ca") }
func (f files) certificate(of string) string { return f.at(of + ".crt") }
func (f files) key(of string) string         { return f.at(of + ".key") }
func (f files) kubeconfig(of string) string  { return f.at(of + ".kubeconfig") }
func (f files) log(of Part) string           { return f.at(string(of) + ".log") }
func (f files) audit() string                { return f.at("audit.jsonl") }

// etcdVersion is written when all parts have been ready once: there are data to keep.
func (f files) etcdVersion() string { return f.at("etcd-version") }

// newestVersion is of the Kubernetes that has worked with the data; it never goes back.
func (f files) newestVersion() string { return f.at("kubernetes-version") }

// claim makes the folder, or takes the one of an earlier cluster, and keeps other processes out of it.
func (c *Cluster) claim() error {
	if c.options.Folder == "" {
		sweep(os.TempDir())
		return c.claimTemporary()
	}
	folder, err := filepath.Abs(c.options.Folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	if _, err := os.Stat(files(folder).key("ca")); errors.Is(err, fs.ErrNotExist) && len(entries) > 0 {
		return fmt.Errorf("folder %s holds something else than a cluster (%s, ...); name an empty one, one that does not exist, or one of an earlier cluster", folder, entries[0].Name())
	}
	if c.lock, err = filelock.Try(files(folder).lock()); err != nil {
		return err
	}
	if c.lock == nil {
		return fmt.Errorf("folder %s belongs to a cluster that runs; close that first, or name another folder", folder)
	}
	c.files = files(folder)
	return nil
}

// claimTemporary makes a folder of its own. One that a sweep took for forgotten, in the moment between its
// making and its locking, is given up.
func (c *Cluster) claimTemporary() error {
	for {
		folder, err := os.MkdirTemp("", prefix)
		if err != nil {
			return err
		}
		lock, err := filelock.Try(files(folder).lock())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, os.RemoveAll(folder))
		}
		if lock != nil {
			c.files, c.lock, c.temporary = files(folder), lock, true
			return nil
		}
	}
}

// sweep removes the folders of processes that died without closing their cluster. They are those that
// nobody holds the lock of. What cannot be removed is somebody else's; it stays.
func sweep(temporary string) {
	entries, err := os.ReadDir(temporary)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), prefix) {
			continue
		}
		folder := files(filepath.Join(temporary, entry.Name()))
		lock, err := filelock.Try(folder.lock())
		if err != nil || lock == nil {
			continue
		}
		_ = os.RemoveAll(string(folder))
		lock.Release()
	}
}
