// Package tfstate reads a Terraform state: a state file of format version 4, or
// what `terraform show -json` prints of one. Of each object it keeps the address,
// the type and the identity. No rule reads states yet.
//
// It judges nothing. Values are not kept, so none can leak.
package tfstate
