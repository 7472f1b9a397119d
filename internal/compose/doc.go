// Package compose finds the images that a Compose file names: the image of each
// service, and the images among the additional contexts of its build.
//
//	Blob --yamltext--> services --interpolation--> File{Images, Built}
//
// A service with `build` makes its image here: `image` is then only what it is
// called, and another service that runs the image of that name, or of the name
// that Compose gives it, runs what was built. What a file takes away of another
// with !reset names nothing. ${X:-default} is the default, which is what the file promises; a
// variable without one stays open, because the environment and the .env file
// are not in evidence. What `extends` and `include` bring in from other files is
// noted and read only where those files are evidence themselves.
//
// Bounds: those of yamltext, and MaxImages references.
package compose
