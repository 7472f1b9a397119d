// Package git checks out another revision of the repository the user is in, so
// that the same evidence can be looked at as it was.
//
// It runs the user's git, says so before it does, and writes nowhere but in a
// temporary folder and git's own list of worktrees, from which it removes what
// it added. It never fetches: a revision that is not there is an error that says
// how to get it.
package git
