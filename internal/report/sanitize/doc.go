// Package sanitize stands between what a run says and everybody who hears it.
//
// Names, paths and values come from files that somebody hostile may have
// written. A terminal would obey the escape sequences in them, a reader would
// misread reversed text, and an invisible character makes two different names
// look the same. Here such characters become visible text (\x1b, \u202e) and
// nothing is dropped, so a reader sees that something was there.
//
//	Text     one line: newlines and tabs are made visible too
//	Block    several lines: newlines and tabs stay
//	Message  a cleaned copy of a message, every string of it
//	Before   a listener in front of a listener
//
// Escaping for a format (HTML, Markdown) is a second and separate step that
// works on text cleaned here.
//
// This package never decides whether a name is good and never shortens it.
package sanitize
