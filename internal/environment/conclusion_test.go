package environment

import (
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func TestConclusion(t *testing.T) {
	in := func(addresses ...string) []evidence.Thing {
		out := []evidence.Thing{plan(evidence.Marks{})}
		for _, a := range addresses {
			name, value, _ := strings.Cut(a, "=")
			m := evidence.Marks{}
			if value != "" {
				m = env(value)
			}
			out = append(out, resource(name, m))
		}
		return out
	}
	prod := Declared{Name: "prod", Tags: map[string][]string{"environment": {"prod"}}}
	dev := Declared{Name: "dev", Tags: map[string][]string{"environment": {"dev"}}}
	for name, c := range map[string]struct {
		set    *Set
		things map[string][]evidence.Thing
		paths  []string
		want   string
	}{
		"nothing": {nil, nil, nil, "Nothing was examined, so nothing is known."},
		"unknown": {nil, map[string][]evidence.Thing{"p": in("a.b", "a.c")}, nil, "No environment is declared or can be inferred; 2 objects belong to none. Declare them: polygraph init."},
		"inferred": {
			nil,
			map[string][]evidence.Thing{"p": in("a.b=dev", "a.c=prod", "a.d")},
			nil, "2 environments, all inferred; 1 object belongs to none. Declare them: polygraph init.",
		},
		"one inferred":  {nil, map[string][]evidence.Thing{"p": in("a.b=dev")}, nil, "1 environment, inferred; every object belongs to one. Declare them: polygraph init."},
		"only its path": {nil, nil, []string{"envs/prod/plan.json"}, "1 environment, inferred. Declare them: polygraph init."},
		"declared": {
			set(t, prod, dev),
			map[string][]evidence.Thing{"p": in("a.b=dev", "a.c=prod")},
			nil, "2 environments, all declared; every object belongs to one.",
		},
		"both": {
			set(t, prod),
			map[string][]evidence.Thing{"p": in("a.b=dev", "a.c=prod", "a.d", "a.e")},
			nil, "2 environments, 1 declared and 1 inferred; 2 objects belong to none. Declare what is missing in polygraph.yaml.",
		},
		"inferred into a declared one": {
			set(t, Declared{Name: "prod", Accounts: []string{"111122223333"}}),
			map[string][]evidence.Thing{"p": in("a.b=prod")},
			nil, "1 environment, declared; 1 object is only inferred to be in a declared one. Declare what is missing in polygraph.yaml.",
		},
		"contradiction": {
			set(t, prod, Declared{Name: "shop", Tags: map[string][]string{"environment": {"prod"}}}),
			map[string][]evidence.Thing{"p": in("a.b=prod")},
			nil, "2 environments, all declared; 1 object has marks that contradict each other. Declare what is missing in polygraph.yaml.",
		},
	} {
		if got := Conclusion(c.set, c.things, c.paths); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestCollisionSaysWhat: nothing of it is an environment that was only inferred,
// and many paths are counted.
func TestCollisionSaysWhat(t *testing.T) {
	for want, paths := range map[string][]string{
		"CHG001 about plan has one fingerprint in a and b: nothing declared tells them apart":               {"a", "b"},
		"CHG001 about plan has one fingerprint in a, b and c: nothing declared tells them apart":            {"a", "b", "c"},
		"CHG001 about plan has one fingerprint in a, b and 3 more files: nothing declared tells them apart": {"a", "b", "c", "d", "e"},
	} {
		if got := (Collision{Rule: "CHG001", Subject: "plan", Paths: paths, Inferred: true}).String(); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}
