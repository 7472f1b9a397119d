package awscli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"polygraph/internal/evidence"
)

// MaxValue bounds the value of an option. LookupEvents takes 2,000 bytes.
const MaxValue = 2000

// Call is one call of the command line.
type Call struct {
	Service string // "cloudtrail"
	Verb    string // "lookup-events"
	Options []Option
	Profile string // "": what the command line chooses
	Region  string // "": what the command line chooses
}

// Option is an option with its value: --max-items 100.
type Option struct{ Name, Value string }

// Check refuses what is not known to read only, and what could be taken for
// another option or for the name of a file.
func (c Call) Check() error {
	word := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	if !word.MatchString(c.Service) || !word.MatchString(c.Verb) || !reads(c.Verb) {
		return refuse(fmt.Sprintf("aws %s %s is not a call that only reads", c.Service, c.Verb))
	}
	for _, o := range c.Options {
		name, ok := strings.CutPrefix(o.Name, "--")
		if !ok || !word.MatchString(name) || reserved(name) {
			return refuse(fmt.Sprintf("the option %q is not one that may be given", o.Name))
		}
		if err := checkValue(o.Name, o.Value); err != nil {
			return err
		}
	}
	for _, o := range []Option{{"--profile", c.Profile}, {"--region", c.Region}} {
		if o.Value == "" {
			continue
		}
		if err := checkValue(o.Name, o.Value); err != nil {
			return err
		}
	}
	if c.Region != "" && !IsRegion(c.Region) {
		return refuse(fmt.Sprintf("%q is not the name of a region", c.Region))
	}
	return nil
}

// IsRegion tells whether a text has the shape of a region's name: eu-west-1,
// us-gov-west-1, eusc-de-east-1. Whether there is one of that name AWS knows.
func IsRegion(s string) bool {
	return len(s) <= 32 && regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$`).MatchString(s)
}

// reads tells the verbs that only read. Some of those hand out secrets, which
// nobody needs here.
func reads(verb string) bool {
	for _, secret := range []string{"secret", "parameter", "password", "token", "credential", "authorization", "login"} {
		if strings.Contains(verb, secret) {
			return false
		}
	}
	return verb == "lookup-events" || slices.ContainsFunc([]string{"describe-", "list-", "get-"}, func(p string) bool { return strings.HasPrefix(verb, p) })
}

// reserved names the options that are this package's business, or that change
// where a call goes and what it reads.
func reserved(name string) bool {
	switch name {
	case "profile", "region", "output", "query", "endpoint-url", "ca-bundle", "no-verify-ssl", "no-sign-request", "debug", "no-cli-pager", "cli-input-json", "cli-input-yaml", "with-decryption":
		return true
	}
	return false
}

func checkValue(name, v string) error {
	switch {
	case v == "":
		return refuse(name + " has no value")
	case strings.HasPrefix(v, "-"):
		return refuse(fmt.Sprintf("the value of %s starts with -, and could be taken for an option", name))
	case strings.Contains(v, "://") && !strings.HasPrefix(v, "[") && !strings.HasPrefix(v, "{") && !strings.HasPrefix(v, "Attribute"):
		return refuse(fmt.Sprintf("the value of %s could be taken for a file or an address to read", name))
	case len(v) > MaxValue:
		return refuse(fmt.Sprintf("the value of %s is longer than %d bytes", name, MaxValue))
	case strings.ContainsFunc(v, unicode.IsControl):
		return refuse(fmt.Sprintf("the value of %s has control characters", name))
	}
	return nil
}

func refuse(why string) error {
	return &evidence.Problem{Reason: "refused to run aws: " + why, Do: "run the call by hand and pass what it prints to `polygraph check`"}
}

// Args are the arguments of the call, without the program.
func (c Call) Args() []string {
	out := []string{c.Service, c.Verb}
	for _, o := range c.Options {
		out = append(out, o.Name, o.Value)
	}
	if c.Profile != "" {
		out = append(out, "--profile", c.Profile)
	}
	if c.Region != "" {
		out = append(out, "--region", c.Region)
	}
	return append(out, "--output", "json", "--no-cli-pager")
}

// String is the call as a shell takes it.
func (c Call) String() string {
	words := []string{"aws"}
	plain := regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	for _, w := range c.Args() {
		if !plain.MatchString(w) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
