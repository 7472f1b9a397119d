// Package workloads relates the objects of one side to each other: which pods a
// Service selects, which containers read a ConfigMap or a Secret and how, which
// autoscaler writes whose replicas, what serves traffic, which claims a
// StatefulSet made, which images run.
//
//	Build(objects) ─> Graph
//	   Consumers(ConfigMap or Secret)  who reads it, which keys, and when an edit is seen
//	   Restarters(workload, object)    what would restart it when that object changes
//	   Selected(Service), ServedBy(workload), Budgets(workload)
//	   Scalers(workload), Claims(StatefulSet), Pods(workload), Images()
//
// Objects meet by namespace and name. An object without a namespace meets only
// those of the same side that have none either: whoever applies the side puts
// all of them into one namespace, and which one it is nobody has written down.
// Where some have a namespace and some have none, [Graph.Mixed] says so: then a
// relation that was not found is no proof that there is none.
//
// An object that occurs twice is two nodes. What a workload made itself (the
// ReplicaSets and Pods of a Deployment) is reached through [Graph.Pods] and is
// left out where workloads are asked for, so that one Deployment counts once.
//
// Memory grows with the number of references, at most maxReads for one workload.
package workloads
