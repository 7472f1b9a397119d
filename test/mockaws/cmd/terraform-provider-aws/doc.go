// Package main is the mock AWS provider as the plugin that terraform and tofu start. It plans,
// reads and applies against the directory that MOCKAWS_CLOUD names, and never dials out.
package main
