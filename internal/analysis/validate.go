package analysis

import (
	"fmt"
	"regexp"
	"strings"
)

// Validate rejects analyzers that are put together wrongly: a rule without its
// prose, a reused ID, a cycle in Requires. It runs in a test and before every
// run, because a rule nobody can explain must not accuse anybody.
func Validate(all []*Analyzer) error {
	id := regexp.MustCompile(`^[A-Z]{3}[0-9]{3}$`)
	names, ids := map[string]bool{}, map[string]string{}
	for _, a := range all {
		if a.Name == "" || a.Doc == "" || (a.Run == nil) != a.Settles {
			return fmt.Errorf("analyzer %q: name, doc and run are required", a.Name)
		}
		if names[a.Name] {
			return fmt.Errorf("two analyzers are named %q", a.Name)
		}
		names[a.Name] = true
		for _, r := range a.Rules {
			if !id.MatchString(r.ID) {
				return fmt.Errorf("rule %q of %s: an ID is three capitals and three digits", r.ID, a.Name)
			}
			if other, taken := ids[r.ID]; taken {
				return fmt.Errorf("rule %s is in both %s and %s", r.ID, other, a.Name)
			}
			ids[r.ID] = a.Name
			for field, text := range map[string]string{
				"title": r.Title, "claim": r.Claim, "claimant": r.Claimant,
				"why": r.Why, "fix": r.Fix, "unit": r.Unit,
			} {
				if strings.TrimSpace(text) == "" {
					return fmt.Errorf("rule %s: %s is empty", r.ID, field)
				}
			}
			if len(r.Needs)+len(r.Any) == 0 && !a.Settles {
				return fmt.Errorf("rule %s: it must say which evidence it needs", r.ID)
			}
		}
	}
	_, err := ordered(all)
	return err
}

// ordered returns the analyzers with everything they require before them.
func ordered(all []*Analyzer) ([]*Analyzer, error) {
	const visiting, done = 1, 2
	state := map[*Analyzer]int{}
	var out []*Analyzer
	var visit func(*Analyzer) error
	visit = func(a *Analyzer) error {
		switch state[a] {
		case visiting:
			return fmt.Errorf("analyzer %s requires itself, directly or through others", a.Name)
		case done:
			return nil
		}
		state[a] = visiting
		for _, r := range a.Requires {
			if err := visit(r); err != nil {
				return err
			}
		}
		state[a] = done
		out = append(out, a)
		return nil
	}
	for _, a := range all {
		if err := visit(a); err != nil {
			return nil, err
		}
	}
	return out, nil
}
