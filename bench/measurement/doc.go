// Package measurement runs commands in turn and reports the processor time and memory they took.
//
// It trusts what the kernel accounts to the finished process, user and system seconds and the largest
// resident set, and never the clock on the wall: the machines that run this are shared. A command that
// fails yields no figure at all, and neither does one that answers differently from the others when
// they are told to agree.
package measurement
