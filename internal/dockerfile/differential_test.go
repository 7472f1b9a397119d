package dockerfile

import (
	"bytes"
	"strings"
	"testing"

	buildkit "github.com/moby/buildkit/frontend/dockerfile/parser"
)

// FuzzBuildKit: what BuildKit's own parser takes for a FROM is one here, in the
// same line and with the same words.
func FuzzBuildKit(f *testing.F) {
	for _, s := range []string{
		"FROM a", "FROM --platform=x a:1 AS b\n", "# escape=`\nFROM `\na\n", "FROM a\nRUN <<E\nFROM b\nE\nFROM c\n",
		"FROM \\\n# x\n\n a \\\n\tAS y\nRUN [\"<<E\"]\nCOPY <<-\"X\" <<Y /\n\tX\nFROM z\nY\n", "ONBUILD RUN <<E\nFROM x\nE\nFROM y", "FROM a\\\\\nRUN x\\ \nFROM b",
		"\xef\xbb\xbf#syntax=a\n# escape=\\\nfrom A", "FROM a\nRUN x <<'E\nFROM b\nE\n", "FROM a\nRUN --mount=x <<E cat\nE\n#c\\\nFROM b\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.Equal(bytes.ToValidUTF8(data, nil), data) || bytes.ContainsAny(data, "\x00\v\f\u0085\u00a0\u2000\u2001\u2002\u2003\u2028\u2029\u202f\u3000") {
			return // what is space there and here differs beyond ASCII
		}
		if bytes.Contains(data, []byte("--")) && bytes.ContainsAny(data, "\"'") {
			return // quoted spaces in an option are not read here
		}
		result, err := buildkit.Parse(bytes.NewReader(data))
		if err != nil {
			return
		}
		var want, got []string
		for _, n := range result.AST.Children {
			if !strings.EqualFold(n.Value, "FROM") {
				continue
			}
			var words []string
			for w := n.Next; w != nil; w = w.Next {
				words = append(words, w.Value)
			}
			if len(words) > 0 {
				want = append(want, strings.Join(words, " "))
			}
		}
		r := newReader(data)
		for {
			in, ok := r.next()
			if !ok {
				break
			}
			words := in.words()
			if name(in, words[0]) != "FROM" {
				continue
			}
			_, words = flags(in, words[1:])
			var list []string
			for _, w := range words {
				list = append(list, in.text[w[0]:w[1]])
			}
			if len(list) > 0 {
				got = append(got, strings.Join(list, " "))
			}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("%q: got %q, BuildKit has %q", data, got, want)
		}
	})
}
