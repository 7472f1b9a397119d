package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"polygraph/internal/source/awscli"
	"polygraph/internal/source/terraform"
)

// pause is between the starts of two calls. LookupEvents allows two requests per
// second, account and region, and a call of maxEvents makes two.
const pause = time.Second

func (a *app) collect() *cobra.Command {
	var o collecting
	var purpose string
	c := &cobra.Command{
		Use:   "collect aws --for drift PLAN...",
		Short: "Fetch the CloudTrail events of what drifted, with your own aws command line.",
		Long: "Asks CloudTrail, for every object of AWS that a plan shows as changed outside of\n" +
			"Terraform, which events name it, by `aws cloudtrail lookup-events`. It only reads, prints\n" +
			"every call before it runs, and keeps what was collected when a call fails. CloudTrail has\n" +
			"the management events of 90 days. Give the folder to `polygraph check` beside the plan.\n" +
			"It needs version 2 of the AWS command line, and exits 3 when a call fails.",
		Example: "  polygraph collect aws --for drift examples/acme/plan.json --dry-run",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] != "aws" {
				return usage("collect needs to know from where", "polygraph collect aws --for drift PLAN")
			}
			return arguments(1, -1, "a plan")(c, args[1:])
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch purpose {
			case "drift":
			case "":
				return usage("collect needs to know what for", "--for drift")
			default:
				return usage(fmt.Sprintf("collect does not know what to fetch for %q", purpose), "--for drift")
			}
			if o.timeout <= 0 {
				return usage(fmt.Sprintf("--timeout %s leaves no time to answer", o.timeout), "give a time such as 1m")
			}
			if err := o.checkWhere(c.Flags().Changed); err != nil {
				return err
			}
			if n := count(args, "-"); n > 1 {
				return usage("standard input can be read only once", "give - once")
			}
			return a.collectDrift(c.Context(), args[1:], &o)
		},
	}
	f := c.Flags()
	f.StringVar(&purpose, "for", "", "what the evidence is for: `drift`")
	f.StringVarP(&o.dir, "out", "o", "cloudtrail", "`FOLDER` for the answers, one file per call")
	f.StringSliceVar(&o.profiles, "profile", nil, "ask as each of these `PROFILES` of the command line (default: its own choice)")
	f.StringSliceVar(&o.regions, "region", nil, "ask in each of these `REGIONS` (default: where the object is)")
	f.BoolVar(&o.dry, "dry-run", false, "print the calls and run none")
	f.StringVar(&o.aws.Binary, "aws", "", "`PROGRAM` to run (default: aws)")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "longest `TIME` for one call")
	f.StringVar(&o.terraform.Binary, "terraform", "", "`PROGRAM` that reads a binary plan (default: $"+terraform.Env+", terraform, tofu)")
	f.StringVar(&o.terraform.Dir, "chdir", "", "`FOLDER` in which that program runs, where init was run")
	return c
}

// collecting is one run of collect.
type collecting struct {
	dir               string
	profiles, regions []string
	dry               bool
	timeout           time.Duration
	aws               awscli.Options
	terraform         terraform.Options
}

// checkWhere refuses regions that cannot be one, and options that were given
// without a value: those would ask somewhere else than was meant.
func (o *collecting) checkWhere(given func(string) bool) error {
	const example = "give a region such as --region eu-west-1, or leave it out: then it is asked where the object is"
	for _, r := range o.regions {
		if !awscli.IsRegion(r) {
			return usage(fmt.Sprintf("%q is not the name of a region", r), example)
		}
	}
	if given("region") && len(o.regions) == 0 {
		return usage("--region has no value", example)
	}
	if given("profile") && len(o.profiles) == 0 || slices.Contains(o.profiles, "") {
		return usage("--profile has no value", "give a profile that `aws configure list-profiles` shows, or leave it out")
	}
	return nil
}

func (a *app) collectDrift(ctx context.Context, plans []string, o *collecting) error {
	o.terraform.Env, o.terraform.Stderr = a.Env, cleanWriter{a}
	o.aws.Env, o.aws.Stderr, o.aws.Timeout = a.Env, cleanWriter{a}, o.timeout
	lookups, left, err := a.driftLookups(ctx, plans, o)
	if err != nil {
		return err
	}
	if len(lookups) == 0 && left > 0 {
		a.talk("nothing else of AWS was changed outside of Terraform in " + join(plans) + ": there is nothing to ask for")
		return nil
	}
	if len(lookups) == 0 {
		a.talk("nothing of AWS was changed outside of Terraform in " + join(plans) + ": there is nothing to ask for")
		return nil
	}
	if o.dry {
		for _, l := range lookups {
			fmt.Fprintln(a.stdout, cleanLine(l.call.String()))
		}
		a.talk(fmt.Sprintf("%s, not run", calls(len(lookups))))
		return nil
	}
	a.talk(fmt.Sprintf("%s that only read, about %s; what they answer goes to %s", calls(len(lookups)), time.Duration(len(lookups)-1)*pause+time.Second, o.dir))
	// Who collects evidence decides who may read it: it names people.
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return unexamined(fmt.Sprintf("%s cannot be made: %v", o.dir, causeOf(err)), "name another folder with -o")
	}
	if err := a.runLookups(ctx, lookups, o); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, cleanLine("polygraph check "+shellWords(append(plans, o.dir))))
	return nil
}

// runLookups makes the calls, one after the other. The first that fails ends
// it: the next would fail for the same reason.
func (a *app) runLookups(ctx context.Context, lookups []lookupCall, o *collecting) error {
	for i, l := range lookups {
		started := time.Now()
		text, err := awscli.Run(ctx, l.call, o.aws)
		if err == nil {
			err = writePrivate(o.dir, l.file, text)
		}
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			kept := ""
			if i > 0 {
				kept = fmt.Sprintf("; what %s answered is kept in %s", calls(i), o.dir)
			}
			what, do := err.Error(), ""
			if p := problemIn(err); p != nil {
				what, do = p.Reason, p.Do
			}
			return unexamined(fmt.Sprintf("%s of %d were made%s: %s", calls(i), len(lookups), kept, what), do)
		}
		if i == len(lookups)-1 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause - time.Since(started)):
		}
	}
	return nil
}

func calls(n int) string {
	if n == 1 {
		return "1 call"
	}
	return fmt.Sprintf("%d calls", n)
}

// writePrivate writes a file whole or not at all, for its owner's eyes.
func writePrivate(dir, name string, text []byte) (err error) {
	tmp, err := os.CreateTemp(dir, "."+name+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", filepath.Join(dir, name), causeOf(err))
	}
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		if gone := os.Remove(tmp.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return fmt.Errorf("%s cannot be written: %w", filepath.Join(dir, name), err)
	}
	return nil
}

// shellWords writes arguments so that a shell takes them as they are.
func shellWords(words []string) string {
	var out []string
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-./=:@%+,", r)
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}
