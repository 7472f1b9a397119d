// Package words holds the few words and cuts that several listeners share, so
// that one thing is called the same wherever people read it.
//
// It escapes nothing: each format does that itself, after this.
package words
