// Package binary builds the programs of a test cluster from source, once per machine.
//
// A [Program] is a main package of a nested module, so that the hundreds of modules behind Kubernetes
// never enter the module of the product. Its result lies in a cache folder whose name holds a hash of
// everything that goes into it: Go's version, the target, the sources of the module, its pinned
// dependencies, the settings of the linker. Change one and another folder is meant; nothing is ever stale.
// What nobody used for a month goes when the program is built again.
//
//	Program ── Find ──> the file in the cache, or ErrNotBuilt
//	        ── Build ─> the same, compiled in stages where it is missing
//
// Find never builds. A build takes minutes, so it happens only where somebody asked for it: `make
// programs`, `make cluster` and `make test`; a plain `go test ./...` skips what has no program.
package binary
