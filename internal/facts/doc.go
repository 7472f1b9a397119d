// Package facts holds the fact analyzers: what several capabilities need from a
// piece of evidence is read here, once, and shared.
package facts
