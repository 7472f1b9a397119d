package kubeobj

import (
	"errors"
	"strings"
)

// chunk reads one YAML document.
func (r *reader) chunk(c chunk) error {
	defer func() {
		if c.junk {
			r.refuse(c.end, "text behind ---, at which kubectl stops", "begin the document on the next line")
		}
	}()
	text := r.text[c.start:c.end]
	if bare := strings.TrimPrefix(text, byteOrderMark); len(bare) < len(text) {
		c.start += len(byteOrderMark)
		text = bare
	}
	if blank(text) {
		return nil
	}
	if strings.HasPrefix(text, byteOrderMark) {
		r.refuse(c.start, "two byte order marks, which confuse kubectl", "remove them")
		return nil
	}
	if r.docs > MaxDocuments {
		return errFull
	}
	if isJSON(text) {
		s := newStream(r.tree, r.text, c.start, c.end, r.twiceAt)
		root, err := s.document()
		if err == nil && blank(r.text[s.offset():c.end]) {
			return r.add(root, c.start, c.end)
		}
		if r.drop(0); errors.Is(err, errFull) && r.count > MaxValues {
			return errFull
		}
	}
	if simple(text) {
		b := &block{tree: r.tree, text: r.text, pos: c.start, end: c.end}
		if root, ok := b.document(); ok {
			return r.add(root, c.start, c.end)
		}
		if r.drop(0); r.count > MaxValues {
			return errFull
		}
	}
	return r.slow(c, text)
}

// slow reads a document with yaml.v3.
func (r *reader) slow(c chunk, text string) error {
	if len(text) > MaxSlow {
		r.refuse(c.start, tooSlow, "write several documents, for example one per namespace, or JSON")
		return nil
	}
	n := &nodes{tree: r.tree, places: newPlaces(text), base: c.start, again: r.twiceAt}
	root, rest, err := n.document(text)
	no := (*refusal)(nil)
	switch {
	case errors.As(err, &no):
		r.drop(0)
		if t := templated(text); t != nil {
			r.template(c.start+leading(text), t)
			return nil
		}
		at := c.start + leading(text)
		if no.line > 0 {
			at = c.start + n.places.offset(no.line, 1)
		}
		if strings.HasPrefix(text[leading(text):], "%") {
			no.reason = "a % directive, which kubectl does not read"
		}
		r.refuse(at, no.reason, "mend the YAML")
		return nil
	case err != nil:
		return err
	}
	if root.Kind != Absent {
		if err := r.add(root, c.start, c.end); err != nil {
			return err
		}
	}
	if rest > 0 {
		r.refuse(c.start+n.places.offset(rest, 1), "text behind the end of a document (...), which kubectl does not read", "write --- between documents")
	}
	return nil
}

// leading is how much of a text is empty lines and comments.
func leading(text string) int {
	at := 0
	for at < len(text) {
		next := lineEnd(text, at)
		line := strings.TrimLeft(text[at:next], " \t\r\n")
		if line != "" && line[0] != '#' {
			return next - len(line)
		}
		at = next
	}
	return 0
}
