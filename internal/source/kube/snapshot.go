package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

// Snapshot is what a cluster had of the objects that were asked for, by Live or
// by Survey.
type Snapshot struct {
	Context, Server string
	// Data is a v1 List as JSON: the objects as the server has them, managedFields
	// included (Survey says what it leaves out), in the order of their kinds, namespaces and names. Values of
	// Secrets are in it; it is for memory, Save for files.
	Data []byte
	// New are the objects that the cluster does not have, as Identity names them,
	// with the namespace that was looked in. Of a Survey: the ConfigMaps that it asked
	// for by name and that are not there.
	New []string
	// Skips are what could not be asked for, one for each kind and namespace. They
	// are not New. Those of a Survey stand in Data too, as Status objects: who takes
	// what is not there for absent has to see them.
	Skips []run.Skip
	Notes []string // warnings of the server

	// Wanted and Neighbours are 0 of a Survey: all of its objects are Found.
	Wanted, Found, Neighbours int

	withheld []span
	told     bool // Data has the Skips as Status objects
}

// span is a part of Data that Save replaces.
type span struct {
	from, to int
	by       []byte
}

// Path names the snapshot to the user.
func (s *Snapshot) Path() string { return "kube:" + s.Context }

// Item is the snapshot as evidence.
func (s *Snapshot) Item(at time.Time) *evidence.Item {
	return &evidence.Item{
		Kind: evidence.KubernetesLive(), Path: s.Path(), Blob: evidence.Bytes(s.Data), Time: at, Named: true,
	}
}

// Save writes Data as a file that can take the cluster's place in a later run.
// The values of Secrets are left out: in their place stands evidence.Redacted,
// which is no base64 and so no value. What could not be asked for stands in it as
// Status objects, so that the later run does not take it for new.
func (s *Snapshot) Save(w io.Writer) error {
	at := 0
	for _, secret := range s.withheld {
		if _, err := w.Write(s.Data[at:secret.from]); err != nil {
			return err
		}
		if _, err := w.Write(secret.by); err != nil {
			return err
		}
		at = secret.to
	}
	if s.told {
		_, err := w.Write(s.Data[at:])
		return err
	}
	tail := bytes.TrimSuffix(s.Data[at:], []byte(listEnd))
	if _, err := w.Write(tail); err != nil {
		return err
	}
	statuses, err := s.statuses()
	if err != nil {
		return err
	}
	for i, status := range statuses {
		lead := ","
		if i == 0 && !s.holds() {
			lead = ""
		}
		if _, err := fmt.Fprintf(w, "%s\n%s%s", lead, itemIndent, status); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, listEnd)
	return err
}

// statuses are the Skips as objects of the List.
func (s *Snapshot) statuses() ([][]byte, error) {
	var out [][]byte
	for _, skip := range s.Skips {
		status, err := encode(map[string]any{
			"apiVersion": "v1", "kind": "Status", "metadata": map[string]any{}, "status": "Failure", "reason": "Unknown",
			"message": skip.Reason, "details": map[string]any{"causes": []any{map[string]any{"reason": "NotAsked", "message": skip.Do}}},
		})
		if err != nil {
			return nil, err
		}
		out = append(out, status)
	}
	return out, nil
}

func (s *Snapshot) holds() bool { return s.Found+s.Neighbours > 0 }

const (
	listStart  = "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"List\",\n  \"items\": ["
	listEnd    = "\n  ]\n}\n"
	itemIndent = "    "
)

// piece is an object, encoded.
type piece struct {
	key   string // by which the List is sorted
	data  []byte
	saved []byte // what Save writes instead; nil for data
}

// assemble makes the List, with the statuses at its end. It lets go of the pieces
// as it goes.
func (s *Snapshot) assemble(pieces []piece, statuses [][]byte) {
	slices.SortFunc(pieces, func(a, b piece) int { return strings.Compare(a.key, b.key) })
	for _, status := range statuses {
		pieces = append(pieces, piece{data: status})
	}
	size := len(listStart) + len(listEnd)
	for i := range pieces {
		size += len(pieces[i].data) + len(itemIndent) + 2
	}
	out := append(make([]byte, 0, size), listStart...)
	for i := range pieces {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, '\n'), itemIndent...)
		from := len(out)
		out = append(out, pieces[i].data...)
		if pieces[i].saved != nil {
			s.withheld = append(s.withheld, span{from, len(out), pieces[i].saved})
		}
		pieces[i] = piece{}
	}
	s.Data = append(out, listEnd...)
}

func newPiece(u *unstructured.Unstructured) (piece, error) {
	data, err := encode(u.Object)
	if err != nil {
		return piece{}, err
	}
	p := piece{data: data, key: strings.Join([]string{u.GetKind(), u.GetAPIVersion(), u.GetNamespace(), u.GetName()}, "\x00")}
	if u.GetKind() == "Secret" && u.GetAPIVersion() == "v1" {
		withhold(u)
		p.saved, err = encode(u.Object)
	}
	return p, err
}

// withhold takes the values out of a Secret: those it has, and those that kubectl
// keeps of the last manifest.
func withhold(u *unstructured.Unstructured) {
	hide(u.Object)
	annotations := u.GetAnnotations()
	if _, ok := annotations[applied]; !ok {
		return
	}
	var last map[string]any
	if json.Unmarshal([]byte(annotations[applied]), &last) != nil {
		last = map[string]any{} // whatever it is, it may be secret
	}
	hide(last)
	if meta, ok := last["metadata"].(map[string]any); ok {
		delete(meta, "annotations") // other tools keep copies there
	}
	text, err := json.Marshal(last)
	if err != nil {
		text = nil
	}
	annotations[applied] = string(text)
	u.SetAnnotations(annotations)
}

func hide(secret map[string]any) {
	for _, field := range []string{"data", "stringData"} {
		switch values := secret[field].(type) {
		case nil:
		case map[string]any:
			for name := range values {
				values[name] = evidence.Redacted
			}
		default:
			secret[field] = map[string]any{}
		}
	}
}

// encode writes an object as an item of the List. What names it comes first, so
// that the head of a file shows that it came out of a cluster.
func encode(object map[string]any) ([]byte, error) {
	var out bytes.Buffer
	err := fields(&out, itemIndent, object, "apiVersion", "kind", "metadata")
	return out.Bytes(), err
}

func fields(out *bytes.Buffer, indent string, object map[string]any, first ...string) error {
	names := make([]string, 0, len(object))
	for name := range object {
		if !slices.Contains(first, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	sep := "{\n"
	for _, name := range append(slices.Clone(first), names...) {
		value, ok := object[name]
		if !ok {
			continue
		}
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		out.WriteString(sep + indent + "  ")
		out.Write(key)
		out.WriteString(": ")
		sep = ",\n"
		if meta, ok := value.(map[string]any); ok && name == "metadata" && slices.Contains(first, "metadata") {
			err = fields(out, indent+"  ", meta, "name", "namespace", "uid", "resourceVersion")
		} else {
			err = plain(out, indent+"  ", value)
		}
		if err != nil {
			return err
		}
	}
	if sep == "{\n" {
		out.WriteString("{}")
		return nil
	}
	out.WriteString("\n" + indent + "}")
	return nil
}

func plain(out *bytes.Buffer, indent string, value any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent(indent, "  ")
	if err := enc.Encode(value); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline
	return nil
}
