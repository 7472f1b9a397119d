// Package bench measures how soon a test has a Kubernetes API, beside controller-runtime's envtest on the
// same programs, in one run:
//
//	go test -bench . -benchtime 5x -count 3
//
// A plain `go test` starts one of each, so that the comparison stays able to run.
package bench
