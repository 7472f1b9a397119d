// Package terraform runs the user's own terraform or tofu, the only place that
// does: a binary plan can be read by nothing but the program, configuration and
// providers that wrote it.
//
// It runs `show -json` and nothing else, never what changes anything, and it
// says on the user's stderr what it runs before it runs it. It does not judge
// the plan.
package terraform
