package change

import (
	"regexp"
	"strconv"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

// latestPlace is an attribute that names a version of a Lambda function.
type latestPlace struct {
	path []string
	// bare: the value is the version itself, and not a name or an ARN with one
	// behind it.
	bare bool
}

// latestPlaces are those of a resource type. An ARN without a qualifier means
// $LATEST as well, and is how functions are called where nobody promises
// versions: only what is written out is judged. The settings of asynchronous
// calls (aws_lambda_function_event_invoke_config) call nothing.
func latestPlaces(typ string) []latestPlace {
	at := func(path string) latestPlace { return latestPlace{path: strings.Split(path, ".")} }
	bare := func(path string) latestPlace { return latestPlace{path: strings.Split(path, "."), bare: true} }
	switch typ {
	case "aws_lambda_alias":
		return []latestPlace{bare("function_version")}
	case "aws_lambda_permission":
		return []latestPlace{bare("qualifier"), at("function_name")}
	case "aws_lambda_function_url":
		return []latestPlace{bare("qualifier"), at("function_name")}
	case "aws_lambda_event_source_mapping":
		return []latestPlace{at("function_name")}
	case "aws_api_gateway_integration":
		return []latestPlace{at("uri")}
	case "aws_apigatewayv2_integration":
		return []latestPlace{at("integration_uri")}
	case "aws_cloudwatch_event_target":
		return []latestPlace{at("arn")}
	case "aws_sns_topic_subscription":
		return []latestPlace{at("endpoint")}
	case "aws_s3_bucket_notification":
		return []latestPlace{at("lambda_function.lambda_function_arn")}
	case "aws_scheduler_schedule":
		return []latestPlace{at("target.arn")}
	}
	return nil
}

// qualified reads the version or alias behind the name of a function: an ARN, an
// ARN inside of an invocation URI, or NAME:QUALIFIER.
var qualified = regexp.MustCompile(`(?::function:[^:/]+|^[A-Za-z0-9_-]+|^\$\{[^{}]*\}):(\$LATEST|[A-Za-z0-9_-]+)(?:/invocations)?$`)

func qualifier(value string, bare bool) string {
	if bare {
		return value
	}
	if m := qualified.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	return ""
}

// leaf is a value somewhere in an object.
type leaf struct {
	pointer string
	value   any
	unknown bool
}

// leaves follows a path through lists.
func leaves(v, mask any, path []string, pointer string) []leaf {
	if u, ok := mask.(bool); ok && u {
		return []leaf{{pointer: pointer, unknown: true}}
	}
	if list, ok := v.([]any); ok {
		masks, _ := mask.([]any)
		var out []leaf
		for i := range list {
			var m any
			if i < len(masks) {
				m = masks[i]
			}
			out = append(out, leaves(list[i], m, path, pointer+"/"+strconv.Itoa(i))...)
		}
		return out
	}
	if len(path) == 0 {
		return []leaf{{pointer: pointer, value: v}}
	}
	o, _ := v.(map[string]any)
	m, _ := mask.(map[string]any)
	if o[path[0]] == nil && m[path[0]] == nil {
		return nil
	}
	return leaves(o[path[0]], m[path[0]], path[1:], pointer+"/"+path[0])
}

// planCaller judges CHG054 on an object of a plan.
func (r *references) planCaller(x *examination, c *tfplan.Change, d *tfplan.Detail, typ string, aliases map[string]bool) {
	s := subject(c.Address, d)
	for _, p := range latestPlaces(typ) {
		for i, l := range leaves(d.After, d.AfterUnknown, p.path, "") {
			which := p.path[len(p.path)-1] + ordinal(i)
			text, _ := l.value.(string)
			q := qualifier(text, p.bare)
			switch {
			case l.unknown && typ == "aws_lambda_alias":
				if x.publishes(d.After["function_name"]) {
					x.hold(latestRule, s, which)
					continue
				}
				x.Report(latestRule, finding.Finding{
					Subject: s, Discriminator: which, Verdict: finding.Unproven, Title: "which version it names is known only after apply",
					Proof:   []finding.Statement{{Text: "its version is not known", At: x.at(c, "/change/after_unknown"+l.pointer)}},
					Missing: []finding.Missing{{Evidence: "`publish = true` of its function, or the version", Get: "plan again after the function was applied"}},
				})
			case q == "$LATEST":
				f := latestFinding(s, which, typ)
				f.Proof = []finding.Statement{{Text: c.Address + " names $LATEST", At: x.at(c, "/change/after"+l.pointer)}}
				x.Report(latestRule, f)
			case q != "" && typ != "aws_lambda_alias" && aliases[q]:
				// The alias is accused, and this names what it names.
			case q != "":
				x.hold(latestRule, s, which)
			}
		}
	}
}

func ordinal(i int) string {
	if i == 0 {
		return ""
	}
	return " " + strconv.Itoa(i+1)
}

// publishes tells whether the function of that name publishes a version with
// every change.
func (x *examination) publishes(name any) bool {
	if _, ok := name.(string); !ok {
		return false
	}
	sym := x.Sym("aws_lambda_function")
	for i := range x.Changes {
		c := &x.Changes[i]
		if c.Type != sym || sym == 0 || c.Data || c.Deposed != "" {
			continue
		}
		if d, err := x.Detail(c); err == nil && d.After["function_name"] == name {
			return d.After["publish"] == true
		}
	}
	return false
}

// latestAliases are the names of the aliases of the plan that name $LATEST.
func (x *examination) latestAliases() map[string]bool {
	out := map[string]bool{}
	sym := x.Sym("aws_lambda_alias")
	for i := range x.Changes {
		c := &x.Changes[i]
		if c.Type != sym || sym == 0 || c.Data || c.Deposed != "" {
			continue
		}
		if d, err := x.Detail(c); err == nil && d.After["function_version"] == "$LATEST" {
			name, _ := d.After["name"].(string)
			out[name] = true
		}
	}
	return out
}

func latestFinding(s finding.Subject, which, typ string) finding.Finding {
	f := finding.Finding{
		Subject: s, Discriminator: which, Verdict: finding.Refuted, Title: "it calls $LATEST, which every deployment overwrites",
		Remedy: finding.Remedy{Text: "Publish the function and name an alias of a published version instead of $LATEST."},
	}
	switch typ {
	case "aws_lambda_permission":
		f.Title = "it permits calls of $LATEST, which every deployment overwrites"
	case "aws_lambda_alias":
		f.Title = "the alias names $LATEST and moves with every deployment"
		f.Remedy = finding.Remedy{
			Text:     "Set `publish = true` on the function and let the alias name what it publishes.",
			Patch:    "function_version = aws_lambda_function.NAME.version",
			Language: "hcl",
		}
	}
	return f
}
