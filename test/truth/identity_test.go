package truth

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/identity"
	"polygraph/internal/tfplan"
	"polygraph/internal/tfstate"
)

// worlds is how many configurations are changed, and slots how many changes each of them has.
const (
	worlds = 4
	slots  = 28
)

// TestIdentityIsWhatTheProviderDid holds what identity says of two states, and of the plan between them,
// against what the provider was asked to do: an object that it created is another one, whatever the
// address; one that it updated or left alone is the same. Nothing may be called wrongly, and what has an
// id of the cloud's own may not be left open.
func TestIdentityIsWhatTheProviderDid(t *testing.T) {
	var mu sync.Mutex
	total := map[string]int{}
	t.Run("world", func(t *testing.T) {
		for seed := range uint64(worlds) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				n := tryWorld(t, makeWorld(seed))
				mu.Lock()
				defer mu.Unlock()
				for k, v := range n {
					total[k] += v
				}
			})
		}
	})
	t.Logf("%d changes: %v", worlds*slots, total)
	for _, op := range []string{"said kept", "said changed in place", "said new", "said moved", "said gone", "said added", "said cannot be told"} {
		if !t.Failed() && total[op] == 0 {
			t.Errorf("no name was ever %q: the changes are too tame", op)
		}
	}
	if worlds*slots < 100 {
		t.Error("fewer than a hundred changes")
	}
}

// world is a configuration before and after, and where what is there afterwards comes from.
type world struct {
	before, after strings.Builder
	origin        map[string]string // address after -> address before; a new object has none
	mv            [][2]string       // moves in the state, made by hand before the plan
}

// sample is one resource type: its arguments, something that changes in place, and something that cannot.
type sample struct {
	typ                     string
	arguments, place, force func(n int) string
	chosen                  bool // its id is chosen, and nothing else tells
}

func samples() []sample {
	return []sample{
		{
			typ:       "aws_vpc",
			arguments: func(n int) string { return fmt.Sprintf(`cidr_block = "10.%d.0.0/16"`, n) },
			place: func(n int) string {
				return fmt.Sprintf("cidr_block = \"10.%d.0.0/16\"\nenable_dns_hostnames = true", n)
			},
			force: func(n int) string { return fmt.Sprintf(`cidr_block = "10.%d.0.0/17"`, n) },
		},
		{
			typ:       "aws_ebs_volume",
			arguments: func(int) string { return "availability_zone = \"eu-west-1a\"\nsize = 8" },
			place:     func(int) string { return "availability_zone = \"eu-west-1a\"\nsize = 9" },
			force:     func(int) string { return "availability_zone = \"eu-west-1b\"\nsize = 8" },
		},
		{
			typ:       "aws_iam_role", // its id stays what it was, its unique_id does not
			arguments: func(n int) string { return fmt.Sprintf("name = \"r-%d\"\nassume_role_policy = \"{}\"", n) },
			place: func(n int) string {
				return fmt.Sprintf("name = \"r-%d\"\nassume_role_policy = \"{}\"\ndescription = \"x\"", n)
			},
			force: func(n int) string {
				return fmt.Sprintf("name = \"r-%d\"\nassume_role_policy = \"{}\"\npath = \"/x/\"", n)
			},
		},
		{
			typ:       "aws_launch_template",
			arguments: func(n int) string { return fmt.Sprintf("name = \"lt-%d\"\nimage_id = \"ami-1\"", n) },
			place:     func(n int) string { return fmt.Sprintf("name = \"lt-%d\"\nimage_id = \"ami-2\"", n) },
			force:     func(n int) string { return fmt.Sprintf("name = \"lt-%d-b\"\nimage_id = \"ami-1\"", n) },
		},
		{
			typ: "aws_s3_bucket", chosen: true,
			arguments: func(n int) string { return fmt.Sprintf(`bucket = "b-%d"`, n) },
			place:     func(n int) string { return fmt.Sprintf("bucket = \"b-%d\"\ntags = { a = \"b\" }", n) },
			force:     func(n int) string { return fmt.Sprintf(`bucket = "b-%d-b"`, n) },
		},
		{
			typ: "aws_sqs_queue", chosen: true,
			arguments: func(n int) string { return fmt.Sprintf(`name = "q-%d"`, n) },
			place:     func(n int) string { return fmt.Sprintf("name = \"q-%d\"\ndelay_seconds = 5", n) },
			force:     func(n int) string { return fmt.Sprintf(`name = "q-%d-b"`, n) },
		},
	}
}

func makeWorld(seed uint64) *world {
	w := &world{origin: map[string]string{}}
	r := rand.New(rand.NewPCG(seed, 7))
	w.before.WriteString("resource \"terraform_data\" \"turn\" {\n  input = 1\n}\n")
	w.after.WriteString("resource \"terraform_data\" \"turn\" {\n  input = 2\n}\n")
	w.origin["terraform_data.turn"] = "terraform_data.turn"
	all := samples()
	for n := range slots {
		// Each operation meets each type: both run through their lists.
		op := n % len(operations())
		if operations()[op] == "chain" && len(w.mv) > 0 {
			op = 0
		}
		w.slot(n, all[r.IntN(len(all))], op)
	}
	return w
}

func resourceOf(typ, name, body string) string {
	return fmt.Sprintf("resource %q %q {\n%s\n}\n", typ, name, body)
}

func moved(typ, from, to string) string {
	return fmt.Sprintf("moved {\n  from = %s.%s\n  to = %s.%s\n}\n", typ, from, typ, to)
}

const turn = "\nlifecycle {\n  replace_triggered_by = [terraform_data.turn]\n}"

func operations() []string {
	return []string{"leave", "in place", "force", "again", "move", "move and change", "rename", "delete", "add", "chain", "count"}
}

func (w *world) slot(n int, s sample, op int) {
	name := fmt.Sprintf("o%d", n)
	at := s.typ + "." + name
	was, is := s.arguments(n), s.arguments(n)
	b, a := resourceOf(s.typ, name, was), ""
	switch operations()[op] {
	case "leave":
		a, w.origin[at] = b, at
	case "in place":
		a, w.origin[at] = resourceOf(s.typ, name, s.place(n)), at
	case "force":
		a, w.origin[at] = resourceOf(s.typ, name, s.force(n)), at
	case "again": // replaced, with the arguments that it had
		b, a, w.origin[at] = resourceOf(s.typ, name, was+turn), resourceOf(s.typ, name, is+turn), at
	case "move":
		a, w.origin[at+"_new"] = resourceOf(s.typ, name+"_new", is)+moved(s.typ, name, name+"_new"), at
	case "move and change":
		a, w.origin[at+"_new"] = resourceOf(s.typ, name+"_new", s.place(n))+moved(s.typ, name, name+"_new"), at
	case "rename": // without a moved block: destroyed and created
		a, w.origin[at+"_new"] = resourceOf(s.typ, name+"_new", s.force(n)), ""
	case "delete":
	case "add":
		a, b, w.origin[at] = b, "", ""
	case "chain": // what was a is b, what was b is c: a moved block cannot say that, state mv can
		second := s.arguments(100 + n)
		b = resourceOf(s.typ, name+"a", was) + resourceOf(s.typ, name+"b", second)
		a = resourceOf(s.typ, name+"b", was) + resourceOf(s.typ, name+"c", second)
		w.mv = append(w.mv, [2]string{at + "b", at + "c"}, [2]string{at + "a", at + "b"})
		w.origin[at+"b"], w.origin[at+"c"] = at+"a", at+"b"
	case "count": // one element less in front: the others take the numbers of their neighbours
		body := func(list string) string {
			return "count = length(" + list + ")\ncidr_block = " + list + "[count.index]"
		}
		s.typ = "aws_vpc"
		at = s.typ + "." + name
		b = resourceOf(s.typ, name, body(fmt.Sprintf(`["10.%d.0.0/20", "10.%d.16.0/20", "10.%d.32.0/20"]`, n, n, n)))
		a = resourceOf(s.typ, name, body(fmt.Sprintf(`["10.%d.16.0/20", "10.%d.32.0/20"]`, n, n)))
		w.origin[at+"[0]"], w.origin[at+"[1]"] = at+"[0]", at+"[1]"
	}
	w.before.WriteString(b)
	w.after.WriteString(a)
}

func tryWorld(t *testing.T, w *world) map[string]int {
	t.Helper()
	s := begin(t, files{"main.tf": w.before.String()}, awsMock)
	first := s.stateRoot()
	s.configure(files{"main.tf": w.after.String()})
	before := s.state()
	for _, mv := range w.mv {
		if _, stderr, code, err := s.Run("state", "mv", mv[0], mv[1]); err != nil || code != 0 {
			t.Fatal(err, stderr)
		}
	}
	p, _ := s.judged()
	o := s.succeed()
	o.before = before
	second := s.stateRoot()

	created, updated, deleted := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range o.calls {
		key := c.Type + " " + c.ID
		switch c.Call {
		case "create":
			created[key] = true
		case "update":
			updated[key] = true
		case "delete":
			deleted[key] = true
		}
	}
	plan, err := tfplan.Read(context.Background(), &evidence.Item{Kind: evidence.TerraformPlan(), Path: "plan.json", Blob: evidence.Bytes(p.text)}, tfplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := identity.PlanBefore(context.Background(), plan, "plan.json")
	if err != nil {
		t.Fatal(err)
	}
	left, err := identity.PlanAfter(context.Background(), plan, "plan.json")
	if err != nil {
		t.Fatal(err)
	}
	total := map[string]int{}
	for which, rows := range map[string][]identity.Row{"states": identity.Compare(first, second), "plan": identity.Compare(found, left)} {
		seen := map[string]bool{}
		for _, r := range rows {
			if strings.HasPrefix(r.Name, "terraform_data.") {
				continue // built in: the mock is not asked
			}
			seen[r.Name] = true
			if byHand := slices.ContainsFunc(w.mv, func(m [2]string) bool { return m[0] == r.Name || m[1] == r.Name }); byHand && which == "plan" {
				continue // the plan found them moved
			}
			if which == "states" {
				total["said "+said(r.How)]++
			}
			now, there := o.after[r.Name]
			if !there {
				was := o.before[r.Name]
				if r.How != identity.Gone || deleted[was.Type+" "+was.id()] == (r.Now != "") || r.Now != "" && w.origin[r.Now] != r.Name {
					t.Errorf("%s: %s is said to be %s, and was deleted: %v", which, r.Name, said(r.How), deleted[was.Type+" "+was.id()])
				}
				continue
			}
			key := now.Type + " " + now.id()
			from, made := w.origin[r.Name], created[key]
			want := []identity.How{}
			switch {
			case made && o.before[r.Name].Type == "":
				want = append(want, identity.Added)
			case made:
				want = append(want, identity.New)
			case from != r.Name && o.before[r.Name].Type != "":
				want = append(want, identity.New) // another one moved in
			case from != r.Name:
				want = append(want, identity.Moved)
			case updated[key]:
				want = append(want, identity.Altered)
			default:
				want = append(want, identity.Kept)
			}
			if open := chosen(now.Type) && which == "states"; open {
				want = append(want, identity.CannotTell)
			}
			if !slices.Contains(want, r.How) {
				t.Errorf("%s: %s is said to be %s, want %s; created %v, updated %v, was %q", which, r.Name, said(r.How), said(want[0]), made, updated[key], from)
			}
			if r.How == identity.Moved && r.Was != from {
				t.Errorf("%s: %s is said to have been %s, it was %s", which, r.Name, r.Was, from)
			}
		}
		for _, name := range append(slices.Collect(maps.Keys(o.before)), slices.Collect(maps.Keys(o.after))...) {
			_, still := o.after[name]
			movedAway := !still && slices.Contains(slices.Collect(maps.Values(w.origin)), name)
			if !seen[name] && !movedAway && !strings.HasPrefix(name, "terraform_data.") {
				t.Errorf("%s: nothing is said of %s", which, name)
			}
		}
	}
	return total
}

func chosen(typ string) bool {
	return slices.ContainsFunc(samples(), func(s sample) bool { return s.typ == typ && s.chosen })
}

func said(h identity.How) string {
	return map[identity.How]string{
		identity.CannotTell: "cannot be told", identity.Kept: "kept", identity.Altered: "changed in place", identity.New: "new",
		identity.Moved: "moved", identity.Gone: "gone", identity.Added: "added",
	}[h]
}

// stateRoot is the state file as identity sees it.
func (s *scene) stateRoot() *identity.Root {
	s.t.Helper()
	text, stderr, code, err := s.Run("state", "pull")
	if err != nil || code != 0 {
		s.t.Fatal(err, stderr)
	}
	st, err := tfstate.Read(context.Background(), &evidence.Item{Kind: tfstate.Kind(), Path: "terraform.tfstate", Blob: evidence.Bytes([]byte(text))})
	if err != nil {
		s.t.Fatal(err)
	}
	return identity.FromState(st, "terraform.tfstate")
}
