package engine

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Root is the folder of the root module. A test runs in the folder of its package, wherever the go
// command was started, so the way up from there always passes the root; nested modules are passed by.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		if modulePath(filepath.Join(folder, "go.mod")) == "polygraph" {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("no go.mod of module polygraph in %s or above", start)
		}
	}
}

// modulePath reads the module line of a go.mod file, or nothing.
func modulePath(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) >= 2 && words[0] == "module" {
			return strings.Trim(words[1], `"`)
		}
	}
	return ""
}
