// Package csv is the listener that writes the rows of a run as CSV (RFC 4180),
// for spreadsheets, xsv and pandas.
//
// Nothing but rows is written. Findings, what was not examined, the verdict and
// whether the run came to its end cannot be seen from CSV: a run that was cut off
// has fewer rows and looks whole, and a run without rows is an empty file. Take
// the exit status beside it, or -o jsonl, which has everything.
//
// One table is a header, which is the names of its cells, and its rows; no column
// is added. Tables that only say more about another one are left out: of net list
// the connections are written, not its endpoints and notes. A run with several
// tables has several such blocks with an empty line between them, each with its
// own header. No record has a line break in it, so the blocks can be taken apart
// by the empty line:
//
//	polygraph environments -o csv . | awk -v RS= 'NR==2'
//
// Cells are put under their names: a row that has them in another order, or lacks
// some, still fits. A row with a name that the header does not have begins a new
// block, and so does a table that comes back after another one.
//
// Lines end with a line feed, as the tools of Unix expect; RFC 4180 says carriage
// return and line feed, and all readers take both. The text is UTF-8 without a
// byte order mark.
//
// Names come from hostile files, and a spreadsheet takes a cell that begins with
// = + - @ (or their full-width forms) for a formula. Such a cell gets an
// apostrophe in front, as the page about CSV injection of OWASP recommends
// (https://owasp.org/www-community/attacks/CSV_Injection, read 2026-11). So does
// the part after a semicolon in a cell, because a spreadsheet of a country with
// decimal commas splits there. A number such as -3.5, and a lone sign, are no
// formulas and stay. That page also says what the apostrophe cannot do: Excel may
// drop it when the file is saved and opened again. The tab that it names for this
// case would be in the way of every program, so it is not used: to edit and pass
// on a file, use another format. Programs that need the exact text read -o jsonl.
//
// Tabs, line breaks and other control characters are visible text (\t, \n)
// already: package sanitize stands before this one.
package csv
