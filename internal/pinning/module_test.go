package pinning

import (
	"strings"
	"testing"
)

func TestModule(t *testing.T) {
	sha := strings.Repeat("0123456789abcdef", 4)
	for source, want := range map[string]struct {
		verdict Verdict
		form    string
	}{
		"./modules/x": {Local, FormPath}, "../x": {Local, FormPath}, "..": {Local, FormPath}, "/opt/x": {Local, FormPath},

		"git::https://example.com/vpc.git":                    {Mutable, FormDefaultBranch},
		"git::https://example.com/vpc.git//modules/a":         {Mutable, FormDefaultBranch},
		"git::https://example.com/vpc.git?ref=":               {Mutable, FormDefaultBranch},
		"git::https://example.com/vpc.git?depth=1":            {Mutable, FormDefaultBranch},
		"git::https://example.com/vpc.git?depth=1&ref=v1.2.0": {Mutable, FormTag},
		"git::https://example.com/vpc.git?ref=main&depth=1":   {Mutable, FormBranch},
		"git::ssh://git@example.com/a/b.git?ref=master":       {Mutable, FormBranch},
		"git::https://e.com/v.git?ref=" + sha[:40]:            {Pinned, FormSHA},
		"git::https://e.com/v.git?ref=" + sha:                 {Pinned, FormSHA},
		"git::https://e.com/v.git?ref=" + sha[:12]:            {Unknown, FormShortSHA},
		"git::https://e.com/v.git?ref=" + sha[:41]:            {Unknown, FormRevision},
		"git::https://e.com/v.git?ref=HEAD":                   {Mutable, FormBranch},
		"git::https://e.com/v.git?ref=origin/main":            {Mutable, FormBranch},
		"git::https://e.com/v.git?ref=refs/heads/1.2.3":       {Mutable, FormBranch},
		"git::https://e.com/v.git?ref=refs%2Ftags%2Fprod":     {Mutable, FormTag},
		"git::https://e.com/v.git?ref=feature/x":              {Mutable, FormBranch},
		"git::https://e.com/v.git?ref=release/next":           {Mutable, FormBranch},
		"git::https://e.com/v.git?ref=release/1.2.3":          {Unknown, FormRevision},
		"git::https://e.com/v.git?ref=vpc-v1.2.3":             {Mutable, FormTag},
		"git::https://e.com/v.git?ref=modules/vpc/1.2.3":      {Mutable, FormTag},
		"git::https://e.com/v.git?ref=v1.2":                   {Mutable, FormTag},
		"git::https://e.com/v.git?ref=1.0.0-rc.1":             {Mutable, FormTag},
		"git::https://e.com/v.git?ref=v4":                     {Unknown, FormRevision},
		"git::https://e.com/v.git?ref=prod":                   {Unknown, FormRevision},
		"git::https://e.com/v.git?ref=foo":                    {Unknown, FormRevision},
		"git::https://e.com/v.git?ref=${var.ref}":             {Unknown, FormComputed},
		"git::https://e.com/v.git?ref=v${var.ref}":            {Unknown, FormComputed},
		"git::https://e.com/${var.repo}.git":                  {Mutable, FormDefaultBranch},
		"git::https://e.com/${var.rest}":                      {Unknown, FormComputed},
		"git::https://e.com/v.git?${var.q}":                   {Unknown, FormComputed},
		"git::https://e.com/${var.repo}.git?ref=v1.2.3":       {Mutable, FormTag},
		"github.com/a/b":                                         {Mutable, FormDefaultBranch},
		"github.com/a/b//sub?ref=" + sha[:40]:                    {Pinned, FormSHA},
		"git@github.com:a/b.git?ref=v1.0.0":                      {Mutable, FormTag},
		"git@github.com:a/b.git":                                 {Mutable, FormDefaultBranch},
		"ssh://git@e.com/a.git":                                  {Mutable, FormDefaultBranch},
		"bitbucket.org/a/b?ref=develop":                          {Mutable, FormBranch},
		"hg::http://e.com/v.hg?rev=1.2.3":                        {Mutable, FormTag},
		"hg::http://e.com/v.hg":                                  {Mutable, FormDefaultBranch},
		"https://github.com/a/b/archive/refs/heads/main.zip":     {Mutable, FormBranch},
		"https://github.com/a/b/archive/refs/tags/v1.zip":        {Mutable, FormTag},
		"https://github.com/a/b/archive/" + sha[:40] + ".tar.gz": {Pinned, FormSHA},
		"https://e.com/vpc.zip":                                  {Unknown, FormArchive},
		"https://e.com/vpc-1.2.3.zip":                            {Mutable, FormTag},
		"s3::https://s3-eu-west-1.amazonaws.com/b/vpc.zip":       {Unknown, FormArchive},
		"gcs::https://www.googleapis.com/storage/v1/m/v1.0.0/f":  {Mutable, FormTag},
		"oci://e.com/m?tag=1.0":                                  {Mutable, FormTag},
		"oci://e.com/m?digest=sha256:" + sha:                     {Pinned, FormDigest},
		"oci://e.com/m":                                          {Mutable, FormDefaultBranch},
		"${local.base}//vpc?ref=v1.2.3":                          {Mutable, FormTag},
		"${local.base}//vpc":                                     {Unknown, FormComputed},
		"${get_repo_root()}/modules/x":                           {Local, FormPath},
		"${path.module}/../x":                                    {Local, FormPath},
		"${path.module}":                                         {Unknown, FormComputed},
		"tfr:///a/b/aws?version=3.5.0":                           {Pinned, FormExact},
		"tfr://e.com/a/b/aws":                                    {Mutable, FormNoVersion},
		"terraform-aws-modules/vpc/aws":                          {Mutable, FormNoVersion},
		"terraform-aws-modules/iam/aws//modules/a":               {Mutable, FormNoVersion},
		"app.terraform.io/acme/vpc/aws":                          {Mutable, FormNoVersion},
		"what is this":                                           {Unknown, FormInvalid},
		"foo::bar":                                               {Unknown, FormInvalid},
		"":                                                       {Unknown, FormInvalid},
	} {
		if got := Module(source, ""); got.Verdict != want.verdict || got.Form != want.form || got.Why == "" {
			t.Errorf("%s: %+v, want %+v", source, got, want)
		}
	}
	for constraint, want := range map[string]struct {
		verdict Verdict
		form    string
	}{
		"": {Mutable, FormNoVersion}, " ": {Mutable, FormNoVersion},
		"1.2.3": {Pinned, FormExact}, "= 1.2.3": {Pinned, FormExact}, "=1.2.3": {Pinned, FormExact}, "v1.2.3": {Pinned, FormExact},
		">= 1.0, 1.2.3": {Pinned, FormExact}, "1.2.3-beta1": {Pinned, FormExact},
		"~> 1.2": {Mutable, FormRange}, ">= 1.0, < 2.0": {Mutable, FormRange}, "!= 1.0.0": {Mutable, FormRange}, "> 1": {Mutable, FormRange},
		"latest": {Unknown, FormInvalidVersion}, "${var.v}": {Unknown, FormComputed},
	} {
		if got := Module("a/b/aws", constraint); got.Verdict != want.verdict || got.Form != want.form {
			t.Errorf("module %q: %+v, want %+v", constraint, got, want)
		}
		if got := Provider(constraint); got.Verdict != want.verdict || got.Form != want.form || got.Why == "" {
			t.Errorf("provider %q: %+v, want %+v", constraint, got, want)
		}
	}
	if !IsRegistry("a/b/aws") || !IsRegistry("tfr:///a/b/aws") || IsRegistry("github.com/a/b") || IsRegistry("./a") {
		t.Error("IsRegistry")
	}
}

// FuzzModule: a judgement always says why, and a version never changes what is
// said of a source that takes none.
func FuzzModule(f *testing.F) {
	f.Add("git::https://e.com/a.git?ref=v1", "~> 1")
	f.Add("a/b/c", ">= 1, = 2")
	f.Fuzz(func(t *testing.T, source, constraint string) {
		j := Module(source, constraint)
		if j.Form == "" || j.Why == "" {
			t.Errorf("%q: %+v", source, j)
		}
		if !IsRegistry(source) && Module(source, "") != j {
			t.Errorf("%q: the version decides", source)
		}
	})
}
