package kubeschema

// Kind is a kind of the API in one of its versions.
type Kind struct {
	Group, Version, Kind string
	Type                 *Type
	Namespaced           bool // objects stand in a namespace
	// Since and Until are the first and the last minor version of Kubernetes that
	// serve it. Since is 0 where it was before Oldest and nobody wrote when; Until
	// is Newest where it is served still, and below Oldest what was gone before.
	// Alpha versions, and beta ones since 1.24, are served only where somebody
	// switched them on.
	Since, Until Version
}

// Lookup returns the type of a built-in kind. It is found, too, where no version
// that the tables know serves it (extensions/v1beta1): ask Served.
func Lookup(group, version, kind string) (*Type, bool) {
	k := loaded().kinds[kindKey{group, version, kind}]
	if k == nil {
		return nil, false
	}
	return k.Type, true
}

// Served tells from which to which minor version a kind is served; false where
// it is no built-in kind, or one from before the tables.
func Served(group, version, kind string) (since, until Version, known bool) {
	k := loaded().kinds[kindKey{group, version, kind}]
	if k == nil {
		return 0, 0, false
	}
	return k.Since, k.Until, true
}

// Namespaced tells whether objects of a built-in kind stand in a namespace,
// whatever the version of its API.
func Namespaced(group, kind string) (namespaced, known bool) {
	namespaced, known = loaded().scope[[2]string{group, kind}]
	return namespaced, known
}

// Kinds are the kinds that a version serves, by group, version and kind.
func Kinds(v Version) []Kind {
	var out []Kind
	for _, k := range loaded().order {
		if k.Since <= v && v <= k.Until {
			out = append(out, k)
		}
	}
	return out
}

// Name finds a struct by its name: "core/v1.PodSpec".
func Name(name string) (*Type, bool) {
	t, ok := loaded().types[name]
	return t, ok
}
