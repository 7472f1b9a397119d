// Package evidence describes what a verdict rests on: kinds of evidence, pieces
// of it that can be opened again (Blob), values nobody may print (Secret) and
// questions to a live system together with their recorded answers (Request).
//
// Nothing here touches a file, a process or a network: the packages under
// source do that and hand the result in.
package evidence
