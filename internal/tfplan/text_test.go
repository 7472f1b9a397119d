package tfplan

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"polygraph/internal/evidence"
)

// utf16Of writes text as UTF-16 with a byte order mark.
func utf16Of(text string, order binary.ByteOrder) []byte {
	out := order.(binary.AppendByteOrder).AppendUint16(nil, 0xFEFF)
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.(binary.AppendByteOrder).AppendUint16(out, u)
	}
	return out
}

func TestTextIsUTF8WhateverItWasWrittenIn(t *testing.T) {
	// The emoji are two units each; the padding moves one of them across the
	// border of the first chunk in some of the cases.
	for pad := range 4 {
		plain := strings.Repeat("x", chunk/2-2+pad) + "😀äöü\r\n" + strings.Repeat("😀", 20_000) + "end"
		for name, data := range map[string][]byte{
			"utf8":          []byte(plain),
			"utf8 with bom": append([]byte("\xef\xbb\xbf"), plain...),
			"utf16le":       utf16Of(plain, binary.LittleEndian),
			"utf16be":       utf16Of(plain, binary.BigEndian),
			"odd last byte": append(utf16Of(plain, binary.LittleEndian), 'x'),
		} {
			tx, err := newText(evidence.Bytes(data))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(tx.reader())
			if err != nil || string(got) != plain {
				t.Fatalf("%s, pad %d: read %d bytes, want %d (%v)", name, pad, len(got), len(plain), err)
			}
			for _, off := range []int64{0, 1, chunk/2 - 2, chunk / 2, chunk, int64(len(plain)) - 3} {
				n := min(7, int64(len(plain))-off)
				part, err := io.ReadAll(tx.section(off, n))
				if err != nil || string(part) != plain[off:off+n] {
					t.Errorf("%s, pad %d: section %d is %q, want %q (%v)", name, pad, off, part, plain[off:off+n], err)
				}
			}
		}
	}
}

func TestHalfASurrogatePairAtTheEnd(t *testing.T) {
	data := append(utf16Of("ab", binary.LittleEndian), 0x3D, 0xD8) // the first half of an emoji
	tx, err := newText(evidence.Bytes(data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(tx.reader())
	if err != nil || string(got) != "ab\uFFFD" {
		t.Errorf("read %q, %v", got, err)
	}
}

// widePlan has so many changes that the last ones lie behind several chunks.
func widePlan(n int, newline string) string {
	var b strings.Builder
	b.WriteString(`{"format_version":"1.2","resource_changes":[` + newline)
	for i := range n {
		if i > 0 {
			b.WriteString("," + newline)
		}
		fmt.Fprintf(&b, `{"address":"t.n[%d]","type":"t","name":"n","change":{"actions":["update"],%s"before":{"id":"i-%d","v":"😀ä %d"},"after":{"id":"i-%d","v":"new"},"after_unknown":{}}}`, i, newline, i, i, i)
	}
	b.WriteString(newline + "]}" + newline)
	return b.String()
}

func TestDetailIsTheSameInEveryEncoding(t *testing.T) {
	plain := widePlan(1500, "\n")
	want, err := readPlan(t, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"bom":     append([]byte("\xef\xbb\xbf"), plain...),
		"utf16le": utf16Of(plain, binary.LittleEndian),
		"utf16be": utf16Of(plain, binary.BigEndian),
		"crlf":    []byte(widePlan(1500, "\r\n")),
		"one row": []byte(widePlan(1500, "")),
	} {
		got, err := readPlan(t, data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got.Changes) != len(want.Changes) {
			t.Fatalf("%s: %d changes, want %d", name, len(got.Changes), len(want.Changes))
		}
		for _, i := range []int{0, 1, 700, 1498, 1499} {
			a, err1 := want.Detail(&want.Changes[i])
			b, err2 := got.Detail(&got.Changes[i])
			if err1 != nil || err2 != nil || !reflect.DeepEqual(a, b) || a.Identity != fmt.Sprintf("i-%d", i) {
				t.Errorf("%s: change %d is %+v, want %+v (%v, %v)", name, i, b, a, err1, err2)
			}
		}
		if off := got.Offset(&got.Changes[1499]); off <= 0 || off >= int64(len(data)) {
			t.Errorf("%s: the last change starts at byte %d of %d", name, off, len(data))
		}
	}
}

// TestOffsetIsWhereTheChangeStarts: exact in UTF-8, with and without a mark.
func TestOffsetIsWhereTheChangeStarts(t *testing.T) {
	for _, data := range [][]byte{[]byte(widePlan(50, "\n")), append([]byte("\xef\xbb\xbf"), widePlan(50, "\r\n")...)} {
		p, err := readPlan(t, data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Changes {
			want := fmt.Sprintf(`{"address":"t.n[%d]"`, i)
			if off := p.Offset(&p.Changes[i]); !bytes.HasPrefix(data[off:], []byte(want)) {
				t.Fatalf("change %d: %.30q at %d, want %s", i, data[off:], off, want)
			}
		}
	}
}

// fickle is a blob that can change after it was read.
type fickle struct{ evidence.Blob }

func TestFileThatChangesBetweenReadAndDetail(t *testing.T) {
	plain := widePlan(20, "")
	for name, then := range map[string]string{
		"shrunk":        plain[:len(plain)/2],
		"empty":         "",
		"rewritten":     strings.Repeat("#", len(plain)),
		"moved":         " " + plain,
		"another plan":  strings.ReplaceAll(plain, "t.n[", "t.m["),
		"other entries": strings.Replace(plain, "t.n[15]", "t.n[16]", 1),
	} {
		b := &fickle{evidence.Bytes([]byte(plain))}
		p, err := Read(context.Background(), &evidence.Item{Path: "plan.json", Blob: b}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		b.Blob = evidence.Bytes([]byte(then))
		d, err := p.Detail(&p.Changes[15])
		if problem, ok := err.(*evidence.Problem); !ok || d != nil || !strings.Contains(problem.Reason, "t.n[15]") || problem.Do == "" {
			t.Errorf("%s: %v, %v: want a problem that names the change", name, d, err)
		}
	}
}
