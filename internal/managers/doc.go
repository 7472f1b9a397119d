// Package managers reads who wrote which field of a live object:
// metadata.managedFields, kubectl's last-applied-configuration, and the marks of
// Helm, Argo CD, Flux and other tools that own objects.
//
//	Read(object) ─> Ownership ── Owners(path)  who wrote a field, and when
//	                          ── Applier()     which of them deploys the object
//	Name(manager) ─> Writer                    deploys, by hand, or a controller
//	LastApplied(object)                        what kubectl apply was given last
//	Marks(object), Conflicts(marks)            who claims the object
//
// An object without managedFields says nothing about its writers: kubectl leaves
// them out of what it prints unless it is asked (--show-managed-fields), and
// [Ownership.Known] is false then.
//
// What managedFields say is who set a field last, not who set it first, and an
// entry stays after its manager is gone. A default that the server filled in
// belongs to nobody after an apply, and to the writer after an update.
package managers
