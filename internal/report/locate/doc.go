// Package locate turns byte offsets and JSON pointers into lines and columns.
//
// Engines work with offsets: counting lines of evidence nobody is accused of
// would be work for nothing. Editors, code hosts and CI want lines. This
// listener stands before the others and fills in Line and Column of the places
// that findings cite, from the evidence itself, read again.
//
// It keeps one count of lines per 4 KiB of each cited file and reads no more
// than a block per place. A place it cannot find keeps its offset: a wrong line
// is worse than none.
package locate
