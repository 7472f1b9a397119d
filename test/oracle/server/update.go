package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
)

// cause is one reason of a refusal.
type cause struct {
	Type   string `json:"type"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// result is what becomes of an edit.
type result struct {
	Accepted bool            `json:"accepted"`
	Causes   []cause         `json:"causes"`
	Stored   json.RawMessage `json:"stored,omitempty"`
	// CreateErrors are what a create of the new object would be refused for, and one of the old object would not.
	CreateErrors []cause `json:"createErrors"`
}

// update asks the strategy whether new may follow old.
func (o *oracle) update(name string, oldText, newText []byte) (*result, error) {
	k, err := o.kindOf(name, oldText)
	if err != nil {
		return nil, err
	}
	old, err := k.decode(oldText)
	if err != nil {
		return nil, fmt.Errorf("old: %w", err)
	}
	updated, err := k.decode(newText)
	if err != nil {
		// The server refuses what it cannot decode before any strategy sees it.
		refusal := []cause{{Type: "Undecodable", Detail: err.Error()}}
		return &result{Causes: refusal, CreateErrors: refusal}, nil
	}
	stored, refusal := k.judge(old, updated)
	r := &result{Accepted: refusal == nil, Causes: refusal.said(), CreateErrors: k.further(updated, k.known(old))}
	if r.Accepted {
		r.Stored, err = k.encode(stored)
	}
	return r, err
}

// known are the reasons against a create of an object that is there.
func (k *kind) known(object runtime.Object) map[cause]bool {
	known := map[cause]bool{}
	_, refusal := k.created(object)
	for _, c := range refusal.said() {
		known[c] = true
	}
	return known
}

// further are the reasons against a create that are not among the known.
func (k *kind) further(object runtime.Object, known map[cause]bool) []cause {
	_, refusal := k.created(object)
	return slices.DeleteFunc(refusal.said(), func(c cause) bool { return known[c] })
}

// refusal is why a strategy does not take an object; nil where it does. Its causes are worked out where somebody
// asks: that takes as long as the strategy did.
type refusal struct{ causes func() []cause }

func (r *refusal) said() []cause {
	if r == nil {
		return []cause{}
	}
	return r.causes()
}

func refusing(found ...cause) *refusal { return &refusal{causes: func() []cause { return found }} }

// judge runs what the store runs for an update, on copies.
func (k *kind) judge(old, updated runtime.Object) (stored runtime.Object, refused *refusal) {
	defer func() {
		if p := recover(); p != nil {
			stored, refused = nil, panicked(p)
		}
	}()
	ctx := k.context(old, "update")
	old, updated = old.DeepCopyObject(), updated.DeepCopyObject()
	if k.before != nil {
		if err := k.before(ctx, updated, old); err != nil {
			return nil, refusing(causes(err, nil)...)
		}
	}
	if err := rest.BeforeUpdate(k.update, ctx, updated, old); err != nil {
		return nil, &refusal{causes: func() []cause {
			return causes(err, func() field.ErrorList { return k.update.ValidateUpdate(ctx, updated, old) })
		}}
	}
	return k.answered(updated), nil
}

// answered is an object as a client sees it, which may be less than what is stored.
func (k *kind) answered(object runtime.Object) runtime.Object {
	if k.read != nil {
		k.read(object)
	}
	return object
}

// create is what the server would store of a new object.
func (o *oracle) create(name string, text []byte) (*result, error) {
	k, err := o.kindOf(name, text)
	if err != nil {
		return nil, err
	}
	object, err := k.decode(text)
	if err != nil {
		return nil, err
	}
	created, refusal := k.created(object)
	if refusal != nil {
		found := refusal.said()
		return &result{Causes: found, CreateErrors: found}, nil
	}
	stored, err := k.encode(created)
	if err != nil {
		return nil, err
	}
	return &result{Accepted: true, Causes: []cause{}, Stored: stored, CreateErrors: []cause{}}, nil
}

// created runs what the store runs for a create, on a copy.
func (k *kind) created(object runtime.Object) (stored runtime.Object, refused *refusal) {
	defer func() {
		if p := recover(); p != nil {
			stored, refused = nil, panicked(p)
		}
	}()
	ctx := k.context(object, "create")
	object = object.DeepCopyObject()
	accessor, err := meta.Accessor(object)
	if err != nil {
		return nil, refusing(causes(err, nil)...)
	}
	// The server gives these to each new object; a strategy may use the uid.
	accessor.SetResourceVersion("")
	if accessor.GetUID() == "" {
		accessor.SetUID("11111111-2222-3333-4444-555555555555")
	}
	if stamp := accessor.GetCreationTimestamp(); stamp.IsZero() {
		accessor.SetCreationTimestamp(metav1.Unix(1700000000, 0))
	}
	if k.beforeCreate != nil {
		if err := k.beforeCreate(ctx, object); err != nil {
			return nil, refusing(causes(err, nil)...)
		}
	}
	if err := rest.BeforeCreate(k.create, ctx, object); err != nil {
		return nil, &refusal{causes: func() []cause {
			return causes(err, func() field.ErrorList { return k.create.Validate(ctx, object) })
		}}
	}
	return k.answered(object), nil
}

// panicked is what a client sees of a strategy that panics: the server recovers and answers 500.
func panicked(p any) *refusal { return refusing(cause{Type: "Panic", Detail: fmt.Sprint(p)}) }

// context is that of a request of somebody who may do everything: the strategies of policies ask.
func (k *kind) context(object runtime.Object, verb string) context.Context {
	namespace, name := "", ""
	if accessor, err := meta.Accessor(object); err == nil {
		namespace, name = accessor.GetNamespace(), accessor.GetName()
	}
	ctx := request.WithNamespace(request.NewContext(), namespace)
	ctx = request.WithUser(ctx, &user.DefaultInfo{Name: "oracle", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}})
	return request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true, Verb: verb, APIGroup: k.gvk.Group, APIVersion: k.gvk.Version, Namespace: namespace,
		Resource: k.resource, Subresource: k.subresource, Name: name,
	})
}

// causes are the reasons in an error. A status repeats the offending values, which are long or a secret:
// the list that the strategy returns has the details without them. It is asked for where a reason has a value.
func causes(err error, list func() field.ErrorList) []cause {
	var plain map[string]string
	var found []cause
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Details != nil {
		for _, c := range status.Status().Details.Causes {
			if detail, ok := strings.CutPrefix(c.Message, field.ErrorTypeForbidden.String()+": "); ok {
				found = append(found, cause{Type: string(c.Type), Field: c.Field, Detail: strings.TrimSpace(detail)})
				continue
			}
			if plain == nil && list != nil {
				plain = map[string]string{}
				for _, e := range list() {
					plain[e.Field+"\x00"+e.ErrorBody()] = e.Detail
				}
			}
			detail, ok := plain[c.Field+"\x00"+c.Message]
			if !ok {
				detail = c.Message[strings.LastIndex(c.Message, ": ")+1:]
			}
			found = append(found, cause{Type: string(c.Type), Field: c.Field, Detail: strings.TrimSpace(detail)})
		}
	}
	if found == nil {
		found = append(found, cause{Type: string(apierrors.ReasonForError(err)), Detail: err.Error()})
	}
	return found
}

// decode reads an external object as the server does: defaults, then the internal type.
func (k *kind) decode(text []byte) (runtime.Object, error) {
	decoder := k.codecs.DecoderToVersion(k.codecs.UniversalDeserializer(), schema.GroupVersion{Group: k.gvk.Group, Version: runtime.APIVersionInternal})
	object, _, err := decoder.Decode(text, nil, nil)
	return object, err
}

func (k *kind) encode(object runtime.Object) (json.RawMessage, error) {
	external, err := k.scheme.ConvertToVersion(object, k.gvk.GroupVersion())
	if err != nil {
		return nil, err
	}
	external.GetObjectKind().SetGroupVersionKind(k.gvk)
	return json.Marshal(external)
}

// defaulted is the object with its defaults.
func (o *oracle) defaulted(text []byte) (json.RawMessage, error) {
	k, err := o.kindOf("", text)
	if err != nil {
		return nil, err
	}
	object, err := k.decode(text)
	if err != nil {
		return nil, err
	}
	return k.encode(object)
}

func unmarshal(text []byte, into any) error {
	if strings.TrimSpace(string(text)) == "" {
		return errors.New("no object")
	}
	return json.Unmarshal(text, into)
}
