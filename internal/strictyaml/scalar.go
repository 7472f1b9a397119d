package strictyaml

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Text is text that is not empty. It may have several lines.
type Text string

// UnmarshalText takes what has at least one visible character.
func (t *Text) UnmarshalText(b []byte) error {
	if strings.TrimFunc(string(b), unicode.IsSpace) == "" {
		return &Advice{"the text is empty", "say it in a few words"}
	}
	*t = Text(b)
	return nil
}

// Shape is the schema of it.
func (Text) Shape() map[string]any { return map[string]any{"pattern": `\S`} }

// Line is text of one line without control characters and without space around
// it: a name.
type Line string

// UnmarshalText checks the characters.
func (l *Line) UnmarshalText(b []byte) error {
	if err := CheckLine(string(b)); err != nil {
		return err
	}
	*l = Line(b)
	return nil
}

// Shape is the schema of it.
func (Line) Shape() map[string]any { return map[string]any{"pattern": LinePattern} }

// LinePattern says of a name what a schema can say.
const LinePattern = `^\S([^\n\r\t]*\S)?$`

// CheckLine refuses what could not be printed on one line or could not be seen.
func CheckLine(s string) error {
	switch {
	case s == "":
		return &Advice{"the text is empty", "give it a value or remove the key"}
	case strings.TrimSpace(s) != s:
		return &Advice{Quote(s) + " has space around it", "remove the space"}
	}
	for _, r := range s {
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) {
			return &Advice{fmt.Sprintf("%s has the invisible character %+q", Quote(s), r), "remove it"}
		}
	}
	return nil
}

// Date is a civil date, YYYY-MM-DD, with or without quotes.
type Date struct{ time.Time }

// IsDate lets an unquoted date through.
func (Date) IsDate() {}

// Expected names it in an error.
func (Date) Expected() string { return "a date (YYYY-MM-DD)" }

// UnmarshalText takes one form only.
func (d *Date) UnmarshalText(b []byte) error {
	t, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	d.Time = t
	return nil
}

// Shape is the schema of it.
func (Date) Shape() map[string]any {
	return map[string]any{"type": "string", "format": "date", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}
}

// ParseDate reads YYYY-MM-DD as midnight UTC.
func ParseDate(s string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, &Advice{Quote(s) + " is no date", "write it as YYYY-MM-DD, for example 2026-12-31"}
	}
	return t, nil
}

// Version is the version of a file's format.
type Version int

// Shape is the schema of it.
func (Version) Shape() map[string]any { return map[string]any{"const": 1} }

// CheckVersion refuses every version but 1. A missing one is 0 and was
// reported already.
func (d *Document) CheckVersion(v Located[Version]) {
	if v.At.Line == 0 || v.Value == 1 {
		return
	}
	do := "write `version: 1`"
	if v.Value > 1 {
		do += ", or use a newer Polygraph"
	}
	d.Report(v.At, do, "this Polygraph reads version 1 of this file and not version %d", v.Value)
}
