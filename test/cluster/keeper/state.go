//go:build unix

package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

// Variable is the environment variable that names the folder in which the state folder lies.
const Variable = "POLYGRAPH_CLUSTER_STATE"

// Settings are what a cluster is started with.
type Settings struct {
	Version     binary.Version `json:"version"`
	Controllers []string       `json:"controllers"`
	Scheduler   bool           `json:"scheduler"`
	Nodes       int            `json:"nodes"`
	// Folder holds data and logs and stays when the cluster ends. Empty means a place in the state folder,
	// which goes with it.
	Folder string `json:"folder,omitempty"`
}

// Status tells of a cluster that became ready.
type Status struct {
	Settings
	URL     string         `json:"url"`
	Parts   []cluster.Part `json:"parts"`
	Started time.Time      `json:"started"`
}

// Keeper knows one name.
type Keeper struct {
	name   string
	folder string
	held   *os.File // in the supervisor: collected, it would be closed
}

var names = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// New is for the cluster of a name, running or not.
func New(name string) (*Keeper, error) {
	if !names.MatchString(name) {
		return nil, fmt.Errorf("a cluster cannot be named %q: a name has lower-case letters, digits and dashes inside, 40 at most", name)
	}
	state, err := state()
	if err != nil {
		return nil, err
	}
	return &Keeper{name: name, folder: filepath.Join(state, name)}, nil
}

// state is the folder of all names. It is never one that a person has named: each folder in it is a cluster,
// and is removed with it.
func state() (string, error) {
	if named := os.Getenv(Variable); named != "" {
		return filepath.Abs(filepath.Join(named, "polygraph-clusters"))
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the state of clusters: %w; name one in %s", err, Variable)
	}
	return filepath.Join(user, "polygraph", "clusters"), nil
}

// All are the clusters of which there is a trace, in the order of their names.
func All() ([]*Keeper, error) {
	state, err := state()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []*Keeper
	for _, entry := range entries {
		if entry.IsDir() && names.MatchString(entry.Name()) {
			all = append(all, &Keeper{name: entry.Name(), folder: filepath.Join(state, entry.Name())})
		}
	}
	return all, nil
}

// Name is the name of the cluster.
func (k *Keeper) Name() string { return k.name }

// Kubeconfig is the path of an administrator's configuration.
func (k *Keeper) Kubeconfig() string { return k.at("kubeconfig") }

func (k *Keeper) at(name string) string { return filepath.Join(k.folder, name) }

// data is the folder of the cluster itself.
func (k *Keeper) data(s Settings) string {
	if s.Folder != "" {
		return s.Folder
	}
	return k.at("data")
}

// Log is the path of the log of a part.
func (k *Keeper) Log(s Settings, part cluster.Part) string {
	return filepath.Join(k.data(s), string(part)+".log")
}

// Find returns the status of the cluster if it runs, else nil.
func (k *Keeper) Find() (*Status, error) {
	pid, err := holder(k.at("lock"))
	if err != nil || pid == 0 {
		return nil, err
	}
	s, err := k.Last()
	if errors.Is(err, fs.ErrNotExist) || k.Failure() != "" {
		return nil, nil // it is about to start, or to end
	}
	return s, err
}

// Last is the status of the cluster that runs or ran last and was not stopped.
func (k *Keeper) Last() (*Status, error) {
	var s Status
	return &s, read(k.at("status.json"), &s)
}

// Failure says why a cluster ended by itself; empty if none did.
func (k *Keeper) Failure() string {
	text, _ := os.ReadFile(k.at("failure"))
	return string(text)
}

func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// store writes a file that readers see whole or not at all.
func store(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
