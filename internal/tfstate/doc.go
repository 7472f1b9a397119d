// Package tfstate reads a Terraform state: a state file of format version 4, or
// what `terraform show -json` prints of one. It streams: what it keeps of each
// object is its address, type and identity.
//
// It judges nothing. Values are not kept, so none can leak.
package tfstate
