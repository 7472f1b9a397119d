package sanitize

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

const hostile = "x\x1b]0;owned\a\u202e\ny"

// poison sets every string reachable from v, through every pointer, slice and
// map, to hostile. It fails on a kind it cannot fill, so that a new kind of
// field has to be thought about.
func poison(t *testing.T, v reflect.Value, path string) int {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		return 0
	}
	n := 0
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
		return 1
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return poison(t, v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				t.Fatalf("%s.%s is unexported: Message cannot copy it", path, f.Name)
			}
			n += poison(t, v.Field(i), path+"."+f.Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		n = poison(t, v.Index(0), path+"[0]") + poison(t, v.Index(1), path+"[1]")
	case reflect.Map:
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		n = poison(t, k, path+"{key}") + poison(t, e, path+"{value}")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(k, e)
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64, reflect.Uint8:
	default:
		t.Fatalf("%s has kind %s: teach Message and this test about it", path, v.Kind())
	}
	return n
}

func TestMessageCleansEveryString(t *testing.T) {
	var m run.Message
	n := poison(t, reflect.ValueOf(&m).Elem(), "Message")
	if n < 40 {
		t.Fatalf("only %d strings poisoned: the walk does not reach the model", n)
	}
	before, err := json.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	cleaned := Message(&m)
	out, err := json.Marshal(cleaned)
	if err != nil {
		t.Fatal(err)
	}
	// JSON escapes control characters itself, so look for its spelling of them.
	for _, bad := range []string{`\u001b`, `\u0007`, "\u202e"} {
		if strings.Contains(string(out), bad) {
			t.Errorf("%q came through: %s", bad, out)
		}
	}
	if got := strings.Count(string(out), `\\x1b]0;owned`); got != n {
		t.Errorf("%d of %d strings are there and clean", got, n)
	}
	after, err := json.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("Message changed what it was given")
	}
	if again := Message(cleaned); !reflect.DeepEqual(again, cleaned) {
		t.Error("cleaning a clean message changed it")
	}
}

func TestOnlyRemediesKeepLines(t *testing.T) {
	m := &run.Message{Finding: &finding.Finding{
		Title:  "a\nb",
		Remedy: finding.Remedy{Text: "one\ntwo", Patch: "a {\n\tb\n}", Commands: []string{"rm x\nrm y"}},
	}}
	f := Message(m).Finding
	if f.Title != `a\nb` || f.Remedy.Commands[0] != `rm x\nrm y` {
		t.Errorf("a newline can fake a line: %q, %q", f.Title, f.Remedy.Commands[0])
	}
	if f.Remedy.Text != m.Finding.Remedy.Text || f.Remedy.Patch != m.Finding.Remedy.Patch {
		t.Errorf("the remedy lost its lines: %q, %q", f.Remedy.Text, f.Remedy.Patch)
	}
}

func TestMessageKeepsWhatIsNotText(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	m := &run.Message{Header: &run.Header{Protocol: run.Protocol, Started: at, Inputs: []string{"."}}}
	if got := Message(m); !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v, want %+v", got.Header, m.Header)
	}
	if Message(nil) != nil {
		t.Error("nil came back as something")
	}
}

func BenchmarkMessageRow(b *testing.B) {
	m := &run.Message{Row: &run.Row{Table: "changes", Cells: []run.Cell{
		{Name: "mechanism", Value: "replace"},
		{Name: "address", Value: `module.payments["eu"].aws_db_instance.main`},
		{Name: "because", Value: "engine_version"},
		{Name: "note", Value: "data is lost"},
	}}}
	b.ReportAllocs()
	for b.Loop() {
		Message(m)
	}
}
