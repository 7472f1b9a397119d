// Package pinning tells a reference that always means the same thing from one
// that can mean something else tomorrow: module sources, provider constraints,
// container images, actions, machine images.
//
// It judges the form alone. Whether a tag was ever moved is history; whether it
// can be moved is a property of tags. It resolves nothing and asks nobody.
package pinning
