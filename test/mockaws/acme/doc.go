// Package acme makes the evidence of the example shop: it applies the configuration of the
// day before against the mock, lets people meddle with the cloud, plans today's configuration
// with a real terraform, and writes what a user would hand to Polygraph: a plan and a state.
//
// The day before is today's configuration with the files under before/ laid over it.
package acme
