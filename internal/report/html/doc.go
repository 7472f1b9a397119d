// Package html is the listener that writes a run as one HTML file: to read, to
// work through, to mail.
//
// The file is complete in itself. A content security policy in it forbids every
// load and every script but its own, nothing on it links to anywhere but to
// itself, and all of it can be read with scripts blocked; scripts add the
// filter, sorting and copying.
//
// The verdict comes last in a run and first on the page, so the page is held
// until Close, already as HTML and within bounds (bound.go): the worst findings
// in full, then one line each, then counts, and the page says what it left out.
// That is at most about 25 MB, whatever the run has.
//
// Text is escaped by html/template. The package never decides what is false,
// opens no file, and makes no text from a run into a link.
package html
