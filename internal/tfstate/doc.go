// Package tfstate reads a Terraform state: a state file of format version 4, or
// what `terraform show -json` prints of one. Of each object it keeps the
// address, the type, the attributes that say what it is and of which version,
// and a hash of every attribute, which tells whether two states agree.
//
// It judges nothing. Other values are not kept, so none can leak; of those that
// are kept, what the state marks as sensitive is an evidence.Secret. A state is
// read in one pass, and what is kept of it is bounded by MaxObjects and MaxKept.
package tfstate
