// Package mockaws is a mock of Terraform's AWS provider, for tests only.
//
// The real provider cannot be had offline, so the truth tests of AWS plans run the real
// terraform against this one. Three files make it look like the real thing:
//
//   - schema.json, written by gen: names, types, nesting, what is required;
//   - behaviour.json, written by hand from the provider's own sources: what forces a
//     replacement, what is computed, sensitive, defaulted, kept only in state, counted up,
//     put off to a maintenance window, guarded;
//   - the cloud: a directory (environment variable MOCKAWS_CLOUD) in which every object is
//     one JSON file, so that a test makes drift with an editor and an out-of-band deletion
//     with rm. calls.jsonl in it lists what the provider really did.
//
// Nothing is random and nothing reads the clock: the same configuration yields the same
// identifiers, so a plan can be committed and compared byte for byte.
package mockaws
