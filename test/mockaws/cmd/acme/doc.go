// Package main is the generator of examples/acme. Run it in test/mockaws:
//
//	go run ./cmd/acme
//
// It needs terraform or tofu on PATH (or their path in TERRAFORM) and no network: the only
// provider is the mock next door. It writes plan.json and terraform.tfstate.
package main
