// Package audit reads the audit log of an API server: who called what, by which program, with which
// answer. Tests count calls with it.
//
//	Log ── Mark ──> a place in the log
//	    └─ Since(mark), Each(mark, ...) ──> Calls ── Agent, Verbs, Writes, Count
//
// # What the log holds
//
// A call is in the log before its caller has the whole answer. The API server logs in the filter WithAudit
// (k8s.io/apiserver pkg/server, DefaultBuildHandlerChain), when the handler below it has returned; the
// frame that ends an answer leaves when the outermost handler returns, which is later. For this the log has
// to be written in blocking mode, and the caller has to read the body to its end, as client-go does. Of a
// watch, the beginning is logged before the first byte of the answer.
//
// Who gets no answer can be told nothing: a call whose deadline passed may be logged later, and one that
// was under way when the API server was killed may be missing although its effect is stored.
//
// A call that the client repeats by itself, after 429 for instance, is in the log as often as it was sent.
package audit

// Policy logs every call once it is answered, and a watch when it begins, without bodies. The exception
// are calls whose body may say alone that they are a dry run: client-go sends the options of a deletion
// there. Nothing secret stands in these.
const Policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- level: Request
  verbs: [delete, deletecollection]
- level: Request
  verbs: [create]
  resources:
  - group: ""
    resources: [pods/eviction]
- level: Metadata
`
