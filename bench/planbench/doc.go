// Package planbench writes a Terraform plan, as `terraform show -json` prints it, of any size.
//
// The plan is invented but shaped like a real one: a fleet of module instances, each with a network,
// stores and machines; references in the configuration lead from one resource to the other; a replaced
// resource drags its dependents along; some resources were changed behind Terraform's back. Everything
// follows from the options alone, so that two machines measure the same bytes.
//
// It holds one small record per resource and renders values while it writes. It refuses to be a
// simulator: no value is computed by a provider, and applying the plan would mean nothing.
package planbench
