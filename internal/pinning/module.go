package pinning

import (
	"net/url"
	"regexp"
	"strings"

	version "github.com/hashicorp/go-version"
)

// The forms of a module source that Module tells apart, besides FormSHA,
// FormShortSHA, FormBranch, FormTag and FormDigest.
const (
	FormDefaultBranch  = "default branch"
	FormRevision       = "branch or tag" // its name does not tell which
	FormArchive        = "archive"       // a file behind a URL
	FormComputed       = "computed"
	FormPath           = "path"
	FormExact          = "exact version"
	FormRange          = "range"
	FormNoVersion      = "no version"
	FormInvalid        = "not a form that Terraform knows"
	FormInvalidVersion = "not a version constraint"
)

// Module judges the source and the version of a module call, as they are
// written; what is computed in them stands as ${}.
//
// A tag is Mutable, because whoever can push can move it; its Form says that it
// is one. That a name is a branch follows from how it is written: names of
// versions are taken for tags, main, develop or feature/x for branches, and
// what can be either is Unknown.
//
// Sources: Terraform, Module Sources
// (developer.hashicorp.com/terraform/language/modules/sources);
// hashicorp/go-getter README.md; hashicorp/terraform
// internal/addrs/module_source.go; Terragrunt, terraform block, source
// (terragrunt.gruntwork.io/docs/reference/hcl/blocks), for tfr://.
func Module(source, constraint string) Judgement {
	kind, rest := moduleKind(source)
	switch kind {
	case "local":
		return Judgement{Local, FormPath, "it lies in the same tree, so it changes with what calls it"}
	case "registry":
		return moduleVersion(constraint)
	case "tfr":
		return moduleVersion(query(rest, "version"))
	case "git":
		return revision(query(rest, "ref"), computedQuery(rest, "ref"), "git")
	case "hg":
		return revision(query(rest, "rev"), computedQuery(rest, "rev"), "Mercurial")
	case "oci":
		return ociModule(rest)
	case "archive":
		return archive(rest)
	case "computed":
		return Judgement{Unknown, FormComputed, "what is fetched is computed, and the configuration alone does not say to what"}
	}
	return Judgement{Unknown, FormInvalid, "it is none of the forms of a module source"}
}

// IsRegistry tells whether a module source names a registry, where versions
// are chosen by the version argument.
func IsRegistry(source string) bool {
	kind, _ := moduleKind(source)
	return kind == "registry" || kind == "tfr"
}

const (
	registryName = `[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?`
	registryHost = `[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+(?::[0-9]+)?|localhost(?::[0-9]+)?`
)

var (
	registrySource = regexp.MustCompile(`^(?:(?:` + registryHost + `)/)?` + registryName + `/` + registryName + `/[0-9a-z]{1,64}(?://.*)?$`)
	scpSource      = regexp.MustCompile(`^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:`)
	schemeSource   = regexp.MustCompile(`^([A-Za-z0-9]+)://`)
	forcedGetter   = regexp.MustCompile(`^([A-Za-z0-9]+)::`)
)

// moduleKind tells how a source is fetched, and the address without the word
// that forces it.
func moduleKind(s string) (kind, rest string) {
	switch {
	case s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../"),
		strings.HasPrefix(s, "/"), strings.HasPrefix(s, `.\`), strings.HasPrefix(s, `..\`):
		return "local", s
	}
	if m := forcedGetter.FindStringSubmatch(s); m != nil {
		rest := s[len(m[0]):]
		switch m[1] {
		case "git", "hg", "oci":
			return m[1], rest
		case "file":
			return "local", rest
		case "s3", "gcs", "http", "https":
			return "archive", rest
		}
		return "", rest
	}
	// What stands before the address may be computed: ${local.base}//vpc?ref=v1.
	// A ref that is written out is one whatever comes before it.
	if strings.HasPrefix(s, "${") {
		if terragruntFolder(s) || moduleFolder.MatchString(s) {
			return "local", s
		}
		if query(s, "ref") != "" {
			return "git", s
		}
		return "computed", s
	}
	if m := schemeSource.FindStringSubmatch(s); m != nil {
		switch m[1] {
		case "ssh", "git":
			return "git", s
		case "http", "https", "s3", "gcs":
			return "archive", s
		case "file":
			return "local", s
		case "oci", "tfr":
			return m[1], s[len(m[0]):]
		}
		return "", s
	}
	host, _, _ := strings.Cut(s, "/")
	switch {
	case host == "github.com", host == "bitbucket.org", scpSource.MatchString(s):
		return "git", s
	case strings.HasSuffix(host, ".amazonaws.com"), host == "www.googleapis.com":
		return "archive", s
	case registrySource.MatchString(s):
		return "registry", s
	case strings.Contains(s, "${"):
		return "computed", s
	}
	return "", s
}

// moduleFolder is a source that starts at the folder of the module, which
// OpenTofu works out before it fetches anything.
//
// Sources: OpenTofu 1.8, What's new, Early variable/locals evaluation
// (opentofu.org/docs/v1.8/intro/whats-new); opentofu/opentofu internal/configs,
// staticScopeData.GetPathAttr.
var moduleFolder = regexp.MustCompile(`^\$\{path\.(?:module|root|cwd)\}/[^?]*$`)

// terragruntFolder tells whether the source starts at a folder of the tree, by
// the functions that name one.
func terragruntFolder(s string) bool {
	for _, f := range []string{"get_repo_root", "get_terragrunt_dir", "get_parent_terragrunt_dir", "get_original_terragrunt_dir", "get_path_to_repo_root", "get_path_from_repo_root", "path_relative_to_include", "path_relative_from_include", "find_in_parent_folders", "dirname(find_in_parent_folders"} {
		if strings.HasPrefix(s, "${"+f+"(") {
			return true
		}
	}
	return false
}

// query returns a parameter of an address, "" when it has none. The address is
// no URL where parts of it are computed, so it is cut by hand.
func query(s, name string) string {
	i := strings.LastIndexByte(s, '?')
	if i < 0 {
		return ""
	}
	for _, p := range strings.Split(s[i+1:], "&") {
		k, v, _ := strings.Cut(p, "=")
		if k == name {
			if u, err := url.QueryUnescape(v); err == nil {
				return u
			}
			return v
		}
	}
	return ""
}

// computedQuery tells whether something computed could hold the parameter: a
// value behind the question mark, or the end of an address without one.
func computedQuery(s, name string) bool {
	if v := query(s, name); v != "" {
		return strings.Contains(v, "${")
	}
	if i := strings.LastIndexByte(s, '?'); i >= 0 {
		return strings.Contains(s[i:], "${")
	}
	return strings.HasSuffix(s, "}")
}

var (
	hexCommit  = regexp.MustCompile(`^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)
	shortHex   = regexp.MustCompile(`^[0-9a-fA-F]{7,39}$`)
	versionTag = regexp.MustCompile(`^(?:.*[^0-9A-Za-z.])?[vV]?[0-9]+\.[0-9]+(?:\.[0-9]+)*(?:[-+._]?[0-9A-Za-z.+-]+)?$`)
	fullTag    = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+`)
)

// revision judges a ref of a repository.
func revision(ref string, computed bool, system string) Judgement {
	short := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/remotes/"), "origin/")
	switch {
	case computed:
		return Judgement{Unknown, FormComputed, "the ref is computed, and the configuration alone does not say to what"}
	case ref == "":
		return Judgement{Mutable, FormDefaultBranch, "without a ref " + system + " fetches the default branch, as it is at that moment"}
	case hexCommit.MatchString(ref):
		return Judgement{Pinned, FormSHA, "a full commit hash names one content"}
	case strings.HasPrefix(ref, "refs/tags/"):
		return tag
	case strings.HasPrefix(ref, "refs/heads/"):
		return branch(ref)
	case shortHex.MatchString(ref):
		return Judgement{Unknown, FormShortSHA, "it looks like an abbreviated commit hash, and a branch can be named so too"}
	case branchName(short):
		return branch(ref)
	case versionTag.MatchString(ref):
		if folder := branchFolder(ref); folder {
			break // release/1.2.3: a branch in one house, a tag in the next
		}
		return tag
	}
	return Judgement{Unknown, FormRevision, "the name does not tell whether it is a branch or a tag"}
}

var tag = Judgement{Mutable, FormTag, "a tag stays where it is until somebody who can push moves it"}

func branch(ref string) Judgement {
	return Judgement{Mutable, FormBranch, ref + " is a branch: it means another commit after the next push"}
}

// branchName tells whether everybody would call this a branch.
func branchName(ref string) bool {
	switch strings.ToLower(ref) {
	case "main", "master", "develop", "development", "dev", "trunk", "head", "default", "mainline":
		return true
	}
	return branchFolder(ref) && !versionTag.MatchString(ref)
}

// branchFolder tells whether the ref lies where branching models put branches.
func branchFolder(ref string) bool {
	folder, rest, ok := strings.Cut(ref, "/")
	if !ok || rest == "" {
		return false
	}
	switch strings.ToLower(folder) {
	case "feature", "feat", "hotfix", "bugfix", "fix", "release", "support", "topic", "users":
		return true
	}
	return false
}

func ociModule(s string) Judgement {
	switch {
	case computedQuery(s, "digest"):
		return Judgement{Unknown, FormComputed, "what is fetched is computed, and the configuration alone does not say to what"}
	case query(s, "digest") != "":
		return Judgement{Pinned, FormDigest, "a digest names one content"}
	case query(s, "tag") != "" && query(s, "tag") != "latest":
		return Judgement{Mutable, FormTag, "a tag stays where it is until somebody who can push moves it"}
	}
	return Judgement{Mutable, FormDefaultBranch, "without a tag or digest the tag latest is fetched, as it is at that moment"}
}

var hostedArchive = regexp.MustCompile(`^https?://(?:www\.)?github\.com/[^/]+/[^/]+/archive/(.+?)\.(?:zip|tar\.gz|tgz)(?:[?/].*)?$`)

// archive judges a file behind a URL. The archives that GitHub makes of a ref
// are as good as the ref.
func archive(s string) Judgement {
	if m := hostedArchive.FindStringSubmatch(s); m != nil {
		return revision(m[1], strings.Contains(m[1], "${"), "git")
	}
	switch path, _, _ := strings.Cut(s, "?"); {
	case strings.Contains(s, "${"):
		return Judgement{Unknown, FormComputed, "what is fetched is computed, and the configuration alone does not say to what"}
	case fullTag.MatchString(path):
		return Judgement{Mutable, FormTag, "the address names a version; whoever owns it can put other bytes there"}
	}
	return Judgement{Unknown, FormArchive, "the address names no version: whether other bytes are ever put there, its form does not tell"}
}

// moduleVersion judges the version argument of a registry module.
func moduleVersion(constraint string) Judgement {
	switch {
	case strings.Contains(constraint, "${"):
		return Judgement{Unknown, FormComputed, "the version is computed, and the configuration alone does not say to what"}
	case strings.TrimSpace(constraint) == "":
		return Judgement{Mutable, FormNoVersion, "without a version the newest one is fetched, as of that moment"}
	}
	exact, err := exactVersion(constraint)
	switch {
	case err != nil:
		return Judgement{Unknown, FormInvalidVersion, "it is not a version constraint"}
	case exact:
		return Judgement{Pinned, FormExact, "one version, and a registry keeps what it has published"}
	}
	return Judgement{Mutable, FormRange, "the range takes in versions that are not published yet"}
}

// exactVersion tells whether one of the constraints allows one version alone.
func exactVersion(constraint string) (bool, error) {
	if _, err := version.NewConstraint(constraint); err != nil {
		return false, err
	}
	for _, c := range strings.Split(constraint, ",") {
		c = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(c), "="))
		if _, err := version.NewVersion(c); err == nil {
			return true, nil
		}
	}
	return false, nil
}
