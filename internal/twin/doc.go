// Package twin finds objects that a plan destroys and creates again under
// another address: a rename, or a resource that went into a module, without the
// `moved` block that would have kept it.
//
// A pair is a twin when every attribute that is known of the new object equals
// the old object's. Attributes that only the provider knows prove nothing; one
// that refers to another new object must refer to a twin as well, or the pair
// stays Doubtful.
//
// Candidates come from a Bloom filter in the plan's summary; each candidate is
// then read again and compared by value, so the filter decides nothing.
package twin
