package twin

import (
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// MaxReads bounds how many candidate pairs are read again and compared by
// value per plan; beyond it pairs stay unexamined and the result says so.
const MaxReads = 50_000

// Pair is an object that is destroyed and its new twin.
type Pair struct {
	Old, New *tfplan.Change
	Equal    []string // attributes that agree, sorted
	Named    string   // one of them that names the object, "" if none does
	Doubt    string   // why the pair is not proven, "" when it is
	Refers   []string // attributes that refer to other twins
	ID, ARN  string   // the old object's, "" when secret or not there
}

// Result of Find.
type Result struct {
	Pairs    []Pair
	Single   []*tfplan.Change // destroyed objects of a type that is also created, without twin
	Unread   []*tfplan.Change // destroyed objects that could not be compared
	refers   map[*tfplan.Change][]reference
	byCreate map[*tfplan.Change]int
}

type reference struct {
	attr string
	from []*tfplan.Change // new objects it is computed from; shared, not to be changed
	name string           // the attribute of those, "" for the whole object
	dark bool             // comes through a local
}

// Find pairs destroyed with created objects.
func Find(p *tfplan.Plan) Result {
	res := Result{refers: map[*tfplan.Change][]reference{}, byCreate: map[*tfplan.Change]int{}}
	olds, news := byType(p)
	reads, byNode := 0, unsettled(p)
	for _, typ := range sortedTypes(olds) {
		if len(news[typ]) == 0 {
			continue
		}
		res.match(p, olds[typ], news[typ], byNode, &reads)
	}
	res.settle(p)
	slices.SortFunc(res.Pairs, func(a, b Pair) int { return int(a.Old.Index - b.Old.Index) })
	return res
}

func byType(p *tfplan.Plan) (olds, news map[tfplan.Sym][]*tfplan.Change) {
	olds, news = map[tfplan.Sym][]*tfplan.Change{}, map[tfplan.Sym][]*tfplan.Change{}
	for i := range p.Changes {
		c := &p.Changes[i]
		switch {
		case c.Data || c.Deposed != "":
		case c.Action == tfplan.Delete:
			olds[c.Type] = append(olds[c.Type], c)
		case c.Action == tfplan.Create && !c.Import:
			news[c.Type] = append(news[c.Type], c)
		}
	}
	return olds, news
}

func sortedTypes(m map[tfplan.Sym][]*tfplan.Change) []tfplan.Sym {
	out := make([]tfplan.Sym, 0, len(m))
	for t := range m {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// match pairs the objects of one type. The most alike addresses go first, so
// that of several equal objects x["a"] pairs with y["a"].
func (r *Result) match(p *tfplan.Plan, olds, news []*tfplan.Change, byNode *origins, reads *int) {
	taken := make([]bool, len(news))
	called := make([]names, len(news))
	for i, n := range news {
		called[i] = namesOf(n)
	}
	var candidates []candidate // reused
	for _, old := range olds {
		candidates = candidates[:0]
		own := namesOf(old)
		for i, n := range news {
			if !taken[i] && n.Provider == old.Provider && n.Within(old) {
				candidates = append(candidates, candidate{i, own.alike(called[i])})
			}
		}
		if len(candidates) == 0 {
			r.Single = append(r.Single, old)
			continue
		}
		paired, failed := false, false
		var before *tfplan.Detail
		for i := range candidates {
			// Mostly the first one fits: no need to sort them all.
			best(candidates[i:])
			n := news[candidates[i].index]
			if *reads++; *reads > MaxReads {
				failed = true
				break
			}
			if before == nil {
				var err error
				if before, err = p.Detail(old); err != nil {
					failed = true
					break
				}
			}
			after, err := p.Detail(n)
			if err != nil {
				failed = true
				continue
			}
			if equal, ok := compare(before, after); ok {
				taken[candidates[i].index] = true
				r.byCreate[n] = len(r.Pairs)
				r.refers[n] = byNode.references(p, n)
				arn, _ := before.Before["arn"].(string)
				r.Pairs = append(r.Pairs, Pair{
					Old: old, New: n, Equal: equal, Named: naming(p.Name(old.Type), before, equal), ID: before.Identity, ARN: arn,
				})
				paired = true
				break
			}
		}
		switch {
		case paired:
		case failed:
			r.Unread = append(r.Unread, old)
		default:
			r.Single = append(r.Single, old)
		}
	}
}

// candidate is a new object, by its place, and how much its address resembles
// that of the old one.
type candidate struct{ index, score int }

// best swaps the most alike candidate to the front; of several the first, so
// that the order of the plan decides.
func best(list []candidate) {
	top := 0
	for i, c := range list {
		if c.score > list[top].score || c.score == list[top].score && c.index < list[top].index {
			top = i
		}
	}
	list[0], list[top] = list[top], list[0]
}

// names is what an address consists of.
type names struct {
	instance string
	resource tfplan.Sym
	keys     []string
}

func namesOf(c *tfplan.Change) names {
	return names{tfplan.InstanceKey(c.Address), c.Resource, tfplan.Keys(c.Address)}
}

// alike scores how much two addresses resemble each other.
func (a names) alike(b names) int {
	score := 0
	if a.instance == b.instance {
		score += 4
	}
	if a.resource == b.resource {
		score += 2
	}
	for _, k := range a.keys {
		if slices.Contains(b.keys, k) {
			score++
		}
	}
	return score
}

// compare tells whether everything that is known of the new object equals the
// old one, and which attributes say so.
func compare(old, new *tfplan.Detail) (equal []string, ok bool) {
	if old.Before == nil || new.After == nil {
		return nil, false
	}
	for name, b := range new.After {
		if tfplan.Unsettled(new.AfterUnknown[name]) {
			// Part of a block is unknown: compare what is known of it.
			if !within(b, old.Before[name], new.AfterUnknown[name]) {
				return nil, false
			}
			continue
		}
		a := old.Before[name]
		if tfplan.IsEmpty(a) && tfplan.IsEmpty(b) {
			continue
		}
		if !tfplan.Equal(a, b) {
			return nil, false
		}
		equal = append(equal, name)
	}
	slices.Sort(equal)
	return equal, len(equal) > 0
}

// within compares a partly unknown value with an old one.
func within(new, old, unknown any) bool {
	switch u := unknown.(type) {
	case bool:
		if u {
			return true
		}
	case []any:
		n, ok1 := new.([]any)
		o, ok2 := old.([]any)
		if !ok1 || !ok2 || len(n) != len(o) {
			return false
		}
		for i := range n {
			var below any
			if i < len(u) {
				below = u[i]
			}
			if !within(n[i], o[i], below) {
				return false
			}
		}
		return true
	case map[string]any:
		n, ok1 := new.(map[string]any)
		o, ok2 := old.(map[string]any)
		if !ok1 || !ok2 {
			return false
		}
		for k, v := range n {
			if !within(v, o[k], u[k]) {
				return false
			}
		}
		return true
	}
	return tfplan.IsEmpty(new) && tfplan.IsEmpty(old) || tfplan.Equal(new, old)
}

// naming returns an attribute that names the object itself: two things of one
// type do not share it by accident. Names of other things it belongs to
// (a function's permission, a group's subnet) are no evidence, and neither is
// what everybody sets alike.
func naming(typ string, d *tfplan.Detail, equal []string) string {
	for _, name := range equal {
		if v, ok := d.Before[name].(string); ok && v != "" && isOwnName(typ, name) {
			return name
		}
	}
	if tags, ok := d.Before["tags"].(map[string]any); ok && slices.Contains(equal, "tags") {
		if n, ok := tags["Name"].(string); ok && n != "" {
			return "tags.Name"
		}
	}
	return ""
}

// isOwnName tells whether an attribute is the own name of objects of a type.
func isOwnName(typ, attr string) bool {
	switch attr {
	case "name", "identifier", "display_name":
		return true
	case "bucket":
		return typ == "aws_s3_bucket" || typ == "aws_s3_directory_bucket"
	case "cluster_identifier":
		return strings.HasSuffix(typ, "_cluster")
	case "function_name":
		return typ == "aws_lambda_function"
	case "domain_name":
		return strings.HasSuffix(typ, "search_domain")
	case "key_name":
		return typ == "aws_key_pair"
	case "replication_group_id":
		return typ == "aws_elasticache_replication_group"
	case "cluster_id":
		return typ == "aws_elasticache_cluster"
	case "filename":
		return typ == "local_file" || typ == "local_sensitive_file"
	}
	return false
}
