package oracle_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"polygraph/test/cluster/binary"
)

var updateJudged = flag.Bool("update-judged", false, "write internal/fields/table.txt: the fields about which the judge and the oracle agree")

const judgedTable = "../../internal/fields/table.txt"

// agreed are the fields that a walk reached with a valid mutation: by kind and
// field, the letters of the releases on which the judge was right each time.
type agreed map[string]map[string]string

// letter names a release in the table, for good: the newest has the first.
func letter(v binary.Version) string {
	return string(rune('a' + 37 - minorOf(v)))
}

func minorOf(v binary.Version) int {
	var n int
	_, _ = fmt.Sscanf(v.Minor(), "1.%d", &n)
	return n
}

// judgedKind is "apps/v1 Deployment" as the judge names it: Deployment.apps.
func judgedKind(kind string) string {
	version, name, _ := strings.Cut(kind, " ")
	if group, _, ok := strings.Cut(version, "/"); ok {
		return name + "." + group
	}
	return name
}

// replace puts in what one release found.
func (a agreed) replace(l string, found map[string]map[string]bool) {
	for _, fields := range a {
		for f, letters := range fields {
			fields[f] = strings.ReplaceAll(letters, l, "")
		}
	}
	for kind, fields := range found {
		if a[kind] == nil {
			a[kind] = map[string]string{}
		}
		for f, right := range fields {
			if right {
				letters := strings.Split(a[kind][f]+l, "")
				slices.Sort(letters)
				a[kind][f] = strings.Join(letters, "")
			}
		}
	}
}

// text is the table: see internal/fields/table_proof.go.
func (a agreed) text(releases map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString("# Made by go test ./test/oracle -run TestJudgeWalk -update-judged; the form is told in table_proof.go.\n")
	for _, l := range slices.Sorted(maps.Keys(releases)) {
		fmt.Fprintf(&b, "! %s %s\n", l, releases[l])
	}
	for _, kind := range slices.Sorted(maps.Keys(a)) {
		root := &branch{}
		most := map[string]int{}
		for f, letters := range a[kind] {
			if letters != "" {
				root.add(strings.Split(f, "."), letters)
				most[letters]++
			}
		}
		if len(most) == 0 {
			continue
		}
		for letters, n := range most { // what most fields have is said once
			if n > most[root.letters] || n == most[root.letters] && letters < root.letters {
				root.letters = letters
			}
		}
		fmt.Fprintf(&b, "K %s %s\n", kind, root.letters)
		root.write(&b, "\t")
	}
	return b.Bytes()
}

type branch struct {
	letters string
	under   map[string]*branch
}

func (n *branch) add(path []string, letters string) {
	for _, name := range path {
		if n.under == nil {
			n.under = map[string]*branch{}
		}
		if n.under[name] == nil {
			n.under[name] = &branch{}
		}
		n = n.under[name]
	}
	n.letters = letters
}

func (n *branch) write(b *bytes.Buffer, indent string) {
	for _, name := range slices.Sorted(maps.Keys(n.under)) {
		c := n.under[name]
		switch c.letters {
		case n.letters:
			fmt.Fprintf(b, "%s%s\n", indent, name)
		case "":
			fmt.Fprintf(b, "%s%s -\n", indent, name)
			c.letters = "-"
		default:
			fmt.Fprintf(b, "%s%s %s\n", indent, name, c.letters)
		}
		c.write(b, indent+"\t")
	}
}

// readAgreed reads the table back.
func readAgreed(t *testing.T) (agreed, map[string]string) {
	t.Helper()
	data, err := os.ReadFile(judgedTable)
	if err != nil {
		t.Fatal(err)
	}
	a, releases := agreed{}, map[string]string{}
	var kind string
	var names, letters []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		words := strings.Fields(line)
		depth := len(line) - len(strings.TrimLeft(line, "\t"))
		switch {
		case strings.HasPrefix(line, "! "):
			releases[words[1]] = words[2]
		case strings.HasPrefix(line, "K "):
			kind, names, letters = words[1], nil, []string{words[2]}
			a[kind] = map[string]string{}
		case depth > 0:
			names, letters = append(names[:depth-1], words[0]), letters[:depth]
			l := letters[depth-1]
			if len(words) > 1 {
				l = words[1]
			}
			letters = append(letters, l)
			if l != "-" {
				a[kind][strings.Join(names, ".")] = l
			}
		}
	}
	return a, releases
}
