// Package run is the wire format of Polygraph: a run is a stream of typed JSON
// lines, each an object with exactly one key.
//
// The stream is the product; every output is a listener to it, and a saved
// stream can be rendered again later. It starts with a header and ends with a
// summary. It stays valid with every progress line taken out, and a stream
// without a summary was cut off: readers must say so.
//
// This package neither opens files nor decides anything.
package run
