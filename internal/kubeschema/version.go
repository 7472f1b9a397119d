package kubeschema

import "fmt"

// Version is a minor version of Kubernetes: 33 is 1.33.
type Version int

// The versions that the tables know.
const (
	Oldest Version = 29
	Newest Version = 37
)

func (v Version) String() string { return fmt.Sprintf("1.%d", int(v)) }
