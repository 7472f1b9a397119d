// Package dockerfile finds the images that a Dockerfile or Containerfile names:
//
//	# syntax=IMAGE      the frontend that reads the file
//	FROM IMAGE AS name  the base of a stage
//	COPY --from=IMAGE   what is copied out of another image
//	RUN --mount=from=   what is mounted while a command runs
//
//	Blob --lines--> instructions --stages, defaults of ARG--> File{Images}
//
// A reference to a stage of the same file is no image. The defaults of the ARGs
// before the first FROM are filled in: they are what the file promises; a
// variable without a default stays open. The variables that BuildKit sets itself
// have the values of linux/amd64.
//
// It reads lines as BuildKit does (continuation, comments inside of it, the
// escape directive, here-documents) because a proof needs the byte where a
// reference stands, and BuildKit's own parser keeps lines only. It builds
// nothing, fetches nothing and judges nothing.
//
// Bounds: a file of MaxFile bytes, MaxImages references.
package dockerfile
