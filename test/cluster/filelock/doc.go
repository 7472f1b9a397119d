// Package filelock lets one process at a time do something on a machine. The system lets go of a lock when
// its process dies, so nothing stale is ever waited for, and the file is removed by whoever lets go of it
// in an orderly way.
package filelock
