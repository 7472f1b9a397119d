package evidence

import "polygraph/internal/finding"

// Thing is one object that a piece of evidence names: the edge of the alias
// graph, because one thing has many names, and the marks that tell in which
// environment it lives. Every field but Subject may be empty.
type Thing struct {
	Subject finding.Subject // its identity and, as "kind:identity", its other names
	Marks   Marks
}

// Marks are what environments are recognised by.
type Marks struct {
	Name      string            // the object's own name, "checkout-prod-db"
	Account   string            // AWS account, Google project, Azure subscription
	Region    string            // "eu-central-1"
	VPC       string            // "vpc-0a1b"
	Namespace string            // Kubernetes namespace
	CIDRs     []string          // "10.0.0.0/16"
	Tags      map[string]string // labels and tags
}
