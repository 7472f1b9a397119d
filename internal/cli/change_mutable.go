package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/evidence"
	"polygraph/internal/fields"
	"polygraph/internal/kubeschema"
	"polygraph/internal/mutability"
	"polygraph/internal/source/files"
	"polygraph/internal/stateful"
	"polygraph/internal/tfplan"
)

// changeMutable is the question before an edit: does the object survive it?
func (a *app) changeMutable() *cobra.Command {
	var plan, server string
	c := &cobra.Command{
		Use:   "mutable TYPE[.FIELD] | mutable KIND[.FIELD]",
		Short: "Look up whether a field changes in place, replaces what runs, or cannot change.",
		Long: "Terraform: what the provider's source and documentation say, then CloudFormation's view, which is not\n" +
			"Terraform's. With --plan, what that plan says comes first: it names what forces a replacement.\n" +
			"Where nobody says it, the answer is unknown and the exit status 3.\n\n" +
			"Kubernetes: what the API server does with an edit, by version, and what happens to what runs.\n" +
			"Proven is what was held against the code of that release; the rest is called interpolated.",
		Example: "  polygraph change mutable aws_db_instance.storage_encrypted\n" +
			"  polygraph change mutable Deployment.spec.selector --server-version 1.33\n" +
			"  polygraph change mutable sts.spec.volumeClaimTemplates\n" +
			"  polygraph change mutable aws_instance\n" +
			"  polygraph change mutable aws_instance.root_block_device.encrypted --plan examples/acme/plan.json",
		Args:              arguments(1, 1, "a type, or a type and a field"),
		ValidArgsFunction: completeFields,
		RunE: func(c *cobra.Command, args []string) error {
			version, err := serverVersion(server)
			if err != nil {
				return err
			}
			q, isObject := objectAsked(args[0], version)
			switch {
			case isObject && plan != "":
				return usage("--plan is about Terraform, and "+q.kind+" is a kind of Kubernetes", "leave --plan out")
			case isObject:
				return a.mutableFields(q)
			case server != "":
				return usage("--server-version is about Kubernetes, and "+args[0]+" is no kind of it", "polygraph change mutable Deployment.spec.selector --server-version "+kubeschema.Newest.String())
			}
			return a.mutable(c.Context(), args[0], plan)
		},
	}
	c.Flags().StringVar(&plan, "plan", "", "`PLAN` whose word counts first, as JSON")
	c.Flags().StringVar(&server, "server-version", "", fmt.Sprintf("the Kubernetes `VERSION`, %s to %s (default: a field on all, a kind on the newest)", kubeschema.Oldest, kubeschema.Newest))
	_ = c.RegisterFlagCompletionFunc("server-version", cobra.FixedCompletions(serverVersions(), cobra.ShellCompDirectiveNoFileComp))
	c.Flags().BoolVar(&a.global.json, "json", false, "write the answers as JSON, and errors as JSON")
	return c
}

// completeFields completes a type, and behind the dot its fields.
func completeFields(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	t := mutability.Documented()
	var out []string
	typ, _, inside := strings.Cut(word, ".")
	if kind, field, ok := fields.Split(word + "x"); ok {
		under := field[:max(strings.LastIndexByte(field, '.'), 0)]
		for _, f := range fields.FieldsOf(kind, under) {
			out = append(out, kind+"."+f)
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	if inside {
		for _, f := range t.Fields(typ) {
			out = append(out, typ+"."+f)
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	return append(t.Types(), kindNames(fields.KindsKnown())...), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (a *app) mutable(ctx context.Context, arg, plan string) error {
	t := mutability.Documented()
	typ, field, one := strings.Cut(withoutName(t, arg), ".")
	if typ == "" || one && mutability.Plain(field) == "" {
		return usage(fmt.Sprintf("%q is no type and field", arg), "write aws_db_instance, or aws_db_instance.storage_encrypted")
	}
	seen, err := a.observed(ctx, plan, typ)
	if err != nil {
		return err
	}
	var answers []mutability.Answer
	names := t.Fields(typ)
	if one {
		names = []string{field}
	} else {
		for f := range seen {
			if !slices.Contains(names, f) {
				names = append(names, f)
			}
		}
		slices.Sort(names)
	}
	for _, f := range names {
		answer, ok := t.Lookup(typ, f)
		v, shown := seen[mutability.Plain(f)]
		if shown {
			answer.Observe(v)
		}
		if ok || shown {
			answers = append(answers, answer)
		}
	}
	if len(answers) == 0 {
		return a.undocumented(t, typ, field)
	}
	if err := a.printAnswers(answers, one); err != nil {
		return err
	}
	if one && answers[0].Verdict == mutability.Unknown {
		return unexamined(arg+": "+answers[0].Reason, "a plan decides: edit, plan, and ask again with --plan plan.json")
	}
	return nil
}

func (a *app) undocumented(t *mutability.Table, typ, field string) error {
	if !t.Has(typ) {
		return unexamined(fmt.Sprintf("nothing is documented here about %s", typ),
			didYouMean(typ, t.Types(), "a plan decides: edit, plan, and ask again with --plan plan.json"))
	}
	return unexamined(fmt.Sprintf("%s has no argument %s that is known here", typ, field),
		didYouMean(longer(field, t.Fields(typ)), t.Fields(typ), fmt.Sprintf("`polygraph change mutable %s` lists its arguments", typ)))
}

// longer is the one field that begins with what was asked for, or that itself.
func longer(field string, fields []string) string {
	found := field
	for _, f := range fields {
		if strings.HasPrefix(f, field+"_") {
			if found != field {
				return field
			}
			found = f
		}
	}
	return found
}

// withoutName makes TYPE.FIELD of an address with a field behind it, which is
// what people have at hand: module.db["prod"].aws_db_instance.this[0].kms_key_id.
func withoutName(t *mutability.Table, arg string) string {
	parts := strings.Split(tfplan.StripKeys(arg), ".")
	for len(parts) > 2 && parts[0] == "module" {
		parts = parts[2:]
	}
	if len(parts) > 2 && !slices.Contains(t.Fields(parts[0]), strings.Join(parts[1:], ".")) {
		if field := strings.Join(parts[2:], "."); slices.Contains(t.Fields(parts[0]), mutability.Plain(field)) {
			return parts[0] + "." + field
		}
	}
	return strings.Join(parts, ".")
}

// observed is what a plan says about the fields of a type.
func (a *app) observed(ctx context.Context, path, typ string) (map[string]mutability.View, error) {
	if path == "" {
		return nil, nil
	}
	f, err := files.Open(ctx, path)
	if p := problemIn(err); p != nil {
		return nil, unexamined("--plan "+path+": "+p.Reason, p.Do)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, err := tfplan.Read(ctx, &evidence.Item{Kind: tfplan.Kind(), Path: path, Blob: f}, tfplan.Options{})
	if err != nil {
		return nil, err
	}
	out := map[string]mutability.View{}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Data || p.Name(c.Type) != typ {
			continue
		}
		switch {
		case c.Action.Replaces():
			for name := range p.Names(c.Forces) {
				out[mutability.Plain(name)] = mutability.View{
					Verdict: mutability.Replaces, Reason: "the plan names it as what replaces " + c.Address, Source: path,
				}
			}
		case c.Action == tfplan.Update:
			for name := range p.Names(c.Changed) {
				if _, has := out[name]; !has {
					out[name] = mutability.View{
						Verdict: mutability.InPlace, Reason: "the plan edits it and updates " + c.Address + " in place", Source: path,
					}
				}
			}
		}
	}
	return out, nil
}

// consequence says what is lost with the identity.
func consequence(answer *mutability.Answer) string {
	if answer.Verdict != mutability.Replaces && answer.Verdict != mutability.Conditional {
		return ""
	}
	text := "the object is destroyed and another one made: its id and ARN, its addresses and its history are new ones"
	e, holds := stateful.Lookup(answer.Type)
	if !holds {
		return text
	}
	text += "; it holds data: " + e.Holds
	var guards []string
	for _, g := range e.Guards {
		if !g.Outside && !slices.Contains(guards, g.Attribute) {
			guards = append(guards, g.Attribute)
		}
	}
	if len(guards) > 0 {
		return text + ", which " + strings.Join(guards, ", ") + " can keep"
	}
	return text + ", and no setting keeps it"
}
