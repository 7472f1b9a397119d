package doctor

import "time"

// Survey is what a look at a repository found. Every path is as a user in the
// current folder would type it, with slashes, and every list is in the order of
// names.
type Survey struct {
	Folder string // as the user named it
	Files  int    // seen

	Roots   []Root // Terraform folders that are planned on their own
	Modules int    // Terraform folders that others call, or that nobody plans
	Plans   []File
	States  []File
	Runs    []Run // saved runs of Polygraph

	// What later capabilities will look at is only counted.
	Manifests      int // Kubernetes objects in YAML
	Kustomizations int
	Charts         int // Helm
	Dockerfiles    int

	CI     []CI
	Branch string // the default branch of git; "" when it is not known
	// Checkouts are when git last cloned or switched, which sets the times of
	// files: such a time says nothing about when somebody edited one.
	Checkouts []time.Time
	Config    string // the path of polygraph.yaml
	Ledger    string // the path of polygraph.first-seen
	// Limits are the bounds that were met: the survey does not know the rest.
	Limits []string
}

// Root is one root module: a folder that somebody plans and applies.
type Root struct {
	Folder     string
	Tool       string    // "terraform", "tofu" or "terragrunt"
	Why        string    // what shows that it is a root: "backend", "provider", ...
	Newest     time.Time // of its files and those of the local modules it calls
	NewestFile string
	VarFiles   []string // that are only read when they are named; names in Folder
	Initiated  bool     // init was run here
}

// File is a plan or a state.
type File struct {
	Path   string
	Time   time.Time // of the file
	Binary bool      // a plan that only the program that wrote it can read
}

// Run is the header of a saved run.
type Run struct {
	Path    string
	Command string
	Version string
	Started time.Time
}

// CI is one file of a CI system.
type CI struct {
	System string // "GitHub Actions", ...
	Path   string
	Runs   bool // it mentions polygraph
}
