package html

import (
	"slices"

	"polygraph/internal/finding"
)

// lacking collects which evidence would settle what is unproven.
type lacking struct {
	index map[string]int
	List  []*need
	More  int // findings whose missing evidence is not listed
}

type need struct {
	Evidence, Get string
	Others        bool // findings name other ways to get it
	Findings      int
	Rules         []string
}

// way is a command, and what evidence it gets.
type way struct {
	Get    string
	Pieces []*need
}

// Ways are the pieces by the command that gets them.
func (k *lacking) Ways() (ways []*way) {
	index := map[string]*way{}
	for _, n := range k.List {
		if !finding.IsCommand(n.Get) {
			continue
		}
		w := index[n.Get]
		if w == nil {
			w = &way{Get: n.Get}
			index[n.Get] = w
			ways = append(ways, w)
		}
		w.Pieces = append(w.Pieces, n)
	}
	return ways
}

// Asks are the pieces that no command gets.
func (k *lacking) Asks() (out []*need) {
	for _, n := range k.List {
		if !finding.IsCommand(n.Get) {
			out = append(out, n)
		}
	}
	return out
}

func (k *lacking) add(f *finding.Finding) {
	if f.Verdict != finding.Unproven {
		return
	}
	for _, m := range f.Missing {
		if n := k.note(m.Evidence, m.Get, f.Rule); n != nil {
			n.Findings++
		}
	}
}

func (k *lacking) note(evidence, get, rule string) *need {
	evidence, get = text(evidence), text(get)
	i, ok := k.index[evidence]
	if !ok {
		if len(k.List) == maxMissing {
			k.More++
			return nil
		}
		if k.index == nil {
			k.index = map[string]int{}
		}
		i = len(k.List)
		k.index[evidence] = i
		k.List = append(k.List, &need{Evidence: evidence, Get: get})
	}
	n := k.List[i]
	n.Others = n.Others || n.Get != get
	if rule = clip(rule, maxLineText); !slices.Contains(n.Rules, rule) && len(n.Rules) < maxList {
		n.Rules = append(n.Rules, rule)
	}
	return n
}
