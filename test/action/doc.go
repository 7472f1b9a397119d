// Package action runs the step of the GitHub Action as a runner would, without
// a container: the shell of action.yml, its environment, and a gh that answers
// from a file.
package action
