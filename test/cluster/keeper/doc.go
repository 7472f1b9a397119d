//go:build unix

// Package keeper keeps clusters running after the command that started them has ended.
//
//	Start ── spawns ──> supervisor, in a session of its own ── cluster.Start ──> the parts
//	  │                    │ holds NAME/lock for as long as it lives, and the parts' lifelines
//	  └ until it is ready, each ends when the other one does; afterwards the supervisor is alone
//	Stop, Find ── ask the system who holds NAME/lock; no process is ever known by a number in a file
//
// The state folder has one folder for each name: lock, settings, status, kubeconfig, the supervisor's log
// and, unless another place is named, the data of the cluster.
package keeper
