package truth

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// refactoring is a configuration before and after somebody tidied it up without a moved block.
type refactoring struct {
	was, is files
	twins   map[string]string // old address to new one
	others  map[string]string // destroyed, and what is created is something else
}

// TestRemedyOfTwins: a twin is one when a moved block keeps the object. So every refuted twin's remedy is
// written into the configuration and planned again.
func TestRemedyOfTwins(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	kept, accused, tried := 0, 0, 0
	t.Run("seed", func(t *testing.T) {
		for seed := range uint64(refactorings) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				r := refactor(seed)
				k, a := r.try(t)
				mu.Lock()
				defer mu.Unlock()
				tried++
				kept += k
				accused += a
			})
		}
	})
	t.Logf("%d refactorings: %d twins, all kept by their remedy; %d false accusations", tried, kept, accused)
	if !t.Failed() && tried == refactorings && kept < 2*refactorings {
		t.Error("too few twins to prove anything")
	}
}

const refactorings = 10

func (r refactoring) try(t *testing.T) (kept, accused int) {
	s := begin(t, r.was, awsMock)
	s.configure(r.is)
	p, j := s.judged()
	does := p.busy()
	var moved strings.Builder
	for _, old := range slices.Sorted(maps.Keys(r.twins)) {
		f := j.finding("CHG003", old)
		if does[old] != "delete" || does[r.twins[old]] != "create" {
			t.Fatalf("%s is not destroyed, or %s not created: %v", old, r.twins[old], does)
		}
		if v := j.verdict("CHG003", old); v != "refuted" || !strings.Contains(f.Title, r.twins[old]+" ") {
			t.Errorf("%s: %q (%s), want refuted and %s", old, v, f.Title, r.twins[old])
		}
		moved.WriteString(f.Remedy.Patch + "\n")
	}
	for old := range r.others {
		if v := j.verdict("CHG003", old); v != "" {
			accused++
			t.Errorf("%s is destroyed for good, and the verdict is %q: %s", old, v, j.finding("CHG003", old).Title)
		}
	}
	if t.Failed() {
		t.Logf("%v\n%v", r.was, r.is)
		return 0, accused
	}
	with := maps.Clone(r.is)
	with["moved.tf"] = moved.String()
	s.configure(with)
	p, j = s.judged()
	o := s.succeed()
	s.agree(j, p, o)
	complaints := remedyWorks(p, o, r.twins)
	blame(t, complaints)
	does = p.busy()
	for old, other := range r.others {
		if does[old] != "delete" || does[other] != "create" {
			t.Errorf("%s and %s are two things, and now %q and %q", old, other, does[old], does[other])
		}
	}
	return len(r.twins), accused
}

// remedyWorks tells what of the twins was destroyed or made anew in spite of the moved blocks.
func remedyWorks(p plan, o outcome, twins map[string]string) (complaints []string) {
	does := p.busy()
	for _, old := range slices.Sorted(maps.Keys(twins)) {
		now := twins[old]
		if does[old] != "" || does[now] != "" {
			complain(&complaints, "%s is planned as %q, %s as %q", old, does[old], now, does[now])
		}
		was, is := o.before[old], o.after[now]
		if is.Values == nil || was.id() != is.id() {
			complain(&complaints, "%s was %q and %s is %q", old, was.id(), now, is.id())
		}
		if o.deed("delete", ident{was.Type, was.id()}) >= 0 || o.deed("create", ident{is.Type, is.id()}) >= 0 {
			complain(&complaints, "%s was deleted, or %s created", old, now)
		}
	}
	return complaints
}

// text is a configuration under construction: the body of each module.
type text struct {
	*rand.Rand
	modules map[string]*strings.Builder // by path, "" for the root
}

func (x text) body(module string) *strings.Builder {
	if x.modules[module] == nil {
		x.modules[module] = &strings.Builder{}
		parent, name := "", module
		if i := strings.LastIndex(module, "/"); i >= 0 {
			parent, name = module[:i], module[i+1:]
		}
		fmt.Fprintf(x.body(parent), "module %q {\n  source = \"./%s\"\n}\n", name, name)
	}
	return x.modules[module]
}

func (x text) files() files {
	out := files{}
	for m, body := range x.modules {
		out[strings.TrimPrefix(m+"/main.tf", "/")] = body.String()
	}
	return out
}

func start() text {
	root := &strings.Builder{}
	root.WriteString(useAWS)
	return text{modules: map[string]*strings.Builder{"": root}}
}

// within is an address in a module that is written as a path.
func within(module, address string) string {
	if module == "" {
		return address
	}
	return "module." + strings.ReplaceAll(module, "/", ".module.") + "." + address
}

// refactor makes a refactoring from a seed.
func refactor(seed uint64) refactoring {
	dice := rand.New(rand.NewPCG(seed, 2))
	was, is := start(), start()
	r := refactoring{twins: map[string]string{}, others: map[string]string{}}
	modules := []string{"", "shop", "shop/orders", "billing"}
	for i := range 4 + dice.IntN(4) {
		from, to := modules[dice.IntN(len(modules))], modules[dice.IntN(len(modules))]
		old, now := fmt.Sprintf("old%d", i), fmt.Sprintf("new%d", i)
		if from != to && dice.IntN(2) == 0 {
			now = old // only moved
		}
		name := fmt.Sprintf("acme-%d", i)
		form := i
		if i > 5 {
			form = dice.IntN(6)
		}
		switch form {
		case 0: // one queue
			fmt.Fprintf(was.body(from), "resource \"aws_sqs_queue\" %q {\n  name = %q\n}\n", old, name)
			fmt.Fprintf(is.body(to), "resource \"aws_sqs_queue\" %q {\n  name = %q\n}\n", now, name)
			r.twins[within(from, "aws_sqs_queue."+old)] = within(to, "aws_sqs_queue."+now)
		case 1: // for_each: the block is renamed
			const each = "resource \"aws_sqs_queue\" %q {\n  for_each = toset([\"a\", \"b\"])\n  name     = \"%s-${each.key}\"\n}\n"
			fmt.Fprintf(was.body(from), each, old, name)
			fmt.Fprintf(is.body(to), each, now, name)
			for _, k := range []string{"a", "b"} {
				r.twins[within(from, fmt.Sprintf("aws_sqs_queue.%s[%q]", old, k))] = within(to, fmt.Sprintf("aws_sqs_queue.%s[%q]", now, k))
			}
		case 2: // for_each: the keys are
			const each = "resource \"aws_dynamodb_table\" %q {\n  for_each     = { %s = 1, %s = 2 }\n  name         = \"%s-${each.value}\"\n  hash_key     = \"k\"\n  billing_mode = \"PAY_PER_REQUEST\"\n  attribute {\n    name = \"k\"\n    type = \"S\"\n  }\n}\n"
			fmt.Fprintf(was.body(from), each, old, "a", "b", name)
			fmt.Fprintf(is.body(from), each, old, "one", "two", name)
			address := within(from, "aws_dynamodb_table."+old)
			r.twins[address+`["a"]`], r.twins[address+`["b"]`] = address+`["one"]`, address+`["two"]`
		case 3: // a topic and what hangs on it
			const pair = "resource \"aws_sns_topic\" %[1]q {\n  name = %[2]q\n}\nresource \"aws_sns_topic_subscription\" %[1]q {\n  topic_arn = aws_sns_topic.%[1]s.arn\n  protocol  = \"email\"\n  endpoint  = \"%[2]s@example.com\"\n}\n"
			if from == to {
				to = modules[(slices.Index(modules, from)+1)%len(modules)]
			}
			// A subscription has no name of its own: it is told by the one in the configuration.
			fmt.Fprintf(was.body(from), pair, old, name)
			fmt.Fprintf(is.body(to), pair, old, name)
			for _, typ := range []string{"aws_sns_topic.", "aws_sns_topic_subscription."} {
				r.twins[within(from, typ+old)] = within(to, typ+old)
			}
		case 4: // another queue
			fmt.Fprintf(was.body(from), "resource \"aws_cloudwatch_log_group\" %q {\n  name = %q\n}\n", old, name)
			fmt.Fprintf(is.body(to), "resource \"aws_cloudwatch_log_group\" %q {\n  name = \"other-%s\"\n}\n", now+"x", name)
			r.others[within(from, "aws_cloudwatch_log_group."+old)] = within(to, "aws_cloudwatch_log_group."+now+"x")
		case 5: // the same name, and another argument
			fmt.Fprintf(was.body(from), "resource \"aws_kms_alias\" %q {\n  name          = \"alias/%s\"\n  target_key_id = \"11111111-0000-0000-0000-000000000000\"\n}\n", old, name)
			fmt.Fprintf(is.body(to), "resource \"aws_kms_alias\" %q {\n  name          = \"alias/%s-2\"\n  target_key_id = \"22222222-0000-0000-0000-000000000000\"\n}\n", now+"x", name)
			r.others[within(from, "aws_kms_alias."+old)] = within(to, "aws_kms_alias."+now+"x")
		}
	}
	r.was, r.is = was.files(), is.files()
	return r
}

// TestHarnessObjectsToFalseRemedies: a moved block for two things that are not one changes the object.
func TestHarnessObjectsToFalseRemedies(t *testing.T) {
	t.Parallel()
	s := begin(t, files{"main.tf": useAWS + queue("a", "delay_seconds = 1\n")}, awsMock)
	b := strings.Replace(queue("b", "delay_seconds = 2\n"), `name = "b"`, `name = "b2"`, 1)
	twins := map[string]string{"aws_sqs_queue.a": "aws_sqs_queue.b"}
	s.configure(files{"main.tf": useAWS + b, "moved.tf": "moved {\n  from = aws_sqs_queue.a\n  to   = aws_sqs_queue.b\n}\n"})
	p, _ := s.judged()
	o := s.succeed()
	if c := remedyWorks(p, o, twins); len(c) < 2 {
		t.Errorf("a queue was replaced under another name, and the complaints are %q", c)
	}
}
