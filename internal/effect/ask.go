package effect

import (
	"slices"
	"strings"
)

// Ask asks about one subject. What only a name ties to it, and what a command of
// the same apply may bring into effect, is no accusation. Values of a plan that
// does not mark what is sensitive are not told.
func (c Case) Ask(w *World, o *Object) []Outcome {
	list := c.Judge(w, o)
	list = list[:min(len(list), MostOutcomes+1)]
	for i, out := range list {
		if out.Verdict == NotInEffect {
			out = c.spared(w, o, out)
		}
		list[i] = sealed(o, out)
	}
	return list
}

func (c Case) spared(w *World, o *Object, out Outcome) Outcome {
	far := slices.IndexFunc(out.Proof, func(f Fact) bool { return byNameOnly(o, f.Object) && together(o, f.Object) == maybe })
	switch {
	case far >= 0:
		other := out.Proof[far].Object.Address
		return doubted(out, ", if both are in one region and account", Gap{
			Evidence: "whether " + o.Address + " and " + other + " are in one region and account: the plan has several configurations of their provider",
			Get:      "plan each region and account by itself",
		})
	case c.ByCommand && scripted(w):
		return doubted(out, ", unless a command of this apply changes that", Gap{
			Evidence: "what the provisioners and actions of this plan do", Get: "read the provisioner blocks and the action blocks of the configuration",
		})
	}
	return out
}

// byNameOnly tells whether a subject can name the other by a plain name, which
// others may have elsewhere.
func byNameOnly(o, other *Object) bool {
	switch typ := other.TypeName(); typ {
	case "aws_eks_cluster", "aws_ssm_document":
		return true
	case "aws_lambda_function":
		return !strings.HasPrefix(Text(o.Before("function_name")), "arn:") && o.TypeName() != "aws_lambda_function" && Text(o.Before("function_name")) != ""
	default:
		return strings.HasSuffix(typ, "_parameter_group")
	}
}

// doubted is an accusation that something speaks against.
func doubted(out Outcome, but string, missing Gap) Outcome {
	return Outcome{Title: out.Title + but, Discriminator: out.Discriminator, Proof: out.Proof, Missing: []Gap{missing}}
}
