// Package acme makes the evidence of the examples: for each root module it applies the
// configuration of the day before against the mock, lets people meddle with the cloud, plans
// today's configuration with a real terraform, and writes what a user would hand to Polygraph:
// a plan, the state before it and, where the story goes on, the state after it was applied.
//
// The day before is today's configuration with the files under before/ laid over it. Each root
// has a cloud of its own, and the same account.
package acme
