package term

import (
	"image/color"
	"io"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"polygraph/internal/finding"
)

// ink is the set of styles. The colours are the sixteen that every terminal
// theme defines, so they stay readable on light and dark grounds.
type ink struct {
	bad, open, good, head, dim, cmd brush
}

type brush struct {
	style lipgloss.Style
	on    bool
}

func (b brush) paint(s string) string {
	if !b.on || s == "" {
		return s
	}
	return b.style.Render(s)
}

func newInk(p colorprofile.Profile) ink {
	mix := func(c color.Color, bold, faint bool) brush {
		s := lipgloss.NewStyle().TabWidth(lipgloss.NoTabConversion)
		if c != nil {
			s = s.Foreground(c)
		}
		return brush{s.Bold(bold).Faint(faint), p > colorprofile.NoTTY}
	}
	return ink{
		bad:  mix(lipgloss.Red, true, false),
		open: mix(lipgloss.Yellow, true, false),
		good: mix(lipgloss.Green, true, false),
		head: mix(nil, true, false),
		dim:  mix(nil, false, true),
		cmd:  mix(lipgloss.Cyan, false, false),
	}
}

// colored puts the writer in front of w that turns styles into what the
// terminal understands. Without colours there is nothing to turn.
func colored(w io.Writer, p colorprofile.Profile) io.Writer {
	if p <= colorprofile.NoTTY {
		return w
	}
	return &colorprofile.Writer{Forward: w, Profile: p}
}

// mark is the symbol and the word of a verdict, padded to one width.
func (i ink) mark(v finding.Verdict) string {
	switch v {
	case finding.Refuted:
		return i.bad.paint("✗ FALSE") + "   "
	case finding.Holds:
		return i.good.paint("✓ TRUE") + "    "
	default:
		return i.open.paint("? UNPROVEN")
	}
}

// statusWidth is how wide the words of directions are.
const statusWidth = len("UNJUDGED")

// status is the word for what became of something between two runs.
func (i ink) status(c *finding.Change) string {
	text := pad(strings.ToUpper(c.Status.String()), statusWidth)
	switch {
	case c.Worse:
		return i.bad.paint(text)
	case c.Status == finding.Fixed:
		return i.good.paint(text)
	case c.Status == finding.Same, c.Status == finding.Removed:
		return i.dim.paint(text)
	}
	return i.open.paint(text)
}

func (i ink) severity(s finding.Severity) string {
	text := pad(s.String(), len("critical"))
	if s >= finding.High {
		return i.head.paint(text)
	}
	return text
}

func pad(s string, n int) string {
	if w := width(s); w < n {
		return s + strings.Repeat(" ", n-w)
	}
	return s
}
