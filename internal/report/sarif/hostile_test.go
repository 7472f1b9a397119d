package sarif

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"polygraph/internal/run"
)

func hostileStrings() []string {
	return []string{
		"", "aws_instance.web", "module.a[\"x\"].aws_db_instance.main", "a/b c/#?%41.json", `C:\plans\plan.json`, "/etc/passwd", "../../x", "-",
		"\x1b[2J\x1b]0;owned\a", "a\x00b", "\xff\xfe", "user\u202egnp.exe", "\ufeff\u2028\u200b", "\ufffe\uffff\U0010ffff", "line\nfake: TRUE\r\ttab",
		"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "]]>", "&lt;&#0;", `"'` + "`", "| a | b |", "[x](javascript:alert(1))", "[x](1)", "](1)", "[[](2)", "![i](http://x/y.png)",
		"@everyone #1 :+1: http://evil.example", "{0} {1}", "{", "}}", "{{}", "``` ``", "`code`", "`a`](1)`", "javascript://x%0aalert(1)", "https://u:p@host/a b?{q}", "http://[::1", "//host/x",
		"v1:63af85612ad8565f7edbf15e", "v1.2.3", "1.2.3-rc.1+b", "compare", "check", strings.Repeat("long ", 5000), strings.Repeat("{", 3001), strings.Repeat("ü", 999),
	}
}

// fill sets everything below v to something, chosen by r.
func fill(v reflect.Value, r *rand.Rand, words []string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf([]time.Time{{}, time.Unix(r.Int64N(1<<40), 0), time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), time.Unix(-1<<40, 0)}[r.IntN(4)]))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(words[r.IntN(len(words))])
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), r, words)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r, words)
		}
	case reflect.Slice:
		n := []int{0, 1, 2, 40}[r.IntN(4)]
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(v.Index(i), r, words)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, r, words)
		fill(e, r, words)
		v.SetMapIndex(k, e)
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(9)))
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 17, math.MaxInt64, math.MinInt64}[r.IntN(6)])
	case reflect.Float64:
		v.SetFloat([]float64{0, 12.5, math.NaN(), math.Inf(1), -1e300}[r.IntN(5)])
	default:
		panic(v.Kind().String())
	}
}

// randomRun is a stream of messages of which any string may be hostile. Their
// order is the one of a run, mostly; ended tells whether it has a summary.
func randomRun(r *rand.Rand, words []string) (ms []*run.Message, ended bool) {
	message := func(field string) {
		m := &run.Message{}
		f := reflect.ValueOf(m).Elem().FieldByName(field)
		f.Set(reflect.New(f.Type().Elem()))
		fill(f.Elem(), r, words)
		ms = append(ms, m)
	}
	if r.IntN(10) > 0 {
		message("Header")
	}
	for _, field := range []string{"Progress", "Evidence", "Skip", "Row", "Held", "Finding"} {
		for range r.IntN(5) {
			message(field)
		}
	}
	if r.IntN(10) == 0 {
		r.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
	}
	if ended = r.IntN(4) > 0; ended {
		message("Summary")
	}
	return ms, ended
}

func written(t testing.TB, ms []*run.Message) []byte {
	t.Helper()
	var buf bytes.Buffer
	l := New(&buf)
	for _, m := range ms {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestHostileRuns(t *testing.T) {
	s := officialSchema(t)
	words := hostileStrings()
	for seed := range uint64(300) {
		ms, ended := randomRun(rand.New(rand.NewPCG(seed, 3)), words)
		log := written(t, ms)
		lint(t, validate(t, s, log), ended)
		if bytes.Contains(log, []byte("</script")) {
			t.Errorf("seed %d: the log ends a script element", seed)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, excerpt(log))
		}
	}
}

// FuzzListener puts foreign text into every field of a run.
func FuzzListener(f *testing.F) {
	for i, w := range hostileStrings() {
		f.Add(uint64(i), w, "plan.json")
	}
	s := officialSchema(f)
	f.Fuzz(func(t *testing.T, seed uint64, a, b string) {
		ms, ended := randomRun(rand.New(rand.NewPCG(seed, 7)), []string{a, b, a + b, "check", "CHG001"})
		lint(t, validate(t, s, written(t, ms)), ended)
	})
}
