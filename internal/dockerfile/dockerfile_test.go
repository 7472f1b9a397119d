package dockerfile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/pinning"
)

func read(t testing.TB, text string) *File {
	t.Helper()
	f, err := Read(context.Background(), &evidence.Item{Kind: evidence.Dockerfile(), Path: "Dockerfile", Blob: evidence.Bytes([]byte(text))})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// show writes a use as: place = text, with what is special about it.
func show(u pinning.ImageUse) string {
	s := u.Place + " = " + u.Text
	if u.Local {
		s += " local"
	}
	if len(u.Open) > 0 {
		s += " open " + strings.Join(u.Open, ",")
	}
	if u.Ambiguous != "" {
		s += " ambiguous"
	}
	return s
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"one":      {"FROM alpine:3\n", "final stage = alpine:3"},
		"crlf":     {"FROM alpine:3\r\nRUN x\r\n", "final stage = alpine:3"},
		"no end":   {"from alpine:3", "final stage = alpine:3"},
		"bom":      {"\xef\xbb\xbf# x\n\nFROM alpine:3\n", "final stage = alpine:3"},
		"platform": {"FROM --platform=$BUILDPLATFORM golang:1 AS build\n", "stage build = golang:1"},
		"stages": {
			"FROM golang:1 AS build\nFROM BUILD AS test\nFROM alpine:3\nCOPY --from=build /a /a\nCOPY --from=0 /a /b\nCOPY --chown=1:1 --from=nginx:1 /c /c\n",
			"stage build = golang:1\nstage test = BUILD local\nfinal stage = alpine:3\nfinal stage copies from build = build local\nfinal stage copies from nginx = nginx:1",
		},
		"args": {
			"ARG V=1.22\nARG BASE=\"golang:${V}\"\nFROM ${BASE}-alpine\n",
			"final stage = golang:1.22-alpine",
		},
		"args in one line":  {"ARG A=x B=y\nFROM $A/$B:1\n", "final stage = x/y:1"},
		"no default":        {"ARG V\nFROM golang:$V\n", "final stage = golang: open V"},
		"default in place":  {"ARG V\nFROM golang:${V:-1.22}\n", "final stage = golang:1.22"},
		"undeclared":        {"FROM golang:$V\n", "final stage = golang: open V"},
		"redeclared open":   {"ARG V=1\nARG V\nFROM golang:$V\n", "final stage = golang: open V"},
		"arg of a stage":    {"FROM a:1\nARG V=1\nFROM golang:$V\n", "stage 0 = a:1\nfinal stage = golang: open V"},
		"platform variable": {"FROM base-$TARGETARCH:1\n", "final stage = base-amd64:1"},
		"stage by variable": {"FROM a:1 AS s-amd64\nFROM b:1 AS s-arm64\nFROM s-${TARGETARCH}\n", "stage s-amd64 = a:1\nstage s-arm64 = b:1\nfinal stage = s-amd64 local"},
		"stage by option":   {"ARG DEBUG\nFROM a:1 AS s-linux\nFROM b:1 AS s-linux-debug\nFROM s-$TARGETOS${DEBUG:+-debug} AS x\n", "stage s-linux = a:1\nstage s-linux-debug = b:1\nstage x = s-linux local open DEBUG"},
		"continued":         {"FROM \\\n  # why\n\n  alpine:3 \\\n  AS x\n", "stage x = alpine:3"},
		"escape":            {"# escape=`\nFROM `\n  alpine:3\nRUN dir c:\\\nRUN y\n", "final stage = alpine:3"},
		"syntax": {
			"# syntax=docker/dockerfile:1.7 x\n# escape=\\\nFROM alpine:3\n# syntax=nobody/reads:this\n",
			"syntax = docker/dockerfile:1.7\nfinal stage = alpine:3",
		},
		"late syntax": {"# a comment\n# syntax=docker/dockerfile:1\nFROM alpine:3\n", "final stage = alpine:3"},
		"heredoc": {
			"FROM a:1\nRUN <<EOF\nFROM b:1\nCOPY --from=c:1 / /\nEOF\nCOPY <<-\"X Y\" <<Z /d\n\tFROM d:1\n\tX Y\nFROM e:1\nZ\nFROM f:1\n",
			"stage 0 = a:1\nfinal stage = f:1",
		},
		"spaced name": {"FROM a:1\nRUN cat << EOF\nFROM b:1\nEOF\nFROM c:1\n", "stage 0 = a:1\nfinal stage = c:1"},
		"no heredoc":  {"FROM a:1\nRUN [\"cat\", \"<<EOF\"]\nRUN echo $((1<<2))\nRUN cat <<\nFROM b:1\n", "stage 0 = a:1\nfinal stage = b:1"},
		"mount":       {"FROM a:1\nRUN --mount=type=bind,from=b:2,target=/x --mount=type=cache,target=/y --mount=from=tools go build\n", "final stage = a:1\nfinal stage mounts b = b:2\nfinal stage mounts tools = tools ambiguous"},
		"context":     {"FROM a:1 AS x\nCOPY --from=assets / /\nCOPY --from=ghcr.io/a/b / /\n", "stage x = a:1\nstage x copies from assets = assets ambiguous\nstage x copies from ghcr.io/a/b = ghcr.io/a/b"},
		"later stage": {"FROM a:1\nCOPY --from=late / /\nFROM b:1 AS late\n", "stage 0 = a:1\nstage 0 copies from late = late local\nstage late = b:1"},
		"copy var":    {"ARG I=b:1\nFROM a:1\nCOPY --from=$I / /\n", "final stage = a:1\nfinal stage copies from = $I open $I"},
		"onbuild":     {"FROM a:1\nONBUILD COPY --from=b:1 / /\n", "final stage = a:1\nfinal stage copies from b = b:1"},
		"scratch":     {"FROM scratch\n", "final stage = scratch"},
		"template":    {"FROM {{ base }}:1\n", "final stage = {{ base }}:1 open {{ base }}:1"},
		"quoted":      {"FROM \"alpine:3\"\n", "final stage = alpine:3"},
		"flag only":   {"FROM --platform=x\nFROM a:1\n", "final stage = a:1"},
		"comment end": {"FROM a:1 # pinned\n", "final stage = a:1 # pinned open a:1 # pinned"}, // no comment to a builder either
	} {
		var got []string
		f := read(t, c.in)
		for _, u := range f.Images {
			got = append(got, show(u))
			if u.Written != "" && strings.TrimSpace(c.in[u.Offset:u.End]) != u.Written {
				t.Errorf("%s: %q stands at %q", name, u.Written, c.in[u.Offset:u.End])
			}
			if u.Line != 1+strings.Count(c.in[:u.Offset], "\n") || !strings.Contains(u.Span.Text, u.Written) {
				t.Errorf("%s: line %d %q has no %q", name, u.Line, u.Span.Text, u.Written)
			}
		}
		if g := strings.Join(got, "\n"); g != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, g, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	for name, text := range map[string]string{
		"no FROM": "RUN x\n", "empty": "", "binary": "FROM a\x00", "big": "FROM a\n" + strings.Repeat("# x\n", MaxFile/4),
	} {
		_, err := Read(context.Background(), &evidence.Item{Blob: evidence.Bytes([]byte(text))})
		var p *evidence.Problem
		if !errors.As(err, &p) || p.Reason == "" || p.Do == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBounds(t *testing.T) {
	f := read(t, strings.Repeat("FROM a\n", MaxImages+10))
	if len(f.Images) != MaxImages || len(f.Notes) != 1 {
		t.Errorf("%d images, %v", len(f.Images), f.Notes)
	}
	read(t, "FROM a\nRUN x\\\n"+strings.Repeat("a\\\n", MaxFile/3-20)) // takes no quadratic time
	var b strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&b, "ARG A%d=$A%d$A%d\n", i, i-1, i-1)
	}
	read(t, "ARG A-1=xx\n"+b.String()[:MaxFile/2]+"\nFROM a\n")
}

func TestDetect(t *testing.T) {
	for name, want := range map[string]bool{
		"Dockerfile": true, "a/b/Dockerfile": true, `a\Dockerfile`: true, "Dockerfile.prod": true, "api.Dockerfile": true,
		"api.dockerfile": true, "Containerfile": true, "Containerfile.dev": true, "Dockerfile-alpine": true, "dockerfile": true,
		"Dockerfile.dockerignore": false, "Dockerfiles": false, "README.md": false, "my-dockerfile": false,
	} {
		if kind, _ := Detect(name, []byte("# x\nARG V=1\nFROM a\n")); (kind != nil) != want {
			t.Errorf("%s: %v", name, kind)
		}
	}
	for head, want := range map[string]bool{
		"FROM a": true, "from a": true, "\n\n# syntax=x\nFROM \\\n a": true, "# Dockerfile\ntext": false, "": false,
		"FROM": false, "def test():": false, "RUN x": false, "FROM\x00a": false,
	} {
		if kind, _ := Detect("Dockerfile", []byte(head)); (kind != nil) != want {
			t.Errorf("%q: %v", head, kind)
		}
	}
}

// FuzzParse: any bytes are a file or a problem, and every reference stands where
// its span says.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"FROM a", "ARG V=1\nFROM --platform=x a:${V:-2} AS b\nCOPY --from=b / /\nRUN --mount=from=c:1 <<E\nE\n", "# escape=`\nFROM `\na\n",
		"FROM a\nONBUILD RUN <<-'E'\n\tE\n", "# syntax=x y\nFROM \"a\"", "FROM a\r\n\\\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Detect("Dockerfile", data)
		file, problem := Parse(data)
		if problem != nil {
			if problem.Reason == "" || problem.Do == "" {
				t.Fatalf("%#v", problem)
			}
			return
		}
		for _, u := range file.Images {
			if u.Offset < 0 || u.End < u.Offset || u.End > int64(len(data)) || u.Place == "" {
				t.Fatalf("%+v", u)
			}
			at := string(data[u.Offset:u.End])
			if !strings.HasPrefix(at, u.Written[:1]) || !strings.HasSuffix(at, u.Written[len(u.Written)-1:]) {
				t.Fatalf("%q stands at %q", u.Written, at)
			}
			u.Judge()
		}
	})
}
