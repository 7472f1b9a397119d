// Package finding holds the words every other package speaks: the verdict on a
// claim, the thing it is about, the proof and the remedy.
//
// It knows nothing about files, engines or output formats and imports the
// standard library only, so that any layer may use it.
package finding
