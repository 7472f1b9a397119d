//go:build !unix

package engine

// lock does nothing where the standard library has no file locks: there, run one package at a time.
func lock(string) (unlock func(), err error) { return func() {}, nil }
