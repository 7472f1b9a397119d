package dockerfile

import (
	"strconv"
	"strings"

	"polygraph/internal/pinning"
)

// parser goes through the instructions.
type parser struct {
	file    *File
	values  map[string]string       // global ARGs that have a value
	spans   map[string]pinning.Span // and where it stands
	strange int                     // lines that are no instructions
}

func (p *parser) add(u pinning.ImageUse) { p.file.Images = append(p.file.Images, u) }

func (p *parser) instruction(in *instruction) {
	words := in.words()
	if len(words) == 0 {
		return
	}
	i := 0
	if name(in, words[0]) == "ONBUILD" && len(words) > 1 {
		i = 1
	}
	switch name(in, words[i]) {
	case "FROM":
		p.from(in, words[i+1:])
	case "ARG":
		if len(p.file.Stages) == 0 {
			p.arg(in, words[i+1:])
		}
	case "COPY":
		p.copyFrom(in, words[i+1:])
	case "RUN":
		p.mounts(in, words[i+1:])
	case "ADD", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "SHELL",
		"STOPSIGNAL", "USER", "VOLUME", "WORKDIR":
	default:
		p.strange++
	}
}

func name(in *instruction, w [2]int) string { return strings.ToUpper(in.text[w[0]:w[1]]) }

func (p *parser) dialect(in *instruction) pinning.Dialect {
	return pinning.Dialect{Escape: in.r.escape, Unquoted: true}
}

// expand fills in the defaults of the global ARGs. A variable that nobody
// declared is as open as one without a default.
func (p *parser) expand(in *instruction, word string) (pinning.Expansion, []pinning.Span) {
	var from []pinning.Span
	e := pinning.Expand(word, p.dialect(in), func(name string) (string, bool) {
		v, ok := p.values[name]
		if s, have := p.spans[name]; ok && have {
			from = append(from, s)
		}
		return v, ok
	})
	return e, from
}

// arg notes the defaults of ARG NAME=VALUE ... before the first FROM.
func (p *parser) arg(in *instruction, words [][2]int) {
	for _, w := range words {
		name, word, has := strings.Cut(in.text[w[0]:w[1]], "=")
		delete(p.spans, name)
		if !has {
			if _, builtin := predefined()[name]; !builtin {
				delete(p.values, name)
			}
			continue
		}
		e, _ := p.expand(in, word)
		if e.Odd || len(e.Open) > 0 || len(p.values) >= maxArgs {
			delete(p.values, name)
			continue
		}
		p.values[name] = e.Text
		p.spans[name] = in.span(w[1]-len(word), w[1])
	}
}

// from reads FROM [--platform=...] IMAGE [AS name].
func (p *parser) from(in *instruction, words [][2]int) {
	if _, words = flags(in, words); len(words) == 0 {
		p.strange++
		return
	}
	index := len(p.file.Stages)
	stage, place := "", "stage "+strconv.Itoa(index)
	if n := len(words); n >= 3 && name(in, words[n-2]) == "AS" {
		stage = in.text[words[n-1][0]:words[n-1][1]]
		place, words = "stage "+stage, words[:n-2]
	}
	u := p.use(in, place, words[0][0], words[len(words)-1][1])
	if len(words) != 1 {
		u.Open = []string{u.Written} // a template of some kind
	}
	u.Local = p.stage(u.Text)
	p.file.Stages = append(p.file.Stages, stage)
	p.add(u)
}

func (p *parser) use(in *instruction, place string, from, to int) pinning.ImageUse {
	written := in.text[from:to]
	e, defaults := p.expand(in, written)
	u := pinning.ImageUse{Place: place, Text: e.Text, Written: written, Open: e.Open, Span: in.span(from, to), From: defaults}
	if e.Odd {
		u.Open = append(u.Open, written)
	}
	return u
}

// flags parts the words that begin with -- from what follows; a lone -- ends
// them.
func flags(in *instruction, words [][2]int) (flags, rest [][2]int) {
	for i, w := range words {
		switch word := in.text[w[0]:w[1]]; {
		case word == "--":
			return words[:i], words[i+1:]
		case !strings.HasPrefix(word, "--"):
			return words[:i], words[i:]
		}
	}
	return words, nil
}

// stage tells whether a name is that of an earlier stage.
func (p *parser) stage(name string) bool {
	for _, s := range p.file.Stages {
		if s != "" && strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// copyFrom reads COPY --from=IMAGE.
func (p *parser) copyFrom(in *instruction, words [][2]int) {
	words, _ = flags(in, words)
	for _, w := range words {
		word := in.text[w[0]:w[1]]
		if v, ok := strings.CutPrefix(word, "--from="); ok && v != "" {
			p.other(in, "copies from", w[1]-len(v), w[1])
		}
	}
}

// mounts reads RUN --mount=type=bind,from=IMAGE,...
func (p *parser) mounts(in *instruction, words [][2]int) {
	words, _ = flags(in, words)
	for _, w := range words {
		word := in.text[w[0]:w[1]]
		v, ok := strings.CutPrefix(word, "--mount=")
		if !ok {
			continue
		}
		at := w[1] - len(v)
		for _, field := range strings.Split(v, ",") {
			if ref, ok := strings.CutPrefix(field, "from="); ok && ref != "" {
				p.other(in, "mounts", at+len("from="), at+len(field))
			}
			at += len(field) + 1
		}
	}
}

// other notes an image that a stage takes something from. BuildKit fills no
// variables in here.
func (p *parser) other(in *instruction, verb string, from, to int) {
	place := "stage 0"
	if n := len(p.file.Stages); n > 0 {
		if place = "stage " + p.file.Stages[n-1]; p.file.Stages[n-1] == "" {
			place = "stage " + strconv.Itoa(n-1)
		}
	}
	ref := unquote(in.text[from:to])
	u := pinning.ImageUse{Place: place + " " + verb, Text: ref, Written: in.text[from:to], Span: in.span(from, to)}
	if n, err := strconv.Atoi(ref); err == nil && n >= 0 {
		return // a stage by its number
	}
	if strings.Contains(ref, "$") {
		u.Open = []string{ref}
	} else if !strings.ContainsAny(ref, "/:@.") {
		u.Ambiguous = "a bare name is an image, or a build context that the build is given"
	}
	if parsed, ok := pinning.ParseImage(ref); ok {
		u.Place += " " + parsed.Familiar()
	}
	p.add(u)
}

// locals marks what turns out to be a stage, wherever it stands: a later stage
// cannot be copied from, but its name says that no image is meant.
//
// A last stage without a name is the final one: its number would change with
// every stage that is put before it.
func (p *parser) locals() {
	kept := p.file.Images[:0]
	last, final := len(p.file.Stages)-1, ""
	if p.file.Stages[last] == "" {
		final = "stage " + strconv.Itoa(last)
	}
	for _, u := range p.file.Images {
		if u.Place != "syntax" && strings.Contains(u.Place, " ") && !u.Local && p.isCopy(&u) && p.stage(u.Text) {
			u.Local, u.Ambiguous = true, ""
		}
		if rest, ok := strings.CutPrefix(u.Place, final); ok && final != "" && (rest == "" || rest[0] == ' ') {
			u.Place = "final stage" + rest
		}
		kept = append(kept, u)
	}
	p.file.Images = kept
}

func (p *parser) isCopy(u *pinning.ImageUse) bool {
	return strings.Contains(u.Place, " copies from") || strings.Contains(u.Place, " mounts")
}
