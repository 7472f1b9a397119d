package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// line is an event as an API server writes it.
func line(stage, verb, agent, uri, more string) string {
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":%q,"requestURI":%q,"verb":%q,`+
		`"user":{"username":"alice","groups":["developers"]},"userAgent":%q,"responseStatus":{"metadata":{},"code":200},`+
		`"requestReceivedTimestamp":"2026-11-23T06:41:35.077450Z","stageTimestamp":"2026-11-23T06:41:35.080094Z"%s}`+"\n", stage, uri, verb, agent, more)
}

func get(agent string) string { return line("ResponseComplete", "get", agent, "/version", "") }

func write(t *testing.T, path string, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func agents(calls Calls) string {
	var all []string
	for _, c := range calls {
		all = append(all, c.UserAgent)
	}
	return strings.Join(all, " ")
}

func TestSinceReadsWhatCameAfterTheMark(t *testing.T) {
	log := Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	write(t, log.Path, get("one")+get("two"))
	mark := log.Mark()
	write(t, log.Path, get("three")+get("four"))
	for _, c := range []struct {
		from Mark
		want string
	}{{Mark{}, "one two three four"}, {mark, "three four"}, {log.Mark(), ""}} {
		calls, err := log.Since(c.from)
		if err != nil || agents(calls) != c.want {
			t.Errorf("since %v: %q, %v; want %q", c.from, agents(calls), err, c.want)
		}
	}
}

// The call whose line is being written has no answer yet: it belongs to whoever reads next, whether the
// line was cut at a mark or at the end of a reading, and is told once.
func TestALineThatIsBeingWritten(t *testing.T) {
	full := get("late")
	for _, cut := range []int{1, len(full) / 2, len(full) - 1} {
		log := Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
		write(t, log.Path, get("one")+full[:cut])
		mark := log.Mark()
		var before Calls
		next, err := log.Each(Mark{}, func(c Call) error { before = append(before, c); return nil })
		if err != nil || agents(before) != "one" || next != mark {
			t.Errorf("cut at %d: %q, %v, %v; the mark is %v", cut, agents(before), next, err, mark)
		}
		write(t, log.Path, full[cut:])
		after, err := log.Since(mark)
		if err != nil || agents(after) != "late" {
			t.Errorf("cut at %d, then: %q, %v", cut, agents(after), err)
		}
	}
}

// An API server that was killed in the middle of a line leaves its half; the next one goes on behind it.
func TestAHalfLineOfAServerThatWasKilled(t *testing.T) {
	log := Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	torn := get("killed")
	write(t, log.Path, get("one")+torn[:len(torn)/2]+get("two")+get("three"))
	calls, err := log.Since(Mark{})
	if err != nil || agents(calls) != "one two three" {
		t.Errorf("got %q, %v", agents(calls), err)
	}
}

func TestWhatIsNoAuditLog(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"text": "not json\n", "json": "{}\n", "other": `{"kind":"Pod"}` + "\n", "long": strings.Repeat(" ", longest+1) + "\n",
	} {
		log := Log{Path: filepath.Join(folder, name)}
		write(t, log.Path, get("one")+text)
		calls, err := log.Since(Mark{})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("byte %d", len(get("one")))) || agents(calls) != "one" {
			t.Errorf("%s: %q, %v", name, agents(calls), err)
		}
	}
	missing := Log{Path: filepath.Join(folder, "missing")}
	if _, err := missing.Since(missing.Mark()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a log that is not there counts as one without calls: %v", err)
	}
	short := Log{Path: filepath.Join(folder, "short")}
	write(t, short.Path, get("one"))
	mark := short.Mark()
	if err := os.Truncate(short.Path, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := short.Since(mark); err == nil {
		t.Error("a log that became shorter is read as one without calls")
	}
}

func TestEachStopsWhereItIsTold(t *testing.T) {
	log := Log{Path: filepath.Join(t.TempDir(), "audit.jsonl")}
	write(t, log.Path, get("one")+get("two"))
	enough := errors.New("enough")
	next, err := log.Each(Mark{}, func(c Call) error {
		if c.UserAgent == "two" {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	rest, err := log.Since(next)
	if err != nil || agents(rest) != "two" {
		t.Errorf("goes on with %q, %v", agents(rest), err)
	}
}

// However the bytes are cut into two readings, the same calls are told, and each once.
func FuzzLog(f *testing.F) {
	f.Add([]byte(get("one")+get("two")), 10)
	f.Add([]byte(get("one")[:50]+get("two")), 60)
	f.Add([]byte("{}\n\n"), 1)
	f.Add([]byte(line("ResponseComplete", "delete", "x", "/x?dryRun=%zz", `,"requestObject":{"dryRun":{"a":1}}`)), 3)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		if cut < 0 || cut > len(text) {
			return
		}
		read := func(text []byte) (calls Calls, end int64, err error) {
			err = each(bytes.NewReader(text), &end, func(c Call) error { calls = append(calls, c); return nil })
			return calls, end, err
		}
		whole, _, wholeErr := read(text)
		parts, next, err := read(text[:cut])
		if err == nil {
			if end, err := lineEnd(bytes.NewReader(text), int64(cut)); err != nil || end != next {
				t.Errorf("the mark is %d, %v; reading ended at %d", end, err, next)
			}
			var rest Calls
			rest, _, err = read(text[next:])
			parts = append(parts, rest...)
		}
		if parts.String() != whole.String() || (err == nil) != (wholeErr == nil) {
			t.Errorf("in one: %v, %v\nin two: %v, %v", whole, wholeErr, parts, err)
		}
	})
}
