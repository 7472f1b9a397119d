// Package yamltext reads YAML that other programs define, such as Compose files
// and workflows, and knows at which byte each value stands.
//
// Unlike strictyaml it takes what is there: anchors, aliases, merge keys and
// unknown tags are followed where a path leads through them, and never expanded
// as a whole. It decodes into no Go types and judges nothing.
//
// Bounds: a file of MaxFile bytes, MaxDocuments documents, and maxSteps looks at
// a node, beyond which Document.Cut tells that not all was looked at.
package yamltext
