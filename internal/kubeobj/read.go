package kubeobj

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/evidence"
)

// Read reads all objects of an item.
func Read(ctx context.Context, item *evidence.Item) (*File, error) {
	data, err := io.ReadAll(io.NewSectionReader(item.Blob, 0, item.Blob.Size()))
	if err != nil {
		return nil, err
	}
	f, problem := Parse(item.Path, data)
	if problem != nil {
		return nil, problem
	}
	return f, ctx.Err()
}

// Parse reads a text. Problems never quote it.
func Parse(path string, data []byte) (*File, *evidence.Problem) {
	r := &reader{path: path, lines: []int{0}}
	for i, b := range data {
		if b == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	f := &File{}
	for doc := 0; ; doc++ {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, &evidence.Problem{Reason: "it is no valid YAML", Do: "mend the YAML and run again"}
		}
		root := r.value(n.Content[0])
		if root.Kind != Map {
			continue
		}
		r.add(f, root, doc)
	}
}

type reader struct {
	path  string
	lines []int
}

func (r *reader) add(f *File, root Value, doc int) {
	kind := root.Get("kind").Str()
	if strings.HasSuffix(kind, "List") && root.Get("items").Is(List) {
		for _, item := range root.Get("items").Each() {
			r.add(f, *item, doc)
		}
		return
	}
	group, version, ok := strings.Cut(root.Get("apiVersion").Str(), "/")
	if !ok {
		group, version = "", group
	}
	meta := root.Get("metadata")
	f.Objects = append(f.Objects, &Object{
		Group: group, Version: version, Kind: kind, Path: r.path, Document: doc, Root: root,
		Namespace: meta.Get("namespace").Str(), Name: meta.Get("name").Str(), GenerateName: meta.Get("generateName").Str(),
		Live: meta.Get("uid").Str() != "" && meta.Get("resourceVersion").Str() != "",
	})
}

func (r *reader) value(n *yaml.Node) Value {
	if n.Kind == yaml.AliasNode {
		v := r.value(n.Alias)
		v.Offset = r.offset(n)
		return v
	}
	v := Value{Offset: r.offset(n)}
	switch n.Kind {
	case yaml.MappingNode:
		v.Kind = Map
		for i := 0; i+1 < len(n.Content); i += 2 {
			item := r.value(n.Content[i+1])
			item.Name = n.Content[i].Value
			v.Items = append(v.Items, item)
		}
	case yaml.SequenceNode:
		v.Kind = List
		for _, c := range n.Content {
			v.Items = append(v.Items, r.value(c))
		}
	default:
		v.Text = n.Value
		switch n.ShortTag() {
		case "!!null":
			v.Kind, v.Text = Null, ""
		case "!!bool":
			v.Kind = Bool
		case "!!int", "!!float":
			v.Kind = Number
		default:
			v.Kind = String
		}
	}
	return v
}

func (r *reader) offset(n *yaml.Node) uint32 {
	return uint32(r.lines[n.Line-1] + n.Column - 1)
}
