package pinning

import "strings"

// ActionName is what a workflow's `uses` names, taken apart.
type ActionName struct {
	Owner, Repo string
	Path        string // below the repository: an action, or a reusable workflow
	Ref         string // behind the @
	Image       string // of docker://IMAGE; then nothing else is set
}

// Repository is "owner/repo".
func (n ActionName) Repository() string { return n.Owner + "/" + n.Repo }

// Name is the action without its version: "github/codeql-action/init".
func (n ActionName) Name() string {
	if n.Path == "" {
		return n.Repository()
	}
	return n.Repository() + "/" + n.Path
}

// FirstParty tells whether GitHub itself owns it.
func (n ActionName) FirstParty() bool {
	return strings.EqualFold(n.Owner, "actions") || strings.EqualFold(n.Owner, "github")
}

// ParseAction takes the value of `uses` apart. It is false for a path in the
// same repository and for what GitHub would refuse.
func ParseAction(uses string) (ActionName, bool) {
	if image, ok := strings.CutPrefix(uses, "docker://"); ok {
		return ActionName{Image: image}, image != ""
	}
	if isLocalAction(uses) {
		return ActionName{}, false
	}
	name, ref, ok := strings.Cut(uses, "@")
	parts := strings.SplitN(name, "/", 3)
	if !ok || ref == "" || len(parts) < 2 || parts[0] == "" || parts[1] == "" || strings.ContainsAny(uses, " \t\r\n") {
		return ActionName{}, false
	}
	n := ActionName{Owner: parts[0], Repo: parts[1], Ref: ref}
	if len(parts) == 3 {
		n.Path = strings.Trim(parts[2], "/")
	}
	return n, true
}

func isLocalAction(uses string) bool {
	return strings.HasPrefix(uses, "./") || strings.HasPrefix(uses, "../") || strings.HasPrefix(uses, `.\`)
}

// The forms of an action's reference.
const (
	FormSHA      = "full SHA"
	FormShortSHA = "short SHA"
	FormBranch   = "branch"
)

// Action judges the form of an action or a reusable workflow.
//
// A commit is named by 40 hexadecimal digits, and GitHub refuses tags and
// branches that look so. Everything else is a tag or a branch; a few names are
// branches by custom. What a pinned action calls in turn is its own affair.
func Action(uses string) Judgement {
	if IsTemplate(uses) || strings.TrimSpace(uses) == "" {
		return Judgement{Verdict: Unknown, Form: "template", Why: "a part of the reference is filled in later"}
	}
	if isLocalAction(uses) {
		return Judgement{Verdict: Local, Form: "path", Why: "it lies in the same repository, at the same commit"}
	}
	n, ok := ParseAction(uses)
	switch {
	case !ok:
		return Judgement{Verdict: Unknown, Why: "this is no action reference: owner/repository@ref"}
	case n.Image != "":
		return Image(n.Image)
	case isHex(strings.ToLower(n.Ref), 40):
		return Judgement{Verdict: Pinned, Form: FormSHA, Why: "a full commit SHA is computed from the content"}
	case isBranch(n.Ref):
		return Judgement{Verdict: Mutable, Form: FormBranch, Why: "a branch moves with every push"}
	case len(n.Ref) >= 7 && len(n.Ref) < 40 && isHex(strings.ToLower(n.Ref), len(n.Ref)) && strings.ContainsAny(n.Ref, "abcdefABCDEF"):
		return Judgement{Verdict: Mutable, Form: FormShortSHA, Why: "GitHub does not resolve a shortened SHA: only a tag or a branch of that name answers to it"}
	}
	return Judgement{Verdict: Mutable, Form: FormTag, Why: "whoever may push to the repository can move a tag"}
}

// isBranch knows the names that are branches by custom.
func isBranch(ref string) bool {
	switch strings.TrimPrefix(ref, "refs/heads/") {
	case "main", "master", "develop", "development", "dev", "trunk", "HEAD", "next", "edge", "nightly":
		return true
	}
	return strings.HasPrefix(ref, "refs/heads/")
}
