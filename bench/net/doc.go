// Package net is the place of what measures and checks `polygraph net list`: a
// generator of clusters with network policies, an evaluator that looks at every
// pair, and a command that runs both beside Polygraph and compares what they
// say before it prints what they cost. It is a module of its own because it
// needs the product and the types of Kubernetes, and the other benchmarks do not.
package net
