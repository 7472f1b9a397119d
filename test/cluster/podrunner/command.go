package podrunner

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// surroundings are what a process runs in: those of a container's main process, of its exec probes and of
// its hooks.
type surroundings struct {
	variables map[string]string
	folder    string
}

// command prepares a process. Its variables are those of the container and, in place of what an image
// would set, PATH, HOME and TMPDIR of this process and HOSTNAME.
func (s surroundings) command(args []string) (*exec.Cmd, error) {
	path, err := s.find(args[0])
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: path, Args: args, Dir: s.folder}
	for name, value := range s.variables {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	slices.Sort(cmd.Env)
	return cmd, nil
}

// imageVariables stand in for the environment that an image sets.
func imageVariables(host string) map[string]string {
	variables := map[string]string{"HOSTNAME": host}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			variables[name] = value
		}
	}
	return variables
}

// find looks the program up in the container's own PATH.
func (s surroundings) find(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return filepath.Join(s.folder, name), nil
	}
	for _, folder := range filepath.SplitList(s.variables["PATH"]) {
		// An error of LookPath other than "not here" does not end a search of a shell either.
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil && filepath.IsAbs(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%q: no such program in PATH=%s", name, s.variables["PATH"])
}

// makeFolder is the working folder. One that a container names has to be there: this machine's folders are
// not made for it.
func makeFolder(named, own string) (string, error) {
	if err := os.MkdirAll(own, 0o700); err != nil {
		return "", err
	}
	if named == "" {
		return own, nil
	}
	info, err := os.Stat(named)
	if err == nil && !info.IsDir() {
		err = errors.New("it is no folder")
	}
	if err != nil {
		return "", fmt.Errorf("workingDir %s: %w", named, err)
	}
	return named, nil
}
