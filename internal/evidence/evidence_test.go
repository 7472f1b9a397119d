package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// TestNothingPrintsASecret tries every verb of fmt with its flags, and JSON,
// on a secret alone and inside of other values.
func TestNothingPrintsASecret(t *testing.T) {
	for _, hidden := range []any{"CANARY", json.Number("74839201"), 74839201, []any{"CANARY"}, map[string]any{"CANARY": "CANARY"}, errors.New("CANARY"), true} {
		s := Seal(hidden)
		type holder struct {
			Public  Secret
			private Secret
			Any     any
			Pointer *Secret
		}
		values := []any{
			s, &s,
			[]Secret{s},
			[]any{s},
			map[string]any{"k": s},
			map[string]Secret{"k": s},
			[1]Secret{s},
			holder{s, s, s, &s},
			&holder{s, s, s, &s},
			struct{ Secret }{s},
			fmt.Errorf("wrapped: %v", s), reflect.ValueOf(s),
		}
		for _, v := range values {
			out := fmt.Sprint(v) + fmt.Sprintln(v)
			for verb := 'A'; verb <= 'z'; verb++ {
				for _, flags := range []string{"", "+", "#", " ", "0", "-", "40", ".3", "+#"} {
					out += fmt.Sprintf("%"+flags+string(verb), v)
				}
			}
			if b, err := json.Marshal(v); err == nil {
				out += string(b)
			}
			for _, leak := range []string{"CANARY", "74839201", "43414e415259", "43414E415259", "0x475f3a1"} {
				if strings.Contains(out, leak) {
					t.Errorf("%T in a %T prints as %.200s", hidden, v, out[max(0, strings.Index(out, leak)-50):])
				}
			}
		}
		b, err := json.Marshal(map[string]any{"k": s})
		if err != nil || string(b) != `{"k":"(sensitive)"}` {
			t.Errorf("%s, %v", b, err)
		}
		if text, err := s.MarshalText(); err != nil || string(text) != Redacted || s.String() != Redacted || s.GoString() != Redacted {
			t.Errorf("%s, %s, %s, %v", text, s.String(), s.GoString(), err)
		}
	}
}

func TestSecretsCompare(t *testing.T) {
	eq := func(a, b any) bool { return reflect.DeepEqual(a, b) }
	a, b := Seal("x"), Seal("y")
	if !a.SameAs(a, eq) || !a.SameAs("x", eq) || a.SameAs(b, eq) || a.SameAs("y", eq) || a.SameAs(nil, eq) {
		t.Error("a secret does not compare by what it hides")
	}
}

func TestProblem(t *testing.T) {
	p := &Problem{Reason: "it is cut", Do: "write it again", Err: io.ErrUnexpectedEOF}
	if p.Error() != "it is cut: write it again" || !errors.Is(p, io.ErrUnexpectedEOF) {
		t.Errorf("%v", p)
	}
	if (&Problem{Reason: "it is cut"}).Error() != "it is cut" {
		t.Error("a colon without anything behind it")
	}
}

func TestBytes(t *testing.T) {
	b := Bytes([]byte("abc"))
	var buf [2]byte
	if n, err := b.ReadAt(buf[:], 1); n != 2 || err != nil || string(buf[:]) != "bc" || b.Size() != 3 {
		t.Errorf("%d %v %q", n, err, buf)
	}
	if n, err := b.ReadAt(buf[:], 2); n != 1 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

func TestKinds(t *testing.T) {
	for _, k := range []*Kind{TerraformPlan(), TerraformState()} {
		if k.Name == "" || k.Title == "" || k.Get == "" || k.Nature != Observation && k.Nature != Declaration || k.String() != k.Name {
			t.Errorf("%+v", k)
		}
		for _, p := range k.Parts {
			if !strings.HasPrefix(p, "/") {
				t.Errorf("%s: %q is no JSON pointer", k, p)
			}
		}
	}
	first, second := TerraformPlan(), TerraformPlan()
	if first != second {
		t.Error("kinds do not compare by identity")
	}
}
