// Package tfconfig reads what people wrote: one file of a Terraform or OpenTofu
// module, a terragrunt.hcl or a dependency lock file.
//
//	Blob --hclsyntax, or a walk over JSON--> File{Blocks} --Modules--> Module{calls, resources, locals, ...}
//
// Of each attribute it keeps the value where it is a literal (also a literal
// below functions that change nothing, such as jsonencode of literals), the
// references where it is not, and the byte offset. It evaluates nothing else,
// opens nothing and judges nothing. Resolve follows a variable with a default
// and a local, inside of one module. Secrets: a literal under a name that says
// so (password, secret, token) is sealed.
//
// The parser is Terraform's own, so what it refuses Terraform refuses. Neither
// its tree nor the source is kept. Who keeps a file that was refused has it as a
// File with a Problem: Module.Unread finds it, because what a folder says is not
// known while one of its files is not.
//
// Bounds: a file may be MaxFile long and have MaxTokens; its expressions may
// nest MaxNesting deep (checked before they are parsed, because the parser
// recurses); what is kept of one file is at most about MaxKept.
package tfconfig
