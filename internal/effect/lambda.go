package effect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/tfplan"
)

// functionSettings are those of a function that a published version freezes. A
// path to the same archive, or a description, is none of them.
var functionSettings = []string{
	"source_code_hash", "s3_key", "s3_object_version", "s3_bucket", "image_uri", "architectures",
	"handler", "runtime", "environment", "layers", "memory_size", "timeout", "role", "vpc_config", "file_system_config",
	"image_config", "logging_config", "kms_key_arn", "dead_letter_config", "snap_start", "tracing_config", "ephemeral_storage",
}

type publishing uint8

const (
	publishUnknown publishing = iota
	publishes
	publishesNot
)

// function is a changed Lambda function.
type function struct {
	*Object
	edited  []string
	publish publishing
	latest  float64 // its newest version so far; 0 when it is not known

	arn, name string
}

// changedFunctions lists the functions of which the plan changes, in place, what
// a version freezes.
func changedFunctions(w *World) map[string][]function {
	return once(w, "functions", func() map[string][]function {
		out := map[string][]function{}
		for _, f := range findFunctions(w) {
			out[f.name] = append(out[f.name], f)
		}
		return out
	})
}

// functionsIn lists the changed functions that a name, an ARN or a URI with an
// ARN in it may mean where the caller is.
func functionsIn(w *World, caller *Object, text string) []function {
	var out []function
	for _, f := range changedFunctions(w)[functionName(text)] {
		if strings.Contains(text, ":function:") || together(caller, f.Object) != no {
			out = append(out, f)
		}
	}
	return out
}

// functionName is the name in a name, an ARN or a URI with an ARN in it.
func functionName(text string) string {
	name, _, _ := strings.Cut(text, ":")
	if _, rest, ok := strings.Cut(text, ":function:"); ok {
		name = rest
		if i := strings.IndexAny(rest, ":/"); i >= 0 {
			name = rest[:i]
		}
	}
	return name
}

func findFunctions(w *World) []function {
	var out []function
	for _, o := range w.Of("aws_lambda_function") {
		if o.Action != tfplan.Update {
			continue // a new function has no older versions
		}
		f := functionOf(o)
		f.edited, _ = certain(o, o.EditedOf(functionSettings...))
		if hash := Text(o.After("source_code_hash")); hash != "" && hash == Text(o.Before("code_sha256")) {
			// The service has this code: the state only told it in another way.
			f.edited = slices.DeleteFunc(f.edited, func(e string) bool { return e == "source_code_hash" })
		}
		if len(f.edited) == 0 {
			continue
		}
		switch {
		case o.Unknown("publish") || !o.Says("publish"):
		case isTrue(o.After("publish")) && o.Stays("version"):
			continue // the provider sees nothing in it that makes a version
		case isTrue(o.After("publish")):
			f.publish = publishes
		default:
			f.publish = publishesNot
		}
		f.latest, _ = Number(o.Before("version"))
		out = append(out, f)
	}
	return out
}

func functionOf(o *Object) function {
	return function{Object: o, arn: Text(o.Before("arn")), name: Text(o.Before("function_name"))}
}

// qualifier is what follows the function's name or ARN in a reference to it, ""
// when the text is no qualified reference to this function.
func (f function) qualifier(text string) string {
	if f.arn != "" {
		if _, rest, ok := strings.Cut(text, f.arn+":"); ok {
			rest, _, _ = strings.Cut(rest, "/")
			return rest
		}
	}
	if f.name != "" {
		if rest, ok := strings.CutPrefix(text, f.name+":"); ok {
			return rest
		}
	}
	return ""
}

// named tells whether a text is the function's name or ARN, with or without a
// qualifier.
func (f function) named(text string) bool {
	return text != "" && (text == f.name || text == f.arn || f.qualifier(text) != "")
}

// old tells whether a version is one from before the apply.
func (f function) old(version string) bool {
	n, err := strconv.ParseFloat(version, 64)
	return err == nil && (f.latest == 0 || n <= f.latest)
}

// changes says what the plan does to the function.
func (f function) changes() Fact { return editedHow(f.Object, f.edited[0]) }

// AliasOfPublished: an alias names a version. Publishing a new one does not move
// it.
func AliasOfPublished() Case {
	return Case{ByCommand: true, Types: []string{"aws_lambda_alias"}, Judge: func(w *World, alias *Object) []Outcome {
		return aliases(w, alias, publishes)
	}}
}

func aliases(w *World, alias *Object, which publishing) []Outcome {
	if !alias.Runs() {
		return nil
	}
	if len(changedFunctions(w)) == 0 {
		return nil
	}
	for _, f := range functionsIn(w, alias, Text(alias.Before("function_name"))) {
		if !f.named(Text(alias.Before("function_name"))) {
			continue
		}
		if f.publish == which {
			return []Outcome{ifNewCode(staged(w, alias, judgeAlias(alias, f), f), f)}
		}
		if f.publish == publishUnknown && which == publishesNot && digits(Text(alias.Before("function_version"))) {
			return []Outcome{notShown(f.Object, "publish", "whether a version is made of the change is not shown", f.changes())}
		}
	}
	return nil
}

// ifNewCode is ifChanged for a function. A hash that the state did not have, after
// an import or because the configuration named none, says nothing about the code.
func ifNewCode(out Outcome, f function) Outcome {
	var edited []string
	for _, e := range f.edited {
		if hash := "source_code_hash"; e != hash || Text(f.Before(hash)) != "" {
			edited = append(edited, e)
		}
	}
	if len(edited) > 0 {
		return ifChanged(out, f.Object, edited)
	}
	if out.Verdict != NotInEffect {
		return out
	}
	return doubted(out, ", if its code differs", Gap{
		Evidence: "whether the code of " + f.Address + " is new: the state has no hash of it",
		Get:      "aws lambda get-function-configuration --function-name " + shell(f.name) + " --query CodeSha256",
	})
}

// staged takes back what a rollout in stages explains: another alias takes the
// version that is published, or CodeDeploy shifts the calls.
func staged(w *World, alias *Object, out Outcome, f function) Outcome {
	if out.Verdict != NotInEffect || f.publish != publishes {
		return out
	}
	for _, d := range w.Of("aws_codedeploy_app") {
		if d.Action != tfplan.Delete && Text(d.After("compute_platform")) == "Lambda" {
			return doubted(out, ", unless CodeDeploy moves it", Gap{
				Evidence: "whether " + d.Address + " moves " + alias.Address + " after the apply", Get: "aws deploy list-deployment-groups --application-name " + shell(Text(d.After("name"))),
			})
		}
	}
	moving := once(w, "aliases that move", func() map[string][]*Object {
		found := map[string][]*Object{}
		for _, a := range w.Of("aws_lambda_alias") {
			if w.Has(a.Change.Unknown, w.Sym("function_version")) {
				name := functionName(Text(a.After("function_name")))
				found[name] = append(found[name], a)
			}
		}
		return found
	})
	for _, a := range moving[f.name] {
		if f.named(Text(a.After("function_name"))) && together(a, alias) != no {
			return doubted(out, "; "+a.Address+" gets the new one", Gap{
				Evidence: "whether " + alias.Address + " is meant to stay behind " + a.Address, Get: "say so in a policy, or let both name the function's `version`",
			})
		}
	}
	return out
}

func judgeAlias(alias *Object, f function) Outcome {
	name := Text(alias.Before("name"))
	proof := []Fact{fact(alias, "function_version", "the alias names version %s", Text(alias.After("function_version"))), f.changes()}
	version := Text(alias.After("function_version"))
	switch {
	case alias.Unknown("function_version"):
		if f.publish == publishesNot {
			return knownLater(alias, "function_version", "which version the alias runs is not known until apply", f.changes())
		}
		return Outcome{Verdict: InEffect}
	case version == "$LATEST":
		return Outcome{Verdict: InEffect}
	case !alias.Says("function_version"), !digits(version):
		return notShown(alias, "function_version", "which version the alias runs is not shown", f.changes())
	case alias.Unknown("routing_config"):
		return knownLater(alias, "routing_config", "which part of the calls reaches the new version is not known until apply", proof...)
	case !f.old(version):
		return Outcome{Verdict: InEffect}
	case weighsNew(alias, f):
		return Outcome{
			Title: "alias " + name + " sends a part of its calls to a newer version", Proof: proof,
			Missing: []Gap{{Evidence: "which version runs the change", Get: "aws lambda list-versions-by-function --function-name " + shell(f.name)}},
		}
	case f.latest == 0 && f.publish == publishes && !alias.Stays("function_version"):
		return notShown(f.Object, "version", "whether the alias moves to the new version is not shown", proof...)
	}
	if f.publish == publishesNot {
		return Outcome{
			Verdict: NotInEffect, Title: fmt.Sprintf("alias %s goes on running version %s: no version is made of the change", name, version),
			Proof: append(proof, fact(f.Object, "publish", "%s does not publish a version", f.Address)),
			Remedy: Remedy{
				Text:  "Publish a version with each change, and let the alias name it.",
				Patch: "publish = true",
			},
		}
	}
	return Outcome{
		Verdict: NotInEffect, Title: fmt.Sprintf("alias %s still names version %s", name, version),
		Proof: append(proof, fact(f.Object, "publish", "%s publishes a new version", f.Address)),
		Remedy: Remedy{
			Text:  "Let the alias name the version that is published.",
			Patch: fmt.Sprintf("function_version = %s.version", local(f.Address)),
		},
	}
}

// weighsNew tells whether an alias gives a part of its calls to a version that is
// not there before the apply.
func weighsNew(alias *Object, f function) bool {
	weights, _ := alias.After("routing_config.0.additional_version_weights").(map[string]any)
	for version := range weights {
		if digits(version) && !f.old(version) {
			return true
		}
	}
	return false
}
