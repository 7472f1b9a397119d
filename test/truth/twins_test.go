package truth

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestTwinsComeTrue applies the plan with the remedies, and then goes the way back without any, so that
// the accused plan is applied too.
func TestTwinsComeTrue(t *testing.T) {
	t.Parallel()
	for _, r := range renamings {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, r.was, r.needs...)
			s.configure(r.is)
			_, j := s.judged()
			blame(t, verdictsOf(r, r.moves, j))
			mended := maps.Clone(r.is)
			mended["moved.tf"] = strings.Join(slices.Collect(maps.Values(blocks(j))), "\n")
			s.configure(mended)
			p, j := s.judged()
			o := s.succeed()
			s.agree(j, p, o)
			blame(t, stay(r.moves, p, o))
			if len(blocks(j)) != 0 {
				t.Errorf("still accused: %v", blocks(j))
			}

			back := map[string]string{}
			for old, now := range r.moves {
				back[now] = old
			}
			s.configure(r.was)
			p, j = s.judged()
			blame(t, verdictsOf(r, back, j))
			o = s.succeed()
			s.agree(j, p, o)
			blame(t, twinsAgree(back, blocks(j), o))
		})
	}
}

// verdictsOf compares what was said about a renaming with what should be.
func verdictsOf(r renaming, moves map[string]string, j judgement) (complaints []string) {
	want := "refuted"
	if r.doubt {
		want = "unproven"
	}
	for _, old := range slices.Sorted(maps.Keys(moves)) {
		if got := j.verdict("CHG003", old); got != want {
			complain(&complaints, "%s is %q, want %q: %s", old, got, want, j.finding("CHG003", old).Title)
		}
	}
	return complaints
}

// TestStrangersAreNoTwins: what only looks alike is not accused, and really is another object afterwards.
func TestStrangersAreNoTwins(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		was, is files
		gone    []string
		needs   []provider
	}{
		"another value": {was: root(data("x", one)), is: in("m", "", data("x", "  input = \"two\"\n")), gone: []string{"terraform_data.x"}},
		"one more argument": {
			was: root(data("x", one)), is: in("m", "", data("x", one+"  triggers_replace = [\"t\"]\n")), gone: []string{"terraform_data.x"},
		},
		"another type": {
			was: root(useAWS + data("x", one)), is: root("resource \"aws_vpc\" \"x\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n"), gone: []string{"terraform_data.x"}, needs: mocked,
		},
		"another name": {
			was: root("resource \"aws_sqs_queue\" \"x\" {\n  name = \"orders\"\n}\n"), is: root("resource \"aws_sqs_queue\" \"y\" {\n  name = \"invoices\"\n}\n"),
			gone: []string{"aws_sqs_queue.x"}, needs: mocked,
		},
		"other keys with other values": {
			was:  root(data("x", "  for_each = { a = \"1\", b = \"2\" }\n  input = each.value\n")),
			is:   root(data("x", "  for_each = { c = \"3\", d = \"4\" }\n  input = each.value\n")),
			gone: []string{`terraform_data.x["a"]`, `terraform_data.x["b"]`},
		},
		"one of two": {
			was:  root(data("x", "  count = 2\n  input = count.index\n")),
			is:   root(data("x", "  count = 1\n  input = count.index\n") + data("y", one)),
			gone: []string{"terraform_data.x[1]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t, c.was, c.needs...)
			s.configure(c.is)
			p, j := s.judged()
			o := s.succeed()
			s.agree(j, p, o)
			blame(t, twinsAgree(nil, blocks(j), o))
			for _, address := range c.gone {
				if o.before[address].Values == nil || o.after[address].Values != nil {
					t.Errorf("%s is not gone", address)
				}
				for now, is := range o.after {
					if o.before[now].Values == nil && equal(is.Values, o.before[address].Values) {
						t.Errorf("%s is %s with all its values", now, address)
					}
				}
			}
			// What is of no type that is also created is not in question at all.
			if name != "another type" && j.held["CHG003"] != len(c.gone) {
				t.Errorf("%d held, want %d", j.held["CHG003"], len(c.gone))
			}
		})
	}
}
