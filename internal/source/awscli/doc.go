// Package awscli runs the user's own aws command line, version 2, the only place that does:
// credentials, single sign-on and regions stay its business.
//
// It runs calls that read and no others, by an allow-list of verbs, says on the
// user's stderr what it runs before it runs it, and never goes through a shell.
// It does not judge what the call prints.
package awscli
