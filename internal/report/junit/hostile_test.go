package junit

import (
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
		"", "CHG001", "compare", "check", "worse", "a\x00b\x1b[2J", "\xff\xfe\xed\xa0\x80", "\ufffe\uffff\U0010ffff", "user\u202egnp", "l\nm\r\tn",
		"]]>", "<![CDATA[x]]>", "</testcase>", "&#0;&lt;&bogus;", `"'`, "<!--", "--><?xml?>", "<!DOCTYPE x [<!ENTITY a \"b\">]>",
		isWhole, isHeld, strings.Repeat("long ", 5000), strings.Repeat("ü", 999), strings.Repeat("<", 1001),
	}
}

// fill sets everything below v to something, chosen by r.
func fill(v reflect.Value, r *rand.Rand, words []string) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf([]time.Time{{}, time.Unix(r.Int64N(1<<40), 0), time.Unix(-1<<40, 0)}[r.IntN(3)]))
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

// randomRun is a stream of messages of which any string may be hostile; ended
// tells whether it has a summary.
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
		for range r.IntN(6) {
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

func check(t *testing.T, ms []*run.Message, ended bool) {
	t.Helper()
	doc := lint(t, written(t, ms))
	errors := 0
	for _, c := range doc.Suites[0].Cases {
		errors += len(c.Error)
	}
	if !ended && errors == 0 {
		t.Error("the run was cut off and no case is an error")
	}
}

func TestHostileRuns(t *testing.T) {
	for seed := range uint64(300) {
		ms, ended := randomRun(rand.New(rand.NewPCG(seed, 3)), hostileStrings())
		check(t, ms, ended)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// FuzzListener puts foreign text into every field of a run.
func FuzzListener(f *testing.F) {
	for i, w := range hostileStrings() {
		f.Add(uint64(i), w, "plan.json")
	}
	f.Fuzz(func(t *testing.T, seed uint64, a, b string) {
		ms, ended := randomRun(rand.New(rand.NewPCG(seed, 7)), []string{a, b, a + b, "compare", "CHG001"})
		check(t, ms, ended)
	})
}
