package kubeobj

import (
	"cmp"
	"regexp"
	"strings"
)

// maxLists is how many lists may stand in one another.
const maxLists = 16

// add finds the objects of a document that lies between two offsets.
func (r *reader) add(root Value, from, to int) error {
	if root.Kind == Null {
		return nil
	}
	if r.docs >= MaxDocuments || r.count > MaxValues {
		return errFull
	}
	text := r.text[from:to]
	d := &document{reader: r, fill: strings.IndexByte(text, '$') >= 0 || strings.Contains(text, "{{") || strings.Contains(text, "ENC[")}
	if t := annotated(text); t != nil {
		r.template(int(root.Offset), t)
	} else {
		d.root(root, "", "", 0)
	}
	r.docs++
	return nil
}

type document struct {
	*reader
	fill bool // it may have placeholders
}

// root takes a document, or an item of a list of that apiVersion and kind.
//
// Source: k8s.io/apimachinery v0.37.2, unstructured/helpers.go: what has items
// is a list, whatever its kind; items without apiVersion and kind have those of
// the list.
func (d *document) root(v Value, apiVersion, kind string, depth int) {
	if v.Kind != Map {
		what := "a scalar"
		if v.Kind == List {
			what = "a list without a kind"
		}
		d.refuse(int(v.Offset), what+" where an object is expected", "write `kind: List` and its items, or documents between ---")
		return
	}
	items := v.Get("items")
	if items == nil {
		d.object(v, apiVersion, kind)
		return
	}
	switch {
	case items.Kind == Null:
		return
	case items.Kind != List:
		d.refuse(int(items.Offset), "items that is no list", "mend it")
		return
	case depth == maxLists:
		d.refuse(int(v.Offset), "lists more than 16 levels deep", "write their items side by side")
		return
	}
	apiVersion, kind = v.Get("apiVersion").Str(), strings.TrimSuffix(v.Get("kind").Str(), "List")
	for _, item := range items.Each() {
		d.root(*item, apiVersion, kind, depth+1)
	}
}

var (
	versionName = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	groupName   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	likeVersion = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]+)?$`)
	kindName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
)

// object takes one object, or says why it is none.
func (d *document) object(v Value, apiVersion, kind string) {
	at := func(field *Value) int {
		if field == nil {
			return int(v.Offset)
		}
		return int(field.Offset)
	}
	version, kindOf, meta := v.Get("apiVersion"), v.Get("kind"), v.Get("metadata")
	if version.Str() != "" || kindOf.Str() != "" {
		apiVersion, kind = version.Str(), kindOf.Str()
	}
	no := func(field *Value, reason, do string) { d.refuse(at(field), reason, do) }
	switch {
	case version == nil && kindOf == nil && apiVersion == "" && kind == "" && namesKustomization(d.path):
		d.kustomization(v)
		return
	case apiVersion == "" && kind == "":
		no(version, "no object: neither apiVersion nor kind", "give it both, or leave it out")
		return
	case apiVersion == "":
		no(version, "no object: "+missing("apiVersion", version), "write the apiVersion of its kind: kubectl api-resources")
		return
	case kind == "":
		no(kindOf, "no object: "+missing("kind", kindOf), "write its kind")
		return
	}
	group, name, slashes := "", apiVersion, strings.Count(apiVersion, "/")
	if slashes == 1 {
		group, name, _ = strings.Cut(apiVersion, "/")
	}
	if t := unrendered(apiVersion, kind, meta.Get("name").Str(), meta.Get("namespace").Str(), meta.Get("generateName").Str()); t != nil {
		d.template(int(v.Offset), t)
		return
	}
	switch {
	case slashes > 1, slashes == 1 && !groupName.MatchString(group), !versionName.MatchString(name):
		no(version, "an apiVersion that is none: it is VERSION or GROUP/VERSION", "write it as kubectl api-resources does")
		return
	case likeVersion.MatchString(group):
		no(version, "an apiVersion the wrong way round: it is GROUP/VERSION", "write it as kubectl api-resources does")
		return
	case !kindName.MatchString(kind):
		no(kindOf, "a kind that is no name", "write it as kubectl api-resources does")
		return
	}
	if isKustomization(group, kind) {
		d.kustomization(v)
		return
	}
	if group == "" && kind == "Status" { // an answer about an object, in its place
		do := "ask again"
		for _, cause := range v.Get("details", "causes").Each() {
			if said := cause.Get("message").Str(); said != "" {
				do = said
			}
		}
		no(nil, "the cluster did not show it: "+cmp.Or(v.Get("message").Str(), v.Get("reason").Str(), "no reason is given"), do)
		return
	}
	if what := ofClient(group, kind); what != "" {
		d.leave(Unread{Offset: int64(v.Offset), Reason: what + ", which is no object of a cluster", Client: true})
		return
	}
	for _, w := range []struct {
		field, parent *Value
		name          string
		kind          Kind
	}{
		{meta, nil, "metadata", Map},
		{meta.Get("name"), meta, "metadata.name", String},
		{meta.Get("namespace"), meta, "metadata.namespace", String},
		{meta.Get("generateName"), meta, "metadata.generateName", String},
		{meta.Get("labels"), meta, "metadata.labels", Map},
		{meta.Get("annotations"), meta, "metadata.annotations", Map},
	} {
		if w.field != nil && w.field.Kind != Null && w.field.Kind != w.kind {
			do := "mend it"
			if w.kind == String {
				do = "write it in quotes"
			}
			no(w.field, "no object: "+w.name+" is "+nameOf(w.field.Kind), do)
			return
		}
	}
	o := &Object{
		Group: group, Version: name, Kind: kind, Path: d.path, Document: d.docs, Root: v,
		Namespace: meta.Get("namespace").Str(), Name: meta.Get("name").Str(), GenerateName: meta.Get("generateName").Str(),
		Live: meta.Get("uid").Str() != "" && meta.Get("resourceVersion").Str() != "",
	}
	switch local := o.Annotation("config.kubernetes.io/local-config"); {
	case o.Name == "" && o.GenerateName == "":
		no(meta, "no object: metadata has no name", "give it a name")
		return
	case local != "" && local != "false":
		d.leave(Unread{Offset: int64(v.Offset), Reason: "configuration of kustomize or kpt (local-config), which is not applied", Client: true})
		return
	case patched(&o.Root, 0):
		d.template(int(v.Offset), patch())
		return
	}
	if d.fill {
		o.Placeholders = placeholders(&o.Root)
	}
	d.f.Objects = append(d.f.Objects, o)
}

func missing(name string, v *Value) string {
	if v == nil || v.Kind == Null || v.Kind == String {
		return name + " is missing"
	}
	return name + " is " + nameOf(v.Kind)
}

func nameOf(k Kind) string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Map:
		return "a map"
	case List:
		return "a list"
	}
	return "absent"
}
