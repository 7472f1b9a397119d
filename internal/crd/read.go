package crd

import (
	"encoding/json"
	"errors"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	kjson "sigs.k8s.io/json"

	"polygraph/internal/kubeobj"
)

// decodeDefinition reads a definition as the server decodes it, with the
// defaults of apiextensions.k8s.io/v1, and the fields that it does not know.
func decodeDefinition(o *kubeobj.Object) (*apiextensionsv1.CustomResourceDefinition, []Dropped, *Problem) {
	problem := func(path, rule, source string, unknown bool) *Problem {
		_, offset := locate(&o.Root, path)
		return &Problem{Object: o, Unknown: unknown, Refusal: Refusal{Path: path, Rule: rule, Source: source, Offset: offset, At: -1}}
	}
	if o.Version != "v1" {
		return nil, nil, problem("apiVersion",
			`no matches for kind "CustomResourceDefinition" in version "`+Group+"/"+o.Version+`"`,
			"deprecated API migration guide: apiextensions.k8s.io/v1beta1 is not served as of 1.22", false)
	}
	m, err := object(o)
	if err != nil {
		return nil, nil, problem("", err.Error(), "", true)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, nil, problem("", err.Error(), "", true)
	}
	out := &apiextensionsv1.CustomResourceDefinition{}
	strict, err := kjson.UnmarshalStrict(data, out)
	if err != nil {
		return nil, nil, problem("", "cannot be decoded as a CustomResourceDefinition", "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1", false)
	}
	apiextensionsv1.SetDefaults_CustomResourceDefinition(out)
	if c := out.Spec.Conversion; c != nil && c.Webhook != nil && c.Webhook.ClientConfig != nil && c.Webhook.ClientConfig.Service != nil {
		apiextensionsv1.SetDefaults_ServiceReference(c.Webhook.ClientConfig.Service)
	}
	var dropped []Dropped
	for _, s := range strict {
		var unknown kjson.FieldError
		if !errors.As(s, &unknown) {
			continue
		}
		_, offset := locate(&o.Root, unknown.FieldPath())
		dropped = append(dropped, Dropped{
			Path: unknown.FieldPath(), Offset: offset, Because: "a CustomResourceDefinition has no such field", Strict: s.Error(),
			Source: "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
		})
	}
	return out, dropped, nil
}
