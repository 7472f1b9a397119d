// Package files finds evidence on disk by what is in the files, not by how they
// are named, and hands it on as blobs that are opened on demand.
//
// Everything it does is bounded: files, depth, open descriptors and bytes read
// for recognition. What it meets and does not examine becomes a skip that says
// why and what to do; a bound that is met is named. Folders .git, .terraform
// and node_modules hold copies of other people's code and are left out; other
// hidden ones are looked into.
//
// It never leaves the folder it was given: a link that points out of it is a
// skip, and pipes, sockets and devices are not opened. It writes nothing except
// the copy of standard input that Spool makes.
package files
