// Package jsonl is the listener that writes a run down: one JSON line per
// message, exactly what package run reads back.
//
// It leaves nothing out; control and invisible characters in names become visible
// text (package sanitize). It never opens a file.
package jsonl
