package crd

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The edits of definitions, as a whole server takes them: dry runs, so that each
// starts from the same.
func TestEditsOfDefinitionsAreJudgedAsByAServer(t *testing.T) {
	on(t, editsOfDefinitionsAreJudgedAsByAServer)
}

func editsOfDefinitionsAreJudgedAsByAServer(t *testing.T, s *server) {
	t.Helper()
	definitions := documents(t, "definitions.yaml")
	s.define(t, definitions...)
	r := rand.New(rand.NewPCG(7, 7))
	all := bases(t)[:len(definitions)]
	refused, accepted := 0, 0
	for range 200 {
		before := all[r.IntN(len(all))]
		after := clone(before).(map[string]any)
		after["spec"] = mutate(r, after["spec"], 0)
		j := judgeDefinition(t, s.version, before, after)
		if len(j.Unknown) > 0 {
			continue
		}
		name := before["metadata"].(map[string]any)["name"].(string)
		_, err := s.replace(definitionsPath+"/"+name, "Ignore", "All", []byte(text(after)))
		if err != nil && strings.Contains(err.Error(), "unmarshal") {
			if len(j.Refusals) == 0 {
				t.Errorf("%s\nthe server says %v, we accept it", text(after), err)
			}
			continue
		}
		if diff := s.told(err, j.Judgement); diff != "" {
			t.Errorf("%s\n%s", text(after), diff)
		}
		if err != nil {
			refused++
		} else {
			accepted++
		}
	}
	t.Logf("%d edits of definitions refused, %d accepted", refused, accepted)
	if refused < 40 || accepted < 40 {
		t.Error("too few to say anything")
	}
}
