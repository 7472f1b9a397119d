// Package oracle asks Kubernetes itself what becomes of an edit, without running a server: a program per
// release (test/oracle/server, a nested module) links the registry strategies of k8s.io/kubernetes and runs
// rest.BeforeUpdate with them, as the store of the API server does. It decides what is refused, and what is
// accepted and then stored as it was.
//
//	Start(t, version) ── Update(kind, old, new) ─> Result   one edit
//	                  ── Create, Default ────────> Result, object
//	                  ── Walk(kind) ─────────────> Case     every field of the kind, mutated
//
// What surrounds the strategies is not there, and what it refuses is not refused here: authentication,
// authorization (RBAC's rules about escalation among it), admission plugins, the field manager (managedFields,
// server-side apply), the check of resourceVersion, and decoding with fieldValidation=Strict. Services go
// through the hooks of their store, with allocators in memory, so that addresses and ports come back from the
// old object as on a server, and so that what their store keeps from readers is not there (internalTrafficPolicy of
// an ExternalName). Other stores have no hook that changes an object before an update.
//
// A walk begins from the objects under test/oracle/server/objects, each as a create would store it, and with
// the status that the file gives it. A field that is absent is set; for its own fields there is then an old
// object that has it, if a create would have kept it. Of each mutation the first valid value counts, and one
// that a create refuses too is reported as invalid: it says nothing about updates. Where nothing was valid, less is
// tried at the next place of the same field. Subresources begin from one base only.
//
// The tests ask the newest release, or those that POLYGRAPH_ORACLE_VERSIONS lists ("1.37,1.33", "all"). They skip
// where a program is not built (`make oracle VERSIONS=1.37`), and fail under POLYGRAPH_STRICT=1.
package oracle
