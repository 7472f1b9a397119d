package netmap

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// picture is an SVG document. Numbers are pixels, from the upper left corner.
type picture struct {
	body          strings.Builder
	width, height int
	title         string
	description   string
}

// The colours: text on paper, and the palette of Okabe and Ito.
const (
	paper  = "#ffffff"
	ink    = "#1a1f26"
	faint  = "#5b6570"
	hair   = "#d9dee4"
	empty  = "#eff1f4"
	strong = "#0072b2" // blue
	pale   = "#d3e8f6"
	danger = "#d55e00" // vermilion
	blush  = "#fdebdd"
	grey   = "#cfd3d8"
)

const fonts = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"

type flusher interface {
	WriteString(string) (int, error)
}

// write leaves errors to the flush of the buffer behind w, which keeps the first.
func (p *picture) write(w flusher) {
	size := fmt.Sprintf(`width="%d" height="%d" viewBox="0 0 %d %d"`, p.width, p.height, p.width, p.height)
	_, _ = w.WriteString(xml.Header +
		`<svg xmlns="http://www.w3.org/2000/svg" version="1.1" ` + size + ` role="img" font-family="` + fonts + `" font-size="12">` + "\n" +
		"<title>" + escaped(p.title) + "</title>\n<desc>" + escaped(p.description) + "</desc>\n" +
		fmt.Sprintf(`<rect width="%d" height="%d" fill="%s"/>`, p.width, p.height, paper) + "\n")
	_, _ = w.WriteString(p.body.String())
	_, _ = w.WriteString("</svg>\n")
}

func (p *picture) add(format string, args ...any) {
	fmt.Fprintf(&p.body, format, args...)
	p.body.WriteByte('\n')
}

// tip opens a group that shows a text when somebody points at it; end closes it.
func (p *picture) tip(text string) { p.add("<g><title>%s</title>", escaped(text)) }

func (p *picture) end() { p.add("</g>") }

func (p *picture) rect(x, y, w, h int, fill, stroke string) {
	if stroke == "" {
		p.add(`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, x, y, w, h, fill)
		return
	}
	// A stroke is drawn on both sides of the edge: half a pixel inside is sharp.
	p.add(`<rect x="%d.5" y="%d.5" width="%d" height="%d" fill="%s" stroke="%s"/>`, x, y, w-1, h-1, fill, stroke)
}

func (p *picture) line(x1, y1, x2, y2 int, stroke string) {
	p.add(`<path d="M%d %dL%d %d" stroke="%s" fill="none"/>`, x1, y1, x2, y2, stroke)
}

// style is how a text looks; anchor is start (or ""), middle or end.
type style struct {
	size   int
	fill   string
	anchor string
	bold   bool
}

func (s style) attributes() string {
	out := ` font-size="` + strconv.Itoa(s.size) + `" fill="` + s.fill + `"`
	if s.anchor != "" {
		out += ` text-anchor="` + s.anchor + `"`
	}
	if s.bold {
		out += ` font-weight="bold"`
	}
	return out
}

func (p *picture) text(x, y int, s style, text string) {
	p.add(`<text x="%d" y="%d"%s>%s</text>`, x, y, s.attributes(), escaped(text))
}

// upright is a text that runs upwards from x, y.
func (p *picture) upright(x, y int, s style, text string) {
	p.add(`<text transform="translate(%d %d) rotate(-90)"%s>%s</text>`, x, y, s.attributes(), escaped(text))
}

// hatch draws slanted lines in a rectangle, at a distance of each other. They are
// paths, because presentation programs lose patterns.
func (p *picture) hatch(x, y, w, h, gap int, stroke string, width float64) {
	var d strings.Builder
	for s := gap / 2; s < w+h; s += gap { // the line x+y = s, cut to the rectangle
		x1, y1 := min(s, w), max(0, s-w)
		x2, y2 := max(0, s-h), min(s, h)
		fmt.Fprintf(&d, "M%d %dL%d %d", x+x1, y+y1, x+x2, y+y2)
	}
	p.add(`<path d="%s" stroke="%s" stroke-width="%g" fill="none"/>`, d.String(), stroke, width)
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(legal(s)))
	return strings.ReplaceAll(b.String(), "&#xA;", "\n") // tooltips have lines
}

// legal makes visible what XML 1.0 cannot carry, not even as a reference. Control
// characters are visible already (package sanitize).
func legal(s string) string {
	if !strings.ContainsAny(s, "\ufffe\uffff") && utf8.ValidString(s) {
		return s
	}
	s = strings.ToValidUTF8(s, `\ufffd`)
	return strings.NewReplacer("\ufffe", `\ufffe`, "\uffff", `\uffff`).Replace(s)
}
