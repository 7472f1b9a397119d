// Package config reads polygraph.yaml: what the owners of the infrastructure
// declared and decided.
//
// It is strict. An unknown key, a rule that does not exist, a network that two
// environments claim, a rule that is off without a reason: each is an error with
// its line, because a setting that is silently not applied is a green signal
// that lies. It reads bytes and opens no file: exception files and the
// first-seen ledger are named here and read by whoever has the folder. It
// applies nothing.
package config
