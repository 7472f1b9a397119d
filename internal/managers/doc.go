// Package managers reads who wrote which field of a live object:
// metadata.managedFields, kubectl's last-applied-configuration, and the marks of
// Helm, Argo CD, Flux and other tools that own objects.
package managers
