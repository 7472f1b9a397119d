package netpol

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/reach"
)

// connection is a row of an expectation. An end is a name, "shop/web[Deployment]",
// or a range of addresses.
type connection struct {
	from, to       string
	fromIPs, toIPs span
	ports          reach.Ports
	written        string // the ports, as there
}

// span is a range of addresses, both included; it is not valid for a name.
type span struct{ first, last netip.Addr }

func (s span) valid() bool { return s.first.IsValid() }

const (
	externalSuffix    = "[External]"
	ingressController = "{ingress-controller}"
)

func spanOf(text string) (s span, err error) {
	first, last, ok := strings.Cut(strings.TrimSuffix(text, externalSuffix), "-")
	if !ok {
		return s, fmt.Errorf("no range of addresses: %q", text)
	}
	if s.first, err = netip.ParseAddr(first); err == nil {
		s.last, err = netip.ParseAddr(last)
	}
	return s, err
}

func newConnection(from, to, written string) (c connection, err error) {
	c = connection{from: from, to: to, written: written}
	if c.ports, err = ports(written); err != nil {
		return c, err
	}
	if strings.HasSuffix(from, externalSuffix) {
		if c.fromIPs, err = spanOf(from); err != nil {
			return c, err
		}
	}
	if strings.HasSuffix(to, externalSuffix) {
		c.toIPs, err = spanOf(to)
	}
	return c, err
}

// expected reads an expectation: the text, and where the JSON of the same rows
// lies beside it, that they are the same.
func expected(t *testing.T, dir string) []connection {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "expected_connlist.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []connection
	lines := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		ends, written, okPorts := strings.Cut(line, " : ")
		from, to, okEnds := strings.Cut(ends, " => ")
		c, err := newConnection(from, to, written)
		if !okPorts || !okEnds || err != nil {
			t.Fatalf("%s: %q is no row: %v", dir, line, err)
		}
		lines[line] = true
		out = append(out, c)
	}
	asJSON, err := os.ReadFile(filepath.Join(dir, "expected_connlist.json"))
	if err != nil {
		return out
	}
	var rows []struct{ Src, Dst, Conn string }
	if err := json.Unmarshal(asJSON, &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !lines[r.Src+" => "+r.Dst+" : "+r.Conn] {
			t.Errorf("%s: the JSON has a row that the text has not: %v", dir, r)
		}
	}
	if len(rows) != len(out) {
		t.Errorf("%s: %d rows of JSON, %d of text", dir, len(rows), len(out))
	}
	return out
}

// TestConnections compares all rows of all folders.
func TestConnections(t *testing.T) {
	root := shared(t, "np-guard")
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	found := differences{}
	var total comparison
	for _, d := range folders {
		dir := filepath.Join(root, d.Name())
		rows := expected(t, dir)
		c := &comparison{name: d.Name(), found: found, rows: len(rows)}
		c.model = build(t, inputs(t, filepath.Join(dir, "input")), reach.Options{Blocks: reach.BlocksMatchOutsideOnly})
		c.run(rows)
		total.rows += c.rows
		total.pairs += c.pairs
		total.ranges += c.ranges
	}
	explained, failed := found.hold(t, "np-guard")
	count(t, "np-guard", fmt.Sprintf("folders %d: equal %d, explained %d, failed %d; rows %d, pairs of workloads compared %d, ranges of addresses %d",
		len(folders), len(folders)-len(found), explained, failed, total.rows, total.pairs, total.ranges))
}

// inputs are all objects of a folder.
func inputs(t *testing.T, dir string) []*kubeobj.Object {
	t.Helper()
	var out []*kubeobj.Object
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		out = append(out, parse(t, filepath.ToSlash(rel), text)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
