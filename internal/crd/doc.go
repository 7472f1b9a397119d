// Package crd judges objects of CustomResourceDefinitions as the API server
// does, and edits of the definitions themselves.
//
//	definitions ── Read(version) ──> Set, and Problems: definitions that the server refuses
//	old, new ── Set.Judge ──> refusals, what is dropped, what nobody can know from here
//	object ── Set.Normalize ──> as it is stored: pruned, defaults filled in
//	old, new definition ── JudgeDefinition ──> refusals, and what the edit does to stored objects
//	objects ── Set.Audit ──> which of them the next write would find refused
//
// What is decided about an object is decided by the server's own packages:
// k8s.io/apiextensions-apiserver v0.37.2, pkg/apiserver/schema (structural
// schemas, pruning, defaults, list types, embedded metadata), pkg/apiserver/schema/cel
// (x-kubernetes-validations) and pkg/apiserver/validation (OpenAPI, ratcheting),
// called in the order of pkg/registry/customresource. What is decided about a
// definition is written anew here, because pkg/apis/apiextensions/validation
// links a client and gRPC; test/crd holds it against that package and against a
// real server.
//
// Known limits: an object that a webhook converts is not judged; admission
// plugins and policies are not seen; the code is that of 1.37, told of older
// servers what changed since (ratcheting, the CEL libraries, formats).
//
// Bounds: an object or definition of at most 3 MiB of JSON and 200 levels, as
// many CEL rules as work allows (see work), the server's cost limits per rule and
// object, and one limit on the cost of all objects of a Set. Beyond them a
// judgement is Unknown. Nothing is measured by a clock.
package crd
