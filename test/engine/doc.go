// Package engine gives truth tests a real Terraform to ask.
//
// Polygraph says what a plan will do; these tests let the engine say it and compare. The engine is the
// one that POLYGRAPH_TERRAFORM names, else terraform, else tofu on the PATH, else OpenTofu built from
// source through the Go module proxy. Providers are built from source too and reach the engine through
// a local mirror, so that no test needs a registry, an account or a network.
//
// A test that finds no engine is skipped and says why; with POLYGRAPH_STRICT=1 it fails instead.
//
// This package is for tests only. It knows nothing of Polygraph's own types and judges nothing.
package engine
