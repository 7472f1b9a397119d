// Package objects is the place of two commands: one invents Kubernetes objects,
// the other reads them as the product does. They are a module of their own
// because they need the product, and the other benchmarks do not.
package objects
