package binary

// Oracles lists the releases whose registry strategies can be asked (test/oracle), the newest first.
func Oracles() []Version {
	return []Version{Newest, "1.35.4", Older, "1.29.6"}
}

// Oracle answers what a server of the release would say of an edit, from the same code and without a server.
func Oracle(v Version) Program {
	p := Program{
		Name: "oracle", Version: string(v), Folder: "test/oracle/server", Modfile: v.modfile(), Main: ".", Set: v.release(),
		Stages: []string{"k8s.io/kubernetes/pkg/registry/core/service/storage"}, Make: "make oracle VERSIONS=" + v.Minor(),
	}
	switch v.Minor() {
	case "1.29", "1.30", "1.31":
		p.Tags = "before_1_32"
	}
	return p
}
