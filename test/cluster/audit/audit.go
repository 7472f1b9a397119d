// Package audit reads the audit log of an API server: who called what, by which program, with which
// answer. Tests count writes with it.
package audit

// Policy logs every call once it is answered, without bodies. Watches are logged when they begin.
const Policy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  omitManagedFields: true
`
