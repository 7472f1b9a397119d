package fields

import (
	_ "embed"
	"strings"
	"sync"

	"polygraph/internal/kubeschema"
)

// The table is made by `go test ./test/oracle -run TestJudgeWalk -update-judged`,
// which asks Kubernetes' own code about every field of every kind, and writes
// down the fields about which Judge said the same each time. Its lines:
//
//	! LETTER RELEASE            a release that was asked
//	K KIND LETTERS
//	\tNAME LETTERS              a field of the kind or, one tab deeper, of the field above
//
// LETTERS are left out where they are those of the line above that it belongs
// to; - is none.
//
//go:embed table.txt
var proofText string

// proofNode is a field and the releases that agreed about it.
type proofNode struct {
	letters string
	fields  map[string]*proofNode
}

type proofs struct {
	releases map[kubeschema.Version]struct{ letter, release string }
	kinds    map[string]*proofNode
}

var proofTable = sync.OnceValue(func() *proofs { return parseProofs(proofText) })

// parseProofs reads the table, which is our own: a line that is none is left
// out.
func parseProofs(text string) *proofs {
	p := &proofs{releases: map[kubeschema.Version]struct{ letter, release string }{}, kinds: map[string]*proofNode{}}
	var above []*proofNode
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		depth := len(line) - len(strings.TrimLeft(line, "\t"))
		words := strings.Fields(line)
		switch {
		case len(words) == 3 && words[0] == "!":
			if v, ok := minorOf(words[2]); ok {
				p.releases[v] = struct{ letter, release string }{words[1], words[2]}
			}
		case len(words) == 3 && words[0] == "K":
			n := &proofNode{letters: words[2], fields: map[string]*proofNode{}}
			p.kinds[words[1]], above = n, []*proofNode{n}
		case depth > 0 && depth <= len(above) && len(words) > 0:
			up := above[depth-1]
			n := &proofNode{letters: up.letters, fields: map[string]*proofNode{}}
			if len(words) > 1 {
				n.letters = words[1]
			}
			up.fields[words[0]], above = n, append(above[:depth], n)
		}
	}
	return p
}

func minorOf(release string) (kubeschema.Version, bool) {
	rest, ok := strings.CutPrefix(release, "1.")
	v := kubeschema.Version(0)
	for _, r := range rest {
		if r < '0' || r > '9' {
			break
		}
		v = v*10 + kubeschema.Version(r-'0')
	}
	return v, ok && v >= kubeschema.Oldest && v <= kubeschema.Newest
}

// Releases are those that were asked, by minor version.
func Releases() map[kubeschema.Version]string {
	all := map[kubeschema.Version]string{}
	for v, r := range proofTable().releases {
		all[v] = r.release
	}
	return all
}

// proven is the release on which Kubernetes' own code was asked about a field,
// and did with each edit of it what Judge said; "" where it was not asked. The
// entries of a map are asked about with the map, and a struct that cannot come or
// go by itself with the fields in it.
func proven(v kubeschema.Version, kind, field string) string {
	p := proofTable()
	r, ok := p.releases[v]
	n := p.kinds[kind]
	if !ok || n == nil {
		return ""
	}
	for name := range strings.SplitSeq(field, ".") {
		if name == "*" {
			continue
		}
		if n = n.fields[name]; n == nil {
			return ""
		}
	}
	if !n.has(r.letter) {
		return ""
	}
	return r.release
}

func (n *proofNode) has(letter string) bool {
	if n.letters != "-" {
		return strings.Contains(n.letters, letter)
	}
	for _, in := range n.fields {
		if in.has(letter) {
			return true
		}
	}
	return false
}
