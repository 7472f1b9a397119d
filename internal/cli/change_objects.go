package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/source/git"
	"polygraph/internal/tfplan"
)

// objectOptions are the flags of change that concern Kubernetes.
type objectOptions struct {
	revision   string
	context    string
	live       bool
	kubeconfig string
	namespace  string
	save       string
	noDryRun   bool
	version    string
}

func (o *objectOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.revision, "git", "", "OLD is PATH as it was in this git `REVISION`")
	f.StringVar(&o.context, "kube-context", "", "OLD is what this `CONTEXT` of your kubeconfig has")
	f.BoolVar(&o.live, "live", false, "OLD is what the current context of your kubeconfig has")
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "`FILE` with that context (default: $KUBECONFIG, ~/.kube/config)")
	f.StringVarP(&o.namespace, "namespace", "n", "", "`NAMESPACE` of objects that name none (default: the context's)")
	f.StringVar(&o.save, "save", "", "keep what the cluster has in `FILE`, to judge it again as OLD")
	f.BoolVar(&o.noDryRun, "no-dry-run", false, "do not ask the server what it would say (dryRun=All: nothing is changed)")
	f.StringVar(&o.version, "server-version", "", fmt.Sprintf("the server's `VERSION`, %s to %s (default: the live server's; without one the newest, where that decides nothing)", kubeschema.Oldest, kubeschema.Newest))
	_ = c.RegisterFlagCompletionFunc("server-version", cobra.FixedCompletions(serverVersions(), cobra.ShellCompDirectiveNoFileComp))
}

// misplaced says that a flag about Kubernetes stands beside a plan.
func (o *objectOptions) misplaced(c *cobra.Command) error {
	for _, name := range []string{"kubeconfig", "namespace", "save", "no-dry-run", "server-version"} {
		if c.Flags().Changed(name) {
			return usage("--"+name+" is about Kubernetes, and this is no manifest", "polygraph change OLD NEW --server-version 1.33")
		}
	}
	return nil
}

func (o *objectOptions) cluster() bool { return o.live || o.context != "" }

func serverVersions() []string {
	var out []string
	for v := kubeschema.Newest; v >= kubeschema.Oldest; v-- {
		out = append(out, v.String())
	}
	return out
}

// serverVersion reads 1.33, v1.33.4 or 1.33.4-eks-1-30.
func serverVersion(text string) (kubeschema.Version, error) {
	if text == "" {
		return 0, nil
	}
	major, rest, _ := strings.Cut(strings.TrimPrefix(text, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(strings.TrimRight(minor, "+")) // EKS and GKE say 33+
	v := kubeschema.Version(n)
	switch {
	case major != "1" || err != nil:
		return 0, usage(fmt.Sprintf("%q is no version of Kubernetes", text), "write --server-version "+kubeschema.Newest.String())
	case v < kubeschema.Oldest || v > kubeschema.Newest:
		return 0, usage(fmt.Sprintf("nothing is known about Kubernetes %s", text),
			fmt.Sprintf("known are %s to %s; the nearest says what that version does, not what yours does", kubeschema.Oldest, kubeschema.Newest))
	}
	return v, nil
}

// objectsInput is OLD, NEW, and what says more about them.
type objectsInput struct {
	app      *app
	options  objectOptions
	first    string // of the arguments
	old, new []string
	more     []string
	command  string // who asks; "" is change
	// allBefore: what a cluster printed of OLD is what was, and not what is.
	allBefore bool
	pipes     map[string]*files.File // standard input, <(helm template .): read once, and kept
	judged    *change.Options        // about which Kubernetes; a live one says so itself
	sources   []evidence.Source      // who answers for a live one
	cleanup   []func() error
}

// concerned tells whether the arguments are about Kubernetes: a flag says so, the
// first is a folder, or holds objects.
func (in *objectsInput) concerned(ctx context.Context, args []string) (bool, error) {
	if in.options.revision != "" || in.options.cluster() {
		return true, nil
	}
	is, err := in.holds(ctx, args[0])
	if is || err != nil || len(args) < 2 || in.isPlan(args[0]) {
		return is, err
	}
	return in.holds(ctx, args[1])
}

// isPlan tells that the first argument is evidence of something else: what stands
// behind a plan says more about it, whatever it holds.
func (in *objectsInput) isPlan(arg string) bool {
	if isPipe(arg) {
		return true
	}
	f, err := files.Open(context.Background(), arg)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := f.Head()
	if err != nil {
		return false
	}
	kind, _ := files.Classify(arg, head, in.app.detectors)
	return kind != nil || tfplan.IsBinary(head)
}

// holds tells whether an argument is a folder, or something with objects in it.
func (in *objectsInput) holds(ctx context.Context, arg string) (bool, error) {
	if isPipe(arg) {
		f, err := in.pipe(ctx, arg)
		if err != nil {
			return false, err
		}
		head, err := f.Head()
		return err == nil && holdsObjects(streamName, head), err
	}
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		return arg == in.first, nil // of a plan, a folder may be further evidence
	}
	f, err := files.Open(ctx, arg)
	if err != nil {
		return false, nil // whoever reads the plan says what is wrong
	}
	defer f.Close()
	head, err := f.Head()
	return err == nil && (holdsObjects(arg, head) || holdsObjects(streamName, head)), nil
}

func holdsObjects(name string, head []byte) bool {
	kind, problem := kubeobj.Detect(name, head)
	return kind != nil || problem != nil
}

func (in *objectsInput) close() {
	for i := len(in.cleanup) - 1; i >= 0; i-- {
		_ = in.cleanup[i]() // temporary files; there is nobody to tell
	}
}

// sides takes the arguments apart.
func (in *objectsInput) sides(args []string) error {
	o := &in.options
	sources := 0
	for _, given := range []bool{o.revision != "", o.context != "", o.live} {
		if given {
			sources++
		}
	}
	switch {
	case sources > 1:
		return usage("OLD is one thing: --git, --kube-context or --live", "leave all but one of them out")
	case !o.cluster() && (o.kubeconfig != "" || o.save != "" || o.noDryRun || o.namespace != ""):
		return usage("--kubeconfig, --namespace, --save and --no-dry-run are about a live cluster", "name it: --kube-context CONTEXT, or --live")
	case sources == 1:
		in.new = args
		if o.revision != "" && count(args, "-") > 0 {
			return usage("standard input has no earlier revision", "name the paths that are compared")
		}
	case len(args) < 2:
		return usage("for Kubernetes objects, "+in.name()+" takes OLD and NEW", "polygraph "+in.name()+" OLD NEW; or say where OLD is: --git main, --kube-context CONTEXT, --live")
	default:
		in.old, in.new, in.more = args[:1], args[1:2], args[2:]
	}
	if count(in.more, "-") > 0 {
		return usage("one of OLD and NEW can be -, the other has to be a file or a folder", "polygraph "+in.name()+" OLD - < NEW")
	}
	return nil
}

func (in *objectsInput) gather(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
	pool := files.NewPool(64)
	in.cleanup = append(in.cleanup, pool.Close)
	o := files.Options{Open: pool, Understood: []string{"Kubernetes manifests"}, Progress: progress}
	found, err := in.side(ctx, in.new, evidence.KubernetesManifest(), o)
	if err != nil {
		return found, err
	}
	in.require(&found, in.new, "NEW")
	var old analysis.Evidence
	switch {
	case in.options.revision != "":
		old, err = in.revision(ctx, o)
	case in.options.cluster():
		old, err = in.live(ctx, found, progress)
	default:
		old, err = in.side(ctx, in.old, evidence.KubernetesBefore(), o)
	}
	if err != nil {
		return found, err
	}
	in.require(&old, in.old, "OLD")
	if in.allBefore {
		for _, item := range old.Items {
			item.Kind = evidence.KubernetesBefore()
		}
	}
	add(&found, old)
	if len(in.more) > 0 {
		more, err := files.Find(ctx, in.more, in.app.detectors, files.Options{Open: pool, Understood: understood(), Progress: progress})
		if err != nil {
			return found, err
		}
		add(&found, more)
	}
	return found, nil
}

func (in *objectsInput) name() string { return cmp.Or(in.command, "change") }

// require says that a side without any object was not examined.
func (in *objectsInput) require(e *analysis.Evidence, named []string, side string) {
	if len(e.Items) > 0 || len(e.Skips) > 0 || len(named) == 0 {
		return
	}
	e.Skips = append(e.Skips, run.Skip{
		Path: strings.Join(named, ", "), Count: 1, Named: true, Reason: "there are no Kubernetes objects in " + side,
		Do: "name the files or the folder with the manifests; charts and kustomizations have to be rendered first: helm template . | polygraph " + in.name() + " OLD -",
	})
}

func add(to *analysis.Evidence, more analysis.Evidence) {
	to.Items = append(to.Items, more.Items...)
	to.Skips = append(to.Skips, more.Skips...)
	to.Files += more.Files
	to.NotNeeded += more.NotNeeded
}

// side finds the objects of one side. What stands in NEW is what is wanted,
// also when a cluster printed it; in OLD, what a cluster printed is live.
func (in *objectsInput) side(ctx context.Context, paths []string, as *evidence.Kind, o files.Options) (analysis.Evidence, error) {
	detect := func(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
		kind, problem := kubeobj.Detect(name, head)
		if kind == nil && problem == nil && slices.ContainsFunc(paths, func(p string) bool { return path.Base(filepath.ToSlash(p)) == path.Base(filepath.ToSlash(name)) }) {
			// What is named is read by its content; what is broken says so where it is.
			if kind, problem = kubeobj.Detect(streamName, head); kind == nil && problem == nil && isManifest(name) {
				kind = evidence.KubernetesManifest()
			}
		}
		if kind == evidence.KubernetesManifest() || kind != nil && as == evidence.KubernetesManifest() {
			kind = as
		}
		return kind, problem
	}
	var named []string
	var streams analysis.Evidence
	for _, path := range paths {
		if !isPipe(path) {
			named = append(named, path)
			continue
		}
		stream, err := in.stream(ctx, path, detect)
		if err != nil {
			return stream, err
		}
		add(&streams, stream)
	}
	if len(named) == 0 {
		return streams, nil
	}
	found, err := files.Find(ctx, named, []files.Detector{detect}, o)
	add(&found, streams)
	return found, err
}

// isManifest tells the names of files that people write objects into.
func isManifest(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// stream is what a pipe holds.
func (in *objectsInput) stream(ctx context.Context, path string, detect files.Detector) (analysis.Evidence, error) {
	shown := path
	if path == "-" {
		shown = stdinPath
	}
	f, err := in.pipe(ctx, path)
	if err != nil {
		return analysis.Evidence{}, err
	}
	head, err := f.Head()
	if err != nil {
		return analysis.Evidence{}, err
	}
	kind, problem := detect(streamName, head)
	if kind == nil && problem == nil {
		problem = &evidence.Problem{Reason: "there are no Kubernetes objects in it", Do: "pipe what helm template or kustomize build prints"}
	}
	if problem != nil {
		return failedInput(shown, problem), nil
	}
	item := &evidence.Item{Kind: kind, Path: shown, Blob: f, Time: f.Info.ModTime(), Named: true}
	return analysis.Evidence{Files: 1, Items: []*evidence.Item{item}}, nil
}

// streamName makes a detector look at what has no name.
const streamName = "-.yaml"

// isPipe tells what can be read only once.
func isPipe(path string) bool {
	if path == "-" {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// pipe is what a pipe held, read when it is first asked for.
func (in *objectsInput) pipe(ctx context.Context, path string) (*files.File, error) {
	if f := in.pipes[path]; f != nil {
		return f, nil
	}
	var f *files.File
	var err error
	if path == "-" {
		f, err = files.Spool(ctx, in.app.Stdin, 0)
	} else {
		f, err = files.Open(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	if in.pipes == nil {
		in.pipes = map[string]*files.File{}
	}
	in.pipes[path] = f
	in.cleanup = append(in.cleanup, f.Close)
	return f, nil
}

// revision is the paths of NEW as they were.
func (in *objectsInput) revision(ctx context.Context, o files.Options) (analysis.Evidence, error) {
	rev := in.options.revision
	if strings.HasPrefix(rev, "-") {
		return analysis.Evidence{}, usage(fmt.Sprintf("%q is no revision", rev), "name a branch, a tag or a commit: --git main")
	}
	r, err := git.Find(ctx, rev, git.Options{Env: in.app.Env, Stderr: cleanWriter{in.app}})
	if err != nil {
		return analysis.Evidence{}, asUnexamined(err)
	}
	paths := make([]string, len(in.new))
	for i, arg := range in.new {
		if paths[i], err = r.Within(arg); err != nil {
			return analysis.Evidence{}, asUsage(err)
		}
	}
	w, err := r.Checkout(ctx)
	if err != nil {
		return analysis.Evidence{}, asUnexamined(err)
	}
	in.cleanup = append(in.cleanup, w.Remove)
	var there []string
	for _, path := range paths {
		if _, err := os.Lstat(filepath.Join(w.Dir, path)); errors.Is(err, fs.ErrNotExist) {
			continue // it is new: all of it is created
		}
		if !w.Holds(path) {
			return analysis.Evidence{}, usage(fmt.Sprintf("in %s, %s is a link that leads out of the repository", rev, path), "name what it leads to")
		}
		there = append(there, path)
	}
	if paths = there; len(paths) == 0 {
		in.app.talk("polygraph: " + rev + " has none of it: all of NEW is created")
		return analysis.Evidence{}, nil
	}
	o.Dir, in.old = w.Dir, paths
	found, err := in.side(ctx, paths, evidence.KubernetesBefore(), o)
	for _, item := range found.Items {
		item.Path = rev + ":" + item.Path
	}
	for i := range found.Skips {
		found.Skips[i].Path = rev + ":" + filepath.ToSlash(found.Skips[i].Path)
	}
	return found, err
}
