package mockaws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// Cloud is the directory that plays AWS:
//
//	objects/<type>/<id>.json     what exists; edit one to make drift, remove one to lose it
//	contents/<type>/<id>.json    {"items": N}: what lies in a bucket or repository
//	snapshots/<name>.json        final snapshots
//	recoverable/<type>/<id>.json deleted, but still within its recovery window
//	data/<type>.json             overrides what a data source answers
//	issued/                      identifiers that were given out once and never come back
//	counters/<type>/<of>.json    {"last": N}: revisions that were given out
//	calls.jsonl                  every call, in order
type Cloud struct {
	Dir string
	mu  sync.Mutex
}

// Call is one line of calls.jsonl.
type Call struct {
	Call  string `json:"call"` // create, read, update, delete, import; retain: left alone instead of deleted
	Type  string `json:"type"`
	ID    string `json:"id"`
	Error string `json:"error,omitempty"` // the refusal
	Note  string `json:"note,omitempty"`  // what it left behind or took along
}

func (c *Cloud) path(parts ...string) string {
	for i, part := range parts[1:] {
		parts[i+1] = url.PathEscape(part)
	}
	return filepath.Join(append([]string{c.Dir}, parts...)...)
}

// Get returns nil when there is no such object.
func (c *Cloud) Get(kind, typ, id string) (map[string]any, error) {
	path := c.path(kind, typ, id+".json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("%s: %w; mend the JSON or remove the file", path, err)
	}
	return object, nil
}

// Put writes an object so that people can read and edit it.
func (c *Cloud) Put(kind, typ, id string, object map[string]any) error {
	path := c.path(kind, typ, id+".json")
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// Remove takes an object away.
func (c *Cloud) Remove(kind, typ, id string) error {
	return os.Remove(c.path(kind, typ, id+".json"))
}

// Log appends to calls.jsonl.
func (c *Cloud) Log(call Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	line, err := json.Marshal(call)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.path("calls.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("the cloud directory %s: %w; create it or set MOCKAWS_CLOUD", c.Dir, err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// Calls reads calls.jsonl: what really happened, in order.
func (c *Cloud) Calls() ([]Call, error) {
	data, err := os.ReadFile(c.path("calls.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var calls []Call
	for decoder := json.NewDecoder(bytes.NewReader(data)); decoder.More(); {
		var call Call
		if err := decoder.Decode(&call); err != nil {
			return nil, fmt.Errorf("%s: %w", c.path("calls.jsonl"), err)
		}
		calls = append(calls, call)
	}
	return calls, nil
}

// Issue returns a seed for identifiers that was never used before: an object that is created
// again with the same configuration is still another object.
func (c *Cloud) Issue(typ, configuration string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := 0; ; n++ {
		seed := fmt.Sprintf("%s\x00%s\x00%d", typ, configuration, n)
		path := c.path("issued", (&resolver{seed: seed}).hex("issued", 32))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		return seed, f.Close()
	}
}

// Count returns the next number of a series.
func (c *Cloud) Count(typ, of string) (json.Number, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	counter, err := c.Get("counters", typ, of)
	if err != nil {
		return "", err
	}
	last := 0
	if counter != nil {
		if last, err = strconv.Atoi(fmt.Sprint(counter["last"])); err != nil {
			return "", fmt.Errorf("%s: %w; write a number", c.path("counters", typ, of+".json"), err)
		}
	}
	next := json.Number(strconv.Itoa(last + 1))
	return next, c.Put("counters", typ, of, map[string]any{"last": next})
}

// users lists the objects that mention a text in one of their attributes.
func (c *Cloud) users(text, exceptType, exceptID string) ([]string, error) {
	var found []string
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	root := c.path("objects")
	except := c.path("objects", exceptType, exceptID+".json")
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == except {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.Contains(data, quoted) {
			id, err := url.PathUnescape(strings.TrimSuffix(entry.Name(), ".json"))
			if err != nil {
				return err
			}
			found = append(found, filepath.Base(filepath.Dir(path))+" "+id)
		}
		return nil
	})
	return found, err
}
