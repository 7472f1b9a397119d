package tfplan

import (
	"fmt"
	"strings"
	"testing"
)

// typicalPlan writes about size bytes: changes of twenty attributes, one in
// three of them changing, each with a block of the configuration.
func typicalPlan(size int) []byte {
	var changes, blocks strings.Builder
	for i := 0; changes.Len()+blocks.Len() < size; i++ {
		if i > 0 {
			changes.WriteByte(',')
			blocks.WriteByte(',')
		}
		action, after := "no-op", ""
		if i%3 == 0 {
			action, after = "update", "-new"
		}
		values := func(suffix string) string {
			var b strings.Builder
			for k := range 20 {
				fmt.Fprintf(&b, `,"attribute_%d":"value %d of %d%s"`, k, k, i, suffix)
			}
			return `{"id":"i-0123456789abcdef0","tags":{"Name":"n` + suffix + `"},"block":[{"size":8,"list":[1,2,3]}]` + b.String() + "}"
		}
		fmt.Fprintf(&changes, `{"address":"module.app.aws_instance.n%d[0]","module_address":"module.app","mode":"managed","type":"aws_instance","name":"n%d","index":0,"provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":[%q],"before":%s,"after":%s,"after_unknown":{"block":[{"list":[false]}],"tags":{}},"before_sensitive":{"block":[{}]},"after_sensitive":{"block":[{}]}}}`,
			i, i, action, values(""), values(after))
		fmt.Fprintf(&blocks, `{"address":"aws_instance.n%d","mode":"managed","type":"aws_instance","name":"n%d","expressions":{"attribute_1":{"references":["var.x"]},"subnet":{"references":["aws_instance.n%d.id","aws_instance.n%d"]},"ami":{"constant_value":"ami"}},"count_expression":{"constant_value":1}}`, i, i, i/2, i/2)
	}
	return []byte(`{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[` + changes.String() +
		`],"configuration":{"root_module":{"module_calls":{"app":{"expressions":{"x":{"constant_value":1}},"module":{"resources":[` + blocks.String() + `]}}}}}}`)
}

func BenchmarkRead(b *testing.B) {
	data := typicalPlan(5 << 20)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		p, err := readPlan(b, data)
		if err != nil || len(p.Changes) < 1000 {
			b.Fatal(err)
		}
	}
}

// TestWhatATypicalPlanKeeps: the bound leaves room for plans of realistic size.
func TestWhatATypicalPlanKeeps(t *testing.T) {
	p, err := readPlan(t, typicalPlan(5<<20))
	if err != nil {
		t.Fatal(err)
	}
	each := p.sym.kept / int64(len(p.Changes))
	if each > 800 || MaxKept/each < 60_000 {
		t.Errorf("%d bytes kept of each change: room for %d", each, MaxKept/each)
	}
}
