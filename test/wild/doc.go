// Package wild runs every rule over all the real data beside the project and
// holds the counts, and a defence of every refuted finding, against the file
// verdicts.txt. The data is not part of the project: without it the tests say
// so and skip.
package wild
