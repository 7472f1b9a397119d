package config

import (
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/strictyaml"
)

func bad(do, reason string, args ...any) error {
	return &strictyaml.Advice{Reason: fmt.Sprintf(reason, args...), Do: do}
}

type severity string

func severityNames() []string {
	var out []string
	for s := finding.Info; s <= finding.Critical; s++ {
		out = append(out, s.String())
	}
	return out
}

func (s *severity) UnmarshalText(b []byte) error {
	if w := string(b); !slices.Contains(severityNames(), w) {
		return bad(strictyaml.Suggest(w, severityNames()), "%s is no severity", strictyaml.Quote(w))
	}
	*s = severity(b)
	return nil
}

func (severity) Shape() map[string]any { return map[string]any{"enum": severityNames()} }

func (s severity) level() finding.Severity {
	return finding.Severity(slices.Index(severityNames(), string(s)))
}

type failOn string

func failOnNames() []string { return []string{"refuted", "unproven"} }

func (f *failOn) UnmarshalText(b []byte) error {
	if w := string(b); !slices.Contains(failOnNames(), w) {
		return bad(strictyaml.Suggest(w, failOnNames()), "nothing fails on %s", strictyaml.Quote(w))
	}
	*f = failOn(b)
	return nil
}

func (failOn) Shape() map[string]any { return map[string]any{"enum": failOnNames()} }

// deadline is a number of days. More than ten years is none.
type deadline int

const mostDays = 3650

func (deadline) Shape() map[string]any { return map[string]any{"minimum": 1, "maximum": mostDays} }

// account is the name of an account, a project or a subscription.
type account string

const accountForm = `^[A-Za-z0-9][A-Za-z0-9.:_-]*$`

func (a *account) UnmarshalText(b []byte) error {
	if !regexp.MustCompile(accountForm).Match(b) {
		return bad("write the account's number, the project's ID or the subscription's ID", "%s is no account", strictyaml.Quote(string(b)))
	}
	*a = account(b)
	return nil
}

func (account) Shape() map[string]any { return map[string]any{"pattern": accountForm} }

// cidr is a canonical prefix.
type cidr string

func (c *cidr) UnmarshalText(b []byte) error {
	s := string(b)
	p, err := netip.ParsePrefix(s)
	if a, single := netip.ParseAddr(s); err != nil && single == nil {
		return bad(fmt.Sprintf("write %s/%d for this one address", s, a.BitLen()), "%s has no length", strictyaml.Quote(s))
	}
	switch {
	case err != nil:
		return bad("write an address and a length, as 10.0.0.0/16 or 2001:db8::/32", "%s is no address range", strictyaml.Quote(s))
	case p.Addr().Is4In6():
		return bad("write it as IPv4", "%s is IPv4 written as IPv6", strictyaml.Quote(s))
	case p != p.Masked():
		return bad(fmt.Sprintf("did you mean %s?", p.Masked()), "%s has bits set behind its length", strictyaml.Quote(s))
	}
	*c = cidr(p.String())
	return nil
}

func (cidr) Shape() map[string]any { return map[string]any{"pattern": `^[0-9A-Fa-f.:]+/[0-9]{1,3}$`} }

// glob is a pattern for a name, in which * is any text and ? any character.
type glob string

func (g *glob) UnmarshalText(b []byte) error {
	if err := checkGlob(string(b)); err != nil {
		return err
	}
	*g = glob(b)
	return nil
}

// globForm leaves out what other dialects would take for a set or an escape.
const globForm = `^[^\s\[\]{}\\]([^\n\r\t\[\]{}\\]*[^\s\[\]{}\\])?$`

func (glob) Shape() map[string]any { return map[string]any{"pattern": globForm} }

func checkGlob(s string) error {
	if err := strictyaml.CheckLine(s); err != nil {
		return err
	}
	if strings.ContainsAny(s, `[]{}\`) {
		return bad("use * for any text and ? for one character, and list alternatives apart", "bad glob %s", strictyaml.Quote(s))
	}
	return nil
}

// folderPath is a file in the folder of polygraph.yaml or below it, under any
// operating system. A pull request may change polygraph.yaml and must not name
// a file elsewhere that is then written.
type folderPath string

func (f *folderPath) UnmarshalText(b []byte) error {
	if err := checkFolder(string(b)); err != nil {
		return err
	}
	*f = folderPath(b)
	return nil
}

// folderForm is what a schema can say: not absolute, no backslash, no colon.
const folderForm = `^[^/\\:\s]([^\\:\n\r\t]*[^/\\:\s])?$`

func (folderPath) Shape() map[string]any { return map[string]any{"pattern": folderForm} }

func checkFolder(s string) error {
	if err := strictyaml.CheckLine(s); err != nil {
		return err
	}
	if !fs.ValidPath(s) || s == "." || strings.ContainsAny(s, `\:`) {
		return bad("write it relative to the folder of polygraph.yaml, with slashes, without . and ..", "%s is no path within this folder", strictyaml.Quote(s))
	}
	return nil
}

// folderGlob is a pattern of path.Match for files in the folder or below it.
type folderGlob string

func (f *folderGlob) UnmarshalText(b []byte) error {
	s := string(b)
	if err := checkFolder(s); err != nil {
		return err
	}
	if strings.Contains(s, "**") {
		return bad("name the folders: exceptions/*.yaml, exceptions/*/*.yaml", "%s: ** crosses no folders here", strictyaml.Quote(s))
	}
	if _, err := path.Match(s, ""); err != nil {
		return bad("close the bracket", "bad glob %s", strictyaml.Quote(s))
	}
	*f = folderGlob(s)
	return nil
}

func (folderGlob) Shape() map[string]any { return folderPath("").Shape() }

// pathGlob is a pattern for paths: each segment a glob, or **.
type pathGlob string

func (p *pathGlob) UnmarshalText(b []byte) error {
	s := string(b)
	if err := checkFolder(s); err != nil {
		return err
	}
	for segment := range strings.SplitSeq(s, "/") {
		if strings.Contains(segment, "**") && segment != "**" {
			return bad("write ** alone between slashes: envs/prod/**", "bad glob %s", strictyaml.Quote(s))
		}
		if err := checkGlob(segment); err != nil {
			return err
		}
	}
	*p = pathGlob(s)
	return nil
}

func (pathGlob) Shape() map[string]any { return folderPath("").Shape() }
