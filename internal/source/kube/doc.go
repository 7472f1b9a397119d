// Package kube asks a live cluster through client-go, the only place that does:
// kubeconfig, contexts, certificates and credential plugins are client-go's
// business.
//
//	Open ── Cluster ── Version
//	           ├── Live ── Snapshot: the wanted objects and the neighbours that rules need, as
//	           │                     evidence of kind kubernetes-live; Save writes it without Secrets' values
//	           ├── Survey ── Snapshot: all that decides who may talk to whom, of all namespaces
//	           └── Ask ── "dry-run apply", "dry-run server-side apply", "can-i": evidence.Source
//
// It changes nothing: its transport refuses every request that neither reads nor
// carries dryRun=All, whatever the code above it asks for. The one other request
// it lets pass is a SelfSubjectAccessReview, which stores nothing.
//
// What is asked is said on the user's stderr before it is asked. It does not
// judge what the cluster answers.
package kube
