// Package architecture holds the house to its plan: imports run one way, only
// the edges touch the machine, and every package says what it is.
package architecture
