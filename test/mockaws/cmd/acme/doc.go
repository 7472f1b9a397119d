// Package main is the generator of the examples. Run it in test/mockaws:
//
//	go run ./cmd/acme            all roots
//	go run ./cmd/acme -root edge one of them
//
// It needs terraform or tofu on PATH (or their path in TERRAFORM) and no network: the only
// provider is the mock next door. It writes the plans and states below examples.
package main
