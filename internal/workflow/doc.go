// Package workflow finds what a GitHub Actions workflow, or the definition of an
// action, takes from elsewhere:
//
//	jobs.*.steps[].uses, runs.steps[].uses   an action, or docker://IMAGE
//	jobs.*.uses                              a reusable workflow
//	jobs.*.container, jobs.*.services        images
//	runs.image                               the image of an action
//
// A file is one of these by its place and its content: YAML below
// .github/workflows with `jobs`, and action.yml with `runs`. It follows no
// reference. An image that one variable of a matrix decides is read as each of
// the values that are written out; any other ${{ }} is a template.
//
// Bounds: those of yamltext, and MaxUses references.
package workflow
