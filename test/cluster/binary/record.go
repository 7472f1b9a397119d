package binary

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// recordFile lies beside the program.
const recordFile = "build.json"

// Record tells how a program in the cache came about.
type Record struct {
	Program string        `json:"program"`
	Version string        `json:"version"`
	Go      string        `json:"go"`
	Target  string        `json:"target"`
	Built   time.Time     `json:"built"`
	Seconds float64       `json:"seconds"`
	Stages  []StageRecord `json:"stages"`
}

// StageRecord is one stage that had something to do.
type StageRecord struct {
	Name     string  `json:"name"`
	Packages int     `json:"packages"`
	Seconds  float64 `json:"seconds"`
}

// Record reads how the program was built, from beside it.
func (p Program) Record() (Record, error) {
	file, err := p.Find()
	if err != nil {
		return Record{}, err
	}
	path := filepath.Join(filepath.Dir(file), recordFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return Record{}, err
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return Record{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func (p Program) record(folder string, stages []Stage) error {
	r := Record{
		Program: p.Name, Version: p.Version, Go: runtime.Version(), Target: runtime.GOOS + "/" + runtime.GOARCH,
		Built: time.Now().UTC().Truncate(time.Second),
	}
	for _, s := range stages {
		r.Seconds += s.Took.Seconds()
		r.Stages = append(r.Stages, StageRecord{Name: s.Name, Packages: s.Packages, Seconds: s.Took.Seconds()})
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, recordFile), append(text, '\n'), 0o644)
}
