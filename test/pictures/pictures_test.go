package pictures

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"html"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"polygraph/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the pictures")

const root = "../.."

// TestCascadePicture draws the first cascade of examples/acme as the terminal
// shows it.
func TestCascadePicture(t *testing.T) {
	t.Chdir(root)
	var out, errs bytes.Buffer
	code := cli.Run(context.Background(), cli.IO{
		Args: []string{"check", "examples/acme/plan.json"}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
	})
	if code != 1 {
		t.Fatalf("exit %d, want 1: %s", code, errs.String())
	}
	lines := []string{"$ polygraph check examples/acme/plan.json", ""}
	found := block(out.String(), "CHG001")
	if len(found) < 5 {
		t.Fatalf("no cascade in the output:\n%s", out.String())
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), found[0]) {
		t.Errorf("README.md does not show what the program prints: %s", found[0])
	}
	// Too long for a picture: the title goes below.
	head, title, _ := strings.Cut(found[0], "  one cause")
	lines = append(lines, head, "           one cause"+title)
	lines = append(lines, found[1:]...)
	summary := strings.Split(strings.TrimSpace(out.String()), "\n")
	last, _, _ := strings.Cut(summary[len(summary)-1], ".  ") // without the time it took
	lines = append(lines, "", last+".")
	compare(t, "docs/pictures/cascade.svg", terminal(lines))
}

// block returns the lines of the first finding of a rule, without its proof: the
// picture says the same.
func block(text, rule string) []string {
	var lines []string
	keep := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.Contains(line, "FALSE") && strings.Contains(line, rule) && len(lines) == 0:
			keep = true
		case keep && line == "":
			return lines
		case strings.HasPrefix(line, "  proof"):
			keep = false
		case strings.HasPrefix(line, "  remedy") && len(lines) > 0:
			return lines
		}
		if keep {
			lines = append(lines, line)
		}
	}
	return lines
}

const (
	charWidth  = 8.43 // of 14 px DejaVu Sans Mono
	lineHeight = 20
	margin     = 20
)

// terminal draws lines of text as a terminal window.
func terminal(lines []string) []byte {
	width := 0
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l))
	}
	w, h := int(float64(width)*charWidth)+2*margin, len(lines)*lineHeight+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" font-family="'DejaVu Sans Mono','Menlo','Consolas',monospace" font-size="14">`+"\n", w, h, w, h)
	b.WriteString("<title>polygraph check: the cascade of examples/acme</title>\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#15191f"/>`+"\n", w, h)
	for i, l := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s" xml:space="preserve">%s</text>`+"\n", margin, margin+14+i*lineHeight, ink(l), paint(l))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func ink(line string) string {
	switch {
	case strings.HasPrefix(line, "$"):
		return "#8ab4f8"
	default:
		return "#d7dce2"
	}
}

// paint colours the words that carry the meaning; the words stay readable
// without the colours.
func paint(line string) string {
	s := html.EscapeString(line)
	span := func(word, colour, weight string) {
		s = strings.ReplaceAll(s, word, fmt.Sprintf(`<tspan fill="%s" font-weight="%s">%s</tspan>`, colour, weight, word))
	}
	span("✗ FALSE", "#ff7b72", "bold")
	span("  replaced:", "#ffa657", "normal")
	span("  updated:", "#7ee787", "normal")
	span("  read during apply:", "#8b949e", "normal")
	for _, label := range []string{"  claim ", "  picture "} {
		if rest, ok := strings.CutPrefix(s, label); ok {
			return `<tspan fill="#8b949e">` + label + `</tspan>` + rest
		}
	}
	return s
}

func compare(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the program prints any more: go test ./test/pictures -update, and look at it", path)
	}
}
