package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	npmPackage      = "@cdktf/provider-aws"
	npmVersion      = "21.22.1"
	providerVersion = "6.25.0"
)

//go:embed types.txt
var typesList string

func main() {
	if err := generate(".build", "schema.json"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate reads the package below build and writes the schema to out.
func generate(build, out string) error {
	lib, err := fetch(build)
	if err != nil {
		return err
	}
	resources, dataSources := map[string]any{}, map[string]any{}
	for line := range strings.Lines(typesList) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, isData := strings.CutPrefix(line, "data ")
		folder := strings.ReplaceAll(strings.TrimPrefix(name, "aws_"), "_", "-")
		into := resources
		if isData {
			folder, into = "data-aws-"+folder, dataSources
		}
		block, err := readType(filepath.Join(lib, folder), name)
		if err != nil {
			return err
		}
		into[name] = block
	}
	return write(out, resources, dataSources)
}

// fetch unpacks the npm package once and returns its lib folder.
func fetch(build string) (string, error) {
	lib := filepath.Join(build, "package", "lib")
	if _, err := os.Stat(lib); err == nil {
		return lib, nil
	}
	if err := os.MkdirAll(build, 0o755); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"npm", "pack", "--silent", npmPackage + "@" + npmVersion},
		{"tar", "xzf", "cdktf-provider-aws-" + npmVersion + ".tgz"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = build
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s in %s: %w: %s; check that npm reaches its registry and that tar is installed", strings.Join(args, " "), build, err, out)
		}
	}
	return lib, nil
}

// write puts one type on one line: a changed type is then one changed line.
func write(path string, resources, dataSources map[string]any) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "{\n\"provider\": \"aws %s\",\n\"origin\": \"npm %s %s (MPL-2.0), read by test/mockaws/gen\"", providerVersion, npmPackage, npmVersion)
	for _, section := range []struct {
		name  string
		types map[string]any
	}{{"resources", resources}, {"data_sources", dataSources}} {
		fmt.Fprintf(w, ",\n%q: {", section.name)
		for i, name := range sortedKeys(section.types) {
			line, err := json.Marshal(section.types[name])
			if err != nil {
				return err
			}
			if i > 0 {
				w.WriteString(",")
			}
			fmt.Fprintf(w, "\n%q: %s", name, line)
		}
		w.WriteString("\n}")
	}
	w.WriteString("\n}\n")
	return w.Flush()
}
