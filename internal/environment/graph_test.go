package environment

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

func aliased(address string, m evidence.Marks, aliases ...string) evidence.Thing {
	return evidence.Thing{Subject: finding.Subject{Kind: "terraform-resource", Identity: address, Aliases: aliases}, Marks: m}
}

type added struct {
	path string
	evidence.Thing
}

func graph(all ...added) *Graph {
	g := NewGraph()
	for i := range all {
		g.Add(all[i].path, &all[i].Thing)
	}
	return g
}

func TestGraph(t *testing.T) {
	const arn = "arn:aws:sqs:eu-west-1:111111111111:orders"
	one, two := evidence.Marks{Account: "111111111111", Region: "eu-west-1"}, evidence.Marks{Account: "222222222222", Region: "eu-west-1"}
	for name, c := range map[string]struct {
		a, b evidence.Thing
		same bool
	}{
		"one ARN":                      {aliased("aws_sqs_queue.a", one, "arn:"+arn), aliased("module.x.aws_sqs_queue.b", one, "id:"+arn), true},
		"another account":              {aliased("aws_sqs_queue.a", one, "arn:"+arn), aliased("aws_sqs_queue.a", two, "arn:"+strings.Replace(arn, "111111111111", "222222222222", 1)), false},
		"one address in two plans":     {aliased("aws_sqs_queue.a", one), aliased("aws_sqs_queue.a", one), false},
		"a cloud's id":                 {aliased("aws_vpc.a", evidence.Marks{}, "id:vpc-0123456789abcdef0"), aliased("data.aws_vpc.b", evidence.Marks{}, "id:vpc-0123456789abcdef0"), true},
		"a name that looks like an id": {aliased("aws_s3_bucket.a", evidence.Marks{}, "id:app-deadbeef"), aliased("aws_db_instance.b", evidence.Marks{}, "id:app-deadbeef"), false},
		"an id of the same account":    {aliased("aws_db_instance.a", one, "id:shop"), aliased("aws_db_instance.b", one, "id:shop"), true},
		"an id of another account":     {aliased("aws_db_instance.a", one, "id:shop"), aliased("aws_db_instance.b", two, "id:shop"), false},
		"an id of an unknown account":  {aliased("aws_db_instance.a", evidence.Marks{}, "id:shop"), aliased("aws_db_instance.a", evidence.Marks{}, "id:shop"), false},
		"an id of another type":        {aliased("aws_s3_bucket.a", one, "id:shop"), aliased("aws_s3_bucket_versioning.a", one, "id:shop"), false},
		"default":                      {aliased("aws_x.a", one, "id:default"), aliased("aws_x.b", one, "id:default"), false},
		"a dash":                       {aliased("aws_x.a", one, "id:-"), aliased("aws_x.b", one, "id:-"), false},
		"1":                            {aliased("aws_x.a", one, "id:1"), aliased("aws_x.b", one, "id:1"), false},
		"a region":                     {aliased("aws_region.a", one, "id:eu-west-1"), aliased("aws_region.b", one, "id:eu-west-1"), false},
		"everybody's policy":           {aliased("aws_x.a", evidence.Marks{}, "arn:arn:aws:iam::aws:policy/ReadOnly"), aliased("aws_y.b", evidence.Marks{}, "arn:arn:aws:iam::aws:policy/ReadOnly"), false},
		"a pattern":                    {aliased("aws_x.a", one, "arn:arn:aws:s3:::*"), aliased("aws_x.b", one, "arn:arn:aws:s3:::*"), false},
		"a bucket":                     {aliased("aws_s3_bucket.a", evidence.Marks{}, "arn:arn:aws:s3:::acme"), aliased("aws_s3_bucket.b", evidence.Marks{}, "arn:arn:aws:s3:::acme"), true},
		"the policy of an endpoint":    {aliased("aws_vpc_endpoint.a", one, "id:vpce-0123456789abcdef0"), aliased("aws_vpc_endpoint_policy.a", one, "id:vpce-0123456789abcdef0"), false},
		"a digest":                     {aliased("t.a", evidence.Marks{}, "digest:sha256:"+strings.Repeat("a", 64)), aliased("u.b", evidence.Marks{}, "digest:sha256:"+strings.Repeat("a", 64)), true},
		"no digest":                    {aliased("t.a", evidence.Marks{}, "digest:sha256:abc"), aliased("t.a", evidence.Marks{}, "digest:sha256:abc"), false},
		"azure": {
			aliased("azurerm_x.a", evidence.Marks{}, "id:/subscriptions/s/resourceGroups/g/providers/p/t/n"), aliased("azurerm_x.b", evidence.Marks{}, "id:/subscriptions/s/resourceGroups/g/providers/p/t/n"), true,
		},
	} {
		g := graph(added{"one.json", c.a}, added{"two.json", c.b})
		if got := g.Same(Address("one.json", &c.a), Address("two.json", &c.b)); got != c.same {
			t.Errorf("%s: %v, want %v; names %q", name, got, c.same, g.Names(Address("one.json", &c.a)))
		}
	}
}

// TestGraphWithinOneEvidence: what two objects of one plan carry names neither.
func TestGraphWithinOneEvidence(t *testing.T) {
	const arn = "arn:arn:aws:sns:eu-west-1:111111111111:t"
	a, b, c := aliased("aws_sns_topic.a", evidence.Marks{}, arn), aliased("aws_something.b", evidence.Marks{}, arn), aliased("aws_sns_topic.c", evidence.Marks{}, arn)
	g := graph(added{"p", a}, added{"p", b}, added{"q", c})
	if g.Same(Address("p", &a), Address("p", &b)) || g.Same(Address("p", &a), Address("q", &c)) {
		t.Error("a name that two objects carry joined them")
	}
	if !g.Same(Address("q", &c), arn) {
		t.Errorf("the other plan's name was dropped as well: %q", g.Names(Address("q", &c)))
	}
}

// TestGraphProperties: the order of edges decides nothing, same is an
// equivalence that Names agrees with, and no thing has ARNs of two accounts.
func TestGraphProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		var all []added
		for i := range 2 + r.IntN(25) {
			account := fmt.Sprintf("11111111111%d", r.IntN(2))
			m := evidence.Marks{}
			if r.IntN(2) == 0 {
				m.Account = account
			}
			var names []string
			for range r.IntN(3) {
				names = append(names, []string{
					fmt.Sprintf("arn:arn:aws:sqs:r:%s:q%d", account, r.IntN(4)), fmt.Sprintf("id:i-0000000%d", r.IntN(4)),
					fmt.Sprintf("id:name%d", r.IntN(3)), "id:default", fmt.Sprintf("id:arn:aws:sqs:r:%s:q%d", account, r.IntN(4)),
				}[r.IntN(5)])
			}
			all = append(all, added{fmt.Sprint("p", r.IntN(4)), aliased(fmt.Sprintf("t.n%d", i%9), m, names...)})
		}
		want := graph(all...)
		var names []string
		for n := range classes(want) {
			names = append(names, n)
		}
		for range 3 {
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			got := graph(all...)
			for _, n := range names {
				if !slices.Equal(got.Names(n), want.Names(n)) {
					t.Fatalf("%s: %q in one order, %q in another", n, got.Names(n), want.Names(n))
				}
			}
		}
		for _, a := range names {
			if accounts(want.Names(a)) > 1 {
				t.Fatalf("%q is in two accounts", want.Names(a))
			}
			for _, b := range names {
				if want.Same(a, b) != slices.Contains(want.Names(a), b) || want.Same(a, b) != want.Same(b, a) {
					t.Fatalf("%s and %s: same %v, names %q", a, b, want.Same(a, b), want.Names(a))
				}
			}
		}
	}
}

func classes(g *Graph) map[string]string {
	g.settle()
	return g.parent
}
