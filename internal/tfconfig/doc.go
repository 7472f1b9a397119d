// Package tfconfig reads what people wrote: one file of a Terraform or OpenTofu
// module, a terragrunt.hcl or a dependency lock file.
//
//	Blob --hclsyntax or hcl/json--> File{Blocks} --Modules--> Module{locals, variables, backend, ...}
//
// Of each attribute it keeps the value where it is a literal (also a literal
// below functions that change nothing, such as jsonencode of literals), the
// references where it is not, and the byte offset. It evaluates nothing else,
// follows no module call, opens nothing and judges nothing. Secrets: a literal
// under a name that says so (password, secret, token) is sealed.
//
// Bounds: a file may be MaxFile long, and what is kept of one file MaxKept.
package tfconfig
