package identity

import (
	"encoding/json"
	"regexp"
	"strings"

	"polygraph/internal/awsdump"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/tfstate"
)

// Mark is one attribute by which an object can be known again.
type Mark struct {
	Attribute string
	Value     string
	Kind      Kind
	At        finding.Location
}

// Object is something under a name, as one side saw it.
type Object struct {
	Name    string // a Terraform address, or "ecs service shop/api"
	Subject string // kind of the finding's subject: terraform-resource, aws-object
	Type    string
	Marks   []Mark // the strongest first
	Sums    []tfstate.Sum
	At      finding.Location

	// Reborn says, of an object that a plan makes anew, how: "replaced",
	// "created". Its marks are those of the object that goes.
	Reborn string
	// Same tells that the plan carries the object over as it is or changes it in
	// place. It decides only against what the same plan found before.
	Same bool
	// Previous is the name from which a plan moves it.
	Previous string
	Deposed  bool // a former object under that name, not yet destroyed

	version versions
	dumped  *awsdump.Object
}

// Root is one state, one plan or all dumps of a side: names are unique in it.
type Root struct {
	Label   string // the file, or the common folder of dumps
	Lineage string
	Serial  int64
	Whole   bool // what is not in it is not there
	Plan    bool
	Dumps   bool // describe output, of which all files of a side are one root
	// Why it is not whole, and how to get the rest.
	Cut     finding.Missing
	Objects []Object
}

// FromState takes the managed objects of a state.
func FromState(s *tfstate.State, path string) *Root {
	r := &Root{Label: path, Lineage: s.Lineage, Serial: s.Serial, Whole: true}
	for i := range s.Objects {
		o := &s.Objects[i]
		if o.Data {
			continue
		}
		at := finding.Location{File: path, Offset: o.Offset, Object: o.Address, Pointer: o.Pointer, Depth: strings.Count(o.Pointer, "/")}
		x := Object{Name: o.Address, Subject: "terraform-resource", Type: o.Type, Sums: o.Sums, Deposed: o.Deposed, At: at}
		x.Marks = marks(o.Type, o.Attributes, at, "/"+o.Prefix)
		x.version = versionsOf(o.Type, o.Attributes, at, "/"+o.Prefix)
		r.Objects = append(r.Objects, x)
	}
	return r
}

// marks are by what an object of a type can be known again, the strongest
// first. The id comes last.
func marks(typ string, attributes map[string]any, at finding.Location, prefix string) []Mark {
	t := typeOf(typ)
	var out []Mark
	add := func(name string, k Kind) {
		v, pointer := lookup(attributes, name)
		if v == "" {
			return
		}
		where := at
		where.Pointer += prefix + pointer
		out = append(out, Mark{name, v, k, where})
	}
	for _, name := range t.Of {
		add(name, Fixed)
	}
	for _, name := range t.Marks {
		if strings.HasPrefix(name, "creat") {
			add(name, Dated)
		} else {
			add(name, Generated)
		}
	}
	for _, name := range t.Seen {
		add(name, Witness)
	}
	add("id", t.ID)
	return out
}

// lookup is a plain text or number among the attributes, and where it stands;
// metadata.uid stands in the one element of a block.
func lookup(attributes map[string]any, name string) (value, pointer string) {
	head, rest, nested := strings.Cut(name, ".")
	v := attributes[head]
	pointer = "/" + head
	if nested {
		list, _ := v.([]any)
		if len(list) != 1 {
			return "", ""
		}
		m, _ := list[0].(map[string]any)
		v, pointer = m[rest], pointer+"/0/"+rest
	}
	switch x := v.(type) {
	case string:
		return x, pointer
	case json.Number:
		return string(x), pointer
	case evidence.Secret: // it takes no part: what is compared would be told
		return "", ""
	}
	return "", ""
}

// generated are the forms of identifiers that nobody types: a UUID, AWS's
// prefix and hexadecimal digits, and long numbers.
var generated = []*regexp.Regexp{
	regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`),
	regexp.MustCompile(`^[a-z]{1,16}-(?:[0-9a-f]{8}|[0-9a-f]{17})$`),
	regexp.MustCompile(`^[0-9]{12,20}$`),
}

// form is the number of the form that an identifier has, and its prefix; -1
// when it could be a name that somebody chose.
func form(id string) (int, string) {
	for i, re := range generated {
		if re.MatchString(id) {
			if i == 1 {
				head, _, _ := strings.Cut(id, "-")
				return i, head
			}
			return i, ""
		}
	}
	return -1, ""
}
