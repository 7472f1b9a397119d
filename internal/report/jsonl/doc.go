// Package jsonl is the listener that writes a run down: one JSON line per
// message, exactly what package run reads back.
//
// It adds nothing and leaves nothing out; it never opens a file.
package jsonl
