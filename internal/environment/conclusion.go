package environment

import (
	"fmt"
	"strings"

	"polygraph/internal/evidence"
)

// Conclusion says in one line how well the environments are known, and what to
// do when they are not declared: "3 environments, all inferred; 6 objects belong
// to none. Declare them: polygraph init."
func Conclusion(set *Set, things map[string][]evidence.Thing, paths []string) string {
	w := newWorld(set, things, paths)
	if len(w.paths) == 0 {
		return "Nothing was examined, so nothing is known."
	}
	declared := map[string]bool{}
	for _, name := range set.Names() {
		declared[name] = true
	}
	guessed := map[string]bool{} // environments that nobody declared
	objects, nowhere, against, inferred := 0, 0, 0, 0
	note := func(v verdict) {
		if v.env != "" && !declared[v.env] {
			guessed[v.env] = true
		}
	}
	for _, p := range w.paths {
		note(w.evidence(p))
		for i := range w.things[p] {
			t := &w.things[p][i]
			if isWhole(t) {
				continue
			}
			objects++
			switch v := w.thing(p, t); {
			case v.clash:
				against++
			case v.env == "":
				nowhere++
			default:
				note(v)
				if v.inferred && declared[v.env] {
					inferred++
				}
			}
		}
	}
	parts := []string{known(len(declared), len(guessed))}
	if inferred > 0 {
		parts = append(parts, plural(inferred, "object is only inferred to be in a declared one", "objects are only inferred to be in declared ones"))
	}
	if against > 0 {
		parts = append(parts, plural(against, "object has marks that contradict each other", "objects have marks that contradict each other"))
	}
	switch {
	case nowhere > 0:
		parts = append(parts, plural(nowhere, "object belongs to none", "objects belong to none"))
	case objects > 0 && len(parts) == 1 && len(declared)+len(guessed) > 0:
		parts = append(parts, "every object belongs to one")
	}
	text := strings.Join(parts, "; ") + "."
	switch {
	case len(declared) == 0:
		return text + " Declare them: polygraph init."
	case len(guessed)+nowhere+against+inferred > 0:
		return text + " Declare what is missing in polygraph.yaml."
	}
	return text
}

// known counts environments by how they are known.
func known(declared, guessed int) string {
	n := declared + guessed
	text := plural(n, "environment", "environments")
	switch {
	case n == 0:
		return "No environment is declared or can be inferred"
	case n == 1 && declared == 1:
		return text + ", declared"
	case n == 1:
		return text + ", inferred"
	case guessed == 0:
		return text + ", all declared"
	case declared == 0:
		return text + ", all inferred"
	}
	return fmt.Sprintf("%s, %d declared and %d inferred", text, declared, guessed)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
