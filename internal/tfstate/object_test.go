package tfstate

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

const marked1 = `{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","resources":[
 {"mode":"managed","type":"t","name":"n","instances":[
  {"schema_version":1,"attributes":{"id":"hush-1","arn":"a","name":"open","version":3,"tags":{"b":"1","a":"2"},"password":"hush-2","launch_template":[{"id":"lt-1","version":"4"}]},
   "sensitive_attributes":[[{"type":"get_attr","value":"id"}],[{"type":"get_attr","value":"launch_template"},{"type":"index","value":{"value":0,"type":"number"}}]],"private":"x"}]}]}`

const marked2 = `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[
 {"address":"t.n","mode":"managed","type":"t","name":"n","tainted":true,
  "values":{"launch_template":[{"version":"4","id":"lt-1"}],"version":3,"tags":{"a":"2","b":"1"},"password":"hush-2","id":"hush-1","arn":"a","name":"open"},
  "sensitive_values":{"id":true,"launch_template":[{"id":true}],"tags":{}}}]}}}`

// TestWhatIsKept: the attributes that identify, sealed where the state says so,
// the same of both formats, and nothing else.
func TestWhatIsKept(t *testing.T) {
	var sums []map[string]uint64
	for name, text := range map[string]string{"file": marked1, "shown": marked2} {
		s, err := read(t, []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		o := s.Objects[0]
		if o.ID != "" || o.Attributes["name"] != "open" || o.Attributes["arn"] != "a" || o.Attributes["version"] != json.Number("3") {
			t.Errorf("%s: %+v", name, o)
		}
		for _, a := range []string{"id", "launch_template"} {
			if _, ok := o.Attributes[a].(evidence.Secret); !ok {
				t.Errorf("%s: %s is not sealed", name, a)
			}
		}
		if o.Attributes["password"] != nil || strings.Contains(fmt.Sprintf("%+v %#v", o, o), "hush") {
			t.Errorf("%s: a secret was kept or shown: %+v", name, o)
		}
		m := map[string]uint64{}
		for _, x := range o.Sums {
			m[x.Name] = x.Hash
		}
		sums = append(sums, m)
		if o.Tainted != (name == "shown") {
			t.Errorf("%s: tainted is %v", name, o.Tainted)
		}
		// The place is that of the object.
		if text[o.Offset] != '{' || !strings.HasPrefix(text[o.Offset:], `{"schema_version"`) && !strings.HasPrefix(text[o.Offset:], `{"address"`) {
			t.Errorf("%s: offset %d", name, o.Offset)
		}
		if want := map[string]string{"file": "/resources/0/instances/0", "shown": "/values/root_module/resources/0"}[name]; o.Pointer != want {
			t.Errorf("%s: pointer %s", name, o.Pointer)
		}
	}
	// The order of members is not part of a value; which one is what it is.
	if !reflect.DeepEqual(sums[0], sums[1]) || len(sums[0]) != 7 {
		t.Errorf("%v\n%v", sums[0], sums[1])
	}
}

func TestMasksThatAreNotUnderstoodHideAll(t *testing.T) {
	for _, mask := range []string{`[[{"type":"index","value":1}]]`, `[[]]`, `"x"`, `[1]`, `[[{"type":"get_attr","value":["id"]}]]`} {
		s, err := read(t, []byte(`{"version":4,"resources":[{"type":"t","name":"n","instances":[{"sensitive_attributes":`+mask+`,"attributes":{"id":"hush"}}]}]}`))
		if err != nil || s.Objects[0].ID != "" || strings.Contains(fmt.Sprintf("%+v", s), "hush") {
			t.Errorf("%s: %+v, %v", mask, s, err)
		}
	}
}

func TestHash(t *testing.T) {
	for _, empty := range []string{`null`, `""`, `[]`, `{}`, ` { } `} {
		if Hash(jsontext.Value(empty)) != 0 {
			t.Errorf("%s says something", empty)
		}
	}
	for _, same := range [][2]string{{`{"a":1,"b":[1, 2]}`, `{"b":[1,2],"a":1}`}, {`"<"`, `"\u003c"`}} {
		if Hash(jsontext.Value(same[0])) != Hash(jsontext.Value(same[1])) {
			t.Errorf("%s and %s differ", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{`12345678901234567890`, `12345678901234567891`}, {`"1"`, `1`}, {`[1,2]`, `[2,1]`}, {`0`, `null`}, {`false`, `null`}} {
		if Hash(jsontext.Value(other[0])) == Hash(jsontext.Value(other[1])) {
			t.Errorf("%s and %s are the same", other[0], other[1])
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	long := strings.Repeat("x", MaxAttribute)
	var many strings.Builder
	for i := range MaxSums + 50 {
		fmt.Fprintf(&many, `,"a%d":%d`, i, i)
	}
	s, err := read(t, []byte(`{"version":4,"resources":[{"type":"t","name":"n","instances":[{"attributes":{"id":"i","name":"`+long+`"`+many.String()+`}}]}]}`))
	if err != nil || len(s.Objects[0].Sums) != MaxSums || s.Objects[0].Attributes["name"] != nil || s.Objects[0].ID != "i" {
		t.Errorf("%v, %d sums", err, len(s.Objects[0].Sums))
	}
	_, err = read(t, []byte(`{"version":4,"resources":[{"type":"t","name":"n","instances":[`+strings.Repeat(`{},`, MaxObjects)+`{}]}]}`))
	if err == nil || !strings.Contains(err.Error(), "objects") {
		t.Errorf("too many objects: %v", err)
	}
}

// TestKubernetesMetadata: of it only what identifies is kept.
func TestKubernetesMetadata(t *testing.T) {
	s, err := read(t, []byte(`{"version":4,"resources":[{"type":"kubernetes_secret","name":"n","instances":[{"attributes":{"id":"a/b","metadata":[{"uid":"u-1","name":"b","namespace":"a","annotations":{"x":"hush"}}]}}]}]}`))
	if err != nil || strings.Contains(fmt.Sprintf("%+v", s), "hush") {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := fmt.Sprint(s.Objects[0].Attributes["metadata"]); got != "[map[name:b namespace:a uid:u-1]]" {
		t.Error(got)
	}
}
